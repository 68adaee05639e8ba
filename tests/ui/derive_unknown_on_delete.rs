//~ `on_delete` is one of `Cascade`, `SetNull`, `SetDefault`, `Restrict`, `NoAction`; did you mean `Cascade`?
use orm::prelude::*;

#[derive(Model)]
pub struct Author {
    pub id: i64,
}

#[derive(Model)]
pub struct Book {
    pub id: i64,
    #[orm(on_delete = Cascde)]
    pub author: ForeignKey<Author>,
}
