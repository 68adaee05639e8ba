//~ choices that are stored as integers say which each is: `#[orm(value = 1)]`
use orm::prelude::*;

#[derive(Choices)]
#[orm(repr = "i32")]
pub enum Status {
    Draft,
    Published,
}
