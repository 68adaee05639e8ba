//! From a tree to rows: compile, run, decode. The typed surface calls these; none of them knows a model's type but for decoding.

use std::any::Any;

use crate::ast::{self, Assignment, Delete, Select, Update};
use crate::db::Executor;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::meta::{AnyRow, ModelMeta, RelationMeta};
use crate::model::NewRow;
use crate::value::{Row, Value};

/// How a row of a query becomes a value, and where the root's row is in it (for prefetching).
pub struct Shape<O> {
    /// Reads a row of the result. Whole rows of other models go through their metadata.
    pub decode: fn(&mut Row<'_>) -> Result<O>,
    /// The root's row in the value, if it holds one.
    pub root: fn(&mut O) -> Option<&mut (dyn Any + Send + Sync)>,
}

/// What happens to the links of a many-to-many relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkChange {
    /// These are linked too.
    Add,
    /// These are no longer linked.
    Remove,
    /// Exactly these are linked.
    Set,
    /// None is linked.
    Clear,
}

fn nothing<T>() -> Result<T> {
    Err(Error::database("queries do not run yet"))
}
#[allow(unused_variables, clippy::unused_async, missing_docs)]
mod later {
    use super::*;
    pub async fn all<O: Send + 'static>(db: &dyn Executor, select: Select, shape: Shape<O>) -> Result<Vec<O>> {
        nothing()
    }
    pub fn stream<'a, O: Send + 'static>(
        db: &'a dyn Executor,
        select: Select,
        shape: Shape<O>,
    ) -> impl futures_core::Stream<Item = Result<O>> + Send + 'a {
        futures_util::stream::iter([nothing()])
    }
    pub async fn count(db: &dyn Executor, select: Select) -> Result<u64> {
        nothing()
    }
    pub async fn exists(db: &dyn Executor, select: Select) -> Result<bool> {
        nothing()
    }
    pub async fn aggregate<O: Send + 'static>(
        db: &dyn Executor,
        select: Select,
        of: Vec<ast::Expr>,
        decode: fn(&mut Row<'_>) -> Result<O>,
    ) -> Result<O> {
        nothing()
    }
    pub async fn insert(db: &dyn Executor, rows: Vec<NewRow>) -> Result<Vec<AnyRow>> {
        nothing()
    }
    pub async fn update(db: &dyn Executor, update: Update) -> Result<u64> {
        nothing()
    }
    pub async fn update_row(
        db: &dyn Executor,
        model: &'static ModelMeta,
        key: Vec<Value>,
        set: Vec<Assignment>,
    ) -> Result<Option<AnyRow>> {
        nothing()
    }
    pub async fn delete(db: &dyn Executor, delete: Delete) -> Result<u64> {
        nothing()
    }
    pub async fn link(
        db: &dyn Executor,
        relation: &'static RelationMeta,
        owner: Value,
        change: LinkChange,
        others: Vec<Value>,
    ) -> Result<u64> {
        nothing()
    }
    pub fn sql(select: &Select, dialect: &'static dyn Dialect) -> Result<String> {
        nothing()
    }
}
pub use later::*;
