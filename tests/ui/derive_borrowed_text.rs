//~ no column holds this type; a field owns its value: write `String` for text, `Vec<u8>` for bytes
use orm::prelude::*;

#[derive(Model)]
pub struct Book {
    pub id: i64,
    pub title: &'static str,
}
