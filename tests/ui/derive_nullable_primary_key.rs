//~ a primary key is never NULL: write `i64` without `Option` (what is not stored yet is a `NewBook`)
use orm::prelude::*;

#[derive(Model)]
pub struct Book {
    pub id: Option<i64>,
    pub title: String,
}
