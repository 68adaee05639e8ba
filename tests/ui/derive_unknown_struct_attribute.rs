//~ there is no attribute `tabel`; did you mean `table`? a model takes `table`, `ordering`, `index`, `unique`, `primary_key`, `managed`, `rename_all`, `draft`
use orm::prelude::*;

#[derive(Model)]
#[orm(tabel = "books")]
pub struct Book {
    pub id: i64,
}
