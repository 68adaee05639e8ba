//~ no column holds this type; databases share no such integer: write `i64`
use orm::prelude::*;

#[derive(Model)]
pub struct Book {
    pub id: i64,
    pub pages: u32,
}
