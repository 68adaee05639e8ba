//~ E0599 each Book author
use blog::Book;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book.author.each();
}
