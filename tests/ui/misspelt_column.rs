//~ E0609 nmae Book author
use blog::Book;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book.author.nmae.eq("x");
}
