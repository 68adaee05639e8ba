//! The models of a blog about books.

use chrono::{DateTime, NaiveDate, Utc};
use orm::prelude::*;
use rust_decimal::Decimal;
use serde::Serialize;

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

/// How far a book has come.
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
    /// What stands below the title.
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
