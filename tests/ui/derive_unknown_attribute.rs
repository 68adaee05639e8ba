//~ there is no attribute `max_lenght`; did you mean `max_length`? a column takes `column`, `primary_key`, `auto`, `max_length`, `max_digits`, `decimal_places`, `unique`, `index`, `default`, `db_default`, `auto_now`, `auto_now_add`
use orm::prelude::*;

#[derive(Model)]
pub struct Book {
    pub id: i64,
    #[orm(max_lenght = 200)]
    pub title: String,
}
