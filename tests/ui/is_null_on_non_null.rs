//~ this column is never NULL
use blog::Book;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book.title.is_null();
}
