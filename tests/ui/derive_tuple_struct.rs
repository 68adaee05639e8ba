//~ a model is a struct with named fields, one a column or relation
use orm::prelude::*;

#[derive(Model)]
pub struct Book(pub i64, pub String);
