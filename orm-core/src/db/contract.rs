//! The contract of a database: what it speaks, its connections, and the rows they push.

use std::any::Any;
use std::future::Future;
use std::pin::Pin;

use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::schema::{DdlGroup, DdlStep, Schema, SchemaChange};
use crate::sql::Statement;
use crate::value::{Cursor, Kind};

/// A boxed future that other threads may finish.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A database: how to reach it, and what it speaks.
pub trait Backend: Send + Sync + std::fmt::Debug + 'static {
    /// Its spelling of queries.
    fn dialect(&self) -> &'static dyn Dialect;
    /// Opens a connection and prepares its session (strict modes, UTC, foreign keys on…).
    fn connect(&self) -> BoxFuture<'_, Result<Box<dyn Connection>>>;
    /// Where it is, for errors: the URL without password and options.
    fn location(&self) -> &str;
    /// How many connections make sense at most, if there is such a bound (1 for a database in memory).
    fn max_connections(&self) -> Option<usize>;
    /// The statements for a change of tables. `before` is the schema as it is before the change.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) or [`ErrorKind::Migration`](crate::ErrorKind::Migration)
    /// if it cannot be made here.
    fn plan(&self, change: &SchemaChange, before: &Schema) -> Result<Vec<DdlStep>>;
    /// The statements for changes that follow each other, which may share some. `before` is the schema before the first.
    ///
    /// # Errors
    /// As [`Backend::plan`], with the place of the change.
    fn plan_all(&self, changes: &[SchemaChange], before: &Schema) -> Result<Vec<DdlGroup>, (usize, Error)> {
        plan_each(changes, before, &|change, before| self.plan(change, before))
    }
    /// Reads the tables as they are. Kinds are the nearest that the library has.
    fn introspect<'a>(&'a self, connection: Box<dyn Connection>) -> BoxFuture<'a, Returned<Schema>>;
    /// The two statements that take and give back a lock which only one migrating program can hold, by name;
    /// `None` where the transaction itself locks. Taking is a query whose first column is 1 (or true) once the lock is held.
    fn migration_lock(&self) -> Option<(String, String)>;
}

/// Plans changes one by one.
pub(crate) fn plan_each(
    changes: &[SchemaChange],
    before: &Schema,
    plan: &dyn Fn(&SchemaChange, &Schema) -> Result<Vec<DdlStep>>,
) -> Result<Vec<DdlGroup>, (usize, Error)> {
    let mut schema = before.clone();
    let one = |(at, change): (usize, &SchemaChange)| {
        let steps = plan(change, &schema).map_err(|error| (at, error))?;
        schema.apply(change).map_err(|words| (at, Error::migration(words)))?;
        Ok(DdlGroup { changes: vec![steps] })
    };
    changes.iter().enumerate().map(one).collect()
}

/// One open connection. It moves into each call and comes back with the result, so that a future that is dropped
/// half-way takes the connection with it: nobody can use what was left in an unknown state.
pub trait Connection: Send + 'static {
    /// Runs one statement and pushes its rows. `None` comes back instead of the connection when it must not be used again.
    fn run(self: Box<Self>, statement: Statement, sink: Box<dyn Sink>) -> BoxFuture<'static, Ran>;
    /// Runs statement text without parameters, possibly several statements (DDL, `BEGIN`…).
    fn execute(self: Box<Self>, sql: String) -> BoxFuture<'static, Returned<()>>;
    /// Begins, commits or rolls back.
    fn control(self: Box<Self>, control: Control) -> BoxFuture<'static, Returned<()>>;
    /// Cleans up after an owner that vanished in a transaction: a connection that is as new, or `None` to close it.
    /// Never blocks on the network.
    fn abandon(self: Box<Self>) -> Option<Box<dyn Connection>>;
    /// Asks whether the server still answers.
    fn ping(self: Box<Self>) -> BoxFuture<'static, Returned<()>>;
    /// The driver's own connection, for the escape hatches of its backend.
    fn as_any(&mut self) -> &mut dyn Any;
}

/// What a call comes back with: the connection, if it may be used again, and how it went.
pub type Returned<T> = (Option<Box<dyn Connection>>, Result<T>);

/// Transaction control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// Begins a transaction that will write (so that it takes its locks in the right order).
    Begin,
    /// Commits. It is an error if the server rolled back instead.
    Commit,
    /// Rolls back.
    Rollback,
    /// Opens the savepoint of a depth (1 is the first).
    Savepoint(u32),
    /// Keeps what happened since the savepoint of a depth.
    Release(u32),
    /// Undoes what happened since the savepoint of a depth, and forgets it.
    RollbackTo(u32),
}

/// Where rows go.
pub trait Sink: Any + Send {
    /// Takes one row.
    ///
    /// # Errors
    /// Whatever makes the rest of the rows useless; the driver stops reading.
    fn row(&mut self, cursor: &mut dyn Cursor, columns: &[Kind]) -> Result<Flow>;
}

/// Whether more rows are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Yes.
    More,
    /// No; the driver may stop.
    Enough,
}

/// What came of a statement.
pub struct Ran {
    /// The connection, if it may be used again.
    pub connection: Option<Box<dyn Connection>>,
    /// The sink, with what it took.
    pub sink: Box<dyn Sink>,
    /// How it went.
    pub result: Result<Done>,
}

/// A statement that succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Done {
    /// How many rows it changed.
    pub affected: u64,
    /// The key that the database counted up for the first row, where it tells.
    pub last_id: Option<i64>,
    /// How far apart the keys are that it counted up for the other rows of the same statement, where it tells.
    pub id_step: Option<i64>,
}
