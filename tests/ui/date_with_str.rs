//~ cannot compare or set a `NaiveDate` column with a `&str`
use blog::Book;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book.published.ge("2020-01-01");
}
