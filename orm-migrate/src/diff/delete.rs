//! Models that went, those that point at others first. A ring of them is cut by letting go of a foreign key.

use std::collections::BTreeSet;

use orm_core::error::Result;

use super::Diff;
use crate::operation::Operation;
use crate::shape::Field;
use crate::state::{Key, State};

/// Deletes models.
pub(super) fn models(diff: &mut Diff<'_>, gone: &BTreeSet<Key>) -> Result<()> {
    let mut left = gone.clone();
    while let Some(first) = left.first().copied() {
        let free = left.iter().find(|k| !is_pointed_at(&diff.work, **k)).copied();
        if free.is_none() {
            let_go(diff, &left, first)?;
        }
        // If one that stays points at it, the operation itself says so.
        let next = free.unwrap_or(first);
        diff.push(next.0, Operation::delete_model(next.1))?;
        left.remove(&next);
    }
    Ok(())
}

fn is_pointed_at(state: &State, key: Key) -> bool {
    state.models.values().any(|m| m.id() != key && m.targets().any(|t| t == key))
}

fn let_go(diff: &mut Diff<'_>, gone: &BTreeSet<Key>, of: Key) -> Result<()> {
    for key in gone.iter().filter(|k| **k != of) {
        let model = diff.work.models[key].clone();
        for field in model.fields.iter().filter(|f| f.target.is_some_and(|t| (t.app, t.model) == of)) {
            diff.push(key.0, Operation::alter_field(key.1, Field { target: None, ..*field }))?;
        }
        for many in model.many.iter().filter(|m| (m.app, m.model) == of) {
            diff.push(key.0, Operation::remove_many_to_many(key.1, many.name))?;
        }
    }
    Ok(())
}
