//! The trait by which a user's own type becomes a column type.

use super::SqlType;
use crate::error::Result;

/// A type of yours, stored as one that the library knows.
///
/// `#[derive(Value)]` with `#[orm(custom)]` writes the rest for a type that implements it. A newtype needs only
/// `#[derive(Value)]`, an enum only `#[derive(Choices)]`.
pub trait Custom: Sized + Send + Sync + 'static {
    /// What the column holds.
    type Stored: SqlType<Base = Self::Stored, Nullable = Option<Self::Stored>>;
    /// The value to store.
    fn to_stored(&self) -> Self::Stored;
    /// Reads a stored value.
    ///
    /// # Errors
    /// [`Error::decode`](crate::Error::decode) if the stored value means nothing to this type.
    fn from_stored(stored: Self::Stored) -> Result<Self>;
}
