//~ cannot compare or set a `Status` column with a `&str`
use blog::Book;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book.status.eq("draft");
}
