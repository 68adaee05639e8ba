//! New models, targets of foreign keys first. A ring of them is cut: the field comes after both tables.

use orm_core::error::Result;

use super::Diff;
use crate::operation::Operation;
use crate::shape::{Field, ManyToMany};
use crate::state::{Key, ModelState, State};

/// What had to wait for its target.
pub(super) enum Deferred {
    Add(Key, Field),
    Point(Key, Field),
    Many(Key, ManyToMany),
}

/// Creates models, and gives back what could not be created with them.
pub(super) fn models(diff: &mut Diff<'_>, new: &[Key]) -> Result<Vec<Deferred>> {
    let mut left: Vec<Key> = new.to_vec();
    let mut deferred = Vec::new();
    while !left.is_empty() {
        let missing = |k: &Key| missing(&diff.to.models[k], &diff.work);
        // Without a ring, some model misses nothing; in one, the model that misses least is created without.
        let next = left.iter().enumerate().min_by_key(|(_, k)| missing(k)).map_or(0, |(i, _)| i);
        let key = left.remove(next);
        let model = without_missing(&diff.to.models[&key], &diff.work, &mut deferred);
        diff.push(key.0, Operation::create_model(model.shape()))?;
    }
    Ok(deferred)
}

/// Adds what could not be created with its model.
pub(super) fn deferred(diff: &mut Diff<'_>, deferred: Vec<Deferred>) -> Result<()> {
    for part in deferred {
        match part {
            Deferred::Add(key, field) => diff.push(key.0, Operation::add_field(key.1, field))?,
            Deferred::Point(key, field) => diff.push(key.0, Operation::alter_field(key.1, field))?,
            Deferred::Many(key, many) => diff.push(key.0, Operation::add_many_to_many(key.1, many))?,
        }
    }
    Ok(())
}

fn is_missing(model: &ModelState, work: &State, target: Key) -> bool {
    target != model.id() && !work.models.contains_key(&target)
}

/// Fields first: a relation between models can always wait.
fn missing(model: &ModelState, work: &State) -> (usize, usize) {
    let fields = model.fields.iter().filter_map(|f| f.target);
    let many = model.many.iter().filter(|m| is_missing(model, work, (m.app, m.model)));
    (fields.filter(|t| is_missing(model, work, (t.app, t.model))).count(), many.count())
}

fn without_missing(model: &ModelState, work: &State, deferred: &mut Vec<Deferred>) -> ModelState {
    let mut out = ModelState { fields: Vec::new(), many: Vec::new(), ..model.clone() };
    for field in &model.fields {
        let waits = field.target.is_some_and(|t| is_missing(model, work, (t.app, t.model)));
        let indexed = model.indexes.iter().any(|i| i.fields.iter().any(|(f, _)| *f == field.name));
        if !waits {
            out.fields.push(*field);
        } else if indexed || model.key.contains(&field.name) {
            out.fields.push(Field { target: None, ..*field });
            deferred.push(Deferred::Point(model.id(), *field));
        } else {
            deferred.push(Deferred::Add(model.id(), *field));
        }
    }
    for many in &model.many {
        if is_missing(model, work, (many.app, many.model)) {
            deferred.push(Deferred::Many(model.id(), *many));
        } else {
            out.many.push(*many);
        }
    }
    out
}
