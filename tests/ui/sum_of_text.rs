//~ `String` cannot be summed or averaged
use blog::Book;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book::objects().group_by(Book.author).annotate(Book.title.sum());
}
