//~ `NaiveDate` has no time of day in it, so `hour`, `minute` and `second` do not apply
use blog::Book;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book.published.hour();
}
