//! PostgreSQL's binary cells to the library's, by the column's own type and the kind that the query says it holds.
//! Whatever a server sends gives a cell or an error, never a panic.

use std::borrow::Cow;

use sqlx::postgres::{PgRow, PgTypeInfo, PgTypeKind};
use sqlx::{Column, Row, TypeInfo, ValueRef};

use super::bind::{EPOCH_DAYS, EPOCH_MICROS, oid};
use crate::error::{Error, Result};
use crate::value::{Cell, Cursor, Date, DateTime, Kind, Number, Time};

type Words = Cow<'static, str>;

/// The current row. `types` are those of its columns, read once for all rows of a statement.
pub(super) struct PgCursor<'r> {
    pub row: &'r PgRow,
    pub types: &'r [u32],
}

/// The numbers of the types of a row's columns; an enum counts as text.
pub(super) fn types_of(row: &PgRow) -> Vec<u32> {
    row.columns().iter().map(|c| number_of(c.type_info())).collect()
}

fn number_of(info: &PgTypeInfo) -> u32 {
    match info.kind() {
        PgTypeKind::Enum(_) => oid::TEXT,
        PgTypeKind::Domain(base) => number_of(base),
        _ => info.oid().map_or(0, |o| o.0),
    }
}

impl Cursor for PgCursor<'_> {
    fn cell(&mut self, index: usize, kind: Kind) -> Result<Cell<'_>> {
        let (Some(number), Ok(value)) = (self.types.get(index), self.row.try_get_raw(index)) else {
            return Err(Error::decode(format!("the row has {} columns, and none at {index}", self.types.len())));
        };
        if value.is_null() {
            return Ok(Cell::Null);
        }
        let bytes = value.as_bytes().unwrap_or_default();
        convert(*number, bytes, kind).map_err(|words| {
            let column = self.row.column(index);
            let name = column.type_info().name().to_lowercase();
            Error::decode(format!("column `{}` (`{name}`) {words}", column.name()))
        })
    }

    fn width(&self) -> usize {
        self.types.len()
    }
}

/// A cell as the kind; values of other types are taken where nothing is lost.
fn convert(number: u32, bytes: &[u8], kind: Kind) -> Result<Cell<'_>, Words> {
    // An average of large numbers may have more digits than a decimal holds; a float never minds.
    if number == oid::NUMERIC && kind == Kind::Float64 {
        return numeric_as_float(bytes).map(Cell::Float);
    }
    let cell = native(number, bytes)?;
    match (kind, cell) {
        (Kind::Bool, Cell::Bool(_))
        | (Kind::Int16 | Kind::Int32 | Kind::Int64, Cell::Int(_))
        | (Kind::Float64, Cell::Float(_))
        | (Kind::Decimal { .. }, Cell::Decimal(_))
        | (Kind::Text { .. }, Cell::Text(_))
        | (Kind::Bytes, Cell::Bytes(_))
        | (Kind::Date, Cell::Date(_))
        | (Kind::Time, Cell::Time(_))
        | (Kind::DateTime | Kind::Timestamp, Cell::DateTime(_))
        | (Kind::Duration, Cell::Duration(_))
        | (Kind::Uuid, Cell::Uuid(_))
        | (Kind::Json, Cell::Json(_)) => Ok(cell),
        // A sum of 64-bit integers is a numeric here.
        (Kind::Int16 | Kind::Int32 | Kind::Int64, Cell::Decimal(n)) => {
            whole(n).map(Cell::Int).ok_or_else(|| "holds a number that is not a 64-bit integer".into())
        }
        #[allow(clippy::cast_precision_loss)]
        (Kind::Float64, Cell::Int(v)) => Ok(Cell::Float(v as f64)),
        (Kind::Decimal { .. }, Cell::Int(v)) => Ok(Cell::Decimal(Number::from(v))),
        (Kind::Text { .. }, Cell::Json(v)) => Ok(Cell::Text(v)),
        (Kind::Json, Cell::Text(v)) => Ok(Cell::Json(v)),
        (Kind::Date, Cell::DateTime(v)) if v.time() == Time(0) => Ok(Cell::Date(v.date())),
        (Kind::DateTime | Kind::Timestamp, Cell::Date(v)) => Ok(Cell::DateTime(DateTime::new(v, Time(0)))),
        (Kind::Duration, Cell::Int(v)) => Ok(Cell::Duration(v)),
        // Only a sum or an average of durations is a numeric; an average has a fraction of a microsecond.
        (Kind::Duration, Cell::Decimal(n)) => {
            rounded(n).map(Cell::Duration).ok_or_else(|| "holds a number that is too large for a duration".into())
        }
        (
            Kind::Bool
            | Kind::Int16
            | Kind::Int32
            | Kind::Int64
            | Kind::Float64
            | Kind::Decimal { .. }
            | Kind::Text { .. }
            | Kind::Bytes
            | Kind::Date
            | Kind::Time
            | Kind::DateTime
            | Kind::Timestamp
            | Kind::Duration
            | Kind::Uuid
            | Kind::Json,
            _,
        ) => Err(format!("cannot be read as {}", kind.name()).into()),
    }
}

/// A cell as its type says.
fn native(number: u32, bytes: &[u8]) -> Result<Cell<'_>, Words> {
    Ok(match number {
        oid::BOOL => Cell::Bool(fixed::<1>(bytes)?[0] != 0),
        oid::INT2 => Cell::Int(i64::from(i16::from_be_bytes(fixed(bytes)?))),
        oid::INT4 => Cell::Int(i64::from(i32::from_be_bytes(fixed(bytes)?))),
        oid::INT8 => Cell::Int(i64::from_be_bytes(fixed(bytes)?)),
        oid::OID => Cell::Int(i64::from(u32::from_be_bytes(fixed(bytes)?))),
        oid::FLOAT4 => Cell::Float(f64::from(f32::from_be_bytes(fixed(bytes)?))),
        oid::FLOAT8 => Cell::Float(f64::from_be_bytes(fixed(bytes)?)),
        oid::NUMERIC => Cell::Decimal(numeric(bytes)?),
        oid::TEXT | oid::VARCHAR | oid::BPCHAR | oid::NAME | oid::CHAR | oid::UNKNOWN | oid::XML => {
            Cell::Text(text(bytes)?)
        }
        oid::BYTEA => Cell::Bytes(bytes),
        oid::DATE => Cell::Date(date(i32::from_be_bytes(fixed(bytes)?))?),
        oid::TIME => Cell::Time(time(i64::from_be_bytes(fixed(bytes)?))?),
        oid::TIMESTAMP | oid::TIMESTAMPTZ => Cell::DateTime(instant(i64::from_be_bytes(fixed(bytes)?))?),
        oid::INTERVAL => Cell::Duration(interval(bytes)?),
        oid::UUID => Cell::Uuid(fixed(bytes)?),
        oid::JSON => Cell::Json(text(bytes)?),
        oid::JSONB => match bytes.split_first() {
            Some((1, document)) => Cell::Json(text(document)?),
            _ => return Err("holds JSON in a format that is not known".into()),
        },
        custom if custom >= oid::FIRST_CUSTOM => match text(bytes) {
            // Types of extensions that are text on the wire, such as `citext`; others have control bytes in their form.
            Ok(v) if v.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t')) => Cell::Text(v),
            _ => return Err("has a type that the library does not read; cast it to text in the database".into()),
        },
        _ => return Err("has a type that the library does not read; cast it to text in the database".into()),
    })
}

fn fixed<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Words> {
    bytes.try_into().map_err(|_| format!("holds {} bytes, where its type has {N}", bytes.len()).into())
}

fn text(bytes: &[u8]) -> Result<&str, Words> {
    std::str::from_utf8(bytes).map_err(|_| "holds text that is not UTF-8".into())
}

fn date(days: i32) -> Result<Date, Words> {
    if matches!(days, i32::MIN | i32::MAX) {
        return Err(INFINITE.into());
    }
    days.checked_add(EPOCH_DAYS).map(Date).filter(|d| d.is_storable()).ok_or_else(|| OUT_OF_YEARS.into())
}

fn time(micros: i64) -> Result<Time, Words> {
    if (0..86_400_000_000).contains(&micros) {
        Ok(Time(micros))
    } else {
        Err("holds 24:00:00, which is no time of a day".into())
    }
}

fn instant(micros: i64) -> Result<DateTime, Words> {
    if matches!(micros, i64::MIN | i64::MAX) {
        return Err(INFINITE.into());
    }
    micros.checked_add(EPOCH_MICROS).map(DateTime).filter(|t| t.is_storable()).ok_or_else(|| OUT_OF_YEARS.into())
}

const INFINITE: &str = "holds infinity, which no date is";
const OUT_OF_YEARS: &str = "holds a day outside of the years 1 to 9999";

/// Microseconds, days and months, kept apart by the server; a month has no length.
fn interval(bytes: &[u8]) -> Result<i64, Words> {
    let bytes: [u8; 16] = fixed(bytes)?;
    let [micros, rest] = [&bytes[..8], &bytes[8..]].map(|half| i64::from_be_bytes(half.try_into().unwrap_or_default()));
    let days = rest >> 32;
    let months = rest & 0xffff_ffff;
    if months != 0 {
        return Err("holds an interval with months, which have no fixed length".into());
    }
    days.checked_mul(86_400_000_000)
        .and_then(|d| d.checked_add(micros))
        .ok_or_else(|| "holds an interval that is too long".into())
}

/// The parts of a numeric: base-10000 groups, the weight of the first, whether it is negative, digits after the point.
struct Groups<'a> {
    groups: &'a [u8],
    weight: i32,
    negative: bool,
    scale: u16,
}

impl Groups<'_> {
    fn digits(&self) -> impl ExactSizeIterator<Item = u16> {
        self.groups.chunks_exact(2).map(|g| u16::from_be_bytes([g[0], g[1]]))
    }
}

fn groups(bytes: &[u8]) -> Result<Groups<'_>, Words> {
    let (Some(head), Some(groups)) = (bytes.get(..8), bytes.get(8..)) else {
        return Err("holds a number that cannot be read".into());
    };
    let word = |at: usize| u16::from_be_bytes([head[at], head[at + 1]]);
    let negative = match word(4) {
        0 => false,
        0x4000 => true,
        0xc000 => return Err("holds NaN, which no decimal is".into()),
        0xd000 | 0xf000 => return Err("holds infinity, which no decimal is".into()),
        _ => return Err("holds a number that cannot be read".into()),
    };
    let weight = i32::from(i16::from_be_bytes([head[2], head[3]]));
    if usize::from(word(0)) * 2 != groups.len() {
        return Err("holds a number that cannot be read".into());
    }
    Ok(Groups { groups, weight, negative, scale: word(6) })
}

/// A numeric as it is stored, zeros at its end included as far as there is room.
pub(super) fn numeric(bytes: &[u8]) -> Result<Number, Words> {
    let parts = groups(bytes)?;
    exact(&parts).ok_or_else(|| "holds a number with more digits than a decimal can have (38)".into())
}

fn exact(parts: &Groups<'_>) -> Option<Number> {
    let count = i32::try_from(parts.digits().len()).ok()?;
    let mut mantissa: i128 = 0;
    // The power of ten of the last digit that went in.
    let mut power = 0i32;
    for (i, group) in parts.digits().enumerate() {
        let mut group = i128::from(group);
        let mut width = 4;
        power = 4 * (parts.weight - i32::try_from(i).ok()?);
        // Zeros at the end of the last group would only take room.
        while i32::try_from(i).ok()? == count - 1 && power < 0 && group % 10 == 0 && width > 0 {
            group /= 10;
            width -= 1;
            power += 1;
        }
        // The sign goes in with each group: the least number has no positive counterpart.
        let signed = if parts.negative { -group } else { group };
        mantissa = mantissa.checked_mul(10i128.pow(width))?.checked_add(signed)?;
    }
    let wanted = u8::try_from(parts.scale).ok();
    let number = match u8::try_from(-power) {
        Ok(scale) => Number::new(mantissa, scale),
        Err(_) if power > 0 => Number::new(mantissa.checked_mul(10i128.checked_pow(power.unsigned_abs())?)?, 0),
        Err(_) => return None,
    };
    match wanted.and_then(|scale| Some(Number::new(number.at_scale(scale)?, scale))) {
        Some(as_stored) => Some(as_stored),
        None => Some(number),
    }
}

fn numeric_as_float(bytes: &[u8]) -> Result<f64, Words> {
    let parts = groups(bytes)?;
    let mut text = String::from(if parts.negative { "-0" } else { "0" });
    for group in parts.digits() {
        text.push_str(&format!("{group:04}"));
    }
    let count = i32::try_from(parts.digits().len()).unwrap_or(0);
    text.push_str(&format!("e{}", 4 * (parts.weight - count + 1)));
    text.parse().map_err(|_| "holds a number that cannot be read".into())
}

fn whole(number: Number) -> Option<i64> {
    number.at_scale(0).and_then(|v| i64::try_from(v).ok())
}

/// The nearest whole number, half away from zero.
fn rounded(number: Number) -> Option<i64> {
    let Some(divisor) = 10i128.checked_pow(u32::from(number.scale)) else { return Some(0) };
    let (quotient, rest) = (number.mantissa / divisor, number.mantissa % divisor);
    let up = i128::from(rest.unsigned_abs() >= divisor.unsigned_abs() - rest.unsigned_abs()) * number.mantissa.signum();
    i64::try_from(quotient + if rest == 0 { 0 } else { up }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(words: &[i16]) -> Vec<u8> {
        words.iter().flat_map(|w| w.to_be_bytes()).collect()
    }

    #[test]
    fn numbers_keep_their_places() {
        let check = |words: &[i16], expected: &str| {
            assert_eq!(numeric(&bytes(words)).map(|n| n.to_string()).as_deref(), Ok(expected));
        };
        check(&[0, 0, 0, 2], "0.00");
        check(&[3, 1, 0x4000, 3, 1, 2345, 6780], "-12345.678");
        check(&[1, 2, 0, 0, 1], "100000000");
        check(&[1, -2, 0, 5, 1000], "0.00001");
        check(&[1, 0, 0, 3, 7], "7.000");
        check(&[1, 0, 0, 400, 7], "7");
    }

    #[test]
    fn numbers_that_are_none_are_refused() {
        let refused = |words: &[i16]| assert!(numeric(&bytes(words)).is_err(), "{words:?}");
        refused(&[0, 0, -0x4000, 0]);
        refused(&[0, 0, -0x3000, 0]);
        refused(&[2, 0, 0, 0, 1]);
        refused(&[1, 2000, 0, 0, 1]);
        refused(&[1]);
        refused(&[12, 11, 0, 0, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999]);
    }

    #[test]
    fn floats_take_numbers_of_any_width() {
        let check = |words: &[i16], expected: f64| assert_eq!(numeric_as_float(&bytes(words)), Ok(expected));
        check(&[1, 2000, 0, 0, 1], f64::INFINITY);
        check(&[1, 20, 0, 0, 1], 1e80);
        check(&[2, 0, 0x4000, 1, 1, 5000], -1.5);
        check(&[0, 0, 0, 0], 0.0);
    }

    #[test]
    fn days_outside_of_the_calendar_are_errors() {
        assert_eq!(date(0), Ok(Date(EPOCH_DAYS)));
        assert!(date(i32::MAX).is_err() && date(i32::MIN).is_err() && date(i32::MAX - 1).is_err());
        assert!(instant(i64::MAX).is_err() && instant(i64::MIN).is_err() && instant(i64::MAX - 1).is_err());
        assert!(time(86_400_000_000).is_err());
    }

    #[test]
    fn intervals_without_months_are_durations() {
        let make = |micros: i64, days: i32, months: i32| {
            interval(&[&micros.to_be_bytes()[..], &days.to_be_bytes(), &months.to_be_bytes()].concat())
        };
        assert_eq!(make(5, 1, 0), Ok(86_400_000_005));
        assert_eq!(make(5, -1, 0), Ok(-86_399_999_995));
        assert!(make(0, 0, 1).is_err());
        assert!(make(0, 0, -1).is_err());
        assert!(make(i64::MAX, i32::MAX, 0).is_err());
    }

    #[test]
    fn cells_convert_where_nothing_is_lost() {
        let seven = bytes(&[1, 0, 0, 0, 7]);
        let half = bytes(&[2, 0, 0, 1, 7, 5000]);
        assert_eq!(convert(oid::NUMERIC, &seven, Kind::Int64), Ok(Cell::Int(7)));
        assert_eq!(convert(oid::NUMERIC, &half, Kind::Float64), Ok(Cell::Float(7.5)));
        assert_eq!(convert(oid::NUMERIC, &half, Kind::Duration), Ok(Cell::Duration(8)));
        assert!(convert(oid::NUMERIC, &half, Kind::Int64).is_err());
        assert_eq!(convert(oid::INT2, &[0, 3], Kind::Duration), Ok(Cell::Duration(3)));
        assert!(convert(oid::INT2, &[3], Kind::Int16).is_err());
        assert_eq!(convert(oid::JSONB, b"\x01{}", Kind::TEXT), Ok(Cell::Text("{}")));
        assert!(convert(oid::JSONB, b"\x02{}", Kind::Json).is_err());
        assert!(convert(oid::TEXT, b"\xff", Kind::TEXT).is_err());
        assert!(convert(20_000, b"a\x01", Kind::TEXT).is_err());
        assert!(convert(869, b"10.0.0.1", Kind::TEXT).is_err());
    }
}
