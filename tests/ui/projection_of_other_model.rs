//~ this belongs to a query of `Book`, not of `Author`
use blog::{Author, Book};
use orm::prelude::*;

#[derive(Projection)]
#[orm(of = Book)]
pub struct BookRow {
    pub title: String,
}

pub fn mistake() {
    let _ = Author::objects().project::<BookRow>();
}
