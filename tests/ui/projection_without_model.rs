//~ a projection says which model it is filled from: add `#[orm(of = Book)]`
use orm::prelude::*;

#[derive(Projection)]
pub struct BookRow {
    pub title: String,
}
