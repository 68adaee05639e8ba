//~ only a column of the row itself can be set
use blog::Book;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book.author.name.set("x");
}
