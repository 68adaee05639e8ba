//~ this path reaches many rows, so it has no single value
use blog::Author;
use orm::prelude::*;

pub fn mistake() {
    let _ = Author::objects().order_by(Author.books.price.desc());
}
