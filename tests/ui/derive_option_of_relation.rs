//~ `ManyToMany` is never an `Option`: it holds what a query has loaded, if any
use orm::prelude::*;

#[derive(Model)]
pub struct Tag {
    pub id: i64,
}

#[derive(Model)]
pub struct Book {
    pub id: i64,
    pub tags: Option<ManyToMany<Tag>>,
}
