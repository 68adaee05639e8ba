//! Values to the bytes of the binary protocol. An error is returned, never dropped, so no parameter can shift.

use sqlx::encode::{Encode, IsNull};
use sqlx::error::BoxDynError;
use sqlx::mysql::types::MySqlTime;
use sqlx::mysql::{MySql, MySqlArguments, MySqlTypeInfo};
use sqlx::{Arguments, Type};

use crate::db::Param;
use crate::error::{Error, Result};
use crate::value::{Date, DateTime, Kind, Number, Time, Value};

/// The types of parameters that the driver names only beside crates for dates and decimals; taken from a row of the server.
#[derive(Debug, Clone)]
pub(super) struct Types {
    pub date: MySqlTypeInfo,
    pub datetime: MySqlTypeInfo,
    pub decimal: MySqlTypeInfo,
}

/// All parameters of a statement, and about how many bytes they take.
pub(super) fn arguments(params: &[Param], types: &Types) -> Result<(MySqlArguments, usize)> {
    let mut arguments = MySqlArguments::default();
    let mut size = 0;
    for (at, param) in params.iter().enumerate() {
        size += width(&param.value);
        bind(&mut arguments, param, types)
            .map_err(|e| Error::invalid_value(format!("the value of parameter {} cannot be sent: {e}", at + 1)))?;
    }
    Ok((arguments, size))
}

fn bind(to: &mut MySqlArguments, param: &Param, types: &Types) -> Result<(), BoxDynError> {
    match (&param.value, param.kind) {
        (Value::Null, kind) => null(to, kind, types),
        (Value::Bool(v), _) => to.add(*v),
        (Value::Int(v), Kind::Decimal { .. }) => to.add(decimal(Number::from(*v), types)),
        #[allow(clippy::cast_precision_loss)]
        (Value::Int(v), Kind::Float64) => to.add(*v as f64),
        (Value::Int(v) | Value::Duration(v), _) => to.add(*v),
        (Value::Float(v), _) => to.add(*v),
        (Value::Decimal(v), Kind::Float64) => to.add(v.to_f64()),
        (Value::Decimal(v), Kind::Int16 | Kind::Int32 | Kind::Int64 | Kind::Duration) => {
            let whole = v.at_scale(0).and_then(|whole| i64::try_from(whole).ok());
            to.add(whole.ok_or("it is not a 64-bit whole number")?)
        }
        (Value::Decimal(v), _) => to.add(decimal(*v, types)),
        (Value::Text(v) | Value::Json(v), _) => to.add(v.as_str()),
        (Value::Bytes(v), _) => to.add(v.as_slice()),
        (Value::Date(v), _) => to.add(date(*v, types)?),
        (Value::Time(v), _) => to.add(time(*v)?),
        (Value::DateTime(v), _) => to.add(datetime(*v, types)?),
        (Value::Uuid(v), _) => to.add(v.as_slice()),
        (Value::List(list), kind) => to.add(document(list, kind)),
    }
}

/// A list as the JSON document that `JSON_TABLE` takes apart.
fn document(list: &[Value], kind: Kind) -> String {
    let members: Vec<String> = list.iter().map(|value| member(value, kind)).collect();
    format!("[{}]", members.join(","))
}

fn member(value: &Value, kind: Kind) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(v) => u8::from(*v).to_string(),
        Value::Int(v) | Value::Duration(v) => v.to_string(),
        // The shortest text that reads back as the same float.
        Value::Float(v) => format!("{v:?}"),
        // As text, since a number of a document may become a float on the way.
        Value::Decimal(v) => format!("\"{v}\""),
        Value::Text(v) | Value::Json(v) => hexadecimal(v.as_bytes()),
        Value::Bytes(v) => hexadecimal(v),
        Value::Uuid(v) => hexadecimal(v),
        Value::Date(v) => format!("\"{}\"", v.to_iso()),
        Value::Time(v) => format!("\"{}\"", v.to_iso()),
        Value::DateTime(v) => format!("\"{}\"", v.to_iso()),
        Value::List(list) => document(list, kind),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(bytes.len() * 2 + 2);
    out.push('"');
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out.push('"');
    out
}

fn null(to: &mut MySqlArguments, kind: Kind, types: &Types) -> Result<(), BoxDynError> {
    let of = |info: &MySqlTypeInfo| Packed { info: info.clone(), bytes: None };
    match kind {
        Kind::Bool => to.add(None::<bool>),
        Kind::Int16 | Kind::Int32 | Kind::Int64 | Kind::Duration => to.add(None::<i64>),
        Kind::Float64 => to.add(None::<f64>),
        Kind::Decimal { .. } => to.add(of(&types.decimal)),
        Kind::Text { .. } | Kind::Json => to.add(None::<&str>),
        Kind::Bytes | Kind::Uuid => to.add(None::<&[u8]>),
        Kind::Date => to.add(of(&types.date)),
        Kind::Time => to.add(None::<MySqlTime>),
        Kind::DateTime | Kind::Timestamp => to.add(of(&types.datetime)),
    }
}

/// About how many bytes a value takes in a packet.
fn width(value: &Value) -> usize {
    match value {
        Value::Text(v) | Value::Json(v) => v.len() + 12,
        Value::Bytes(v) => v.len() + 12,
        Value::List(list) => list.iter().map(width).sum(),
        Value::Decimal(_) => 48,
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Date(_)
        | Value::Time(_)
        | Value::DateTime(_)
        | Value::Duration(_)
        | Value::Uuid(_) => 20,
    }
}

/// A value as it goes over the wire: a byte of length, then as many bytes.
struct Packed {
    info: MySqlTypeInfo,
    bytes: Option<Vec<u8>>,
}

impl Type<MySql> for Packed {
    fn type_info() -> MySqlTypeInfo {
        <[u8] as Type<MySql>>::type_info()
    }
}

impl Encode<'_, MySql> for Packed {
    fn encode_by_ref(&self, buf: &mut Vec<u8>) -> Result<IsNull, BoxDynError> {
        let Some(bytes) = &self.bytes else { return Ok(IsNull::Yes) };
        buf.push(u8::try_from(bytes.len())?);
        buf.extend_from_slice(bytes);
        Ok(IsNull::No)
    }

    fn produces(&self) -> Option<MySqlTypeInfo> {
        Some(self.info.clone())
    }
}

fn decimal(number: Number, types: &Types) -> Packed {
    Packed { info: types.decimal.clone(), bytes: Some(number.to_string().into_bytes()) }
}

fn date(date: Date, types: &Types) -> Result<Packed, BoxDynError> {
    Ok(Packed { info: types.date.clone(), bytes: Some(day_bytes(date)?) })
}

fn datetime(at: DateTime, types: &Types) -> Result<Packed, BoxDynError> {
    let mut bytes = day_bytes(at.date())?;
    let (hour, minute, second, micro) = at.time().hms_micro();
    for part in [hour, minute, second] {
        bytes.push(u8::try_from(part)?);
    }
    bytes.extend_from_slice(&micro.to_le_bytes());
    Ok(Packed { info: types.datetime.clone(), bytes: Some(bytes) })
}

fn day_bytes(date: Date) -> Result<Vec<u8>, BoxDynError> {
    // MariaDB stores the year 10000 as 0000-00-00, without an error.
    if !date.is_storable() {
        return Err("it lies outside the years 1 to 9999".into());
    }
    let (year, month, day) = date.ymd();
    let mut bytes = Vec::with_capacity(11);
    bytes.extend_from_slice(&u16::try_from(year)?.to_le_bytes());
    bytes.push(u8::try_from(month)?);
    bytes.push(u8::try_from(day)?);
    Ok(bytes)
}

fn time(time: Time) -> Result<Packed, BoxDynError> {
    if !(0..86_400_000_000).contains(&time.0) {
        return Err("it is not a time of day".into());
    }
    let (hour, minute, second, micro) = time.hms_micro();
    // Sign and days come first.
    let mut bytes = vec![0; 5];
    for part in [hour, minute, second] {
        bytes.push(u8::try_from(part)?);
    }
    bytes.extend_from_slice(&micro.to_le_bytes());
    Ok(Packed { info: <MySqlTime as Type<MySql>>::type_info(), bytes: Some(bytes) })
}
