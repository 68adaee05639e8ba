//~ E0369 Book price
use blog::Book;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book::objects().filter(Book.price > 3);
}
