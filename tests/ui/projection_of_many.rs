//~ this path reaches many rows, so it has no single value
use blog::Author;
use orm::prelude::*;

#[derive(Projection)]
#[orm(of = Author)]
pub struct AuthorRow {
    #[orm(Author.books.title)]
    pub title: String,
}
