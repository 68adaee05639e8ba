//~ `Draft` is stored as this already
use orm::prelude::*;

#[derive(Choices)]
pub enum Status {
    Draft,
    #[orm(value = "draft")]
    Sketch,
}
