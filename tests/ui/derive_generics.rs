//~ a model has no type parameters and no lifetimes: its table has one type a column, and its rows are owned
use orm::prelude::*;

#[derive(Model)]
pub struct Book<T> {
    pub id: i64,
    pub title: T,
}
