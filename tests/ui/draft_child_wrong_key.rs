//~ `&str` does not stand for a `Author`
use blog::{Author, NewAuthor, NewBook};
use chrono::NaiveDate;
use orm::prelude::*;

pub fn mistake() {
    let _ = Author::create(NewAuthor { name: "x", email: "y" }).add(
        Author.books,
        [NewBook { title: "z", author: "me", published: NaiveDate::MIN, price: 3 }],
    );
}
