//~ groups of `Book` cannot be ordered by this
use blog::Book;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book::objects().group_by(Book.author.name).annotate(Book.id.count()).order_by(Book.author.name);
}
