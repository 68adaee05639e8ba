//! The SQL functions that each connection registers: case beyond ASCII, and exact arithmetic on decimals, which are
//! stored as scaled integers; and what a rebuild asks of a table's text. None of them reads anything but its arguments.

use rusqlite::functions::{Aggregate, Context, FunctionFlags};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Error, Result};

use super::super::dialect::fold;
use super::super::schema::carry::{self, Change};
use crate::value::Number;

/// The words of SQLite's own error for the same thing, so that both are told apart from others in one place.
const OVERFLOW: &str = "integer overflow";

pub(super) fn register(db: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    db.create_scalar_function("orm_fold", 1, flags, |ctx| text(ctx, fold))?;
    db.create_scalar_function("orm_upper", 1, flags, |ctx| text(ctx, str::to_uppercase))?;
    db.create_scalar_function("orm_round", 2, flags, |ctx| {
        let (Some(number), Some(places)) = (integer(ctx, 0)?, integer(ctx, 1)?) else { return Ok(None) };
        rounded_quotient(number, power(places)?).map(Some)
    })?;
    db.create_scalar_function("orm_div", 2, flags, |ctx| match (integer(ctx, 0)?, integer(ctx, 1)?) {
        (Some(a), Some(b)) if b != 0 => rounded_quotient(a * FOUR_PLACES, b).map(Some),
        _ => Ok(None),
    })?;
    db.create_scalar_function("orm_decimal", 2, flags, |ctx| {
        let Some(places) = integer(ctx, 1)? else { return Ok(None) };
        let Some(number) = number(ctx.get_raw(0))? else { return Ok(None) };
        let factor = power(places)?;
        let scaled = number.mantissa.checked_mul(factor).ok_or_else(|| failure(OVERFLOW))?;
        rounded_quotient(scaled, power(i64::from(number.scale).into())?).map(Some)
    })?;
    db.create_scalar_function("orm_carried", 5, flags, |ctx| carried(ctx)?.map(Some).map_err(failure))?;
    db.create_scalar_function("orm_refused", 5, flags, |ctx| Ok(carried(ctx)?.err()))?;
    db.create_scalar_function("orm_reads", 2, flags, |ctx| {
        let (sql, column): (Option<String>, String) = (ctx.get(0)?, ctx.get(1)?);
        // The index of a constraint has no text.
        Ok(sql.is_some_and(|sql| carry::reads(&sql, &column)))
    })?;
    db.create_aggregate_function("orm_avg", 1, flags, Average { factor: FOUR_PLACES })?;
    db.create_aggregate_function("orm_whole_avg", 1, flags, Average { factor: 1 })
}

/// Quotients and averages have four places more than what is divided.
const FOUR_PLACES: i128 = 10_000;

fn failure(words: impl Into<String>) -> Error {
    Error::UserFunctionError(words.into().into())
}

fn power(exponent: i128) -> Result<i128> {
    u32::try_from(exponent).ok().and_then(|e| 10i128.checked_pow(e)).ok_or_else(|| failure(OVERFLOW))
}

/// Half away from zero.
fn rounded_quotient(a: i128, b: i128) -> Result<i64> {
    let (whole, rest) = (a / b, a % b);
    let away = if (a < 0) == (b < 0) { 1 } else { -1 };
    let rounded = if rest.unsigned_abs() >= b.unsigned_abs() - rest.unsigned_abs() { whole + away } else { whole };
    i64::try_from(rounded).map_err(|_| failure(OVERFLOW))
}

fn text(ctx: &Context<'_>, change: fn(&str) -> String) -> Result<Value> {
    match ctx.get_raw(0) {
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Value::Text(change(text))),
            Err(_) => Err(failure("the text is not UTF-8")),
        },
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(v) => Ok(Value::Integer(v)),
        ValueRef::Real(v) => Ok(Value::Real(v)),
        ValueRef::Blob(v) => Ok(Value::Blob(v.to_vec())),
    }
}

/// An argument that must be an integer. A float is an integer that grew too large on the way: SQLite's `+`, `-` and `*`
/// go over to floats then.
fn integer(ctx: &Context<'_>, index: usize) -> Result<Option<i128>> {
    match ctx.get_raw(index) {
        ValueRef::Null => Ok(None),
        ValueRef::Integer(v) => Ok(Some(i128::from(v))),
        ValueRef::Real(_) => Err(failure(OVERFLOW)),
        ValueRef::Text(_) | ValueRef::Blob(_) => Err(failure("a decimal is stored as text or bytes")),
    }
}

/// The next definition of a table, from its text, the schema's texts before and after, and two lists of columns.
fn carried(ctx: &Context<'_>) -> Result<std::result::Result<String, String>> {
    let texts: Vec<String> = (0..5).map(|i| ctx.get(i)).collect::<Result<_>>()?;
    Ok(carry::carry(&Change {
        live: &texts[0],
        before: &texts[1],
        after: &texts[2],
        fresh: carry::list_of_names(&texts[3]),
        converted: carry::list_of_names(&texts[4]),
    }))
}

/// A number as tools other than this library store decimals: an integer, a float (by its shortest text), or text.
fn number(value: ValueRef<'_>) -> Result<Option<Number>> {
    let text = match value {
        ValueRef::Null => return Ok(None),
        ValueRef::Integer(v) => return Ok(Some(Number::from(v))),
        ValueRef::Real(v) => v.to_string(),
        ValueRef::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        ValueRef::Blob(_) => return Err(failure("a decimal is stored as bytes")),
    };
    Number::parse(text.trim()).map(Some).ok_or_else(|| failure("a decimal is stored as text that is not a number"))
}

/// An average, times a factor.
struct Average {
    factor: i128,
}

impl Aggregate<(i128, i128), Option<i64>> for Average {
    fn init(&self, _: &mut Context<'_>) -> Result<(i128, i128)> {
        Ok((0, 0))
    }

    fn step(&self, ctx: &mut Context<'_>, (sum, count): &mut (i128, i128)) -> Result<()> {
        if let Some(value) = integer(ctx, 0)? {
            *sum += value;
            *count += 1;
        }
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, totals: Option<(i128, i128)>) -> Result<Option<i64>> {
        match totals {
            Some((sum, count)) if count > 0 => {
                let scaled = sum.checked_mul(self.factor).ok_or_else(|| failure(OVERFLOW))?;
                rounded_quotient(scaled, count).map(Some)
            }
            _ => Ok(None),
        }
    }
}
