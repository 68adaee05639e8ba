//~ this is an aggregate over the rows, not a value of each row of `Book`
use blog::Book;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book::objects().annotate((Book.title, Book.price.sum()));
}
