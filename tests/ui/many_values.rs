//~ this path reaches many rows, so it has no single value
use blog::Author;
use orm::prelude::*;

pub fn mistake() {
    let _ = Author::objects().values((Author.name, Author.books.title));
}
