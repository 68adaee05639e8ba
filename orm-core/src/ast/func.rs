//! Functions that exist on every database, whatever they are spelt there.

/// A part of a date or time.
///
/// ```
/// # orm_blog::example! {
/// use orm::query::Part;
/// let by_month = Book::objects().group_by(Book.published.truncate(Part::Month)).annotate(count_rows());
/// assert_eq!(
///     by_month.sql("mysql")?,
///     "SELECT CAST(DATE_FORMAT(`books`.`published`, '%Y-%m-01') AS DATE), COUNT(*) FROM `books` GROUP BY 1"
/// );
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// The year.
    Year,
    /// 1 to 4.
    Quarter,
    /// 1 to 12.
    Month,
    /// 1 to 53, ISO 8601.
    Week,
    /// 1 to 31.
    Day,
    /// 1 (Monday) to 7 (Sunday), ISO 8601.
    Weekday,
    /// 1 to 366.
    YearDay,
    /// 0 to 23.
    Hour,
    /// 0 to 59.
    Minute,
    /// 0 to 59.
    Second,
}

/// A scalar function. Adding one: a variant here, its kind in `kind_of`, a spelling in each dialect, a typed constructor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Func {
    /// Lower case (Unicode).
    Lower,
    /// Upper case (Unicode).
    Upper,
    /// Number of characters.
    Length,
    /// Text without blanks at both ends.
    Trim,
    /// Texts joined; NULL if one is NULL.
    Concat,
    /// The first argument that is not NULL.
    Coalesce,
    /// NULL if both arguments are equal, else the first.
    NullIf,
    /// Absolute value.
    Abs,
    /// Rounded to whole numbers, half away from zero.
    Round,
    /// The greater of two.
    Greatest,
    /// The lesser of two.
    Least,
    /// A part of a date or time.
    Part(Part),
    /// The day of a date and time.
    ToDate,
    /// A date or time cut off below a part (year, quarter, month, week, day, hour, minute, second).
    Truncate(Part),
    /// The time of the transaction or statement.
    Now,
    /// A random number, for ordering.
    Random,
}
