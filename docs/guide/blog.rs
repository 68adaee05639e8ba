// What the examples of the guide stand on: a blog about books. Each of them includes this file.

use chrono::{DateTime, NaiveDate, Utc};
use orm::prelude::*;
#[allow(unused_imports)]
use rust_decimal::{Decimal, dec};
use serde::Serialize;

include!("shows.rs");

/// Who writes and edits.
#[derive(Model, Debug, Clone, Serialize)]
#[orm(table = "authors", ordering = "name")]
pub struct Author {
    pub id: i64,
    #[orm(max_length = 100)]
    pub name: String,
    #[orm(max_length = 254, unique)]
    pub email: String,
    #[orm(default)]
    pub visits: i64,
    #[orm(auto_now_add)]
    pub created_at: DateTime<Utc>,
    pub books: HasMany<Book>,
    #[orm(via = editor)]
    pub edited: HasMany<Book>,
}

#[derive(Choices, Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Status {
    Draft,
    Published,
}

/// What is written.
#[derive(Model, Debug, Clone, Serialize)]
#[orm(table = "books", ordering = "-published", index(fields = "published"))]
pub struct Book {
    pub id: i64,
    #[orm(max_length = 200)]
    pub title: String,
    #[orm(max_length = 200)]
    pub subtitle: Option<String>,
    #[orm(on_delete = Cascade)]
    pub author: ForeignKey<Author>,
    #[orm(on_delete = SetNull)]
    pub editor: Option<ForeignKey<Author>>,
    pub published: NaiveDate,
    #[orm(max_digits = 5, decimal_places = 2)]
    pub price: Decimal,
    #[orm(default = Status::Draft)]
    pub status: Status,
    pub tags: ManyToMany<Tag>,
}

/// What books are about.
#[derive(Model, Debug, Clone, Serialize)]
#[orm(table = "tags", ordering = "name")]
pub struct Tag {
    pub id: i64,
    #[orm(max_length = 40, unique)]
    pub name: String,
    #[orm(via = tags)]
    pub books: ManyToMany<Book>,
}

#[allow(dead_code)]
pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// A database in memory with two authors, an editor, three books and two tags.
#[allow(dead_code)]
pub async fn blog() -> orm::Result<Db> {
    let db = Db::connect("sqlite::memory:").await?;
    orm::migrate::sync_models(&db, orm::models![Author, Book, Tag]).await?;
    let rust = Tag::create(NewTag { name: "rust" }).save(&db).await?;
    let sql = Tag::create(NewTag { name: "sql" }).save(&db).await?;
    let ann = Author::create(NewAuthor { name: "Ann", email: "ann@example.org" }).save(&db).await?;
    let bob = Author::create(NewAuthor { name: "Bob", email: "bob@example.org" }).save(&db).await?;
    Author::create(NewAuthor { name: "Cleo", email: "cleo@example.org" }).save(&db).await?;
    Book::create(NewBook { title: "Rust by Night", author: &ann, published: day("2021-05-01"), price: dec!(39.90) })
        .with((Book.editor.set(&bob), Book.status.set(Status::Published)))
        .link(Book.tags, [&rust])
        .save(&db)
        .await?;
    Book::create(NewBook { title: "Quiet Queries", author: &ann, published: day("2023-02-09"), price: dec!(24.50) })
        .link(Book.tags, [&rust, &sql])
        .save(&db)
        .await?;
    Book::create(NewBook { title: "100% Dunes", author: &bob, published: day("2019-09-30"), price: dec!(9.99) })
        .with(Book.subtitle.set("A novel"))
        .save(&db)
        .await?;
    Ok(db)
}
