//! What is stored comes back as it was, on every database: each kind of column to its ends, in its order, and the parts
//! of its dates.

use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use orm::prelude::*;
use orm::query::Part;
use rust_decimal::{Decimal, dec};
use uuid::Uuid;

use crate::harness::Outcome;
use crate::suite;

#[derive(Model, Debug, Clone, PartialEq)]
#[orm(table = "meaning_everything", ordering = "id")]
struct Everything {
    id: i64,
    yes: Option<bool>,
    short: Option<i16>,
    int: Option<i32>,
    long: Option<i64>,
    float: Option<f64>,
    #[orm(max_digits = 18, decimal_places = 4)]
    exact: Option<Decimal>,
    text: Option<String>,
    bytes: Option<Vec<u8>>,
    date: Option<NaiveDate>,
    time: Option<NaiveTime>,
    local: Option<NaiveDateTime>,
    instant: Option<DateTime<Utc>>,
    span: Option<TimeDelta>,
    uuid: Option<Uuid>,
    json: Option<serde_json::Value>,
}

suite!([Everything];
    every_kind_comes_back_and_has_an_order, parts_of_dates, truncated_dates, spans_of_time,
);

fn day(text: &str) -> NaiveDate {
    NaiveDate::from_str(text).unwrap()
}
fn local(text: &str) -> NaiveDateTime {
    NaiveDateTime::from_str(text).unwrap()
}

/// Rows in the order of every one of their columns.
fn ladder() -> Vec<Everything> {
    let row = |id: i64| Everything {
        id,
        yes: None,
        short: None,
        int: None,
        long: None,
        float: None,
        exact: None,
        text: None,
        bytes: None,
        date: None,
        time: None,
        local: None,
        instant: None,
        span: None,
        uuid: None,
        json: None,
    };
    vec![
        Everything {
            yes: Some(false),
            short: Some(i16::MIN),
            int: Some(i32::MIN),
            long: Some(i64::MIN),
            float: Some(f64::MIN),
            exact: Some(dec!(-99999999999999.9999)),
            text: Some(String::new()),
            bytes: Some(Vec::new()),
            date: Some(day("0001-01-01")),
            time: Some(NaiveTime::MIN),
            local: Some(local("0001-01-01T00:00:00")),
            instant: Some(local("0001-01-01T00:00:00").and_utc()),
            span: Some(TimeDelta::microseconds(i64::MIN)),
            uuid: Some(Uuid::nil()),
            json: Some(serde_json::json!(null)),
            ..row(1)
        },
        Everything {
            yes: Some(false),
            short: Some(-1),
            int: Some(-1),
            long: Some(-1),
            float: Some(-0.1),
            exact: Some(dec!(-0.0001)),
            text: Some(" \n\t'\"\\ ".to_owned()),
            bytes: Some(vec![0]),
            date: Some(day("0999-12-31")),
            time: Some(NaiveTime::from_hms_micro_opt(0, 0, 0, 1).unwrap()),
            local: Some(local("1582-10-10T12:00:00.000001")),
            instant: Some(local("1899-12-31T23:59:59.999999").and_utc()),
            span: Some(TimeDelta::microseconds(-1)),
            uuid: Some(Uuid::from_u128(1)),
            json: Some(serde_json::json!({"b": [1, 2.5, "x\"\\", null, true], "a": {"😀": "ä"}})),
            ..row(2)
        },
        Everything {
            yes: Some(true),
            short: Some(0),
            int: Some(0),
            long: Some(0),
            float: Some(0.0),
            exact: Some(dec!(0)),
            text: Some("a".to_owned()),
            bytes: Some(vec![0, 0]),
            date: Some(day("1970-01-01")),
            time: Some(NaiveTime::from_hms_opt(12, 0, 0).unwrap()),
            local: Some(local("1970-01-01T00:00:00")),
            instant: Some(local("1970-01-01T00:00:00").and_utc()),
            span: Some(TimeDelta::zero()),
            uuid: Some(Uuid::from_u128(0x0a << 64)),
            json: Some(serde_json::json!([])),
            ..row(3)
        },
        Everything {
            yes: Some(true),
            short: Some(1),
            int: Some(i32::MAX - 1),
            long: Some((1 << 53) + 1),
            float: Some(0.1 + 0.2),
            exact: Some(dec!(0.1)),
            text: Some("é😀\u{10ffff}".to_owned()),
            bytes: Some(vec![39, 92, 0, 255]),
            date: Some(day("2024-02-29")),
            time: Some(NaiveTime::from_hms_micro_opt(23, 59, 59, 999_998).unwrap()),
            local: Some(local("2024-02-29T23:59:59.999999")),
            instant: Some(local("2024-02-29T23:59:59.999999").and_utc()),
            span: Some(TimeDelta::microseconds(86_400_000_001)),
            uuid: Some(Uuid::from_u128(0xab << 120)),
            json: Some(serde_json::json!("text")),
            ..row(4)
        },
        Everything {
            yes: Some(true),
            short: Some(i16::MAX),
            int: Some(i32::MAX),
            long: Some(i64::MAX),
            float: Some(f64::MAX),
            exact: Some(dec!(99999999999999.9999)),
            text: Some("\u{10ffff}".to_owned()),
            bytes: Some(vec![255; 3]),
            date: Some(day("9999-12-31")),
            time: Some(NaiveTime::from_hms_micro_opt(23, 59, 59, 999_999).unwrap()),
            local: Some(local("9999-12-31T23:59:59.999999")),
            instant: Some(local("9999-12-31T23:59:59.999999").and_utc()),
            span: Some(TimeDelta::microseconds(i64::MAX)),
            uuid: Some(Uuid::max()),
            json: Some(serde_json::json!(-1.5)),
            ..row(5)
        },
        row(6),
    ]
}

async fn store(db: &Db, rows: &[Everything]) -> orm::Result<()> {
    for row in rows {
        let e = Everything;
        Everything::create(NewEverything {})
            .with((
                e.yes.set(row.yes),
                e.short.set(row.short),
                e.int.set(row.int),
                e.long.set(row.long),
                e.float.set(row.float),
            ))
            .with((
                e.exact.set(row.exact),
                e.text.set(row.text.clone()),
                e.bytes.set(row.bytes.clone()),
                e.date.set(row.date),
            ))
            .with((e.time.set(row.time), e.local.set(row.local), e.instant.set(row.instant), e.span.set(row.span)))
            .with((e.uuid.set(row.uuid), e.json.set(row.json.clone())))
            .save(db)
            .await?;
    }
    Ok(())
}

async fn every_kind_comes_back_and_has_an_order(db: Db) -> Outcome {
    let rows = ladder();
    store(&db, &rows).await?;
    assert_eq!(Everything::objects().all(&db).await?, rows);
    // Stored in the wrong order, each column finds the right one; `>` and `in` agree with it.
    macro_rules! ordered {
        ($($field:ident)*) => { $(
            let back: Vec<i64> = Everything::objects()
                .filter(Everything.$field.is_not_null())
                .order_by((Everything.$field.desc(), Everything.id.desc()))
                .values(Everything.id)
                .all(&db)
                .await?;
            assert_eq!(back, [5, 4, 3, 2, 1], stringify!($field));
            for row in &rows[..5] {
                let value = row.$field.clone().ok_or("no value")?;
                let same = Everything::objects().filter(Everything.$field.eq(value.clone())).values(Everything.id).all(&db).await?;
                assert_eq!(same, [row.id], "{} = {value:?}", stringify!($field));
                let same = Everything::objects().filter(Everything.$field.is_in(vec![value.clone()])).values(Everything.id).all(&db).await?;
                assert_eq!(same, [row.id], "{} in {value:?}", stringify!($field));
                let more = Everything::objects().filter(Everything.$field.gt(value.clone())).count(&db).await?;
                assert_eq!(more, 5 - row.id as u64, "{} > {value:?}", stringify!($field));
            }
            let ends = Everything::objects().aggregate(&db, (Everything.$field.min(), Everything.$field.max())).await?;
            assert_eq!(ends, (rows[0].$field.clone(), rows[4].$field.clone()), stringify!($field));
        )* };
    }
    ordered!(short int long float exact text date time local instant span uuid);
    for row in &rows[..5] {
        let bytes = row.bytes.clone().ok_or("no value")?;
        let same = Everything::objects()
            .filter(Everything.bytes.eq(bytes.clone()) & Everything.bytes.is_in(vec![bytes]))
            .values(Everything.id)
            .all(&db)
            .await?;
        assert_eq!(same, [row.id]);
    }
    assert_eq!(Everything::objects().filter(Everything.yes.eq(true)).count(&db).await?, 3);
    // A change through the row writes the same.
    for mut row in Everything::objects().all(&db).await? {
        let expected = row.clone();
        row.save(&db).await?;
        row.refresh(&db).await?;
        assert_eq!(row, expected);
    }
    Ok(())
}

const DAYS: [(&str, i64, i64, i64); 11] = [
    // Day, ISO week, weekday, day of the year.
    ("2020-12-31", 53, 4, 366),
    ("2021-01-01", 53, 5, 1),
    ("2021-01-03", 53, 7, 3),
    ("2021-01-04", 1, 1, 4),
    ("2024-02-29", 9, 4, 60),
    ("2024-12-29", 52, 7, 364),
    ("2024-12-30", 1, 1, 365),
    ("2018-12-31", 1, 1, 365),
    ("0001-01-01", 1, 1, 1),
    ("1970-01-01", 1, 4, 1),
    ("9999-12-31", 52, 5, 365),
];

async fn parts_of_dates(db: Db) -> Outcome {
    let e = Everything;
    let drafts = DAYS.map(|(text, ..)| {
        let at = day(text).and_hms_micro_opt(23, 59, 58, 999_999).unwrap();
        Everything::create(NewEverything {}).with((
            e.date.set(day(text)),
            e.local.set(at),
            e.instant.set(at.and_utc()),
            e.time.set(at.time()),
        ))
    });
    Everything::objects().bulk_create(&db, drafts).await?;
    use chrono::Datelike;
    macro_rules! check {
        ($($field:ident)*) => { $(
            let rows: Vec<(Option<i64>, Option<i64>, Option<i64>, Option<i64>, Option<i64>, Option<i64>, Option<i64>)> = Everything::objects()
                .values((e.$field.year(), e.$field.quarter(), e.$field.month(), e.$field.day(), e.$field.week(), e.$field.weekday(), e.$field.year_day()))
                .all(&db)
                .await?;
            for (row, (text, week, weekday, year_day)) in rows.iter().zip(DAYS) {
                let d = day(text);
                let (year, month, dom) = (i64::from(d.year()), i64::from(d.month()), i64::from(d.day()));
                let expected = (year, (month + 2) / 3, month, dom, week, weekday, year_day);
                let row = (row.0.unwrap(), row.1.unwrap(), row.2.unwrap(), row.3.unwrap(), row.4.unwrap(), row.5.unwrap(), row.6.unwrap());
                assert_eq!(row, expected, "{} {text}", stringify!($field));
            }
        )* };
    }
    check!(date local instant);
    macro_rules! clock {
        ($($field:ident)*) => { $(
            let rows: Vec<(Option<i64>, Option<i64>, Option<i64>)> =
                Everything::objects().values((e.$field.hour(), e.$field.minute(), e.$field.second())).limit(1).all(&db).await?;
            assert_eq!(rows, [(Some(23), Some(59), Some(58))], stringify!($field));
        )* };
    }
    clock!(time local instant);
    let days: Vec<(Option<NaiveDate>, Option<NaiveDate>)> =
        Everything::objects().values((e.local.date(), e.instant.date())).all(&db).await?;
    assert_eq!(days, DAYS.map(|(text, ..)| (Some(day(text)), Some(day(text)))));
    assert_eq!(Everything::objects().filter(e.date.year().eq(2021) & e.date.week().eq(53)).count(&db).await?, 2);
    assert_eq!(Everything::objects().filter(e.instant.date().eq(day("2024-02-29"))).count(&db).await?, 1);
    Ok(())
}

async fn truncated_dates(db: Db) -> Outcome {
    let e = Everything;
    let at = local("2024-08-15T13:47:58.123456");
    Everything::create(NewEverything {})
        .with((e.date.set(at.date()), e.local.set(at), e.instant.set(at.and_utc()), e.time.set(at.time())))
        .save(&db)
        .await?;
    let old = local("0024-01-01T00:00:00");
    Everything::create(NewEverything {})
        .with((e.date.set(old.date()), e.local.set(old), e.instant.set(old.and_utc())))
        .save(&db)
        .await?;
    let parts = [
        (Part::Year, "2024-01-01T00:00:00"),
        (Part::Quarter, "2024-07-01T00:00:00"),
        (Part::Month, "2024-08-01T00:00:00"),
        (Part::Week, "2024-08-12T00:00:00"),
        (Part::Day, "2024-08-15T00:00:00"),
        (Part::Hour, "2024-08-15T13:00:00"),
        (Part::Minute, "2024-08-15T13:47:00"),
        (Part::Second, "2024-08-15T13:47:58"),
    ];
    for (part, expected) in parts {
        let rows = Everything::objects().values((e.local.truncate(part), e.instant.truncate(part))).all(&db).await?;
        let expected = local(expected);
        assert_eq!(rows[0], (Some(expected), Some(expected.and_utc())), "{part:?}");
        assert_eq!(rows[1], (Some(old), Some(old.and_utc())), "{part:?}");
        let found = Everything::objects()
            .filter(e.local.truncate(part).eq(expected) & e.instant.truncate(part).eq(expected.and_utc()));
        assert_eq!(found.count(&db).await?, 1, "{part:?} in a condition");
        if !matches!(part, Part::Hour | Part::Minute | Part::Second) {
            let rows = Everything::objects().values(e.date.truncate(part)).all(&db).await?;
            assert_eq!(rows, [Some(expected.date()), Some(old.date())], "{part:?}");
            let found = Everything::objects().filter(e.date.truncate(part).eq(expected.date()));
            assert_eq!(found.count(&db).await?, 1, "{part:?} in a condition");
        }
    }
    let months =
        Everything::objects().group_by(e.instant.truncate(Part::Month)).annotate(count_rows()).all(&db).await?;
    assert_eq!(months.len(), 2);
    Ok(())
}

async fn spans_of_time(db: Db) -> Outcome {
    let e = Everything;
    for micros in [1, 2, 4] {
        Everything::create(NewEverything {}).with(e.span.set(TimeDelta::microseconds(micros))).save(&db).await?;
    }
    let row = Everything::objects().aggregate(&db, (e.span.sum(), e.span.max())).await?;
    assert_eq!(row, (Some(TimeDelta::microseconds(7)), Some(TimeDelta::microseconds(4))));
    Everything::objects()
        .filter(e.span.eq(TimeDelta::microseconds(4)))
        .update(&db, e.span.set(TimeDelta::microseconds(3)))
        .await?;
    assert_eq!(Everything::objects().aggregate(&db, e.span.avg()).await?, Some(TimeDelta::microseconds(2)));
    Ok(())
}
