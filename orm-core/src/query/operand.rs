//! What a column may be compared with or set to, and what has a type of its own.

use crate::ast::Expr;
use crate::value::{Nullness, SqlType};

/// What a column of class `T` may be compared with, or set to, in a query of `M`.
#[diagnostic::on_unimplemented(
    message = "cannot compare or set a `{T}` column with a `{Self}`",
    label = "expected a `{T}`"
)]
pub trait Operand<T, M> {
    /// Whether it is an `Option` in Rust.
    type Null: Nullness;
    /// Whether the database may see NULL.
    type Nulls: Nullness;
    /// The untyped expression.
    fn operand(self) -> Expr;
}

/// What has a type of its own in a query of `M`: arithmetic and `when` take it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a value or an expression of a row of `{M}`",
    label = "not a value or expression"
)]
pub trait Term<M> {
    /// Its type.
    type Type: SqlType;
    /// The untyped expression.
    fn term(self) -> Expr;
}
