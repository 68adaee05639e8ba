//~ E0609 author Book
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
    pub writer: ForeignKey<Author>,
}
