//! Connections to SQLite through `rusqlite`. Nothing outside of this file and its folder sees that crate's types.

mod bind;
mod cell;
mod failure;
mod foreign_key;
mod functions;
mod long;
#[cfg(test)]
mod tests;

use std::any::Any;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::{Batch, OpenFlags, StatementStatus};

use super::url::{Mode, Offload, Options, Place};
use crate::db::{BoxFuture, Connection, Control, Done, Flow, Now, Ran, Sink, Statement};
use crate::error::{Error, ErrorKind, Result};
use crate::value::{Kind, Value};
use cell::SqliteCursor;
use failure::{Failure, error_of};
pub(super) use long::LongStatements;

/// How many prepared statements a connection keeps.
const PREPARED: usize = 256;

/// An open connection. Its [`as_any`](Connection::as_any) is the [`rusqlite::Connection`] itself.
pub struct SqliteConnection {
    db: rusqlite::Connection,
    options: Arc<Options>,
    long: Arc<LongStatements>,
}

/// How something went, and whether it may be tried again.
type Attempt<T> = (Result<T, Failure>, bool);

/// What keeps a database in memory alive while no other connection is open.
pub(super) struct Anchor(#[allow(dead_code)] Mutex<rusqlite::Connection>);

impl std::fmt::Debug for Anchor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Anchor")
    }
}

impl Anchor {
    pub(super) fn open(name: &str) -> Result<Anchor> {
        let db = rusqlite::Connection::open_with_flags(name, memory_flags()).map_err(|e| error_of(e, None))?;
        Ok(Anchor(Mutex::new(db)))
    }
}

pub(super) async fn connect(options: Arc<Options>, long: Arc<LongStatements>) -> Result<Box<dyn Connection>> {
    let connection = if options.offload == Offload::Always {
        offloaded(move || SqliteConnection::open(options, long)).await?
    } else {
        SqliteConnection::open(options, long)?
    };
    Ok(Box::new(connection))
}

fn memory_flags() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

fn file_flags(mode: Mode) -> OpenFlags {
    let flags = match mode {
        Mode::ReadOnly => OpenFlags::SQLITE_OPEN_READ_ONLY,
        Mode::ReadWrite => OpenFlags::SQLITE_OPEN_READ_WRITE,
        Mode::Create => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
    };
    flags | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

impl SqliteConnection {
    fn open(options: Arc<Options>, long: Arc<LongStatements>) -> Result<SqliteConnection> {
        let db = match &options.place {
            Place::Memory(name) => rusqlite::Connection::open_with_flags(name, memory_flags()),
            // SQLite would take a name that begins with `file:` for a URI.
            Place::File(path) if path.starts_with("file:") => {
                rusqlite::Connection::open_with_flags(format!("./{path}"), file_flags(options.mode))
            }
            Place::File(path) => rusqlite::Connection::open_with_flags(path, file_flags(options.mode)),
        };
        let connection = db.map_err(|e| not_opened(e, &options)).map(|db| SqliteConnection { db, options, long })?;
        connection.prepare_session().map_err(|e| match e.kind() {
            ErrorKind::Database => Error::new(ErrorKind::Connect, e.message().to_owned()).with_source(e),
            _ => e,
        })?;
        Ok(connection)
    }

    fn prepare_session(&self) -> Result<()> {
        let failed = |e| error_of(e, None);
        self.db.set_prepared_statement_cache_capacity(PREPARED);
        self.db.busy_timeout(self.options.busy_timeout).map_err(failed)?;
        self.set_journal_mode()?;
        self.db.pragma_update(None, "synchronous", self.options.synchronous).map_err(failed)?;
        if !self.db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, true).map_err(failed)? {
            return Err(Error::new(ErrorKind::Connect, "this SQLite was built without foreign keys"));
        }
        // Else a misspelt column in quotes would be a text.
        self.db.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false).map_err(failed)?;
        self.db.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false).map_err(failed)?;
        functions::register(&self.db).map_err(failed)?;
        // From here on waiting for a lock is ours, so that it does not hold up a thread that may have to release it.
        self.db.busy_timeout(Duration::ZERO).map_err(failed)
    }

    fn set_journal_mode(&self) -> Result<()> {
        let wanted = match (self.options.journal_mode, &self.options.place) {
            (Some(mode), _) => mode,
            (None, Place::File(_)) if self.options.mode != Mode::ReadOnly => "wal",
            // A database in memory has a journal of its own, and that of a file which is only read cannot change.
            (None, _) => return Ok(()),
        };
        let found: String = self
            .db
            .pragma_update_and_check(None, "journal_mode", wanted, |row| row.get(0))
            .map_err(|e| error_of(e, None))?;
        if self.options.journal_mode.is_some() && !found.eq_ignore_ascii_case(wanted) {
            return Err(Error::configuration(format!(
                "the database cannot use `journal_mode={wanted}`; it stays with `{found}`"
            )));
        }
        Ok(())
    }

    /// Runs a statement once. The number of rows that were pushed tells whether it may be run again.
    fn step(&self, statement: &Statement, sink: &mut dyn Sink, pushed: &mut usize) -> Result<Done, Failure> {
        let sql: &str = &statement.sql;
        if memchr::memchr(0, sql.as_bytes()).is_some() {
            return Err(Error::invalid_query("the statement holds a NUL character").into());
        }
        if statement.persistent {
            let mut prepared = self.db.prepare_cached(sql)?;
            let result = self.step_prepared(&mut prepared, statement, sink, pushed);
            if result.is_ok() && self.options.offload == Offload::Long {
                self.long.took(&statement.sql, prepared.reset_status(StatementStatus::VmStep));
            }
            result
        } else {
            let mut prepared = self.db.prepare(sql)?;
            self.step_prepared(&mut prepared, statement, sink, pushed)
        }
    }

    /// The same; a foreign key that refuses the statement is named in the failure. Also whether it may be run again.
    fn step_named(&self, statement: &Statement, sink: &mut dyn Sink) -> Attempt<Done> {
        let mut pushed = 0;
        let result = self.step(statement, sink, &mut pushed);
        (result.map_err(|failure| foreign_key::name(failure, &self.db, statement)), pushed == 0)
    }

    fn step_prepared(
        &self,
        prepared: &mut rusqlite::Statement<'_>,
        statement: &Statement,
        sink: &mut dyn Sink,
        pushed: &mut usize,
    ) -> Result<Done, Failure> {
        let (takes, given) = (prepared.parameter_count(), statement.params.len());
        if takes != given {
            return Err(Error::invalid_query(format!("the statement takes {takes} values, {given} are given")).into());
        }
        for (i, param) in statement.params.iter().enumerate() {
            match &param.value {
                // What most values are goes the short way.
                Value::Int(v) => prepared.raw_bind_parameter(i + 1, v)?,
                Value::Text(v) => prepared.raw_bind_parameter(i + 1, v.as_str())?,
                Value::Bool(v) => prepared.raw_bind_parameter(i + 1, v)?,
                Value::Float(v) if param.kind == Kind::Float64 && v.is_finite() => {
                    prepared.raw_bind_parameter(i + 1, v)?
                }
                Value::Null => prepared.raw_bind_parameter(i + 1, rusqlite::types::Null)?,
                value => prepared.raw_bind_parameter(i + 1, bind::bound(value, param.kind)?)?,
            }
        }
        let reads = prepared.readonly();
        let width = prepared.column_count();
        let before = if reads { 0 } else { self.db.total_changes() };
        let mut wanted = Flow::More;
        let mut rows = prepared.raw_query();
        while let Some(row) = rows.next()? {
            if wanted == Flow::More {
                *pushed += 1;
                wanted = sink.row(&mut SqliteCursor { row, width }, &statement.columns)?;
            }
            // A statement that writes is always run to its end, where its foreign keys are checked.
            if wanted == Flow::Enough && reads {
                break;
            }
        }
        drop(rows);
        if reads || self.db.total_changes() == before {
            return Ok(Done::default());
        }
        let affected = self.db.changes();
        // Of several rows SQLite tells the last key, not the first.
        let last_id = (affected == 1 && is_insert(&statement.sql)).then(|| self.db.last_insert_rowid());
        Ok(Done { affected, last_id, id_step: None })
    }

    /// Runs every statement of a text. `done` counts those that succeeded.
    fn run_all(&self, sql: &str, done: &mut usize) -> Result<(), Failure> {
        if memchr::memchr(0, sql.as_bytes()).is_some() {
            return Err(Error::invalid_query("the statement holds a NUL character").into());
        }
        let mut batch = Batch::new(&self.db, sql);
        while let Some(mut statement) = batch.next()? {
            let mut rows = statement.raw_query();
            while rows.next()?.is_some() {}
            *done += 1;
        }
        Ok(())
    }

    /// Undoes what a change of tables sets and does not take back if it fails halfway.
    fn restore_session(&self) -> rusqlite::Result<()> {
        self.db.set_db_config(DbConfig::SQLITE_DBCONFIG_LEGACY_ALTER_TABLE, false)?;
        self.db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, true)?;
        Ok(())
    }

    fn control_now(&self, control: Control) -> Result<(), Failure> {
        let run = |sql: &str| -> Result<(), Failure> {
            self.db.prepare_cached(sql)?.raw_query().next()?;
            Ok(())
        };
        match control {
            Control::Begin => run("BEGIN IMMEDIATE"),
            Control::Commit => run("COMMIT"),
            Control::Rollback => {
                // SQLite rolls back by itself after some errors, such as a full disk.
                if !self.db.is_autocommit() {
                    run("ROLLBACK")?;
                }
                Ok(self.restore_session()?)
            }
            Control::Savepoint(depth) => run(&format!("SAVEPOINT orm_{depth}")),
            Control::Release(depth) => run(&format!("RELEASE orm_{depth}")),
            Control::RollbackTo(depth) => {
                run(&format!("ROLLBACK TO orm_{depth}"))?;
                run(&format!("RELEASE orm_{depth}"))
            }
        }
    }

    /// Does something until it succeeds, fails, or has waited long enough for another connection's lock.
    async fn attempt<S: Send + 'static, T: Send + 'static>(
        self: Box<Self>,
        mut state: S,
        elsewhere: bool,
        act: fn(&SqliteConnection, &mut S) -> Attempt<T>,
        sql: fn(&S) -> &str,
    ) -> (Option<Box<dyn Connection>>, S, Result<T>) {
        let mut connection = self;
        let mut wait = None;
        loop {
            let result;
            let again;
            if elsewhere {
                (connection, state, (result, again)) = offloaded(move || {
                    let outcome = act(&connection, &mut state);
                    (connection, state, outcome)
                })
                .await;
            } else {
                (result, again) = act(&connection, &mut state);
            }
            let failure = match result {
                Ok(done) => return (Some(connection), state, Ok(done)),
                Err(failure) => failure,
            };
            if again && failure.is_busy() {
                let wait = wait.get_or_insert_with(|| Wait::until(connection.options.busy_timeout));
                if let Some(pause) = wait.next() {
                    sleep(pause).await;
                    continue;
                }
            }
            let fatal = failure.is_fatal();
            let error = failure.into_error(&connection.db, sql(&state));
            let kept: Option<Box<dyn Connection>> = if fatal { None } else { Some(connection) };
            return (kept, state, Err(error));
        }
    }
}

impl Connection for SqliteConnection {
    fn run(self: Box<Self>, statement: Statement, sink: Box<dyn Sink>) -> BoxFuture<'static, Ran> {
        Box::pin(async move {
            let act = |c: &SqliteConnection, (statement, sink): &mut (Statement, Box<dyn Sink>)| {
                c.step_named(statement, sink.as_mut())
            };
            let elsewhere = self.long.elsewhere(&statement.sql, self.options.offload);
            let (connection, (_, sink), result) =
                self.attempt((statement, sink), elsewhere, act, |(statement, _)| &statement.sql).await;
            Ran { connection, sink, result }
        })
    }

    fn run_now(&mut self, statement: &Statement, sink: &mut dyn Sink) -> Now {
        if self.long.elsewhere(&statement.sql, self.options.offload) {
            return Now::Later;
        }
        match self.step_named(statement, sink) {
            (Ok(done), _) => Now::Ran(Ok(done)),
            // Waiting for the lock of another connection is not for now.
            (Err(failure), true) if failure.is_busy() => Now::Later,
            (Err(failure), _) => {
                let fatal = failure.is_fatal();
                let error = failure.into_error(&self.db, &statement.sql);
                if fatal { Now::Broke(error) } else { Now::Ran(Err(error)) }
            }
        }
    }

    fn execute(self: Box<Self>, sql: String) -> BoxFuture<'static, (Option<Box<dyn Connection>>, Result<()>)> {
        Box::pin(async move {
            let act = |c: &SqliteConnection, sql: &mut String| {
                let mut done = 0;
                let result = c.run_all(sql, &mut done);
                (result, done == 0)
            };
            // A change of tables may copy all rows, and nobody makes one for its speed.
            let elsewhere = self.options.offload != Offload::Never && tokio::runtime::Handle::try_current().is_ok();
            let (connection, _, result) = self.attempt(sql, elsewhere, act, |sql| sql).await;
            (connection, result)
        })
    }

    fn control(self: Box<Self>, control: Control) -> BoxFuture<'static, (Option<Box<dyn Connection>>, Result<()>)> {
        Box::pin(async move {
            let act = |c: &SqliteConnection, control: &mut Control| (c.control_now(*control), true);
            let elsewhere = self.options.offload == Offload::Always;
            let (connection, _, result) = self.attempt(control, elsewhere, act, |control| name(*control)).await;
            (connection, result)
        })
    }

    fn abandon(self: Box<Self>) -> Option<Box<dyn Connection>> {
        match self.control_now(Control::Rollback) {
            Ok(()) => Some(self),
            Err(_) => None,
        }
    }

    fn ping(self: Box<Self>) -> BoxFuture<'static, (Option<Box<dyn Connection>>, Result<()>)> {
        // There is no server that could be gone.
        let connection: Box<dyn Connection> = self;
        Box::pin(std::future::ready((Some(connection), Ok(()))))
    }

    fn as_any(&mut self) -> &mut dyn Any {
        &mut self.db
    }
}

fn name(control: Control) -> &'static str {
    match control {
        Control::Begin => "BEGIN IMMEDIATE",
        Control::Commit => "COMMIT",
        Control::Rollback => "ROLLBACK",
        Control::Savepoint(_) => "SAVEPOINT",
        Control::Release(_) => "RELEASE",
        Control::RollbackTo(_) => "ROLLBACK TO",
    }
}

fn is_insert(sql: &str) -> bool {
    let word = sql.trim_start().as_bytes();
    [b"INSERT".as_slice(), b"REPLACE"].iter().any(|w| word.get(..w.len()).is_some_and(|s| s.eq_ignore_ascii_case(w)))
}

fn not_opened(error: rusqlite::Error, options: &Options) -> Error {
    let Place::File(path) = &options.place else { return error_of(error, None) };
    let file = Path::new(path);
    let folder = file.parent().filter(|f| !f.as_os_str().is_empty() && !f.is_dir());
    let words = match folder {
        Some(folder) => format!("the database `{path}` cannot be opened: there is no folder `{}`", folder.display()),
        None if !file.exists() && options.mode != Mode::Create => {
            format!("there is no database `{path}`; `mode=rwc` creates it")
        }
        None => format!("the database `{path}` cannot be opened"),
    };
    Error::new(ErrorKind::Connect, words).with_source(error)
}

/// The pauses between attempts to get a lock.
struct Wait {
    deadline: Instant,
    pause: Duration,
}

impl Wait {
    fn until(timeout: Duration) -> Wait {
        let now = Instant::now();
        Wait { deadline: now.checked_add(timeout).unwrap_or(now), pause: Duration::ZERO }
    }

    /// How long to wait before the next attempt, if there is time for one.
    fn next(&mut self) -> Option<Duration> {
        let left = self.deadline.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())?;
        let pause = self.pause.min(left);
        self.pause = (self.pause * 2).clamp(Duration::from_millis(1), Duration::from_millis(20));
        Some(pause)
    }
}

async fn sleep(pause: Duration) {
    if tokio::runtime::Handle::try_current().is_err() {
        std::thread::sleep(pause);
    } else if pause.is_zero() {
        tokio::task::yield_now().await;
    } else {
        tokio::time::sleep(pause).await;
    }
}

/// Does work on a thread for blocking work. A panic there goes on here.
async fn offloaded<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is shutting down, and with it whoever waits here.
            Err(_) => std::future::pending().await,
        },
    }
}
