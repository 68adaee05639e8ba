//~ `String` cannot be summed or averaged
use blog::{Author, Book};
use orm::prelude::*;

pub fn mistake() {
    let _ = Author.books.sum(Book.title);
}
