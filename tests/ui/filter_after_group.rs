//~ E0599 Groups Book String
use blog::Book;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book::objects().group_by(Book.author.name).annotate(Book.id.count()).filter(Book.price.gt(3));
}
