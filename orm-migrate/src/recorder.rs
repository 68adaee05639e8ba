//! The table `orm_migrations`: which migrations are applied, with what content, and how far one got that was interrupted.
//!
//! ```
//! # orm_blog::example! { db =>
//! use orm::migrate::{App, Options, Target, migrate, prelude::*, recorder::Status, run};
//! const INITIAL: Migration = Migration::new("notes", "0001_initial");
//! const APP: App = App::new("notes", "notes", env!("CARGO_MANIFEST_DIR"), &[&INITIAL]);
//! let file = std::env::temp_dir().join(format!("recorder_{}.db", std::process::id()));
//! let backend = orm::backend::open(&format!("sqlite:{}", file.display()))?;
//! migrate(backend.clone(), &[APP], &Target::Latest, Options::default()).await?;
//! let records = run::records(backend).await?;
//! assert_eq!(records[&("notes".to_owned(), "0001_initial".to_owned())].status, Status::Applied);
//! # let _ = (&db, std::fs::remove_file(file));
//! # }
//! ```

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use orm_core::db::{Control, Param};
use orm_core::dialect::Feature;
use orm_core::error::{ErrorKind, Result};
use orm_core::schema::{Column, Schema, SchemaChange, Table};
use orm_core::value::{DateTime, Kind, Value};

use crate::app::Migration;
use crate::plan::Direction;
use crate::run::Session;

/// The table's name.
pub const TABLE: &str = "orm_migrations";

/// What is known of a migration in a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// How it stands.
    pub status: Status,
    /// The fingerprint of its content when it was run.
    pub hash: String,
    /// How many of its operations are done, if it was interrupted.
    pub operations: usize,
    /// How many statements of the next operation are done, if it was interrupted.
    pub statements: usize,
    /// When it was applied.
    pub at: DateTime,
}

/// How a migration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It is applied.
    Applied,
    /// It was interrupted while it was applied.
    Applying,
    /// It was interrupted while it was taken back.
    Reverting,
}

impl Status {
    fn text(self) -> &'static str {
        match self {
            Status::Applied => "applied",
            Status::Applying => "applying",
            Status::Reverting => "reverting",
        }
    }
    /// The status of a migration on its way.
    pub fn on_the_way(direction: Direction) -> Status {
        match direction {
            Direction::Forwards => Status::Applying,
            Direction::Backwards => Status::Reverting,
        }
    }
}

/// What is known of migrations in a database, by app and name.
pub type Records = BTreeMap<(String, String), Record>;

const COLUMNS: [(&str, Kind); 7] = [
    ("app", Kind::Text { max: Some(100) }),
    ("name", Kind::Text { max: Some(200) }),
    ("status", Kind::Text { max: Some(20) }),
    ("hash", Kind::Text { max: Some(16) }),
    ("operations", Kind::Int32),
    ("statements", Kind::Int32),
    ("applied_at", Kind::Timestamp),
];

/// The table, as backends create it.
pub fn table() -> Table {
    let column = |(name, kind): &(&str, Kind)| Column {
        name: (*name).to_owned(),
        kind: *kind,
        null: false,
        default: None,
        increment: false,
        check: Vec::new(),
        comment: String::new(),
    };
    Table {
        name: TABLE.to_owned(),
        columns: COLUMNS.iter().map(column).collect(),
        primary_key: vec!["app".to_owned(), "name".to_owned()],
        indexes: Vec::new(),
        foreign_keys: Vec::new(),
        comment: String::new(),
    }
}

/// Reads the records; none if the table is not there.
///
/// # Errors
/// What the database says.
pub async fn read(session: &mut Session) -> Result<Records> {
    Ok(find(session).await?.unwrap_or_default())
}

async fn find(session: &mut Session) -> Result<Option<Records>> {
    let dialect = session.dialect();
    let names: Vec<String> = COLUMNS.iter().map(|(name, _)| dialect.quote(name)).collect();
    let sql = format!("SELECT {} FROM {}", names.join(", "), dialect.quote(TABLE));
    let kinds = COLUMNS.map(|(_, kind)| kind);
    match session.rows(&sql, &kinds).await {
        Ok(rows) => Ok(Some(rows.into_iter().filter_map(record).collect())),
        Err(error) if error.kind() == ErrorKind::MissingObject => Ok(None),
        Err(error) => Err(error),
    }
}

fn record(row: Vec<Value>) -> Option<((String, String), Record)> {
    let row: [Value; 7] = row.try_into().ok()?;
    let [app, name, status, hash, operations, statements, at] = row;
    let text = |v| if let Value::Text(v) = v { Some(String::from(v)) } else { None };
    let count = |v| if let Value::Int(v) = v { usize::try_from(v).ok() } else { None };
    let status = match text(status)?.as_str() {
        "applied" => Status::Applied,
        "reverting" => Status::Reverting,
        _ => Status::Applying,
    };
    let at = if let Value::DateTime(at) = at { at } else { DateTime(0) };
    let (operations, statements) = (count(operations)?, count(statements)?);
    Some(((text(app)?, text(name)?), Record { status, hash: text(hash)?, operations, statements, at }))
}

/// Creates the table if it is not there. To be called under the lock, outside of a transaction.
///
/// # Errors
/// What the database says.
pub async fn prepare(session: &mut Session) -> Result<()> {
    if find(session).await?.is_some() {
        return Ok(());
    }
    if !session.dialect().has(Feature::TransactionalDdl) {
        return create(session).await;
    }
    // Where there is no lock, the transaction is one: whoever comes second finds the table.
    session.control(Control::Begin).await?;
    let made = create(session).await;
    let end = if made.is_ok() { Control::Commit } else { Control::Rollback };
    let ended = session.control(end).await;
    made.and(ended)
}

async fn create(session: &mut Session) -> Result<()> {
    let locked = session.backend().migration_lock().is_some();
    if !locked && find(session).await?.is_some() {
        return Ok(());
    }
    let steps = session.backend().plan(&SchemaChange::CreateTable(table()), &Schema::default())?;
    for step in steps {
        session.execute(&step.sql).await?;
    }
    Ok(())
}

/// Says how a migration stands.
///
/// # Errors
/// What the database says.
pub async fn write(
    session: &mut Session,
    migration: &Migration,
    status: Status,
    operations: usize,
    statements: usize,
) -> Result<()> {
    erase(session, migration).await?;
    let dialect = session.dialect();
    let names: Vec<String> = COLUMNS.iter().map(|(name, _)| dialect.quote(name)).collect();
    let places: Vec<String> = (0..COLUMNS.len()).map(|i| session.placeholder(i)).collect();
    let sql = format!("INSERT INTO {} ({}) VALUES ({})", dialect.quote(TABLE), names.join(", "), places.join(", "));
    let values = [
        Value::Text(migration.app.into()),
        Value::Text(migration.name.into()),
        Value::Text(status.text().into()),
        Value::Text(migration.hash().into()),
        Value::Int(i64::try_from(operations).unwrap_or(i64::MAX)),
        Value::Int(i64::try_from(statements).unwrap_or(i64::MAX)),
        Value::DateTime(now()),
    ];
    let params = values.into_iter().zip(COLUMNS).map(|(value, (_, kind))| Param { value, kind }).collect();
    session.run(&sql, params).await.map(|_| ())
}

/// Forgets a migration.
///
/// # Errors
/// What the database says.
pub async fn erase(session: &mut Session, migration: &Migration) -> Result<()> {
    let dialect = session.dialect();
    let sql = format!(
        "DELETE FROM {} WHERE {} = {} AND {} = {}",
        dialect.quote(TABLE),
        dialect.quote("app"),
        session.placeholder(0),
        dialect.quote("name"),
        session.placeholder(1)
    );
    let text = |v: &str, kind| Param { value: Value::Text(v.into()), kind };
    let params = vec![text(migration.app, COLUMNS[0].1), text(migration.name, COLUMNS[1].1)];
    session.run(&sql, params).await.map(|_| ())
}

fn now() -> DateTime {
    let micros = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_micros());
    DateTime(i64::try_from(micros).unwrap_or(i64::MAX))
}
