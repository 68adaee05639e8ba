//~ this is not an aggregate over the rows of `Book`
use blog::Book;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book::objects().group_by(Book.author.name).annotate(Book.price);
}
