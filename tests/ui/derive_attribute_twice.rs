//~ `max_length` is said twice
use orm::prelude::*;

#[derive(Model)]
pub struct Book {
    pub id: i64,
    #[orm(max_length = 200, unique, max_length = 100)]
    pub title: String,
}
