//! The trait by which a user's own type becomes a column type.

use super::SqlType;
use crate::error::Result;

/// A type of yours, stored as one that the library knows.
///
/// `#[derive(Value)]` with `#[orm(custom)]` writes the rest for a type that implements it. A newtype needs only
/// `#[derive(Value)]`, an enum only `#[derive(Choices)]`.
///
/// ```
/// # orm_blog::example! {
/// #[derive(Value, Debug, Clone, PartialEq)]
/// #[orm(custom)]
/// struct Rgb(u8, u8, u8);
///
/// impl Custom for Rgb {
///     type Stored = String;
///     fn to_stored(&self) -> String {
///         format!("{:02x}{:02x}{:02x}", self.0, self.1, self.2)
///     }
///     fn from_stored(text: String) -> orm::Result<Self> {
///         let part = |at: usize| text.get(at..at + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
///         match (part(0), part(2), part(4)) {
///             (Some(r), Some(g), Some(b)) => Ok(Rgb(r, g, b)),
///             _ => Err(Error::decode(format!("`{text}` is not a colour"))),
///         }
///     }
/// }
/// use orm::value::{SqlType, Value};
/// assert_eq!(Rgb(255, 0, 16).encode(), Value::Text("ff0010".into()));
/// # }
/// ```
pub trait Custom: Sized + Send + Sync + 'static {
    /// What the column holds.
    type Stored: SqlType<Base = Self::Stored, Nullable = Option<Self::Stored>>;
    /// The value to store.
    ///
    /// ```
    /// # orm_blog::example! {
    /// #[derive(Value, Debug, Clone, PartialEq)]
    /// #[orm(custom)]
    /// struct Celsius(f64);
    ///
    /// impl Custom for Celsius {
    ///     type Stored = i64;
    ///     fn to_stored(&self) -> i64 {
    ///         (self.0 * 10.0).round() as i64
    ///     }
    ///     fn from_stored(tenths: i64) -> orm::Result<Self> {
    ///         Ok(Celsius(tenths as f64 / 10.0))
    ///     }
    /// }
    /// assert_eq!(Celsius(36.6).to_stored(), 366);
    /// # }
    /// ```
    fn to_stored(&self) -> Self::Stored;
    /// Reads a stored value.
    ///
    /// ```
    /// # orm_blog::example! {
    /// #[derive(Value, Debug, Clone, PartialEq)]
    /// #[orm(custom)]
    /// struct Even(i64);
    ///
    /// impl Custom for Even {
    ///     type Stored = i64;
    ///     fn to_stored(&self) -> i64 {
    ///         self.0
    ///     }
    ///     fn from_stored(number: i64) -> orm::Result<Self> {
    ///         if number % 2 == 0 { Ok(Even(number)) } else { Err(Error::decode(format!("{number} is not even"))) }
    ///     }
    /// }
    /// assert_eq!(Even::from_stored(7).unwrap_err().kind(), ErrorKind::Decode);
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::decode`](crate::Error::decode) if the stored value means nothing to this type.
    fn from_stored(stored: Self::Stored) -> Result<Self>;
}
