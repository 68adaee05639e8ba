//~ E0063 author NewBook
use blog::{Book, NewBook};
use chrono::NaiveDate;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book::create(NewBook { title: "x", published: NaiveDate::MIN, price: 3 });
}
