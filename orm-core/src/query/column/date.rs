//! Parts of a column of dates or times.

use crate::ast::{self, Func, Part};
use crate::model::{Col, Expr, Field, FromExpr, Path, Single};
use crate::query::class::{HasDate, HasTime};
use crate::query::operand::{Base, Seen};
use crate::value::SqlType;

impl<P: Path, F: Field<Owner = P::To>> Col<P, F> {
    /// The year.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// assert_eq!(Book::objects().filter(Book.published.year().ge(2021)).count(&db).await?, 2);
    /// let months = Book::objects().values(Book.published.truncate(orm::query::Part::Month)).order_by(Book.published.asc());
    /// assert_eq!(months.first(&db).await?, Some(day("2019-09-01")));
    /// # }
    /// ```
    pub fn year(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<i64>>
    where
        P::Reach: Single,
        Base<F>: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Year), vec![self.untyped()]))
    }

    /// The quarter, 1 to 4.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().filter(Book.published.quarter().eq(3));
    /// assert!(query.sql("postgres")?.contains(
    ///     r#"WHERE CAST(EXTRACT(QUARTER FROM "books"."published") AS bigint) = $1"#
    /// ));
    /// assert_eq!(query.get(&db).await?.title, "100% Dunes");
    /// # }
    /// ```
    pub fn quarter(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<i64>>
    where
        P::Reach: Single,
        Base<F>: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Quarter), vec![self.untyped()]))
    }

    /// The month, 1 to 12.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().filter(Book.published.month().eq(2));
    /// assert!(query.sql("sqlite")?.contains(r#"WHERE CAST(substr("books"."published", 6, 2) AS INTEGER) = ?"#));
    /// assert!(query.sql("mysql")?.contains("WHERE MONTH(`books`.`published`) = ?"));
    /// assert_eq!(query.get(&db).await?.title, "Quiet Queries");
    /// # }
    /// ```
    pub fn month(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<i64>>
    where
        P::Reach: Single,
        Base<F>: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Month), vec![self.untyped()]))
    }

    /// The week of ISO 8601, 1 to 53.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// // A week belongs to the year that has its Thursday.
    /// let weeks = Book::objects().values(Book.published.week()).order_by(Book.published.asc());
    /// assert!(weeks.sql("postgres")?.starts_with(
    ///     r#"SELECT CAST(EXTRACT(WEEK FROM "books"."published") AS bigint)"#
    /// ));
    /// assert_eq!(weeks.all(&db).await?, [40, 17, 6]);
    /// # }
    /// ```
    pub fn week(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<i64>>
    where
        P::Reach: Single,
        Base<F>: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Week), vec![self.untyped()]))
    }

    /// The day of the month, 1 to 31.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().filter(Book.published.day().le(9));
    /// assert!(query.sql("postgres")?.contains(
    ///     r#"WHERE CAST(EXTRACT(DAY FROM "books"."published") AS bigint) <= $1"#
    /// ));
    /// assert_eq!(query.count(&db).await?, 2);
    /// # }
    /// ```
    pub fn day(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<i64>>
    where
        P::Reach: Single,
        Base<F>: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Day), vec![self.untyped()]))
    }

    /// The day of the week of ISO 8601, 1 (Monday) to 7 (Sunday).
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let on_weekends = Book::objects().filter(Book.published.weekday().ge(6));
    /// assert!(on_weekends.sql("postgres")?.contains(
    ///     r#"WHERE CAST(EXTRACT(ISODOW FROM "books"."published") AS bigint) >= $1"#
    /// ));
    /// assert_eq!(on_weekends.get(&db).await?.title, "Rust by Night");
    /// # }
    /// ```
    pub fn weekday(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<i64>>
    where
        P::Reach: Single,
        Base<F>: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Weekday), vec![self.untyped()]))
    }

    /// The day of the year, 1 to 366.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().values(Book.published.year_day()).order_by(Book.published.asc());
    /// assert!(query.sql("postgres")?.starts_with(
    ///     r#"SELECT CAST(EXTRACT(DOY FROM "books"."published") AS bigint)"#
    /// ));
    /// assert_eq!(query.all(&db).await?, [273, 121, 40]);
    /// # }
    /// ```
    pub fn year_day(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<i64>>
    where
        P::Reach: Single,
        Base<F>: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::YearDay), vec![self.untyped()]))
    }

    /// The hour, 0 to 23.
    ///
    /// ```
    /// # orm_blog::example! {
    /// let by_night = Author::objects().filter(Author.created_at.hour().lt(6));
    /// assert!(by_night.sql("sqlite")?.contains(
    ///     r#"WHERE CAST(substr("authors"."created_at", 12, 2) AS INTEGER) < ?"#
    /// ));
    /// assert!(by_night.sql("mysql")?.contains("WHERE HOUR(`authors`.`created_at`) < ?"));
    /// # }
    /// ```
    pub fn hour(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<i64>>
    where
        P::Reach: Single,
        Base<F>: HasTime,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Hour), vec![self.untyped()]))
    }

    /// The minute, 0 to 59.
    ///
    /// ```
    /// # orm_blog::example! {
    /// let on_the_hour = Author::objects().filter(Author.created_at.minute().eq(0));
    /// assert!(on_the_hour.sql("sqlite")?.contains(
    ///     r#"WHERE CAST(substr("authors"."created_at", 15, 2) AS INTEGER) = ?"#
    /// ));
    /// assert!(on_the_hour.sql("mysql")?.contains("WHERE MINUTE(`authors`.`created_at`) = ?"));
    /// # }
    /// ```
    pub fn minute(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<i64>>
    where
        P::Reach: Single,
        Base<F>: HasTime,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Minute), vec![self.untyped()]))
    }

    /// The second, 0 to 59.
    ///
    /// ```
    /// # orm_blog::example! {
    /// let query = Author::objects().filter(Author.created_at.second().ge(30));
    /// assert!(query.sql("sqlite")?.contains(
    ///     r#"WHERE CAST(substr("authors"."created_at", 18, 2) AS INTEGER) >= ?"#
    /// ));
    /// assert!(query.sql("mysql")?.contains("WHERE SECOND(`authors`.`created_at`) >= ?"));
    /// # }
    /// ```
    pub fn second(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<i64>>
    where
        P::Reach: Single,
        Base<F>: HasTime,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Second), vec![self.untyped()]))
    }

    /// The day of a date and time.
    ///
    /// ```
    /// # orm_blog::example! {
    /// let new = Author::objects().filter(Author.created_at.date().gt(day("2024-01-01")));
    /// assert!(new.sql("sqlite")?.contains(r#"WHERE substr("authors"."created_at", 1, 10) > ?"#));
    /// assert!(new.sql("mysql")?.contains("WHERE DATE(`authors`.`created_at`) > ?"));
    /// # }
    /// ```
    pub fn date(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<<Base<F> as HasDate>::Day>>
    where
        P::Reach: Single,
        Base<F>: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::ToDate, vec![self.untyped()]))
    }

    /// The date or time, cut off below a part: `truncate(Part::Month)` is the first moment of its month.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// use orm::query::Part;
    /// let per_year = Book::objects().group_by(Book.published.truncate(Part::Year)).annotate(count_rows());
    /// assert_eq!(
    ///     per_year.sql("postgres")?,
    ///     r#"SELECT CAST(date_trunc('year', CAST("books"."published" AS timestamp)) AS date), COUNT(*) FROM "books" GROUP BY 1"#
    /// );
    /// assert_eq!(per_year.all(&db).await?[0], (day("2019-01-01"), 1));
    /// # }
    /// ```
    pub fn truncate(self, to: Part) -> Expr<P::Root, Seen<P, F>>
    where
        P::Reach: Single,
        Base<F>: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Truncate(to), vec![self.untyped()]))
    }
}
