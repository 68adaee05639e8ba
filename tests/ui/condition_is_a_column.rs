//~ `Col<At<Book>, title>` is not a condition on a row of `Book`
use blog::Book;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book::objects().filter(Book.title);
}
