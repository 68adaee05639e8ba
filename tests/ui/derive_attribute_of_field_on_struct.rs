//~ `max_length` is not for a model, which takes `table`, `ordering`, `index`, `unique`, `primary_key`, `managed`, `rename_all`, `draft`
use orm::prelude::*;

#[derive(Model)]
#[orm(max_length = 200)]
pub struct Book {
    pub id: i64,
}
