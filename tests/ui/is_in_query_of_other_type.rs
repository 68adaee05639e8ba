//~ this is not a list, a subquery or a set of `Key<Author>`
use blog::Book;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book.author.is_in(Book::objects().values(Book.title));
}
