//~ `Cover` is not a type that a column can hold
use orm::prelude::*;

pub struct Cover;

#[derive(Model)]
pub struct Book {
    pub id: i64,
    pub cover: Cover,
}
