//~ E0599 contain
use blog::Book;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book.title.contain("x");
}
