//! The typed surface: columns, conditions, expressions, relations, queries, drafts and rows.
//!
//! All of it builds the untyped tree of [`ast`](crate::ast), which knows kinds, nullability and limits; what runs a tree is in `run`, `insert` and `link`.

mod class;
mod operand;
mod condition;
mod constraint;
mod order;
mod set;
mod column;
mod expr;
mod aggregate;
mod arith;
mod bulk;
mod case;
mod selection;
mod tuple;
mod relation;
mod related;
mod queryset;
mod group;
mod subquery;
mod draft;
mod row;
mod manager;
mod joined;
mod prefetch;
mod run;
mod insert;
mod link;
mod stream;
#[cfg(test)]
mod tests;

pub use crate::ast::Part;
pub use crate::model::{Aggregate, Expr};
pub use aggregate::{AggregateTerm, Aggregates, count_rows};
pub use arith::{Minus, Modulo, Over, Plus, Times};
pub use case::{Case, when};
pub use class::{CanBeNull, HasDate, HasTime, IsRoot, Numeric, Ordered, Text};
pub use condition::{Condition, Having, Q};
#[cfg(feature = "chrono")]
pub use expr::now;
pub use group::{Grouped, Groups};
pub use manager::RelatedManager;
pub use operand::{
    AcceptedBy, AggOf, Base, Expression, Fits, ListOf, Members, Operand, RowKey, SameRoot, Seen, StoredIn, Term,
};
pub use order::{GroupOrder, GroupOrders, Order, Orders, random};
pub use queryset::QuerySet;
pub use related::{PrefetchRelated, Related};
pub use relation::{RelQuery, Reversible, Target, rev};
pub use row::RowExt;
pub use selection::{Is, Projection, SelectRow, Selection, Whole};
#[doc(hidden)]
pub use selection::{project, projected};
pub use set::{Set, Sets};
pub use subquery::{Outer, Outward, exists, outer};
