//~ this belongs to a query of `Author`, not of `Book`
use blog::{Author, Book};
use orm::prelude::*;

pub fn mistake() {
    let _ = Book.title.eq(Author.name.lower());
}
