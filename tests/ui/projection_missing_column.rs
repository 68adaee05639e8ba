//~ E0609 titel Book
use blog::Book;
use orm::prelude::*;

#[derive(Projection)]
#[orm(of = Book)]
pub struct BookRow {
    pub titel: String,
}
