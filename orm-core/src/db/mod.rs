//! A database to run statements on: connections, transactions, and who may run what.

mod contract;

pub use contract::{Backend, BoxFuture, Connection, Control, Done, Flow, Param, Ran, Sink, Statement};

use std::sync::Arc;

use crate::dialect::Dialect;
use crate::error::Result;

/// What runs statements: a [`Db`] (each on a connection of its own) or a [`Tx`] (all on one).
///
/// Every terminal method of a query takes one: `.all(&db)`, `.all(&tx)`.
pub trait Executor: Send + Sync {
    /// How queries are spelt here.
    fn dialect(&self) -> &'static dyn Dialect;
    /// Runs one statement and gives the sink back with what it took. `label` says what it is for, in errors about the pool.
    fn run<'a>(
        &'a self,
        statement: Statement,
        sink: Box<dyn Sink>,
        label: &'static str,
    ) -> BoxFuture<'a, (Box<dyn Sink>, Result<Done>)>;
    /// Opens a transaction; inside one, a savepoint. It rolls back unless [`Tx::commit`] is called.
    fn begin<'a>(&'a self, label: &'static str) -> BoxFuture<'a, Result<Tx>>;
    /// The same executor, for a task of its own.
    fn handle(&self) -> Box<dyn Executor>;
    /// The texts of statements seen before.
    fn plans(&self) -> &crate::sql::Plans;
}

/// A database. Cheap to clone; all clones share one pool.
#[derive(Clone)]
pub struct Db(Arc<Inner>);
struct Inner {
    backend: Arc<dyn Backend>,
}

/// A transaction, or a savepoint in one.
#[derive(Clone)]
pub struct Tx(Arc<()>);

impl Executor for Tx {
    fn dialect(&self) -> &'static dyn Dialect {
        unreachable!()
    }
    fn run<'a>(
        &'a self,
        _: Statement,
        _: Box<dyn Sink>,
        _: &'static str,
    ) -> BoxFuture<'a, (Box<dyn Sink>, Result<Done>)> {
        unreachable!()
    }
    fn begin<'a>(&'a self, _: &'static str) -> BoxFuture<'a, Result<Tx>> {
        unreachable!()
    }
    fn handle(&self) -> Box<dyn Executor> {
        unreachable!()
    }
    fn plans(&self) -> &crate::sql::Plans {
        unreachable!()
    }
}
impl Tx {
    /// x
    pub async fn commit(self) -> Result<()> {
        Ok(())
    }
}
