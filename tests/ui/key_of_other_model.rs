//~ cannot compare or set a `Key<Author>` column with a `&Tag`
use blog::{Book, Tag};
use orm::prelude::*;

pub fn mistake() {
    let tag: Tag = unimplemented!();
    let _ = Book.author.eq(&tag);
}
