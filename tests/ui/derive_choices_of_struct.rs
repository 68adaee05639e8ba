//~ choices are an enum whose variants hold nothing; for a newtype derive `Value`
use orm::prelude::*;

#[derive(Choices)]
pub struct Status {
    pub draft: bool,
}
