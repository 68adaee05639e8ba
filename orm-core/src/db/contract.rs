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
///
/// ```
/// # orm_blog::example! {
/// let backend = orm::backend::open("sqlite::memory:")?;
/// assert_eq!((backend.dialect().name(), backend.location()), ("sqlite", "sqlite::memory:"));
/// # }
/// ```
pub trait Backend: Send + Sync + std::fmt::Debug + 'static {
    /// Its spelling of queries.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// assert_eq!(db.backend().dialect().name(), "sqlite");
    /// # }
    /// ```
    fn dialect(&self) -> &'static dyn Dialect;
    /// Opens a connection and prepares its session (strict modes, UTC, foreign keys on…).
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let connection = db.backend().connect().await?;
    /// let (connection, answered) = connection.ping().await;
    /// assert!(answered.is_ok() && connection.is_some());
    /// # }
    /// ```
    fn connect(&self) -> BoxFuture<'_, Result<Box<dyn Connection>>>;
    /// Where it is, for errors: the URL without password and options.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// assert_eq!(db.backend().location(), "sqlite::memory:");
    /// # }
    /// ```
    fn location(&self) -> &str;
    /// How many connections make sense at most, if there is such a bound (1 for a database in memory).
    ///
    /// ```
    /// # orm_blog::example! {
    /// assert_eq!(orm::backend::open("sqlite:shop.db")?.max_connections(), None);
    /// assert_eq!(orm::backend::open("sqlite::memory:")?.max_connections(), Some(1));
    /// # }
    /// ```
    fn max_connections(&self) -> Option<usize>;
    /// The statements for a change of tables. `before` is the schema as it is before the change.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// use orm::schema::{Schema, SchemaChange, table_of};
    /// let change = SchemaChange::CreateTable(table_of(Tag::META));
    /// let steps = db.backend().plan(&change, &Schema::default())?;
    /// assert!(steps[0].sql.starts_with(r#"CREATE TABLE "tags" ("#));
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) or [`ErrorKind::Migration`](crate::ErrorKind::Migration)
    /// if it cannot be made here.
    fn plan(&self, change: &SchemaChange, before: &Schema) -> Result<Vec<DdlStep>>;
    /// The statements for changes that follow each other, which may share some. `before` is the schema before the first.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// use orm::schema::{Schema, SchemaChange, table_of};
    /// let changes = [SchemaChange::CreateTable(table_of(Tag::META))];
    /// let groups = db.backend().plan_all(&changes, &Schema::default()).map_err(|(_, error)| error)?;
    /// assert_eq!(groups.len(), 1);
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Backend::plan`], with the place of the change.
    fn plan_all(&self, changes: &[SchemaChange], before: &Schema) -> Result<Vec<DdlGroup>, (usize, Error)> {
        plan_each(changes, before, &|change, before| self.plan(change, before))
    }
    /// Reads the tables as they are. Kinds are the nearest that the library has.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let backend = db.backend();
    /// let (_, schema) = backend.introspect(backend.connect().await?).await;
    /// assert!(schema?.tables.contains_key("books"));
    /// # }
    /// ```
    fn introspect<'a>(&'a self, connection: Box<dyn Connection>) -> BoxFuture<'a, Returned<Schema>>;
    /// The two statements that take and give back a lock which only one migrating program can hold, by name;
    /// `None` where the transaction itself locks. Taking is a query whose first column is 1 (or true) once the lock is held.
    ///
    /// ```
    /// # orm_blog::example! {
    /// assert!(orm::backend::open("sqlite:shop.db")?.migration_lock().is_none());
    /// let (take, _) = orm::backend::open("postgres://localhost/shop")?.migration_lock().expect("it has one");
    /// assert!(take.contains("pg_try_advisory_lock"));
    /// # }
    /// ```
    fn migration_lock(&self) -> Option<(String, String)>;
    /// Whether its connections can run a statement without waiting, by [`Connection::run_now`].
    fn runs_now(&self) -> bool {
        false
    }
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
///
/// ```
/// # orm_blog::example! { db =>
/// let connection = db.backend().connect().await?;
/// let (connection, made) = connection.execute("CREATE TABLE notes (text TEXT)".to_owned()).await;
/// assert!(made.is_ok());
/// let (connection, again) = connection.expect("it is usable").execute("CREATE TABLE notes (text TEXT)".to_owned()).await;
/// assert!(again.is_err() && connection.is_some());
/// # }
/// ```
pub trait Connection: Send + 'static {
    /// Runs one statement and pushes its rows. `None` comes back instead of the connection when it must not be used again.
    fn run(self: Box<Self>, statement: Statement, sink: Box<dyn Sink>) -> BoxFuture<'static, Ran>;
    /// Runs one statement here and now, where nothing but the processor is needed for it. A statement costs no task,
    /// no future and no allocation then.
    fn run_now(&mut self, _statement: &Statement, _sink: &mut dyn Sink) -> Now {
        Now::Later
    }
    /// Runs statement text without parameters, possibly several statements (DDL, `BEGIN`…).
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let connection = db.backend().connect().await?;
    /// let (_, done) = connection.execute("CREATE TABLE a (x INT); CREATE TABLE b (x INT)".to_owned()).await;
    /// done?;
    /// # }
    /// ```
    fn execute(self: Box<Self>, sql: String) -> BoxFuture<'static, Returned<()>>;
    /// Begins, commits or rolls back.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// use orm::db::Control;
    /// let (connection, begun) = db.backend().connect().await?.control(Control::Begin).await;
    /// begun?;
    /// let (_, ended) = connection.expect("it is usable").control(Control::Rollback).await;
    /// ended?;
    /// # }
    /// ```
    fn control(self: Box<Self>, control: Control) -> BoxFuture<'static, Returned<()>>;
    /// Cleans up after an owner that vanished in a transaction: a connection that is as new, or `None` to close it.
    /// Never blocks on the network.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// use orm::db::Control;
    /// let (connection, _) = db.backend().connect().await?.control(Control::Begin).await;
    /// // Either it is as new, or it is closed; in no case is the transaction open.
    /// let connection = connection.expect("it is usable").abandon();
    /// # drop(connection);
    /// # }
    /// ```
    fn abandon(self: Box<Self>) -> Option<Box<dyn Connection>>;
    /// Asks whether the server still answers.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let (connection, alive) = db.backend().connect().await?.ping().await;
    /// assert!(alive.is_ok() && connection.is_some());
    /// # }
    /// ```
    fn ping(self: Box<Self>) -> BoxFuture<'static, Returned<()>>;
    /// The driver's own connection, for the escape hatches of its backend.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let mut connection = db.backend().connect().await?;
    /// let driver = connection.as_any().downcast_mut::<rusqlite::Connection>().expect("it is SQLite");
    /// assert!(driver.is_autocommit());
    /// # }
    /// ```
    fn as_any(&mut self) -> &mut dyn Any;
}

/// What a call comes back with: the connection, if it may be used again, and how it went.
pub type Returned<T> = (Option<Box<dyn Connection>>, Result<T>);

/// Transaction control.
///
/// ```
/// # orm_blog::example! { db =>
/// use orm::db::Control;
/// let mut connection = db.backend().connect().await?;
/// for control in [Control::Begin, Control::Savepoint(1), Control::RollbackTo(1), Control::Commit] {
///     let (usable, done) = connection.control(control).await;
///     done?;
///     connection = usable.expect("it is usable");
/// }
/// # }
/// ```
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
///
/// ```
/// # orm_blog::example! {
/// use orm::db::{Flow, Sink};
/// use orm::value::{Cursor, Kind};
///
/// /// Counts rows, at most a thousand.
/// struct Count(usize);
///
/// impl Sink for Count {
///     fn row(&mut self, _: &mut dyn Cursor, _: &[Kind]) -> orm::Result<Flow> {
///         self.0 += 1;
///         Ok(if self.0 < 1000 { Flow::More } else { Flow::Enough })
///     }
/// }
/// # }
/// ```
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

/// What came of a statement that was to run without waiting.
pub enum Now {
    /// It ran.
    Ran(Result<Done>),
    /// It failed, and the connection must not be used again.
    Broke(Error),
    /// It would have to wait; nothing happened, and no row was pushed.
    Later,
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
