//~ cannot compare or set a `Key<Node>` column with a `{integer}`
use blog::Node;
use orm::prelude::*;

pub fn mistake() {
    let _ = Node.parent.eq(3);
}
