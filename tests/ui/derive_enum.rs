//~ a model is a struct with named fields; for an enum of values derive `Choices`
use orm::prelude::*;

#[derive(Model)]
pub enum Book {
    Novel,
}
