//! Tables that were made of models are read as what the models say: a second sync finds nothing to do.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use orm::db::Backend;
use orm::error::ErrorKind;
use orm::meta::ModelMeta;
use orm::migrate::{SyncOptions, sync_models, sync_with};
use orm::prelude::*;
use orm::schema::SchemaChange;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::harness::Outcome;
use crate::suite;

suite!([];
    a_second_sync_finds_nothing_to_do,
    comments_and_checks_that_are_missing_are_added,
    programs_that_sync_at_once_do_not_mind_each_other,
    what_is_new_is_added,
    what_would_be_lost_is_refused_unless_told,
    a_row_needs_a_value_for_a_new_column,
    models_that_contradict_each_other_make_no_tables,
    tables_of_others_are_left_alone,
    rows_go_through_every_kind_of_column,
);

#[derive(Choices, Debug, Clone, Copy, PartialEq, Eq)]
enum Colour {
    Red,
    #[orm(value = "it's \\ blue")]
    Blue,
}

#[derive(Choices, Debug, Clone, Copy, PartialEq, Eq)]
#[orm(repr = "i16")]
enum Level {
    Low = -1,
    High = 10,
}

/// Has a column of each kind; "quoted", it's said.
#[derive(Model, Debug, Clone)]
#[orm(table = "everything", index(fields = "small, -whole"), unique(fields = "date, time", name = "one_moment"))]
struct Everything {
    id: i64,
    yes: bool,
    #[orm(db_default = true)]
    yes_too: bool,
    small: i16,
    #[orm(db_default = -7)]
    small_too: Option<i16>,
    whole: i32,
    #[orm(db_default = 0)]
    large: i64,
    float: f64,
    #[orm(db_default = 0.1)]
    float_too: f64,
    #[orm(db_default = 2.0)]
    float_whole: f64,
    #[orm(max_digits = 12, decimal_places = 3)]
    price: Decimal,
    #[orm(max_digits = 5, decimal_places = 2, db_default = "0.50")]
    price_too: Decimal,
    #[orm(max_digits = 5, decimal_places = 2, db_default = 3)]
    price_whole: Decimal,
    #[orm(max_length = 100, index)]
    word: String,
    #[orm(max_length = 100, db_default = "it's a \\ \"word\"\n%")]
    word_too: String,
    #[orm(max_length = 10, db_default = "")]
    word_empty: String,
    text: String,
    #[orm(db_default = "long")]
    text_too: String,
    bytes: Vec<u8>,
    date: NaiveDate,
    #[orm(db_default = now)]
    date_now: NaiveDate,
    #[orm(db_default = "2024-02-29")]
    date_too: NaiveDate,
    time: NaiveTime,
    #[orm(db_default = "12:30:00")]
    time_too: NaiveTime,
    datetime: NaiveDateTime,
    #[orm(db_default = now)]
    datetime_now: NaiveDateTime,
    #[orm(db_default = "2024-02-29 12:30:00")]
    datetime_too: NaiveDateTime,
    instant: DateTime<Utc>,
    #[orm(db_default = now)]
    instant_now: DateTime<Utc>,
    #[orm(db_default = "2024-02-29 12:30:00")]
    instant_too: DateTime<Utc>,
    span: TimeDelta,
    #[orm(db_default = 1000000)]
    span_too: TimeDelta,
    #[orm(unique)]
    uuid: Uuid,
    #[orm(db_default = "00112233-4455-6677-8899-aabbccddeeff")]
    uuid_too: Uuid,
    json: Json<Vec<i32>>,
    #[orm(db_default = "[1,2]")]
    json_too: Json<Vec<i32>>,
    #[orm(db_default = "ab'\\c")]
    bytes_too: Vec<u8>,
    colour: Colour,
    #[orm(db_default = "red")]
    colour_too: Option<Colour>,
    level: Level,
    #[orm(column = "Select")]
    order: Option<i32>,
    #[orm(on_delete = SetNull)]
    parent: Option<ForeignKey<Everything>>,
    #[orm(via = parent)]
    children: HasMany<Everything>,
}

/// A key of two columns, one of them a word.
#[derive(Model, Debug, Clone)]
#[orm(table = "pairs", primary_key = "left, right")]
struct Pair {
    left: i32,
    #[orm(max_length = 20)]
    right: String,
    /// The one.
    #[orm(on_delete = Restrict)]
    one: ForeignKey<Everything>,
    #[orm(on_delete = NoAction, index = false)]
    other: Option<ForeignKey<Named>>,
}

#[derive(Model, Debug, Clone)]
#[orm(table = "named")]
struct Named {
    #[orm(primary_key, auto = false, max_length = 30)]
    name: String,
    #[orm(on_delete = Cascade)]
    all: OneToOne<Everything>,
    friends: ManyToMany<Named>,
}

#[derive(Model, Debug, Clone)]
#[orm(table = "keyed")]
struct Keyed {
    id: Uuid,
    #[orm(constraint = false, on_delete = NoAction)]
    named: ForeignKey<Named>,
}

const ALL: &[&ModelMeta] = &[Everything::META, Pair::META, Named::META, Keyed::META];

/// The same table with more and less.
mod later {
    use orm::prelude::*;

    #[derive(Model, Debug, Clone)]
    #[orm(table = "named", index(fields = "-name"))]
    pub struct Named {
        #[orm(primary_key, auto = false, max_length = 30)]
        pub name: String,
        pub rank: Option<i32>,
        #[orm(db_default = "none", max_length = 9)]
        pub title: String,
        pub required: i32,
    }
}

/// The same table with a column less, and another that is different.
mod less {
    use orm::prelude::*;

    #[derive(Model, Debug, Clone)]
    #[orm(table = "named")]
    pub struct Named {
        #[orm(primary_key, auto = false, max_length = 30)]
        pub name: String,
        pub rank: Option<i64>,
        #[orm(db_default = "none", max_length = 9)]
        pub title: String,
    }
}

/// A table whose model has neither words nor choices yet.
mod silent {
    use orm::prelude::*;

    #[derive(Model, Debug, Clone)]
    #[orm(table = "lamps")]
    pub struct Lamp {
        pub id: i64,
        #[orm(max_length = 4)]
        pub colour: String,
    }
}

/// The same with both.
mod told {
    use orm::prelude::*;

    #[derive(Choices, Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Colour {
        Red,
        Blue,
    }

    /// It's what gives light.
    #[derive(Model, Debug, Clone)]
    #[orm(table = "lamps")]
    pub struct Lamp {
        pub id: i64,
        /// One of "two".
        pub colour: Colour,
    }
}

mod first {
    use orm::prelude::*;

    #[derive(Model, Debug, Clone)]
    #[orm(table = "named")]
    pub struct Named {
        #[orm(primary_key, auto = false, max_length = 30)]
        pub name: String,
    }
}

async fn a_second_sync_finds_nothing_to_do(db: Db) -> Outcome {
    let made = sync_models(&db, ALL).await?;
    assert!(
        made.iter().all(|c| matches!(c, SchemaChange::CreateTable(_) | SchemaChange::AddForeignKey { .. })),
        "{made:?}"
    );
    assert_eq!(sync_models(&db, ALL).await?, []);
    let found = db.introspect().await?;
    assert_eq!(found.tables.len(), 5);
    Ok(())
}

async fn programs_that_sync_at_once_do_not_mind_each_other(db: Db) -> Outcome {
    let run = || {
        let db = db.clone();
        tokio::spawn(async move { sync_models(&db, ALL).await })
    };
    let (a, b, c) = tokio::join!(run(), run(), run());
    let done = [a??, b??, c??].concat();
    let tables = done.iter().filter(|change| matches!(change, SchemaChange::CreateTable(_))).count();
    assert_eq!(tables, 5, "{done:?}");
    assert_eq!(sync_models(&db, ALL).await?, []);
    Ok(())
}

async fn what_is_new_is_added(db: Db) -> Outcome {
    sync_models(&db, &[first::Named::META]).await?;
    let changes = sync_models(&db, &[later::Named::META]).await?;
    assert_eq!(changes.len(), 4, "{changes:?}");
    assert_eq!(sync_models(&db, &[later::Named::META]).await?, []);
    Ok(())
}

fn backend(db: &Db) -> Arc<dyn Backend> {
    db.backend().clone()
}

async fn what_would_be_lost_is_refused_unless_told(db: Db) -> Outcome {
    sync_models(&db, &[later::Named::META]).await?;
    later::Named::create(later::NewNamed { name: "a", required: 1 }).with(later::Named.rank.set(5)).save(&db).await?;
    let error = sync_models(&db, &[less::Named::META]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Migration);
    let words = error.message();
    assert!(words.starts_with("the tables differ from the models in what cannot be added: "), "{words}");
    for part in [
        "`named.required` is of no field",
        "index `ix_named_name` of `named` is of no model",
        "`SyncOptions { destructive: true }`",
    ] {
        assert!(words.contains(part), "no {part} in {words}");
    }
    assert!(db.introspect().await?.tables["named"].column("required").is_some());

    let all = SyncOptions { destructive: true };
    assert!(!sync_with(backend(&db), &[less::Named::META], all).await?.is_empty());
    assert_eq!(sync_models(&db, &[less::Named::META]).await?, []);
    assert_eq!(less::Named::objects().get(&db).await?.rank, Some(5));
    assert!(db.introspect().await?.tables["named"].column("required").is_none());
    Ok(())
}

async fn a_row_needs_a_value_for_a_new_column(db: Db) -> Outcome {
    sync_models(&db, &[first::Named::META]).await?;
    first::Named::create(first::NewNamed { name: "a" }).save(&db).await?;
    let error = sync_models(&db, &[later::Named::META]).await.unwrap_err();
    assert!(error.message().starts_with("`named` has rows, and its new column `required` takes no NULL"), "{error}");
    assert_eq!(sync_models(&db, &[first::Named::META]).await.unwrap_or_default(), []);
    Ok(())
}

async fn models_that_contradict_each_other_make_no_tables(db: Db) -> Outcome {
    for options in [SyncOptions::default(), SyncOptions { destructive: true }] {
        let models = [first::Named::META, less::Named::META];
        let error = sync_with(backend(&db), &models, options).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidModel);
    }
    assert!(db.introspect().await?.tables.is_empty());
    Ok(())
}

async fn tables_of_others_are_left_alone(db: Db) -> Outcome {
    db.execute("CREATE TABLE others (x INTEGER)").await?;
    db.execute("CREATE VIEW views AS SELECT x FROM others").await?;
    sync_with(backend(&db), &[first::Named::META], SyncOptions { destructive: true }).await?;
    let names: Vec<String> = db.introspect().await?.tables.into_keys().collect();
    assert_eq!(names, ["named", "others"]);
    Ok(())
}

async fn rows_go_through_every_kind_of_column(db: Db) -> Outcome {
    sync_models(&db, ALL).await?;
    let day = NaiveDate::from_ymd_opt(2024, 2, 29).ok_or("a day")?;
    let time = NaiveTime::from_hms_opt(12, 30, 0).ok_or("a time")?;
    let made = Everything::create(NewEverything {
        yes: true,
        small: 1,
        whole: 2,
        float: 0.5,
        price: Decimal::new(1234, 3),
        word: "word",
        text: "text",
        bytes: vec![0u8, 255],
        date: day,
        time,
        datetime: day.and_time(time),
        instant: day.and_time(time).and_utc(),
        span: TimeDelta::seconds(90),
        uuid: Uuid::from_u128(7),
        json: Json(vec![1, 2]),
        colour: Colour::Blue,
        level: Level::Low,
    })
    .save(&db)
    .await?;
    let row = Everything::objects().get(&db).await?;
    assert_eq!((row.id, row.yes_too, row.small_too, row.large), (made.id, true, Some(-7), 0));
    assert_eq!((row.float_too, row.float_whole), (0.1, 2.0));
    assert_eq!(
        (row.price, row.price_too, row.price_whole),
        (Decimal::new(1234, 3), Decimal::new(50, 2), Decimal::from(3))
    );
    assert_eq!(
        (row.word_too.as_str(), row.word_empty.as_str(), row.text_too.as_str()),
        ("it's a \\ \"word\"\n%", "", "long")
    );
    assert_eq!((row.date_too, row.time_too, row.datetime_too), (day, time, day.and_time(time)));
    assert_eq!((row.instant_too, row.span_too), (day.and_time(time).and_utc(), TimeDelta::seconds(1)));
    assert_eq!((row.json_too, row.bytes_too.as_slice()), (Json(vec![1, 2]), &b"ab'\\c"[..]));
    assert_eq!(row.uuid_too, Uuid::from_u128(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff));
    assert_eq!((row.colour, row.colour_too, row.level), (Colour::Blue, Some(Colour::Red), Level::Low));
    let now = DateTime::<Utc>::from(std::time::SystemTime::now());
    assert!((now - row.instant_now).abs() < TimeDelta::minutes(1), "{}", row.instant_now);
    assert!((now.naive_utc() - row.datetime_now).abs() < TimeDelta::minutes(1), "{}", row.datetime_now);
    assert!((now.date_naive() - row.date_now).abs() <= TimeDelta::days(1), "{}", row.date_now);
    Ok(())
}

async fn comments_and_checks_that_are_missing_are_added(db: Db) -> Outcome {
    sync_models(&db, &[silent::Lamp::META]).await?;
    silent::Lamp::create(silent::NewLamp { colour: "red" }).save(&db).await?;
    let other = silent::Lamp::create(silent::NewLamp { colour: "pink" }).save(&db).await?;
    let error = sync_models(&db, &[told::Lamp::META]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CheckViolation, "{error}");
    db.execute(format!("DELETE FROM lamps WHERE id = {}", other.id)).await?;

    assert!(!sync_models(&db, &[told::Lamp::META]).await?.is_empty());
    let lamps = &db.introspect().await?.tables["lamps"];
    let colour = lamps.column("colour").ok_or("no column")?;
    assert_eq!(colour.check.len(), 2);
    if db.dialect().name() != "sqlite" {
        assert_eq!((lamps.comment.as_str(), colour.comment.as_str()), ("It's what gives light.", "One of \"two\"."));
    }
    assert_eq!(told::Lamp::objects().get(&db).await?.colour, told::Colour::Red);
    let refused = silent::Lamp::create(silent::NewLamp { colour: "grey" }).save(&db).await.unwrap_err();
    assert_eq!((refused.kind(), refused.constraint()), (ErrorKind::CheckViolation, Some("ck_lamps_colour")));
    assert_eq!((refused.model(), refused.fields()), (Some("Lamp"), ["colour".to_owned()].as_slice()));
    assert_eq!(sync_models(&db, &[told::Lamp::META]).await?, []);

    // A check that is there goes only if that is allowed; comments come and go.
    let error = sync_models(&db, &[silent::Lamp::META]).await.unwrap_err();
    assert!(error.message().contains("`lamps.colour` has another default or other choices"), "{error}");
    sync_with(backend(&db), &[silent::Lamp::META], SyncOptions { destructive: true }).await?;
    silent::Lamp::create(silent::NewLamp { colour: "grey" }).save(&db).await?;
    assert_eq!(db.introspect().await?.tables["lamps"].comment, "");
    Ok(())
}
