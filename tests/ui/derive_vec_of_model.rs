//~ `Vec<Tag>` is not a type that a column can hold
use orm::prelude::*;

#[derive(Model)]
pub struct Tag {
    pub id: i64,
}

#[derive(Model)]
pub struct Book {
    pub id: i64,
    pub tags: Vec<Tag>,
}
