//~ a model has one primary key; for a key of several fields write `#[orm(primary_key = "order, position")]` on the struct
use orm::prelude::*;

#[derive(Model)]
pub struct Line {
    #[orm(primary_key)]
    pub order: i64,
    #[orm(primary_key)]
    pub position: i32,
}
