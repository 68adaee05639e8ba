//~ this belongs to a query of `Author`, not of `Book`
use blog::Author;
use orm::prelude::*;

pub fn mistake() {
    let _ = Author.books.sum(Author.age);
}
