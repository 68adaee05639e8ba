//~ this cannot be a value of each row of `Author`
use blog::Author;
use orm::prelude::*;

pub fn mistake() {
    let _ = Author::objects().values((Author.name, *Author.books));
}
