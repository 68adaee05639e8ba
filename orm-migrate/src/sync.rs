//! Tables made like the models at once, without migrations: for tests, prototypes and caches. Adds; takes nothing away
//! unless told.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use orm_core::db::{Backend, Control, Db};
use orm_core::dialect::Feature;
use orm_core::error::{Error, Result};
use orm_core::meta::ModelMeta;
use orm_core::schema::{self, Column, DdlGroup, DdlRun, DdlStep, Schema, SchemaChange, Table};
use orm_core::value::Kind;

use crate::diff::{equivalent, table};
use crate::run::{Session, lock};

/// How long to wait for another program that changes the tables.
const PATIENCE: Duration = Duration::from_secs(60);

/// What [`sync_with`] may do.
///
/// ```
/// # orm_blog::example! { db =>
/// use orm::migrate::{SyncOptions, sync_with};
/// let options = SyncOptions { destructive: true };
/// assert!(sync_with(db.backend().clone(), orm::models![Tag], options).await.is_ok());
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct SyncOptions {
    /// Whether columns, indexes and foreign keys that no model has may go, and columns may change. Tables never go.
    pub destructive: bool,
}

/// Creates the tables, columns, indexes, foreign keys, checks and comments that the models of this program have and the
/// database lacks, without migration files. Gives back what it did.
///
/// ```standalone_crate
/// # use orm_blog::*;
/// # #[tokio::main] async fn main() -> orm::Result<()> {
/// let db = Db::connect("sqlite::memory:").await?;
/// let made = orm::migrate::sync(&db).await?;
/// // Three models, and the table between books and tags.
/// let tables = made.iter().filter(|change| matches!(change, orm::schema::SchemaChange::CreateTable(_)));
/// assert_eq!(tables.count(), 4);
/// assert!(orm::migrate::sync(&db).await?.is_empty());
/// # Ok(()) }
/// ```
///
/// # Errors
/// [`ErrorKind::Migration`](orm_core::ErrorKind::Migration) if the tables differ in what cannot be added;
/// [`ErrorKind::InvalidModel`](orm_core::ErrorKind::InvalidModel) if the models contradict each other.
pub async fn sync(db: &Db) -> Result<Vec<SchemaChange>> {
    sync_models(db, &orm_core::meta::registered()).await
}

/// As [`sync`], for these models alone.
///
/// ```
/// # orm_blog::example! { db =>
/// #[derive(Model)]
/// struct Note {
///     id: i64,
///     text: String,
/// }
/// orm::migrate::sync_models(&db, orm::models![Note]).await?;
/// assert_eq!(Note::create(NewNote { text: "There is a table for it" }).save(&db).await?.id, 1);
/// # }
/// ```
///
/// # Errors
/// As [`sync`].
pub async fn sync_models(db: &Db, models: &[&'static ModelMeta]) -> Result<Vec<SchemaChange>> {
    sync_with(db.backend().clone(), models, SyncOptions::default()).await
}

/// Makes the tables like the models, as far as the options allow.
///
/// ```
/// # orm_blog::example! { db =>
/// use orm::migrate::{SyncOptions, sync_with};
/// let file = std::env::temp_dir().join(format!("sync_with_{}.db", std::process::id()));
/// let backend = orm::backend::open(&format!("sqlite:{}", file.display()))?;
/// let made = sync_with(backend.clone(), orm::models![Tag], SyncOptions::default()).await?;
/// assert_eq!(made.len(), 1);
/// # let _ = (&db, std::fs::remove_file(file));
/// # }
/// ```
///
/// # Errors
/// As [`sync`].
pub async fn sync_with(
    backend: Arc<dyn Backend>,
    models: &[&'static ModelMeta],
    options: SyncOptions,
) -> Result<Vec<SchemaChange>> {
    crate::lint::refuse_errors(models)?;
    let mut session = Session::open(backend).await?;
    lock::take(&mut session, PATIENCE, &mut || ()).await?;
    let result = locked(&mut session, &Schema::of_models(models), options).await;
    let given_back = lock::give_back(&mut session).await;
    let done = result?;
    given_back.map(|()| done)
}

async fn locked(session: &mut Session, wanted: &Schema, options: SyncOptions) -> Result<Vec<SchemaChange>> {
    let mut done = Vec::new();
    let mut left = usize::MAX;
    loop {
        let actual = session.introspect().await?;
        let mut changes = with_effect(session.backend().as_ref(), &actual, difference(&actual, wanted)?);
        if !options.destructive {
            refuse_to_destroy(&changes)?;
        }
        for change in &mut changes {
            fill_if_empty(session, change).await?;
        }
        match run(session, &actual, &changes, &mut done).await {
            Ok(()) => return Ok(done),
            // Where there is no lock, another program may have made a table just before: what is left then is less.
            Err(_) if session.backend().migration_lock().is_none() && changes.len() < left => left = changes.len(),
            Err(error) => return Err(error),
        }
    }
}

/// The changes that make the actual tables the wanted ones. Tables that are not wanted are left alone.
///
/// ```
/// # orm_blog::example! {
/// use orm::schema::{Schema, SchemaChange};
/// let wanted = Schema::of_models(orm::models![Author]);
/// let changes = orm::migrate::sync::difference(&Schema::default(), &wanted)?;
/// assert!(matches!(&changes[0], SchemaChange::CreateTable(table) if table.name == "authors"));
/// # }
/// ```
///
/// # Errors
/// If a change does not fit the tables.
pub fn difference(actual: &Schema, wanted: &Schema) -> Result<Vec<SchemaChange>> {
    let mut out = Vec::new();
    let new: Vec<&Table> = wanted.tables.values().filter(|t| !actual.tables.contains_key(&t.name)).collect();
    let mut there: BTreeSet<&str> = actual.tables.keys().map(String::as_str).collect();
    let mut left = new;
    let mut later = Vec::new();
    while !left.is_empty() {
        let ready = |t: &&Table| t.foreign_keys.iter().all(|k| k.target == t.name || there.contains(k.target.as_str()));
        let table = left.remove(left.iter().position(ready).unwrap_or(0));
        let (now, wait): (Vec<_>, Vec<_>) = table
            .foreign_keys
            .iter()
            .cloned()
            .partition(|k| k.target == table.name || there.contains(k.target.as_str()));
        there.insert(&table.name);
        out.push(SchemaChange::CreateTable(Table { foreign_keys: now, ..table.clone() }));
        later.extend(wait.into_iter().map(|key| SchemaChange::AddForeignKey { table: table.name.clone(), key }));
    }
    for table in wanted.tables.values() {
        if let Some(old) = actual.tables.get(&table.name) {
            out.extend(table::changes(&equivalent::adapted(old, table), table, &[], &|_| None)?);
        }
    }
    out.extend(later);
    Ok(out)
}

/// The changes that a database needs statements for: one without comments has nothing to do for them.
#[doc(hidden)]
pub fn with_effect(backend: &dyn Backend, actual: &Schema, changes: Vec<SchemaChange>) -> Vec<SchemaChange> {
    let mut schema = actual.clone();
    let mut has_effect = |change: &SchemaChange| {
        let effect = backend.plan(change, &schema).map_or(true, |steps| !steps.is_empty());
        // What does not fit is an error when it is run.
        effect | schema.apply(change).is_err()
    };
    changes.into_iter().filter(|change| has_effect(change)).collect()
}

fn refuse_to_destroy(changes: &[SchemaChange]) -> Result<()> {
    let lost: Vec<String> = changes.iter().filter_map(destroys).collect();
    if lost.is_empty() {
        return Ok(());
    }
    Err(Error::migration(format!(
        "the tables differ from the models in what cannot be added: {}; write a migration, or allow it by `SyncOptions {{ destructive: true }}`",
        lost.join("; ")
    )))
}

fn destroys(change: &SchemaChange) -> Option<String> {
    match change {
        SchemaChange::CreateTable(_)
        | SchemaChange::AddColumn { .. }
        | SchemaChange::CreateIndex { .. }
        | SchemaChange::AddForeignKey { .. }
        | SchemaChange::CommentTable { .. } => None,
        SchemaChange::DropTable(table) => Some(format!("table `{}` is not of a model", table.name)),
        SchemaChange::RenameTable { from, to } => Some(format!("table `{from}` is called `{to}`")),
        SchemaChange::DropColumn { table, column } => Some(format!("`{table}.{}` is of no field", column.name)),
        SchemaChange::RenameColumn { table, from, to } => Some(format!("`{table}.{from}` is called `{to}`")),
        SchemaChange::AlterColumn { from, to, .. } if only_adds(from, to) => None,
        SchemaChange::AlterColumn { table, from, to, .. } => {
            Some(format!("`{table}.{}` {}", from.name, differs(from, to)))
        }
        SchemaChange::AlterPrimaryKey { table, from, to } => {
            Some(format!("the primary key of `{table}` is ({}), not ({})", from.join(", "), to.join(", ")))
        }
        SchemaChange::DropIndex { table, index } => Some(format!("index `{}` of `{table}` is of no model", index.name)),
        SchemaChange::DropForeignKey { table, key } => {
            Some(format!("foreign key `{}` of `{table}` is of no model", key.name))
        }
    }
}

/// Whether a column gets no more than a comment, or the check that its choices lack.
fn only_adds(from: &Column, to: &Column) -> bool {
    let check = if from.check.is_empty() { to.check.clone() } else { from.check.clone() };
    Column { comment: to.comment.clone(), check, ..from.clone() } == *to
}

fn differs(from: &Column, to: &Column) -> String {
    if from.kind != to.kind {
        return format!("is {:?}, not {:?}", from.kind, to.kind);
    }
    match (from.null, to.null) {
        (true, false) => "may be NULL".to_owned(),
        (false, true) => "may not be NULL".to_owned(),
        _ => "has another default or other choices".to_owned(),
    }
}

/// A column that refuses NULL can be added without a default only where there is no row.
async fn fill_if_empty(session: &mut Session, change: &mut SchemaChange) -> Result<()> {
    let SchemaChange::AddColumn { table, column, fill } = change else { return Ok(()) };
    if column.null || column.default.is_some() || fill.is_some() {
        return Ok(());
    }
    let sql = format!("SELECT 1 FROM {} LIMIT 1", session.dialect().quote(table));
    if !session.rows(&sql, &[Kind::Int64]).await?.is_empty() {
        return Err(Error::migration(format!(
            "`{table}` has rows, and its new column `{}` takes no NULL and has no default; write a migration, or give the field a default in the database",
            column.name
        )));
    }
    *fill = zero(column.kind);
    Ok(())
}

fn zero(kind: Kind) -> Option<schema::Default> {
    match kind {
        Kind::Bool => Some(schema::Default::Bool(false)),
        Kind::Int16 | Kind::Int32 | Kind::Int64 | Kind::Duration => Some(schema::Default::Int(0)),
        Kind::Float64 => Some(schema::Default::Float(0.0)),
        Kind::Decimal { .. } => Some(schema::Default::Text("0".to_owned())),
        Kind::Text { .. } | Kind::Bytes => Some(schema::Default::Text(String::new())),
        Kind::Date | Kind::Time | Kind::DateTime | Kind::Timestamp => Some(schema::Default::Now),
        Kind::Uuid => Some(schema::Default::Text("00000000-0000-0000-0000-000000000000".to_owned())),
        Kind::Json => Some(schema::Default::Text("null".to_owned())),
    }
}

async fn run(
    session: &mut Session,
    actual: &Schema,
    changes: &[SchemaChange],
    done: &mut Vec<SchemaChange>,
) -> Result<()> {
    let groups = session.backend().plan_all(changes, actual).map_err(|(_, error)| error)?;
    let mut changes = changes.iter();
    for group in groups {
        one(session, &group).await?;
        done.extend(changes.by_ref().take(group.changes.len()).cloned());
    }
    Ok(())
}

async fn one(session: &mut Session, group: &DdlGroup) -> Result<()> {
    let (mut before, mut inside, mut after) = (Vec::new(), Vec::new(), Vec::new());
    for steps in &group.changes {
        let first = steps.iter().position(|s| !is_outside(s)).unwrap_or(steps.len());
        let last = steps.iter().rposition(|s| !is_outside(s)).map_or(steps.len(), |i| i + 1);
        before.extend(&steps[..first]);
        inside.extend(&steps[first..last]);
        after.extend(&steps[last..]);
    }
    for step in before {
        session.execute(&step.sql).await?;
    }
    let transaction = session.dialect().has(Feature::TransactionalDdl) && !inside.is_empty();
    if transaction {
        session.control(Control::Begin).await?;
    }
    let mut result = Ok(());
    for step in inside {
        result = crate::run::statement(session, step).await;
        if result.is_err() {
            break;
        }
    }
    if transaction {
        result = crate::run::end(session, result).await;
    }
    for step in after {
        let restored = session.execute(&step.sql).await;
        result = result.and(restored);
    }
    result
}

fn is_outside(step: &DdlStep) -> bool {
    step.run == DdlRun::OutsideTransaction
}
