//! A database to test on, one call a statement.

use std::any::Any;

use super::Sqlite;
use crate::db::{Backend, Connection, Control, Done, Flow, Param, Sink, Statement};
use crate::error::{Error, Result};
use crate::schema::{DdlRun, DdlStep, Schema, SchemaChange};
use crate::value::{Cursor, Kind, Value};

pub(super) struct Database {
    pub backend: Sqlite,
    pub connection: Option<Box<dyn Connection>>,
}

impl Database {
    pub async fn memory() -> Database {
        Database::open("sqlite::memory:").await
    }

    pub async fn open(url: &str) -> Database {
        let backend = Sqlite::open(url).unwrap();
        let connection = backend.connect().await.unwrap();
        Database { backend, connection: Some(connection) }
    }

    pub async fn run(&mut self, sql: &str, params: Vec<Param>, columns: &[Kind]) -> Result<(Vec<Vec<Value>>, Done)> {
        let statement = Statement { sql: sql.into(), params, columns: columns.into(), persistent: true };
        let ran = self.connection.take().unwrap().run(statement, Box::new(Rows(Vec::new(), usize::MAX))).await;
        self.connection = ran.connection;
        let sink: Box<dyn Any> = ran.sink;
        ran.result.map(|done| (sink.downcast::<Rows>().unwrap().0, done))
    }

    pub async fn execute(&mut self, sql: &str) -> Result<()> {
        let (connection, result) = self.connection.take().unwrap().execute(sql.to_owned()).await;
        self.connection = connection;
        result
    }

    pub async fn control(&mut self, control: Control) -> Result<()> {
        let (connection, result) = self.connection.take().unwrap().control(control).await;
        self.connection = connection;
        result
    }

    /// One value of a query.
    pub async fn one(&mut self, sql: &str, kind: Kind) -> Result<Value> {
        let (mut rows, _) = self.run(sql, Vec::new(), &[kind]).await?;
        Ok(rows.remove(0).remove(0))
    }

    /// All values of a query's only column.
    pub async fn all(&mut self, sql: &str, kind: Kind) -> Vec<Value> {
        self.run(sql, Vec::new(), &[kind]).await.unwrap().0.into_iter().map(|mut row| row.remove(0)).collect()
    }

    /// Makes a change as a migration does.
    pub async fn change(&mut self, change: &SchemaChange, schema: &mut Schema) -> Result<()> {
        self.changes(std::slice::from_ref(change), schema).await
    }

    /// Makes changes that follow each other, all in one transaction.
    pub async fn changes(&mut self, changes: &[SchemaChange], schema: &mut Schema) -> Result<()> {
        let groups = self.backend.plan_all(changes, schema).map_err(|(_, error)| error)?;
        let steps: Vec<_> = groups.into_iter().flat_map(|g| g.changes).flatten().collect();
        let is_set = |s: &&DdlStep| s.run == DdlRun::OutsideTransaction;
        let set: Vec<String> = steps.iter().filter(is_set).map(|s| s.sql.clone()).collect();
        let (off, on): (Vec<_>, Vec<_>) = set.into_iter().partition(|sql| sql.ends_with("OFF"));
        let inside = steps.iter().filter(|s| s.run != DdlRun::OutsideTransaction);
        for sql in off {
            self.execute(&sql).await?;
        }
        self.control(Control::Begin).await?;
        let mut result = Ok(());
        for step in inside {
            result = match step.run {
                DdlRun::Plain => self.run(&step.sql, Vec::new(), &[]).await.map(|_| ()),
                DdlRun::MustBeEmpty => match self.all(&step.sql, Kind::TEXT).await.first() {
                    None => Ok(()),
                    Some(Value::Text(words)) => Err(Error::migration(words.to_string())),
                    Some(other) => panic!("{other:?}"),
                },
                DdlRun::RunRows => self.run_rows(&step.sql).await,
                DdlRun::OutsideTransaction => unreachable!(),
            };
            if result.is_err() {
                break;
            }
        }
        self.control(if result.is_ok() { Control::Commit } else { Control::Rollback }).await?;
        for sql in on {
            self.execute(&sql).await?;
        }
        if result.is_ok() {
            changes.iter().for_each(|change| schema.apply(change).unwrap());
        }
        result
    }

    async fn run_rows(&mut self, sql: &str) -> Result<()> {
        for statement in self.all(sql, Kind::TEXT).await {
            let Value::Text(statement) = statement else { panic!("{statement:?}") };
            self.run(&statement, Vec::new(), &[]).await?;
        }
        Ok(())
    }

    pub async fn schema(&mut self) -> Schema {
        let (connection, schema) = self.backend.introspect(self.connection.take().unwrap()).await;
        self.connection = connection;
        schema.unwrap()
    }
}

pub(super) fn param(value: Value, kind: Kind) -> Param {
    Param { value, kind }
}

/// Keeps rows, up to a number of them.
pub(super) struct Rows(pub Vec<Vec<Value>>, pub usize);

impl Sink for Rows {
    fn row(&mut self, cursor: &mut dyn Cursor, columns: &[Kind]) -> Result<Flow> {
        let row: Result<Vec<Value>> =
            columns.iter().enumerate().map(|(i, kind)| cursor.cell(i, *kind).map(|c| c.to_value())).collect();
        self.0.push(row?);
        Ok(if self.0.len() < self.1 { Flow::More } else { Flow::Enough })
    }
}

/// A path for a database of one test, which is deleted with it.
pub(super) struct TempFile(pub std::path::PathBuf);

impl TempFile {
    pub fn new() -> TempFile {
        static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let n = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        TempFile(std::env::temp_dir().join(format!("orm-sqlite-{}-{n}.db", std::process::id())))
    }

    pub fn url(&self, options: &str) -> String {
        format!("sqlite://{}?{options}", self.0.display())
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm", "-journal"] {
            let _ = std::fs::remove_file(format!("{}{end}", self.0.display()));
        }
    }
}
