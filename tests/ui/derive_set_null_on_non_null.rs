//~ `SetNull` needs a key that may be NULL: write `Option<ForeignKey<Author>>`
use orm::prelude::*;

#[derive(Model)]
pub struct Author {
    pub id: i64,
}

#[derive(Model)]
pub struct Book {
    pub id: i64,
    #[orm(on_delete = SetNull)]
    pub author: ForeignKey<Author>,
}
