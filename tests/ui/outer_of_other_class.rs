//~ cannot compare or set a `Key<Author>` column with a `Outer<String>`
use blog::{Author, Book};
use orm::prelude::*;

pub fn mistake() {
    let _ = Book.author.eq(outer(Author.name));
}
