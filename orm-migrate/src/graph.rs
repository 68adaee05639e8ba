//! Migrations and what they depend on: their order, and the ends of each app's history.
//!
//! ```
//! # orm_blog::example! {
//! use orm::migrate::{graph::Graph, prelude::*};
//! const FIRST: Migration = Migration::new("blog", "0001_initial").ops(&[Op::create_model(Model::new("Post", "posts"))]);
//! const SECOND: Migration = Migration::new("blog", "0002_article")
//!     .depends_on(&[("blog", "0001_initial")])
//!     .ops(&[Op::rename_model("Post", "Article")]);
//! let graph = Graph::new([&SECOND, &FIRST])?;
//! assert_eq!(graph.order()[0].name, "0001_initial");
//! assert_eq!(graph.leaf("blog")?.map(|last| last.name), Some("0002_article"));
//! assert!(graph.state()?.find("blog", "Article").is_some());
//! # }
//! ```

use std::collections::{BTreeMap, BTreeSet};

use orm_core::error::{Error, Result};

use crate::app::{App, Migration};
use crate::state::State;

/// The name of a migration: its app and itself.
pub type Name = (&'static str, &'static str);

/// Migrations in an order in which they can be applied.
#[derive(Debug, Clone)]
pub struct Graph {
    order: Vec<&'static Migration>,
}

impl Graph {
    /// The migrations of apps.
    ///
    /// # Errors
    /// If two have one name, one depends on what is not there, or they depend on each other in a ring.
    pub fn of_apps(apps: &[App]) -> Result<Graph> {
        for app in apps {
            if let Some(stray) = app.migrations.iter().find(|m| m.app != app.name) {
                return Err(Error::migration(format!(
                    "migration `{}` stands among those of app `{}`",
                    stray.label(),
                    app.name
                )));
            }
        }
        Graph::new(apps.iter().flat_map(|a| a.migrations.iter().copied()))
    }

    /// Migrations, in any order.
    ///
    /// # Errors
    /// As [`Graph::of_apps`].
    pub fn new(migrations: impl IntoIterator<Item = &'static Migration>) -> Result<Graph> {
        let mut waiting: BTreeMap<Name, &'static Migration> = BTreeMap::new();
        for migration in migrations {
            if waiting.insert((migration.app, migration.name), migration).is_some() {
                return Err(Error::migration(format!("there are two migrations `{}`", migration.label())));
            }
        }
        for migration in waiting.values() {
            if let Some((app, name)) = migration.dependencies.iter().find(|d| !waiting.contains_key(*d)) {
                return Err(Error::migration(format!(
                    "migration `{}` depends on `{app}.{name}`, which is not there; is that app in `manage!`?",
                    migration.label()
                )));
            }
        }
        let mut done: BTreeSet<Name> = BTreeSet::new();
        let mut order = Vec::new();
        while !waiting.is_empty() {
            let ready = waiting.values().find(|m| m.dependencies.iter().all(|d| done.contains(d)));
            let Some(migration) = ready.copied() else {
                let ring: Vec<String> = waiting.values().map(|m| m.label()).collect();
                return Err(Error::migration(format!("these migrations depend on each other: {}", ring.join(", "))));
            };
            waiting.remove(&(migration.app, migration.name));
            done.insert((migration.app, migration.name));
            order.push(migration);
        }
        Ok(Graph { order })
    }

    /// All of them, each after what it depends on.
    pub fn order(&self) -> &[&'static Migration] {
        &self.order
    }

    /// Those of an app, in order.
    pub fn of(&self, app: &str) -> impl Iterator<Item = &'static Migration> {
        self.order.iter().copied().filter(move |m| m.app == app)
    }

    /// The migration that ends an app's history; `None` if it has none.
    ///
    /// # Errors
    /// If two do: both were written after the same one.
    pub fn leaf(&self, app: &str) -> Result<Option<&'static Migration>> {
        let followed: BTreeSet<Name> =
            self.of(app).flat_map(|m| m.dependencies.iter().copied()).filter(|d| d.0 == app).collect();
        let mut leaves: Vec<_> = self.of(app).filter(|m| !followed.contains(&(m.app, m.name))).collect();
        leaves.sort_by_key(|m| m.name);
        match leaves[..] {
            [] => Ok(None),
            [one] => Ok(Some(one)),
            [a, b, ..] => Err(Error::migration(format!(
                "`{}` and `{}` both end the history of app `{app}`; make the one depend on the other in its `depends_on`",
                a.label(),
                b.label()
            ))),
        }
    }

    /// A migration by its app and the beginning of its name.
    ///
    /// # Errors
    /// If none or several begin like that.
    pub fn find(&self, app: &str, beginning: &str) -> Result<&'static Migration> {
        if let Some(exact) = self.of(app).find(|m| m.name == beginning) {
            return Ok(exact);
        }
        let found: Vec<_> = self.of(app).filter(|m| m.name.starts_with(beginning)).collect();
        match found[..] {
            [one] => Ok(one),
            [] => Err(Error::migration(format!("app `{app}` has no migration `{beginning}`"))),
            [a, b, ..] => Err(Error::migration(format!(
                "`{beginning}` may be `{}` or `{}`; say more of its name",
                a.name, b.name
            ))),
        }
    }

    /// The models after all migrations.
    ///
    /// # Errors
    /// If an operation does not fit what came before it.
    pub fn state(&self) -> Result<State> {
        self.state_of(|_| true)
    }

    /// The models after some of the migrations.
    ///
    /// # Errors
    /// If an operation does not fit what came before it.
    pub fn state_of(&self, wanted: impl Fn(&'static Migration) -> bool) -> Result<State> {
        let mut state = State::default();
        for migration in self.order.iter().filter(|m| wanted(m)) {
            fold(migration, &mut state)?;
        }
        Ok(state)
    }
}

/// Does to the state what a migration does to the models.
///
/// # Errors
/// Names the migration and its operation that does not fit.
pub fn fold(migration: &Migration, state: &mut State) -> Result<()> {
    for operation in migration.operations {
        operation.fold(migration.app, state).map_err(|e| {
            let words = format!("migration `{}`, `{}`: {}", migration.label(), operation.describe(), e.message());
            e.with_message(words)
        })?;
    }
    Ok(())
}
