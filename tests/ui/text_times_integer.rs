//~ cannot multiply `String` by `i64`
use blog::Book;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book.title * 2;
}
