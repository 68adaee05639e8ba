//! Models change, tables follow, rows stay: migrations made from three versions of one app, run on real databases.

mod blog;
pub mod versions;

use std::time::Duration;

use chrono::{NaiveDate, NaiveTime};
use orm::error::ErrorKind;
use orm::meta::ModelMeta;
use orm::migrate::diff::diff;
use orm::migrate::graph::Graph;
use orm::migrate::prelude::{App, Migration};
use orm::migrate::prelude::{Field, Model as Shape, Op, Sql};
use orm::migrate::questions::{Given, Nobody};
use orm::migrate::recorder::Status as Recorded;
use orm::migrate::run::{Event, Session, migrate_watched, records};
use orm::migrate::split::split;
use orm::migrate::sync::{difference, with_effect};
use orm::migrate::{Options, State, Target, file, migrate, sync_models};
use orm::prelude::*;
use orm::schema::Schema;
use orm::value::{Kind, Value};
use rust_decimal::dec;

use crate::harness::Outcome;
use crate::suite;
use versions::{narrow, v1, v2, v3, wide};

suite!([];
    rows_live_through_versions_there_and_back,
    keys_that_others_point_at_change_with_them,
    equal_values_stop_a_unique_constraint,
    a_second_run_does_nothing,
    a_failure_names_its_statement_and_a_later_run_goes_on,
    a_value_that_a_column_would_refuse_stops_the_migration,
    two_migrators_at_once_run_each_migration_once,
    whoever_waits_too_long_is_told,
    models_that_contradict_each_other_are_not_migrated,
    a_rebuilt_table_keeps_all_that_hangs_on_it,
    every_database_has_its_sql,
    what_is_applied_is_shown,
    the_files_of_the_example_are_those_of_its_models,
);

/// How a version differs from the one before, where models cannot tell.
#[derive(Clone, Copy, Default)]
pub struct Flags {
    pub renames: &'static [&'static str],
    pub drops: &'static [&'static str],
    pub fills: &'static [&'static str],
}

pub type Version = (&'static str, &'static [&'static ModelMeta], Flags);

const MODULE: &str = module_path!();

pub fn versions() -> [Version; 3] {
    const V2: Flags = Flags {
        renames: &["shop.Maker=Vendor", "shop.Item.body=text"],
        drops: &[],
        fills: &["shop.Item.note=none", "shop.Item.stock=7"],
    };
    const V3: Flags = Flags { renames: &[], drops: &[], fills: &[] };
    [("v1", v1::MODELS, Flags::default()), ("v2", v2::MODELS, V2), ("v3", v3::MODELS, V3)]
}

/// An app whose migrations lead through versions of its models, one migration each.
pub fn app_of(versions: &[Version]) -> orm::Result<App> {
    let mut all: Vec<&'static Migration> = Vec::new();
    let mut module = "";
    for (name, models, flags) in versions {
        module = format!("{MODULE}::versions::{name}").leak();
        let graph = Graph::new(all.iter().copied())?;
        let to = State::of_models(models, &[App::new("shop", module, "/nowhere", &[])])?;
        let texts = |flags: &[&str]| flags.iter().map(|f| (*f).to_owned()).collect::<Vec<_>>();
        let mut nobody = Nobody;
        let mut answers = Given::new(&texts(flags.renames), &texts(flags.drops), &texts(flags.fills), &mut nobody)?;
        let operations = diff(&graph.state()?, &to, &mut answers)?;
        answers.finish()?;
        let new = split(&operations, &graph, Some(name))?;
        all.extend(new.into_iter().map(|m| &*Box::leak(Box::new(m))));
    }
    Ok(App::new("shop", module, "/nowhere", all.leak()))
}

pub async fn go(db: &Db, app: &App, target: &Target) -> orm::Result<Vec<String>> {
    let moves = migrate(db.backend().clone(), &[*app], target, Options::default()).await?;
    Ok(moves.iter().map(|m| m.migration.name.to_owned()).collect())
}

pub fn at(name: &str) -> Target {
    Target::Migration("shop".to_owned(), name.to_owned())
}

/// The tables are those of the models, and there are no others.
pub async fn tables_are(db: &Db, models: &[&'static ModelMeta]) -> Outcome {
    let mut actual = db.introspect().await?;
    actual.tables.remove("orm_migrations");
    let wanted = Schema::of_models(models);
    assert_eq!(with_effect(db.backend().as_ref(), &actual, difference(&actual, &wanted)?), []);
    assert_eq!(actual.tables.keys().collect::<Vec<_>>(), wanted.tables.keys().collect::<Vec<_>>());
    for (name, table) in &wanted.tables {
        for column in &table.columns {
            let found = actual.tables[name].column(&column.name).map(|c| &c.check);
            assert_eq!(found, Some(&column.check), "choices of `{name}.{}`", column.name);
        }
    }
    Ok(())
}

pub async fn rows(db: &Db, sql: &str, kinds: &[Kind]) -> orm::Result<Vec<Vec<Value>>> {
    Session::open(db.backend().clone()).await?.rows(sql, kinds).await
}

pub async fn count(db: &Db, table: &str) -> orm::Result<i64> {
    let rows = rows(db, &format!("SELECT COUNT(*) FROM {table}"), &[Kind::Int64]).await?;
    Ok(if let Some([Value::Int(n)]) = rows.first().map(Vec::as_slice) { *n } else { -1 })
}

pub fn is_sqlite(db: &Db) -> bool {
    db.dialect().name() == "sqlite"
}

pub async fn fill(db: &Db) -> Outcome {
    use v1::{Item, Leaflet, Maker, NewItem, NewLeaflet, NewMaker, Status};
    let maker = Maker::create(NewMaker { name: "Åsa's" }).save(db).await?;
    let first = Item::create(NewItem {
        title: "first",
        price: dec!(12.50),
        rank: 3,
        body: "a 'long' text",
        status: Status::Draft,
        maker: &maker,
    })
    .save(db)
    .await?;
    Item::create(NewItem {
        title: "second",
        price: dec!(0.99),
        rank: i32::MAX,
        body: "",
        status: Status::Live,
        maker: &maker,
    })
    .with(Item.note.set("noted"))
    .save(db)
    .await?;
    Leaflet::create(NewLeaflet { text: "read me", item: &first }).save(db).await?;
    Ok(())
}

async fn rows_live_through_versions_there_and_back(db: Db) -> Outcome {
    let app = app_of(&versions())?;
    assert_eq!(go(&db, &app, &at("0001")).await?, ["0001_v1"]);
    tables_are(&db, v1::MODELS).await?;
    fill(&db).await?;

    assert_eq!(go(&db, &app, &at("0002")).await?, ["0002_v2"]);
    tables_are(&db, v2::MODELS).await?;
    second_version_works(&db).await?;

    assert_eq!(go(&db, &app, &Target::Latest).await?, ["0003_v3"]);
    tables_are(&db, v3::MODELS).await?;
    let items = v3::Item::objects().order_by(v3::Item.id.asc()).all(&db).await?;
    assert_eq!(items.iter().map(|i| i.title.as_str()).collect::<Vec<_>>(), ["first", "second"]);
    assert_eq!(items[0].weight, Some(1.5));

    assert_eq!(go(&db, &app, &at("0001")).await?, ["0003_v3", "0002_v2"]);
    tables_are(&db, v1::MODELS).await?;
    let items = v1::Item::objects().order_by(v1::Item.id.asc()).select_related(v1::Item.maker).all(&db).await?;
    assert_eq!(
        items.iter().map(|i| (i.body.as_str(), i.rank, i.price)).collect::<Vec<_>>(),
        [("a 'long' text", 3, dec!(12.50)), ("", i32::MAX, dec!(0.99))]
    );
    assert_eq!(items[0].maker.get()?.name, "Åsa's");
    assert_eq!(v1::Leaflet::objects().count(&db).await?, 0);

    assert_eq!(go(&db, &app, &Target::Latest).await?, ["0002_v2", "0003_v3"]);
    tables_are(&db, v3::MODELS).await?;
    assert_eq!(v3::Item::objects().count(&db).await?, 2);

    assert_eq!(go(&db, &app, &Target::Zero("shop".to_owned())).await?, ["0003_v3", "0002_v2", "0001_v1"]);
    tables_are(&db, &[]).await
}

async fn second_version_works(db: &Db) -> Outcome {
    use v2::{Item, NewTag, NewVendor, Status, Tag, Vendor};
    let items = Item::objects().order_by(Item.id.asc()).select_related((Item.maker, Item.editor)).all(db).await?;
    let [first, second] = &items[..] else { panic!("there are {} items", items.len()) };
    assert_eq!((first.price, first.rank, first.text.as_str()), (dec!(12.50), 3, "a 'long' text"));
    assert_eq!((first.note.as_str(), second.note.as_str()), ("none", "noted"));
    assert_eq!((first.status, second.status), (Status::Draft, Status::Live));
    assert_eq!((first.subtitle.as_deref(), first.stock, first.weight), (None, 7, 1.5));
    assert_eq!(first.maker.get()?.name, "Åsa's");
    assert!(first.editor.is_none());

    // What the first version would have refused.
    let ann = Vendor::create(NewVendor { name: "Ann" }).save(db).await?;
    let long = "a title of more than twenty characters";
    Item::objects()
        .filter(Item.id.eq(second.id))
        .update(
            db,
            (
                Item.title.set(long),
                Item.price.set(dec!(123456.7891)),
                Item.rank.set(i64::MAX),
                Item.status.set(Status::Archived),
                Item.editor.set(&ann),
            ),
        )
        .await?;
    let tag = Tag::create(NewTag { name: "old" }).save(db).await?;
    second.tags().add(db, [&tag]).await?;
    let again = Item::objects().filter(Item.tags.any(Tag.name.eq("old"))).get(db).await?;
    assert_eq!((again.title.as_str(), again.price, again.rank), (long, dec!(123456.7891), i64::MAX));

    // What it allowed, and this one does not: two equal titles, and a vendor's name twice.
    let equal = Item::objects().filter(Item.id.eq(second.id)).update(db, Item.title.set("first")).await;
    assert_eq!(equal.unwrap_err().kind(), ErrorKind::UniqueViolation);
    // The editor goes, the item stays.
    Vendor::objects().filter(Vendor.id.eq(ann.id)).delete(db).await?;
    assert!(Item::objects().filter(Item.id.eq(second.id)).get(db).await?.editor.is_none());
    // The first version must find rows that it can hold.
    Item::objects()
        .filter(Item.id.eq(second.id))
        .update(
            db,
            (
                Item.title.set("second"),
                Item.price.set(dec!(0.99)),
                Item.rank.set(i64::from(i32::MAX)),
                Item.status.set(Status::Live),
            ),
        )
        .await?;
    Ok(())
}

fn keys() -> [Version; 2] {
    const WIDE: Flags = Flags {
        renames: &["shop.Node=Knot", "shop.Knot.name=title", "shop.Knot.parent=upper", "shop.Leaf.node=knot"],
        drops: &[],
        fills: &[],
    };
    [("narrow", narrow::MODELS, Flags::default()), ("wide", wide::MODELS, WIDE)]
}

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 2, 29).unwrap()
}

async fn nodes(db: &Db) -> orm::Result<[narrow::Node; 2]> {
    use narrow::{NewNode, Node};
    let new = |name| NewNode { name, flag: true, day: day(), amount: 2.5, code: 12, label: name };
    let top = Node::create(new("top")).save(db).await?;
    let low = Node::create(new("low")).with(Node.parent.set(&top)).save(db).await?;
    Ok([top, low])
}

async fn keys_that_others_point_at_change_with_them(db: Db) -> Outcome {
    let app = app_of(&keys())?;
    go(&db, &app, &at("0001")).await?;
    tables_are(&db, narrow::MODELS).await?;
    let [top, low] = nodes(&db).await?;
    let leaf = narrow::Leaf::create(narrow::NewLeaf { node: &low }).save(&db).await?;
    leaf.others().add(&db, [&top, &low]).await?;
    narrow::Seat::create(narrow::NewSeat { row: 1, place: 2, hall: "a" }).save(&db).await?;

    for _ in 0..2 {
        go(&db, &app, &Target::Latest).await?;
        tables_are(&db, wide::MODELS).await?;
        let knots =
            wide::Knot::objects().order_by(wide::Knot.id.asc()).select_related(wide::Knot.upper).all(&db).await?;
        let read = |k: &wide::Knot| (k.title.clone(), k.flag, k.day, k.amount, k.code.clone(), k.label.clone());
        let expect = |name: &str| {
            let midnight = day().and_time(NaiveTime::MIN);
            (name.to_owned(), 1, midnight, dec!(2.50), "12".to_owned(), name.to_owned())
        };
        assert_eq!(knots.iter().map(read).collect::<Vec<_>>(), [expect("top"), expect("low")]);
        assert_eq!(knots[1].upper.as_ref().ok_or("no upper")?.get()?.title, "top");
        let leaf = wide::Leaf::objects().select_related(wide::Leaf.knot).get(&db).await?;
        assert_eq!(leaf.knot.get()?.title, "low");
        assert_eq!(leaf.others().count(&db).await?, 2);
        assert_eq!(wide::Seat::objects().filter(wide::Seat.hall.eq("a")).count(&db).await?, 1);

        go(&db, &app, &at("0001")).await?;
        tables_are(&db, narrow::MODELS).await?;
        let nodes = narrow::Node::objects().order_by(narrow::Node.id.asc()).all(&db).await?;
        assert_eq!(
            nodes.iter().map(|n| (n.id, n.flag, n.day, n.amount, n.code)).collect::<Vec<_>>(),
            [(top.id, true, day(), 2.5, 12), (low.id, true, day(), 2.5, 12)]
        );
        assert_eq!(narrow::Leaf::objects().get(&db).await?.others().count(&db).await?, 2);
    }
    go(&db, &app, &Target::Latest).await?;
    let new =
        wide::NewKnot { title: "new", flag: 0, day: day().and_time(NaiveTime::MIN), amount: 1, code: "x", label: "" };
    let new = wide::Knot::create(new).save(&db).await?;
    assert!(new.id > i64::from(low.id), "{}", new.id);
    Ok(())
}

async fn equal_values_stop_a_unique_constraint(db: Db) -> Outcome {
    let app = app_of(&keys())?;
    go(&db, &app, &at("0001")).await?;
    let [top, _] = nodes(&db).await?;
    // Two leaves of one node, which a one-to-one relation does not allow.
    narrow::Leaf::create(narrow::NewLeaf { node: &top }).save(&db).await?;
    let second = narrow::Leaf::create(narrow::NewLeaf { node: &top }).save(&db).await?;
    let error = go(&db, &app, &Target::Latest).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UniqueViolation, "{error}");
    assert!(error.message().starts_with("migration `shop.0002_wide`, `~ alter field `Leaf.knot``: "), "{error}");
    if db.dialect().name() != "mysql" {
        tables_are(&db, narrow::MODELS).await?;
    }
    db.execute(format!("DELETE FROM leaves WHERE id = {}", second.id)).await?;
    assert_eq!(go(&db, &app, &Target::Latest).await?, ["0002_wide"]);
    tables_are(&db, wide::MODELS).await
}

async fn a_second_run_does_nothing(db: Db) -> Outcome {
    let app = app_of(&versions())?;
    let mut events = Vec::new();
    let mut watch = |event| events.push(event);
    migrate_watched(db.backend().clone(), &[app], &Target::Latest, Options::default(), &mut watch).await?;
    assert_eq!(events.len(), 7);
    assert!(matches!(events[0], Event::Planned(3)), "{events:?}");
    let before = records(db.backend().clone()).await?;
    assert_eq!(go(&db, &app, &Target::Latest).await?, [""; 0]);
    assert_eq!(records(db.backend().clone()).await?, before);
    Ok(())
}

const NOTE: Shape =
    Shape::new("Note", "notes").fields(&[Field::int64("id").increment(), Field::text("text")]).key(&["id"]);
static BROKEN: &[&Migration] = &[
    &Migration::new("notes", "0001_initial").ops(&[Op::create_model(NOTE)]),
    &Migration::new("notes", "0002_broken").depends_on(&[("notes", "0001_initial")]).ops(&[
        Op::add_field("Note", Field::string("title", 20).null()),
        Op::run_sql_reversible(Sql::on(&[("", "INSERT INTO elsewhere (x) VALUES (1)")]), Sql::NOTHING),
        Op::add_field("Note", Field::int32("rank").null()),
    ]),
];

async fn a_failure_names_its_statement_and_a_later_run_goes_on(db: Db) -> Outcome {
    let app = App::new("notes", "notes", "/nowhere", BROKEN);
    let error = go(&db, &app, &Target::Latest).await.unwrap_err();
    let words = "migration `notes.0002_broken`, `~ run SQL `INSERT INTO elsewhere (x) VALUES (1)``: ";
    assert!(error.message().starts_with(words), "{error}");
    assert_eq!(error.sql(), Some("INSERT INTO elsewhere (x) VALUES (1)"));
    assert_eq!(error.kind(), ErrorKind::MissingObject);

    let known = records(db.backend().clone()).await?;
    let first = &known[&("notes".to_owned(), "0001_initial".to_owned())];
    assert_eq!(first.status, Recorded::Applied);
    let broken = known.get(&("notes".to_owned(), "0002_broken".to_owned()));
    let notes = &db.introspect().await?.tables["notes"];
    if db.dialect().name() == "mysql" {
        // Each statement is a transaction of its own there.
        assert_eq!(broken.map(|r| (r.status, r.statements)), Some((Recorded::Applying, 1)));
        assert!(notes.column("title").is_some());
    } else {
        assert_eq!(broken, None);
        assert!(notes.column("title").is_none());
    }
    assert!(notes.column("rank").is_none());

    db.execute("CREATE TABLE elsewhere (x INTEGER)").await?;
    assert_eq!(go(&db, &app, &Target::Latest).await?, ["0002_broken"]);
    assert_eq!(count(&db, "elsewhere").await?, 1);
    assert!(db.introspect().await?.tables["notes"].column("rank").is_some());
    assert!(records(db.backend().clone()).await?.values().all(|r| r.status == Recorded::Applied));
    Ok(())
}

async fn a_value_that_a_column_would_refuse_stops_the_migration(db: Db) -> Outcome {
    let app = app_of(&versions()[..2])?;
    go(&db, &app, &Target::Latest).await?;
    let vendor = v2::Vendor::create(v2::NewVendor { name: "Ann" }).save(&db).await?;
    let item = v2::Item::create(v2::NewItem {
        title: "archived",
        price: dec!(1),
        rank: 1,
        note: "",
        text: "",
        status: v2::Status::Archived,
        stock: 1,
        maker: &vendor,
    })
    .save(&db)
    .await?;
    let error = go(&db, &app, &at("0001")).await.unwrap_err();
    assert!(
        error.message().starts_with("taking back migration `shop.0002_v2`, `~ alter field `Item.status``: "),
        "{error}"
    );
    assert!(error.sql().is_some(), "{error:?}");
    if db.dialect().name() != "mysql" {
        tables_are(&db, v2::MODELS).await?;
    }
    let table = if db.introspect().await?.tables.contains_key("items") { "items" } else { "products" };
    db.execute(format!("UPDATE {table} SET status = 'live' WHERE id = {}", item.id)).await?;
    assert_eq!(go(&db, &app, &at("0001")).await?, ["0002_v2"]);
    tables_are(&db, v1::MODELS).await?;
    assert_eq!(v1::Item::objects().filter(v1::Item.title.eq("archived")).count(&db).await?, 1);
    Ok(())
}

async fn two_migrators_at_once_run_each_migration_once(db: Db) -> Outcome {
    let app = app_of(&versions())?;
    let run = || {
        let db = db.clone();
        tokio::spawn(async move { go(&db, &app, &Target::Latest).await })
    };
    let (a, b, c) = tokio::join!(run(), run(), run());
    let done = [a??, b??, c??];
    if !is_sqlite(&db) {
        // Whoever waited for the lock found nothing to do.
        assert_eq!(done.iter().filter(|d| d.is_empty()).count(), 2, "{done:?}");
    }
    assert_eq!(records(db.backend().clone()).await?.len(), 3);
    tables_are(&db, v3::MODELS).await
}

pub fn is_true(row: &[Value]) -> bool {
    match row {
        [Value::Bool(held)] => *held,
        [Value::Int(number)] => *number == 1,
        [Value::Text(text)] => matches!(text.as_str(), "1" | "t" | "true"),
        _ => false,
    }
}

async fn whoever_waits_too_long_is_told(db: Db) -> Outcome {
    let app = app_of(&versions()[..1])?;
    let Some((take, give_back)) = db.backend().migration_lock() else { return Ok(()) };
    let mut other = Session::open(db.backend().clone()).await?;
    // Other tests on the same server migrate too.
    while !other.first(&take).await?.is_some_and(|row| is_true(&row)) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let options = Options { patience: Duration::from_millis(300), ..Options::default() };
    let error = migrate(db.backend().clone(), &[app], &Target::Latest, options).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.message().starts_with("another program has been migrating "), "{error}");
    other.first(&give_back).await?;
    assert_eq!(go(&db, &app, &Target::Latest).await?, ["0001_v1"]);
    Ok(())
}

async fn models_that_contradict_each_other_are_not_migrated(db: Db) -> Outcome {
    static MIGRATIONS: &[&Migration] = &[&Migration::new("torn", "0001_initial").ops(&[Op::create_model(NOTE)])];
    let app = App::new("torn", concat!(module_path!(), "::versions::torn"), "/nowhere", MIGRATIONS);
    let error = go(&db, &app, &Target::Latest).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidModel);
    assert!(error.message().contains("table `torn` is that of `"), "{error}");
    assert!(db.introspect().await?.tables.is_empty());
    Ok(())
}

/// SQLite changes most columns by making the table anew; nothing may be lost on the way.
async fn a_rebuilt_table_keeps_all_that_hangs_on_it(db: Db) -> Outcome {
    if !is_sqlite(&db) {
        return Ok(());
    }
    let app = app_of(&versions())?;
    go(&db, &app, &at("0001")).await?;
    fill(&db).await?;
    db.execute(
        "CREATE TABLE log (what TEXT); \
         CREATE TRIGGER items_log AFTER UPDATE OF title ON items BEGIN INSERT INTO log VALUES (NEW.title); END; \
         CREATE VIEW dear AS SELECT title, price FROM items WHERE rank > 1; \
         CREATE INDEX by_hand ON items (lower(title)) WHERE rank > 0; \
         CREATE TABLE child (id INTEGER PRIMARY KEY, item INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE); \
         INSERT INTO child SELECT id, id FROM items",
    )
    .await?;
    // Keys are never given out twice, so that of a row which went must be remembered.
    db.execute("INSERT INTO items (id, title, price, rank, body, status, maker_id) SELECT 41, 'gone', price, rank, body, status, maker_id FROM items LIMIT 1")
        .await?;
    db.execute("DELETE FROM items WHERE id = 41").await?;

    for target in [at("0002"), at("0001"), Target::Latest] {
        go(&db, &app, &target).await?;
        assert_eq!(count(&db, "child").await?, 2, "to {target:?}");
        assert_eq!(count(&db, "dear").await?, 2, "to {target:?}");
    }
    let objects = rows(
        &db,
        "SELECT name FROM sqlite_schema WHERE name IN ('items_log', 'dear', 'by_hand') ORDER BY name",
        &[Kind::TEXT],
    )
    .await?;
    assert_eq!(objects.len(), 3, "{objects:?}");
    assert_eq!(rows(&db, "PRAGMA foreign_key_check", &[]).await?.len(), 0);
    db.execute("UPDATE products SET title = 'third' WHERE title = 'second'").await?;
    assert_eq!(count(&db, "log").await?, 1);

    let mut session = Session::open(db.backend().clone()).await?;
    assert_eq!(session.rows("PRAGMA foreign_keys", &[Kind::Int64]).await?, [[Value::Int(1)]]);
    session.execute("INSERT INTO products (title, price, rank, text, status, stock, weight, maker_id) SELECT 'new', price, rank, text, status, stock, weight, maker_id FROM products LIMIT 1").await?;
    let newest = session.rows("SELECT MAX(id) FROM products", &[Kind::Int64]).await?;
    assert_eq!(newest, [[Value::Int(42)]]);
    session.execute("DELETE FROM products").await?;
    assert_eq!(count(&db, "child").await?, 0);
    Ok(())
}

async fn every_database_has_its_sql(db: Db) -> Outcome {
    let app = app_of(&versions())?;
    let dialect = db.dialect().name();
    let text = orm::migrate::sql_of(&[app], "shop", "0001", dialect, orm::migrate::Direction::Forwards)?;
    assert!(text.starts_with("-- + create model `Item`") || text.starts_with("-- + create model `Maker`"), "{text}");
    let quoted = if dialect == "mysql" { "CREATE TABLE `items`" } else { "CREATE TABLE \"items\"" };
    assert!(text.contains(quoted), "{text}");
    let text = orm::migrate::sql_of(&[app], "shop", "0002", dialect, orm::migrate::Direction::Forwards)?;
    for words in ["rename field `Item.body` to `text`", "alter field `Item.price`", "delete model `Leaflet`"] {
        assert!(text.contains(words), "no {words} in {text}");
    }
    let back = orm::migrate::sql_of(&[app], "shop", "0001", dialect, orm::migrate::Direction::Backwards)?;
    assert_eq!(back.matches("DROP TABLE").count(), 3, "{back}");
    Ok(())
}

async fn what_is_applied_is_shown(db: Db) -> Outcome {
    let app = app_of(&versions())?;
    go(&db, &app, &at("0001")).await?;
    let text = orm::migrate::overview(&[app], &records(db.backend().clone()).await?)?;
    let lines: Vec<Vec<&str>> = text.lines().map(|l| l.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["app", "migration", "state", "when"]);
    assert_eq!(lines[1][..3], ["shop", "0001_v1", "applied"]);
    assert_eq!(lines[2..], [["shop", "0002_v2", "not", "applied"], ["shop", "0003_v3", "not", "applied"]]);
    Ok(())
}

async fn the_files_of_the_example_are_those_of_its_models(db: Db) -> Outcome {
    let app = blog::migrations::APP;
    let graph = Graph::of_apps(&[app])?;
    let operations = diff(&graph.state()?, &State::of_models(blog::MODELS, &[app])?, &mut Nobody)?;
    let missing: Vec<String> = split(&operations, &graph, None)?.iter().map(file::text).collect();
    assert!(missing.is_empty(), "this is missing in examples/blog/migrations:\n{}", missing.join("\n"));
    assert_eq!(go(&db, &app, &Target::Latest).await?, ["0001_initial"]);
    tables_are(&db, blog::MODELS).await?;
    assert_eq!(sync_models(&db, blog::MODELS).await?, []);
    assert_eq!(go(&db, &app, &Target::Zero("blog".to_owned())).await?, ["0001_initial"]);
    tables_are(&db, &[]).await
}
