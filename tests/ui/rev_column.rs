//~ this column is not a relation
use blog::Book;
use orm::prelude::*;

pub fn mistake() {
    let _ = rev(Book.title).count();
}
