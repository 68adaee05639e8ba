//~ cannot add `i64` to `NaiveDate`
use blog::Book;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book.published + 3;
}
