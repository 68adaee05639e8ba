//! Values between Rust and a database: a closed enum, the kinds of columns, and the cells that a driver hands out.
//! Knows no database and no crate for dates or decimals; those convert at the edge, in the files beside this one.

mod calendar;
mod choice;
#[cfg(feature = "chrono")]
mod chrono_types;
mod compact;
mod convert;
mod custom;
#[cfg(feature = "rust_decimal")]
mod decimal_types;
#[cfg(feature = "json")]
mod json_types;
mod number;
#[cfg(feature = "time")]
mod time_types;
#[cfg(feature = "uuid")]
mod uuid_types;

pub use calendar::{Date, DateTime, Time};
pub use choice::{Choice, ChoiceValue, Choices, not_a_choice};
pub use compact::CompactText;
pub use convert::{Never, Nullness, Perhaps, SqlType};
pub use custom::Custom;
#[cfg(feature = "json")]
pub use json_types::Json;
pub use number::Number;

/// What a column holds, on every database; backends map it to their own type.
///
/// ```
/// # orm_blog::example! {
/// use orm::value::Kind;
/// let price = Book::META.field("price").expect("books have a price");
/// assert_eq!(price.kind, Kind::Decimal { digits: 5, places: 2 });
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `bool`
    Bool,
    /// `i16`
    Int16,
    /// `i32`
    Int32,
    /// `i64`
    Int64,
    /// `f64`
    Float64,
    /// An exact decimal number of at most `digits` digits, `places` of them after the point.
    Decimal {
        /// All digits, before and after the point.
        digits: u8,
        /// Digits after the point.
        places: u8,
    },
    /// Text; `max` counts characters (Unicode scalar values).
    Text {
        /// The greatest number of characters, if limited.
        max: Option<u32>,
    },
    /// Bytes.
    Bytes,
    /// A calendar day.
    Date,
    /// A time of day, to the microsecond.
    Time,
    /// Day and time without a zone, to the microsecond.
    DateTime,
    /// An instant (UTC), to the microsecond.
    Timestamp,
    /// A span of time in microseconds.
    Duration,
    /// A UUID.
    Uuid,
    /// A JSON document.
    Json,
}

impl Kind {
    /// Any text.
    pub const TEXT: Kind = Kind::Text { max: None };

    /// The name that errors use.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::value::Kind;
    /// assert_eq!(Kind::Timestamp.name(), "timestamp");
    /// # }
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            Kind::Bool => "boolean",
            Kind::Int16 => "16-bit integer",
            Kind::Int32 => "32-bit integer",
            Kind::Int64 => "64-bit integer",
            Kind::Float64 => "float",
            Kind::Decimal { .. } => "decimal",
            Kind::Text { .. } => "text",
            Kind::Bytes => "bytes",
            Kind::Date => "date",
            Kind::Time => "time",
            Kind::DateTime => "date and time",
            Kind::Timestamp => "timestamp",
            Kind::Duration => "duration",
            Kind::Uuid => "UUID",
            Kind::Json => "JSON",
        }
    }

    /// Digits after the point: of a decimal its places, of an integer none, of others nothing.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::value::Kind;
    /// assert_eq!(Kind::Decimal { digits: 5, places: 2 }.places(), Some(2));
    /// assert_eq!((Kind::Int64.places(), Kind::Float64.places()), (Some(0), None));
    /// # }
    /// ```
    pub fn places(self) -> Option<u8> {
        match self {
            Kind::Decimal { places, .. } => Some(places),
            Kind::Int16 | Kind::Int32 | Kind::Int64 => Some(0),
            _ => None,
        }
    }
}

/// A value on its way to the database.
///
/// ```
/// # orm_blog::example! {
/// use orm::value::{SqlType, Value};
/// assert_eq!(7_i64.encode(), Value::Int(7));
/// assert_eq!(Some("x".to_owned()).encode(), Value::Text("x".into()));
/// assert_eq!(None::<i64>.encode(), Value::Null);
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// NULL, of whatever type the column has.
    Null,
    /// A truth value.
    Bool(bool),
    /// Any integer.
    Int(i64),
    /// A float; NaN and infinities are refused before sending.
    Float(f64),
    /// An exact decimal number.
    Decimal(Number),
    /// Text.
    Text(CompactText),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A calendar day.
    Date(Date),
    /// A time of day.
    Time(Time),
    /// A day and time; for [`Kind::Timestamp`] in UTC.
    DateTime(DateTime),
    /// Microseconds.
    Duration(i64),
    /// A UUID, in network order.
    Uuid([u8; 16]),
    /// A JSON document as text.
    Json(CompactText),
    /// Several values of one kind, for `IN`.
    List(Vec<Value>),
}

impl Value {
    /// Whether this is NULL.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::value::Value;
    /// assert!(Value::Null.is_null() && !Value::Int(0).is_null());
    /// # }
    /// ```
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }
}

/// A value on its way from the database: one cell of the current row, borrowed from the driver.
///
/// ```
/// # orm_blog::example! {
/// use orm::value::{Cell, SqlType};
/// assert_eq!(String::decode(Cell::Text("Dune"))?, "Dune");
/// assert_eq!(i64::decode(Cell::Text("Dune")).unwrap_err().kind(), ErrorKind::Decode);
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// NULL.
    Null,
    /// A truth value.
    Bool(bool),
    /// Any integer.
    Int(i64),
    /// A float.
    Float(f64),
    /// An exact decimal number.
    Decimal(Number),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// A calendar day.
    Date(Date),
    /// A time of day.
    Time(Time),
    /// A day and time.
    DateTime(DateTime),
    /// Microseconds.
    Duration(i64),
    /// A UUID.
    Uuid([u8; 16]),
    /// A JSON document as text.
    Json(&'a str),
}

impl Cell<'_> {
    /// The owned value.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::value::{Cell, Value};
    /// assert_eq!(Cell::Text("Dune").to_value(), Value::Text("Dune".into()));
    /// # }
    /// ```
    pub fn to_value(self) -> Value {
        match self {
            Cell::Null => Value::Null,
            Cell::Bool(v) => Value::Bool(v),
            Cell::Int(v) => Value::Int(v),
            Cell::Float(v) => Value::Float(v),
            Cell::Decimal(v) => Value::Decimal(v),
            Cell::Text(v) => Value::Text(v.into()),
            Cell::Bytes(v) => Value::Bytes(v.to_owned()),
            Cell::Date(v) => Value::Date(v),
            Cell::Time(v) => Value::Time(v),
            Cell::DateTime(v) => Value::DateTime(v),
            Cell::Duration(v) => Value::Duration(v),
            Cell::Uuid(v) => Value::Uuid(v),
            Cell::Json(v) => Value::Json(v.into()),
        }
    }
}

/// The current row of a running statement, as a driver sees it.
///
/// Cells are read by ordinal, from the left; `kind` says what the column of the query holds, so that a driver whose
/// database has fewer types (dates stored as text, decimals as scaled integers) knows what to make of the bytes.
///
/// ```
/// # orm_blog::example! {
/// use orm::value::{Cell, Cursor, Kind, Row};
///
/// /// A row that is already in memory.
/// struct Line<'a>(&'a [&'a str]);
///
/// impl Cursor for Line<'_> {
///     fn cell(&mut self, index: usize, _: Kind) -> orm::Result<Cell<'_>> {
///         Ok(self.0.get(index).map_or(Cell::Null, |text| Cell::Text(text)))
///     }
///     fn width(&self) -> usize {
///         self.0.len()
///     }
/// }
/// let mut line = Line(&["Dune", "Herbert"]);
/// let mut row = Row::new(&mut line, &[Kind::TEXT, Kind::TEXT]);
/// assert_eq!((row.get::<String>()?, row.get::<String>()?), ("Dune".to_owned(), "Herbert".to_owned()));
/// # }
/// ```
pub trait Cursor {
    /// The cell at `index`, as the given kind.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if what is stored is not of that kind.
    fn cell(&mut self, index: usize, kind: Kind) -> crate::Result<Cell<'_>>;
    /// How many cells the row has.
    fn width(&self) -> usize;
}

/// Up to eight columns at once: one branch for an error instead of eight, which makes a model cheaper to compile.
#[doc(hidden)]
pub trait Cells: Sized {
    /// Decodes them.
    ///
    /// # Errors
    /// As [`Row::get`].
    fn read(row: &mut Row<'_>) -> crate::Result<Self>;
}
macro_rules! cells {
    ($($t:ident)*) => {
        #[diagnostic::do_not_recommend]
        impl<$($t: SqlType),*> Cells for ($($t,)*) {
            #[inline]
            fn read(row: &mut Row<'_>) -> crate::Result<Self> {
                Ok(($(row.get::<$t>()?,)*))
            }
        }
    };
}
cells!(A);
cells!(A B);
cells!(A B C);
cells!(A B C D);
cells!(A B C D E);
cells!(A B C D E F);
cells!(A B C D E F G);
cells!(A B C D E F G H);

/// A row being decoded: a [`Cursor`] with the kinds of its columns and a position.
pub struct Row<'a> {
    cursor: &'a mut dyn Cursor,
    kinds: &'a [Kind],
    at: usize,
}

impl<'a> Row<'a> {
    /// A row at its first column.
    pub fn new(cursor: &'a mut dyn Cursor, kinds: &'a [Kind]) -> Self {
        Row { cursor, kinds, at: 0 }
    }

    /// Decodes the next column.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the column does not hold a `T`.
    #[inline]
    pub fn get<T: SqlType>(&mut self) -> crate::Result<T> {
        let at = self.at;
        self.at += 1;
        let kind = self.kinds.get(at).copied().unwrap_or(T::KIND);
        T::decode(self.cursor.cell(at, kind)?)
    }

    /// Decodes the next columns.
    ///
    /// # Errors
    /// As [`Row::get`].
    #[doc(hidden)]
    #[inline]
    pub fn cells<C: Cells>(&mut self) -> crate::Result<C> {
        C::read(self)
    }

    /// Reads the next column as an owned value.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the column is not of its kind.
    pub fn value(&mut self) -> crate::Result<Value> {
        let at = self.at;
        self.at += 1;
        let kind = self.kinds.get(at).copied().unwrap_or(Kind::TEXT);
        Ok(self.cursor.cell(at, kind)?.to_value())
    }

    /// Whether the column `ahead` of the next one is NULL, without moving.
    ///
    /// # Errors
    /// As [`Row::value`].
    pub fn is_null(&mut self, ahead: usize) -> crate::Result<bool> {
        let at = self.at + ahead;
        let kind = self.kinds.get(at).copied().unwrap_or(Kind::TEXT);
        Ok(self.cursor.cell(at, kind)? == Cell::Null)
    }

    /// Moves past columns.
    pub fn skip(&mut self, columns: usize) {
        self.at += columns;
    }

    /// The ordinal of the next column.
    pub fn position(&self) -> usize {
        self.at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_small() {
        assert_eq!(size_of::<Value>(), 32);
    }
}
