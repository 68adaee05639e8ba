//~ this selects a `Option<String>`, where the field holds a `String`
use blog::Book;
use orm::prelude::*;

#[derive(Projection)]
#[orm(of = Book)]
pub struct BookRow {
    pub title: String,
    pub subtitle: String,
}
