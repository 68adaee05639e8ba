//~ `Decimal` is not text, so text lookups (`contains`, `icontains`, `startswith`...) do not apply
use blog::Book;
use orm::prelude::*;

pub fn mistake() {
    let _ = Book.price.icontains("9");
}
