//~ this belongs to a query of `Author`, not of `Book`
use blog::{Author, Book};
use orm::prelude::*;

#[derive(Projection)]
#[orm(of = Book)]
pub struct BookRow {
    #[orm(Author.name)]
    pub author: String,
}
