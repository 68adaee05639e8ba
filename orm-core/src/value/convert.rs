//! Rust types as column types: what each is stored as, and how it is read back.

use super::{Cell, Choice, Kind, Value};
use crate::error::{Error, Result};

/// A type whose values are never NULL.
pub struct Never;
/// A type whose values may be NULL.
pub struct Perhaps;

/// Whether a value may be NULL, in the types: [`Never`] or [`Perhaps`].
pub trait Nullness: 'static {
    /// `T` itself, or its `Option`.
    type Of<T: SqlType>: SqlType<Base = T::Base>;
    /// Whether NULL may occur.
    const NULL: bool;
}
impl Nullness for Never {
    type Of<T: SqlType> = T;
    const NULL: bool = false;
}
impl Nullness for Perhaps {
    type Of<T: SqlType> = T::Nullable;
    const NULL: bool = true;
}

/// A Rust type that a column can hold.
///
/// ```
/// # orm_blog::example! {
/// use orm::value::{Kind, SqlType};
/// assert_eq!((i64::KIND, Option::<i64>::KIND), (Kind::Int64, Kind::Int64));
/// assert_eq!(Status::KIND, Kind::Text { max: Some(9) });
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a type that a column can hold",
    label = "no column holds this",
    note = "derive `Choices` on an enum or `Value` on a newtype, or turn on the feature of the crate it comes from (`uuid`, `rust_decimal`, `time`, `json`)"
)]
pub trait SqlType: Sized + Send + Sync + 'static {
    /// [`Perhaps`] for an `Option`, else [`Never`].
    type Nulls: Nullness;
    /// The type without `Option`.
    type Base: SqlType<Base = Self::Base>;
    /// The type as an `Option`.
    type Nullable: SqlType<Base = Self::Base>;
    /// `X`, made nullable if this is.
    type Lift<X: SqlType>: SqlType<Base = X::Base>;
    /// What a column of this type holds, unless the field says more (`max_length`, `max_digits`).
    const KIND: Kind;
    /// The only values it has, for an enum of choices.
    const CHOICES: Option<&'static [Choice]> = None;
    /// Reads a cell.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::value::{Cell, SqlType};
    /// assert_eq!(Option::<i64>::decode(Cell::Null)?, None);
    /// assert!(i64::decode(Cell::Null).is_err());
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the cell holds something else.
    fn decode(cell: Cell<'_>) -> Result<Self>;
    /// The value to bind.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::value::{SqlType, Value};
    /// assert_eq!(Status::Published.encode(), Value::Text("published".into()));
    /// # }
    /// ```
    fn encode(&self) -> Value;
    /// The value to bind, of something that is not needed any more.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::value::{SqlType, Value};
    /// assert_eq!("Dune".to_owned().into_value(), Value::Text("Dune".into()));
    /// # }
    /// ```
    #[inline]
    fn into_value(self) -> Value {
        self.encode()
    }
}

impl<T: SqlType<Base = T, Nullable = Option<T>>> SqlType for Option<T> {
    type Nulls = Perhaps;
    type Base = T;
    type Nullable = Option<T>;
    type Lift<X: SqlType> = X::Nullable;
    const KIND: Kind = T::KIND;
    const CHOICES: Option<&'static [Choice]> = T::CHOICES;
    #[inline]
    fn decode(cell: Cell<'_>) -> Result<Self> {
        match cell {
            Cell::Null => Ok(None),
            cell => T::decode(cell).map(Some),
        }
    }
    #[inline]
    fn encode(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::encode)
    }
    #[inline]
    fn into_value(self) -> Value {
        self.map_or(Value::Null, T::into_value)
    }
}

/// The error of a cell that does not fit its Rust type.
pub fn mismatch<T>(cell: Cell<'_>) -> Error {
    let found = match cell {
        Cell::Null => "NULL",
        Cell::Bool(_) => "a boolean",
        Cell::Int(_) => "an integer out of range",
        Cell::Float(_) => "a float",
        Cell::Decimal(_) => "a decimal",
        Cell::Text(_) => "text",
        Cell::Bytes(_) => "bytes",
        Cell::Date(_) => "a date",
        Cell::Time(_) => "a time",
        Cell::DateTime(_) => "a date and time",
        Cell::Duration(_) => "a duration",
        Cell::Uuid(_) => "a UUID",
        Cell::Json(_) => "JSON",
    };
    Error::decode(format!("the database gave {found} where a `{}` was expected", std::any::type_name::<T>()))
}

/// Implements [`SqlType`] for a type that is not an `Option`.
#[doc(hidden)]
#[macro_export]
macro_rules! __sql_type {
    ($t:ty, $kind:expr, |$cell:ident| $decode:expr, |$this:ident| $encode:expr $(, into |$own:ident| $into:expr)?) => {
        #[diagnostic::do_not_recommend]
        impl $crate::value::SqlType for $t {
            type Nulls = $crate::value::Never;
            type Base = $t;
            type Nullable = Option<$t>;
            type Lift<X: $crate::value::SqlType> = X;
            const KIND: $crate::value::Kind = $kind;
            #[inline]
            fn decode($cell: $crate::value::Cell<'_>) -> $crate::Result<Self> {
                $decode
            }
            #[inline]
            fn encode(&self) -> $crate::value::Value {
                let $this = self;
                $encode
            }
            $(#[inline]
            fn into_value(self) -> $crate::value::Value {
                let $own = self;
                $into
            })?
        }
    };
}

__sql_type!(
    bool,
    Kind::Bool,
    |cell| match cell {
        Cell::Bool(v) => Ok(v),
        Cell::Int(v @ (0 | 1)) => Ok(v == 1),
        other => Err(mismatch::<bool>(other)),
    },
    |v| Value::Bool(*v)
);
__sql_type!(
    i64,
    Kind::Int64,
    |cell| match cell {
        Cell::Int(v) => Ok(v),
        Cell::Decimal(n) => n.at_scale(0).and_then(|v| i64::try_from(v).ok()).ok_or_else(|| mismatch::<i64>(cell)),
        other => Err(mismatch::<i64>(other)),
    },
    |v| Value::Int(*v)
);
__sql_type!(
    i32,
    Kind::Int32,
    |cell| match cell {
        Cell::Int(v) => i32::try_from(v).map_err(|_| mismatch::<i32>(cell)),
        other => Err(mismatch::<i32>(other)),
    },
    |v| Value::Int(i64::from(*v))
);
__sql_type!(
    i16,
    Kind::Int16,
    |cell| match cell {
        Cell::Int(v) => i16::try_from(v).map_err(|_| mismatch::<i16>(cell)),
        other => Err(mismatch::<i16>(other)),
    },
    |v| Value::Int(i64::from(*v))
);
__sql_type!(
    f64,
    Kind::Float64,
    |cell| match cell {
        Cell::Float(v) => Ok(v),
        #[allow(clippy::cast_precision_loss)]
        Cell::Int(v) => Ok(v as f64),
        Cell::Decimal(n) => Ok(n.to_f64()),
        other => Err(mismatch::<f64>(other)),
    },
    |v| Value::Float(*v)
);
__sql_type!(
    String,
    Kind::TEXT,
    |cell| match cell {
        Cell::Text(v) | Cell::Json(v) => Ok(v.to_owned()),
        other => Err(mismatch::<String>(other)),
    },
    |v| Value::Text(v.into()),
    into | v | Value::Text(v.into())
);
__sql_type!(
    Vec<u8>,
    Kind::Bytes,
    |cell| match cell {
        Cell::Bytes(v) => Ok(v.to_owned()),
        other => Err(mismatch::<Vec<u8>>(other)),
    },
    |v| Value::Bytes(v.clone()),
    into | v | Value::Bytes(v)
);
