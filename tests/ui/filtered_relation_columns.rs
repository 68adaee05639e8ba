//~ E0609 price Author books
use blog::{Author, Book};
use orm::prelude::*;

pub fn mistake() {
    let _ = Author.books.filter(Book.price.gt(3)).price;
}
