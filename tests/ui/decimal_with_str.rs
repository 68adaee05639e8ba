//~ cannot compare or set a `Decimal` column with a `&str`
use blog::Book;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book.price.gt("9.99");
}
