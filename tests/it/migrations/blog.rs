//! The blog of the examples: its migration files are those of its models.

#[path = "../../../examples/blog/migrations/mod.rs"]
pub mod migrations;
#[allow(dead_code)]
#[path = "../../../examples/blog/models.rs"]
pub mod models;

use models::{Author, Book, Tag};
use orm::meta::ModelMeta;
use orm::prelude::*;

pub const MODELS: &[&ModelMeta] = &[Author::META, Book::META, Tag::META];
