//~ E0308 String
use blog::Book;
use orm::prelude::*;

pub async fn mistake(db: &Db) -> orm::Result<Vec<(String, String)>> {
    Book::objects().values((Book.title, Book.subtitle)).all(db).await
}
