//! Two states to the operations between them: a pure function, but for the questions that only people can answer.
//!
//! ```
//! # orm_blog::example! {
//! use orm::migrate::{App, State, diff::diff, questions::Nobody};
//! let apps = [App::new("blog", "orm_blog", env!("CARGO_MANIFEST_DIR"), &[])];
//! let today = State::of_models(orm::models![Author, Book, Tag], &apps)?;
//! let operations = diff(&State::default(), &today, &mut Nobody)?;
//! assert_eq!(operations[0].1.describe(), "+ create model `Author`");
//! assert!(diff(&today, &today, &mut Nobody)?.is_empty());
//! # }
//! ```

mod alike;
mod create;
mod delete;
pub(crate) mod equivalent;
mod fields;
mod models;
pub mod table;

use std::collections::BTreeSet;

use orm_core::error::{Error, Result};

use crate::operation::Operation;
use crate::questions::Questions;
use crate::state::{Key, State};

/// An operation of an app.
pub type AppOperation = (&'static str, Operation);

/// The operations that make one state of another, in an order that works, each with its app.
///
/// # Errors
/// If a question stays without an answer, or what changed cannot be said by operations.
pub fn diff(from: &State, to: &State, answers: &mut dyn Questions) -> Result<Vec<AppOperation>> {
    let mut diff = Diff { work: from.clone(), to, answers, out: Vec::new() };
    models::rename(&mut diff)?;
    let kept: Vec<Key> = diff.work.models.keys().filter(|k| to.models.contains_key(*k)).copied().collect();
    let gone: BTreeSet<Key> = diff.work.models.keys().filter(|k| !to.models.contains_key(*k)).copied().collect();
    let new: Vec<Key> = to.models.keys().filter(|k| !diff.work.models.contains_key(*k)).copied().collect();
    for key in &kept {
        fields::rename(&mut diff, *key)?;
        models::options_first(&mut diff, *key)?;
        fields::remove(&mut diff, *key)?;
    }
    // A table is free for a new model only once the old one is gone.
    let taken = |k: &Key| new.iter().any(|n| to.models[n].table == from_table(from, k));
    let (early, late): (BTreeSet<Key>, BTreeSet<Key>) = gone.iter().partition(|k| taken(k));
    refuse_to_lose_links(&diff, &new, from)?;
    delete::models(&mut diff, &early)?;
    let deferred = create::models(&mut diff, &new)?;
    for key in &kept {
        fields::add(&mut diff, *key)?;
    }
    create::deferred(&mut diff, deferred)?;
    for key in &kept {
        fields::finish(&mut diff, *key)?;
        models::options_last(&mut diff, *key)?;
    }
    delete::models(&mut diff, &late)?;
    if diff.work != *to {
        return Err(Error::migration(
            "the models changed in a way that no operation says; please write the migration by hand (`makemigrations --empty`)",
        ));
    }
    Ok(diff.out)
}

fn from_table(from: &State, key: &Key) -> &'static str {
    from.models.get(key).map_or("", |m| m.table)
}

/// A many-to-many relation that gets a model of its own over the same table must not take the links along.
fn refuse_to_lose_links(diff: &Diff<'_>, new: &[Key], from: &State) -> Result<()> {
    for key in new {
        let model = &diff.to.models[key];
        let between = from.models.values().flat_map(|m| m.many.iter().map(move |many| (m, many)));
        if let Some((owner, many)) = between.into_iter().find(|(_, many)| model.managed && many.table == model.table) {
            return Err(Error::migration(format!(
                "model `{}` takes table `{}`, which holds the links of `{}.{}`; give it another table, and move the links by `run_sql`",
                model.label(),
                model.table,
                owner.label(),
                many.name
            )));
        }
    }
    Ok(())
}

struct Diff<'a> {
    /// What models are after the operations so far.
    work: State,
    to: &'a State,
    answers: &'a mut dyn Questions,
    out: Vec<AppOperation>,
}

impl Diff<'_> {
    fn push(&mut self, app: &'static str, operation: Operation) -> Result<()> {
        operation.fold(app, &mut self.work)?;
        self.out.push((app, operation));
        Ok(())
    }
}
