//~ a float is only near to a decimal number
use blog::{Book, NewBook};
use chrono::NaiveDate;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book::create(NewBook { title: "x", author: 1, published: NaiveDate::MIN, price: 9.99 });
}
