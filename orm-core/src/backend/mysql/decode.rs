//! The bytes of the binary protocol to cells.
//!
//! What a column of the query holds (its kind) decides what is made of the bytes; where nothing is lost, another type
//! of the server is taken too: `SUM` of integers is a DECIMAL here, and JSON may be text.

use sqlx::decode::Decode;
use sqlx::mysql::{MySql, MySqlRow, MySqlTypeInfo};
use sqlx::{Column, Row, Type, TypeInfo, ValueRef};

use crate::error::{Error, Result};
use crate::value::{Cell, Cursor, Date, DateTime, Kind, Number, Time};

/// How a column comes over the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wire {
    Signed,
    Unsigned,
    Bit,
    Float,
    Double,
    Decimal,
    Day,
    Clock,
    /// Text and bytes are told apart by what is wanted: the driver calls text of a binary collation bytes.
    Bytes,
}

/// How each column of a result comes over the wire.
pub(super) fn wires(row: &MySqlRow) -> Vec<Wire> {
    row.columns().iter().map(|c| wire(c.type_info())).collect()
}

fn wire(info: &MySqlTypeInfo) -> Wire {
    match info.name() {
        // The name of a TINYINT(1) does not tell its sign.
        "BOOLEAN" if *info == <u8 as Type<MySql>>::type_info() => Wire::Unsigned,
        "BOOLEAN" | "TINYINT" | "SMALLINT" | "MEDIUMINT" | "INT" | "BIGINT" => Wire::Signed,
        "TINYINT UNSIGNED" | "SMALLINT UNSIGNED" | "MEDIUMINT UNSIGNED" | "INT UNSIGNED" | "BIGINT UNSIGNED"
        | "YEAR" => Wire::Unsigned,
        "BIT" => Wire::Bit,
        "FLOAT" => Wire::Float,
        "DOUBLE" => Wire::Double,
        "DECIMAL" => Wire::Decimal,
        "DATE" | "DATETIME" | "TIMESTAMP" => Wire::Day,
        "TIME" => Wire::Clock,
        _ => Wire::Bytes,
    }
}

/// One row.
pub(super) struct RowCursor<'r> {
    pub row: &'r MySqlRow,
    pub wires: &'r [Wire],
}

impl Cursor for RowCursor<'_> {
    fn cell(&mut self, index: usize, kind: Kind) -> Result<Cell<'_>> {
        let missing = || Error::decode(format!("the row has {} columns, none at {index}", self.wires.len()));
        let wire = *self.wires.get(index).ok_or_else(missing)?;
        let raw = self.row.try_get_raw(index).map_err(|_| missing())?;
        // The driver takes a zero date for NULL.
        if raw.is_null() && wire != Wire::Day {
            return Ok(Cell::Null);
        }
        match <&[u8] as Decode<MySql>>::decode(raw) {
            Ok(bytes) => cell(wire, bytes, kind).map_err(|words| self.error(index, &words)),
            Err(_) => Ok(Cell::Null),
        }
    }

    fn width(&self) -> usize {
        self.wires.len()
    }
}

impl RowCursor<'_> {
    fn error(&self, index: usize, words: &str) -> Error {
        let name = self.row.try_column(index).map_or("", |c| c.name());
        Error::decode(format!("the column `{name}` of the result {words}"))
    }
}

fn cell(wire: Wire, bytes: &[u8], kind: Kind) -> Result<Cell<'_>, String> {
    let wrong = || format!("holds {}, which is not a {}", words(wire), kind.name());
    match kind {
        Kind::Bool => match whole(wire, bytes)?.ok_or_else(wrong)? {
            0 => Ok(Cell::Bool(false)),
            1 => Ok(Cell::Bool(true)),
            other => Err(format!("holds {other}, which is not a boolean")),
        },
        Kind::Int16 | Kind::Int32 | Kind::Int64 => {
            let value = whole(wire, bytes)?.ok_or_else(wrong)?;
            i64::try_from(value).map(Cell::Int).map_err(|_| format!("holds {value}, which 64 bits do not"))
        }
        Kind::Duration => match wire {
            Wire::Clock => clock(bytes).map(Cell::Duration),
            // An average of durations has a fraction of a microsecond.
            Wire::Decimal => rounded(number(bytes)?).map(Cell::Duration).ok_or_else(wrong),
            _ => {
                let value = whole(wire, bytes)?.ok_or_else(wrong)?;
                i64::try_from(value).map(Cell::Duration).map_err(|_| wrong())
            }
        },
        Kind::Float64 => match wire {
            Wire::Float => Ok(Cell::Float(f64::from(f32::from_le_bytes(array(bytes)?)))),
            Wire::Double => Ok(Cell::Float(f64::from_le_bytes(array(bytes)?))),
            Wire::Decimal => text(bytes)?.parse().map(Cell::Float).map_err(|_| wrong()),
            #[allow(clippy::cast_precision_loss)]
            _ => whole(wire, bytes)?.map(|v| Cell::Float(v as f64)).ok_or_else(wrong),
        },
        Kind::Decimal { places, .. } => {
            let found = match wire {
                Wire::Decimal => number(bytes)?,
                _ => Number::new(whole(wire, bytes)?.ok_or_else(wrong)?, 0),
            };
            // As many places as the column has, so that 9.50 reads alike on every database.
            Ok(Cell::Decimal(found.at_scale(places).map_or(found, |mantissa| Number::new(mantissa, places))))
        }
        Kind::Text { .. } if wire == Wire::Bytes => text(bytes).map(Cell::Text),
        Kind::Json if wire == Wire::Bytes => text(bytes).map(Cell::Json),
        Kind::Bytes if matches!(wire, Wire::Bytes | Wire::Bit) => Ok(Cell::Bytes(bytes)),
        Kind::Uuid if wire == Wire::Bytes => uuid(bytes).map(Cell::Uuid).ok_or_else(wrong),
        Kind::Text { .. } | Kind::Json | Kind::Bytes | Kind::Uuid => Err(wrong()),
        Kind::Date => {
            let at = moment(wire, bytes, Date::parse)?.ok_or_else(wrong)?;
            match at {
                Moment::Parsed(date) => Ok(Cell::Date(date)),
                Moment::At(at) if at.time() == Time(0) => Ok(Cell::Date(at.date())),
                Moment::At(_) => Err("holds a time of day too, where a date is wanted".to_owned()),
            }
        }
        Kind::DateTime | Kind::Timestamp => match moment(wire, bytes, DateTime::parse)?.ok_or_else(wrong)? {
            Moment::Parsed(at) | Moment::At(at) => Ok(Cell::DateTime(at)),
        },
        Kind::Time => match wire {
            Wire::Clock => {
                let micros = clock(bytes)?;
                let of_day = (0..86_400_000_000).contains(&micros);
                if of_day { Ok(Cell::Time(Time(micros))) } else { Err("holds a span, not a time of day".to_owned()) }
            }
            Wire::Bytes => Time::parse(text(bytes)?).map(Cell::Time).ok_or_else(wrong),
            _ => Err(wrong()),
        },
    }
}

/// What was found, in words.
fn words(wire: Wire) -> &'static str {
    match wire {
        Wire::Signed | Wire::Unsigned => "an integer",
        Wire::Bit => "bits",
        Wire::Float | Wire::Double => "a float",
        Wire::Decimal => "a decimal",
        Wire::Day => "a date",
        Wire::Clock => "a time",
        Wire::Bytes => "text or bytes",
    }
}

/// A whole number, if the column is of a type that can be one.
fn whole(wire: Wire, bytes: &[u8]) -> Result<Option<i128>, String> {
    let value = match (wire, bytes.len()) {
        (Wire::Signed, 1) => i128::from(i8::from_le_bytes(array(bytes)?)),
        (Wire::Signed, 2) => i128::from(i16::from_le_bytes(array(bytes)?)),
        (Wire::Signed, 4) => i128::from(i32::from_le_bytes(array(bytes)?)),
        (Wire::Signed, _) => i128::from(i64::from_le_bytes(array(bytes)?)),
        (Wire::Unsigned, 0..=8) => bytes.iter().rev().fold(0, |n, b| (n << 8) | i128::from(*b)),
        (Wire::Bit, 0..=8) => bytes.iter().fold(0, |n, b| (n << 8) | i128::from(*b)),
        (Wire::Decimal, _) => return number(bytes).map(|n| n.at_scale(0)),
        _ => return Ok(None),
    };
    Ok(Some(value))
}

fn number(bytes: &[u8]) -> Result<Number, String> {
    Number::parse(text(bytes)?).ok_or_else(|| "holds a decimal of more than 38 digits".to_owned())
}

/// To a whole number, half away from zero.
fn rounded(number: Number) -> Option<i64> {
    let unit = 10i128.checked_pow(u32::from(number.scale))?;
    let (whole, rest) = (number.mantissa / unit, number.mantissa % unit);
    let up = rest.unsigned_abs() >= unit.unsigned_abs().div_ceil(2) && number.scale > 0;
    i64::try_from(whole + if up { number.mantissa.signum() } else { 0 }).ok()
}

fn text(bytes: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(bytes).map_err(|_| "holds bytes that are not UTF-8 text".to_owned())
}

fn uuid(bytes: &[u8]) -> Option<[u8; 16]> {
    if let Ok(raw) = bytes.try_into() {
        return Some(raw);
    }
    let hex: Vec<u8> = bytes.iter().copied().filter(|b| *b != b'-').collect();
    if !matches!(bytes.len(), 32 | 36) || hex.len() != 32 {
        return None;
    }
    let digit = |b: u8| (b as char).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let mut raw = [0; 16];
    for (byte, pair) in raw.iter_mut().zip(hex.chunks_exact(2)) {
        *byte = (digit(pair[0])? << 4) | digit(pair[1])?;
    }
    Some(raw)
}

enum Moment<T> {
    /// Read from text, as functions on dates give it.
    Parsed(T),
    /// As the server sends dates.
    At(DateTime),
}

fn moment<T>(wire: Wire, bytes: &[u8], parse: fn(&str) -> Option<T>) -> Result<Option<Moment<T>>, String> {
    match wire {
        Wire::Day => day(bytes).map(|at| Some(Moment::At(at))),
        Wire::Bytes => Ok(parse(text(bytes)?).map(Moment::Parsed)),
        _ => Ok(None),
    }
}

/// A byte of length, then year, month, day; hour, minute, second and microseconds where they are not zero.
fn day(bytes: &[u8]) -> Result<DateTime, String> {
    let part = |at: usize| u32::from(bytes.get(at).copied().unwrap_or(0));
    let year = part(1) | (part(2) << 8);
    let (month, day) = (part(3), part(4));
    let micro = part(8) | (part(9) << 8) | (part(10) << 16) | (part(11) << 24);
    let date = i32::try_from(year).ok().and_then(|year| Date::from_ymd(year, month, day));
    let time = Time::from_hms_micro(part(5), part(6), part(7), micro);
    match (date, time) {
        (Some(date), Some(time)) => Ok(DateTime::new(date, time)),
        _ => Err(format!("holds the date `{year:04}-{month:02}-{day:02}`, which no calendar has")),
    }
}

/// A byte of length, then sign, days, hours, minutes, seconds and microseconds where they are not zero.
fn clock(bytes: &[u8]) -> Result<i64, String> {
    let part = |at: usize| i64::from(bytes.get(at).copied().unwrap_or(0));
    let long = |at: usize| part(at) | (part(at + 1) << 8) | (part(at + 2) << 16) | (part(at + 3) << 24);
    let seconds = long(2) * 86_400 + part(6) * 3600 + part(7) * 60 + part(8);
    let micros = seconds * 1_000_000 + long(9);
    Ok(if part(1) == 1 { -micros } else { micros })
}

fn array<const N: usize>(bytes: &[u8]) -> Result<[u8; N], String> {
    bytes.try_into().map_err(|_| format!("came in {} bytes instead of {N}", bytes.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(wire: Wire, bytes: &[u8], kind: Kind, expected: std::result::Result<Cell<'_>, &str>) {
        let got = cell(wire, bytes, kind);
        assert_eq!(got.as_ref().map_err(String::as_str), expected.as_ref().map_err(|e| *e), "{wire:?} as {kind:?}");
    }

    #[test]
    fn bytes_become_what_is_wanted_where_nothing_is_lost() {
        let price = Kind::Decimal { digits: 5, places: 2 };
        check(Wire::Signed, &[0xff], Kind::Int64, Ok(Cell::Int(-1)));
        check(Wire::Unsigned, &[0xff], Kind::Int64, Ok(Cell::Int(255)));
        check(Wire::Unsigned, &[0xff; 8], Kind::Int64, Err("holds 18446744073709551615, which 64 bits do not"));
        check(Wire::Signed, &[2], Kind::Bool, Err("holds 2, which is not a boolean"));
        check(Wire::Bit, &[1], Kind::Bool, Ok(Cell::Bool(true)));
        check(Wire::Decimal, b"12", Kind::Int64, Ok(Cell::Int(12)));
        check(Wire::Decimal, b"12.5", Kind::Int64, Err("holds a decimal, which is not a 64-bit integer"));
        check(Wire::Decimal, b"12.5", Kind::Float64, Ok(Cell::Float(12.5)));
        check(Wire::Decimal, b"-12.5", Kind::Duration, Ok(Cell::Duration(-13)));
        check(Wire::Decimal, b"0.4999", Kind::Duration, Ok(Cell::Duration(0)));
        check(Wire::Decimal, b"9.5", price, Ok(Cell::Decimal(Number::new(950, 2))));
        check(Wire::Signed, &[7], price, Ok(Cell::Decimal(Number::new(700, 2))));
        check(Wire::Bytes, &[0xff], Kind::TEXT, Err("holds bytes that are not UTF-8 text"));
        check(Wire::Bytes, b"00000000-0000-0000-0000-0000000000ff", Kind::Uuid, {
            let mut raw = [0; 16];
            raw[15] = 255;
            Ok(Cell::Uuid(raw))
        });
        check(Wire::Day, &[0], Kind::Date, Err("holds the date `0000-00-00`, which no calendar has"));
        check(Wire::Day, &[4, 1, 0, 1, 1], Kind::Date, Ok(Cell::Date(Date::MIN)));
        check(Wire::Day, &[4, 1, 0, 1, 1], Kind::DateTime, Ok(Cell::DateTime(DateTime::MIN)));
        check(Wire::Clock, &[0], Kind::Time, Ok(Cell::Time(Time(0))));
        check(Wire::Clock, &[8, 1, 1, 0, 0, 0, 0, 0, 0], Kind::Time, Err("holds a span, not a time of day"));
        check(Wire::Clock, &[8, 1, 1, 0, 0, 0, 0, 0, 1], Kind::Duration, Ok(Cell::Duration(-86_401_000_000)));
    }
}
