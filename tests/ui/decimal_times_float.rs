//~ cannot multiply `Decimal` by `f64`
use blog::Book;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book.price * 1.5;
}
