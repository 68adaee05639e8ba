//! SQLite: a file, or a database in memory.
//!
//! ```
//! # orm_blog::example! {
//! let file = Db::lazy("sqlite:shop.db")?;
//! let memory = Db::lazy("sqlite::memory:")?;
//! assert_eq!((file.location(), memory.location()), ("sqlite:shop.db", "sqlite::memory:"));
//! # }
//! ```

mod dialect;
mod driver;
mod introspect;
pub mod schema;
#[cfg(test)]
mod testing;
mod tokens;
mod url;
mod uuid;

use std::sync::Arc;

pub use dialect::SqliteDialect;
pub use driver::SqliteConnection;

use crate::db::{Backend, BoxFuture, Connection};
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::schema::{DdlGroup, DdlStep, Schema, SchemaChange};

/// The spelling of queries.
pub static DIALECT: SqliteDialect = SqliteDialect;

/// A SQLite database.
#[derive(Debug)]
pub struct Sqlite {
    options: Arc<url::Options>,
    long: Arc<driver::LongStatements>,
    /// A database in memory lives as long as a connection to it is open; this one stays.
    _anchor: Option<driver::Anchor>,
}

impl Sqlite {
    /// A database by its URL (`sqlite://data.db?mode=ro`, `sqlite::memory:`) or the path of its file. A file is opened
    /// when the first connection is.
    ///
    /// The options, after a `?` and joined by `&`:
    ///
    /// | option | |
    /// |---|---|
    /// | `mode` | `rwc` (the default: the file is created if it is missing), `rw`, `ro` |
    /// | `busy_timeout` | milliseconds to wait for another connection's lock; 5000 |
    /// | `journal_mode` | `wal` (the default), `delete`, `truncate`, `persist`, `memory`, `off` |
    /// | `synchronous` | `normal` (the default), `off`, `full`, `extra` |
    /// | `offload` | which statements run on a thread for blocking work: `long` (the default: those that took more than a few milliseconds when they last ran), `true` (all), `false` (none) |
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) for an option that does not exist.
    pub fn open(url: &str) -> Result<Sqlite> {
        let options = url::Options::parse(url)?;
        let anchor = match &options.place {
            url::Place::Memory(name) => Some(driver::Anchor::open(name)?),
            url::Place::File(_) => None,
        };
        Ok(Sqlite { options: Arc::new(options), long: Arc::default(), _anchor: anchor })
    }
}

impl Backend for Sqlite {
    fn dialect(&self) -> &'static dyn Dialect {
        &DIALECT
    }

    fn connect(&self) -> BoxFuture<'_, Result<Box<dyn Connection>>> {
        Box::pin(driver::connect(self.options.clone(), self.long.clone()))
    }

    fn location(&self) -> &str {
        &self.options.location
    }

    fn max_connections(&self) -> Option<usize> {
        matches!(self.options.place, url::Place::Memory(_)).then_some(1)
    }

    fn plan(&self, change: &SchemaChange, before: &Schema) -> Result<Vec<DdlStep>> {
        schema::plan(change, before)
    }

    fn plan_all(&self, changes: &[SchemaChange], before: &Schema) -> Result<Vec<DdlGroup>, (usize, Error)> {
        schema::plan_all(changes, before)
    }

    fn introspect<'a>(
        &'a self,
        connection: Box<dyn Connection>,
    ) -> BoxFuture<'a, (Option<Box<dyn Connection>>, Result<Schema>)> {
        Box::pin(introspect::introspect(connection))
    }

    fn migration_lock(&self) -> Option<(String, String)> {
        // `BEGIN IMMEDIATE` locks the whole database, changes of tables included.
        None
    }

    fn runs_now(&self) -> bool {
        self.options.offload != url::Offload::Always
    }
}
