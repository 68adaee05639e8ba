//! The fields, indexes and relations of a model that stays.

use orm_core::error::Result;

use super::{Diff, alike};
use crate::keep;
use crate::operation::{AddField, AlterField, Operation};
use crate::shape::{Field, Index, ManyToMany};
use crate::state::{Key, ModelState};

/// Finds new fields and relations that are old ones under another name.
pub(super) fn rename(diff: &mut Diff<'_>, key: Key) -> Result<()> {
    let to = &diff.to.models[&key];
    for field in &to.fields {
        let old = &diff.work.models[&key];
        if old.has(field.name) {
            continue;
        }
        let mut gone: Vec<(f64, &Field)> =
            old.fields.iter().filter(|f| !to.has(f.name)).map(|f| (alike::fields(f, field), f)).collect();
        gone.sort_by(|a, b| b.0.total_cmp(&a.0));
        let likely = gone.iter().filter(|(score, _)| *score >= 1.0).count();
        let names: Vec<&str> = gone.iter().map(|(_, f)| f.name).collect();
        let picked = match gone.first() {
            None => None,
            // The same column under another name in Rust: the database does not change at all.
            Some((_, first)) if first.column == field.column => {
                diff.answers.field_renamed(old, field.name, &names, 0)?.or(Some(0))
            }
            Some(_) => diff.answers.field_renamed(old, field.name, &names, likely)?,
        };
        if let Some(at) = picked {
            let (name, keep_column) = (gone[at].1.name, gone[at].1.column == field.column);
            let make = if keep_column { Operation::rename_field_keep_column } else { Operation::rename_field };
            diff.push(key.0, make(key.1, name, field.name))?;
        }
    }
    for many in &to.many {
        rename_many(diff, key, many)?;
    }
    Ok(())
}

fn rename_many(diff: &mut Diff<'_>, key: Key, many: &ManyToMany) -> Result<()> {
    let (old, to) = (&diff.work.models[&key], &diff.to.models[&key]);
    if old.has(many.name) {
        return Ok(());
    }
    let same_target = |m: &&ManyToMany| !to.has(m.name) && (m.app, m.model) == (many.app, many.model);
    let gone: Vec<&ManyToMany> = old.many.iter().filter(same_target).collect();
    let names: Vec<&str> = gone.iter().map(|m| m.name).collect();
    let picked = match gone.iter().position(|m| m.table == many.table) {
        Some(at) => Some(at),
        None if gone.is_empty() => None,
        None => diff.answers.field_renamed(old, many.name, &names, names.len())?,
    };
    match picked.map(|at| gone[at].name) {
        Some(name) => diff.push(key.0, Operation::alter_many_to_many(key.1, name, *many)),
        None => Ok(()),
    }
}

/// Removes what is gone, but for fields of the old primary key.
pub(super) fn remove(diff: &mut Diff<'_>, key: Key) -> Result<()> {
    let (old, to) = (diff.work.models[&key].clone(), &diff.to.models[&key]);
    for index in old.indexes.iter().filter(|i| !to.indexes.contains(i)) {
        diff.push(key.0, Operation::remove_index(key.1, *index))?;
    }
    for many in &old.many {
        let stays = to.many.iter().any(|m| m.name == many.name && (m.app, m.model) == (many.app, many.model));
        if !stays {
            diff.push(key.0, Operation::remove_many_to_many(key.1, many.name))?;
        }
    }
    let is_gone = |f: &&Field| !to.fields.iter().any(|g| g.name == f.name);
    for field in old.fields.iter().filter(is_gone).filter(|f| !old.key.contains(&f.name)) {
        diff.push(key.0, Operation::remove_field(key.1, field.name))?;
    }
    Ok(())
}

/// Adds what is new and changes what is different.
pub(super) fn add(diff: &mut Diff<'_>, key: Key) -> Result<()> {
    let to = &diff.to.models[&key];
    for field in &to.fields {
        let old = diff.work.models[&key].clone();
        let before = old.fields.iter().find(|f| f.name == field.name);
        // A column may count up only once it is the primary key.
        let counts = field.increment && old.key == [field.name];
        let field = &Field { increment: counts, ..*field };
        if before == Some(field) {
            continue;
        }
        let model = key.1;
        let fill = fill(diff, &old, before, field)?;
        diff.push(
            key.0,
            match before {
                None => Operation::AddField(AddField { model, field: *field, fill }),
                Some(_) => Operation::AlterField(AlterField { model, field: *field, fill }),
            },
        )?;
    }
    for many in &to.many {
        let old = diff.work.models[&key].many.iter().find(|m| m.name == many.name).copied();
        match old {
            None => diff.push(key.0, Operation::add_many_to_many(key.1, *many))?,
            Some(old) if old != *many => diff.push(key.0, Operation::alter_many_to_many(key.1, many.name, *many))?,
            Some(_) => {}
        }
    }
    Ok(())
}

fn fill(
    diff: &mut Diff<'_>,
    model: &ModelState,
    before: Option<&Field>,
    field: &Field,
) -> Result<Option<orm_core::meta::DbDefault>> {
    let needed = !field.null && field.default.is_none() && !field.increment && before.is_none_or(|f| f.null);
    if !needed || !model.managed {
        return Ok(None);
    }
    diff.answers.fill(model, field, before.is_none())
}

/// Changes the primary key, removes what was left of the old one, and adds indexes.
pub(super) fn finish(diff: &mut Diff<'_>, key: Key) -> Result<()> {
    let to = &diff.to.models[&key];
    let old = diff.work.models[&key].clone();
    if old.key != to.key {
        for field in old.fields.iter().filter(|f| f.increment) {
            diff.push(key.0, Operation::alter_field(key.1, Field { increment: false, ..*field }))?;
        }
        diff.push(key.0, Operation::alter_key(key.1, keep::slice(to.key.iter().copied())))?;
    }
    for field in to.fields.iter().filter(|f| f.increment) {
        if !diff.work.models[&key].fields.contains(field) {
            diff.push(key.0, Operation::alter_field(key.1, *field))?;
        }
    }
    let old = diff.work.models[&key].clone();
    for field in old.fields.iter().filter(|f| !to.fields.iter().any(|g| g.name == f.name)) {
        diff.push(key.0, Operation::remove_field(key.1, field.name))?;
    }
    let new: Vec<Index> = to.indexes.iter().filter(|i| !old.indexes.contains(i)).copied().collect();
    for index in new {
        diff.push(key.0, Operation::add_index(key.1, index))?;
    }
    Ok(())
}
