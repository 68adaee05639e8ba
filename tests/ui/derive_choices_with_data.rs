//~ the variants of choices hold nothing: each is one value of a column
use orm::prelude::*;

#[derive(Choices)]
pub enum Status {
    Draft,
    Published(i64),
}
