//! The one connection of a migrating program: statements go out, rows come back. All access to a database is here.

use std::any::Any;
use std::sync::Arc;

use orm_core::db::{Backend, Connection, Control, Done, Flow, Param, Sink, Statement};
use orm_core::dialect::{Dialect, Syntax};
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::schema::Schema;
use orm_core::value::{Cursor, Kind, Value};

/// A connection that is held from the lock to the end.
///
/// ```
/// # orm_blog::example! { db =>
/// use orm::migrate::run::Session;
/// use orm::value::{Kind, Value};
/// let mut session = Session::open(orm::backend::open("sqlite::memory:")?).await?;
/// session.execute("CREATE TABLE notes (text TEXT)").await?;
/// session.execute("INSERT INTO notes VALUES ('one')").await?;
/// assert_eq!(session.rows("SELECT text FROM notes", &[Kind::TEXT]).await?, [[Value::Text("one".into())]]);
/// # let _ = &db;
/// # }
/// ```
pub struct Session {
    backend: Arc<dyn Backend>,
    connection: Option<Box<dyn Connection>>,
}

impl Session {
    /// Connects.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// use orm::migrate::run::Session;
    /// let session = Session::open(db.backend().clone()).await?;
    /// assert_eq!(session.dialect().name(), "sqlite");
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the database cannot be reached.
    pub async fn open(backend: Arc<dyn Backend>) -> Result<Session> {
        let connection = backend.connect().await?;
        Ok(Session { backend, connection: Some(connection) })
    }

    /// The database.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// use orm::migrate::run::Session;
    /// let session = Session::open(db.backend().clone()).await?;
    /// assert_eq!(session.backend().location(), "sqlite::memory:");
    /// # }
    /// ```
    pub fn backend(&self) -> &Arc<dyn Backend> {
        &self.backend
    }

    /// Its dialect.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// use orm::migrate::run::Session;
    /// let session = Session::open(db.backend().clone()).await?;
    /// assert_eq!(session.dialect().quote("order"), r#""order""#);
    /// # }
    /// ```
    pub fn dialect(&self) -> &'static dyn Dialect {
        self.backend.dialect()
    }

    /// The placeholder of the parameter at a place, from 0.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// use orm::migrate::run::Session;
    /// let session = Session::open(db.backend().clone()).await?;
    /// // `$1` on PostgreSQL.
    /// assert_eq!(session.placeholder(0), "?");
    /// # }
    /// ```
    pub fn placeholder(&self, at: usize) -> String {
        match self.dialect().syntax() {
            Syntax::Numbered => format!("${}", at + 1),
            Syntax::Backtick | Syntax::Question => "?".to_owned(),
        }
    }

    fn take(&mut self) -> Result<Box<dyn Connection>> {
        self.connection.take().ok_or_else(|| {
            Error::new(ErrorKind::ConnectionLost, format!("the connection to {} is gone", self.backend.location()))
        })
    }

    /// Runs statement text without parameters.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// use orm::migrate::run::Session;
    /// let mut session = Session::open(db.backend().clone()).await?;
    /// session.execute("CREATE TABLE notes (text TEXT)").await?;
    /// assert!(session.execute("CREATE TABLE notes (text TEXT)").await.is_err());
    /// # }
    /// ```
    ///
    /// # Errors
    /// What the database says, with the text.
    pub async fn execute(&mut self, sql: &str) -> Result<()> {
        let (connection, result) = self.take()?.execute(sql.to_owned()).await;
        self.connection = connection;
        result.map_err(|e| e.with_sql(sql))
    }

    /// Runs a statement that gives no rows.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// use orm::db::Param;
    /// use orm::migrate::run::Session;
    /// use orm::value::{Kind, Value};
    /// let mut session = Session::open(db.backend().clone()).await?;
    /// session.execute("CREATE TABLE notes (text TEXT)").await?;
    /// let text = Param { value: Value::Text("one".into()), kind: Kind::TEXT };
    /// assert_eq!(session.run("INSERT INTO notes VALUES (?)", vec![text]).await?.affected, 1);
    /// # }
    /// ```
    ///
    /// # Errors
    /// What the database says, with the text.
    pub async fn run(&mut self, sql: &str, params: Vec<Param>) -> Result<Done> {
        self.statement(sql, params, &[], Read::default()).await.map(|(done, _)| done)
    }

    /// Runs a query and gives its rows.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// use orm::migrate::run::Session;
    /// use orm::value::{Kind, Value};
    /// let mut session = Session::open(db.backend().clone()).await?;
    /// assert_eq!(session.rows("SELECT 1 + 1", &[Kind::Int64]).await?, [[Value::Int(2)]]);
    /// # }
    /// ```
    ///
    /// # Errors
    /// What the database says, with the text.
    pub async fn rows(&mut self, sql: &str, kinds: &[Kind]) -> Result<Vec<Vec<Value>>> {
        self.statement(sql, Vec::new(), kinds, Read::default()).await.map(|(_, rows)| rows)
    }

    /// The first row of a query whose columns are not known, as text where it can be.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// use orm::migrate::run::Session;
    /// let mut session = Session::open(db.backend().clone()).await?;
    /// assert!(session.first("SELECT 1").await?.is_some() && session.first("SELECT 1 WHERE 0").await?.is_none());
    /// # }
    /// ```
    ///
    /// # Errors
    /// What the database says, with the text.
    pub async fn first(&mut self, sql: &str) -> Result<Option<Vec<Value>>> {
        let read = Read { only_first: true, ..Read::default() };
        self.statement(sql, Vec::new(), &[], read).await.map(|(_, rows)| rows.into_iter().next())
    }

    async fn statement(
        &mut self,
        sql: &str,
        params: Vec<Param>,
        kinds: &[Kind],
        read: Read,
    ) -> Result<(Done, Vec<Vec<Value>>)> {
        let statement = Statement { sql: sql.into(), params, columns: kinds.into(), persistent: false };
        let ran = self.take()?.run(statement, Box::new(read)).await;
        self.connection = ran.connection;
        let done = ran.result.map_err(|e| e.with_sql(sql))?;
        let read: Box<dyn Any> = ran.sink;
        Ok((done, read.downcast::<Read>().map(|r| r.rows).unwrap_or_default()))
    }

    /// Begins, commits or rolls back.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// use orm::db::Control;
    /// use orm::migrate::run::Session;
    /// let mut session = Session::open(db.backend().clone()).await?;
    /// session.control(Control::Begin).await?;
    /// session.execute("CREATE TABLE notes (text TEXT)").await?;
    /// session.control(Control::Rollback).await?;
    /// assert!(!session.introspect().await?.tables.contains_key("notes"));
    /// # }
    /// ```
    ///
    /// # Errors
    /// What the database says.
    pub async fn control(&mut self, control: Control) -> Result<()> {
        let (connection, result) = self.take()?.control(control).await;
        self.connection = connection;
        result
    }

    /// The tables as they are.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// use orm::migrate::run::Session;
    /// let mut session = Session::open(db.backend().clone()).await?;
    /// session.execute("CREATE TABLE notes (text TEXT)").await?;
    /// assert_eq!(session.introspect().await?.tables["notes"].columns[0].name, "text");
    /// # }
    /// ```
    ///
    /// # Errors
    /// What the database says.
    pub async fn introspect(&mut self) -> Result<Schema> {
        let connection = self.take()?;
        let (connection, result) = self.backend.introspect(connection).await;
        self.connection = connection;
        result
    }
}

/// Takes rows as owned values.
#[derive(Default)]
struct Read {
    rows: Vec<Vec<Value>>,
    only_first: bool,
}

impl Sink for Read {
    fn row(&mut self, cursor: &mut dyn Cursor, columns: &[Kind]) -> Result<Flow> {
        let mut row = Vec::new();
        for at in 0..cursor.width() {
            row.push(match columns.get(at) {
                Some(kind) => cursor.cell(at, *kind)?.to_value(),
                None => unknown(cursor, at),
            });
        }
        self.rows.push(row);
        Ok(if self.only_first { Flow::Enough } else { Flow::More })
    }
}

fn unknown(cursor: &mut dyn Cursor, at: usize) -> Value {
    for kind in [Kind::TEXT, Kind::Int64, Kind::Bool] {
        if let Ok(cell) = cursor.cell(at, kind) {
            return cell.to_value();
        }
    }
    Value::Null
}
