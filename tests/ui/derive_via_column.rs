//~ this column is not a relation
use orm::prelude::*;

#[derive(Model)]
pub struct Author {
    pub id: i64,
    #[orm(via = title)]
    pub books: HasMany<Book>,
}

#[derive(Model)]
pub struct Book {
    pub id: i64,
    pub title: String,
    #[orm(on_delete = Cascade)]
    pub author: ForeignKey<Author>,
}
