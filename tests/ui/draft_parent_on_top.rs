//~ `Parent` does not stand for a `Author`
use blog::{Book, NewBook};
use chrono::NaiveDate;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book::create(NewBook { title: "x", author: Parent, published: NaiveDate::MIN, price: 3 });
}
