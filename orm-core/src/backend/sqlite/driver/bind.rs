//! Values as SQLite stores them, by the kind that they are bound as.

use rusqlite::types::{ToSqlOutput, Value as Owned, ValueRef};

use super::super::uuid;
use crate::error::{Error, Result};
use crate::value::{Date, DateTime, Kind, Number, Time, Value};

/// What is bound for a value.
pub(super) fn bound(value: &Value, kind: Kind) -> Result<ToSqlOutput<'_>> {
    Ok(match value {
        Value::Null => ToSqlOutput::Borrowed(ValueRef::Null),
        Value::Bool(v) => integer(i64::from(*v)),
        // Of a decimal: scaled already.
        Value::Int(v) | Value::Duration(v) => integer(*v),
        Value::Float(v) => real(finite(*v)? * scale_of(kind)),
        Value::Decimal(v) => match decimal(*v, kind)? {
            Exact::Integer(v) => integer(v),
            Exact::Not(v) => real(v),
        },
        Value::Text(v) | Value::Json(v) => ToSqlOutput::Borrowed(ValueRef::Text(v.as_bytes())),
        Value::Bytes(v) => ToSqlOutput::Borrowed(ValueRef::Blob(v)),
        Value::Date(v) => text(date(*v, kind)?),
        Value::Time(v) => text(time(*v)?),
        Value::DateTime(v) => text(date_time(*v)?),
        Value::Uuid(v) => text(uuid::to_text(v)),
        Value::List(list) => text(array(list, kind)?),
    })
}

fn integer(value: i64) -> ToSqlOutput<'static> {
    ToSqlOutput::Borrowed(ValueRef::Integer(value))
}

fn real(value: f64) -> ToSqlOutput<'static> {
    ToSqlOutput::Borrowed(ValueRef::Real(value))
}

fn text(value: String) -> ToSqlOutput<'static> {
    ToSqlOutput::Owned(Owned::Text(value))
}

/// NaN would be stored as NULL.
fn finite(value: f64) -> Result<f64> {
    if value.is_finite() { Ok(value) } else { Err(Error::invalid_value("a float is not a finite number")) }
}

fn scale_of(kind: Kind) -> f64 {
    match kind {
        Kind::Decimal { places, .. } => 10f64.powi(i32::from(places)),
        _ => 1.0,
    }
}

/// A decimal at a kind's scale.
enum Exact {
    Integer(i64),
    /// It has more places than the column: no stored value equals it, and the float keeps its place among them.
    Not(f64),
}

fn decimal(number: Number, kind: Kind) -> Result<Exact> {
    let Some(places) = kind.places() else { return Ok(Exact::Not(number.to_f64())) };
    match number.normalized().at_scale(places) {
        Some(scaled) if scaled.unsigned_abs() < 10u128.pow(18) || matches!(kind, Kind::Int64) => i64::try_from(scaled)
            .map(Exact::Integer)
            .map_err(|_| Error::invalid_value("a decimal is out of the range of a 64-bit integer")),
        None if number.normalized().scale > places => Ok(Exact::Not(number.to_f64() * scale_of(kind))),
        _ => Err(Error::invalid_value(format!(
            "a decimal has more than the 18 digits (with {places} after the point) that SQLite holds"
        ))),
    }
}

fn date(value: Date, kind: Kind) -> Result<String> {
    match kind {
        Kind::DateTime | Kind::Timestamp => date_time(DateTime::new(value, Time(0))),
        _ if value.is_storable() => Ok(value.to_iso()),
        _ => Err(out_of_years()),
    }
}

fn time(value: Time) -> Result<String> {
    if (0..86_400_000_000).contains(&value.0) {
        Ok(value.to_iso())
    } else {
        Err(Error::invalid_value("a time is out of the range of a day"))
    }
}

fn date_time(value: DateTime) -> Result<String> {
    if value.is_storable() { Ok(value.to_iso()) } else { Err(out_of_years()) }
}

fn out_of_years() -> Error {
    Error::invalid_value("a date is out of the range of the years 1 to 9999")
}

/// A list as the JSON array that `json_each` takes apart.
fn array(list: &[Value], kind: Kind) -> Result<String> {
    let mut out = String::with_capacity(2 + list.len() * 8);
    out.push('[');
    for (i, value) in list.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        element(&mut out, value, kind)?;
    }
    out.push(']');
    Ok(out)
}

fn element(out: &mut String, value: &Value, kind: Kind) -> Result<()> {
    use std::fmt::Write;
    if let Value::Bytes(bytes) = value {
        out.push('"');
        bytes.iter().for_each(|b| uuid::push_hex(out, *b));
        out.push('"');
        return Ok(());
    }
    let bound = bound(value, kind)?;
    let bound = match &bound {
        ToSqlOutput::Borrowed(value) => *value,
        ToSqlOutput::Owned(value) => ValueRef::from(value),
        _ => ValueRef::Null,
    };
    match bound {
        ValueRef::Null => out.push_str("null"),
        ValueRef::Integer(v) => write!(out, "{v}").unwrap_or(()),
        // The shortest text that reads back as the same float.
        ValueRef::Real(v) => write!(out, "{v:?}").unwrap_or(()),
        ValueRef::Text(v) => {
            let text = String::from_utf8_lossy(v);
            out.push_str(
                &serde_json::to_string(&text).map_err(|e| Error::invalid_value("a text is not JSON").with_source(e))?,
            );
        }
        ValueRef::Blob(_) => return Err(Error::unsupported("bytes cannot stand in a list with other values")),
    }
    Ok(())
}
