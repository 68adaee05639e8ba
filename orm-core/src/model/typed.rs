//! Untyped expressions with their type put back on.

use std::marker::PhantomData;

use super::FromExpr;

/// An expression of a row of `M`, of type `T`.
pub struct Expr<M, T> {
    pub(crate) expr: crate::ast::Expr,
    types: PhantomData<fn() -> (M, T)>,
}

/// An aggregate over the rows of a query of `M`, of type `T`.
pub struct Aggregate<M, T> {
    pub(crate) expr: crate::ast::Expr,
    types: PhantomData<fn() -> (M, T)>,
}

impl<M, T> FromExpr for Expr<M, T> {
    fn from_expr(expr: crate::ast::Expr) -> Self {
        Expr { expr, types: PhantomData }
    }
}
impl<M, T> FromExpr for Aggregate<M, T> {
    fn from_expr(expr: crate::ast::Expr) -> Self {
        Aggregate { expr, types: PhantomData }
    }
}
