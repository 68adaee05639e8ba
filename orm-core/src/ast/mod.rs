//! The syntax tree of a query over models: plain data. Knows no SQL text and no database.
//!
//! Every node knows its depth and size, and a node that would exceed the [limits](LIMITS) becomes an
//! [`ExprNode::Refused`], so that no input can make a recursion over the tree overflow the stack.

mod cond;
mod expr;
mod func;
mod statement;

pub use cond::{Cond, CondNode, Lookup, Quantifier};
pub use expr::{Aggregate, Arith, Expr, ExprNode, LIMITS, Limits, Related, RelatedValue, Weight};
pub use func::{Func, Part};
pub use statement::{
    Assignment, Delete, Direction, Distinct, Grouping, Insert, Nulls, Order, Output, Prefetch, Select, Update,
};
