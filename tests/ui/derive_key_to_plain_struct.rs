//~ `Author` is not a model
use orm::prelude::*;

pub struct Author {
    pub id: i64,
}

#[derive(Model)]
pub struct Book {
    pub id: i64,
    #[orm(on_delete = Cascade)]
    pub author: ForeignKey<Author>,
}
