//! Kinds and defaults as SQLite's table definitions write them, and back.
//!
//! A declared type names the kind exactly, and its affinity changes no stored value: text that looks like a number would
//! become one in a column of a name that SQLite does not know, so JSON and UUIDs say `TEXT` too.

use super::super::dialect::NOW;
use super::super::{DIALECT, uuid};
use super::string;
use crate::dialect::Dialect;
use crate::schema::Default;
use crate::value::{Date, DateTime, Kind, Number, Time, Value};

const NOW_DATE: &str = "date('now')";
const NOW_TIME: &str = "rtrim(rtrim(strftime('%H:%M:%f', 'now'), '0'), '.')";

/// The type that a column of a kind is declared with.
pub(in super::super) fn type_of(kind: Kind) -> String {
    match kind {
        Kind::Bool => "BOOLEAN".to_owned(),
        Kind::Int16 => "SMALLINT".to_owned(),
        // `INTEGER` would make a key of it the row's own number, which takes NULL for "the next one".
        Kind::Int32 => "INT".to_owned(),
        Kind::Int64 => "BIGINT".to_owned(),
        Kind::Float64 => "DOUBLE".to_owned(),
        Kind::Decimal { digits, places } => format!("DECIMAL({digits}, {places})"),
        Kind::Text { max: Some(max) } => format!("VARCHAR({max})"),
        Kind::Text { max: None } => "TEXT".to_owned(),
        Kind::Bytes => "BLOB".to_owned(),
        Kind::Date => "DATE".to_owned(),
        Kind::Time => "TIME".to_owned(),
        Kind::DateTime => "DATETIME".to_owned(),
        Kind::Timestamp => "TIMESTAMP".to_owned(),
        Kind::Duration => "DURATION".to_owned(),
        Kind::Uuid => "UUID TEXT".to_owned(),
        Kind::Json => "JSON TEXT".to_owned(),
    }
}

/// The kind of a declared type; the nearest for those that this library does not write.
pub(in super::super) fn kind_of(declared: &str) -> Kind {
    let upper = declared.to_ascii_uppercase();
    let (name, arguments) = upper.split_once('(').unwrap_or((&upper, ""));
    let mut arguments = arguments.trim_end_matches(')').split(',').map(|a| a.trim().parse::<u32>().ok());
    let (first, second) = (arguments.next().flatten(), arguments.next().flatten());
    match name.trim() {
        "BOOLEAN" | "BOOL" => Kind::Bool,
        "SMALLINT" | "TINYINT" | "INT2" => Kind::Int16,
        "INT" | "INT4" | "MEDIUMINT" => Kind::Int32,
        "DECIMAL" | "NUMERIC" => match first.map(u8::try_from) {
            Some(Ok(digits)) => {
                Kind::Decimal { digits, places: second.and_then(|p| u8::try_from(p).ok()).unwrap_or(0) }
            }
            _ => Kind::Float64,
        },
        "DATE" => Kind::Date,
        "TIME" => Kind::Time,
        "DATETIME" => Kind::DateTime,
        "TIMESTAMP" | "TIMESTAMPTZ" => Kind::Timestamp,
        "DURATION" => Kind::Duration,
        "UUID" | "UUID TEXT" => Kind::Uuid,
        "JSON" | "JSON TEXT" => Kind::Json,
        // https://www.sqlite.org/datatype3.html#determination_of_column_affinity
        name if name.contains("INT") => Kind::Int64,
        name if name.contains("CHAR") => Kind::Text { max: first },
        name if name.contains("BLOB") || name.contains("BINARY") => Kind::Bytes,
        name if ["REAL", "FLOA", "DOUB"].iter().any(|n| name.contains(n)) => Kind::Float64,
        _ => Kind::TEXT,
    }
}

/// The greatest key that a counting column of a kind may give out, if it must be said; `None` if it cannot count.
#[allow(clippy::option_option)]
pub(in super::super) fn counting_bound(kind: Kind) -> Option<Option<i64>> {
    match kind {
        Kind::Int16 => Some(Some(i64::from(i16::MAX))),
        Kind::Int32 => Some(Some(i64::from(i32::MAX))),
        Kind::Int64 => Some(None),
        Kind::Bool
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
        | Kind::Json => None,
    }
}

/// A default in the form that its column stores.
pub(super) fn literal(default: &Default, kind: Kind) -> Result<String, String> {
    if *default == Default::Now {
        return match kind {
            Kind::Timestamp | Kind::DateTime => Ok(NOW.to_owned()),
            Kind::Date => Ok(NOW_DATE.to_owned()),
            Kind::Time => Ok(NOW_TIME.to_owned()),
            _ => Err(format!("is the current time, which a {} cannot hold", kind.name())),
        };
    }
    let value = value_of(default, kind).ok_or_else(|| format!("is not a {}", kind.name()))?;
    DIALECT.check(&value, kind)?;
    Ok(match value {
        Value::Bool(v) => i64::from(v).to_string(),
        Value::Int(v) | Value::Duration(v) => v.to_string(),
        Value::Float(v) => format!("{v:?}"),
        Value::Decimal(v) => v.at_scale(kind.places().unwrap_or(0)).ok_or("has too many digits")?.to_string(),
        Value::Text(v) | Value::Json(v) => string(&v),
        Value::Bytes(v) => format!("X'{}'", v.iter().map(|b| format!("{b:02X}")).collect::<String>()),
        Value::Date(v) => string(&v.to_iso()),
        Value::Time(v) => string(&v.to_iso()),
        Value::DateTime(v) => string(&v.to_iso()),
        Value::Uuid(v) => string(&uuid::to_text(&v)),
        Value::Null | Value::List(_) => return Err(format!("is not a {}", kind.name())),
    })
}

fn value_of(default: &Default, kind: Kind) -> Option<Value> {
    let parsed = |text: &str| -> Option<Value> {
        Some(match kind {
            Kind::Bool => Value::Bool(text.parse().ok()?),
            Kind::Int16 | Kind::Int32 | Kind::Int64 => Value::Int(text.parse().ok()?),
            Kind::Duration => Value::Duration(text.parse().ok()?),
            Kind::Float64 => Value::Float(text.parse().ok()?),
            Kind::Decimal { .. } => Value::Decimal(Number::parse(text)?),
            Kind::Text { .. } => Value::Text(text.into()),
            Kind::Uuid => Value::Uuid(uuid::parse(text)?),
            Kind::Bytes => Value::Bytes(text.as_bytes().to_vec()),
            Kind::Date => Value::Date(Date::parse(text)?),
            Kind::Time => Value::Time(Time::parse(text)?),
            Kind::DateTime | Kind::Timestamp => Value::DateTime(DateTime::parse(text)?),
            Kind::Json => Value::Json(text.into()),
        })
    };
    #[allow(clippy::cast_precision_loss)]
    match (default, kind) {
        (Default::Bool(v), Kind::Bool) => Some(Value::Bool(*v)),
        (Default::Int(v), Kind::Float64) => Some(Value::Float(*v as f64)),
        (Default::Int(v), Kind::Decimal { .. }) => Some(Value::Decimal(Number::from(*v))),
        (Default::Int(v), Kind::Duration) => Some(Value::Duration(*v)),
        (Default::Int(v), Kind::Int16 | Kind::Int32 | Kind::Int64) => Some(Value::Int(*v)),
        (Default::Float(v), Kind::Float64) => Some(Value::Float(*v)),
        (Default::Float(v), Kind::Decimal { .. }) => Number::parse(&v.to_string()).map(Value::Decimal),
        (Default::Text(v), _) => parsed(v),
        _ => None,
    }
}

/// What a column's `DEFAULT` says, if it is a default that this library knows.
pub(in super::super) fn default_of(text: &str, kind: Kind) -> Option<Default> {
    let text = text.trim();
    let upper = text.to_ascii_uppercase();
    if [NOW, NOW_DATE, NOW_TIME].contains(&text) || upper.starts_with("CURRENT_") {
        return Some(Default::Now);
    }
    let quoted = text.strip_prefix('\'').and_then(|t| t.strip_suffix('\'')).map(|t| t.replace("''", "'"));
    match kind {
        Kind::Bool => match upper.as_str() {
            "1" | "TRUE" => Some(Default::Bool(true)),
            "0" | "FALSE" => Some(Default::Bool(false)),
            _ => None,
        },
        Kind::Int16 | Kind::Int32 | Kind::Int64 | Kind::Duration => text.parse().ok().map(Default::Int),
        Kind::Float64 => text.parse().ok().map(Default::Float),
        Kind::Decimal { places, .. } => {
            let scaled: i64 = text.parse().ok()?;
            Some(Default::Text(Number::new(i128::from(scaled), places).normalized().to_string()))
        }
        Kind::Bytes => {
            let digits = upper.strip_prefix("X'")?.strip_suffix('\'')?;
            let byte = |at| digits.get(at..at + 2).and_then(|d| u8::from_str_radix(d, 16).ok());
            let bytes: Option<Vec<u8>> = (0..digits.len()).step_by(2).map(byte).collect();
            String::from_utf8(bytes?).ok().map(Default::Text)
        }
        Kind::Text { .. } | Kind::Date | Kind::Time | Kind::DateTime | Kind::Timestamp | Kind::Uuid | Kind::Json => {
            quoted.map(Default::Text)
        }
    }
}
