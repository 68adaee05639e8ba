//! Expressions of a row: the same comparisons, functions, orders and aggregates as columns have.
//!
//! They take `&self`, so that an expression named once by `let` can be used in several clauses.

use super::class::{CanBeNull, HasDate, HasTime, Numeric, Ordered, Text};
use super::operand::{AcceptedBy, ListOf, Operand};
use super::{Order, Q};
use crate::ast::{self, Cond, Direction, Func, Lookup, Part};
use crate::model::{Aggregate, Expr, FromExpr, Model};
use crate::value::{Never, Nullness, SqlType};

impl<M: Model, T: SqlType> Expr<M, T> {
    /// It equals: a value, another column or expression, or `None` for NULL.
    pub fn eq<V: Operand<T::Base, M>>(&self, v: V) -> Q<M>
    where
        V::Null: AcceptedBy<T::Nulls>,
    {
        Q::from_untyped(Cond::lookup(Lookup::Eq, self.expr.clone(), v.operand()))
    }

    /// It does not equal: `!eq`, so a NULL differs from every value.
    pub fn ne<V: Operand<T::Base, M>>(&self, v: V) -> Q<M>
    where
        V::Null: AcceptedBy<T::Nulls>,
    {
        !Q::from_untyped(Cond::lookup(Lookup::Eq, self.expr.clone(), v.operand()))
    }

    /// It is greater than this.
    pub fn gt<V: Operand<T::Base, M>>(&self, v: V) -> Q<M>
    where
        T::Base: Ordered,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::Gt, self.expr.clone(), v.operand()))
    }

    /// It is greater than or equal to this.
    pub fn ge<V: Operand<T::Base, M>>(&self, v: V) -> Q<M>
    where
        T::Base: Ordered,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::Ge, self.expr.clone(), v.operand()))
    }

    /// It is greater than or equal: another name of `ge`.
    pub fn gte<V: Operand<T::Base, M>>(&self, v: V) -> Q<M>
    where
        T::Base: Ordered,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::Ge, self.expr.clone(), v.operand()))
    }

    /// It is less than this.
    pub fn lt<V: Operand<T::Base, M>>(&self, v: V) -> Q<M>
    where
        T::Base: Ordered,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::Lt, self.expr.clone(), v.operand()))
    }

    /// It is less than or equal to this.
    pub fn le<V: Operand<T::Base, M>>(&self, v: V) -> Q<M>
    where
        T::Base: Ordered,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::Le, self.expr.clone(), v.operand()))
    }

    /// It is less than or equal: another name of `le`.
    pub fn lte<V: Operand<T::Base, M>>(&self, v: V) -> Q<M>
    where
        T::Base: Ordered,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::Le, self.expr.clone(), v.operand()))
    }

    /// It lies between two bounds, both included.
    pub fn range<V: Operand<T::Base, M>, W: Operand<T::Base, M>>(&self, low: V, high: W) -> Q<M>
    where
        T::Base: Ordered,
        V::Null: AcceptedBy<Never>,
        W::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::range(self.expr.clone(), low.operand(), high.operand()))
    }

    /// It is one of a list, or of the rows of a query. NULLs among them are ignored.
    pub fn is_in<L: ListOf<T::Base, M>>(&self, list: L) -> Q<M> {
        Q::from_untyped(list.members().hold(self.expr.clone()))
    }

    /// It is none of a list, nor of the rows of a query: `!is_in`.
    pub fn not_in<L: ListOf<T::Base, M>>(&self, list: L) -> Q<M> {
        !Q::from_untyped(list.members().hold(self.expr.clone()))
    }

    /// It is NULL.
    pub fn is_null(&self) -> Q<M>
    where
        T: CanBeNull,
    {
        Q::from_untyped(Cond::is_null(self.expr.clone()))
    }

    /// It is not NULL.
    pub fn is_not_null(&self) -> Q<M>
    where
        T: CanBeNull,
    {
        !Q::from_untyped(Cond::is_null(self.expr.clone()))
    }

    /// It holds the text.
    pub fn contains<V: Operand<String, M>>(&self, v: V) -> Q<M>
    where
        T::Base: Text,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::Contains, self.expr.clone(), v.operand()))
    }

    /// It holds the text, whatever the case.
    pub fn icontains<V: Operand<String, M>>(&self, v: V) -> Q<M>
    where
        T::Base: Text,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::IContains, self.expr.clone(), v.operand()))
    }

    /// It starts with the text.
    pub fn startswith<V: Operand<String, M>>(&self, v: V) -> Q<M>
    where
        T::Base: Text,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::StartsWith, self.expr.clone(), v.operand()))
    }

    /// It starts with the text, whatever the case.
    pub fn istartswith<V: Operand<String, M>>(&self, v: V) -> Q<M>
    where
        T::Base: Text,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::IStartsWith, self.expr.clone(), v.operand()))
    }

    /// It ends with the text.
    pub fn endswith<V: Operand<String, M>>(&self, v: V) -> Q<M>
    where
        T::Base: Text,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::EndsWith, self.expr.clone(), v.operand()))
    }

    /// It ends with the text, whatever the case.
    pub fn iendswith<V: Operand<String, M>>(&self, v: V) -> Q<M>
    where
        T::Base: Text,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::IEndsWith, self.expr.clone(), v.operand()))
    }

    /// It equals the text, whatever the case.
    pub fn ieq<V: Operand<String, M>>(&self, v: V) -> Q<M>
    where
        T::Base: Text,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::IEq, self.expr.clone(), v.operand()))
    }

    /// The text in lower case.
    pub fn lower(&self) -> Expr<M, T::Lift<String>>
    where
        T::Base: Text,
    {
        Expr::from_expr(ast::Expr::func(Func::Lower, vec![self.expr.clone()]))
    }

    /// The text in upper case.
    pub fn upper(&self) -> Expr<M, T::Lift<String>>
    where
        T::Base: Text,
    {
        Expr::from_expr(ast::Expr::func(Func::Upper, vec![self.expr.clone()]))
    }

    /// The text without blanks at both ends.
    pub fn trim(&self) -> Expr<M, T::Lift<String>>
    where
        T::Base: Text,
    {
        Expr::from_expr(ast::Expr::func(Func::Trim, vec![self.expr.clone()]))
    }

    /// How many characters it has.
    pub fn length(&self) -> Expr<M, T::Lift<i64>>
    where
        T::Base: Text,
    {
        Expr::from_expr(ast::Expr::func(Func::Length, vec![self.expr.clone()]))
    }

    /// The text with another behind it; NULL if one is NULL.
    pub fn concat<V: Operand<String, M>>(&self, v: V) -> Expr<M, T::Lift<<V::Nulls as Nullness>::Of<String>>>
    where
        T::Base: Text,
    {
        Expr::from_expr(ast::Expr::func(Func::Concat, vec![self.expr.clone(), v.operand()]))
    }

    /// The year.
    pub fn year(&self) -> Expr<M, T::Lift<i64>>
    where
        T::Base: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Year), vec![self.expr.clone()]))
    }

    /// The quarter, 1 to 4.
    pub fn quarter(&self) -> Expr<M, T::Lift<i64>>
    where
        T::Base: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Quarter), vec![self.expr.clone()]))
    }

    /// The month, 1 to 12.
    pub fn month(&self) -> Expr<M, T::Lift<i64>>
    where
        T::Base: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Month), vec![self.expr.clone()]))
    }

    /// The week of ISO 8601, 1 to 53.
    pub fn week(&self) -> Expr<M, T::Lift<i64>>
    where
        T::Base: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Week), vec![self.expr.clone()]))
    }

    /// The day of the month, 1 to 31.
    pub fn day(&self) -> Expr<M, T::Lift<i64>>
    where
        T::Base: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Day), vec![self.expr.clone()]))
    }

    /// The day of the week of ISO 8601, 1 (Monday) to 7 (Sunday).
    pub fn weekday(&self) -> Expr<M, T::Lift<i64>>
    where
        T::Base: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Weekday), vec![self.expr.clone()]))
    }

    /// The day of the year, 1 to 366.
    pub fn year_day(&self) -> Expr<M, T::Lift<i64>>
    where
        T::Base: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::YearDay), vec![self.expr.clone()]))
    }

    /// The hour, 0 to 23.
    pub fn hour(&self) -> Expr<M, T::Lift<i64>>
    where
        T::Base: HasTime,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Hour), vec![self.expr.clone()]))
    }

    /// The minute, 0 to 59.
    pub fn minute(&self) -> Expr<M, T::Lift<i64>>
    where
        T::Base: HasTime,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Minute), vec![self.expr.clone()]))
    }

    /// The second, 0 to 59.
    pub fn second(&self) -> Expr<M, T::Lift<i64>>
    where
        T::Base: HasTime,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Second), vec![self.expr.clone()]))
    }

    /// The day of a date and time.
    pub fn date(&self) -> Expr<M, T::Lift<<T::Base as HasDate>::Day>>
    where
        T::Base: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::ToDate, vec![self.expr.clone()]))
    }

    /// The date or time, cut off below a part: `truncate(Part::Month)` is the first moment of its month.
    pub fn truncate(&self, to: Part) -> Expr<M, T>
    where
        T::Base: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Truncate(to), vec![self.expr.clone()]))
    }

    /// The absolute value.
    pub fn abs(&self) -> Expr<M, T>
    where
        T::Base: Numeric,
    {
        Expr::from_expr(ast::Expr::func(Func::Abs, vec![self.expr.clone()]))
    }

    /// Rounded to whole numbers, half away from zero.
    pub fn round(&self) -> Expr<M, T>
    where
        T::Base: Numeric,
    {
        Expr::from_expr(ast::Expr::func(Func::Round, vec![self.expr.clone()]))
    }

    /// The value, or where it is NULL what is given here.
    pub fn coalesce<V: Operand<T::Base, M>>(&self, v: V) -> Expr<M, <V::Nulls as Nullness>::Of<T::Base>>
    where
        T: CanBeNull,
    {
        Expr::from_expr(ast::Expr::func(Func::Coalesce, vec![self.expr.clone(), v.operand()]))
    }

    /// The value, or NULL where it equals what is given here.
    pub fn nullif<V: Operand<T::Base, M>>(&self, v: V) -> Expr<M, T::Nullable> {
        Expr::from_expr(ast::Expr::func(Func::NullIf, vec![self.expr.clone(), v.operand()]))
    }

    /// The greater of this and another; NULL if one is NULL.
    pub fn greatest<V: Operand<T::Base, M>>(&self, v: V) -> Expr<M, T::Lift<<V::Nulls as Nullness>::Of<T::Base>>>
    where
        T::Base: Ordered,
    {
        Expr::from_expr(ast::Expr::func(Func::Greatest, vec![self.expr.clone(), v.operand()]))
    }

    /// The lesser of this and another; NULL if one is NULL.
    pub fn least<V: Operand<T::Base, M>>(&self, v: V) -> Expr<M, T::Lift<<V::Nulls as Nullness>::Of<T::Base>>>
    where
        T::Base: Ordered,
    {
        Expr::from_expr(ast::Expr::func(Func::Least, vec![self.expr.clone(), v.operand()]))
    }

    /// Least first.
    pub fn asc(&self) -> Order<M> {
        Order::new(self.expr.clone(), Direction::Asc)
    }

    /// Greatest first.
    pub fn desc(&self) -> Order<M> {
        Order::new(self.expr.clone(), Direction::Desc)
    }

    /// How many of the query's rows have it (are not NULL).
    pub fn count(&self) -> Aggregate<M, i64> {
        Aggregate::from_expr(ast::Expr::aggregate(ast::Aggregate::Count, Some(self.expr.clone()), false, None))
    }

    /// How many different values it has in the rows.
    pub fn count_distinct(&self) -> Aggregate<M, i64> {
        Aggregate::from_expr(ast::Expr::aggregate(ast::Aggregate::Count, Some(self.expr.clone()), true, None))
    }

    /// The sum of the query's rows; NULL of none.
    pub fn sum(&self) -> Aggregate<M, <T::Base as Numeric>::Sum>
    where
        T::Base: Numeric,
    {
        Aggregate::from_expr(ast::Expr::aggregate(ast::Aggregate::Sum, Some(self.expr.clone()), false, None))
    }

    /// The average of the query's rows; NULL of none.
    pub fn avg(&self) -> Aggregate<M, <T::Base as Numeric>::Avg>
    where
        T::Base: Numeric,
    {
        Aggregate::from_expr(ast::Expr::aggregate(ast::Aggregate::Avg, Some(self.expr.clone()), false, None))
    }

    /// The least of the query's rows; NULL of none.
    pub fn min(&self) -> Aggregate<M, T::Nullable>
    where
        T::Base: Ordered,
    {
        Aggregate::from_expr(ast::Expr::aggregate(ast::Aggregate::Min, Some(self.expr.clone()), false, None))
    }

    /// The greatest of the query's rows; NULL of none.
    pub fn max(&self) -> Aggregate<M, T::Nullable>
    where
        T::Base: Ordered,
    {
        Aggregate::from_expr(ast::Expr::aggregate(ast::Aggregate::Max, Some(self.expr.clone()), false, None))
    }
}

/// The time of the transaction or statement, as the database has it.
#[cfg(feature = "chrono")]
pub fn now<M>() -> Expr<M, chrono::DateTime<chrono::Utc>> {
    Expr::from_expr(ast::Expr::func(Func::Now, Vec::new()))
}
