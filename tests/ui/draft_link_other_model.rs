//~ `&Book` is neither a `Tag` nor its key
use blog::{Book, NewBook};
use chrono::NaiveDate;
use orm::prelude::*;

pub fn mistake() {
    let book: Book = unimplemented!();
    let _ = Book::create(NewBook { title: "x", author: 1, published: NaiveDate::MIN, price: 3 }).link(Book.tags, [&book]);
}
