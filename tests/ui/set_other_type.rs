//~ cannot compare or set a `String` column with a `{integer}`
use blog::Book;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book.title.set(3);
}
