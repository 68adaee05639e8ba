//! A database to run statements on: connections, transactions, and who may run what.
//!
//! A future that is dropped half-way (by a time-out, `select!`, an aborted task) never leaves an open transaction or an
//! unread answer in the pool: its connection is closed. Whether the statement took effect is then unknown.

mod atomic;
mod contract;
mod jitter;
mod lease;
mod options;
mod pool;
mod retry;
mod tx;

#[cfg(test)]
mod fake;
#[cfg(test)]
mod tests;

pub use crate::sql::{Param, Plans, Statement};
pub(crate) use contract::plan_each;
pub use contract::{Backend, BoxFuture, Connection, Control, Done, Flow, Now, Ran, Returned, Sink};
pub use options::{Options, Settings};
pub use pool::Status;
pub use retry::RetryPolicy;
pub use tx::Tx;

use std::fmt;
use std::sync::Arc;

use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::schema::Schema;

use lease::Lease;
use pool::Pool;

/// What runs statements: a [`Db`] (each on a connection of its own) or a [`Tx`] (all on one).
///
/// Every terminal method of a query takes one: `.all(&db)`, `.all(&tx)`.
///
/// ```
/// # orm_blog::example! { db =>
/// async fn titles(db: &dyn Executor) -> orm::Result<Vec<String>> {
///     Book::objects().values(Book.title).all(db).await
/// }
/// assert_eq!(titles(&db).await?.len(), 3);
/// let tx = db.begin("titles").await?;
/// assert_eq!(titles(&tx).await?.len(), 3);
/// tx.rollback().await?;
/// # }
/// ```
pub trait Executor: Send + Sync {
    /// How queries are spelt here.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// async fn sql_of(db: &dyn Executor) -> orm::Result<String> {
    ///     Tag::objects().filter(Tag.id.eq(1)).values(Tag.name).order_by(()).to_sql(db.dialect())
    /// }
    /// assert_eq!(sql_of(&db).await?, r#"SELECT "tags"."name" FROM "tags" WHERE "tags"."id" = ?"#);
    /// # }
    /// ```
    fn dialect(&self) -> &'static dyn Dialect;
    /// Runs one statement and gives the sink back with what it took. `label` says what it is for, in errors about the pool.
    fn run<'a>(
        &'a self,
        statement: Statement,
        sink: Box<dyn Sink>,
        label: &'static str,
    ) -> BoxFuture<'a, (Box<dyn Sink>, Result<Done>)>;
    /// Runs one statement without waiting, if that is possible here and now; `None` if it is not, and then nothing happened.
    fn run_now(&self, _statement: &Statement, _sink: &mut dyn Sink, _label: &'static str) -> Option<Result<Done>> {
        None
    }
    /// Hears what is known of the error of the last statement, beyond what the database said: what a transaction says of it
    /// later names model and fields too.
    #[doc(hidden)]
    fn failed_by(&self, _error: &Error) {}
    /// Opens a transaction; inside one, a savepoint. It rolls back unless [`Tx::commit`] is called.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let tx = db.begin("clean up").await?;
    /// Tag::objects().filter(Tag.books.none(None)).delete(&tx).await?;
    /// tx.commit().await?;
    /// # }
    /// ```
    fn begin<'a>(&'a self, label: &'static str) -> BoxFuture<'a, Result<Tx>>;
    /// The same executor, for a task of its own.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// fn in_background(db: &dyn Executor) -> tokio::task::JoinHandle<orm::Result<u64>> {
    ///     let db = db.handle();
    ///     tokio::spawn(async move { Book::objects().count(&*db).await })
    /// }
    /// assert_eq!(in_background(&db).await.expect("it ran")?, 3);
    /// # }
    /// ```
    fn handle(&self) -> Box<dyn Executor>;
    /// The texts of statements seen before.
    fn plans(&self) -> &Plans;
}

/// A database. Cheap to clone; all clones share one pool.
///
/// ```
/// # orm_blog::example! { db =>
/// let also = db.clone();
/// assert_eq!(Book::objects().count(&also).await?, 3);
/// assert_eq!(db.location(), "sqlite::memory:");
/// # }
/// ```
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    pool: Arc<Pool>,
    plans: Plans,
}

impl Db {
    /// A database over a backend of any make. No connection is opened yet.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// use std::sync::Arc;
    /// let backend = Arc::new(orm::backend::sqlite::Sqlite::open("sqlite::memory:")?);
    /// let db = Db::over(backend, orm::db::Settings::default());
    /// assert_eq!(db.status().size, 0);
    /// # }
    /// ```
    pub fn over(backend: Arc<dyn Backend>, settings: Settings) -> Db {
        Db(Arc::new(Inner { pool: Arc::new(Pool::new(backend, settings)), plans: Plans::default() }))
    }

    /// How queries are spelt here.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Tag::objects().limit(1);
    /// assert_eq!(query.to_sql(db.dialect())?, query.sql("sqlite")?);
    /// # }
    /// ```
    pub fn dialect(&self) -> &'static dyn Dialect {
        self.backend().dialect()
    }

    /// Where the database is: the URL without password and options.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// # let _ = &db;
    /// let db = Db::lazy("postgres://me:secret@db.example.org/shop?sslmode=require")?;
    /// assert_eq!(db.location(), "postgres://me@db.example.org:5432/shop");
    /// # }
    /// ```
    pub fn location(&self) -> &str {
        self.backend().location()
    }

    /// What the database speaks, and how it is reached.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// assert_eq!(db.backend().max_connections(), Some(1));
    /// # }
    /// ```
    pub fn backend(&self) -> &Arc<dyn Backend> {
        &self.0.pool.backend
    }

    /// The texts of statements seen before.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// Tag::objects().filter(Tag.name.eq("rust")).get(&db).await?;
    /// assert!(!db.plans().is_empty());
    /// # }
    /// ```
    pub fn plans(&self) -> &Plans {
        &self.0.plans
    }

    /// How many connections there are at this moment.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let status = db.status();
    /// assert_eq!((status.size, status.idle, status.in_use), (1, 1, 0));
    /// # }
    /// ```
    pub fn status(&self) -> Status {
        self.0.pool.status()
    }

    /// Sees to it that a connection can be opened, and opens as many as are to lie idle.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let lazy = Db::lazy("sqlite::memory:")?;
    /// lazy.verify().await?;
    /// assert_eq!(lazy.status().size, 1);
    /// # drop(db);
    /// # }
    /// ```
    ///
    /// # Errors
    /// What the backend says if it cannot connect; [`ErrorKind::Connect`](crate::ErrorKind::Connect) if it takes too long.
    pub async fn verify(&self) -> Result<()> {
        let mut leases = Vec::new();
        for _ in 0..self.0.pool.warm_size() {
            leases.push(self.0.pool.checkout("connect").await?);
        }
        leases.into_iter().for_each(Lease::give_back);
        Ok(())
    }

    /// Closes the pool: idle connections at once, all others when they are given back, which it waits for.
    /// Whoever asks for a connection from now on gets an error.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// db.close().await;
    /// assert_eq!(db.status().size, 0);
    /// assert!(Book::objects().count(&db).await.is_err());
    /// # }
    /// ```
    pub async fn close(&self) {
        self.0.pool.close().await;
    }

    /// Runs statement text without parameters, possibly several statements.
    #[doc(hidden)]
    pub async fn execute(&self, sql: impl Into<String>) -> Result<()> {
        let lease = self.0.pool.checkout("execute").await?;
        let (lease, result) = lease.execute(sql.into()).await;
        lease.into_iter().for_each(Lease::give_back);
        result
    }

    /// Reads the tables as they are.
    #[doc(hidden)]
    pub async fn introspect(&self) -> Result<Schema> {
        let lease = self.0.pool.checkout("introspect").await?;
        let (lease, result) = lease.introspect().await;
        lease.into_iter().for_each(Lease::give_back);
        result
    }
}

impl Executor for Db {
    fn dialect(&self) -> &'static dyn Dialect {
        Db::dialect(self)
    }

    fn run<'a>(
        &'a self,
        statement: Statement,
        sink: Box<dyn Sink>,
        label: &'static str,
    ) -> BoxFuture<'a, (Box<dyn Sink>, Result<Done>)> {
        Box::pin(async move {
            let lease = match self.0.pool.checkout(label).await {
                Ok(lease) => lease,
                Err(error) => return (sink, Err(error)),
            };
            let (lease, outcome) = lease.run(statement, sink).await;
            lease.into_iter().for_each(Lease::give_back);
            outcome
        })
    }

    fn run_now(&self, statement: &Statement, sink: &mut dyn Sink, label: &'static str) -> Option<Result<Done>> {
        let lease = self.0.pool.checkout_now(label)?;
        let (lease, outcome) = lease.run_now(statement, sink);
        lease.into_iter().for_each(Lease::give_back);
        outcome
    }

    fn begin<'a>(&'a self, label: &'static str) -> BoxFuture<'a, Result<Tx>> {
        Box::pin(async move {
            let lease = self.0.pool.checkout(label).await?;
            let (lease, result) = lease.control(Control::Begin).await;
            match (lease, result) {
                (Some(lease), Ok(())) => Ok(Tx::new(self.clone(), lease)),
                (None, Ok(())) => Err(tx::broken()),
                (lease, Err(error)) => {
                    lease.into_iter().for_each(Lease::abandon);
                    Err(error)
                }
            }
        })
    }

    fn handle(&self) -> Box<dyn Executor> {
        Box::new(self.clone())
    }

    fn plans(&self) -> &Plans {
        Db::plans(self)
    }
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Db").field("location", &self.location()).field("status", &self.status()).finish()
    }
}
