//! What kinds of columns there are: text, numbers, what has an order, what may be NULL. Only types; no lookups.

use crate::model::{At, Id};
use crate::value::SqlType;

/// Text: what text lookups apply to.
///
/// ```
/// # orm_blog::example! { db =>
/// fn mentions<T: orm::value::SqlType<Base: orm::query::Text>>(text: Expr<Book, T>) -> Q<Book> {
///     text.icontains("rust")
/// }
/// let query = Book::objects().filter(mentions(Book.title.expr()) | mentions(Book.subtitle.expr()));
/// assert_eq!(query.count(&db).await?, 1);
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not text, so text lookups (`contains`, `icontains`, `startswith`...) do not apply",
    label = "not text"
)]
pub trait Text {}
impl Text for String {}

/// A number or a span of time: what can be summed and averaged.
///
/// ```
/// # orm_blog::example! { db =>
/// // Integers have an average that is a float, decimals one that is a decimal.
/// let (visits, price): (Option<f64>, Option<Decimal>) = (
///     Author::objects().aggregate(&db, Author.visits.avg()).await?,
///     Book::objects().aggregate(&db, Book.price.avg()).await?,
/// );
/// assert_eq!((visits, price.map(|price| price.round_dp(2))), (Some(0.0), Some(dec!(24.80))));
/// # }
/// ```
#[diagnostic::on_unimplemented(message = "`{Self}` cannot be summed or averaged", label = "not a number")]
pub trait Numeric: SqlType<Base = Self, Nullable = Option<Self>> {
    /// The type of its sum.
    type Sum: SqlType;
    /// The type of its average.
    type Avg: SqlType;
}

/// What can be compared by `gt`, `lt` and the like.
///
/// ```
/// # orm_blog::example! { db =>
/// let query = Book::objects().filter(Book.title.gt("Q") & Book.published.lt(day("2022-01-01")));
/// assert_eq!(query.get(&db).await?.title, "Rust by Night");
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no order, so `gt`, `lt`, `range`, `min` and `max` do not apply",
    label = "has no order"
)]
pub trait Ordered {}

/// A date, or a date and time.
///
/// ```
/// # orm_blog::example! { db =>
/// fn recent<T: orm::value::SqlType<Base: orm::query::HasDate>>(time: Expr<Author, T>) -> Q<Author> {
///     time.year().ge(2024)
/// }
/// assert_eq!(Author::objects().filter(recent(Author.created_at.expr())).count(&db).await?, 3);
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no date in it, so `year`, `month`, `day`... do not apply",
    label = "not a date"
)]
pub trait HasDate: SqlType {
    /// The type of its day.
    type Day: SqlType<Base = Self::Day, Nullable = Option<Self::Day>>;
}

/// A time of day, or a date and time.
///
/// ```
/// # orm_blog::example! {
/// let query = Author::objects().order_by(Author.created_at.hour().asc());
/// assert!(query.sql("mysql")?.ends_with("ORDER BY HOUR(`authors`.`created_at`) ASC"));
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no time of day in it, so `hour`, `minute` and `second` do not apply",
    label = "not a time"
)]
pub trait HasTime {}

/// What may be NULL: an `Option`.
///
/// ```
/// # orm_blog::example! { db =>
/// // `Book.author` is never NULL, `Book.editor` may be; so may all that is behind it.
/// let query = Book::objects().filter(Book.editor.is_null() & Book.editor.name.is_null());
/// assert_eq!(query.count(&db).await?, 2);
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "this column is never NULL",
    label = "`{Self}` is never NULL",
    note = "`is_null` and `coalesce` need a nullable column, or a path through a nullable relation"
)]
pub trait CanBeNull {}
impl<T> CanBeNull for Option<T> {}

/// The path of no steps: only a row's own columns can be set.
#[diagnostic::on_unimplemented(
    message = "only a column of the row itself can be set",
    label = "this column is in another table",
    note = "update that model instead: `Author::objects().filter(..).update(..)`"
)]
pub trait IsRoot {}
impl<M> IsRoot for At<M> {}

macro_rules! numbers {
    ($($t:ty, $sum:ty, $avg:ty;)*) => { $( impl Numeric for $t { type Sum = Option<$sum>; type Avg = Option<$avg>; } )* };
}
macro_rules! ordered {
    ($($t:ty),*) => { $( impl Ordered for $t {} )* };
}
#[cfg(any(feature = "chrono", feature = "time"))]
macro_rules! dates {
    ($($t:ty, $day:ty;)*) => { $( impl HasDate for $t { type Day = $day; } )* };
}
#[cfg(any(feature = "chrono", feature = "time"))]
macro_rules! times {
    ($($t:ty),*) => { $( impl HasTime for $t {} )* };
}

numbers! { i64, i64, f64; i32, i64, f64; i16, i64, f64; f64, f64, f64; }
ordered!(i64, i32, i16, f64, String);
impl<M> Ordered for Id<M> {}

#[cfg(feature = "rust_decimal")]
mod decimal {
    use super::{Numeric, Ordered};
    use rust_decimal::Decimal;
    numbers! { Decimal, Decimal, Decimal; }
    ordered!(Decimal);
}
#[cfg(feature = "uuid")]
ordered!(uuid::Uuid);
#[cfg(feature = "chrono")]
mod chrono_types {
    use super::{HasDate, HasTime, Numeric, Ordered};
    use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
    numbers! { TimeDelta, TimeDelta, TimeDelta; }
    ordered!(NaiveDate, NaiveTime, NaiveDateTime, DateTime<Utc>, TimeDelta);
    dates! { NaiveDate, NaiveDate; NaiveDateTime, NaiveDate; DateTime<Utc>, NaiveDate; }
    times!(NaiveTime, NaiveDateTime, DateTime<Utc>);
}
#[cfg(feature = "time")]
mod time_types {
    use super::{HasDate, HasTime, Numeric, Ordered};
    use time::{Date, Duration, OffsetDateTime, PrimitiveDateTime, Time};
    numbers! { Duration, Duration, Duration; }
    ordered!(Date, Time, PrimitiveDateTime, OffsetDateTime, Duration);
    dates! { Date, Date; PrimitiveDateTime, Date; OffsetDateTime, Date; }
    times!(Time, PrimitiveDateTime, OffsetDateTime);
}
