//~ E0599 title Book
use blog::Book;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book::title.eq("x");
}
