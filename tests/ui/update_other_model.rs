//~ this does not set columns of `Book`
use blog::{Author, Book};
use orm::prelude::*;

pub async fn mistake(db: &Db) {
    let _ = Book::objects().update(db, Author.name.set("x")).await;
}
