//~ `BookRow` is not a projection
use blog::Book;
use orm::prelude::*;

pub struct BookRow {
    pub title: String,
}

pub fn mistake() {
    let _ = Book::objects().project::<BookRow>();
}
