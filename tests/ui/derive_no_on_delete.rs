//~ a foreign key says what happens when its target is deleted: add `#[orm(on_delete = Cascade)]` (or SetNull, SetDefault, Restrict, NoAction)
use orm::prelude::*;

#[derive(Model)]
pub struct Author {
    pub id: i64,
}

#[derive(Model)]
pub struct Book {
    pub id: i64,
    pub author: ForeignKey<Author>,
}
