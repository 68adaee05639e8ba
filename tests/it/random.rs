//! Random queries on random rows: each database gives the rows that the query means, which an oracle computes in
//! memory. `ORM_TEST_SEED` grows other queries.

use chrono::NaiveDate;
use orm::ast::{Assignment, Cond, Delete, Expr, Select, Update};
use orm::db::{Flow, Sink, Statement};
use orm::meta::ModelMeta;
use orm::model::{Draftable, Given, NewRow};
use orm::prelude::*;
use orm::value::{Cursor, Date, Kind, Number, Row, Value};
use orm::{ast, meta, parse, value};
use orm_core::sql::{self, Ask};
use proptest::collection::vec;
use proptest::prelude::{any, prop_assert, prop_assert_eq};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use rust_decimal::Decimal;

mod oracle;
#[path = "../../orm-core/src/query/tests/plans/random.rs"]
mod queries;

use crate::harness::{self, Outcome};
use crate::suite;
use oracle::Data;
use queries::{Grower, TEXTS};

#[derive(Model, Debug, Clone)]
#[orm(table = "random_places")]
struct Place {
    id: i64,
    #[orm(max_length = 50)]
    name: String,
    open: bool,
    #[orm(via = home)]
    people: HasMany<Person>,
}

#[derive(Model, Debug, Clone)]
#[orm(table = "random_people")]
struct Person {
    id: i64,
    #[orm(max_length = 50)]
    name: String,
    #[orm(max_length = 50)]
    nick: Option<String>,
    age: Option<i32>,
    born: Option<NaiveDate>,
    #[orm(on_delete = NoAction)]
    home: Option<ForeignKey<Place>>,
    #[orm(on_delete = NoAction)]
    mentor: Option<ForeignKey<Person>>,
    #[orm(via = mentor)]
    pupils: HasMany<Person>,
    #[orm(via = writer)]
    works: HasMany<Work>,
    #[orm(via = editor)]
    edits: HasMany<Work>,
    card: HasOne<Card>,
}

#[derive(Model, Debug, Clone)]
#[orm(table = "random_works", ordering = "-id")]
struct Work {
    id: i64,
    #[orm(max_length = 50)]
    title: String,
    #[orm(max_length = 50)]
    subtitle: Option<String>,
    copies: i64,
    rank: Option<i32>,
    large: Option<i64>,
    #[orm(max_digits = 8, decimal_places = 2)]
    price: Decimal,
    #[orm(max_digits = 8, decimal_places = 3)]
    rate: Option<Decimal>,
    sold: bool,
    flag: Option<bool>,
    made: NaiveDate,
    gone: Option<NaiveDate>,
    #[orm(on_delete = NoAction)]
    writer: ForeignKey<Person>,
    #[orm(on_delete = NoAction)]
    editor: Option<ForeignKey<Person>>,
    labels: ManyToMany<Label>,
}

#[derive(Model, Debug, Clone)]
#[orm(table = "random_labels")]
struct Label {
    id: i64,
    #[orm(max_length = 50)]
    text: String,
    #[orm(via = labels)]
    works: ManyToMany<Work>,
}

#[derive(Model, Debug, Clone)]
#[orm(table = "random_cards")]
struct Card {
    id: i64,
    number: Option<i64>,
    #[orm(on_delete = NoAction)]
    person: OneToOne<Person>,
}

suite!([Place, Person, Work, Label, Card];
    a_query_gives_the_rows_that_it_means, a_condition_and_its_negation_part_the_rows, a_change_reaches_the_rows_that_it_names,
);

/// The models, those that others point at first, with how many rows of each there are.
const TABLES: [(&ModelMeta, i64); 5] =
    [(Place::META, 4), (Person::META, 9), (Work::META, 24), (Label::META, 5), (Card::META, 5)];

/// A row of any model.
struct Raw(Vec<Value>);

impl<M: Model> Draftable<M> for Raw {
    fn give(self, to: &mut NewRow) {
        for (field, value) in self.0.into_iter().enumerate() {
            to.give(field, Given::Value(value));
        }
    }
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as i64) % sides
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.roll(of.len() as i64) as usize]
    }
}

fn stored() -> Data {
    let mut dice = Dice(20);
    let mut data = Data::default();
    for (model, count) in TABLES {
        let rows = (1..=count).map(|id| row(model, id, &mut dice)).collect();
        data.tables.push((model, rows));
    }
    let pairs = (1..=24).flat_map(|work| (1..=5).map(move |label| (work, label)));
    data.between.insert(labels_table(), pairs.filter(|_| dice.roll(4) == 0).collect());
    data
}

fn labels_table() -> &'static str {
    match Work::META.relation("labels").map(|r| r.kind) {
        Some(orm::meta::RelationKind::Many { table, .. }) => table,
        other => unreachable!("{other:?}"),
    }
}

fn row(model: &'static ModelMeta, id: i64, dice: &mut Dice) -> Vec<Value> {
    let value = |field: &meta::FieldMeta| {
        if field.name == "id" {
            return Value::Int(id);
        }
        if field.null && dice.roll(4) == 0 {
            return Value::Null;
        }
        if let Some(relation) = field.relation {
            let target = model.relations[relation].target();
            let count = TABLES.iter().find(|(m, _)| m.is(target)).map_or(0, |(_, count)| *count);
            return Value::Int(match model.is(target) {
                // Rows are stored in the order of their keys; the first points at itself.
                true => 1 + dice.roll(id),
                false if field.unique => id,
                false => 1 + dice.roll(count),
            });
        }
        match (field.name, field.kind) {
            ("large", _) => Value::Int(dice.one(&[i64::MIN, i64::MAX, 0, -1, 1 << 40])),
            (_, Kind::Bool) => Value::Bool(dice.roll(2) == 0),
            (_, Kind::Text { .. }) => Value::Text(dice.one(&TEXTS).into()),
            (_, Kind::Date) => {
                let (year, month, day) =
                    dice.one(&[(2020, 2, 29), (1999, 12, 31), (1, 1, 1), (9999, 12, 31), (2020, 1, 1), (2024, 5, 6)]);
                Value::Date(Date::from_ymd(year, month, day).expect("a day"))
            }
            (_, Kind::Decimal { places, .. }) => {
                let digits = [150, 0, -300, 1, 225, 99_999_999, 2_000, 15, -2_125].map(i128::from);
                Value::Decimal(Number::new(dice.one(&digits), places))
            }
            _ => Value::Int(dice.one(&[0, 1, 2, 3, -1, -3, 7, 12, 5])),
        }
    };
    model.fields.iter().map(value).collect()
}

async fn load(db: &Db) -> orm::Result<Data> {
    let data = stored();
    for (model, rows) in &data.tables {
        let rows = || rows.iter().cloned().map(Raw);
        match model.name {
            "Place" => Place::objects().bulk_insert(db, rows()).await?,
            "Person" => Person::objects().bulk_insert(db, rows()).await?,
            "Work" => Work::objects().bulk_insert(db, rows()).await?,
            "Label" => Label::objects().bulk_insert(db, rows()).await?,
            _ => Card::objects().bulk_insert(db, rows()).await?,
        };
    }
    let table = labels_table();
    let pairs: Vec<String> = data.between[table].iter().map(|(work, label)| format!("({work}, {label})")).collect();
    db.execute(format!("INSERT INTO {table} (work_id, label_id) VALUES {}", pairs.join(", "))).await?;
    Ok(data)
}

/// Grows from random bytes, on this thread, and waits for each.
fn check(cases: u32, test: impl AsyncFn(&[u8]) -> Result<(), TestCaseError>) -> Outcome {
    let seed: u64 = std::env::var("ORM_TEST_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let bytes: Vec<u8> = seed.to_le_bytes().into_iter().cycle().take(32).collect();
    let config = Config {
        cases,
        failure_persistence: None,
        max_global_rejects: 100_000,
        max_shrink_iters: 150,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let here = tokio::runtime::Handle::current();
    let done =
        tokio::task::block_in_place(|| runner.run(&vec(any::<u8>(), 0..70), |bytes| here.block_on(test(&bytes))));
    done.map_err(|error| format!("with ORM_TEST_SEED={seed}: {error}").into())
}

fn failed(what: &str, error: &orm::Error, statement: &Statement) -> TestCaseError {
    TestCaseError::fail(format!("{what}: {error:?}\n{}\n{:?}", statement.sql, statement.params))
}

/// Gathers the rows of any statement.
struct Gather(Vec<Vec<Value>>);

impl Sink for Gather {
    fn row(&mut self, cursor: &mut dyn Cursor, columns: &[Kind]) -> orm::Result<Flow> {
        let mut row = Row::new(cursor, columns);
        self.0.push(columns.iter().map(|_| row.value()).collect::<orm::Result<_>>()?);
        Ok(Flow::More)
    }
}

async fn run(db: &dyn Executor, statement: Statement) -> orm::Result<Vec<Vec<Value>>> {
    harness::gathered(db, statement, Gather(Vec::new())).await.map(|sink| sink.0)
}

/// A statement; what a database cannot do is refused before it is asked.
fn made(statement: orm::Result<Statement>) -> Result<Statement, TestCaseError> {
    statement.map_err(|error| match error.kind() {
        ErrorKind::Unsupported => TestCaseError::reject(error.to_string()),
        _ => TestCaseError::fail(format!("{error:?}")),
    })
}

async fn asked(db: &dyn Executor, select: &Select, ask: Ask) -> Result<Vec<Vec<Value>>, TestCaseError> {
    let statement = made(sql::select(select, ask, db.dialect(), db.plans()))?;
    run(db, statement.clone()).await.map_err(|e| failed("refused", &e, &statement))
}

/// Integers and decimals are one kind of number here.
fn plain(rows: Vec<Vec<Value>>) -> Vec<Vec<Value>> {
    let plain = |value| match value {
        Value::Int(v) => Value::Decimal(Number::from(v)),
        Value::Decimal(v) => Value::Decimal(v.normalized()),
        other => other,
    };
    rows.into_iter().map(|row| row.into_iter().map(plain).collect()).collect()
}

fn sorted(mut rows: Vec<Vec<Value>>) -> Vec<Vec<Value>> {
    rows.sort_by_cached_key(|row| format!("{row:?}"));
    rows
}

fn models() -> Vec<&'static ModelMeta> {
    TABLES.iter().map(|(model, _)| *model).collect()
}

async fn a_query_gives_the_rows_that_it_means(db: Db) -> Outcome {
    let data = load(&db).await?;
    let models = models();
    check(600, async |bytes| {
        let mut grower = Grower::new(bytes, &models);
        grower.definite = true;
        let select = grower.select();
        let Ok(expected) = data.select(&select) else { return Err(TestCaseError::reject("too large")) };
        let statement = made(sql::select(&select, Ask::Rows, db.dialect(), db.plans()))?;
        let rows = run(&db, statement.clone()).await.map_err(|e| failed("refused", &e, &statement))?;
        let (rows, expected) = (plain(rows), plain(expected));
        let (rows, expected) = match select.limit.or(select.offset) {
            Some(_) => (rows, expected),
            None => (sorted(rows), sorted(expected)),
        };
        prop_assert_eq!(rows, expected, "{}\n{:?}", statement.sql, statement.params);
        Ok(())
    })
}

async fn a_condition_and_its_negation_part_the_rows(db: Db) -> Outcome {
    let data = load(&db).await?;
    let models = models();
    check(250, async |bytes| {
        let mut grower = Grower::new(bytes, &models);
        grower.definite = true;
        let model = grower.model();
        let cond = grower.cond(model, 4);
        let mut select = keys_of(model, cond.clone());
        let Ok(expected) = data.select(&select) else { return Err(TestCaseError::reject("too large")) };
        let found = asked(&db, &select, Ask::Rows).await?;
        prop_assert_eq!(&found, &expected, "{}", select_sql(&select, &db));
        prop_assert_eq!(asked(&db, &select, Ask::Count).await?, [[Value::Int(expected.len() as i64)]]);
        prop_assert_eq!(asked(&db, &select, Ask::Exists).await?.is_empty(), expected.is_empty());
        select.filter = vec![cond.not()];
        let others = asked(&db, &select, Ask::Rows).await?;
        let mut all = [found, others].concat();
        all.sort_by_key(|row| if let [Value::Int(id)] = row[..] { id } else { 0 });
        let whole = asked(&db, &keys_of(model, Cond::constant(true)), Ask::Rows).await?;
        prop_assert_eq!(all, whole, "{}", select_sql(&select, &db));
        Ok(())
    })
}

fn keys_of(model: &'static ModelMeta, cond: Cond) -> Select {
    let mut select = Select::new(model);
    let key = queries::by_key(model);
    select.filter.push(cond);
    select.outputs = vec![ast::Output::Expr(key.expr.clone())];
    select.order = Some(vec![key]);
    select
}

fn select_sql(select: &Select, db: &Db) -> String {
    sql::select(select, Ask::Rows, db.dialect(), db.plans())
        .map_or_else(|e| e.to_string(), |s| format!("{} {:?}", s.sql, s.params))
}

async fn a_change_reaches_the_rows_that_it_names(db: Db) -> Outcome {
    let data = load(&db).await?;
    check(100, async |bytes| {
        let models = models();
        let mut grower = Grower::new(bytes, &models);
        grower.definite = true;
        let cond = grower.cond(Work::META, 3);
        let mut rows = keys_of(Work::META, cond);
        rows.limit = [None, Some(0), Some(3)][grower.pick(3)];
        rows.offset = rows.limit.and([None, Some(1)][grower.pick(2)]);
        let Ok(expected) = data.select(&rows) else { return Err(TestCaseError::reject("too large")) };
        let tx = db.begin("random").await.map_err(|e| TestCaseError::fail(e.to_string()))?;
        let copies = Work::META.field("copies").expect("a field");
        let changed = Value::Int(1000);
        let set = vec![Assignment { field: copies, value: Expr::value(changed.clone()) }];
        let update = Update { rows: rows.clone(), set, returning: Vec::new() };
        let statement = made(sql::update(&update, tx.dialect(), tx.plans()))?;
        run(&tx, statement.clone()).await.map_err(|e| failed("an update is refused", &e, &statement))?;
        let column = Expr::column(None, Work::META, copies, false);
        let which = keys_of(Work::META, Cond::lookup(ast::Lookup::Eq, column, Expr::value(changed)));
        let found = asked(&tx, &which, Ask::Rows).await?;
        let mut by_key = expected.clone();
        by_key.sort_by_key(|row| if let [Value::Int(id)] = row[..] { id } else { 0 });
        prop_assert_eq!(found, by_key, "{}\n{:?}", statement.sql, statement.params);
        tx.rollback().await.map_err(|e| TestCaseError::fail(e.to_string()))?;

        let tx = db.begin("random").await.map_err(|e| TestCaseError::fail(e.to_string()))?;
        tx.execute(format!("DELETE FROM {}", labels_table())).await.map_err(|e| TestCaseError::fail(e.to_string()))?;
        let bare = Data { between: [(labels_table(), Vec::new())].into(), tables: stored().tables };
        let Ok(expected) = bare.select(&rows) else { return Err(TestCaseError::reject("too large")) };
        let statement = made(sql::delete(&Delete { rows }, tx.dialect(), tx.plans()))?;
        run(&tx, statement.clone()).await.map_err(|e| failed("a deletion is refused", &e, &statement))?;
        let left = asked(&tx, &keys_of(Work::META, Cond::constant(true)), Ask::Rows).await?;
        prop_assert!(
            left.len() + expected.len() == 24 && left.iter().all(|row| !expected.contains(row)),
            "{}\n{:?}",
            statement.sql,
            statement.params
        );
        tx.rollback().await.map_err(|e| TestCaseError::fail(e.to_string()))?;
        Ok(())
    })
}
