//! A typed, async ORM and query builder with the reach of Django's: SQLite (embedded default), PostgreSQL and
//! MySQL/MariaDB.
//!
//! Structs become models by derive; a path through them (`Book.author.name`) carries in its type what SQL will do with it,
//! so that a query that compiles is a right query.
//!
//! ```rust,standalone_crate
//! use orm::prelude::*;
//!
//! #[derive(Model, Debug)]
//! struct Author {
//!     id: i64,
//!     #[orm(max_length = 100)]
//!     name: String,
//!     books: HasMany<Book>,
//! }
//!
//! #[derive(Model, Debug)]
//! struct Book {
//!     id: i64,
//!     title: String,
//!     #[orm(on_delete = Cascade)]
//!     author: ForeignKey<Author>,
//! }
//!
//! #[tokio::main]
//! async fn main() -> orm::Result<()> {
//!     let db = Db::connect("sqlite::memory:").await?;
//!     orm::migrate::sync(&db).await?;
//!     let herbert = Author::create(NewAuthor { name: "Frank Herbert" }).save(&db).await?;
//!     Book::create(NewBook { title: "Dune", author: &herbert }).save(&db).await?;
//!     let books = Book::objects().filter(Book.author.name.icontains("herbert")).all(&db).await?;
//!     assert_eq!(books[0].title, "Dune");
//!     Ok(())
//! }
//! ```

#![forbid(unsafe_code)]

pub use orm_core::model::Model;
pub use orm_core::{
    Error, ErrorKind, Result, ast, backend, db, dialect, error, meta, model, parse, query, schema, value,
};
pub use orm_derive::{Choices, Model, Projection, Value};

/// Schema migrations: models to state, state to operations, operations to SQL.
#[cfg(feature = "migrate")]
pub use orm_migrate as migrate;
#[cfg(feature = "migrate")]
pub use orm_migrate::manage;

/// What most programs use.
pub mod prelude {
    pub use orm_core::db::{Db, Executor, Tx};
    pub use orm_core::model::{ForeignKey, HasMany, HasOne, Id, ManyToMany, Model, OneToOne, Parent};
    #[cfg(feature = "chrono")]
    pub use orm_core::query::now;
    pub use orm_core::query::{
        Aggregate, Expr, Expression, Q, QuerySet, RowExt, count_rows, exists, outer, random, rev, when,
    };
    pub use orm_core::value::Choices;
    pub use orm_core::value::Custom;
    #[cfg(feature = "json")]
    pub use orm_core::value::Json;
    pub use orm_core::{Error, ErrorKind, Result};
    pub use orm_derive::{Choices, Model, Projection, Value};
}

/// What the derives name.
#[doc(hidden)]
pub mod __private {
    pub use orm_core::meta::*;
    pub use orm_core::model::*;
    pub use orm_core::query::*;
    pub use orm_core::value::*;
    pub use orm_core::{Error, Result, ast, db, inventory, meta, model, query, serde, serde_json, value};
}

/// Models as data, for what takes a list of them: `orm::migrate::sync_models(&db, orm::models![Author, Book])`.
///
/// ```
/// # orm_blog::example! {
/// let models = orm::models![Author, Book];
/// assert_eq!(models.iter().map(|model| model.table).collect::<Vec<_>>(), ["authors", "books"]);
/// # }
/// ```
#[macro_export]
macro_rules! models {
    ($($model:ty),+ $(,)?) => {
        &[$(<$model as $crate::Model>::META),+]
    };
}

/// The chapters of the guide, whose examples are tests.
#[cfg(doctest)]
mod guide {
    #[doc = include_str!("../docs/guide/01-start.md")]
    mod start {}
    #[doc = include_str!("../docs/guide/02-models.md")]
    mod models {}
    #[doc = include_str!("../docs/guide/03-queries.md")]
    mod queries {}
    #[doc = include_str!("../docs/guide/04-aggregates.md")]
    mod aggregates {}
    #[doc = include_str!("../docs/guide/05-subqueries.md")]
    mod subqueries {}
    #[doc = include_str!("../docs/guide/06-loading.md")]
    mod loading {}
    #[doc = include_str!("../docs/guide/07-writing.md")]
    mod writing {}
    #[doc = include_str!("../docs/guide/08-transactions.md")]
    mod transactions {}
    #[doc = include_str!("../docs/guide/09-migrations.md")]
    mod migrations {}
    #[doc = include_str!("../docs/guide/10-errors.md")]
    mod errors {}
    #[doc = include_str!("../docs/guide/11-dynamic.md")]
    mod dynamic {}
    #[doc = include_str!("../docs/guide/12-databases.md")]
    mod databases {}
    #[doc = include_str!("../docs/guide/coming-from-django.md")]
    mod coming_from_django {}
}
