//! x
use orm::prelude::*;
#[derive(Model, Debug)]
struct Author { id: i64, #[orm(max_length = 100)] name: String, books: HasMany<Book> }
#[derive(Model, Debug)]
struct Book { id: i64, title: String, #[orm(on_delete = Cascade)] author: ForeignKey<Author> }
fn main() {
    let q = Author::objects().filter(Author.books.any(Book.title.icontains("x")) & Author.name.eq("y")).order_by(Author.name.asc());
    println!("{}", q.sql("sqlite").unwrap());
    println!("{}", Book::objects().filter(Book.author.name.eq("a")).select_related(Book.author).sql("postgres").unwrap());
}
