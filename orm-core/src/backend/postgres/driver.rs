//! One connection to PostgreSQL: runs statements, keeps count of the transaction. Knows no SQL but BEGIN and its kin.
//!
//! A statement that fails inside a transaction dooms it: the server refuses all that follows, and answers a COMMIT with a
//! silent ROLLBACK. The connection remembers at which savepoint that happened and says so in its own words.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Either, Executor as _};
use url::Url;

use super::decode::PgCursor;
use super::errors::{self, Fault};
use super::{bind, decode};
use crate::db::{BoxFuture, Connection, Control, Done, Flow, Ran, Sink, Statement};
use crate::error::{Error, ErrorKind, Result};

/// What a call gives: the result, and whether the connection may be used again.
type Outcome<T> = (Result<T>, bool);
type Returned = (Option<Box<dyn Connection>>, Result<()>);

/// How many rows that nobody wants are read to save a connection; behind more, closing it is cheaper.
const DRAINED_ROWS: u32 = 256;

/// Where the server is, and how to log in.
pub(super) struct Options(PgConnectOptions);

impl Options {
    /// Reads a URL whose options are known to be the driver's, with how many statements are kept unless it says so.
    pub(super) fn of(url: &Url, capacity: Option<usize>) -> Result<Options> {
        let mut options = PgConnectOptions::from_url(url).map_err(|e| {
            Error::configuration(format!("an option of the PostgreSQL URL is wrong: {}", errors::configuration(&e)))
        })?;
        if let Some(capacity) = capacity {
            options = options.statement_cache_capacity(capacity);
        }
        if options.get_application_name().is_none() {
            options = options.application_name("orm");
        }
        Ok(Options(options.disable_statement_logging()))
    }

    /// The URL without password and options.
    pub(super) fn location(&self) -> String {
        let options = &self.0;
        let user = options.get_username();
        let host = match options.get_socket() {
            Some(path) => path.display().to_string(),
            None => options.get_host().to_owned(),
        };
        format!("postgres://{user}@{host}:{}/{}", options.get_port(), options.get_database().unwrap_or(user))
    }
}

/// Opens a connection and prepares its session.
pub(super) async fn connect(options: &Options, location: &str, timeout: Duration) -> Result<Box<dyn Connection>> {
    // Poolers drop what start-up messages ask for, so the session is asked again.
    const SESSION: &str = "SET TIME ZONE 'UTC'; SET standard_conforming_strings = on";
    let opened = async {
        let mut connection = PgConnection::connect_with(&options.0).await?;
        sqlx::raw_sql(SESSION).execute(&mut connection).await?;
        Ok(connection)
    };
    match tokio::time::timeout(timeout, opened).await {
        Ok(Ok(connection)) => Ok(Box::new(Session { connection, depth: 0, doom: None, shared: false })),
        Ok(Err(error)) => Err(errors::connect(error, location)),
        Err(elapsed) => Err(Error::new(
            ErrorKind::Connect,
            format!("cannot connect to {location}: no answer within {} seconds", timeout.as_secs()),
        )
        .with_source(elapsed)),
    }
}

struct Session {
    connection: PgConnection,
    /// 0 outside of a transaction, 1 in one, 2 in its first savepoint…
    depth: u32,
    doom: Option<Doom>,
    /// Whether others ran statements on the driver's own connection, which may have failed unseen.
    shared: bool,
}

/// The error after which the server refuses everything.
struct Doom {
    depth: u32,
    words: String,
}

/// What came of sending a statement.
enum Sent {
    Finished(Outcome<Done>),
    Failed { fault: Fault, rows: bool },
}

impl Session {
    async fn statement(&mut self, statement: &Statement, sink: &mut dyn Sink) -> Outcome<Done> {
        if let Err(error) = self.may_run(&statement.sql).and_then(|()| placeholders_fit(statement)) {
            return (Err(error.with_sql(&*statement.sql)), true);
        }
        let fault = match self.send(statement, sink).await {
            Sent::Finished(outcome) => return outcome,
            Sent::Failed { fault, rows: false } if fault.stale => fault,
            Sent::Failed { fault, .. } => return self.failed(fault),
        };
        // A table changed under the prepared statement, which then fails for ever: it must be prepared anew.
        if let Err(error) = self.connection.clear_cached_statements().await {
            return self.failed(errors::fault(error, Some(&statement.sql)));
        }
        let fault = match self.depth {
            0 => match self.send(statement, sink).await {
                Sent::Finished(outcome) => return outcome,
                Sent::Failed { fault, .. } => fault,
            },
            _ => fault,
        };
        self.failed(if fault.stale { Fault { error: outdated(fault.error), ..fault } } else { fault })
    }

    async fn send(&mut self, statement: &Statement, sink: &mut dyn Sink) -> Sent {
        let arguments = match bind::arguments(&statement.params) {
            Ok(arguments) => arguments,
            Err(error) => return Sent::Finished((Err(error.with_sql(&*statement.sql)), true)),
        };
        let query = sqlx::query_with::<sqlx::Postgres, _>(AssertSqlSafe(Arc::clone(&statement.sql)), arguments)
            .persistent(statement.persistent);
        // Inside a transaction the connection is worth more than the time.
        let patience = if self.depth > 0 { u32::MAX } else { DRAINED_ROWS };
        let mut answers = self.connection.fetch_many(query);
        let mut done = Done::default();
        let mut types: Option<Vec<u32>> = None;
        let mut stopped: Option<Result<()>> = None;
        let mut unwanted = 0_u32;
        loop {
            match answers.try_next().await {
                Ok(Some(Either::Left(summary))) => done.affected += summary.rows_affected(),
                Ok(Some(Either::Right(_))) if stopped.is_some() => {
                    unwanted = unwanted.saturating_add(1);
                    if unwanted > patience {
                        return Sent::Finished((stopped.unwrap_or(Ok(())).map(|()| done), false));
                    }
                }
                Ok(Some(Either::Right(row))) => {
                    let types = types.get_or_insert_with(|| decode::types_of(&row));
                    match sink.row(&mut PgCursor { row: &row, types }, &statement.columns) {
                        Ok(Flow::More) => {}
                        Ok(Flow::Enough) => stopped = Some(Ok(())),
                        Err(error) => stopped = Some(Err(error.with_sql(&*statement.sql))),
                    }
                }
                Ok(None) => return Sent::Finished((stopped.unwrap_or(Ok(())).map(|()| done), true)),
                Err(error) => {
                    let fault = errors::fault(error, Some(&statement.sql));
                    return Sent::Failed { fault, rows: types.is_some() };
                }
            }
        }
    }

    async fn script(&mut self, sql: String) -> Outcome<()> {
        if let Some(control) = control_of(&sql) {
            return self.control(control).await;
        }
        if let Err(error) = self.may_run(&sql) {
            return (Err(error.with_sql(sql)), true);
        }
        let begins = self.depth == 0 && begins_transaction(&sql);
        let outcome = self.simple(Arc::from(sql)).await;
        if begins && outcome.0.is_ok() {
            self.depth = 1;
        }
        outcome
    }

    /// Sends text by the simple protocol, without preparing it.
    async fn simple(&mut self, sql: Arc<str>) -> Outcome<()> {
        match sqlx::raw_sql(AssertSqlSafe(Arc::clone(&sql))).execute(&mut self.connection).await {
            Ok(_) => (Ok(()), true),
            Err(error) => self.failed(errors::fault(error, Some(&sql))),
        }
    }

    fn failed<T>(&mut self, fault: Fault) -> Outcome<T> {
        if self.depth > 0 && self.doom.is_none() {
            self.doom = Some(Doom { depth: self.depth, words: fault.error.message().to_owned() });
        }
        (Err(fault.error), fault.usable)
    }

    fn may_run(&self, sql: &str) -> Result<()> {
        if memchr::memchr(0, sql.as_bytes()).is_some() {
            return Err(Error::invalid_query("a statement holds a NUL character"));
        }
        match &self.doom {
            Some(doom) => Err(doom.error("roll it back")),
            None => Ok(()),
        }
    }

    async fn control(&mut self, control: Control) -> Outcome<()> {
        let refuse = |words: &'static str| (Err(Error::transaction(words)), true);
        match control {
            Control::Begin if self.depth > 0 => refuse("there is a transaction already"),
            Control::Begin => {
                let outcome = self.simple("BEGIN".into()).await;
                self.depth = u32::from(outcome.0.is_ok());
                outcome
            }
            Control::Commit | Control::Rollback | Control::Savepoint(_) if self.depth == 0 => {
                refuse("there is no transaction")
            }
            Control::Commit => self.commit().await,
            Control::Rollback => self.rollback().await,
            Control::Savepoint(at) => {
                if let Err(error) = self.may_run("") {
                    return (Err(error), true);
                }
                let outcome = self.simple(format!("SAVEPOINT orm_{at}").into()).await;
                if outcome.0.is_ok() {
                    self.depth = at + 1;
                }
                outcome
            }
            Control::Release(at) | Control::RollbackTo(at) if self.depth <= at => refuse("there is no such savepoint"),
            Control::Release(at) => {
                if let Err(error) = self.may_run("") {
                    return (Err(error), true);
                }
                let outcome = self.simple(format!("RELEASE SAVEPOINT orm_{at}").into()).await;
                self.depth = at;
                outcome
            }
            Control::RollbackTo(at) => {
                if let Some(doom) = self.doom.as_ref().filter(|doom| doom.depth <= at) {
                    return (Err(doom.error("roll all of it back")), true);
                }
                self.doom = None;
                let sql = format!("ROLLBACK TO SAVEPOINT orm_{at}; RELEASE SAVEPOINT orm_{at}");
                let outcome = self.simple(sql.into()).await;
                self.depth = at;
                outcome
            }
        }
    }

    async fn commit(&mut self) -> Outcome<()> {
        if self.shared
            && self.doom.is_none()
            && let (Err(error), false) = self.simple("SELECT 1".into()).await
        {
            return (Err(error), false);
        }
        let Some(doom) = self.doom.take() else {
            let outcome = self.simple("COMMIT".into()).await;
            self.close();
            return outcome;
        };
        match self.rollback().await {
            (Ok(()), usable) => (Err(doom.error("it was rolled back instead of committed")), usable),
            failed => failed,
        }
    }

    async fn rollback(&mut self) -> Outcome<()> {
        let outcome = self.simple("ROLLBACK".into()).await;
        self.close();
        outcome
    }

    fn close(&mut self) {
        self.depth = 0;
        self.doom = None;
        self.shared = false;
    }
}

impl Doom {
    fn error(&self, advice: &str) -> Error {
        Error::transaction(format!("the transaction was doomed by an earlier error ({}); {advice}", self.words))
    }
}

/// The server counts too few values, but not too many: the last one must stand in the text.
fn placeholders_fit(statement: &Statement) -> Result<()> {
    let given = statement.params.len();
    if given > usize::from(u16::MAX) {
        return Err(Error::invalid_query(format!("a statement takes at most 65535 values, and {given} were given")));
    }
    let sql = statement.sql.as_bytes();
    if given == 0 || memchr::memrchr_iter(b'$', sql).any(|at| number_at(&sql[at + 1..]) == given) {
        return Ok(());
    }
    Err(Error::invalid_query(format!("{given} values were given to a statement with fewer placeholders")))
}

/// The number that a text begins with; 0 if it begins with none.
fn number_at(text: &[u8]) -> usize {
    let digits = text.iter().take_while(|b| b.is_ascii_digit());
    digits.fold(0, |number: usize, digit| number.saturating_mul(10).saturating_add(usize::from(digit - b'0')))
}

fn outdated(error: Error) -> Error {
    let words = "a table was changed while this connection had the statement prepared; run the transaction again";
    let code = error.code().map(str::to_owned);
    let sql = error.sql().map(str::to_owned);
    let mut made = Error::new(ErrorKind::Conflict, words);
    if let Some(code) = code {
        made = made.with_code(code);
    }
    if let Some(sql) = sql {
        made = made.with_sql(sql);
    }
    made
}

/// Transaction control written as text, as scripts have it.
fn control_of(sql: &str) -> Option<Control> {
    match words_of(sql).as_slice() {
        ["BEGIN"] | ["BEGIN" | "START", "TRANSACTION" | "WORK"] => Some(Control::Begin),
        ["COMMIT" | "END"] | ["COMMIT" | "END", "TRANSACTION" | "WORK"] => Some(Control::Commit),
        ["ROLLBACK" | "ABORT"] | ["ROLLBACK" | "ABORT", "TRANSACTION" | "WORK"] => Some(Control::Rollback),
        _ => None,
    }
}

/// `BEGIN` with modes behind it.
fn begins_transaction(sql: &str) -> bool {
    matches!(words_of(sql).as_slice(), ["BEGIN", ..] | ["START", "TRANSACTION", ..])
        && !sql.trim_end_matches([';', ' ']).contains(';')
}

/// The first three words, if they are transaction control's.
fn words_of(sql: &str) -> Vec<&'static str> {
    const KNOWN: [&str; 8] = ["BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "TRANSACTION", "WORK"];
    let words = sql.trim().trim_end_matches(';').split_whitespace().take(3);
    words.map(|w| KNOWN.into_iter().find(|k| w.eq_ignore_ascii_case(k)).unwrap_or("")).collect()
}

fn returned<T>(session: Box<Session>, outcome: Outcome<T>) -> (Option<Box<dyn Connection>>, Result<T>) {
    let (result, usable) = outcome;
    (usable.then_some(session as Box<dyn Connection>), result)
}

impl Connection for Session {
    fn run(mut self: Box<Self>, statement: Statement, mut sink: Box<dyn Sink>) -> BoxFuture<'static, Ran> {
        Box::pin(async move {
            let outcome = self.statement(&statement, sink.as_mut()).await;
            let (connection, result) = returned(self, outcome);
            Ran { connection, sink, result }
        })
    }

    fn execute(mut self: Box<Self>, sql: String) -> BoxFuture<'static, Returned> {
        Box::pin(async move {
            let outcome = self.script(sql).await;
            returned(self, outcome)
        })
    }

    fn control(mut self: Box<Self>, control: Control) -> BoxFuture<'static, Returned> {
        Box::pin(async move {
            let outcome = Session::control(&mut self, control).await;
            returned(self, outcome)
        })
    }

    fn abandon(self: Box<Self>) -> Option<Box<dyn Connection>> {
        // A ROLLBACK would wait for the network, and the server rolls back what it sees closed.
        if self.depth == 0 && !self.shared { Some(self) } else { None }
    }

    fn ping(mut self: Box<Self>) -> BoxFuture<'static, Returned> {
        Box::pin(async move {
            let outcome = match self.connection.ping().await {
                Ok(()) => (Ok(()), true),
                Err(error) => self.failed(errors::fault(error, None)),
            };
            returned(self, outcome)
        })
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self.shared = true;
        &mut self.connection
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Param;
    use crate::value::{Kind, Value};

    #[test]
    fn transaction_control_is_seen_in_text() {
        assert_eq!(control_of(" begin; "), Some(Control::Begin));
        assert_eq!(control_of("COMMIT WORK"), Some(Control::Commit));
        assert_eq!(control_of("rollback to savepoint a"), None);
        assert_eq!(control_of("COMMIT AND CHAIN"), None);
        assert_eq!(control_of("CREATE TABLE a ()"), None);
        assert!(begins_transaction("BEGIN ISOLATION LEVEL SERIALIZABLE;"));
        assert!(!begins_transaction("BEGIN; COMMIT"));
        assert!(!begins_transaction("CREATE TABLE a ()"));
    }

    #[test]
    fn more_values_than_placeholders_are_refused() {
        let check = |sql: &str, given: usize| {
            let params = vec![Param { value: Value::Int(1), kind: Kind::Int64 }; given];
            placeholders_fit(&Statement { sql: sql.into(), params, columns: [].into(), persistent: true }).is_ok()
        };
        assert!(check("SELECT 1", 0));
        assert!(check("SELECT $1, $2", 2));
        assert!(!check("SELECT $1", 2));
        assert!(!check("SELECT 1", 1));
    }
}
