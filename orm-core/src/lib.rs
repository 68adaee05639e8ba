//! The core of `orm`: values, metadata, the query tree, SQL, databases, and the typed surface over them.
//!
//! Each module uses only those above it in this list; use the crate `orm`, which re-exports what applications need.

#![deny(unsafe_code)]

pub mod error;
pub mod value;
pub mod meta;
pub mod ast;
pub mod parse;
pub mod schema;
pub mod dialect;
pub mod sql;
pub mod db;
pub mod backend;
pub mod model;
pub mod query;

pub use error::{Error, ErrorKind, Result};

#[doc(hidden)]
pub use inventory;
#[doc(hidden)]
pub use serde;
#[doc(hidden)]
pub use serde_json;
