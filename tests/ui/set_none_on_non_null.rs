//~ this column is never NULL, and what it is set to may be
use blog::Book;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book.title.set(None);
}
