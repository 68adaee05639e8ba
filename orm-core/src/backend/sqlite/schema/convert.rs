//! What becomes of stored values when a column changes its kind. A value that would change its meaning refuses the change.

use crate::value::Kind;

/// A conversion of a column's values.
pub(super) struct Conversion {
    /// The new value.
    pub(super) value: String,
    /// What is true of values that cannot be converted.
    pub(super) refused: Vec<String>,
}

/// How a column `c` of one kind becomes another kind, if it can.
pub(super) fn conversion(from: Kind, to: Kind, c: &str) -> Option<Conversion> {
    let (value, unreadable) = value(from, to, c)?;
    let mut refused: Vec<String> = unreadable.into_iter().collect();
    refused.extend(too_large(to, &value));
    Some(Conversion { value, refused })
}

fn value(from: Kind, to: Kind, c: &str) -> Option<(String, Option<String>)> {
    let same = || Some((c.to_owned(), None));
    let as_is_if = |bad: String| Some((c.to_owned(), Some(bad)));
    match (from, to) {
        (Kind::Int16 | Kind::Int32 | Kind::Int64, Kind::Int16 | Kind::Int32 | Kind::Int64)
        | (Kind::Int16 | Kind::Int32 | Kind::Int64, Kind::Duration)
        | (Kind::Duration, Kind::Int64)
        | (Kind::Bool, Kind::Int16 | Kind::Int32 | Kind::Int64)
        | (Kind::Text { .. }, Kind::Text { .. })
        | (Kind::Date | Kind::Time | Kind::DateTime | Kind::Timestamp | Kind::Uuid | Kind::Json, Kind::Text { .. })
        | (Kind::DateTime | Kind::Timestamp, Kind::DateTime | Kind::Timestamp) => same(),
        (Kind::Int16 | Kind::Int32 | Kind::Int64, Kind::Bool) => as_is_if(format!("{c} NOT IN (0, 1)")),
        (Kind::Int16 | Kind::Int32 | Kind::Int64 | Kind::Bool, Kind::Float64) => {
            Some((format!("CAST({c} AS REAL)"), None))
        }
        (Kind::Int16 | Kind::Int32 | Kind::Int64, Kind::Decimal { places, .. }) => {
            Some((format!("({c} * {})", power(places)?), None))
        }
        (Kind::Float64, Kind::Int16 | Kind::Int32 | Kind::Int64) => {
            Some((format!("CAST(round({c}) AS INTEGER)"), Some(format!("abs({c}) >= 9e18"))))
        }
        (Kind::Float64 | Kind::Text { .. }, Kind::Decimal { places, .. }) => {
            Some((format!("orm_decimal({c}, {places})"), None))
        }
        (Kind::Decimal { places, .. }, Kind::Int16 | Kind::Int32 | Kind::Int64) => {
            Some((format!("orm_round({c}, {places})"), None))
        }
        (Kind::Decimal { places, .. }, Kind::Float64) => {
            Some((format!("(CAST({c} AS REAL) / {})", power(places)?), None))
        }
        (Kind::Decimal { places: old, .. }, Kind::Decimal { places: new, .. }) => {
            let value = match new.checked_sub(old) {
                Some(0) => c.to_owned(),
                Some(more) => format!("({c} * {})", power(more)?),
                None => format!("orm_round({c}, {})", old - new),
            };
            Some((value, None))
        }
        (Kind::Decimal { places, .. }, Kind::Text { .. }) => Some((decimal_text(c, places)?, None)),
        (Kind::Int16 | Kind::Int32 | Kind::Int64 | Kind::Float64, Kind::Text { .. }) => {
            Some((format!("CAST({c} AS TEXT)"), None))
        }
        (Kind::Bool, Kind::Text { .. }) => Some((format!("CASE {c} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END"), None)),
        (Kind::Text { .. }, Kind::Int16 | Kind::Int32 | Kind::Int64) => {
            Some((format!("CAST({c} AS INTEGER)"), Some(format!("CAST(CAST({c} AS INTEGER) AS TEXT) <> {c}"))))
        }
        (Kind::Text { .. }, Kind::Float64) => Some((
            format!("CAST({c} AS REAL)"),
            Some(format!("NOT iif(json_valid({c}), json_type({c}) IN ('integer', 'real'), 0)")),
        )),
        (Kind::Text { .. }, Kind::Bool) => {
            Some((format!("({c} = 'true')"), Some(format!("{c} NOT IN ('true', 'false')"))))
        }
        (Kind::Text { .. }, Kind::Date) => as_is_if(format!("date({c}) IS NOT {c}")),
        (Kind::Text { .. }, Kind::Time) => as_is_if(format!("time({c}) IS NULL OR length({c}) < 8")),
        (Kind::Text { .. }, Kind::DateTime | Kind::Timestamp) => {
            as_is_if(format!("strftime('%s', {c}) IS NULL OR length({c}) < 19"))
        }
        (Kind::Text { .. }, Kind::Uuid) => Some((
            format!("lower({c})"),
            Some(format!("length({c}) <> 36 OR unhex({c}, '-') IS NULL OR length(unhex({c}, '-')) <> 16")),
        )),
        (Kind::Text { .. }, Kind::Json) => as_is_if(format!("NOT json_valid({c})")),
        (Kind::Text { .. }, Kind::Bytes) => Some((format!("CAST({c} AS BLOB)"), None)),
        (Kind::Date, Kind::DateTime | Kind::Timestamp) => Some((format!("({c} || ' 00:00:00')"), None)),
        (Kind::DateTime | Kind::Timestamp, Kind::Date) => Some((format!("substr({c}, 1, 10)"), None)),
        (Kind::DateTime | Kind::Timestamp, Kind::Time) => Some((format!("substr({c}, 12)"), None)),
        // Nothing that people would agree on.
        _ => None,
    }
}

/// When a converted value is beyond what its column holds.
fn too_large(kind: Kind, value: &str) -> Option<String> {
    match kind {
        Kind::Int16 => Some(format!("{value} NOT BETWEEN -32768 AND 32767")),
        Kind::Int32 => Some(format!("{value} NOT BETWEEN -2147483648 AND 2147483647")),
        Kind::Decimal { digits, .. } => Some(format!("abs({value}) >= {}", power(digits.min(18))?)),
        Kind::Text { max: Some(max) } => Some(format!("length({value}) > {max}")),
        Kind::Bool
        | Kind::Int64
        | Kind::Float64
        | Kind::Text { max: None }
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

fn power(places: u8) -> Option<i64> {
    10i64.checked_pow(u32::from(places))
}

fn decimal_text(c: &str, places: u8) -> Option<String> {
    if places == 0 {
        return Some(format!("CAST({c} AS TEXT)"));
    }
    let power = power(places)?;
    let text = format!("printf('%s%d.%0{places}d', iif({c} < 0, '-', ''), abs({c}) / {power}, abs({c}) % {power})");
    // `printf` takes NULL for zero.
    Some(format!("iif({c} IS NULL, NULL, {text})"))
}
