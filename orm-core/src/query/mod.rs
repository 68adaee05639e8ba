//! The typed surface.

pub use crate::model::{Aggregate, Expr};
