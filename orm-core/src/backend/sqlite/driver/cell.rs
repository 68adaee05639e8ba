//! What SQLite stores, as the cells that the library reads. Borrows from the row; nothing is allocated.

use rusqlite::types::ValueRef;

use super::super::uuid;
use crate::error::{Error, Result};
use crate::value::{Cell, Cursor, Date, DateTime, Kind, Number, Time};

/// The row that a statement stands on.
pub(super) struct SqliteCursor<'a, 's> {
    pub(super) row: &'a rusqlite::Row<'s>,
    pub(super) width: usize,
}

impl Cursor for SqliteCursor<'_, '_> {
    #[inline]
    fn cell(&mut self, index: usize, kind: Kind) -> Result<Cell<'_>> {
        let Ok(value) = self.row.get_ref(index) else {
            return Err(Error::decode(format!("the row has {} columns, none at {index}", self.width)));
        };
        match (kind, value) {
            (_, ValueRef::Null) => Ok(Cell::Null),
            (Kind::Int16 | Kind::Int32 | Kind::Int64, ValueRef::Integer(v)) => Ok(Cell::Int(v)),
            (Kind::Text { .. }, ValueRef::Text(v)) => utf8(v).map(Cell::Text),
            (Kind::Bool, ValueRef::Integer(v @ (0 | 1))) => Ok(Cell::Bool(v == 1)),
            (Kind::Float64, ValueRef::Real(v)) => Ok(Cell::Float(v)),
            #[allow(clippy::cast_precision_loss)]
            (Kind::Float64, ValueRef::Integer(v)) => Ok(Cell::Float(v as f64)),
            (Kind::Decimal { places, .. }, ValueRef::Integer(v)) => {
                Ok(Cell::Decimal(Number::new(i128::from(v), places)))
            }
            (Kind::Decimal { .. }, ValueRef::Text(v)) => {
                utf8(v).ok().and_then(Number::parse).map(Cell::Decimal).ok_or_else(|| mismatch(value, kind))
            }
            (Kind::Decimal { .. }, ValueRef::Real(v)) => self.real_as_decimal(index, v),
            (Kind::Bytes, ValueRef::Blob(v)) => Ok(Cell::Bytes(v)),
            (Kind::Duration, ValueRef::Integer(v)) => Ok(Cell::Duration(v)),
            (Kind::Json, ValueRef::Text(v)) => utf8(v).map(Cell::Json),
            (Kind::Uuid, ValueRef::Blob(v)) => v.try_into().map(Cell::Uuid).map_err(|_| mismatch(value, kind)),
            (Kind::Uuid | Kind::Date | Kind::Time | Kind::DateTime | Kind::Timestamp, ValueRef::Text(v)) => {
                utf8(v).ok().and_then(|text| parse(text, kind)).ok_or_else(|| mismatch(value, kind))
            }
            // An average of durations.
            #[allow(clippy::cast_possible_truncation)]
            (Kind::Duration, ValueRef::Real(v)) if v.abs() < 9e18 && !self.is_column(index) => {
                Ok(Cell::Duration(v.round() as i64))
            }
            (Kind::Int16 | Kind::Int32 | Kind::Int64 | Kind::Duration, ValueRef::Real(_)) if !self.is_column(index) => {
                Err(overflow())
            }
            _ => Err(mismatch(value, kind)),
        }
    }

    fn width(&self) -> usize {
        self.width
    }
}

impl SqliteCursor<'_, '_> {
    /// A float in a column is a decimal that another tool wrote. A float that was computed is a sum or product of
    /// scaled integers that grew beyond 64 bits, where SQLite silently goes over to floats.
    #[cold]
    fn real_as_decimal(&self, index: usize, value: f64) -> Result<Cell<'static>> {
        if !self.is_column(index) {
            return Err(overflow());
        }
        Number::parse(&value.to_string())
            .map(Cell::Decimal)
            .ok_or_else(|| Error::decode("the database gave a float that is not a number where a decimal was expected"))
    }

    #[cold]
    fn is_column(&self, index: usize) -> bool {
        self.row.as_ref().columns().get(index).is_some_and(|c| c.decl_type().is_some())
    }
}

fn parse(text: &str, kind: Kind) -> Option<Cell<'static>> {
    match kind {
        Kind::Uuid => uuid::parse(text).map(Cell::Uuid),
        Kind::Date => Date::parse(text).map(Cell::Date),
        Kind::Time => Time::parse(text).map(Cell::Time),
        Kind::DateTime | Kind::Timestamp => DateTime::parse(text).map(Cell::DateTime),
        Kind::Bool
        | Kind::Int16
        | Kind::Int32
        | Kind::Int64
        | Kind::Float64
        | Kind::Decimal { .. }
        | Kind::Text { .. }
        | Kind::Bytes
        | Kind::Duration
        | Kind::Json => None,
    }
}

fn utf8(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|e| Error::decode("the database gave text that is not UTF-8").with_source(e))
}

#[cold]
fn overflow() -> Error {
    Error::decode("the result is beyond the range of 64-bit integers, in which SQLite computes")
}

#[cold]
fn mismatch(value: ValueRef<'_>, kind: Kind) -> Error {
    let found = match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(v) => format!("the integer {v}"),
        ValueRef::Real(v) => format!("the float {v}"),
        ValueRef::Text(v) => {
            let text = String::from_utf8_lossy(v);
            let start: String = text.chars().take(40).collect();
            let dots = if start.len() < text.len() { "…" } else { "" };
            format!("the text `{start}{dots}`")
        }
        ValueRef::Blob(v) => format!("{} bytes", v.len()),
    };
    Error::decode(format!("the database gave {found} where a value of kind {} was expected", kind.name()))
}
