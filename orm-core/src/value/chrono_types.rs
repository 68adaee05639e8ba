//! `chrono`'s types as column types.

use chrono::{DateTime as ChronoDateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};

use super::convert::mismatch;
use super::{Cell, Date, DateTime, Kind, Time, Value};

const EPOCH_FROM_CE: i32 = 719_163;

fn date_out(v: NaiveDate) -> Date {
    Date(v.num_days_from_ce() - EPOCH_FROM_CE)
}
fn date_in(v: Date) -> Option<NaiveDate> {
    NaiveDate::from_num_days_from_ce_opt(v.0.checked_add(EPOCH_FROM_CE)?)
}
fn time_out(v: NaiveTime) -> Time {
    Time(i64::from(v.num_seconds_from_midnight()) * 1_000_000 + i64::from(v.nanosecond() / 1000))
}
fn time_in(v: Time) -> Option<NaiveTime> {
    let (h, m, s, us) = v.hms_micro();
    NaiveTime::from_hms_micro_opt(h, m, s, us)
}

crate::__sql_type!(
    NaiveDate,
    Kind::Date,
    |cell| match cell {
        Cell::Date(v) => date_in(v).ok_or_else(|| mismatch::<NaiveDate>(cell)),
        other => Err(mismatch::<NaiveDate>(other)),
    },
    |v| Value::Date(date_out(*v))
);
crate::__sql_type!(
    NaiveTime,
    Kind::Time,
    |cell| match cell {
        Cell::Time(v) => time_in(v).ok_or_else(|| mismatch::<NaiveTime>(cell)),
        other => Err(mismatch::<NaiveTime>(other)),
    },
    |v| Value::Time(time_out(*v))
);
crate::__sql_type!(
    NaiveDateTime,
    Kind::DateTime,
    |cell| match cell {
        Cell::DateTime(v) => ChronoDateTime::from_timestamp_micros(v.0)
            .map(|t| t.naive_utc())
            .ok_or_else(|| mismatch::<NaiveDateTime>(cell)),
        other => Err(mismatch::<NaiveDateTime>(other)),
    },
    |v| Value::DateTime(DateTime(v.and_utc().timestamp_micros()))
);
crate::__sql_type!(
    ChronoDateTime<Utc>,
    Kind::Timestamp,
    |cell| match cell {
        Cell::DateTime(v) =>
            ChronoDateTime::from_timestamp_micros(v.0).ok_or_else(|| mismatch::<ChronoDateTime<Utc>>(cell)),
        other => Err(mismatch::<ChronoDateTime<Utc>>(other)),
    },
    |v| Value::DateTime(DateTime(v.timestamp_micros()))
);
crate::__sql_type!(
    TimeDelta,
    Kind::Duration,
    |cell| match cell {
        Cell::Duration(v) | Cell::Int(v) => Ok(TimeDelta::microseconds(v)),
        other => Err(mismatch::<TimeDelta>(other)),
    },
    // A span too long for microseconds becomes the longest one, which no column holds, so binding refuses it.
    |v| Value::Duration(v.num_microseconds().unwrap_or(i64::MAX))
);
