//! From a tree to rows: compile, run, decode. The typed surface calls these; none of them knows a model's type but for decoding.

use std::any::Any;

use crate::ast::{Delete, Insert, Select, Update};
use crate::db::Executor;
use crate::error::{Error, Result};
use crate::model::NewRow;
use crate::meta::AnyRow;
use crate::value::{Row, Value};

/// How a row of a query becomes a value, and where the root's row is in it (for prefetching).
pub struct Shape<O> {
    /// Reads a row of the result. Whole rows of other models go through their metadata.
    pub decode: fn(&mut Row<'_>, &Select) -> Result<O>,
    /// The root's row in the value, if it holds one.
    pub root: fn(&mut O) -> Option<&mut (dyn Any + Send + Sync)>,
}
