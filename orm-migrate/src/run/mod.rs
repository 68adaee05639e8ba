//! Migrations run against a database: one connection, the lock, and a transaction for each where the database can.

mod apply;
mod connection;
pub(crate) mod lock;
mod segment;

pub(crate) use apply::{end, statement};
pub use connection::Session;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use orm_core::db::Backend;
use orm_core::error::{Error, Result};
use orm_core::meta::{ModelMeta, registered};

use crate::app::App;
use crate::graph::Graph;
use crate::lint;
use crate::plan::{Direction, Move, Target, moves, script};
use crate::recorder::{self, Records, Status};

/// How to migrate.
///
/// ```
/// # orm_blog::example! {
/// use orm::migrate::Options;
/// let adopt = Options { fake: true, ..Options::default() };
/// assert_eq!(adopt.patience.as_secs(), 60);
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// How long to wait for another program that is migrating.
    pub patience: Duration,
    /// Whether to record the migrations without running them, for tables that are there already.
    pub fake: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { patience: Duration::from_secs(60), fake: false }
    }
}

/// What happens during a run, for those who watch.
///
/// ```
/// # orm_blog::example! { db =>
/// use orm::migrate::run::{Event, migrate_watched};
/// use orm::migrate::{App, Options, Target, prelude::*};
/// const APP: App = App::new("empty", "empty", env!("CARGO_MANIFEST_DIR"), &[]);
/// let mut events = Vec::new();
/// let backend = orm::backend::open("sqlite::memory:")?;
/// migrate_watched(backend, &[APP], &Target::Latest, Options::default(), &mut |event| events.push(event)).await?;
/// assert_eq!(events, [Event::Planned(0)]);
/// # let _ = &db;
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Another program is migrating; it is waited for, at most so long.
    Waiting(Duration),
    /// So many migrations will run.
    Planned(usize),
    /// A migration begins.
    Begin(Move),
    /// A migration is done.
    Done(Move),
    /// Something that one should know of.
    Warning(String),
}

/// Runs the migrations of apps up or down to a target.
///
/// ```
/// # orm_blog::example! { db =>
/// use orm::migrate::{App, Options, Target, migrate, prelude::*};
/// const INITIAL: Migration = Migration::new("notes", "0001_initial").ops(&[Op::create_model(
///     Model::new("Note", "notes").fields(&[Field::int64("id").increment(), Field::text("text")]).key(&["id"]),
/// )]);
/// const APP: App = App::new("notes", "notes", env!("CARGO_MANIFEST_DIR"), &[&INITIAL]);
/// let done = migrate(db.backend().clone(), &[APP], &Target::Latest, Options::default()).await?;
/// assert_eq!(done[0].migration.label(), "notes.0001_initial");
/// # }
/// ```
///
/// # Errors
/// [`ErrorKind::Migration`](orm_core::ErrorKind::Migration) if the plan cannot be made,
/// [`ErrorKind::InvalidModel`](orm_core::ErrorKind::InvalidModel) if the apps' models contradict each other; else what
/// the database says, with the migration, the operation and the statement.
pub async fn migrate(backend: Arc<dyn Backend>, apps: &[App], target: &Target, options: Options) -> Result<Vec<Move>> {
    migrate_watched(backend, apps, target, options, &mut |_| ()).await
}

/// Runs migrations and tells what happens.
///
/// ```
/// # orm_blog::example! { db =>
/// use orm::migrate::run::{Event, migrate_watched};
/// use orm::migrate::{App, Options, Target, prelude::*};
/// const INITIAL: Migration = Migration::new("notes", "0001_initial");
/// const APP: App = App::new("notes", "notes", env!("CARGO_MANIFEST_DIR"), &[&INITIAL]);
/// let mut watch = |event: Event| match event {
///     Event::Done(done) => println!("{} is done", done.migration.label()),
///     Event::Warning(text) => eprintln!("{text}"),
///     Event::Waiting(_) => eprintln!("another program is migrating"),
///     Event::Planned(_) | Event::Begin(_) => {}
/// };
/// migrate_watched(db.backend().clone(), &[APP], &Target::Latest, Options::default(), &mut watch).await?;
/// # }
/// ```
///
/// # Errors
/// As [`migrate`].
pub async fn migrate_watched(
    backend: Arc<dyn Backend>,
    apps: &[App],
    target: &Target,
    options: Options,
    watch: &mut (dyn FnMut(Event) + Send),
) -> Result<Vec<Move>> {
    let of_apps = |m: &&&'static ModelMeta| apps.iter().any(|a| a.holds(m.module));
    lint::refuse_errors(&registered().iter().filter(of_apps).copied().collect::<Vec<_>>())?;
    let graph = Graph::of_apps(apps)?;
    let mut session = Session::open(backend).await?;
    lock::take(&mut session, options.patience, &mut || watch(Event::Waiting(options.patience))).await?;
    let result = locked(&mut session, &graph, target, options, watch).await;
    let given_back = lock::give_back(&mut session).await;
    let done = result?;
    given_back.map(|()| done)
}

async fn locked(
    session: &mut Session,
    graph: &Graph,
    target: &Target,
    options: Options,
    watch: &mut (dyn FnMut(Event) + Send),
) -> Result<Vec<Move>> {
    recorder::prepare(session).await?;
    let records = recorder::read(session).await?;
    for warning in warnings(graph, &records) {
        watch(Event::Warning(warning));
    }
    let plan = moves(graph, &standing(&records, target), target)?;
    refuse_to_turn(&records, &plan)?;
    if !options.fake {
        refuse_below_unknown(graph, &records, &plan)?;
    }
    watch(Event::Planned(plan.len()));
    for moved in &plan {
        watch(Event::Begin(*moved));
        one(session, graph, *moved, options).await?;
        watch(Event::Done(*moved));
    }
    Ok(plan)
}

async fn one(session: &mut Session, graph: &Graph, moved: Move, options: Options) -> Result<()> {
    let records = recorder::read(session).await?;
    if options.fake {
        return apply::record(session, moved).await;
    }
    // Where only the transaction locks, another program may have done this step, and those after it, since the plan was made.
    if apply::is_done(session, moved, &records) {
        return Ok(());
    }
    let this = (moved.migration.app.to_owned(), moved.migration.name.to_owned());
    let others = applied(&records);
    let state = graph.state_of(|m| m != moved.migration && others.contains(&(m.app.to_owned(), m.name.to_owned())))?;
    let backend = session.backend().clone();
    let planner = |changes: &[_], before: &_| backend.plan_all(changes, before);
    let (planned, _) = script(moved, &state, session.dialect().name(), &planner)?;
    let done = records.get(&this).filter(|r| r.status != Status::Applied).map_or(0, |r| r.statements);
    apply::run(session, moved, &planned, done).await
}

/// The migrations that are applied.
///
/// ```
/// # orm_blog::example! { db =>
/// let records = orm::migrate::run::records(db.backend().clone()).await?;
/// assert!(orm::migrate::run::applied(&records).is_empty());
/// # }
/// ```
pub fn applied(records: &Records) -> BTreeSet<(String, String)> {
    records.iter().filter(|(_, r)| r.status == Status::Applied).map(|(name, _)| name.clone()).collect()
}

/// What counts as applied for a plan: going back, one that was interrupted on its way back still has to go.
fn standing(records: &Records, target: &Target) -> BTreeSet<(String, String)> {
    let back = match target {
        Target::Zero(_) | Target::Migration(..) => true,
        Target::Latest | Target::App(_) => false,
    };
    let counts = |r: &recorder::Record| r.status == Status::Applied || (back && r.status == Status::Reverting);
    records.iter().filter(|(_, r)| counts(r)).map(|(name, _)| name.clone()).collect()
}

/// One that was interrupted must go on in its direction, since half of it is done; and what it stands on must stay.
fn refuse_to_turn(records: &Records, plan: &[Move]) -> Result<()> {
    let backwards = plan.iter().any(|m| m.direction == Direction::Backwards);
    for ((app, name), record) in records {
        let planned = plan.iter().any(|m| m.migration.app == app && m.migration.name == name);
        let (blocked, how) = match record.status {
            Status::Applied => (false, ""),
            Status::Applying => (backwards, "applied; finish that first by `migrate`, changed if need be"),
            Status::Reverting => (planned && !backwards, "taken back; finish that first"),
        };
        if blocked {
            return Err(Error::migration(format!(
                "migration `{app}.{name}` was interrupted after {} statements while it was {how}",
                record.statements
            )));
        }
    }
    Ok(())
}

/// What a later migration stands on is not taken away by a program that does not know it: tables would go with their data.
pub(crate) fn refuse_below_unknown(graph: &Graph, records: &Records, plan: &[Move]) -> Result<()> {
    let back = plan.iter().filter(|m| m.direction == Direction::Backwards);
    for moved in back.map(|m| m.migration) {
        let later = |(app, name): &&(String, String)| app == moved.app && name.as_str() > moved.name;
        let unknown = |(app, name): &&(String, String)| !graph.of(app).any(|m| m.name == name);
        if let Some((app, name)) = records.keys().filter(later).find(unknown) {
            return Err(Error::migration(format!(
                "`{}` cannot be taken back: `{app}.{name}` came later, and is unknown to this program; take that back \
                 first, by the program that has it",
                moved.label()
            )));
        }
    }
    Ok(())
}

fn warnings(graph: &Graph, records: &Records) -> Vec<String> {
    let mut out = Vec::new();
    for migration in graph.order() {
        let name = (migration.app.to_owned(), migration.name.to_owned());
        if records.get(&name).is_some_and(|r| r.status == Status::Applied && r.hash != migration.hash()) {
            out.push(format!("migration `{}` was changed after it was applied here", migration.label()));
        }
    }
    for (app, name) in records.keys() {
        let known_app = graph.of(app).next().is_some();
        if known_app && !graph.of(app).any(|m| m.name == name) {
            out.push(format!("migration `{app}.{name}` is applied here, but unknown to this program"));
        }
    }
    out
}

/// Reads the records of a database without changing it.
///
/// ```
/// # orm_blog::example! { db =>
/// let records = orm::migrate::run::records(db.backend().clone()).await?;
/// assert!(records.is_empty());
/// # }
/// ```
///
/// # Errors
/// What the database says.
pub async fn records(backend: Arc<dyn Backend>) -> Result<Records> {
    recorder::read(&mut Session::open(backend).await?).await
}
