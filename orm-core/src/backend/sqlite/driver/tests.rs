//! Statements on real connections: what is bound, what is read, what fails and how.

use std::any::Any;
use std::time::Instant;

use super::super::testing::{Database, Rows, TempFile, param};
use super::super::{DIALECT, Sqlite};
use crate::ast::{Func, Lookup, Part};
use crate::db::{Backend, Control, Flow, Now, Param, Sink, Statement};
use crate::dialect::Dialect;
use crate::error::{Error, ErrorKind, Result};
use crate::value::{Cell, Cursor, Date, DateTime, Kind, Number, Time, Value};

const PRICE: Kind = Kind::Decimal { digits: 12, places: 2 };

fn price(cents: i128) -> Value {
    Value::Decimal(Number::new(cents, 2))
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

#[tokio::test]
async fn every_kind_of_value_comes_back_as_it_went() {
    let values = [
        (Value::Bool(true), Kind::Bool),
        (Value::Int(-3), Kind::Int16),
        (Value::Int(i64::MIN), Kind::Int64),
        (Value::Float(0.1), Kind::Float64),
        (price(-1), PRICE),
        (text("naïve 🦀"), Kind::TEXT),
        (Value::Bytes(vec![0, 255]), Kind::Bytes),
        (Value::Bytes(Vec::new()), Kind::Bytes),
        (Value::Date(Date::MIN), Kind::Date),
        (Value::Time(Time(1)), Kind::Time),
        (Value::DateTime(DateTime::MAX), Kind::DateTime),
        (Value::DateTime(DateTime::MIN), Kind::Timestamp),
        (Value::Duration(-5), Kind::Duration),
        (Value::Uuid([0xab; 16]), Kind::Uuid),
        (Value::Json("{\"a\":[1]}".into()), Kind::Json),
        (Value::Null, Kind::Date),
    ];
    for url in ["sqlite::memory:", "sqlite::memory:?offload=true"] {
        let mut db = Database::open(url).await;
        for (value, kind) in &values {
            let (rows, _) = db.run("SELECT ?", vec![param(value.clone(), *kind)], &[*kind]).await.unwrap();
            assert_eq!(rows, [[value.clone()]], "{kind:?}");
        }
        for (value, kind) in &values {
            let list = Value::List(vec![value.clone(), value.clone()]);
            let sql = format!("SELECT ? {}", DIALECT.in_list(*kind).replace("{0}", "?"));
            let params = vec![param(value.clone(), *kind), param(list, *kind)];
            let found = db.run(&sql, params, &[Kind::Bool]).await.unwrap().0;
            let expected = if value.is_null() { Value::Null } else { Value::Bool(true) };
            assert_eq!(found, [[expected]], "{kind:?}");
        }
    }
}

#[tokio::test]
async fn what_is_stored_otherwise_is_named() {
    let mut db = Database::memory().await;
    for (sql, kind, words) in [
        ("SELECT 2", Kind::Bool, "the database gave the integer 2 where a value of kind boolean was expected"),
        ("SELECT 'x'", Kind::Int32, "the database gave the text `x` where a value of kind 32-bit integer was expected"),
        ("SELECT 1.5", Kind::Int64, "the result is beyond the range of 64-bit integers, in which SQLite computes"),
        (
            "SELECT 9223372036854775807 + 1",
            PRICE,
            "the result is beyond the range of 64-bit integers, in which SQLite computes",
        ),
        ("SELECT CAST(x'ff' AS TEXT)", Kind::TEXT, "the database gave text that is not UTF-8"),
        (
            "SELECT '2024-02-30'",
            Kind::Date,
            "the database gave the text `2024-02-30` where a value of kind date was expected",
        ),
        ("SELECT x'00'", Kind::Uuid, "the database gave 1 bytes where a value of kind UUID was expected"),
    ] {
        let error = db.one(sql, kind).await.unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::Decode, words), "{sql}");
        assert_eq!(error.sql(), Some(sql));
    }
    db.execute(
        "CREATE TABLE t (p DECIMAL(5, 2), u UUID); INSERT INTO t VALUES (1.25, x'000102030405060708090a0b0c0d0e0f')",
    )
    .await
    .unwrap();
    assert_eq!(db.one("SELECT p FROM t", PRICE).await.unwrap(), price(125));
    assert_eq!(db.one("SELECT '1.25'", PRICE).await.unwrap(), price(125));
    assert!(matches!(db.one("SELECT u FROM t", Kind::Uuid).await.unwrap(), Value::Uuid(_)));
}

#[tokio::test]
async fn only_one_whole_statement_with_its_values_runs() {
    let mut db = Database::memory().await;
    let kind = |r: Result<_>| r.map(|_: (Vec<Vec<Value>>, _)| ()).unwrap_err().kind();
    assert_eq!(kind(db.run("SELECT 1; SELECT 2", vec![], &[]).await), ErrorKind::InvalidQuery);
    assert_eq!(kind(db.run("SELECT 1\0", vec![], &[]).await), ErrorKind::InvalidQuery);
    assert_eq!(kind(db.run("SELECT ?", vec![], &[]).await), ErrorKind::InvalidQuery);
    assert_eq!(kind(db.run("SELECT 1", vec![param(Value::Int(1), Kind::Int64)], &[]).await), ErrorKind::InvalidQuery);
    assert_eq!(
        kind(db.run("SELECT ?", vec![param(Value::Float(f64::NAN), Kind::Float64)], &[]).await),
        ErrorKind::InvalidValue
    );
    assert_eq!(kind(db.run("SELECT \"typo\"", vec![], &[]).await), ErrorKind::MissingObject);
    assert_eq!(kind(db.run("SELECT * FROM nowhere", vec![], &[]).await), ErrorKind::MissingObject);
    assert!(db.run("SELECT 1; -- end", vec![], &[]).await.is_ok());
    assert!(db.run("", vec![], &[]).await.is_err());
    assert!(db.execute("SELECT 1; CREATE TABLE t (a); \n SELECT 2;").await.is_ok());
}

#[tokio::test]
async fn changes_are_counted_and_keys_told() {
    let mut db = Database::memory().await;
    db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)").await.unwrap();
    let (_, done) = db.run("INSERT INTO t (a) VALUES ('x')", vec![], &[]).await.unwrap();
    assert_eq!((done.affected, done.last_id), (1, Some(1)));
    let (rows, done) =
        db.run("INSERT INTO t (a) VALUES ('y'), ('z') RETURNING id", vec![], &[Kind::Int64]).await.unwrap();
    assert_eq!((rows.len(), done.affected, done.last_id), (2, 2, None));
    let (_, done) = db.run("UPDATE t SET a = 'q' WHERE id > 1", vec![], &[]).await.unwrap();
    assert_eq!((done.affected, done.last_id), (2, None));
    let (_, done) = db.run("DELETE FROM t WHERE id > 9", vec![], &[]).await.unwrap();
    assert_eq!(done.affected, 0);
    let statement = Statement {
        sql: "INSERT INTO t (a) VALUES ('1'), ('2'), ('3') RETURNING id".into(),
        params: vec![],
        columns: [Kind::Int64].into(),
        persistent: false,
    };
    let ran = db.connection.take().unwrap().run(statement, Box::new(Rows(vec![], 1))).await;
    assert_eq!(ran.result.unwrap().affected, 3);
    let sink: Box<dyn Any> = ran.sink;
    assert_eq!(sink.downcast::<Rows>().unwrap().0, [[Value::Int(4)]]);
}

#[tokio::test]
async fn refusals_name_constraint_and_fields() {
    let mut db = Database::memory().await;
    db.execute(
        "CREATE TABLE p (id INTEGER PRIMARY KEY); \
         CREATE TABLE t (a TEXT NOT NULL, b INT, p INT CONSTRAINT fk_t_p REFERENCES p (id), \
                         c TEXT CONSTRAINT ck_t_c CHECK (c IN ('x'))); \
         CREATE UNIQUE INDEX uq_t_a_b ON t (a, b); INSERT INTO t (a, b) VALUES ('a', 1)",
    )
    .await
    .unwrap();
    for (sql, kind, fields, constraint) in [
        ("INSERT INTO t (a, b) VALUES ('a', 1)", ErrorKind::UniqueViolation, &["a", "b"][..], Some("uq_t_a_b")),
        ("INSERT INTO p VALUES (7), (7)", ErrorKind::UniqueViolation, &["id"], Some("PRIMARY")),
        ("INSERT INTO t (b) VALUES (1)", ErrorKind::NotNullViolation, &["a"], None),
        ("INSERT INTO t (a, p) VALUES ('b', 7)", ErrorKind::ForeignKeyViolation, &[], None),
        ("INSERT INTO t (a, c) VALUES ('b', 'y')", ErrorKind::CheckViolation, &[], Some("ck_t_c")),
        ("INSERT INTO p VALUES ('x')", ErrorKind::InvalidValue, &[], None),
        ("SELECT sum(9223372036854775807) FROM t, t u, (SELECT 1 UNION SELECT 2)", ErrorKind::InvalidValue, &[], None),
        ("SELECT orm_div(9223372036854775807 + 1, 2)", ErrorKind::InvalidValue, &[], None),
    ] {
        let error = db.run(sql, vec![], &[Kind::Int64]).await.unwrap_err();
        assert_eq!((error.kind(), error.constraint()), (kind, constraint), "{sql}: {error:?}");
        assert_eq!(error.fields(), fields, "{sql}");
        assert!(error.code().is_some());
    }
}

#[tokio::test]
async fn transactions_nest_and_an_abandoned_one_is_undone() {
    let mut db = Database::memory().await;
    db.execute("CREATE TABLE t (a INT)").await.unwrap();
    db.control(Control::Begin).await.unwrap();
    db.execute("INSERT INTO t VALUES (1)").await.unwrap();
    db.control(Control::Savepoint(1)).await.unwrap();
    db.execute("INSERT INTO t VALUES (2)").await.unwrap();
    db.control(Control::RollbackTo(1)).await.unwrap();
    db.control(Control::Savepoint(1)).await.unwrap();
    db.execute("INSERT INTO t VALUES (3)").await.unwrap();
    db.control(Control::Release(1)).await.unwrap();
    db.control(Control::Commit).await.unwrap();
    assert_eq!(db.all("SELECT a FROM t", Kind::Int64).await, [Value::Int(1), Value::Int(3)]);
    assert_eq!(db.control(Control::Commit).await.unwrap_err().kind(), ErrorKind::Transaction);

    db.execute("PRAGMA foreign_keys = OFF").await.unwrap();
    db.control(Control::Begin).await.unwrap();
    db.execute("PRAGMA legacy_alter_table = ON; DELETE FROM t").await.unwrap();
    db.connection = db.connection.take().unwrap().abandon();
    assert_eq!(db.all("SELECT a FROM t", Kind::Int64).await.len(), 2);
    assert_eq!(db.one("PRAGMA foreign_keys", Kind::Int64).await.unwrap(), Value::Int(1));
    assert_eq!(db.one("PRAGMA legacy_alter_table", Kind::Int64).await.unwrap(), Value::Int(0));
}

/// Two transactions on one thread: the second waits without keeping the first from its end.
#[tokio::test]
async fn a_writer_waits_for_another_on_the_same_thread() {
    for options in ["busy_timeout=5000", "busy_timeout=5000&offload=true", "journal_mode=delete"] {
        let file = TempFile::new();
        let mut first = Database::open(&file.url(options)).await;
        let mut second = Database::open(&file.url(options)).await;
        first.execute("CREATE TABLE t (a INT)").await.unwrap();
        first.control(Control::Begin).await.unwrap();
        let writer = async {
            tokio::time::sleep(std::time::Duration::from_millis(30)).await;
            first.execute("INSERT INTO t VALUES (1)").await.unwrap();
            first.control(Control::Commit).await.unwrap();
        };
        let waiter = async {
            second.control(Control::Begin).await.unwrap();
            second.execute("INSERT INTO t VALUES (2)").await.unwrap();
            second.control(Control::Commit).await.unwrap();
        };
        let started = Instant::now();
        futures_util::future::join(writer, waiter).await;
        assert!(started.elapsed().as_secs() < 3);
        assert_eq!(second.all("SELECT a FROM t", Kind::Int64).await, [Value::Int(1), Value::Int(2)]);
    }
}

#[tokio::test]
async fn a_lock_that_stays_is_a_conflict() {
    let file = TempFile::new();
    let mut first = Database::open(&file.url("")).await;
    let mut second = Database::open(&file.url("busy_timeout=40")).await;
    first.execute("CREATE TABLE t (a INT)").await.unwrap();
    first.control(Control::Begin).await.unwrap();
    assert!(second.control(Control::Begin).await.unwrap_err().is_retryable());
    assert!(second.run("INSERT INTO t VALUES (1)", vec![], &[]).await.unwrap_err().is_retryable());
    assert_eq!(second.one("SELECT count(*) FROM t", Kind::Int64).await.unwrap(), Value::Int(0));
    first.control(Control::Rollback).await.unwrap();
    assert!(second.run("INSERT INTO t VALUES (1)", vec![], &[]).await.is_ok());
    // One that read before the other wrote can only begin anew, at once.
    first.execute("BEGIN; SELECT * FROM t").await.unwrap();
    second.execute("INSERT INTO t VALUES (2)").await.unwrap();
    let started = Instant::now();
    let error = first.run("INSERT INTO t VALUES (3)", vec![], &[]).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Conflict, Some("517")));
    assert!(started.elapsed().as_millis() < 1000);
}

#[tokio::test]
async fn a_database_in_memory_outlives_its_connections() {
    let mut db = Database::memory().await;
    db.execute("CREATE TABLE t (a INT); INSERT INTO t VALUES (1); BEGIN; INSERT INTO t VALUES (2)").await.unwrap();
    db.connection = None;
    db.connection = Some(db.backend.connect().await.unwrap());
    assert_eq!(db.all("SELECT a FROM t", Kind::Int64).await, [Value::Int(1)]);
    let mut other = Database::memory().await;
    assert!(other.one("SELECT a FROM t", Kind::Int64).await.is_err());
}

struct Panics;
impl Sink for Panics {
    fn row(&mut self, _: &mut dyn Cursor, _: &[Kind]) -> Result<Flow> {
        panic!("in the middle of a row")
    }
}

#[tokio::test]
async fn a_panic_in_a_sink_takes_only_its_connection() {
    for options in ["", "?offload=true"] {
        let mut db = Database::open(&format!("sqlite::memory:{options}")).await;
        db.execute("CREATE TABLE t (a INT); INSERT INTO t VALUES (1)").await.unwrap();
        let connection = db.connection.take().unwrap();
        let statement = Statement {
            sql: "UPDATE t SET a = 2 RETURNING a".into(),
            params: vec![],
            columns: [Kind::Int64].into(),
            persistent: true,
        };
        let panicked = tokio::spawn(connection.run(statement, Box::new(Panics))).await;
        assert!(panicked.is_err_and(|e| e.is_panic()));
        db.connection = Some(db.backend.connect().await.unwrap());
        db.execute("INSERT INTO t VALUES (3)").await.unwrap();
    }
}

struct Fails;
impl Sink for Fails {
    fn row(&mut self, _: &mut dyn Cursor, _: &[Kind]) -> Result<Flow> {
        Err(Error::decode("not this row"))
    }
}

#[tokio::test]
async fn a_sink_that_fails_leaves_the_connection_usable() {
    let mut db = Database::memory().await;
    for _ in 0..2 {
        let statement = Statement {
            sql: "SELECT 1 UNION ALL SELECT 2".into(),
            params: vec![],
            columns: [Kind::Int64].into(),
            persistent: true,
        };
        let ran = db.connection.take().unwrap().run(statement, Box::new(Fails)).await;
        assert_eq!(ran.result.unwrap_err().message(), "not this row");
        db.connection = ran.connection;
        db.execute("CREATE TABLE t (a INT); DROP TABLE t").await.unwrap();
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_opened_says_why() {
    let file = TempFile::new();
    let message = |url: String| async move {
        let error = match Sqlite::open(&url).unwrap().connect().await {
            Ok(_) => panic!("{url} opens"),
            Err(error) => error,
        };
        (error.kind(), error.message().to_owned())
    };
    let path = file.0.display();
    assert_eq!(
        message(file.url("mode=ro")).await,
        (ErrorKind::Connect, format!("there is no database `{path}`; `mode=rwc` creates it"))
    );
    assert_eq!(
        message("sqlite:/nowhere/x.db".to_owned()).await,
        (ErrorKind::Connect, "the database `/nowhere/x.db` cannot be opened: there is no folder `/nowhere`".to_owned())
    );
    std::fs::write(&file.0, "this is no database, but it is long enough to look at".repeat(20)).unwrap();
    assert_eq!(message(file.url("")).await, (ErrorKind::Connect, "file is not a database".to_owned()));
    std::fs::remove_file(&file.0).unwrap();
    let mut db = Database::open(&file.url("")).await;
    assert_eq!(db.one("PRAGMA journal_mode", Kind::TEXT).await.unwrap(), text("wal"));
    assert_eq!(db.one("PRAGMA synchronous", Kind::Int64).await.unwrap(), Value::Int(1));
    db.execute("CREATE TABLE t (a)").await.unwrap();
    let mut reader = Database::open(&file.url("mode=ro")).await;
    reader.control(Control::Begin).await.unwrap();
    assert_eq!(reader.execute("INSERT INTO t VALUES (1)").await.unwrap_err().kind(), ErrorKind::Database);
}

async fn lookup(db: &mut Database, lookup: Lookup, left: &str, right: &str) -> Option<bool> {
    let spell = |template: &str| template.replace("{0}", "?1").replace("{1}", "?2");
    let params = |right: String| vec![param(text(left), Kind::TEXT), param(Value::Text(right.into()), Kind::TEXT)];
    let mut found = Vec::new();
    for (constant, right) in [(true, DIALECT.pattern(lookup, right)), (false, right.to_owned())] {
        let sql = format!("SELECT {}", spell(DIALECT.lookup(lookup, constant).unwrap()));
        found.extend(db.run(&sql, params(right), &[Kind::Bool]).await.unwrap().0.concat());
    }
    assert_eq!(found[0], found[1], "{lookup:?} {left:?} {right:?}: as a constant and not");
    match found[0] {
        Value::Bool(v) => Some(v),
        _ => None,
    }
}

#[tokio::test]
async fn text_is_found_exactly_or_whatever_the_case() {
    let mut db = Database::memory().await;
    for (kind, left, right, expected) in [
        (Lookup::Eq, "a", "A", false),
        (Lookup::IEq, "Straße Ä", "STRAßE ä", true),
        (Lookup::Contains, "a*b?c[d]", "*b?c[d]", true),
        (Lookup::Contains, "abc", "B", false),
        (Lookup::Contains, "abc", "", true),
        (Lookup::IContains, "ΟΔΥΣΣΕΑΣ", "σσεας", false),
        (Lookup::IContains, "ΟΔΥΣΣΕΑΣ", "σσεασ", true),
        (Lookup::IContains, "x Éclair", "éC", true),
        (Lookup::StartsWith, "[x]*?", "[x]*", true),
        (Lookup::StartsWith, "abc", "a*", false),
        (Lookup::StartsWith, "abc", "", true),
        (Lookup::StartsWith, "abc", "abcd", false),
        (Lookup::IStartsWith, "Äbc", "äB", true),
        (Lookup::EndsWith, "abc", "bc", true),
        (Lookup::EndsWith, "abc", "", true),
        (Lookup::EndsWith, "", "", true),
        (Lookup::EndsWith, "abc", "xabc", false),
        (Lookup::EndsWith, "ab", "xyzab", false),
        (Lookup::EndsWith, "a?", "?", true),
        (Lookup::IEndsWith, "ABÇ", "bç", true),
        (Lookup::IEndsWith, "abc", "", true),
    ] {
        assert_eq!(lookup(&mut db, kind, left, right).await, Some(expected), "{kind:?} {left:?} {right:?}");
    }
    for kind in [Lookup::EndsWith, Lookup::StartsWith, Lookup::Contains, Lookup::IEndsWith] {
        let sql = DIALECT.lookup(kind, false).unwrap().replace("{0}", "NULL").replace("{1}", "''");
        assert_eq!(db.one(&format!("SELECT {sql}"), Kind::Bool).await.unwrap(), Value::Null);
    }
}

async fn func(db: &mut Database, func: Func, args: &[(&str, Kind)], gives: Kind) -> Value {
    let kinds: Vec<Kind> = args.iter().map(|(_, kind)| *kind).collect();
    let mut sql = DIALECT.func(func, &kinds).unwrap();
    for (i, (text, _)) in args.iter().enumerate() {
        sql = sql.replace(&format!("{{{i}}}"), text);
    }
    db.one(&format!("SELECT {sql}"), gives).await.unwrap()
}

#[tokio::test]
async fn parts_of_dates_follow_iso_8601() {
    let mut db = Database::memory().await;
    // Year, quarter, month, week, day, weekday, day of the year; then the same of the time.
    for (day, expected) in [
        ("2024-01-01", [2024, 1, 1, 1, 1, 1, 1]),
        ("2024-12-30", [2024, 4, 12, 1, 30, 1, 365]),
        ("2021-01-03", [2021, 1, 1, 53, 3, 7, 3]),
        ("2020-12-31", [2020, 4, 12, 53, 31, 4, 366]),
        ("2016-01-01", [2016, 1, 1, 53, 1, 5, 1]),
        ("0001-01-01", [1, 1, 1, 1, 1, 1, 1]),
        ("9999-12-31", [9999, 4, 12, 52, 31, 5, 365]),
    ] {
        let parts = [Part::Year, Part::Quarter, Part::Month, Part::Week, Part::Day, Part::Weekday, Part::YearDay];
        for (part, expected) in parts.into_iter().zip(expected) {
            for (text, kind) in
                [(format!("'{day}'"), Kind::Date), (format!("'{day} 23:59:59.999999'"), Kind::Timestamp)]
            {
                let found = func(&mut db, Func::Part(part), &[(&text, kind)], Kind::Int64).await;
                assert_eq!(found, Value::Int(expected), "{part:?} of {text}");
            }
        }
    }
    for (part, expected) in [(Part::Hour, 23), (Part::Minute, 59), (Part::Second, 58)] {
        for (text, kind) in [("'23:59:58.9999999'", Kind::Time), ("'2024-01-31 23:59:58.999999'", Kind::DateTime)] {
            assert_eq!(func(&mut db, Func::Part(part), &[(text, kind)], Kind::Int64).await, Value::Int(expected));
        }
    }
    let stamp = ("'2024-08-15 23:59:58.5'", Kind::Timestamp);
    for (part, expected) in [
        (Part::Year, "2024-01-01 00:00:00"),
        (Part::Quarter, "2024-07-01 00:00:00"),
        (Part::Month, "2024-08-01 00:00:00"),
        (Part::Week, "2024-08-12 00:00:00"),
        (Part::Day, "2024-08-15 00:00:00"),
        (Part::Hour, "2024-08-15 23:00:00"),
        (Part::Minute, "2024-08-15 23:59:00"),
        (Part::Second, "2024-08-15 23:59:58"),
    ] {
        assert_eq!(func(&mut db, Func::Truncate(part), &[stamp], Kind::TEXT).await, text(expected));
    }
    let sunday = ("'2024-08-18'", Kind::Date);
    assert_eq!(func(&mut db, Func::Truncate(Part::Week), &[sunday], Kind::TEXT).await, text("2024-08-12"));
    assert_eq!(
        func(&mut db, Func::Truncate(Part::Week), &[("'2024-08-12'", Kind::Date)], Kind::TEXT).await,
        text("2024-08-12")
    );
    assert_eq!(
        func(&mut db, Func::Truncate(Part::Hour), &[("'23:59:58'", Kind::Time)], Kind::TEXT).await,
        text("23:00:00")
    );
    assert_eq!(
        func(&mut db, Func::ToDate, &[stamp], Kind::Date).await,
        Value::Date(Date::parse("2024-08-15").unwrap())
    );
    assert!(matches!(func(&mut db, Func::Now, &[], Kind::Timestamp).await, Value::DateTime(_)));
    assert_eq!(DIALECT.func(Func::Part(Part::Hour), &[Kind::Date]), None);
}

#[tokio::test]
async fn decimals_are_exact() {
    let mut db = Database::memory().await;
    let whole = Kind::Decimal { digits: 38, places: 0 };
    for (cents, expected) in [("149", 1), ("150", 2), ("-149", -1), ("-150", -2), ("0", 0), ("NULL", i128::MAX)] {
        let found = func(&mut db, Func::Round, &[(cents, PRICE)], whole).await;
        let expected = if cents == "NULL" { Value::Null } else { Value::Decimal(Number::new(expected, 0)) };
        assert_eq!(found, expected, "{cents}");
    }
    // 1 / 3, 2 / 3, -2 / 3, 1 / 0 at scale 0, to 4 places.
    let quotient = Kind::Decimal { digits: 38, places: 4 };
    for (a, b, expected) in [("1", "3", Some(3333)), ("2", "3", Some(6667)), ("-2", "3", Some(-6667)), ("1", "0", None)]
    {
        let sql = DIALECT.decimal_div(4).replace("{0}", a).replace("{1}", b);
        let expected = expected.map_or(Value::Null, |e| Value::Decimal(Number::new(e, 4)));
        assert_eq!(db.one(&format!("SELECT {sql}"), quotient).await.unwrap(), expected);
    }
    let average = DIALECT.decimal_avg(6).replace("{0}", "column1");
    let six = Kind::Decimal { digits: 38, places: 6 };
    let averages = [
        ("(1), (2), (2)", Some(16_667)),
        ("(-1), (-2), (-2)", Some(-16_667)),
        ("(900000000000000), (900000000000000)", Some(9_000_000_000_000_000_000)),
        ("(NULL)", None),
    ];
    for (values, expected) in averages {
        let expected = expected.map_or(Value::Null, |e| Value::Decimal(Number::new(e, 6)));
        let found = db.one(&format!("SELECT {average} FROM (VALUES {values})"), six).await.unwrap();
        assert_eq!(found, expected, "{values}");
    }
    let sql = "SELECT orm_avg(DISTINCT column1) FILTER (WHERE column1 < 9) FROM (VALUES (1), (1), (2), (9))";
    assert_eq!(db.one(sql, six).await.unwrap(), Value::Decimal(Number::new(15_000, 6)));
    // A column of another tool: floats by their shortest text.
    for (stored, cents) in [("1.005", 101), ("-1.005", -101), ("'12.5'", 1250), ("3", 300), ("0.1", 10)] {
        let sql = DIALECT.native_decimal(2).unwrap().replace("{0}", stored);
        assert_eq!(db.one(&format!("SELECT {sql}"), PRICE).await.unwrap(), price(cents), "{stored}");
    }
    assert_eq!(func(&mut db, Func::Greatest, &[("25", PRICE), ("150", PRICE)], PRICE).await, price(150));
    assert_eq!(func(&mut db, Func::Least, &[("25", PRICE), ("NULL", PRICE)], PRICE).await, Value::Null);
    assert_eq!(func(&mut db, Func::NullIf, &[("25", PRICE), ("25", PRICE)], PRICE).await, Value::Null);
    assert_eq!(func(&mut db, Func::Coalesce, &[("NULL", PRICE)], PRICE).await, Value::Null);
    assert_eq!(db.one("SELECT avg(column1) FROM (VALUES (1), (2))", Kind::Duration).await.unwrap(), Value::Duration(2));
    // What cannot be in the column still compares with it.
    let compare = |n: Number| vec![Param { value: Value::Decimal(n), kind: PRICE }];
    for (number, expected) in [(Number::new(1001, 3), true), (Number::new(999, 3), false), (Number::new(100, 2), false)]
    {
        let found = db.run("SELECT 100 < ?", compare(number), &[Kind::Bool]).await.unwrap().0;
        assert_eq!(found, [[Value::Bool(expected)]]);
    }
}

#[test]
fn what_a_column_cannot_hold_is_refused() {
    let wide = Kind::Decimal { digits: 30, places: 2 };
    let check = |value: Value, kind: Kind| DIALECT.check(&value, kind).err();
    assert_eq!(check(Value::Decimal(Number::new(999_999_999_999_999_999, 2)), wide), None);
    assert_eq!(
        check(Value::Decimal(Number::new(1_000_000_000_000_000_000, 2)), wide).as_deref(),
        Some("has more than the 18 digits (with 2 after the point) that SQLite holds")
    );
    assert!(check(Value::List(vec![Value::Int(1), Value::Int(i64::MAX)]), wide).is_some());
    assert!(check(Value::Text("a\0".into()), Kind::TEXT).is_some());
}

/// Counts to a number, which takes SQLite a few steps each.
fn counting(to: i64) -> Statement {
    Statement {
        sql: "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT count(*) FROM n"
            .into(),
        params: vec![param(Value::Int(to), Kind::Int64)],
        columns: [Kind::Int64].into(),
        persistent: true,
    }
}

struct Numbers(Vec<i64>);
impl Sink for Numbers {
    fn row(&mut self, cursor: &mut dyn Cursor, _: &[Kind]) -> Result<Flow> {
        let Cell::Int(number) = cursor.cell(0, Kind::Int64)? else { panic!("a count is an integer") };
        self.0.push(number);
        Ok(Flow::More)
    }
}

#[tokio::test]
async fn a_statement_that_was_long_is_not_run_here_again() {
    for (options, moved) in [("", true), ("?offload=false", false)] {
        let mut db = Database::open(&format!("sqlite::memory:{options}")).await;
        let mut connection = db.connection.take().unwrap();
        let statement = counting(100_000);
        let mut numbers = Numbers(Vec::new());
        // Nobody knows of the first run.
        assert!(matches!(connection.run_now(&statement, &mut numbers), Now::Ran(Ok(_))));
        let again = connection.run_now(&statement, &mut numbers);
        assert_eq!(matches!(again, Now::Later), moved, "{options}");
        let seen = if moved { vec![100_000] } else { vec![100_000; 2] };
        assert_eq!(numbers.0, seen);

        // Where it waits, other tasks go on: this one would never come to its turn in one poll.
        let ran = tokio::spawn(connection.run(statement.clone(), Box::new(Numbers(Vec::new()))));
        if moved {
            tokio::task::yield_now().await;
            assert!(!ran.is_finished());
        }
        let ran = ran.await.unwrap();
        assert!(ran.result.is_ok());

        // A text that is short now comes back.
        let short = Statement { params: counting(10).params, ..statement };
        let ran = ran.connection.unwrap().run(short.clone(), Box::new(Numbers(Vec::new()))).await;
        let mut connection = ran.connection.unwrap();
        assert!(matches!(connection.run_now(&short, &mut numbers), Now::Ran(Ok(_))));
        assert_eq!(numbers.0.last(), Some(&10));
    }
}
