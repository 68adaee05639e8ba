//~ E0599 icontains String
use blog::Book;
use orm::prelude::*;

pub fn mistake(book: &Book) -> bool {
    book.title.icontains("x")
}
