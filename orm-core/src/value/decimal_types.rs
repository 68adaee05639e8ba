//! `rust_decimal`'s type as a column type.

use rust_decimal::Decimal;

use super::convert::mismatch;
use super::{Cell, Kind, Number, Value};

fn decimal(number: Number) -> Option<Decimal> {
    let number = if number.scale > 28 { number.normalized() } else { number };
    Decimal::try_from_i128_with_scale(number.mantissa, u32::from(number.scale)).ok()
}

crate::__sql_type!(
    Decimal,
    Kind::Decimal { digits: 28, places: 10 },
    |cell| match cell {
        Cell::Decimal(v) => decimal(v).ok_or_else(|| mismatch::<Decimal>(cell)),
        Cell::Int(v) => Ok(Decimal::from(v)),
        other => Err(mismatch::<Decimal>(other)),
    },
    |v| Value::Decimal(Number::new(v.mantissa(), u8::try_from(v.scale()).unwrap_or(28)))
);
