//~ `Status` has no order, so `gt`, `lt`, `range`, `min` and `max` do not apply
use blog::{Book, Status};
use orm::prelude::*;

pub fn mistake() {
    let _ = Book.status.gt(Status::Draft);
}
