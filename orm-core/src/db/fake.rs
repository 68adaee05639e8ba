//! A database of this layer's tests: it waits where a real one would, fails where it is told to, and counts what is open.

use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use crate::db::{Backend, BoxFuture, Connection, Control, Db, Done, Executor, Ran, Settings, Sink, Statement};
use crate::db::{Flow, Returned};
use crate::dialect::Dialect;
use crate::error::{Error, ErrorKind, Result};
use crate::schema::{DdlStep, Schema, SchemaChange};
use crate::value::{Cursor, Kind};

#[derive(Debug, Default)]
pub struct Fake {
    pub max: Option<usize>,
    /// Whether `abandon` closes the connection.
    pub abandon_closes: bool,
    pub world: Arc<World>,
}

/// What all connections share.
#[derive(Debug, Default)]
pub struct World {
    pub rows: Mutex<Vec<String>>,
    pub log: Mutex<Vec<String>>,
    pub open: AtomicUsize,
    pub opened: AtomicUsize,
    pub pings: AtomicUsize,
    /// The server is gone: no new connections, no answers.
    pub down: AtomicBool,
    /// Connecting takes for ever.
    pub hangs: AtomicBool,
    pub failing: Mutex<Option<Control>>,
}

impl World {
    pub fn rows(&self) -> Vec<String> {
        self.rows.lock().unwrap().clone()
    }

    pub fn log(&self) -> String {
        std::mem::take(&mut *self.log.lock().unwrap()).join("; ")
    }
}

pub fn fake(settings: Settings) -> (Db, Arc<World>) {
    let backend = Fake::default();
    let world = backend.world.clone();
    (Db::over(Arc::new(backend), settings), world)
}

pub fn with_max(max_connections: usize) -> Settings {
    Settings { max_connections, ..Settings::default() }
}

/// Runs a statement: `insert x`, `fail`, `conflict`, `lose`, `sleep`, `panic`.
pub async fn run(executor: &dyn Executor, sql: &str) -> Result<()> {
    let statement = Statement { sql: sql.into(), params: Vec::new(), columns: Arc::new([]), persistent: true };
    executor.run(statement, Box::new(Nothing), "select on Book").await.1.map(drop)
}

struct Nothing;
impl Sink for Nothing {
    fn row(&mut self, _: &mut dyn Cursor, _: &[Kind]) -> Result<Flow> {
        Ok(Flow::Enough)
    }
}

pub struct FakeConnection {
    world: Arc<World>,
    abandon_closes: bool,
    /// What the levels of the open transaction wrote.
    levels: Vec<Vec<String>>,
}

impl FakeConnection {
    pub fn in_transaction(&self) -> bool {
        !self.levels.is_empty()
    }

    fn write(&mut self, row: String) {
        match self.levels.last_mut() {
            Some(level) => level.push(row),
            None => self.world.rows.lock().unwrap().push(row),
        }
    }

    fn control_now(&mut self, control: Control) -> Result<()> {
        self.world.log.lock().unwrap().push(format!("{control:?}"));
        if *self.world.failing.lock().unwrap() == Some(control) {
            return Err(Error::database(format!("{control:?} fails")));
        }
        let at = |levels: &Vec<_>, depth: u32| {
            if levels.len() > depth as usize { Ok(depth as usize) } else { Err(Error::database("no such savepoint")) }
        };
        match control {
            Control::Begin if self.in_transaction() => return Err(Error::database("already in a transaction")),
            Control::Begin => self.levels.push(Vec::new()),
            Control::Commit => {
                let rows: Vec<_> = self.levels.drain(..).flatten().collect();
                self.world.rows.lock().unwrap().extend(rows);
            }
            Control::Rollback => self.levels.clear(),
            Control::Savepoint(depth) => {
                at(&self.levels, depth - 1)?;
                self.levels.push(Vec::new());
            }
            Control::Release(depth) => {
                let kept: Vec<_> = self.levels.drain(at(&self.levels, depth)?..).flatten().collect();
                self.levels.last_mut().unwrap().extend(kept);
            }
            Control::RollbackTo(depth) => self.levels.truncate(at(&self.levels, depth)?),
        }
        Ok(())
    }

    async fn statement(&mut self, sql: &str) -> Result<bool> {
        pause(2).await;
        if self.world.down.load(SeqCst) {
            return Ok(false);
        }
        self.world.log.lock().unwrap().push(sql.to_owned());
        match sql {
            "fail" => return Err(Error::database("no such table")),
            "conflict" => return Err(Error::new(ErrorKind::Conflict, "deadlock")),
            "lose" => return Ok(false),
            "sleep" => tokio::time::sleep(std::time::Duration::from_secs(1)).await,
            "panic" => panic!("a panic inside the driver"),
            row => self.write(row.trim_start_matches("insert ").to_owned()),
        }
        pause(2).await;
        Ok(true)
    }
}

impl Drop for FakeConnection {
    fn drop(&mut self) {
        self.world.open.fetch_sub(1, SeqCst);
    }
}

/// Waits a number of polls.
pub async fn pause(polls: usize) {
    struct Pause(usize);
    impl Future for Pause {
        type Output = ();
        fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
            if self.0 == 0 {
                return Poll::Ready(());
            }
            self.0 -= 1;
            context.waker().wake_by_ref();
            Poll::Pending
        }
    }
    Pause(polls).await;
}

fn lost() -> Error {
    Error::new(ErrorKind::ConnectionLost, "the server went away")
}

impl Connection for FakeConnection {
    fn run(mut self: Box<Self>, statement: Statement, sink: Box<dyn Sink>) -> BoxFuture<'static, Ran> {
        Box::pin(async move {
            match self.statement(&statement.sql).await {
                Ok(true) => Ran { connection: Some(self), sink, result: Ok(Done::default()) },
                Ok(false) => Ran { connection: None, sink, result: Err(lost()) },
                Err(error) => Ran { connection: Some(self), sink, result: Err(error) },
            }
        })
    }

    fn execute(mut self: Box<Self>, sql: String) -> BoxFuture<'static, Returned<()>> {
        Box::pin(async move {
            match self.statement(&sql).await {
                Ok(true) => (Some(self as Box<dyn Connection>), Ok(())),
                Ok(false) => (None, Err(lost())),
                Err(error) => (Some(self as Box<dyn Connection>), Err(error)),
            }
        })
    }

    fn control(mut self: Box<Self>, control: Control) -> BoxFuture<'static, Returned<()>> {
        Box::pin(async move {
            pause(2).await;
            let result = self.control_now(control);
            pause(2).await;
            (Some(self as Box<dyn Connection>), result)
        })
    }

    fn abandon(mut self: Box<Self>) -> Option<Box<dyn Connection>> {
        if self.abandon_closes {
            return None;
        }
        self.levels.clear();
        Some(self)
    }

    fn ping(self: Box<Self>) -> BoxFuture<'static, Returned<()>> {
        Box::pin(async move {
            self.world.pings.fetch_add(1, SeqCst);
            pause(1).await;
            if self.world.down.load(SeqCst) { (None, Err(lost())) } else { (Some(self as Box<dyn Connection>), Ok(())) }
        })
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}

impl Backend for Fake {
    fn dialect(&self) -> &'static dyn Dialect {
        panic!("nothing is spelt in these tests")
    }

    fn connect(&self) -> BoxFuture<'_, Result<Box<dyn Connection>>> {
        Box::pin(async move {
            pause(2).await;
            if self.world.hangs.load(SeqCst) {
                std::future::pending::<()>().await;
            }
            if self.world.down.load(SeqCst) {
                return Err(Error::new(ErrorKind::Connect, "connection refused"));
            }
            self.world.open.fetch_add(1, SeqCst);
            self.world.opened.fetch_add(1, SeqCst);
            let world = self.world.clone();
            let connection = FakeConnection { world, abandon_closes: self.abandon_closes, levels: Vec::new() };
            Ok(Box::new(connection) as Box<dyn Connection>)
        })
    }

    fn location(&self) -> &str {
        "fake://here/db"
    }

    fn max_connections(&self) -> Option<usize> {
        self.max
    }

    fn plan(&self, _: &SchemaChange, _: &Schema) -> Result<Vec<DdlStep>> {
        Ok(Vec::new())
    }

    fn introspect<'a>(&'a self, connection: Box<dyn Connection>) -> BoxFuture<'a, Returned<Schema>> {
        Box::pin(async move { (Some(connection), Ok(Schema::default())) })
    }

    fn migration_lock(&self) -> Option<(String, String)> {
        None
    }
}
