//! Untyped expressions with their type put back on.

use std::fmt;
use std::marker::PhantomData;

use super::FromExpr;

/// An expression of a row of `M`, of type `T`.
///
/// ```
/// # orm_blog::example! { db =>
/// fn with_tax() -> Expr<Book, Decimal> {
///     Book.price * dec!(1.19)
/// }
/// let query = Book::objects().filter(with_tax().gt(40)).values(with_tax().round());
/// assert!(query.sql("sqlite")?.contains(r#"WHERE ("books"."price" * ?) > ?"#));
/// assert_eq!(query.all(&db).await?, [dec!(47)]);
/// # }
/// ```
pub struct Expr<M, T> {
    pub(crate) expr: crate::ast::Expr,
    types: PhantomData<fn() -> (M, T)>,
}

/// An aggregate over the rows of a query of `M`, of type `T`.
///
/// ```
/// # orm_blog::example! { db =>
/// fn mean_price() -> Aggregate<Book, Option<Decimal>> {
///     Book.price.sum() / count_rows()
/// }
/// let groups = Book::objects().group_by(Book.author.name).having(mean_price().gt(20)).annotate(mean_price());
/// assert_eq!(groups.all(&db).await?, [("Ann".to_owned(), Some(dec!(32.20)))]);
/// # }
/// ```
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
impl<M, T> Clone for Expr<M, T> {
    fn clone(&self) -> Self {
        Self::from_expr(self.expr.clone())
    }
}
impl<M, T> Clone for Aggregate<M, T> {
    fn clone(&self) -> Self {
        Self::from_expr(self.expr.clone())
    }
}
impl<M, T> fmt::Debug for Expr<M, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.expr.fmt(f)
    }
}
impl<M, T> fmt::Debug for Aggregate<M, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.expr.fmt(f)
    }
}
