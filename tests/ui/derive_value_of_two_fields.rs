//~ a value is a struct around one field, stored as that field; for another type implement `Custom` and add `#[orm(custom)]`, for an enum derive `Choices`
use orm::prelude::*;

#[derive(Value)]
pub struct Size {
    pub width: i64,
    pub height: i64,
}
