//! Values to PostgreSQL's binary parameters, each with the exact type of its kind. Knows no connection.

use sqlx::encode::{Encode, IsNull};
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgTypeInfo};
use sqlx::{Arguments, Type};

use crate::db::Param;
use crate::error::{Error, Result};
use crate::value::{Kind, Number, Value};

/// Numbers of the built-in types; they are the same on every server.
pub(super) mod oid {
    pub const BOOL: u32 = 16;
    pub const BYTEA: u32 = 17;
    pub const CHAR: u32 = 18;
    pub const NAME: u32 = 19;
    pub const INT8: u32 = 20;
    pub const INT2: u32 = 21;
    pub const INT4: u32 = 23;
    pub const TEXT: u32 = 25;
    pub const OID: u32 = 26;
    pub const JSON: u32 = 114;
    pub const XML: u32 = 142;
    pub const FLOAT4: u32 = 700;
    pub const FLOAT8: u32 = 701;
    pub const UNKNOWN: u32 = 705;
    pub const BPCHAR: u32 = 1042;
    pub const VARCHAR: u32 = 1043;
    pub const DATE: u32 = 1082;
    pub const TIME: u32 = 1083;
    pub const TIMESTAMP: u32 = 1114;
    pub const TIMESTAMPTZ: u32 = 1184;
    pub const INTERVAL: u32 = 1186;
    pub const NUMERIC: u32 = 1700;
    pub const UUID: u32 = 2950;
    pub const JSONB: u32 = 3802;
    /// The first number that a server gives to types made later.
    pub const FIRST_CUSTOM: u32 = 16384;
}

/// Days from 1970-01-01 to 2000-01-01, where PostgreSQL starts to count.
pub(super) const EPOCH_DAYS: i32 = 10_957;
/// The same in microseconds.
pub(super) const EPOCH_MICROS: i64 = EPOCH_DAYS as i64 * 86_400_000_000;

/// All parameters of a statement.
pub(super) fn arguments(params: &[Param]) -> Result<PgArguments> {
    let mut arguments = PgArguments::default();
    Arguments::reserve(&mut arguments, params.len(), params.iter().map(room).sum());
    for (i, param) in params.iter().enumerate() {
        Arguments::add(&mut arguments, Bound(param))
            .map_err(|words| Error::invalid_value(format!("the value of parameter ${}: {words}", i + 1)))?;
    }
    Ok(arguments)
}

/// About how many bytes a value takes.
fn room(param: &Param) -> usize {
    match &param.value {
        Value::List(members) => 32 + members.len() * 24,
        Value::Text(text) | Value::Json(text) => 8 + text.len(),
        _ => 16,
    }
}

struct Bound<'a>(&'a Param);

impl Type<sqlx::Postgres> for Bound<'_> {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(oid::TEXT))
    }
}

impl Encode<'_, sqlx::Postgres> for Bound<'_> {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        match &self.0.value {
            Value::Null => Ok(IsNull::Yes),
            Value::List(members) => encode_list(members, self.0.kind, buffer).map(|()| IsNull::No),
            value => encode(value, self.0.kind, buffer).map(|()| IsNull::No),
        }
        .map_err(Into::into)
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        let (one, many) = types_of(self.0.kind);
        Some(PgTypeInfo::with_oid(Oid(if matches!(self.0.value, Value::List(_)) { many } else { one })))
    }
}

/// The type of a kind, and the type of its arrays.
fn types_of(kind: Kind) -> (u32, u32) {
    match kind {
        Kind::Bool => (oid::BOOL, 1000),
        Kind::Int16 => (oid::INT2, 1005),
        Kind::Int32 => (oid::INT4, 1007),
        Kind::Int64 | Kind::Duration => (oid::INT8, 1016),
        Kind::Float64 => (oid::FLOAT8, 1022),
        Kind::Decimal { .. } => (oid::NUMERIC, 1231),
        Kind::Text { .. } => (oid::TEXT, 1009),
        Kind::Bytes => (oid::BYTEA, 1001),
        Kind::Date => (oid::DATE, 1182),
        Kind::Time => (oid::TIME, 1183),
        Kind::DateTime => (oid::TIMESTAMP, 1115),
        Kind::Timestamp => (oid::TIMESTAMPTZ, 1185),
        Kind::Uuid => (oid::UUID, 2951),
        Kind::Json => (oid::JSONB, 3807),
    }
}

/// An array of one dimension: how many dimensions, whether a member is NULL, the members' type, length, first index, members.
fn encode_list(members: &[Value], kind: Kind, out: &mut Vec<u8>) -> Result<(), String> {
    let (member, _) = types_of(kind);
    out.extend_from_slice(&i32::from(!members.is_empty()).to_be_bytes());
    out.extend_from_slice(&i32::from(members.iter().any(Value::is_null)).to_be_bytes());
    out.extend_from_slice(&member.to_be_bytes());
    if members.is_empty() {
        return Ok(());
    }
    out.extend_from_slice(&length(members.len())?.to_be_bytes());
    out.extend_from_slice(&1i32.to_be_bytes());
    for value in members {
        if value.is_null() {
            out.extend_from_slice(&(-1i32).to_be_bytes());
            continue;
        }
        let start = out.len();
        out.extend_from_slice(&[0; 4]);
        encode(value, kind, out)?;
        let size = length(out.len() - start - 4)?;
        out[start..start + 4].copy_from_slice(&size.to_be_bytes());
    }
    Ok(())
}

fn length(length: usize) -> Result<i32, String> {
    i32::try_from(length).map_err(|_| "is too large to be sent".to_owned())
}

fn encode(value: &Value, kind: Kind, out: &mut Vec<u8>) -> Result<(), String> {
    match (kind, value) {
        (Kind::Bool, Value::Bool(v)) => out.push(u8::from(*v)),
        (Kind::Int16, v) => out.extend_from_slice(&narrow::<i16>(v, kind)?.to_be_bytes()),
        (Kind::Int32, v) => out.extend_from_slice(&narrow::<i32>(v, kind)?.to_be_bytes()),
        (Kind::Int64, v) => out.extend_from_slice(&narrow::<i64>(v, kind)?.to_be_bytes()),
        (Kind::Float64, v) => out.extend_from_slice(&float(v)?.to_be_bytes()),
        (Kind::Decimal { .. }, Value::Decimal(v)) => encode_number(*v, out),
        (Kind::Decimal { .. }, Value::Int(v)) => encode_number(Number::from(*v), out),
        (Kind::Text { .. }, Value::Text(v) | Value::Json(v)) => out.extend_from_slice(v.as_bytes()),
        (Kind::Bytes, Value::Bytes(v)) => out.extend_from_slice(v),
        (Kind::Date, Value::Date(v)) if v.is_storable() => out.extend_from_slice(&(v.0 - EPOCH_DAYS).to_be_bytes()),
        (Kind::Time, Value::Time(v)) if (0..86_400_000_000).contains(&v.0) => out.extend_from_slice(&v.0.to_be_bytes()),
        (Kind::DateTime | Kind::Timestamp, Value::DateTime(v)) if v.is_storable() => {
            out.extend_from_slice(&(v.0 - EPOCH_MICROS).to_be_bytes());
        }
        (Kind::Duration, Value::Duration(v) | Value::Int(v)) => out.extend_from_slice(&v.to_be_bytes()),
        (Kind::Uuid, Value::Uuid(v)) => out.extend_from_slice(v),
        (Kind::Json, Value::Json(v) | Value::Text(v)) => {
            // The version of the format.
            out.push(1);
            out.extend_from_slice(v.as_bytes());
        }
        (
            Kind::Bool
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
        ) => return Err(unfit(kind)),
    }
    Ok(())
}

fn unfit(kind: Kind) -> String {
    format!("cannot be sent as {}", kind.name())
}

fn narrow<T: TryFrom<i64>>(value: &Value, kind: Kind) -> Result<T, String> {
    let whole = match value {
        Value::Int(v) => Some(*v),
        Value::Decimal(v) => v.at_scale(0).and_then(|v| i64::try_from(v).ok()),
        _ => None,
    };
    whole.and_then(|v| T::try_from(v).ok()).ok_or_else(|| unfit(kind))
}

fn float(value: &Value) -> Result<f64, String> {
    match value {
        Value::Float(v) if v.is_finite() => Ok(*v),
        #[allow(clippy::cast_precision_loss)]
        Value::Int(v) => Ok(*v as f64),
        Value::Decimal(v) => Ok(v.to_f64()),
        _ => Err(unfit(Kind::Float64)),
    }
}

/// Groups of four decimal digits, aligned at the point: how many, the weight of the first, sign, digits after the point, groups.
fn encode_number(number: Number, out: &mut Vec<u8>) {
    let scale = i16::from(number.scale);
    let mut rest = number.mantissa.unsigned_abs();
    // Groups from the least, whose last digit stands at this power of ten.
    let lowest = (-scale).div_euclid(4);
    let shift = u32::from((-scale).rem_euclid(4).unsigned_abs());
    let mut groups = [0i16; 11];
    let mut count = 0;
    // The first group holds fewer digits of the number where the point does not fall between groups.
    let mut unit = 10u128.pow(4 - shift);
    let mut lift = 10i16.pow(shift);
    while rest > 0 && count < groups.len() {
        groups[count] = i16::try_from(rest % unit).unwrap_or(0) * lift;
        rest /= unit;
        (unit, lift) = (10_000, 1);
        count += 1;
    }
    let zeros = groups[..count].iter().take_while(|g| **g == 0).count();
    let used = &groups[zeros..count];
    let top = lowest + i16::try_from(count).unwrap_or(0) - 1;
    let sign: u16 = if number.mantissa < 0 { 0x4000 } else { 0 };
    out.extend_from_slice(&i16::try_from(used.len()).unwrap_or(0).to_be_bytes());
    out.extend_from_slice(&(if used.is_empty() { 0 } else { top }).to_be_bytes());
    out.extend_from_slice(&sign.to_be_bytes());
    out.extend_from_slice(&scale.to_be_bytes());
    for group in used.iter().rev() {
        out.extend_from_slice(&group.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_groups_of_four_digits() {
        let check = |text: &str, header: [i16; 4], groups: &[i16]| {
            let mut out = Vec::new();
            encode_number(Number::parse(text).expect(text), &mut out);
            let words: Vec<i16> = out.chunks(2).map(|c| i16::from_be_bytes([c[0], c[1]])).collect();
            assert_eq!((&words[..4], &words[4..]), (&header[..], groups), "{text}");
        };
        check("0", [0, 0, 0, 0], &[]);
        check("1", [1, 0, 0, 0], &[1]);
        check("-12345.678", [3, 1, 0x4000, 3], &[1, 2345, 6780]);
        check("0.0001", [1, -1, 0, 4], &[1]);
        check("0.00001", [1, -2, 0, 5], &[1000]);
        check("120000000", [2, 2, 0, 0], &[1, 2000]);
        check("10000", [1, 1, 0, 0], &[1]);
    }

    #[test]
    fn the_widest_numbers_fit() {
        for number in [Number::new(i128::MAX, 0), Number::new(i128::MIN, 255), Number::new(i128::MAX, 37)] {
            let mut out = Vec::new();
            encode_number(number, &mut out);
            assert_eq!(super::super::decode::numeric(&out).expect("it fits"), number);
        }
    }

    #[test]
    fn values_of_another_kind_are_refused() {
        let param = |value, kind| arguments(&[Param { value, kind }]).map(|_| ()).map_err(|e| e.to_string());
        assert_eq!(
            param(Value::Int(40_000), Kind::Int16),
            Err("the value of parameter $1: cannot be sent as 16-bit integer".to_owned())
        );
        assert!(param(Value::Text("x".into()), Kind::Uuid).is_err());
        assert!(param(Value::Float(f64::NAN), Kind::Float64).is_err());
        assert!(param(Value::List(vec![Value::Int(1), Value::Null]), Kind::Int16).is_ok());
    }
}
