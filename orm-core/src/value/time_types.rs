//! The `time` crate's types as column types.

use ::time::{Date as TimeDate, Duration, OffsetDateTime, PrimitiveDateTime, Time as TimeTime, UtcOffset};

use super::convert::mismatch;
use super::{Cell, Date, DateTime, Kind, Time, Value};

const EPOCH_JULIAN: i32 = 2_440_588;

fn date_in(v: Date) -> Option<TimeDate> {
    TimeDate::from_julian_day(v.0.checked_add(EPOCH_JULIAN)?).ok()
}
fn time_out(v: TimeTime) -> Time {
    let (h, m, s, us) = v.as_hms_micro();
    Time((i64::from(h) * 3600 + i64::from(m) * 60 + i64::from(s)) * 1_000_000 + i64::from(us))
}
fn time_in(v: Time) -> Option<TimeTime> {
    let (h, m, s, us) = v.hms_micro();
    TimeTime::from_hms_micro(u8::try_from(h).ok()?, u8::try_from(m).ok()?, u8::try_from(s).ok()?, us).ok()
}
fn naive_in(v: DateTime) -> Option<PrimitiveDateTime> {
    Some(PrimitiveDateTime::new(date_in(v.date())?, time_in(v.time())?))
}
fn naive_out(v: PrimitiveDateTime) -> DateTime {
    DateTime::new(Date(v.date().to_julian_day() - EPOCH_JULIAN), time_out(v.time()))
}

crate::__sql_type!(
    TimeDate,
    Kind::Date,
    |cell| match cell {
        Cell::Date(v) => date_in(v).ok_or_else(|| mismatch::<TimeDate>(cell)),
        other => Err(mismatch::<TimeDate>(other)),
    },
    |v| Value::Date(Date(v.to_julian_day() - EPOCH_JULIAN))
);
crate::__sql_type!(
    TimeTime,
    Kind::Time,
    |cell| match cell {
        Cell::Time(v) => time_in(v).ok_or_else(|| mismatch::<TimeTime>(cell)),
        other => Err(mismatch::<TimeTime>(other)),
    },
    |v| Value::Time(time_out(*v))
);
crate::__sql_type!(
    PrimitiveDateTime,
    Kind::DateTime,
    |cell| match cell {
        Cell::DateTime(v) => naive_in(v).ok_or_else(|| mismatch::<PrimitiveDateTime>(cell)),
        other => Err(mismatch::<PrimitiveDateTime>(other)),
    },
    |v| Value::DateTime(naive_out(*v))
);
crate::__sql_type!(
    OffsetDateTime,
    Kind::Timestamp,
    |cell| match cell {
        Cell::DateTime(v) =>
            naive_in(v).map(PrimitiveDateTime::assume_utc).ok_or_else(|| mismatch::<OffsetDateTime>(cell)),
        other => Err(mismatch::<OffsetDateTime>(other)),
    },
    |v| {
        let utc = v.to_offset(UtcOffset::UTC);
        Value::DateTime(naive_out(PrimitiveDateTime::new(utc.date(), utc.time())))
    }
);
crate::__sql_type!(
    Duration,
    Kind::Duration,
    |cell| match cell {
        Cell::Duration(v) | Cell::Int(v) => Ok(Duration::microseconds(v)),
        other => Err(mismatch::<Duration>(other)),
    },
    |v| Value::Duration(i64::try_from(v.whole_microseconds()).unwrap_or(i64::MAX))
);
