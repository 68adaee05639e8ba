//~ the other side of a `OneToOne` is a `HasOne`, not a `HasMany`
use orm::prelude::*;

#[derive(Model)]
pub struct Author {
    pub id: i64,
    pub books: HasMany<Book>,
}

#[derive(Model)]
pub struct Book {
    pub id: i64,
    #[orm(on_delete = Cascade)]
    pub author: OneToOne<Author>,
}
