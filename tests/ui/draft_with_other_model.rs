//~ this does not set columns of `Author`
use blog::{Author, Book, NewAuthor};
use orm::prelude::*;

pub fn mistake() {
    let _ = Author::create(NewAuthor { name: "x", email: "y" }).with(Book.title.set("z"));
}
