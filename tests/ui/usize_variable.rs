//~ cannot compare or set a `i64` column with a `usize`
use blog::Book;
use orm::prelude::*;

pub fn mistake() {
    let copies = [1, 2].len();
    let _ = Book.copies.eq(copies);
}
