//~ this is not a draft of `Book`
use blog::{Author, NewAuthor, NewTag};
use orm::prelude::*;

pub fn mistake() {
    let _ = Author::create(NewAuthor { name: "x", email: "y" }).add(Author.books, [NewTag { name: "z" }]);
}
