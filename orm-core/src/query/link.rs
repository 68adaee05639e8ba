//! The ties of many-to-many relations: rows of the table between.

use super::bulk::rounded;
use super::prefetch;
use super::run::{Ignore, into_sink};
use crate::db::{Executor, Tx};
use crate::error::{Error, Result};
use crate::meta::{ModelMeta, RelationKind, RelationMeta};
use crate::sql::{self, Between};
use crate::value::Value;

/// What happens to the rows that a many-to-many relation ties to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkChange {
    /// They are tied as well.
    Add,
    /// They are tied no longer.
    Remove,
    /// They and no others are tied.
    Set,
    /// None is tied.
    Clear,
}

/// Changes which rows a many-to-many relation ties to a row; how many ties were made or undone.
pub async fn link(
    db: &dyn Executor,
    relation: &'static RelationMeta,
    owner: Value,
    change: LinkChange,
    others: Vec<Value>,
) -> Result<u64> {
    let between = between(relation)?;
    let model = relation.owner();
    if others.is_empty() && matches!(change, LinkChange::Add | LinkChange::Remove) {
        return Ok(0);
    }
    match change {
        LinkChange::Add => add_links(db, model, between, with(&owner, others)).await,
        LinkChange::Remove => remove_links(db, model, between, &owner, Some((others, true))).await,
        LinkChange::Clear => remove_links(db, model, between, &owner, None).await,
        LinkChange::Set if others.is_empty() => remove_links(db, model, between, &owner, None).await,
        LinkChange::Set => {
            let tx: Tx = db.begin("set").await?;
            let removed = remove_links(&tx, model, between, &owner, Some((others.clone(), false))).await?;
            let added = add_links(&tx, model, between, with(&owner, others)).await?;
            tx.commit().await?;
            Ok(removed + added)
        }
    }
}

fn with(owner: &Value, others: Vec<Value>) -> Vec<(Value, Value)> {
    others.into_iter().map(|other| (owner.clone(), other)).collect()
}

/// Ties rows to others, as many as one statement takes at once; how many ties were made.
/// How many rows one statement ties at most.
const LINKS: usize = 1024;

pub(super) async fn add_links(
    db: &dyn Executor,
    model: &'static ModelMeta,
    between: Between,
    mut pairs: Vec<(Value, Value)>,
) -> Result<u64> {
    let mut seen = std::collections::HashSet::new();
    pairs.retain(|(from, to)| seen.insert(prefetch::hash_key(&[from.clone(), to.clone()])));
    let mut added = 0;
    let mut rest = pairs.as_slice();
    while !rest.is_empty() {
        let (chunk, next) = rest.split_at(rounded(rest.len().min(LINKS)));
        rest = next;
        let statement = sql::link(between, chunk, db.dialect())?;
        added += into_sink(db, statement, Ignore, model).await?.1.affected;
    }
    Ok(added)
}

async fn remove_links(
    db: &dyn Executor,
    model: &'static ModelMeta,
    between: Between,
    owner: &Value,
    others: Option<(Vec<Value>, bool)>,
) -> Result<u64> {
    let others = others.map(|(list, among)| (Value::List(list), among));
    let statement = sql::unlink(between, owner, others.as_ref().map(|(list, among)| (list, *among)), db.dialect())?;
    Ok(into_sink(db, statement, Ignore, model).await?.1.affected)
}

pub(super) fn between(relation: &'static RelationMeta) -> Result<Between> {
    let missing = || {
        Error::invalid_query(format!("`{}` is not a many-to-many relation of models with a single key", relation.name))
    };
    let kind = |model: &'static ModelMeta| model.single_key().map(|k| k.kind).ok_or_else(missing);
    match relation.kind {
        RelationKind::Many { table, from, to, .. } => {
            Ok(Between { table, from, from_kind: kind(relation.owner())?, to, to_kind: kind(relation.target())? })
        }
        RelationKind::ManyReverse { of } => {
            let owning = between(of())?;
            Ok(Between {
                table: owning.table,
                from: owning.to,
                from_kind: owning.to_kind,
                to: owning.from,
                to_kind: owning.from_kind,
            })
        }
        RelationKind::Forward { .. } | RelationKind::Reverse { .. } => Err(missing()),
    }
}
