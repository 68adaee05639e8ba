//! One connection, on a single sqlx connection: statements, rows pushed as they come, and transactions kept track of.
//!
//! The server keeps a transaction going after a statement failed, and after a lock time-out even commits half of it;
//! the library's rule is stricter, so the connection remembers: after a failure nothing runs until the transaction or
//! a savepoint is rolled back.

use std::any::Any;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt;
use sqlx::mysql::{MySqlConnectOptions, MySqlDatabaseError};
use sqlx::{AssertSqlSafe, Column, ConnectOptions, Connection as _, Either, Executor, MySqlConnection, Row};

use super::bind::{self, Types};
use super::decode::{RowCursor, Wire, wires};
use super::errors::{self, Damage};
use crate::db::{BoxFuture, Connection, Control, Done, Flow, Ran, Sink, Statement};
use crate::error::{Error, ErrorKind, Result};

/// What the driver needs to know to connect.
#[derive(Clone)]
pub(super) struct Options(MySqlConnectOptions);

impl std::fmt::Debug for Options {
    // The driver's own would print the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Options")
    }
}

impl Options {
    /// Reads a URL whose options are known to be the driver's.
    pub(super) fn of(url: &url::Url) -> Result<Options> {
        let options = MySqlConnectOptions::from_str(url.as_str())
            .map_err(|e| Error::configuration("the MySQL URL holds an option with a wrong value").with_source(e))?;
        let host = options.get_host().trim_matches(['[', ']']).to_owned();
        // The session is set up by `SESSION` alone; what statements hold is nothing for a log.
        let options = options
            .host(&host)
            .pipes_as_concat(false)
            .no_engine_substitution(false)
            .timezone(None)
            .set_names(false)
            .disable_statement_logging();
        Ok(Options(options))
    }
}

/// Each server runs the comment that is meant for it: MariaDB `/*M! */`, MySQL from 8.0 on `/*!80000 */`
/// (MariaDB takes no numbers from 50700 to 99999). A driver of this library never has to ask which one it is.
///
/// Averages of integers get as many digits as a float has; the server gives them four unless told.
const SESSION: &str = "SET NAMES utf8mb4 COLLATE /*M! utf8mb4_nopad_bin */ /*!80000 utf8mb4_0900_bin */, \
     SESSION sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ZERO_DATE,NO_ZERO_IN_DATE,NO_ENGINE_SUBSTITUTION', \
     SESSION time_zone = '+00:00', SESSION div_precision_increment = 20, SESSION autocommit = 1";

/// Also a row that has a column of each type which parameters are sent as.
const ABOUT: &str = "SELECT CAST('2000-01-01' AS DATE), CAST('2000-01-01' AS DATETIME(6)), CAST(1.5 AS DECIMAL(2, 1)), \
     CAST(@@max_allowed_packet AS CHAR), CAST(@@auto_increment_increment AS CHAR)";

/// Connects, and prepares the session.
pub(super) async fn connect(options: &Options, location: &str, timeout: Duration) -> Result<MySqlConn> {
    let failed = |why: &str| Error::new(ErrorKind::Connect, format!("could not connect to `{location}`: {why}"));
    match tokio::time::timeout(timeout, open(options)).await {
        Err(_) => Err(failed(&format!("no answer within {} seconds", timeout.as_secs()))),
        Ok(Err(e)) => {
            let error = failed(&words(&e));
            Err(match code(&e) {
                Some(code) => error.with_code(code),
                None => error,
            }
            .with_source(e))
        }
        Ok(Ok(connection)) => Ok(connection),
    }
}

async fn open(options: &Options) -> sqlx::Result<MySqlConn> {
    let mut raw = options.0.connect().await?;
    if let Err(e) = raw.execute(sqlx::raw_sql(SESSION)).await {
        // An older server runs neither comment, and finds no collation.
        return Err(match code(&e).as_deref() {
            Some("1064") => sqlx::Error::Protocol("this library needs MariaDB 10.5 or MySQL 8.0 at least".into()),
            _ => e,
        });
    }
    let row = raw.fetch_one(sqlx::raw_sql(ABOUT)).await?;
    let info = |at: usize| row.try_column(at).map(|c| c.type_info().clone());
    let types = Types { date: info(0)?, datetime: info(1)?, decimal: info(2)? };
    let packet = row.try_get::<&str, _>(3)?.parse().unwrap_or(usize::MAX);
    let id_step = row.try_get::<&str, _>(4)?.parse().ok();
    Ok(MySqlConn { raw, types, packet, id_step, state: State::default() })
}

fn words(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(inner) => inner.message().to_owned(),
        sqlx::Error::Protocol(words) => words.clone(),
        other => other.to_string(),
    }
}

fn code(error: &sqlx::Error) -> Option<String> {
    let number = |e: &MySqlDatabaseError| e.number().to_string();
    error.as_database_error().and_then(|e| e.try_downcast_ref::<MySqlDatabaseError>()).map(number)
}

/// An open connection.
pub(super) struct MySqlConn {
    raw: MySqlConnection,
    types: Types,
    /// The most bytes that the server takes in one packet.
    packet: usize,
    /// How far apart the keys are that it counts up: more than 1 where several servers write. The rows of one
    /// `INSERT .. VALUES` get theirs without gaps.
    id_step: Option<i64>,
    state: State,
}

/// What is known of the transaction.
#[derive(Debug, Default)]
struct State {
    open: bool,
    /// Why nothing may run until something is rolled back.
    doom: Option<Doom>,
}

#[derive(Debug)]
struct Doom {
    words: String,
    /// The server rolled everything back: no savepoint is left.
    whole: bool,
}

impl State {
    fn refusal(&self) -> Option<Error> {
        let doom = self.doom.as_ref()?;
        Some(Error::transaction(format!(
            "the transaction was doomed by an earlier error ({}); roll it back, or open a savepoint around what may fail",
            doom.words
        )))
    }

    fn failed(&mut self, error: &Error, damage: Damage) {
        if self.open {
            let whole = damage == Damage::Transaction || self.doom.as_ref().is_some_and(|d| d.whole);
            self.doom = Some(Doom { words: error.message().to_owned(), whole });
        }
    }

    fn ended(&mut self) {
        *self = State::default();
    }
}

/// Rows that nobody wants are read away up to this many; more of them cost more than a new connection.
const DRAINED: usize = 1000;

/// What came of reading a statement's rows.
struct Read {
    result: std::result::Result<Done, Stop>,
    /// Rows were left unread.
    unfinished: bool,
}

enum Stop {
    Sink(Error),
    Driver(sqlx::Error),
}

impl MySqlConn {
    /// What must not be sent, if so.
    fn refusal(&self, sql: &str, statements: usize) -> Option<Error> {
        if let Some(doomed) = self.state.refusal() {
            return Some(doomed.with_sql(sql));
        }
        if !self.state.open {
            return None;
        }
        let word = first_words(sql).take(statements).find(|word| commits(word))?;
        Some(
            Error::unsupported(format!(
                "`{word}` commits the transaction on this database; run it outside of a transaction"
            ))
            .with_sql(sql),
        )
    }

    fn arguments(&self, statement: &Statement) -> Result<sqlx::mysql::MySqlArguments> {
        let (arguments, size) = bind::arguments(&statement.params, &self.types)?;
        // The server would close the connection, without a word why.
        let size = size.saturating_add(statement.sql.len());
        if size >= self.packet {
            return Err(Error::invalid_value(format!(
                "the statement takes about {size} bytes, and the server at most {} (`max_allowed_packet`)",
                self.packet
            )));
        }
        Ok(arguments)
    }

    async fn read(
        &mut self,
        statement: &Statement,
        arguments: sqlx::mysql::MySqlArguments,
        sink: &mut dyn Sink,
    ) -> Read {
        // Inside a transaction the connection is worth more than the time.
        let patience = if self.state.open { usize::MAX } else { DRAINED };
        let sql = AssertSqlSafe(Arc::clone(&statement.sql));
        let query = sqlx::query_with(sql, arguments).persistent(statement.persistent);
        let mut stream = self.raw.fetch_many(query);
        let mut done = Done { id_step: self.id_step, ..Done::default() };
        let mut stop: Option<Result<()>> = None;
        let mut columns: Option<Vec<Wire>> = None;
        let mut unwanted = 0;
        let unfinished = loop {
            match stream.try_next().await {
                Err(e) => return Read { result: Err(Stop::Driver(e)), unfinished: false },
                Ok(None) => break false,
                Ok(Some(Either::Left(end))) => {
                    done.affected += end.rows_affected();
                    done.last_id = done.last_id.or(i64::try_from(end.last_insert_id()).ok().filter(|id| *id != 0));
                }
                Ok(Some(Either::Right(_))) if stop.is_some() => {
                    unwanted += 1;
                    if unwanted > patience {
                        break true;
                    }
                }
                Ok(Some(Either::Right(row))) => {
                    let wires = columns.get_or_insert_with(|| wires(&row));
                    match sink.row(&mut RowCursor { row: &row, wires }, &statement.columns) {
                        Ok(Flow::More) => {}
                        Ok(Flow::Enough) => stop = Some(Ok(())),
                        Err(e) => stop = Some(Err(e)),
                    }
                }
            }
        };
        let result = match stop {
            Some(Err(e)) => Err(Stop::Sink(e)),
            Some(Ok(())) | None => Ok(done),
        };
        Read { result, unfinished }
    }

    /// Runs text as it is.
    async fn send(&mut self, sql: String) -> std::result::Result<(), (Error, Damage)> {
        let sql: Arc<str> = sql.into();
        let mut stream = self.raw.fetch_many(sqlx::raw_sql(AssertSqlSafe(Arc::clone(&sql))));
        loop {
            match stream.try_next().await {
                Ok(Some(_)) => {}
                Ok(None) => return Ok(()),
                Err(e) => return Err(errors::of_driver(e, &sql)),
            }
        }
    }

    async fn steer(mut self: Box<Self>, control: Control) -> (Option<Box<dyn Connection>>, Result<()>) {
        let sql = match (control, self.state.open) {
            (Control::Begin, false) => "START TRANSACTION".to_owned(),
            (Control::Begin, true) => return (Some(self), Err(Error::transaction("a transaction is open already"))),
            (Control::Rollback, false) => return (Some(self), Ok(())),
            (_, false) => return (Some(self), Err(Error::transaction("no transaction is open"))),
            (Control::Commit, true) => return self.commit().await,
            (Control::Rollback, true) => "ROLLBACK".to_owned(),
            (Control::Savepoint(depth), true) => format!("SAVEPOINT orm_{depth}"),
            (Control::Release(depth), true) => format!("RELEASE SAVEPOINT orm_{depth}"),
            // Nothing is left to undo; the transaction stays doomed.
            (Control::RollbackTo(_), true) if self.state.doom.as_ref().is_some_and(|d| d.whole) => {
                return (Some(self), Ok(()));
            }
            (Control::RollbackTo(depth), true) => {
                format!("ROLLBACK TO SAVEPOINT orm_{depth}; RELEASE SAVEPOINT orm_{depth}")
            }
        };
        if let (Control::Savepoint(_) | Control::Release(_), Some(doomed)) = (control, self.state.refusal()) {
            return (Some(self), Err(doomed));
        }
        match self.send(sql).await {
            Ok(()) => {
                match control {
                    Control::Begin => self.state.open = true,
                    Control::Rollback => self.state.ended(),
                    Control::RollbackTo(_) => self.state.doom = None,
                    Control::Commit | Control::Savepoint(_) | Control::Release(_) => {}
                }
                (Some(self), Ok(()))
            }
            // What state the transaction is in now, only the server knows.
            Err((error, _)) => (None, Err(error)),
        }
    }

    async fn commit(mut self: Box<Self>) -> (Option<Box<dyn Connection>>, Result<()>) {
        if let Some(doom) = self.state.doom.take() {
            let error = Error::transaction(format!(
                "the transaction was rolled back instead of committed, because of an earlier error ({})",
                doom.words
            ));
            return match self.send("ROLLBACK".to_owned()).await {
                Ok(()) => {
                    self.state.ended();
                    (Some(self), Err(error))
                }
                Err(_) => (None, Err(error)),
            };
        }
        match self.send("COMMIT".to_owned()).await {
            Ok(()) => {
                self.state.ended();
                (Some(self), Ok(()))
            }
            Err((error, _)) => (None, Err(error)),
        }
    }
}

impl Connection for MySqlConn {
    fn run(mut self: Box<Self>, statement: Statement, mut sink: Box<dyn Sink>) -> BoxFuture<'static, Ran> {
        Box::pin(async move {
            // What is prepared is one statement.
            let refused = self.refusal(&statement.sql, 1);
            let arguments = match refused.map_or_else(|| self.arguments(&statement), Err) {
                Ok(arguments) => arguments,
                // Nothing was sent, so nothing is doomed by it.
                Err(e) => return Ran { connection: Some(self), sink, result: Err(e.with_sql(&*statement.sql)) },
            };
            let read = self.read(&statement, arguments, &mut *sink).await;
            let (result, damage) = match read.result {
                Ok(done) => (Ok(done), Damage::Statement),
                Err(Stop::Sink(e)) => (Err(e.with_sql(&*statement.sql)), Damage::Statement),
                Err(Stop::Driver(e)) => {
                    let (error, damage) = errors::of_driver(e, &statement.sql);
                    self.state.failed(&error, damage);
                    (Err(error), damage)
                }
            };
            let usable = damage != Damage::Connection && !read.unfinished;
            let connection: Option<Box<dyn Connection>> = if usable { Some(self) } else { None };
            Ran { connection, sink, result }
        })
    }

    fn execute(mut self: Box<Self>, sql: String) -> BoxFuture<'static, (Option<Box<dyn Connection>>, Result<()>)> {
        Box::pin(async move {
            if let Some(refused) = self.refusal(&sql, usize::MAX) {
                return (Some(self as Box<dyn Connection>), Err(refused));
            }
            let opens = first_words(&sql).filter_map(opens).last();
            match self.send(sql).await {
                Ok(()) => {
                    self.state.open = opens.unwrap_or(self.state.open);
                    (Some(self as Box<dyn Connection>), Ok(()))
                }
                Err((error, damage)) => {
                    self.state.failed(&error, damage);
                    let usable = damage != Damage::Connection && opens.is_none();
                    let connection: Option<Box<dyn Connection>> = if usable { Some(self) } else { None };
                    (connection, Err(error))
                }
            }
        })
    }

    fn control(self: Box<Self>, control: Control) -> BoxFuture<'static, (Option<Box<dyn Connection>>, Result<()>)> {
        Box::pin(self.steer(control))
    }

    fn abandon(self: Box<Self>) -> Option<Box<dyn Connection>> {
        // Closing rolls back, on the server's time.
        if self.state.open { None } else { Some(self) }
    }

    fn ping(mut self: Box<Self>) -> BoxFuture<'static, (Option<Box<dyn Connection>>, Result<()>)> {
        Box::pin(async move {
            match self.raw.ping().await {
                Ok(()) => (Some(self as Box<dyn Connection>), Ok(())),
                Err(e) => (None, Err(errors::of_driver(e, "ping").0)),
            }
        })
    }

    fn as_any(&mut self) -> &mut dyn Any {
        &mut self.raw
    }
}

/// Whether a statement that begins with the word commits the transaction on its own.
fn commits(word: &str) -> bool {
    ["ALTER", "CREATE", "DROP", "GRANT", "LOCK", "RENAME", "REVOKE", "TRUNCATE"]
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known))
}

/// Whether a statement that begins with the word opens (`true`) or ends (`false`) a transaction.
fn opens(word: &str) -> Option<bool> {
    let is = |known: &[&str]| known.iter().any(|k| word.eq_ignore_ascii_case(k));
    if is(&["BEGIN", "START"]) {
        Some(true)
    } else if is(&["COMMIT", "ROLLBACK"]) {
        Some(false)
    } else {
        None
    }
}

/// The first word of each statement in a text.
fn first_words(sql: &str) -> impl Iterator<Item = &str> {
    let mut rest = sql;
    std::iter::from_fn(move || {
        loop {
            rest = after_blanks(rest);
            if rest.is_empty() {
                return None;
            }
            let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
            let word = &rest[..end];
            rest = after_statement(rest);
            if !word.is_empty() {
                return Some(word);
            }
        }
    })
}

/// The text behind blanks, brackets and comments.
fn after_blanks(mut sql: &str) -> &str {
    loop {
        sql = sql.trim_start_matches(|c: char| c.is_whitespace() || c == '(' || c == ';');
        // A comment that is run is no comment.
        let executed = sql.strip_prefix("/*M!").or_else(|| sql.strip_prefix("/*!"));
        sql = if let Some(inner) = executed {
            inner.trim_start_matches(|c: char| c.is_ascii_digit())
        } else if sql.starts_with("/*") {
            sql.split_once("*/").map_or("", |(_, rest)| rest)
        } else if sql.starts_with("--") || sql.starts_with('#') {
            sql.split_once('\n').map_or("", |(_, rest)| rest)
        } else {
            return sql;
        };
    }
}

/// The text behind the next semicolon that stands outside of quotes.
fn after_statement(sql: &str) -> &str {
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in sql.char_indices() {
        match quote {
            _ if escaped => escaped = false,
            Some('\'' | '"') if c == '\\' => escaped = true,
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '\'' | '"' | '`') => quote = Some(c),
            None if c == ';' => return &sql[at + 1..],
            None => {}
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sql: &str, expected: &[&str]) {
        assert_eq!(first_words(sql).collect::<Vec<_>>(), expected, "{sql}");
    }

    #[test]
    fn the_first_word_of_each_statement_is_found() {
        check("select 1", &["select"]);
        check("  /* a ; b */ -- c\n CREATE TABLE t (a int); ;insert into t values (';drop')", &["CREATE", "insert"]);
        check("/*!80000 DROP TABLE t */", &["DROP"]);
        check("(SELECT 'it\\'s; x'); TRUNCATE `a;b`", &["SELECT", "TRUNCATE"]);
        check("", &[]);
        check("/*", &[]);
    }

    #[test]
    fn what_commits_is_known_by_its_first_word() {
        assert!(commits("alter") && commits("CREATE") && !commits("INSERT"));
        assert_eq!((opens("begin"), opens("COMMIT"), opens("SELECT")), (Some(true), Some(false), None));
    }
}
