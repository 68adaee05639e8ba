//! What is wrong gets an error that names the place; never a panic, a hang, a cut-off value or a wrong row.

use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use orm::prelude::*;
use rust_decimal::{Decimal, dec};

use crate::harness::Outcome;
use crate::suite;

#[derive(Choices, Debug, Clone, Copy, PartialEq)]
enum Mood {
    Good,
    Bad,
}

#[derive(Model, Debug, Clone, PartialEq)]
#[orm(table = "bad_things", ordering = "id")]
struct Thing {
    id: i64,
    #[orm(max_length = 5)]
    name: String,
    long: Option<String>,
    short: Option<i16>,
    int: Option<i32>,
    big: Option<i64>,
    float: Option<f64>,
    #[orm(max_digits = 5, decimal_places = 2)]
    price: Option<Decimal>,
    day: Option<NaiveDate>,
    at: Option<DateTime<Utc>>,
    local: Option<NaiveDateTime>,
    clock: Option<NaiveTime>,
    #[orm(default = Mood::Good)]
    mood: Mood,
    json: Option<serde_json::Value>,
    bytes: Option<Vec<u8>>,
    #[orm(on_delete = SetNull)]
    owner: Option<ForeignKey<Owner>>,
}

#[derive(Model, Debug, Clone, PartialEq)]
#[orm(table = "bad_owners")]
struct Owner {
    id: i64,
    #[orm(max_length = 20, unique)]
    name: String,
    #[orm(via = owner)]
    things: HasMany<Thing>,
}

/// A model whose table is never made.
#[derive(Model, Debug, Clone, PartialEq)]
#[orm(table = "bad_ghosts")]
struct Ghost {
    id: i64,
    name: String,
}

/// The table of `Owner`, with a column that it does not have.
#[derive(Model, Debug, Clone, PartialEq)]
#[orm(table = "bad_owners", managed = false)]
struct OwnerPlus {
    id: i64,
    nickname: String,
}

/// The same table, with a column that may be NULL here and not there.
#[derive(Model, Debug, Clone, PartialEq)]
#[orm(table = "bad_owners", managed = false)]
struct OwnerOrNot {
    id: i64,
    #[orm(max_length = 20)]
    name: Option<String>,
}

suite!([Owner, Thing];
    wrong_urls, a_server_out_of_reach, a_missing_table_or_column, values_out_of_range, a_nul_in_text, floats_that_are_no_numbers,
    decimals_too_long, dates_that_nobody_holds, texts_too_long, unknown_names_in_strings, values_that_do_not_parse,
    paths_without_end, an_empty_list, long_lists, a_hundred_thousand_terms, nesting_without_end, an_enum_that_is_none,
    stored_values_that_do_not_fit, what_cannot_be_read_is_named_wherever_it_is, a_null_where_none_may_be, an_outer_row_that_is_not_outside, two_models_of_one_table, integers_at_their_ends,
    constraints_name_model_and_field, large_values, rows_that_are_gone, json_that_is_none, bad_regexes_of_text,
    an_update_checks_as_an_insert_does, many_rows_at_once, sums_that_overflow,
);

fn refused<T: std::fmt::Debug>(result: orm::Result<T>, kind: ErrorKind, words: &[&str]) {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), kind, "{error:?}");
    for word in words {
        assert!(error.to_string().contains(word), "`{word}` is missing in: {error:?}");
    }
}

async fn wrong_urls(db: Db) -> Outcome {
    let _ = db;
    let urls = [
        "",
        "://",
        "nosuch://localhost/x",
        "postgres:/x",
        "mysql://user:secret@host:notaport/x",
        "http://localhost",
        "postgres://user:secret@localhost:99999/x",
        "postgres://user:secret@/x?sslmode=nonsense",
        "mysql://user:secret@localhost/x?max_connections=none",
        "postgres://us\u{0}er:secret@h/x",
        "sqlite:/no/such/dir/at/all.db?mode=ro",
    ];
    for url in urls {
        let result = tokio::time::timeout(Duration::from_secs(20), Db::options(url).connect()).await?;
        let error = match result {
            Err(error) => error,
            Ok(_) => panic!("`{url}` connects"),
        };
        assert!(matches!(error.kind(), ErrorKind::Configuration | ErrorKind::Connect), "{url}: {error:?}");
        assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
    }
    Ok(())
}

async fn a_server_out_of_reach(db: Db) -> Outcome {
    let urls: &[&str] = match db.dialect().name() {
        "postgres" => &["postgres://me:secret@127.0.0.1:1/shop", "postgres://me:secret@no-such-host.invalid/shop"],
        "mysql" => &["mysql://me:secret@127.0.0.1:1/shop", "mysql://me:secret@no-such-host.invalid/shop"],
        _ => &["sqlite:/no/such/folder/shop.db"],
    };
    for url in urls {
        let started = Instant::now();
        let error = Db::connect(url).await.map(|_| ()).unwrap_err();
        assert!(started.elapsed() < Duration::from_secs(60));
        assert_eq!(error.kind(), ErrorKind::Connect, "{error:?}");
        let text = format!("{error} {error:?}");
        assert!(text.contains("shop") && !text.contains("secret"), "{text}");
    }
    Ok(())
}

async fn a_missing_table_or_column(db: Db) -> Outcome {
    refused(Ghost::objects().all(&db).await, ErrorKind::MissingObject, &["`Ghost`", "bad_ghosts"]);
    refused(Ghost::objects().count(&db).await, ErrorKind::MissingObject, &["`Ghost`"]);
    refused(Ghost::create(NewGhost { name: "x" }).save(&db).await, ErrorKind::MissingObject, &["`Ghost`"]);
    refused(OwnerPlus::objects().all(&db).await, ErrorKind::MissingObject, &["`OwnerPlus", "nickname"]);
    refused(
        OwnerPlus::objects().update(&db, OwnerPlus.nickname.set("x")).await,
        ErrorKind::MissingObject,
        &["`OwnerPlus", "nickname"],
    );
    // The connection is well afterwards.
    assert_eq!(Owner::objects().count(&db).await?, 0);
    Ok(())
}

async fn thing(db: &Db, set: orm::query::Set<Thing>) -> orm::Result<Thing> {
    Thing::create(NewThing { name: "n" }).with(set).save(db).await
}

async fn values_out_of_range(db: Db) -> Outcome {
    // What is only compared may be anything.
    assert_eq!(Thing::objects().filter(Thing.short.lt(i16::MAX)).count(&db).await?, 0);
    refused(Q::parse::<Thing>("short", "40000").map(|_| ()), ErrorKind::InvalidValue, &["short", "40000"]);
    refused(Q::parse::<Thing>("int", "3000000000").map(|_| ()), ErrorKind::InvalidValue, &["int"]);
    // What the database computes is refused by it, or when it is read.
    thing(&db, Thing.short.set(i16::MAX)).await?;
    let result = Thing::objects().update(&db, Thing.short.set(Thing.short + 1)).await;
    match result {
        Err(error) => assert_eq!(error.kind(), ErrorKind::InvalidValue, "{error:?}"),
        Ok(_) => refused(Thing::objects().all(&db).await, ErrorKind::Decode, &["`Thing", "short"]),
    }
    Ok(())
}

async fn a_nul_in_text(db: Db) -> Outcome {
    let result = Thing::create(NewThing { name: "a\0b" }).save(&db).await;
    refused(result, ErrorKind::InvalidValue, &["`Thing.name`", "NUL"]);
    refused(thing(&db, Thing.long.set("\0")).await, ErrorKind::InvalidValue, &["`Thing.long`", "NUL"]);
    refused(Thing::objects().filter(Thing.name.eq("\0")).all(&db).await, ErrorKind::InvalidValue, &["NUL"]);
    refused(Thing::objects().filter(Thing.name.is_in(["a", "\0"])).all(&db).await, ErrorKind::InvalidValue, &["NUL"]);
    refused(Thing::objects().filter(Thing.name.contains("\0")).all(&db).await, ErrorKind::InvalidValue, &["NUL"]);
    refused(
        Thing::objects().filter(Q::parse::<Thing>("name", "\0")?).all(&db).await,
        ErrorKind::InvalidValue,
        &["NUL"],
    );
    let mut bytes = vec![0u8, 1, 0];
    let row = thing(&db, Thing.bytes.set(bytes.clone())).await?;
    assert_eq!(row.bytes.as_deref(), Some(bytes.as_slice()));
    bytes.clear();
    Ok(())
}

async fn floats_that_are_no_numbers(db: Db) -> Outcome {
    for float in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        refused(thing(&db, Thing.float.set(float)).await, ErrorKind::InvalidValue, &["`Thing.float`", "finite"]);
        refused(Thing::objects().filter(Thing.float.lt(float)).all(&db).await, ErrorKind::InvalidValue, &["finite"]);
        refused(
            Thing::objects().filter(Thing.float.is_in([1.0, float])).all(&db).await,
            ErrorKind::InvalidValue,
            &["finite"],
        );
        refused(Thing::objects().values(Thing.float * float).all(&db).await, ErrorKind::InvalidValue, &["finite"]);
        refused(
            Thing::objects().update(&db, Thing.float.set(float)).await,
            ErrorKind::InvalidValue,
            &["`Thing.float`"],
        );
    }
    for text in ["NaN", "inf", "-inf", "1e999"] {
        refused(Q::parse::<Thing>("float", text).map(|_| ()), ErrorKind::InvalidValue, &["float", text]);
    }
    Ok(())
}

async fn decimals_too_long(db: Db) -> Outcome {
    for (price, words) in [
        (dec!(1.234), "2 decimal places"),
        (dec!(1000), "3 digits"),
        (dec!(-1000.5), "3 digits"),
        (Decimal::MAX, "digits"),
    ] {
        refused(thing(&db, Thing.price.set(price)).await, ErrorKind::InvalidValue, &["`Thing.price`", words]);
        let mut row = thing(&db, Thing.price.set(dec!(999.99))).await?;
        refused(row.update(&db, Thing.price.set(price)).await, ErrorKind::InvalidValue, &["`Thing.price`", words]);
        row.price = Some(price);
        refused(row.save(&db).await, ErrorKind::InvalidValue, &["`Thing.price`", words]);
    }
    assert_eq!(Thing::objects().filter(Thing.price.eq(dec!(999.99))).count(&db).await?, 4);
    // Compared, no number is too long where the column's databases have decimals; none is cut off anywhere.
    let longest = Thing::objects().filter(Thing.price.lt(Decimal::MAX)).count(&db).await;
    match longest {
        Ok(count) => assert_eq!(count, 4),
        Err(error) => assert_eq!(error.kind(), ErrorKind::InvalidValue, "{error:?}"),
    }
    refused(Q::parse::<Thing>("price", "1.2.3").map(|_| ()), ErrorKind::InvalidValue, &["price", "1.2.3"]);
    let huge = "9".repeat(10_000);
    refused(Q::parse::<Thing>("price", &huge).map(|_| ()), ErrorKind::InvalidValue, &["price"]);
    refused(Q::parse::<Thing>("price", "1e2000000000").map(|_| ()), ErrorKind::InvalidValue, &["price"]);
    Ok(())
}

async fn dates_that_nobody_holds(db: Db) -> Outcome {
    let late = NaiveDate::from_ymd_opt(10_000, 1, 1).ok_or("no day")?;
    let early = NaiveDate::from_ymd_opt(0, 12, 31).ok_or("no day")?;
    for day in [late, early, NaiveDate::MIN, NaiveDate::MAX] {
        refused(thing(&db, Thing.day.set(day)).await, ErrorKind::InvalidValue, &["`Thing.day`", "1 to 9999"]);
        let at = day.and_time(NaiveTime::MIN);
        refused(thing(&db, Thing.local.set(at)).await, ErrorKind::InvalidValue, &["`Thing.local`", "1 to 9999"]);
        refused(thing(&db, Thing.at.set(at.and_utc())).await, ErrorKind::InvalidValue, &["`Thing.at`", "1 to 9999"]);
        refused(Thing::objects().filter(Thing.day.lt(day)).all(&db).await, ErrorKind::InvalidValue, &["1 to 9999"]);
    }
    for text in ["2024-02-30", "2024-13-01", "yesterday", "0000-01-01", "10000-01-01", "2024-1-1x"] {
        refused(Q::parse::<Thing>("day", text).map(|_| ()), ErrorKind::InvalidValue, &["day", text]);
    }
    // A leap second is cut off nowhere: it is either stored as a time of day or refused.
    let leap = NaiveTime::from_hms_micro_opt(23, 59, 59, 1_500_000).ok_or("no time")?;
    if let Ok(row) = thing(&db, Thing.clock.set(leap)).await {
        assert_eq!(row.clock, Some(leap));
    }
    Ok(())
}

async fn texts_too_long(db: Db) -> Outcome {
    refused(
        Thing::create(NewThing { name: "sixsix" }).save(&db).await,
        ErrorKind::InvalidValue,
        &["`Thing.name`", "5 characters"],
    );
    let row = Thing::create(NewThing { name: "äöü😀é" }).save(&db).await?;
    assert_eq!(row.name, "äöü😀é");
    let mut changed = row.clone();
    changed.name = "too long".to_owned();
    refused(changed.save(&db).await, ErrorKind::InvalidValue, &["`Thing.name`", "5 characters"]);
    // What an expression makes of it is refused by the database, or stored whole: never cut off.
    let result = Thing::objects().update(&db, Thing.name.set(Thing.name.concat("123"))).await;
    let name = Thing::objects().values(Thing.name).get(&db).await?;
    match result {
        Ok(_) => assert_eq!(name, "äöü😀é123"),
        Err(error) => {
            assert_eq!((error.kind(), name.as_str()), (ErrorKind::InvalidValue, "äöü😀é"), "{error:?}");
            assert!(error.to_string().contains("`Thing"), "{error}");
        }
    }
    // A longer text is simply not there.
    assert_eq!(Thing::objects().filter(Thing.name.eq("much longer than any")).count(&db).await?, 0);
    Ok(())
}

async fn unknown_names_in_strings(db: Db) -> Outcome {
    let _ = db;
    let check =
        |path: &str, words: &[&str]| refused(Q::parse::<Thing>(path, "1").map(|_| ()), ErrorKind::InvalidQuery, words);
    check("nmae", &["nmae", "did you mean `name`"]);
    check("name__icontain", &["did you mean `icontains`"]);
    check("owner__nam", &["did you mean `name`"]);
    check("", &["`Thing`"]);
    check("__", &["`Thing`"]);
    check("name__", &["name__"]);
    check("xyzzy_plugh", &["`name`", "`price`"]);
    check("int__year", &["year"]);
    check("name__name", &["name__name"]);
    check("owner__things__owner__zzzz", &["zzzz"]);
    check("na\u{0}me'; DROP TABLE bad_things; --", &["na"]);
    check(&"x".repeat(1_000_000), &["`Thing`"]);
    Ok(())
}

async fn values_that_do_not_parse(db: Db) -> Outcome {
    let _ = db;
    let check = |path: &str, value: &str, words: &[&str]| {
        refused(Q::parse::<Thing>(path, value).map(|_| ()), ErrorKind::InvalidValue, words)
    };
    check("int", "twelve", &["int", "twelve", "32-bit integer"]);
    check("big", "9223372036854775808", &["big", "64-bit integer"]);
    check("name__isnull", "maybe", &["name__isnull", "maybe", "boolean"]);
    check("int__in", "1,2,x", &["int__in", "x"]);
    check("int__range", "1", &["int__range", "two values"]);
    check("mood", "sad", &["mood", "sad", "`good`", "`bad`"]);
    check("clock", "25:00:00", &["clock"]);
    check("json", "{", &["json"]);
    refused(Q::parse::<Thing>("int__contains", "1").map(|_| ()), ErrorKind::InvalidQuery, &["int__contains", "text"]);
    let many = vec!["1"; 5000].join(",");
    check("int__in", &many, &["1000"]);
    Ok(())
}

async fn paths_without_end(db: Db) -> Outcome {
    let _ = db;
    let mut path = "owner__things__".repeat(10_000);
    path.push_str("name");
    let started = Instant::now();
    refused(Q::parse::<Thing>(&path, "x").map(|_| ()), ErrorKind::InvalidQuery, &["relations"]);
    assert!(started.elapsed() < Duration::from_secs(5));
    let lookups = vec![("owner__things__name", "x"); 30_000];
    let q = Q::parse_all::<Thing>(lookups);
    if let Ok(q) = q {
        refused(Thing::objects().filter(q).all(&db).await, ErrorKind::InvalidQuery, &["terms"]);
    }
    Ok(())
}

async fn an_empty_list(db: Db) -> Outcome {
    Thing::create(NewThing { name: "a" }).save(&db).await?;
    assert_eq!(Thing::objects().filter(Thing.name.is_in(Vec::<String>::new())).all(&db).await?, []);
    assert_eq!(Thing::objects().filter(Thing.name.not_in(Vec::<String>::new())).count(&db).await?, 1);
    assert_eq!(Thing::objects().filter(Q::parse::<Thing>("name__in", "")?).count(&db).await?, 0);
    assert_eq!(Thing::objects().exclude(Q::parse::<Thing>("int__in", "")?).count(&db).await?, 1);
    Ok(())
}

async fn long_lists(db: Db) -> Outcome {
    let rows: Vec<Owner> =
        Owner::objects().bulk_create(&db, (0..50).map(|i| NewOwner { name: format!("o'{i}\\ä") })).await?;
    let ids: Vec<i64> = (0..100_000).map(|i| if i < 50 { rows[i].id } else { 1_000_000 + i as i64 }).collect();
    let started = Instant::now();
    assert_eq!(Owner::objects().filter(Owner.id.is_in(ids.clone())).count(&db).await?, 50);
    assert_eq!(Owner::objects().filter(Owner.id.not_in(ids.clone())).count(&db).await?, 0);
    assert_eq!(Owner::objects().in_bulk(&db, ids).await?.len(), 50);
    let names: Vec<String> = (0..20_000).map(|i| format!("o'{i}\\ä")).collect();
    assert_eq!(Owner::objects().filter(Owner.name.is_in(names.clone())).count(&db).await?, 50);
    let longer: Vec<String> = names.iter().map(|n| format!("{n} ")).collect();
    assert_eq!(
        Owner::objects().filter(Owner.name.is_in(longer)).count(&db).await?,
        0,
        "no padding in a long list either"
    );
    // Every other kind of member.
    let base = chrono::DateTime::UNIX_EPOCH.naive_utc();
    for i in 0..3i64 {
        let at = base + chrono::TimeDelta::days(i) + chrono::TimeDelta::microseconds(i);
        Thing::create(NewThing { name: "t" })
            .with((
                Thing.price.set(Decimal::new(i * 101, 2)),
                Thing.float.set(0.1 * i as f64),
                Thing.day.set(at.date()),
                Thing.local.set(at),
            ))
            .with((
                Thing.at.set(at.and_utc()),
                Thing.clock.set(at.time()),
                Thing.bytes.set(vec![i as u8, 0, 255]),
                Thing.short.set(i as i16),
            ))
            .save(&db)
            .await?;
    }
    let of = |q: Q<Thing>| Thing::objects().filter(q).count(&db);
    let many = 0..2000i64;
    let at = |i: i64| base + chrono::TimeDelta::days(i) + chrono::TimeDelta::microseconds(i);
    assert_eq!(
        of(Thing.price.is_in(many.clone().map(|i| Decimal::new(i * 101, 2)).collect::<Vec<_>>())).await?,
        3,
        "decimals"
    );
    assert_eq!(of(Thing.float.is_in(many.clone().map(|i| 0.1 * i as f64).collect::<Vec<_>>())).await?, 3, "floats");
    assert_eq!(of(Thing.day.is_in(many.clone().map(|i| at(i).date()).collect::<Vec<_>>())).await?, 3, "days");
    assert_eq!(of(Thing.local.is_in(many.clone().map(at).collect::<Vec<_>>())).await?, 3, "dates and times");
    assert_eq!(of(Thing.at.is_in(many.clone().map(|i| at(i).and_utc()).collect::<Vec<_>>())).await?, 3, "instants");
    assert_eq!(of(Thing.clock.is_in(many.clone().map(|i| at(i).time()).collect::<Vec<_>>())).await?, 3, "times");
    assert_eq!(
        of(Thing.bytes.is_in(many.clone().map(|i| vec![i as u8, 0, 255]).collect::<Vec<_>>())).await?,
        3,
        "bytes"
    );
    assert_eq!(of(Thing.short.is_in(many.map(|i| i as i16).collect::<Vec<_>>())).await?, 3, "small integers");
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    Ok(())
}

/// Runs a body on a thread with the stack of any thread that a program starts.
fn on_a_small_stack<T: Send>(body: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(2 << 20).spawn_scoped(scope, body);
        thread.expect("a thread starts").join().expect("no overflow")
    })
}

fn sql_of(db: &Db, q: Q<Thing>) -> orm::Result<String> {
    Thing::objects().filter(q).sql(db.dialect().name())
}

async fn a_hundred_thousand_terms(db: Db) -> Outcome {
    let started = Instant::now();
    let many: fn(i64) -> Q<Thing> = |i| Thing.big.eq(i);
    let results = on_a_small_stack(|| {
        let folded = (0..100_000).map(many).reduce(|a, b| a | b).unwrap_or(Q::all_of([]));
        let negated = !Q::all_of((0..100_000).map(many));
        [sql_of(&db, Q::any_of((0..100_000).map(many))), sql_of(&db, folded), sql_of(&db, negated)]
    });
    for result in results {
        refused(result, ErrorKind::InvalidQuery, &["terms"]);
    }
    // What is allowed works.
    let most = on_a_small_stack(|| Q::any_of((0..4900).map(many)));
    assert_eq!(Thing::objects().filter(most).count(&db).await?, 0);
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    Ok(())
}

async fn nesting_without_end(db: Db) -> Outcome {
    let leaf = || Thing.big.eq(1);
    let nests: [fn(Q<Thing>, i64) -> Q<Thing>; 6] = [
        |q, i| if i % 2 == 0 { q & Thing.big.gt(i) } else { q | Thing.big.lt(i) },
        |q, i| !(q & Thing.big.gt(i)),
        |q, _| q ^ Thing.big.eq(2),
        |q, _| exists(Thing::objects().filter(q)),
        |q, _| Thing.owner.things.any(q),
        |q, _| Thing.big.eq(when(q, 1i64).otherwise(2)),
    ];
    for (at, nest) in nests.into_iter().enumerate() {
        let result = on_a_small_stack(|| sql_of(&db, (0..100_000).fold(leaf(), nest)));
        refused(result, ErrorKind::InvalidQuery, &["nests deeper"]);
        // As deep as is allowed, it is written, and stays within the stack.
        let deep = on_a_small_stack(|| sql_of(&db, (0..60).fold(leaf(), nest)));
        assert!(deep.is_ok(), "{at}: {deep:?}");
    }
    let result = on_a_small_stack(|| sql_of(&db, (0..100_000).fold(leaf(), |q, _| !q)));
    assert!(result.is_ok(), "two negations are none");
    let sum = on_a_small_stack(|| {
        let sum = (0..100_000i64).fold(Thing.big + 1, |sum, i| sum + i);
        sql_of(&db, sum.gt(3))
    });
    refused(sum, ErrorKind::InvalidQuery, &["nests deeper"]);
    // Run as well, not only written: a condition of a depth that is allowed.
    let q = (0..40).fold(leaf(), |q, i| !(q & Thing.big.gt(i)));
    Thing::objects().filter(q).count(&db).await?;
    Ok(())
}

async fn an_enum_that_is_none(db: Db) -> Outcome {
    Thing::create(NewThing { name: "a" }).with(Thing.mood.set(Mood::Bad)).save(&db).await?;
    let quoted = db.dialect().quote("mood");
    // Some databases hold such a column to its choices.
    if db.execute(format!("UPDATE bad_things SET {quoted} = 'odd'")).await.is_ok() {
        refused(Thing::objects().all(&db).await, ErrorKind::Decode, &["`Thing", "mood", "`odd`", "`good`"]);
        refused(
            Thing::objects().values((Thing.id, Thing.mood)).all(&db).await,
            ErrorKind::Decode,
            &["`Thing", "mood", "`odd`"],
        );
        assert_eq!(Thing::objects().values(Thing.name).all(&db).await?, ["a"]);
    }
    Ok(())
}

async fn stored_values_that_do_not_fit(db: Db) -> Outcome {
    if db.dialect().name() != "sqlite" {
        return Ok(());
    }
    // Only SQLite stores anything anywhere.
    for (column, value) in [
        ("short", "70000"),
        ("day", "'yesterday'"),
        ("price", "'x'"),
        ("big", "'text'"),
        ("json", "'{'"),
        ("at", "'2024-01-01T99:00'"),
    ] {
        Thing::objects().delete(&db).await?;
        Thing::create(NewThing { name: "a" }).save(&db).await?;
        if db.execute(format!("UPDATE bad_things SET \"{column}\" = {value}")).await.is_err() {
            continue;
        }
        refused(Thing::objects().all(&db).await, ErrorKind::Decode, &["`Thing", column]);
        refused(Thing::objects().get(&db).await, ErrorKind::Decode, &["`Thing", column]);
    }
    Ok(())
}

/// In the rows of a relation and in aggregates, as in a query's own rows.
async fn what_cannot_be_read_is_named_wherever_it_is(db: Db) -> Outcome {
    let owner = Owner::create(NewOwner { name: "o" }).save(&db).await?;
    Thing::create(NewThing { name: "a" }).with(Thing.owner.set(&owner)).save(&db).await?;
    let quoted = db.dialect().quote("mood");
    if db.execute(format!("UPDATE bad_things SET {quoted} = 'odd'")).await.is_ok() {
        let parts = ["`Thing", "mood", "`odd`", "`good`"];
        let things = || Owner::objects().prefetch_related(Owner.things);
        refused(things().all(&db).await, ErrorKind::Decode, &parts);
        refused(things().get(&db).await, ErrorKind::Decode, &parts);
        let limited = Owner::objects().prefetch_related(Owner.things.limit(1)).all(&db).await;
        refused(limited, ErrorKind::Decode, &parts);
        let grouped = Thing::objects().group_by(Thing.mood).annotate(Thing.id.count()).all(&db).await;
        refused(grouped, ErrorKind::Decode, &parts[..3]);
    }
    if db.dialect().name() == "sqlite" {
        // Only SQLite stores anything anywhere.
        db.execute("UPDATE bad_things SET mood = 'good', day = 'yesterday'").await?;
        let parts = ["`Thing", "day", "yesterday"];
        let latest = Thing::objects().aggregate(&db, (Thing.id.count(), Thing.day.max())).await;
        refused(latest, ErrorKind::Decode, &parts);
        let grouped = Thing::objects().group_by(Thing.name).annotate(Thing.day.min()).all(&db).await;
        refused(grouped, ErrorKind::Decode, &parts);
        refused(Owner::objects().prefetch_related(Owner.things).all(&db).await, ErrorKind::Decode, &parts);
    }
    Ok(())
}

async fn a_null_where_none_may_be(db: Db) -> Outcome {
    // The types leave no NULL where the model has none; the table may be stricter than the model.
    Owner::create(NewOwner { name: "o" }).save(&db).await?;
    let created = OwnerOrNot::create(NewOwnerOrNot {}).save(&db).await.unwrap_err();
    let updated = OwnerOrNot::objects().update(&db, OwnerOrNot.name.set(None::<String>)).await.unwrap_err();
    let bulk = OwnerOrNot::objects().bulk_create(&db, [NewOwnerOrNot {}, NewOwnerOrNot {}]).await.unwrap_err();
    for error in [created, updated, bulk] {
        assert_eq!((error.kind(), error.model()), (ErrorKind::NotNullViolation, Some("OwnerOrNot")), "{error}");
        assert_eq!(error.fields(), ["name"], "{error}");
    }
    assert_eq!(Owner::objects().values(Owner.name).all(&db).await?, ["o"]);
    Ok(())
}

async fn an_outer_row_that_is_not_outside(db: Db) -> Outcome {
    let lost = || Owner::objects().filter(Owner.name.eq(outer(Ghost.name)));
    refused(lost().all(&db).await, ErrorKind::InvalidQuery, &["`Ghost`", "outer"]);
    refused(Thing::objects().filter(exists(lost())).all(&db).await, ErrorKind::InvalidQuery, &["`Ghost`", "`Thing`"]);
    refused(lost().update(&db, Owner.name.set("x")).await, ErrorKind::InvalidQuery, &["`Ghost`"]);
    Ok(())
}

async fn two_models_of_one_table(db: Db) -> Outcome {
    let _ = db;
    let findings = orm::migrate::check(&[Owner::META, Thing::META, Twin::META]);
    let found = findings.iter().find(|f| f.message.contains("bad_owners")).ok_or("nothing was found")?;
    assert_eq!(found.severity, orm::migrate::Severity::Error);
    let text = found.to_string();
    assert!(text.contains("Owner") && text.contains("Twin"), "{text}");
    Ok(())
}

#[derive(Model, Debug)]
#[orm(table = "bad_owners")]
#[allow(dead_code)]
struct Twin {
    id: i64,
    #[orm(max_length = 20)]
    name: String,
}

async fn integers_at_their_ends(db: Db) -> Outcome {
    for big in [i64::MIN, i64::MIN + 1, -1, 0, i64::MAX - 1, i64::MAX] {
        let row = thing(&db, Thing.big.set(big)).await?;
        assert_eq!(row.big, Some(big));
        let q = Thing.big.eq(big) & Thing.big.is_in([big]) & Thing.big.range(big, big) & Thing.big.le(big);
        assert_eq!(Thing::objects().filter(q).count(&db).await?, 1, "{big}");
    }
    assert_eq!(Thing::objects().filter(Thing.id.eq(i64::MIN)).count(&db).await?, 0);
    assert_eq!(Thing::objects().limit(u64::MAX).offset(3).count(&db).await?, 3);
    // Beyond the ends there is an error, never another number.
    let over = Thing::objects().filter(Thing.big.eq(i64::MAX)).values(Thing.big + 1).all(&db).await;
    assert!(over.is_err(), "{over:?}");
    Ok(())
}

async fn sums_that_overflow(db: Db) -> Outcome {
    thing(&db, Thing.big.set(i64::MAX)).await?;
    thing(&db, Thing.big.set(i64::MAX)).await?;
    let sum = Thing::objects().aggregate(&db, Thing.big.sum()).await;
    assert!(sum.is_err(), "{sum:?}");
    assert!(sum.unwrap_err().to_string().contains("`Thing"));
    assert_eq!(Thing::objects().count(&db).await?, 2);
    Ok(())
}

async fn constraints_name_model_and_field(db: Db) -> Outcome {
    Owner::create(NewOwner { name: "a" }).save(&db).await?;
    refused(Owner::create(NewOwner { name: "a" }).save(&db).await, ErrorKind::UniqueViolation, &["`Owner", "name"]);
    refused(thing(&db, Thing.owner.set(999_999)).await, ErrorKind::ForeignKeyViolation, &["`Thing"]);
    let mut row = Thing::create(NewThing { name: "a" }).save(&db).await?;
    refused(row.update(&db, Thing.owner.set(999_999)).await, ErrorKind::ForeignKeyViolation, &["`Thing"]);
    Ok(())
}

async fn large_values(db: Db) -> Outcome {
    let text = "ä😀'\\".repeat(200_000);
    let row = thing(&db, Thing.long.set(text.clone())).await?;
    assert!(row.long.as_deref() == Some(text.as_str()));
    assert_eq!(Thing::objects().filter(Thing.long.eq(text.clone())).count(&db).await?, 1);
    let bytes: Vec<u8> = (0..3_000_000u32).map(|i| (i % 251) as u8).collect();
    let row = thing(&db, Thing.bytes.set(bytes.clone())).await?;
    assert!(row.bytes == Some(bytes));
    // A needle as long as the hay.
    for q in [
        Thing.long.contains(text.clone()),
        Thing.long.startswith(text.clone()),
        Thing.long.endswith(text.clone()),
        Thing.long.icontains(text.clone()),
    ] {
        match Thing::objects().filter(q).count(&db).await {
            Ok(count) => assert_eq!(count, 1),
            Err(error) => assert!(matches!(error.kind(), ErrorKind::InvalidValue | ErrorKind::Database), "{error:?}"),
        }
    }
    Ok(())
}

async fn rows_that_are_gone(db: Db) -> Outcome {
    let mut row = Thing::create(NewThing { name: "a" }).save(&db).await?;
    row.delete(&db).await?;
    refused(row.save(&db).await, ErrorKind::NotFound, &["`Thing`"]);
    refused(row.delete(&db).await, ErrorKind::NotFound, &["`Thing`"]);
    refused(row.refresh(&db).await, ErrorKind::NotFound, &["`Thing`"]);
    refused(row.update(&db, Thing.name.set("b")).await, ErrorKind::NotFound, &["`Thing`"]);
    Ok(())
}

async fn json_that_is_none(db: Db) -> Outcome {
    let nul = serde_json::json!({"a": "\0"});
    refused(thing(&db, Thing.json.set(nul)).await, ErrorKind::InvalidValue, &["`Thing.json`", "NUL"]);
    let mut deep = serde_json::json!(1);
    for _ in 0..100 {
        deep = serde_json::json!([deep]);
    }
    match thing(&db, Thing.json.set(deep.clone())).await {
        Ok(row) => assert_eq!(row.json, Some(deep)),
        Err(error) => assert!(matches!(error.kind(), ErrorKind::InvalidValue | ErrorKind::CheckViolation), "{error:?}"),
    }
    Ok(())
}

async fn bad_regexes_of_text(db: Db) -> Outcome {
    // What would be wrong as a pattern is a text like any other.
    Thing::create(NewThing { name: "[a" }).save(&db).await?;
    for needle in ["[", "[a", "(", "\\", "%\\", "*["] {
        let found = Thing::objects()
            .filter(Thing.name.startswith(needle) | Thing.name.iendswith(needle) | Thing.name.icontains(needle))
            .count(&db)
            .await?;
        assert_eq!(found, u64::from("[a".contains(needle)), "{needle}");
    }
    Ok(())
}

async fn an_update_checks_as_an_insert_does(db: Db) -> Outcome {
    Thing::create(NewThing { name: "a" }).save(&db).await?;
    let all = Thing::objects;
    refused(
        all().update(&db, Thing.name.set("sixsix")).await,
        ErrorKind::InvalidValue,
        &["`Thing.name`", "5 characters"],
    );
    refused(all().update(&db, Thing.price.set(dec!(0.001))).await, ErrorKind::InvalidValue, &["`Thing.price`"]);
    refused(all().update(&db, Vec::<orm::query::Set<Thing>>::new()).await, ErrorKind::InvalidQuery, &["no column"]);
    let drafts = [NewThing { name: "ok" }, NewThing { name: "too long" }];
    refused(all().bulk_create(&db, drafts).await, ErrorKind::InvalidValue, &["`Thing.name`"]);
    assert_eq!(all().count(&db).await?, 1);
    Ok(())
}

async fn many_rows_at_once(db: Db) -> Outcome {
    let count = 3_000;
    let rows = Owner::objects().bulk_create(&db, (0..count).map(|i| NewOwner { name: i.to_string() })).await?;
    assert_eq!(rows.len(), count);
    assert!(rows.iter().enumerate().all(|(i, row)| row.name == i.to_string()), "the rows come back in their order");
    let stored = Owner::objects().in_bulk(&db, rows.iter().map(|r| r.id)).await?;
    assert!(rows.iter().all(|row| stored[&row.id].name == row.name));
    assert_eq!(Owner::objects().bulk_create(&db, Vec::<NewOwner<&str>>::new()).await?.len(), 0);
    Ok(())
}
