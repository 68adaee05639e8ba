//~ E0308 bool Q Book
use blog::Book;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book::objects().filter(Book.title.eq("x") && Book.price.gt(3));
}
