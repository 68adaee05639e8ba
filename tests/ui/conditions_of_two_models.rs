//~ E0308 Q Book Author
use blog::{Author, Book};
use orm::prelude::*;

pub fn mistake() {
    let _ = Book.title.eq("x") & Author.name.eq("y");
}
