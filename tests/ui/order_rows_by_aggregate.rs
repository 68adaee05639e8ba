//~ rows of `Book` cannot be ordered by this
use blog::Book;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book::objects().order_by(Book.price.sum().desc());
}
