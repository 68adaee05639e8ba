//! A database that writes down what it is asked.

use std::any::Any;
use std::sync::{Arc, Mutex};

use orm::db::{Backend, BoxFuture, Connection, Control, Ran, Settings, Sink, Statement};
use orm::dialect::Dialect;
use orm::prelude::*;
use orm::schema::{DdlGroup, DdlStep, Schema, SchemaChange};

/// The same database as another handle's, through a pool of its own that writes down its statements.
pub fn counted(db: &Db) -> (Db, Log) {
    let log = Log::default();
    let backend = Counted { inner: db.backend().clone(), log: log.clone() };
    (Db::over(Arc::new(backend), Settings::default()), log)
}

/// The statements since it was last asked, without those that begin and end transactions.
#[derive(Debug, Clone, Default)]
pub struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// How many there were.
    pub fn count(&self) -> usize {
        self.take().len()
    }
}

#[derive(Debug)]
struct Counted {
    inner: Arc<dyn Backend>,
    log: Log,
}

impl Backend for Counted {
    fn dialect(&self) -> &'static dyn Dialect {
        self.inner.dialect()
    }
    fn connect(&self) -> BoxFuture<'_, Result<Box<dyn Connection>>> {
        Box::pin(async {
            let inner = self.inner.connect().await?;
            Ok(Box::new(Wire { inner, log: self.log.clone() }) as Box<dyn Connection>)
        })
    }
    fn location(&self) -> &str {
        self.inner.location()
    }
    fn max_connections(&self) -> Option<usize> {
        self.inner.max_connections()
    }
    fn plan(&self, change: &SchemaChange, before: &Schema) -> Result<Vec<DdlStep>> {
        self.inner.plan(change, before)
    }
    fn plan_all(&self, changes: &[SchemaChange], before: &Schema) -> Result<Vec<DdlGroup>, (usize, Error)> {
        self.inner.plan_all(changes, before)
    }
    fn introspect<'a>(
        &'a self,
        connection: Box<dyn Connection>,
    ) -> BoxFuture<'a, (Option<Box<dyn Connection>>, Result<Schema>)> {
        Box::pin(async { (Some(connection), Err(Error::unsupported("not through the one that counts"))) })
    }
    fn migration_lock(&self) -> Option<(String, String)> {
        self.inner.migration_lock()
    }
}

struct Wire {
    inner: Box<dyn Connection>,
    log: Log,
}

fn back(inner: Option<Box<dyn Connection>>, log: Log) -> Option<Box<dyn Connection>> {
    inner.map(|inner| Box::new(Wire { inner, log }) as Box<dyn Connection>)
}

impl Connection for Wire {
    fn run(self: Box<Self>, statement: Statement, sink: Box<dyn Sink>) -> BoxFuture<'static, Ran> {
        self.log.0.lock().unwrap().push(statement.sql.to_string());
        Box::pin(async move {
            let ran = self.inner.run(statement, sink).await;
            Ran { connection: back(ran.connection, self.log), ..ran }
        })
    }
    fn execute(self: Box<Self>, sql: String) -> BoxFuture<'static, (Option<Box<dyn Connection>>, Result<()>)> {
        self.log.0.lock().unwrap().push(sql.clone());
        Box::pin(async move {
            let (inner, result) = self.inner.execute(sql).await;
            (back(inner, self.log), result)
        })
    }
    fn control(self: Box<Self>, control: Control) -> BoxFuture<'static, (Option<Box<dyn Connection>>, Result<()>)> {
        Box::pin(async move {
            let (inner, result) = self.inner.control(control).await;
            (back(inner, self.log), result)
        })
    }
    fn abandon(self: Box<Self>) -> Option<Box<dyn Connection>> {
        back(self.inner.abandon(), self.log)
    }
    fn ping(self: Box<Self>) -> BoxFuture<'static, (Option<Box<dyn Connection>>, Result<()>)> {
        Box::pin(async move {
            let (inner, result) = self.inner.ping().await;
            (back(inner, self.log), result)
        })
    }
    fn as_any(&mut self) -> &mut dyn Any {
        self.inner.as_any()
    }
}
