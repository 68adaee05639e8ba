//~ `on_delete` is not for a column, which takes `column`, `primary_key`, `auto`, `max_length`, `max_digits`, `decimal_places`, `unique`, `index`, `default`, `db_default`, `auto_now`, `auto_now_add`
use orm::prelude::*;

#[derive(Model)]
pub struct Book {
    pub id: i64,
    #[orm(on_delete = Cascade)]
    pub title: String,
}
