//! What differs from database to database in the text of queries, as data. The tables stand in `backend/*/dialect.rs`.
//!
//! ```
//! # orm_blog::example! {
//! use orm::dialect::Feature;
//! let (sqlite, mysql) = (orm::backend::dialect("sqlite"), orm::backend::dialect("mysql"));
//! assert!(sqlite.is_some_and(|dialect| dialect.has(Feature::TransactionalDdl)));
//! assert!(mysql.is_some_and(|dialect| !dialect.has(Feature::TransactionalDdl)));
//! assert_eq!(mysql.map(|dialect| dialect.quote("order")).as_deref(), Some("`order`"));
//! # }
//! ```

use crate::ast::{Func, Lookup};
use crate::value::{Kind, Number, Value};

/// How a database spells queries. Templates are SQL with `{0}`, `{1}`… for the operands.
pub trait Dialect: Send + Sync + std::fmt::Debug + 'static {
    /// Its name, as URLs and errors say it.
    fn name(&self) -> &'static str;
    /// Quotes and placeholders.
    fn syntax(&self) -> Syntax;
    /// Whether it can do something that not every database can.
    fn has(&self, feature: Feature) -> bool;
    /// The spelling of a function over operands of a kind, `None` if it does not have it.
    fn func(&self, func: Func, args: &[Kind]) -> Option<String>;
    /// The spelling of a text lookup. With `constant`, the right side is a value that was [encoded](Dialect::pattern).
    fn lookup(&self, lookup: Lookup, constant: bool) -> Option<&'static str>;
    /// The value to bind for the right side of a text lookup with a constant.
    fn pattern(&self, lookup: Lookup, text: &str) -> String;
    /// How an integer becomes one of 64 bits, in which all arithmetic is; `None` where it always is.
    fn widened(&self) -> Option<&'static str> {
        None
    }
    /// Whole-number division, remainder or float division; decimals go through [`Dialect::decimal_div`].
    fn divide(&self, op: Division) -> &'static str;
    /// The quotient of two decimals, both given at the scale `places - 4` and 0 respectively on databases where
    /// decimals are scaled integers; rounded half away from zero to `places`.
    fn decimal_div(&self, places: u8) -> String;
    /// An average of decimals, to `places`, half away from zero. `{0}` is the aggregated expression.
    fn decimal_avg(&self, places: u8) -> String;
    /// An average of integers or floats as a float. `{0}` is the aggregated expression, perhaps with `DISTINCT` before it.
    fn float_avg(&self) -> &'static str;
    /// An average of whole numbers as a whole number, half away from zero. `{0}` is the aggregated expression.
    fn whole_avg(&self) -> &'static str;
    /// `MIN` and `MAX` (`{0}`) of an expression (`{1}`) of a kind that the plain functions do not take; `None` if they do.
    fn extreme(&self, kind: Kind) -> Option<&'static str> {
        let _ = kind;
        None
    }
    /// How a list is bound.
    fn list(&self) -> ListStyle;
    /// How a list is bound and opened in `IN`, for [`ListStyle::OneParameter`], e.g. `= ANY({0})`.
    fn in_list(&self, kind: Kind) -> &'static str;
    /// How a column of a decimal that the library did not create is read as the library's decimals; `None` if as it is.
    fn native_decimal(&self, places: u8) -> Option<String>;
    /// The cast that gives a bound value its kind where nothing else does (`SELECT ?`); `None` if none is needed.
    fn typed_parameter(&self, kind: Kind) -> Option<&'static str>;
    /// Whether decimals are stored as integers, scaled by the column's places.
    fn scaled_decimals(&self) -> bool;
    /// Why a value cannot be held by a column of the kind here, if it cannot.
    ///
    /// # Errors
    /// The words of what is wrong, e.g. "is longer than 5 characters".
    fn check(&self, value: &Value, kind: Kind) -> Result<(), String>;
    /// Where NULLs go in ascending order unless asked.
    fn nulls_are_least(&self) -> bool;
    /// The text of `LIMIT` for "all" where an offset needs a limit.
    fn limit_all(&self) -> Option<&'static str>;
    /// What stands before the parameter of a `LIMIT` or `OFFSET`.
    fn before_limit(&self) -> &'static str {
        ""
    }
    /// The most parameters of one statement.
    fn max_parameters(&self) -> usize;
    /// From how many rows on an insert of several is not faster for having more.
    fn most_rows(&self) -> usize {
        1024
    }
    /// An `INSERT` that ignores rows which are there already: the words before `INTO` and those at the end, in which
    /// `{key}` stands for the quoted name of a column of the primary key (or any column, where there is none). Where
    /// the end names `{key}`, rows that were there count as affected too.
    fn insert_ignore(&self) -> (&'static str, &'static str);
    /// Where an insert takes the values of several rows as one list a column: what stands before the lists in brackets.
    fn insert_lists(&self) -> Option<&'static str> {
        None
    }
    /// The `VALUES` of an insert that gives no column.
    fn default_values(&self) -> &'static str;
    /// A quoted identifier.
    fn quote(&self, name: &str) -> String {
        match self.syntax() {
            Syntax::Backtick => format!("`{}`", name.replace('`', "``")),
            Syntax::Numbered | Syntax::Question => format!("\"{}\"", name.replace('"', "\"\"")),
        }
    }
}

/// Quotes and placeholders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// `"name"` and `$1`.
    Numbered,
    /// `` `name` `` and `?`.
    Backtick,
    /// `"name"` and `?`.
    Question,
}

/// What not every database can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Feature {
    /// `RETURNING` after INSERT.
    InsertReturning,
    /// `RETURNING` after UPDATE.
    UpdateReturning,
    /// `FILTER (WHERE …)` after an aggregate.
    AggregateFilter,
    /// A statement that changes a table may read it in a subquery.
    SelfReference,
    /// `NULLS FIRST` and `NULLS LAST`.
    NullsOrder,
    /// Changes to tables are part of the transaction.
    TransactionalDdl,
    /// `LIMIT` inside an `IN (…)` subquery.
    LimitInSubquery,
    /// A subquery in FROM may name the row outside of the query that it stands in.
    CorrelatedTable,
    /// The assignments of an UPDATE all see the row as it was.
    SimultaneousSet,
    /// Rows are skipped right (OFFSET) where an EXISTS chooses them.
    OffsetBesideExists,
    /// The order of a subquery may name the row outside of it.
    CorrelatedOrder,
}

/// A division.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Division {
    /// Integers, cut off toward zero.
    Int,
    /// The remainder, with the dividend's sign.
    Rem,
    /// Floats.
    Float,
}

/// How a list is bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListStyle {
    /// The whole list is one parameter.
    OneParameter,
    /// A parameter each, in lengths of powers of two (the last value is repeated).
    Padded,
}

/// What no database may be asked to hold in a column of a kind, so that a value means the same on each of them:
/// the part of [`Dialect::check`] that is the same everywhere. Of a list, every member is checked.
///
/// # Errors
/// The words of what is wrong, e.g. "is longer than 5 characters".
pub fn check_common(value: &Value, kind: Kind) -> Result<(), String> {
    match (value, kind) {
        (Value::Null, _) => Ok(()),
        (Value::List(list), _) => list.iter().try_for_each(|v| check_common(v, kind)),
        (Value::Bool(_), Kind::Bool) | (Value::Bytes(_), Kind::Bytes) | (Value::Uuid(_), Kind::Uuid) => Ok(()),
        (Value::Int(v), Kind::Int16) => in_range(i16::try_from(*v).is_ok(), "a 16-bit integer"),
        (Value::Int(v), Kind::Int32) => in_range(i32::try_from(*v).is_ok(), "a 32-bit integer"),
        (Value::Int(_), Kind::Int64 | Kind::Float64) | (Value::Decimal(_), Kind::Float64) => Ok(()),
        (Value::Int(v), Kind::Decimal { digits, places }) => check_decimal(Number::from(*v), digits, places),
        (Value::Decimal(v), Kind::Decimal { digits, places }) => check_decimal(*v, digits, places),
        (Value::Decimal(v), Kind::Int16 | Kind::Int32 | Kind::Int64) => match v.at_scale(0).map(i64::try_from) {
            Some(Ok(whole)) => check_common(&Value::Int(whole), kind),
            Some(Err(_)) => Err("is out of the range of a 64-bit integer".to_owned()),
            None => Err("is not a whole number".to_owned()),
        },
        (Value::Float(v), Kind::Float64) if v.is_finite() => Ok(()),
        (Value::Float(_), Kind::Float64) => Err("is not a finite number".to_owned()),
        (Value::Text(v), Kind::Text { max }) => check_text(v, max),
        (Value::Json(v) | Value::Text(v), Kind::Json) => check_json(v),
        (Value::Date(v), Kind::Date) => in_range(v.is_storable(), "the years 1 to 9999"),
        (Value::Time(v), Kind::Time) => in_range((0..86_400_000_000).contains(&v.0), "a day"),
        (Value::DateTime(v), Kind::DateTime | Kind::Timestamp) => in_range(v.is_storable(), "the years 1 to 9999"),
        // Every count of microseconds fits the 64 bits that each database stores it in.
        (Value::Duration(_), Kind::Duration) => Ok(()),
        (other, _) => Err(format!("is {}, where {} is needed", words(other), needed(kind))),
    }
}

fn in_range(holds: bool, range: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(format!("is out of the range of {range}")) }
}

fn check_text(text: &str, max: Option<u32>) -> Result<(), String> {
    // PostgreSQL cannot hold NUL in text, and JSON functions of SQLite stop at it.
    if text.contains('\0') {
        return Err("holds a NUL character".to_owned());
    }
    match max {
        Some(max) if text.len() > max as usize && text.chars().count() > max as usize => {
            Err(format!("is longer than {max} characters"))
        }
        _ => Ok(()),
    }
}

fn check_decimal(number: Number, digits: u8, places: u8) -> Result<(), String> {
    let number = number.normalized();
    if number.scale > places {
        return Err(format!("has more than {places} decimal places"));
    }
    let whole = digits.saturating_sub(places);
    if number.integer_digits() > usize::from(whole) {
        return Err(format!("has more than {whole} digits before the decimal point"));
    }
    Ok(())
}

fn check_json(text: &str) -> Result<(), String> {
    let document: serde_json::Value = serde_json::from_str(text).map_err(|e| format!("is not valid JSON ({e})"))?;
    // PostgreSQL refuses it in JSON too; the escape is the only way in, and parsing is the only way to tell it from an escaped backslash.
    if text.contains("\\u0000") && holds_nul(&document) {
        return Err("holds a NUL character".to_owned());
    }
    Ok(())
}

fn holds_nul(document: &serde_json::Value) -> bool {
    match document {
        serde_json::Value::String(text) => text.contains('\0'),
        serde_json::Value::Array(list) => list.iter().any(holds_nul),
        serde_json::Value::Object(map) => map.iter().any(|(key, value)| key.contains('\0') || holds_nul(value)),
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => false,
    }
}

/// A value in words, with its article.
fn words(value: &Value) -> &'static str {
    match value {
        Value::Null => "NULL",
        Value::Bool(_) => "a boolean",
        Value::Int(_) => "an integer",
        Value::Float(_) => "a float",
        Value::Decimal(_) => "a decimal",
        Value::Text(_) => "text",
        Value::Bytes(_) => "bytes",
        Value::Date(_) => "a date",
        Value::Time(_) => "a time",
        Value::DateTime(_) => "a date and time",
        Value::Duration(_) => "a duration",
        Value::Uuid(_) => "a UUID",
        Value::Json(_) => "JSON",
        Value::List(_) => "a list",
    }
}

/// A kind in words, with its article.
fn needed(kind: Kind) -> String {
    match kind {
        Kind::Text { .. } | Kind::Bytes | Kind::Json => kind.name().to_owned(),
        _ => format!("a {}", kind.name()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Date, DateTime};

    fn check(value: Value, kind: Kind, expected: Option<&str>) {
        assert_eq!(check_common(&value, kind).err().as_deref(), expected, "{value:?} as {kind:?}");
    }

    #[test]
    fn values_that_no_database_holds_alike_are_refused_in_words() {
        let price = Kind::Decimal { digits: 5, places: 2 };
        let short = Kind::Text { max: Some(2) };
        check(Value::Null, price, None);
        check(Value::Int(40_000), Kind::Int16, Some("is out of the range of a 16-bit integer"));
        check(Value::Int(-32_768), Kind::Int16, None);
        check(Value::Decimal(Number::new(99_900, 2)), price, None);
        check(Value::Decimal(Number::new(9_990, 3)), price, None);
        check(Value::Decimal(Number::new(9_999, 3)), price, Some("has more than 2 decimal places"));
        check(Value::Int(1000), price, Some("has more than 3 digits before the decimal point"));
        check(Value::Decimal(Number::new(15, 1)), Kind::Int64, Some("is not a whole number"));
        check(Value::Text("äöü".into()), short, Some("is longer than 2 characters"));
        check(Value::Text("äö".into()), short, None);
        check(Value::Text("a\0".into()), Kind::TEXT, Some("holds a NUL character"));
        check(Value::Float(f64::NAN), Kind::Float64, Some("is not a finite number"));
        check(Value::Date(Date(Date::MAX.0 + 1)), Kind::Date, Some("is out of the range of the years 1 to 9999"));
        check(Value::DateTime(DateTime::MAX), Kind::Timestamp, None);
        check(Value::Json(r#"{"a":"\\u0000"}"#.into()), Kind::Json, None);
        check(Value::Json(r#"{"a":"\u0000"}"#.into()), Kind::Json, Some("holds a NUL character"));
        check(Value::Text("x".into()), Kind::Uuid, Some("is text, where a UUID is needed"));
        check(
            Value::List(vec![Value::Int(1), Value::Int(1 << 40)]),
            Kind::Int32,
            Some("is out of the range of a 32-bit integer"),
        );
        assert!(check_common(&Value::Json("{".into()), Kind::Json).is_err());
        assert!(check_common(&Value::Json("[".repeat(100_000).into()), Kind::Json).is_err());
    }
}
