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
    pub fn quarter(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<i64>>
    where
        P::Reach: Single,
        Base<F>: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Quarter), vec![self.untyped()]))
    }

    /// The month, 1 to 12.
    pub fn month(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<i64>>
    where
        P::Reach: Single,
        Base<F>: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Month), vec![self.untyped()]))
    }

    /// The week of ISO 8601, 1 to 53.
    pub fn week(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<i64>>
    where
        P::Reach: Single,
        Base<F>: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Week), vec![self.untyped()]))
    }

    /// The day of the month, 1 to 31.
    pub fn day(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<i64>>
    where
        P::Reach: Single,
        Base<F>: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Day), vec![self.untyped()]))
    }

    /// The day of the week of ISO 8601, 1 (Monday) to 7 (Sunday).
    pub fn weekday(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<i64>>
    where
        P::Reach: Single,
        Base<F>: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Weekday), vec![self.untyped()]))
    }

    /// The day of the year, 1 to 366.
    pub fn year_day(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<i64>>
    where
        P::Reach: Single,
        Base<F>: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::YearDay), vec![self.untyped()]))
    }

    /// The hour, 0 to 23.
    pub fn hour(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<i64>>
    where
        P::Reach: Single,
        Base<F>: HasTime,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Hour), vec![self.untyped()]))
    }

    /// The minute, 0 to 59.
    pub fn minute(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<i64>>
    where
        P::Reach: Single,
        Base<F>: HasTime,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Minute), vec![self.untyped()]))
    }

    /// The second, 0 to 59.
    pub fn second(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<i64>>
    where
        P::Reach: Single,
        Base<F>: HasTime,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Second), vec![self.untyped()]))
    }

    /// The day of a date and time.
    pub fn date(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<<Base<F> as HasDate>::Day>>
    where
        P::Reach: Single,
        Base<F>: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::ToDate, vec![self.untyped()]))
    }

    /// The date or time, cut off below a part: `truncate(Part::Month)` is the first moment of its month.
    pub fn truncate(self, to: Part) -> Expr<P::Root, Seen<P, F>>
    where
        P::Reach: Single,
        Base<F>: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Truncate(to), vec![self.untyped()]))
    }
}
