//~ `Book` has no field `publised`; did you mean `published`? it has `id`, `published`
use orm::prelude::*;

#[derive(Model)]
#[orm(ordering = "-publised")]
pub struct Book {
    pub id: i64,
    pub published: chrono::NaiveDate,
}
