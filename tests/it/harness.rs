//! Runs each test once a database: SQLite always, PostgreSQL and MySQL/MariaDB where `ORM_TEST_POSTGRES_URL` and
//! `ORM_TEST_MYSQL_URL` name a server. Without one, its tests are listed as ignored.

use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use libtest_mimic::{Arguments, Failed, Trial};
use orm::db::{Flow, Sink, Statement};
use orm::meta::ModelMeta;
use orm::prelude::*;
use orm::schema::{ForeignKey, Schema, SchemaChange};
use orm::value::{Cursor, Kind, Row};

use crate::place::{Place, Server};

/// What a test returns: an error fails it.
pub type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;
type Body = fn(Db) -> Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// A test that runs on every database.
pub struct Test {
    pub name: &'static str,
    pub models: &'static [&'static ModelMeta],
    pub body: Body,
}

/// The tests of one file. `models` are created before each of them.
pub struct Suite {
    pub name: &'static str,
    pub tests: &'static [Test],
}

/// Lists the tests of a file: `suite!(NAME, [Author, Book]; one, two)` for `async fn one(db: Db) -> Outcome`.
#[macro_export]
macro_rules! suite {
    ([$($model:ty),* $(,)?]; $($test:ident),* $(,)?) => {
        const MODELS: &[&orm::meta::ModelMeta] = &[$(<$model as orm::Model>::META),*];
        pub const SUITE: $crate::harness::Suite = $crate::harness::Suite {
            name: module_path!(),
            tests: &[$($crate::harness::Test {
                name: stringify!($test),
                models: MODELS,
                body: |db| Box::pin($test(db)),
            }),*],
        };
    };
}

/// Runs the suites; the arguments are those of any test binary.
pub fn run(suites: &'static [Suite]) {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for suite in suites {
        let file = suite.name.rsplit("::").next().unwrap_or(suite.name);
        for test in suite.tests {
            for server in Server::ALL {
                let url = server.url();
                let ignored = url.is_none();
                let name = format!("{file}::{}::{}", test.name, server.name());
                trials.push(Trial::test(name, move || run_one(server, url, test)).with_ignored_flag(ignored));
            }
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn run_one(server: Server, url: Option<String>, test: &'static Test) -> Result<(), Failed> {
    let url = url.ok_or_else(|| server.missing())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async move {
        let place = Place::make(server, &url).await?;
        let db = Db::connect(&place.url).await?;
        create_tables(&db, test.models).await?;
        let outcome = tokio::spawn((test.body)(db.clone())).await;
        db.close().await;
        place.remove().await?;
        match outcome {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Failed::from(format!("{error:?}"))),
            Err(panic) => Err(Failed::from(match panic.into_panic().downcast::<String>() {
                Ok(words) => *words,
                Err(other) => other.downcast::<&str>().map_or_else(|_| "panic".to_owned(), |s| (*s).to_owned()),
            })),
        }
    })
}

/// Creates the tables of models, those that others point at first.
pub async fn create_tables(db: &Db, models: &'static [&'static ModelMeta]) -> orm::Result<()> {
    let wanted = Schema::of_models(models);
    let mut made = Schema::default();
    let mut rest: Vec<_> = wanted.tables.into_values().collect();
    let mut later = Vec::new();
    while !rest.is_empty() {
        let free = rest.iter().position(|table| {
            table.foreign_keys.iter().all(|key| key.target == table.name || !rest.iter().any(|t| t.name == key.target))
        });
        let mut table = rest.remove(free.unwrap_or(0));
        // Tables that point at each other get their foreign keys when all of them are there. SQLite does not mind.
        if db.dialect().name() != "sqlite" {
            let waits = |key: &ForeignKey| rest.iter().any(|t| t.name == key.target);
            let (waiting, free): (Vec<_>, Vec<_>) = table.foreign_keys.drain(..).partition(waits);
            table.foreign_keys = free;
            later.extend(waiting.into_iter().map(|key| SchemaChange::AddForeignKey { table: table.name.clone(), key }));
        }
        run_change(db, &mut made, SchemaChange::CreateTable(table)).await?;
    }
    for change in later {
        run_change(db, &mut made, change).await?;
    }
    Ok(())
}

async fn run_change(db: &Db, made: &mut Schema, change: SchemaChange) -> orm::Result<()> {
    for step in db.backend().plan(&change, made)? {
        db.execute(step.sql).await?;
    }
    made.apply(&change).map_err(orm::Error::migration)
}

/// The rows of a statement written by hand, each read by a function; `kinds` says what its columns hold.
pub async fn rows_of<T: Send + 'static>(
    db: &dyn Executor,
    sql: &str,
    kinds: &[Kind],
    read: impl FnMut(&mut Row<'_>) -> orm::Result<T> + Send + 'static,
) -> orm::Result<Vec<T>> {
    let statement = Statement { sql: sql.into(), params: Vec::new(), columns: kinds.into(), persistent: false };
    let rows = Arc::new(Mutex::new(Vec::new()));
    let sink = ByHand { read: Box::new(read), rows: rows.clone() };
    let (_, done) = db.run(statement, Box::new(sink), "by hand").await;
    done?;
    let mut rows = rows.lock().unwrap();
    Ok(std::mem::take(&mut *rows))
}

type Read<T> = Box<dyn FnMut(&mut Row<'_>) -> orm::Result<T> + Send>;

struct ByHand<T> {
    read: Read<T>,
    rows: Arc<Mutex<Vec<T>>>,
}

impl<T: Send + 'static> Sink for ByHand<T> {
    fn row(&mut self, cursor: &mut dyn Cursor, columns: &[Kind]) -> orm::Result<Flow> {
        self.rows.lock().unwrap().push((self.read)(&mut Row::new(cursor, columns))?);
        Ok(Flow::More)
    }
}

/// A sink with the rows of a statement in it.
pub async fn gathered<S: Sink + 'static>(db: &dyn Executor, statement: Statement, sink: S) -> orm::Result<S> {
    let (sink, done) = db.run(statement, Box::new(sink), "by hand").await;
    done?;
    let sink: Box<dyn Any> = sink;
    Ok(*sink.downcast::<S>().expect("the sink that was given"))
}
