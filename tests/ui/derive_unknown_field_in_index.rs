//~ `Book` has no field `titel`; did you mean `title`? it has `id`, `title`
use orm::prelude::*;

#[derive(Model)]
#[orm(index(fields = "id, titel"))]
pub struct Book {
    pub id: i64,
    pub title: String,
}
