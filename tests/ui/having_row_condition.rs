//~ E0308 Having Book Q
use blog::Book;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book::objects().group_by(Book.author.name).having(Book.price.gt(3));
}
