//~ a float is only near to a decimal number
use blog::Book;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book.price.gt(9.99);
}
