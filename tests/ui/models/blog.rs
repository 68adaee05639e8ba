//! The models that the programs make their mistakes with.

use chrono::NaiveDate;
use orm::prelude::*;
use rust_decimal::Decimal;

#[derive(Model, Debug, Clone)]
pub struct Country {
    pub id: i64,
    #[orm(max_length = 60)]
    pub name: String,
}

#[derive(Model, Debug, Clone)]
pub struct Author {
    pub id: i64,
    #[orm(max_length = 100)]
    pub name: String,
    #[orm(max_length = 254, unique)]
    pub email: String,
    #[orm(default)]
    pub age: i32,
    #[orm(max_length = 40)]
    pub nick: Option<String>,
    #[orm(on_delete = Restrict)]
    pub country: Option<ForeignKey<Country>>,
    pub books: HasMany<Book>,
    #[orm(via = editor)]
    pub edited: HasMany<Book>,
}

#[derive(Choices, Debug, Clone, Copy, PartialEq)]
pub enum Status {
    Draft,
    Published,
}

#[derive(Model, Debug, Clone)]
#[orm(ordering = "-published", index(fields = "published"))]
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
    pub returned: Option<NaiveDate>,
    #[orm(max_digits = 5, decimal_places = 2)]
    pub price: Decimal,
    #[orm(default)]
    pub copies: i64,
    #[orm(default = Status::Draft)]
    pub status: Status,
    pub tags: ManyToMany<Tag>,
}

#[derive(Model, Debug, Clone)]
pub struct Tag {
    pub id: i64,
    #[orm(max_length = 40, unique)]
    pub name: String,
    #[orm(via = tags)]
    pub books: ManyToMany<Book>,
}

#[derive(Model, Debug, Clone)]
pub struct Node {
    pub id: Id<Node>,
    #[orm(max_length = 40)]
    pub name: String,
    #[orm(on_delete = Cascade)]
    pub parent: Option<ForeignKey<Node>>,
}
