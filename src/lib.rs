//! A typed, async ORM for SQLite, PostgreSQL and MySQL/MariaDB.

#![forbid(unsafe_code)]

pub use orm_core::{Error, ErrorKind, Result, ast, backend, db, dialect, error, meta, model, query, schema, value};
pub use orm_derive::{Choices, Model, Projection, Value};

/// What most programs use.
pub mod prelude {
    pub use orm_core::model::{ForeignKey, HasMany, HasOne, Id, ManyToMany, Model, OneToOne, Parent};
    pub use orm_core::value::Choices;
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
