//~ `&str` is not a value for a `i64` field
use orm::prelude::*;

#[derive(Model)]
pub struct Book {
    pub id: i64,
    #[orm(default = "none")]
    pub copies: i64,
}
