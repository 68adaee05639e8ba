//~ a model needs a primary key: a field `id`, or `#[orm(primary_key)]` on another
use orm::prelude::*;

#[derive(Model)]
pub struct Line {
    pub position: i32,
}
