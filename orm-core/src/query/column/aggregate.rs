//! Aggregates of a column: over the rows of the query, or over the related rows of each row.

use crate::ast;
use crate::model::{Col, Field, FromExpr, Path, Reach};
use crate::query::aggregate;
use crate::query::class::{Numeric, Ordered};
use crate::query::operand::{AggOf, Base};
use crate::value::SqlType;

impl<P: Path, F: Field<Owner = P::To>> Col<P, F> {
    /// How many of the query's rows, or of each row's related rows have it (are not NULL).
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let with_subtitle = Book::objects().aggregate(&db, Book.subtitle.count()).await?;
    /// assert_eq!(with_subtitle, 1);
    /// let query = Author::objects().values((Author.name, Author.books.subtitle.count()));
    /// assert!(query.sql("sqlite")?.starts_with(
    ///     r#"SELECT "authors"."name", (SELECT COUNT("t1"."subtitle") FROM "books" AS "t1" WHERE "t1"."author_id" = "authors"."id")"#
    /// ));
    /// # }
    /// ```
    pub fn count(self) -> AggOf<P, i64> {
        self.aggregate(ast::Aggregate::Count, false)
    }

    /// How many different values it has in the rows.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// assert_eq!(Book::objects().aggregate(&db, Book.author.count_distinct()).await?, 2);
    /// let query = Author::objects().values(Author.books.price.count_distinct());
    /// assert!(query.sql("sqlite")?.starts_with(
    ///     r#"SELECT (SELECT COUNT(DISTINCT "t1"."price") FROM "books" AS "t1" WHERE "t1"."author_id" = "authors"."id")"#
    /// ));
    /// # }
    /// ```
    pub fn count_distinct(self) -> AggOf<P, i64> {
        self.aggregate(ast::Aggregate::Count, true)
    }

    /// The sum of the query's rows, or of each row's related rows; NULL of none.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// // Of the rows of the query.
    /// assert_eq!(Book::objects().aggregate(&db, Book.price.sum()).await?, Some(dec!(74.39)));
    /// // Of the related rows of each row.
    /// let earned = Author::objects().values((Author.name, Author.books.price.sum())).order_by(Author.name.asc());
    /// assert_eq!(earned.first(&db).await?, Some(("Ann".to_owned(), Some(dec!(64.40)))));
    /// # }
    /// ```
    pub fn sum<S: SqlType>(self) -> AggOf<P, S>
    where
        Base<F>: Numeric<Sum = S>,
    {
        self.aggregate(ast::Aggregate::Sum, false)
    }

    /// The average of the query's rows, or of each row's related rows; NULL of none.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// assert_eq!(Author::objects().aggregate(&db, Author.visits.avg()).await?, Some(0.0));
    /// let query = Author::objects().values(Author.books.price.avg());
    /// assert!(query.sql("sqlite")?.starts_with(
    ///     r#"SELECT (SELECT orm_avg("t1"."price") FROM "books" AS "t1" WHERE "t1"."author_id" = "authors"."id")"#
    /// ));
    /// assert_eq!(query.first(&db).await?, Some(Some(dec!(32.20))));
    /// # }
    /// ```
    pub fn avg<A: SqlType>(self) -> AggOf<P, A>
    where
        Base<F>: Numeric<Avg = A>,
    {
        self.aggregate(ast::Aggregate::Avg, false)
    }

    /// The least of the query's rows, or of each row's related rows; NULL of none.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// assert_eq!(Book::objects().aggregate(&db, Book.published.min()).await?, Some(day("2019-09-30")));
    /// let query = Author::objects().values(Author.books.published.min());
    /// assert!(query.sql("sqlite")?.starts_with(
    ///     r#"SELECT (SELECT MIN("t1"."published") FROM "books" AS "t1" WHERE "t1"."author_id" = "authors"."id")"#
    /// ));
    /// # }
    /// ```
    pub fn min(self) -> AggOf<P, <F::Type as SqlType>::Nullable>
    where
        Base<F>: Ordered,
    {
        self.aggregate(ast::Aggregate::Min, false)
    }

    /// The greatest of the query's rows, or of each row's related rows; NULL of none.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// assert_eq!(Book::objects().aggregate(&db, Book.price.max()).await?, Some(dec!(39.90)));
    /// let query = Author::objects().filter(Author.books.published.max().ge(day("2023-01-01")));
    /// assert!(query.sql("sqlite")?.contains(
    ///     r#"WHERE (SELECT MAX("t1"."published") FROM "books" AS "t1" WHERE "t1"."author_id" = "authors"."id") >= ?"#
    /// ));
    /// assert_eq!(query.get(&db).await?.name, "Ann");
    /// # }
    /// ```
    pub fn max(self) -> AggOf<P, <F::Type as SqlType>::Nullable>
    where
        Base<F>: Ordered,
    {
        self.aggregate(ast::Aggregate::Max, false)
    }

    fn aggregate<A: FromExpr>(self, aggregate: ast::Aggregate, distinct: bool) -> A {
        let related = P::HOP.filter(|_| P::Reach::MANY);
        // What is asked of related rows has the related model as its root.
        let column = match related {
            Some(_) => ast::Expr::column(None, <F::Owner as crate::model::Model>::META, Self::meta(), false),
            None => self.untyped(),
        };
        A::from_expr(aggregate::of(related, aggregate, column, distinct))
    }
}
