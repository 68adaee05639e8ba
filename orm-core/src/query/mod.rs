//! The typed surface.

mod operand;
mod selection;

pub use crate::model::{Aggregate, Expr};
pub use operand::{Operand, Term};
pub use selection::{Is, Projection, SelectRow, Selection};
#[doc(hidden)]
pub use selection::{project, projected};
