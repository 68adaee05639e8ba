//~ E0560 NewAuthor nick
use blog::{Author, NewAuthor};
use orm::prelude::*;

pub fn mistake() {
    let _ = Author::create(NewAuthor { name: "x", email: "y", nick: "z" });
}
