//~ `&Tag` does not stand for a `Author`
use blog::{Book, NewBook, Tag};
use chrono::NaiveDate;
use orm::prelude::*;

pub fn mistake() {
    let tag: Tag = unimplemented!();
    let _ = Book::create(NewBook { title: "x", author: &tag, published: NaiveDate::MIN, price: 3 });
}
