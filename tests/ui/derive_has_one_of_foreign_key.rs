//~ the other side of a `ForeignKey` is a `HasMany`, not a `HasOne`
use orm::prelude::*;

#[derive(Model)]
pub struct Author {
    pub id: i64,
    pub book: HasOne<Book>,
}

#[derive(Model)]
pub struct Book {
    pub id: i64,
    #[orm(on_delete = Cascade)]
    pub author: ForeignKey<Author>,
}
