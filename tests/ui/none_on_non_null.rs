//~ this column is never NULL, so it takes no `Option`
use blog::Book;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book.title.eq(None);
}
