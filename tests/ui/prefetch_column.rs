//~ this column is not a relation
use blog::Author;
use orm::prelude::*;

pub fn mistake() {
    let _ = Author::objects().prefetch_related(Author.name);
}
