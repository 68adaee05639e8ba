//~ cannot compare or set a `i64` column with a `i32`
use blog::Book;
use orm::prelude::*;

pub fn mistake() {
    let copies: i32 = 3;
    let _ = Book.copies.eq(copies);
}
