//~ `Q<Author>` is not a condition on a row of `Book`
use blog::Author;
use orm::prelude::*;

pub fn mistake() {
    let _ = Author::objects().filter(Author.books.any(Author.name.eq("x")));
}
