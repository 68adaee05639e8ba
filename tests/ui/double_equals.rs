//~ E0369 Book title
use blog::Book;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book::objects().filter(Book.title == "x");
}
