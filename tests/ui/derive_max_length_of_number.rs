//~ `max_length` is for text, not for a `i32`
use orm::prelude::*;

#[derive(Model)]
pub struct Book {
    pub id: i64,
    #[orm(max_length = 200)]
    pub pages: i32,
}
