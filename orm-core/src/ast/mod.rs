//! The syntax tree of a query over models: plain data. Knows no SQL text and no database.
//!
//! Every node knows its depth and size, and a node that would exceed the [limits](LIMITS) becomes an
//! [`ExprNode::Refused`], so that no input can make a recursion over the tree overflow the stack.
//!
//! ```
//! # orm_blog::example! {
//! use orm::ast::{Cond, Expr, Lookup, Select};
//! let name = Tag::META.field("name").expect("tags have a name");
//! let mut select = Select::new(Tag::META);
//! let column = Expr::column(None, Tag::META, name, false);
//! select.filter.push(Cond::lookup(Lookup::Eq, column, Expr::value(orm::value::Value::Text("rust".into()))));
//! assert_eq!(
//!     QuerySet::<Tag>::from_select(select).sql("sqlite")?,
//!     Tag::objects().filter(Tag.name.eq("rust")).sql("sqlite")?
//! );
//! # }
//! ```

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
