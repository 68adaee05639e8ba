//~ `index(..)` names its fields: `fields = "a, b"`
use orm::prelude::*;

#[derive(Model)]
#[orm(index(name = "by_title"))]
pub struct Book {
    pub id: i64,
    pub title: String,
}
