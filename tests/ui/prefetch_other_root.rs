//~ this belongs to a query of `Book`, not of `Author`
use blog::{Author, Book};
use orm::prelude::*;

pub fn mistake() {
    let _ = Author::objects().prefetch_related(Book.tags);
}
