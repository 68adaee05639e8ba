//~ E0599 len HasMany Book
use blog::Author;
use orm::prelude::*;

pub fn mistake(author: &Author) -> usize {
    author.books.len()
}
