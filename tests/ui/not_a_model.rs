//~ `Plain` is not a model
use orm::prelude::*;

pub struct Plain;

fn all<M: Model>() -> QuerySet<M> {
    QuerySet::new()
}

pub fn mistake() {
    let _ = all::<Plain>();
}
