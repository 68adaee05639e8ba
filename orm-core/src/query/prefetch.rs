//! Relations loaded after their owners' rows: one statement a level, whatever the number of rows.

use std::any::Any;
use std::collections::HashMap;

use super::constraint;
use super::joined::RelatedRows;
use super::run::{about_column, run_into};
use crate::ast::{Prefetch, Select};
use crate::db::{BoxFuture, Executor, Flow, Sink};
use crate::error::{Error, Result};
use crate::meta::{AnyRow, Hop, Loaded, ModelMeta, RelationKind};
use crate::model::nothing;
use crate::sql::{self, PrefetchSource};
use crate::value::{Cursor, Kind, Row, Value};

/// One step to load, with the steps behind it.
pub(super) struct Step {
    hop: &'static Hop,
    query: Select,
    next: Vec<Step>,
}

/// The steps of several paths, those that start alike shared.
pub(super) fn steps(prefetches: &[Prefetch]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for prefetch in prefetches {
        let chain = prefetch.hop.chain();
        let mut level = &mut steps;
        for (i, hop) in chain.iter().enumerate() {
            let at = match level.iter().position(|s| same_step(s.hop, hop)) {
                Some(at) => at,
                None => {
                    level.push(Step { hop, query: Select::new(hop.to()), next: Vec::new() });
                    level.len() - 1
                }
            };
            if i + 1 == chain.len() {
                let mut query = prefetch.query.clone();
                let nested = std::mem::take(&mut query.prefetch);
                level[at].query = query;
                level[at].next.extend(self::steps(&nested));
            }
            level = &mut level[at].next;
        }
    }
    steps
}

fn same_step(a: &Hop, b: &Hop) -> bool {
    std::ptr::eq(a.relation, b.relation) && a.backwards == b.backwards
}

/// Loads steps for rows of a model.
pub(super) fn load<'a>(
    db: &'a dyn Executor,
    owner: &'static ModelMeta,
    mut rows: Vec<&'a mut (dyn Any + Send + Sync)>,
    steps: Vec<Step>,
) -> BoxFuture<'a, Result<()>> {
    Box::pin(async move {
        if rows.is_empty() {
            return Ok(());
        }
        for step in steps {
            load_step(db, owner, &mut rows, step).await?;
        }
        Ok(())
    })
}

/// Keys of one statement at most, so that it stays under every database's limit of parameters.
const KEYS: usize = 16_384;

async fn load_step(
    db: &dyn Executor,
    owner: &'static ModelMeta,
    rows: &mut [&mut (dyn Any + Send + Sync)],
    step: Step,
) -> Result<()> {
    let Step { hop, query, next } = step;
    if hop.backwards {
        return Err(Error::invalid_query(format!(
            "`{}` has no field to hold what `rev({}.{})` loads; declare a `HasMany`",
            owner.name,
            hop.relation.owner().name,
            hop.relation.name
        )));
    }
    let key = owner_key(owner, hop)?;
    let keys: Vec<Value> = rows.iter().map(|row| (owner.ops.value)(&**row, key)).collect();
    let mut distinct: Vec<Value> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for value in keys.iter().filter(|v| !v.is_null()) {
        if seen.insert(hash_key(std::slice::from_ref(value))) {
            distinct.push(value.clone());
        }
    }
    let mut found: Vec<(Value, AnyRow)> = Vec::new();
    if !query.is_empty() {
        for chunk in distinct.chunks(KEYS) {
            let keys = Value::List(chunk.to_vec());
            let source = PrefetchSource { hop, query: &query, keys: &keys };
            let statement = sql::prefetch(&source, db.dialect(), db.plans())?;
            let (decode, related) = (query.model.ops.decode, RelatedRows::of(&query));
            let sink = Children { decode, related, rows: Vec::new(), failed: None };
            let (sink, result) = run_into(db, statement, sink, query.model).await;
            if let Err(error) = result {
                let error = constraint::explained(error, query.model);
                let error = about_column(error, &query, sink.failed).with_model(query.model.name);
                db.failed_by(&error);
                return Err(error);
            }
            found.extend(sink.rows);
        }
    }
    let children: Vec<&mut (dyn Any + Send + Sync)> = found.iter_mut().map(|(_, row)| &mut **row).collect();
    load(db, query.model, children, next).await?;
    attach(owner, hop, rows, &keys, found);
    Ok(())
}

/// The owner's field whose value the related rows are found by.
fn owner_key(owner: &'static ModelMeta, hop: &'static Hop) -> Result<usize> {
    let key = match hop.relation.kind {
        RelationKind::Forward { field, .. } => Some(field),
        _ => match owner.primary_key {
            [one] => Some(*one),
            _ => None,
        },
    };
    key.ok_or_else(|| Error::invalid_query("a relation needs a primary key of one field").with_model(owner.name))
}

/// Hands each owner what was found for its key.
fn attach(
    owner: &'static ModelMeta,
    hop: &'static Hop,
    rows: &mut [&mut (dyn Any + Send + Sync)],
    keys: &[Value],
    found: Vec<(Value, AnyRow)>,
) {
    let target = hop.to();
    let mut by_key: HashMap<HashKey, Vec<AnyRow>> = HashMap::new();
    for (key, row) in found {
        by_key.entry(hash_key(&[key])).or_default().push(row);
    }
    let many = hop.is_many();
    let shared: HashMap<HashKey, Loaded> = by_key
        .into_iter()
        .filter_map(|(key, mut rows)| {
            let loaded = if many { (target.ops.gather)(rows) } else { (target.ops.share)(rows.pop()?) };
            Some((key, loaded))
        })
        .collect();
    let empty = if many { (target.ops.gather)(Vec::new()) } else { nothing() };
    let may_be_empty = many || matches!(hop.relation.kind, RelationKind::Reverse { .. });
    for (row, key) in rows.iter_mut().zip(keys) {
        let loaded = shared.get(&hash_key(std::slice::from_ref(key)));
        match loaded {
            Some(loaded) => (owner.ops.attach)(&mut **row, hop.relation.index, loaded.clone()),
            None if may_be_empty => (owner.ops.attach)(&mut **row, hop.relation.index, empty.clone()),
            None => {}
        }
    }
}

/// A sink for related rows with the key of the row that each belongs to.
struct Children {
    decode: fn(&mut Row<'_>) -> Result<AnyRow>,
    related: RelatedRows,
    rows: Vec<(Value, AnyRow)>,
    /// The column of the child, counted from the left, that could not be read.
    failed: Option<usize>,
}

impl Children {
    fn child(&self, row: &mut Row<'_>) -> Result<AnyRow> {
        let mut child = (self.decode)(row)?;
        if !self.related.is_empty() {
            self.related.attach(row, Some(&mut *child))?;
        }
        Ok(child)
    }
}

impl Sink for Children {
    fn row(&mut self, cursor: &mut dyn Cursor, columns: &[Kind]) -> Result<Flow> {
        let mut row = Row::new(cursor, columns);
        let key = row.value()?;
        let child = self.child(&mut row);
        if child.is_err() {
            // The key stands before the child, and the position behind what was read.
            self.failed = row.position().checked_sub(2);
        }
        self.rows.push((key, child?));
        Ok(Flow::More)
    }
}

/// A key by which values are found again.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct HashKey(Vec<KeyPart>);

#[derive(Debug, PartialEq, Eq, Hash)]
enum KeyPart {
    Int(i64),
    Text(crate::value::CompactText),
    Bytes(Vec<u8>),
    Other(String),
}

/// The key of values.
pub(super) fn hash_key(values: &[Value]) -> HashKey {
    HashKey(
        values
            .iter()
            .map(|value| match value {
                Value::Int(v) => KeyPart::Int(*v),
                Value::Text(v) => KeyPart::Text(v.clone()),
                Value::Bytes(v) => KeyPart::Bytes(v.clone()),
                Value::Uuid(v) => KeyPart::Bytes(v.to_vec()),
                Value::Decimal(v) => KeyPart::Text(v.normalized().to_string().into()),
                other => KeyPart::Other(format!("{other:?}")),
            })
            .collect(),
    )
}
