//~ cannot compare a `String` column with a `Decimal`
use blog::Book;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book.title.eq(Book.price);
}
