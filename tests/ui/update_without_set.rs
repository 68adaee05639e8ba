//~ this does not set columns of `Book`
use blog::Book;
use orm::prelude::*;

pub async fn mistake(db: &Db) {
    let _ = Book::objects().update(db, Book.price * 2).await;
}
