//! Which migrations to run, in which direction, and the statements of each. Talks to no database.

use std::collections::BTreeSet;

use orm_core::error::{Error, Result};
use orm_core::schema::{DdlGroup, DdlStep, Schema, SchemaChange, Table};

use crate::app::Migration;
use crate::graph::{Graph, Name};
use crate::operation::Operation;
use crate::state::State;

/// How far to go.
///
/// ```
/// # orm_blog::example! { db =>
/// use orm::migrate::{App, Options, Target, migrate, prelude::*};
/// const INITIAL: Migration = Migration::new("notes", "0001_initial");
/// const APP: App = App::new("notes", "notes", env!("CARGO_MANIFEST_DIR"), &[&INITIAL]);
/// let file = std::env::temp_dir().join(format!("targets_{}.db", std::process::id()));
/// let backend = orm::backend::open(&format!("sqlite:{}", file.display()))?;
/// migrate(backend.clone(), &[APP], &Target::Latest, Options::default()).await?;
/// let back = migrate(backend, &[APP], &Target::Zero("notes".to_owned()), Options::default()).await?;
/// assert_eq!(back.len(), 1);
/// # let _ = (&db, std::fs::remove_file(file));
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Everything applied.
    Latest,
    /// Everything of an app applied, with what it needs.
    App(String),
    /// An app as it is after a migration (the beginning of its name is enough).
    Migration(String, String),
    /// Nothing of an app applied.
    Zero(String),
}

/// Whether a migration is applied or taken back.
///
/// ```
/// # orm_blog::example! {
/// use orm::migrate::{App, Direction, prelude::*, sql_of};
/// const LINES: Migration = Migration::new("blog", "0001").ops(&[Op::run_sql_reversible(
///     Sql::on(&[("", "UPDATE a SET b = 1")]),
///     Sql::on(&[("", "UPDATE a SET b = 0")]),
/// )]);
/// const APP: App = App::new("blog", "blog", env!("CARGO_MANIFEST_DIR"), &[&LINES]);
/// assert!(sql_of(&[APP], "blog", "0001", "mysql", Direction::Backwards)?.ends_with("UPDATE a SET b = 0;"));
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// It is applied.
    Forwards,
    /// It is taken back.
    Backwards,
}

/// One migration to run.
///
/// ```
/// # orm_blog::example! {
/// use orm::migrate::{Direction, plan::Move, prelude::*};
/// const INITIAL: Migration = Migration::new("blog", "0001_initial");
/// let back = Move { migration: &INITIAL, direction: Direction::Backwards };
/// assert_eq!(back.migration.label(), "blog.0001_initial");
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Move {
    /// The migration.
    pub migration: &'static Migration,
    /// Which way.
    pub direction: Direction,
}

/// The migrations to run, in order, from those that are applied to a target.
///
/// ```
/// # orm_blog::example! {
/// use orm::migrate::{Target, graph::Graph, plan::moves, prelude::*};
/// const FIRST: Migration = Migration::new("blog", "0001_initial");
/// const SECOND: Migration = Migration::new("blog", "0002").depends_on(&[("blog", "0001_initial")]);
/// let applied = [("blog".to_owned(), "0001_initial".to_owned())].into();
/// let plan = moves(&Graph::new([&FIRST, &SECOND])?, &applied, &Target::Latest)?;
/// assert_eq!(plan.iter().map(|step| step.migration.name).collect::<Vec<_>>(), ["0002"]);
/// # }
/// ```
///
/// # Errors
/// If the target is not there, an app's history has two ends, or one is applied without what it depends on.
pub fn moves(graph: &Graph, applied: &BTreeSet<(String, String)>, target: &Target) -> Result<Vec<Move>> {
    let is_applied = |n: &Name| applied.contains(&(n.0.to_owned(), n.1.to_owned()));
    for migration in graph.order().iter().filter(|m| is_applied(&(m.app, m.name))) {
        if let Some((app, name)) = migration.dependencies.iter().find(|d| !is_applied(d)) {
            return Err(Error::migration(format!(
                "`{}` is applied, but not `{app}.{name}`, which it depends on",
                migration.label()
            )));
        }
    }
    let forwards = |ends: Vec<&'static Migration>| {
        let wanted = with_dependencies(graph, ends);
        let order = graph.order().iter().filter(|m| wanted.contains(&(m.app, m.name)));
        let left = order.filter(|m| !is_applied(&(m.app, m.name)));
        left.map(|m| Move { migration: m, direction: Direction::Forwards }).collect()
    };
    let backwards = |gone: BTreeSet<Name>| {
        let gone = with_dependents(graph, gone);
        let order = graph.order().iter().rev().filter(|m| gone.contains(&(m.app, m.name)));
        let left = order.filter(|m| is_applied(&(m.app, m.name)));
        left.map(|m| Move { migration: m, direction: Direction::Backwards }).collect()
    };
    match target {
        Target::Latest => {
            let apps: BTreeSet<&str> = graph.order().iter().map(|m| m.app).collect();
            let mut ends = Vec::new();
            for app in apps {
                ends.extend(graph.leaf(app)?);
            }
            Ok(forwards(ends))
        }
        Target::App(app) => {
            let end = graph.leaf(app)?.ok_or_else(|| Error::migration(format!("app `{app}` has no migrations")))?;
            Ok(forwards(vec![end]))
        }
        Target::Migration(app, name) => {
            let end = graph.find(app, name)?;
            if !is_applied(&(end.app, end.name)) {
                return Ok(forwards(vec![end]));
            }
            // Those that come after it in its app go; what other apps need of them follows.
            let kept = with_dependencies(graph, vec![end]);
            let after = with_dependents(graph, BTreeSet::from([(end.app, end.name)]));
            Ok(backwards(after.into_iter().filter(|n| n.0 == *app && !kept.contains(n)).collect()))
        }
        Target::Zero(app) => {
            let all: BTreeSet<Name> = graph.of(app).map(|m| (m.app, m.name)).collect();
            if all.is_empty() {
                return Err(Error::migration(format!("app `{app}` has no migrations")));
            }
            Ok(backwards(all))
        }
    }
}

fn with_dependencies(graph: &Graph, ends: Vec<&'static Migration>) -> BTreeSet<Name> {
    let mut out: BTreeSet<Name> = ends.iter().map(|m| (m.app, m.name)).collect();
    for migration in graph.order().iter().rev() {
        if out.contains(&(migration.app, migration.name)) {
            out.extend(migration.dependencies);
        }
    }
    out
}

fn with_dependents(graph: &Graph, mut out: BTreeSet<Name>) -> BTreeSet<Name> {
    for migration in graph.order() {
        if migration.dependencies.iter().any(|d| out.contains(d)) {
            out.insert((migration.app, migration.name));
        }
    }
    out
}

/// What plans changes of tables that follow each other: a backend, connected or not.
pub type Planner<'a> = &'a (dyn Fn(&[SchemaChange], &Schema) -> Result<Vec<DdlGroup>, (usize, Error)> + Sync);

/// An operation with its statements.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// The operation, as it is run (backwards: its reverse).
    pub operation: Operation,
    /// The statements of each of its changes; each change's belong together.
    pub changes: Vec<Vec<DdlStep>>,
}

/// The statements of a migration, and the state after it. Backwards, `state` is the one *without* the migration.
///
/// ```
/// # orm_blog::example! {
/// use orm::migrate::plan::{Move, script};
/// use orm::migrate::{Direction, State, prelude::*};
/// const INITIAL: Migration = Migration::new("blog", "0001_initial").ops(&[Op::run_sql(Sql::on(&[("", "ANALYZE")]))]);
/// let forwards = Move { migration: &INITIAL, direction: Direction::Forwards };
/// let planner = |changes: &[_], before: &_| orm::backend::plan_all("sqlite", changes, before);
/// let (planned, after) = script(forwards, &State::default(), "sqlite", &planner)?;
/// assert_eq!((planned[0].changes[0][0].sql.as_str(), after), ("ANALYZE", State::default()));
/// # }
/// ```
///
/// # Errors
/// Names the migration and the operation that does not fit, cannot be undone, or cannot be made on this database.
pub fn script(moved: Move, state: &State, database: &str, planner: Planner<'_>) -> Result<(Vec<Planned>, State)> {
    let app = moved.migration.app;
    let context = |operation: &Operation, e: Error| {
        let words = format!("migration `{}`, `{}`: {}", moved.migration.label(), operation.describe(), e.message());
        e.with_message(words)
    };
    let operations = match moved.direction {
        Direction::Forwards => moved.migration.operations.to_vec(),
        Direction::Backwards => reversed(moved.migration, state)?,
    };
    let mut work = state.clone();
    if moved.direction == Direction::Backwards {
        crate::graph::fold(moved.migration, &mut work)?;
    }
    let mut run = Run { schema: work.schema()?, changes: Vec::new() };
    let mut out: Vec<Planned> = Vec::new();
    for operation in operations {
        let mut after = work.clone();
        operation.fold(app, &mut after).map_err(|e| context(&operation, e))?;
        for change in operation.changes(app, &work, &after).map_err(|e| context(&operation, e))? {
            run.changes.push((out.len(), change));
        }
        let mut changes = Vec::new();
        if let Operation::RunSql(sql) = operation {
            run.plan(&mut out, planner).map_err(|(at, e)| context(&out[at].operation, e))?;
            let text = sql.forwards.text(database).ok_or_else(|| {
                context(&operation, Error::migration(format!("there is no SQL for database `{database}`")))
            })?;
            if !text.trim().is_empty() {
                changes.push(vec![DdlStep::plain(text)]);
            }
        }
        out.push(Planned { operation, changes });
        // A migration may begin or cease to look after a table, so that what it sees of the schema changes with the state.
        if matches!(operation, Operation::AlterManaged(_)) {
            run.plan(&mut out, planner).map_err(|(at, e)| context(&out[at].operation, e))?;
            run.schema = after.schema()?;
        }
        work = after;
    }
    run.plan(&mut out, planner).map_err(|(at, e)| context(&out[at].operation, e))?;
    Ok((out, work))
}

/// Changes that no SQL of the user's stands between.
struct Run {
    /// Before the first of them.
    schema: Schema,
    /// Each with the place of its operation.
    changes: Vec<(usize, SchemaChange)>,
}

impl Run {
    /// Gives the operations the statements of their changes; errors come with the place of theirs.
    fn plan(&mut self, out: &mut [Planned], planner: Planner<'_>) -> Result<(), (usize, Error)> {
        let (owners, changes): (Vec<usize>, Vec<SchemaChange>) = std::mem::take(&mut self.changes).into_iter().unzip();
        let groups = planner(&changes, &self.schema)
            .map_err(|(at, error)| (owners[at], with_those_that_point(&changes[at], &self.schema, error)))?;
        let steps = groups.into_iter().flat_map(|group| group.changes);
        for ((owner, change), steps) in owners.into_iter().zip(&changes).zip(steps) {
            out[owner].changes.push(steps);
            self.schema.apply(change).map_err(|words| (owner, Error::migration(words)))?;
        }
        Ok(())
    }
}

/// A column that others point at does not change without them: says so where it cannot change.
fn with_those_that_point(change: &SchemaChange, schema: &Schema, error: Error) -> Error {
    let SchemaChange::AlterColumn { table, from, .. } = change else { return error };
    let points = |t: &Table| {
        let keys = t.foreign_keys.iter().filter(|k| k.target == *table && k.target_column == from.name);
        keys.map(|k| format!("`{}.{}`", t.name, k.column)).collect::<Vec<_>>()
    };
    let pointing: Vec<String> = schema.tables.values().flat_map(points).collect();
    if pointing.is_empty() {
        return error;
    }
    let words = format!("{} ({} point at it, and need new columns too)", error.message(), pointing.join(", "));
    error.with_message(words)
}

/// What takes a migration back, in order; `before` is the state without it.
pub(crate) fn reversed(migration: &'static Migration, before: &State) -> Result<Vec<Operation>> {
    let mut state = before.clone();
    let mut out = Vec::new();
    for operation in migration.operations {
        let undo = operation.reverse(migration.app, &state).map_err(|e| {
            let words = format!("migration `{}` cannot be taken back: {}", migration.label(), e.message());
            e.with_message(words)
        })?;
        out.push(undo);
        operation.fold(migration.app, &mut state)?;
    }
    out.reverse();
    Ok(out)
}
