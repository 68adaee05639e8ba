//! `CASE`: values chosen by conditions.

use std::marker::PhantomData;

use super::Condition;
use super::operand::{Operand, Term};
use crate::ast::{self, Cond};
use crate::model::{Expr, FromExpr, Model};
use crate::value::{Nullness, SqlType};

/// A choice that is being written: `when(..).when(..).otherwise(..)`.
///
/// ```
/// # orm_blog::example! { db =>
/// let size = when(Book.price.lt(10), "small").otherwise("large");
/// let query = Book::objects().order_by((size.asc(), Book.title.asc())).values((size, Book.title));
/// assert_eq!(query.first(&db).await?, Some(("large".to_owned(), "Quiet Queries".to_owned())));
/// # }
/// ```
#[must_use = "a choice is ended by `.otherwise(..)` or `.or_null()`"]
pub struct Case<M, T> {
    arms: Vec<(Cond, ast::Expr)>,
    types: PhantomData<fn() -> (M, T)>,
}

/// A value for the rows for which a condition is true; the first that is true counts.
///
/// ```
/// # orm_blog::example! { db =>
/// let size = when(Book.price.lt(10), "small").when(Book.price.lt(30), "medium").otherwise("large");
/// let sizes: Vec<String> = Book::objects().values(size).order_by(Book.price.asc()).all(&db).await?;
/// assert_eq!(sizes, ["small", "medium", "large"]);
/// # }
/// ```
///
/// SQL: `CASE WHEN "books"."price" < ? THEN ? WHEN "books"."price" < ? THEN ? ELSE ? END`
pub fn when<M: Model, V: Term<M>>(condition: impl Condition<M>, value: V) -> Case<M, V::Type> {
    Case { arms: vec![(condition.condition(), value.term())], types: PhantomData }
}

impl<M: Model, T: SqlType> Case<M, T> {
    /// Another value for the rows for which another condition is true.
    ///
    /// ```
    /// # orm_blog::example! {
    /// let query = Book::objects().values(when(Book.price.lt(10), 1).when(Book.price.lt(30), 2).otherwise(3));
    /// assert!(query.sql("sqlite")?.starts_with(
    ///     r#"SELECT CASE WHEN "books"."price" < ? THEN ? WHEN "books"."price" < ? THEN ? ELSE ? END"#
    /// ));
    /// # }
    /// ```
    pub fn when<V: Operand<T::Base, M>>(
        mut self,
        condition: impl Condition<M>,
        value: V,
    ) -> Case<M, <V::Nulls as Nullness>::Of<T>> {
        self.arms.push((condition.condition(), value.operand()));
        Case { arms: self.arms, types: PhantomData }
    }

    /// The value for all other rows.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let shown = when(Book.subtitle.is_null(), Book.title).otherwise(Book.subtitle.coalesce(""));
    /// let query = Book::objects().values(shown).order_by(Book.id.asc());
    /// assert!(query.sql("sqlite")?.starts_with(
    ///     r#"SELECT CASE WHEN ("books"."subtitle" IS NULL) THEN "books"."title" ELSE coalesce("books"."subtitle", ?) END"#
    /// ));
    /// assert_eq!(query.all(&db).await?, ["Rust by Night", "Quiet Queries", "A novel"]);
    /// # }
    /// ```
    pub fn otherwise<V: Operand<T::Base, M>>(self, value: V) -> Expr<M, <V::Nulls as Nullness>::Of<T>> {
        Expr::from_expr(ast::Expr::case(self.arms, Some(value.operand())))
    }

    /// NULL for all other rows.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let bargains = when(Book.price.lt(10), Book.title).or_null();
    /// let query = Book::objects().values(bargains).order_by(Book.price.asc());
    /// assert!(query.sql("sqlite")?.starts_with(
    ///     r#"SELECT CASE WHEN "books"."price" < ? THEN "books"."title" END"#
    /// ));
    /// assert_eq!(query.all(&db).await?, [Some("100% Dunes".to_owned()), None, None]);
    /// # }
    /// ```
    pub fn or_null(self) -> Expr<M, T::Nullable> {
        Expr::from_expr(ast::Expr::case(self.arms, None))
    }
}
