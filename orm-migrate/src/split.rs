//! Operations of several apps to migrations: one for each app, more only where apps wait for each other in a ring.
//!
//! ```
//! # orm_blog::example! {
//! use orm::migrate::{graph::Graph, prelude::*, split::split};
//! let new = [("blog", Op::create_model(Model::new("Post", "posts")))];
//! let migrations = split(&new, &Graph::new([])?, None)?;
//! assert_eq!(migrations[0].label(), "blog.0001_initial");
//! # }
//! ```

use std::collections::{BTreeMap, BTreeSet};

use orm_core::error::Result;

use crate::app::Migration;
use crate::diff::AppOperation;
use crate::graph::{Graph, Name};
use crate::keep;
use crate::operation::Operation;
use crate::optimize::optimize;
use crate::state::Key;

struct Draft {
    app: &'static str,
    operations: Vec<Operation>,
    after: BTreeSet<usize>,
}

/// Migrations that do the operations, after those of the graph. `name` is that of each, without its number.
///
/// # Errors
/// If an app's history has two ends.
pub fn split(operations: &[AppOperation], graph: &Graph, name: Option<&str>) -> Result<Vec<Migration>> {
    let drafts = drafts(operations);
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    let mut names: Vec<Name> = Vec::new();
    let mut out = Vec::new();
    for draft in &drafts {
        let operations = optimize(draft.app, &draft.operations);
        let number = numbers.entry(draft.app).or_insert_with(|| last_number(graph, draft.app));
        *number += 1;
        let words = match name {
            Some(name) => name.to_owned(),
            None if *number == 1 => "initial".to_owned(),
            None => words(&operations),
        };
        let mut dependencies: BTreeSet<Name> = draft.after.iter().map(|i| names[*i]).collect();
        let models: BTreeSet<Key> = operations.iter().flat_map(|op| op.models(draft.app)).collect();
        let apps: BTreeSet<&str> = models.iter().map(|k| k.0).chain([draft.app]).collect();
        for app in apps {
            // What is written now comes after what was there, so one dependency on the newest says it all.
            if !dependencies.iter().any(|d| d.0 == app)
                && let Some(leaf) = graph.leaf(app)?
            {
                dependencies.insert((leaf.app, leaf.name));
            }
        }
        let name = keep::text(format!("{number:04}_{words}"));
        names.push((draft.app, name));
        out.push(Migration {
            app: draft.app,
            name,
            dependencies: keep::slice(dependencies),
            operations: keep::slice(operations),
        });
    }
    Ok(out)
}

/// An empty migration at the end of an app's history.
///
/// # Errors
/// If that has two ends.
pub fn empty(app: &'static str, graph: &Graph, name: Option<&str>) -> Result<Migration> {
    let number = last_number(graph, app) + 1;
    let name = keep::text(format!("{number:04}_{}", name.unwrap_or("custom")));
    let leaf = graph.leaf(app)?.map(|m| (m.app, m.name));
    Ok(Migration { app, name, dependencies: keep::slice(leaf), operations: &[] })
}

fn drafts(operations: &[AppOperation]) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = Vec::new();
    let mut open: BTreeMap<&str, usize> = BTreeMap::new();
    for (app, operation) in operations {
        let models = operation.models(app);
        let waits_for: BTreeSet<usize> = (0..drafts.len())
            .filter(|i| drafts[*i].app != *app)
            .filter(|i| drafts[*i].operations.iter().any(|op| touches(&op.models(drafts[*i].app), &models)))
            .collect();
        let fits = |i: usize| !waits_for.iter().any(|w| reaches(&drafts, *w, i));
        let at = match open.get(app).copied() {
            Some(i) if fits(i) => i,
            before => {
                drafts.push(Draft { app, operations: Vec::new(), after: before.into_iter().collect() });
                drafts.len() - 1
            }
        };
        open.insert(app, at);
        drafts[at].operations.push(*operation);
        drafts[at].after.extend(waits_for);
    }
    in_order(drafts)
}

/// A draft that was opened early may have come to wait for a later one.
fn in_order(mut drafts: Vec<Draft>) -> Vec<Draft> {
    let mut place: BTreeMap<usize, usize> = BTreeMap::new();
    let mut left: Vec<usize> = (0..drafts.len()).collect();
    while let Some(at) = left.iter().position(|i| drafts[*i].after.iter().all(|d| place.contains_key(d))) {
        let next = left.remove(at);
        place.insert(next, place.len());
    }
    for draft in &mut drafts {
        draft.after = draft.after.iter().filter_map(|i| place.get(i).copied()).collect();
    }
    let mut placed: Vec<(usize, Draft)> =
        drafts.into_iter().enumerate().filter_map(|(i, d)| place.get(&i).map(|p| (*p, d))).collect();
    placed.sort_by_key(|(p, _)| *p);
    placed.into_iter().map(|(_, d)| d).collect()
}

fn touches(a: &[Key], b: &[Key]) -> bool {
    a.iter().any(|k| b.contains(k))
}

fn reaches(drafts: &[Draft], from: usize, to: usize) -> bool {
    from == to || drafts[from].after.iter().any(|next| reaches(drafts, *next, to))
}

fn last_number(graph: &Graph, app: &str) -> usize {
    let number = |name: &str| name.split('_').next().and_then(|n| n.parse().ok());
    graph.of(app).filter_map(|m| number(m.name)).max().unwrap_or(0)
}

/// A name of what the operations do, at most 52 letters and then that there is more.
fn words(operations: &[Operation]) -> String {
    let mut out = String::new();
    for operation in operations {
        let fragment = operation.fragment();
        if out.is_empty() {
            out = fragment;
        } else if out.len() + fragment.len() < 52 {
            out = format!("{out}_{fragment}");
        } else {
            return format!("{out}_and_more");
        }
    }
    out.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}
