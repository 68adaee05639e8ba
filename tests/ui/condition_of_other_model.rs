//~ `Q<Author>` is not a condition on a row of `Book`
use blog::{Author, Book};
use orm::prelude::*;

pub fn mistake() {
    let _ = Book::objects().filter(Author.name.eq("x"));
}
