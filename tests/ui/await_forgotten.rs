//~ E0277 Book
use blog::Book;
use orm::prelude::*;

pub async fn mistake(db: &Db) -> orm::Result<usize> {
    Ok(Book::objects().all(db)?.len())
}
