//! Parts of an expression that is a date or time.

use crate::ast::{self, Func, Part};
use crate::model::{Expr, FromExpr, Model};
use crate::query::class::{HasDate, HasTime};
use crate::value::SqlType;

impl<M: Model, T: SqlType> Expr<M, T> {
    /// The year.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let debut = Author.books.min(Book.published);
    /// let query = Author::objects().values((Author.name, debut.year()));
    /// assert_eq!(query.first(&db).await?, Some(("Ann".to_owned(), Some(2021))));
    /// # }
    /// ```
    pub fn year(&self) -> Expr<M, T::Lift<i64>>
    where
        T::Base: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Year), vec![self.expr.clone()]))
    }

    /// The quarter, 1 to 4.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let debut = Author.books.min(Book.published);
    /// assert_eq!(Author::objects().filter(debut.quarter().eq(3)).get(&db).await?.name, "Bob");
    /// # }
    /// ```
    pub fn quarter(&self) -> Expr<M, T::Lift<i64>>
    where
        T::Base: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Quarter), vec![self.expr.clone()]))
    }

    /// The month, 1 to 12.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let latest = Author.books.max(Book.published);
    /// assert_eq!(Author::objects().filter(latest.month().eq(2)).get(&db).await?.name, "Ann");
    /// # }
    /// ```
    pub fn month(&self) -> Expr<M, T::Lift<i64>>
    where
        T::Base: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Month), vec![self.expr.clone()]))
    }

    /// The week of ISO 8601, 1 to 53.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let latest = Author.books.max(Book.published);
    /// assert_eq!(Author::objects().values(latest.week()).all(&db).await?, [Some(6), Some(40), None]);
    /// # }
    /// ```
    pub fn week(&self) -> Expr<M, T::Lift<i64>>
    where
        T::Base: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Week), vec![self.expr.clone()]))
    }

    /// The day of the month, 1 to 31.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let latest = Author.books.max(Book.published);
    /// assert_eq!(Author::objects().values(latest.day()).all(&db).await?, [Some(9), Some(30), None]);
    /// # }
    /// ```
    pub fn day(&self) -> Expr<M, T::Lift<i64>>
    where
        T::Base: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Day), vec![self.expr.clone()]))
    }

    /// The day of the week of ISO 8601, 1 (Monday) to 7 (Sunday).
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let latest = Author.books.max(Book.published);
    /// // A Thursday, and a Monday.
    /// assert_eq!(Author::objects().values(latest.weekday()).all(&db).await?, [Some(4), Some(1), None]);
    /// # }
    /// ```
    pub fn weekday(&self) -> Expr<M, T::Lift<i64>>
    where
        T::Base: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Weekday), vec![self.expr.clone()]))
    }

    /// The day of the year, 1 to 366.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let latest = Author.books.max(Book.published);
    /// assert_eq!(Author::objects().values(latest.year_day()).all(&db).await?, [Some(40), Some(273), None]);
    /// # }
    /// ```
    pub fn year_day(&self) -> Expr<M, T::Lift<i64>>
    where
        T::Base: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::YearDay), vec![self.expr.clone()]))
    }

    /// The hour, 0 to 23.
    ///
    /// ```
    /// # orm_blog::example! {
    /// let query = Author::objects().filter(Author.created_at.expr().hour().ge(12));
    /// assert!(query.sql("postgres")?.contains(
    ///     r#"WHERE CAST(EXTRACT(HOUR FROM "authors"."created_at") AS bigint) >= $1"#
    /// ));
    /// # }
    /// ```
    pub fn hour(&self) -> Expr<M, T::Lift<i64>>
    where
        T::Base: HasTime,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Hour), vec![self.expr.clone()]))
    }

    /// The minute, 0 to 59.
    ///
    /// ```
    /// # orm_blog::example! {
    /// let query = Author::objects().filter(Author.created_at.expr().minute().lt(30));
    /// assert!(query.sql("postgres")?.contains(
    ///     r#"WHERE CAST(EXTRACT(MINUTE FROM "authors"."created_at") AS bigint) < $1"#
    /// ));
    /// # }
    /// ```
    pub fn minute(&self) -> Expr<M, T::Lift<i64>>
    where
        T::Base: HasTime,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Minute), vec![self.expr.clone()]))
    }

    /// The second, 0 to 59.
    ///
    /// ```
    /// # orm_blog::example! {
    /// let query = Author::objects().filter(Author.created_at.expr().second().eq(0));
    /// assert!(query.sql("postgres")?.contains(
    ///     r#"WHERE CAST(trunc(EXTRACT(SECOND FROM "authors"."created_at")) AS bigint) = $1"#
    /// ));
    /// # }
    /// ```
    pub fn second(&self) -> Expr<M, T::Lift<i64>>
    where
        T::Base: HasTime,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Second), vec![self.expr.clone()]))
    }

    /// The day of a date and time.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let joined_today = Author::objects().filter(Author.created_at.date().eq(now::<Author>().date()));
    /// assert!(joined_today.sql("postgres")?.contains(
    ///     r#"WHERE CAST("authors"."created_at" AS date) = CAST(now() AS date)"#
    /// ));
    /// assert_eq!(joined_today.count(&db).await?, 3);
    /// # }
    /// ```
    pub fn date(&self) -> Expr<M, T::Lift<<T::Base as HasDate>::Day>>
    where
        T::Base: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::ToDate, vec![self.expr.clone()]))
    }

    /// The date or time, cut off below a part: `truncate(Part::Month)` is the first moment of its month.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// use orm::query::Part;
    /// let latest = Author.books.max(Book.published);
    /// let years = Author::objects().values(latest.truncate(Part::Year)).all(&db).await?;
    /// assert_eq!(years, [Some(day("2023-01-01")), Some(day("2019-01-01")), None]);
    /// # }
    /// ```
    pub fn truncate(&self, to: Part) -> Expr<M, T>
    where
        T::Base: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Truncate(to), vec![self.expr.clone()]))
    }
}
