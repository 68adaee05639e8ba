//~ rows of `Book` cannot be ordered by this
use blog::{Author, Book};
use orm::prelude::*;

pub fn mistake() {
    let _ = Book::objects().order_by((Book.title.asc(), Author.name.asc()));
}
