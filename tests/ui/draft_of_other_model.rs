//~ this is not a draft of `Book`
use blog::{Book, NewAuthor};
use orm::prelude::*;

pub fn mistake() {
    let _ = Book::create(NewAuthor { name: "x", email: "y" });
}
