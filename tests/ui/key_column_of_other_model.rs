//~ this belongs to a query of `Tag`, not of `Book`
use blog::{Book, Tag};
use orm::prelude::*;

pub fn mistake() {
    let _ = Book.author.eq(Tag.id);
}
