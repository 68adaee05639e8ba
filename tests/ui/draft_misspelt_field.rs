//~ E0560 NewAuthor emial
use blog::{Author, NewAuthor};
use orm::prelude::*;

pub fn mistake() {
    let _ = Author::create(NewAuthor { name: "x", emial: "y" });
}
