//! `uuid`'s type as a column type.

use uuid::Uuid;

use super::convert::mismatch;
use super::{Cell, Kind, Value};

crate::__sql_type!(
    Uuid,
    Kind::Uuid,
    |cell| match cell {
        Cell::Uuid(v) => Ok(Uuid::from_bytes(v)),
        other => Err(mismatch::<Uuid>(other)),
    },
    |v| Value::Uuid(v.into_bytes())
);
