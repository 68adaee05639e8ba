//! Aggregates of an expression over the rows of the query.

use crate::ast;
use crate::model::{Aggregate, Expr, FromExpr, Model};
use crate::query::class::{Numeric, Ordered};
use crate::value::SqlType;

impl<M: Model, T: SqlType> Expr<M, T> {
    /// How many of the query's rows have it (are not NULL).
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let cheap = when(Book.price.lt(30), Book.id).otherwise(None);
    /// assert_eq!(Book::objects().aggregate(&db, cheap.count()).await?, 2);
    /// # }
    /// ```
    pub fn count(&self) -> Aggregate<M, i64> {
        Aggregate::from_expr(ast::Expr::aggregate(ast::Aggregate::Count, Some(self.expr.clone()), false, None))
    }

    /// How many different values it has in the rows.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().group_by(Book.author.name).annotate(Book.published.year().count_distinct());
    /// assert!(query.sql("postgres")?.starts_with(
    ///     r#"SELECT "t1"."name", COUNT(DISTINCT CAST(EXTRACT(YEAR FROM "books"."published") AS bigint))"#
    /// ));
    /// assert_eq!(query.all(&db).await?, [("Ann".to_owned(), 2), ("Bob".to_owned(), 1)]);
    /// # }
    /// ```
    pub fn count_distinct(&self) -> Aggregate<M, i64> {
        Aggregate::from_expr(ast::Expr::aggregate(ast::Aggregate::Count, Some(self.expr.clone()), true, None))
    }

    /// The sum of the query's rows; NULL of none.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let with_tax = Book.price * dec!(1.1);
    /// assert_eq!(Book::objects().aggregate(&db, with_tax.sum()).await?, Some(dec!(81.829)));
    /// # }
    /// ```
    pub fn sum(&self) -> Aggregate<M, <T::Base as Numeric>::Sum>
    where
        T::Base: Numeric,
    {
        Aggregate::from_expr(ast::Expr::aggregate(ast::Aggregate::Sum, Some(self.expr.clone()), false, None))
    }

    /// The average of the query's rows; NULL of none.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let letters = Book::objects().filter(Book.author.name.eq("Ann")).aggregate(&db, Book.title.length().avg()).await?;
    /// assert_eq!(letters, Some(13.0));
    /// # }
    /// ```
    pub fn avg(&self) -> Aggregate<M, <T::Base as Numeric>::Avg>
    where
        T::Base: Numeric,
    {
        Aggregate::from_expr(ast::Expr::aggregate(ast::Aggregate::Avg, Some(self.expr.clone()), false, None))
    }

    /// The least of the query's rows; NULL of none.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().group_by(Book.author.name).annotate(Book.title.length().min());
    /// assert!(query.sql("sqlite")?.starts_with(r#"SELECT "t1"."name", MIN(length("books"."title"))"#));
    /// assert_eq!(query.first(&db).await?, Some(("Ann".to_owned(), Some(13))));
    /// # }
    /// ```
    pub fn min(&self) -> Aggregate<M, T::Nullable>
    where
        T::Base: Ordered,
    {
        Aggregate::from_expr(ast::Expr::aggregate(ast::Aggregate::Min, Some(self.expr.clone()), false, None))
    }

    /// The greatest of the query's rows; NULL of none.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().group_by(Book.author.name).annotate((Book.price * 2).max());
    /// assert!(query.sql("sqlite")?.starts_with(r#"SELECT "t1"."name", MAX(("books"."price" * ?))"#));
    /// assert_eq!(query.first(&db).await?, Some(("Ann".to_owned(), Some(dec!(79.80)))));
    /// # }
    /// ```
    pub fn max(&self) -> Aggregate<M, T::Nullable>
    where
        T::Base: Ordered,
    {
        Aggregate::from_expr(ast::Expr::aggregate(ast::Aggregate::Max, Some(self.expr.clone()), false, None))
    }
}
