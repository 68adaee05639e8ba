//~ `select_related` on `Author` takes foreign keys and one-to-ones
use blog::Author;
use orm::prelude::*;

pub fn mistake() {
    let _ = Author::objects().select_related(Author.books);
}
