//~ one side of a many-to-many relation owns the table between: leave out `via` on the other side
use orm::prelude::*;

#[derive(Model)]
pub struct Author {
    pub id: i64,
    #[orm(via = authors)]
    pub books: ManyToMany<Book>,
}

#[derive(Model)]
pub struct Book {
    pub id: i64,
    #[orm(via = books)]
    pub authors: ManyToMany<Author>,
}
