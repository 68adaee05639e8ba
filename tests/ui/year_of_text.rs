//~ `String` has no date in it, so `year`, `month`, `day`... do not apply
use blog::Book;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book.title.year();
}
