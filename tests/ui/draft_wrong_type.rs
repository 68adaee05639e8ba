//~ `{integer}` is not a value for a `String` field
use blog::{Book, NewBook};
use chrono::NaiveDate;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book::create(NewBook { title: 3, author: 1, published: NaiveDate::MIN, price: 3 });
}
