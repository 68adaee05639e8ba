//! Models that were renamed, and what is said of models as a whole.

use orm_core::error::Result;

use super::{Diff, alike};
use crate::operation::Operation;
use crate::state::{Key, ModelState};

/// Finds new models that are old ones under another name.
pub(super) fn rename(diff: &mut Diff<'_>) -> Result<()> {
    let new: Vec<Key> = diff.to.models.keys().filter(|k| !diff.work.models.contains_key(*k)).copied().collect();
    for key in new {
        let model = &diff.to.models[&key];
        let mut gone: Vec<(f64, &ModelState)> = diff
            .work
            .models
            .values()
            .filter(|m| m.app == key.0 && !diff.to.models.contains_key(&m.id()))
            .map(|m| (alike::models(m, model), m))
            .collect();
        gone.sort_by(|a, b| b.0.total_cmp(&a.0));
        // The same table with most of its fields is the same model: nothing in the database tells otherwise.
        let same = gone.iter().position(|(score, m)| m.table == model.table && *score >= 0.5);
        let likely = gone.iter().filter(|(score, _)| *score >= 0.5).count();
        let models: Vec<&ModelState> = gone.iter().map(|(_, m)| *m).collect();
        let picked = match same {
            // Nobody needs to be asked, but one may have said so by a flag.
            Some(at) => diff.answers.model_renamed(model, &models, 0)?.or(Some(at)),
            None if models.is_empty() => None,
            None => diff.answers.model_renamed(model, &models, likely)?,
        };
        if let Some(old) = picked.map(|at| models[at].name) {
            diff.push(key.0, Operation::rename_model(old, key.1))?;
        }
    }
    Ok(())
}

/// What comes before the fields: the table's name, and the end of looking after it.
pub(super) fn options_first(diff: &mut Diff<'_>, key: Key) -> Result<()> {
    let (old, new) = (&diff.work.models[&key], &diff.to.models[&key]);
    let (table, leave) = (old.table != new.table, old.managed && !new.managed);
    if leave {
        diff.push(key.0, Operation::alter_managed(key.1, false))?;
    }
    if table {
        diff.push(key.0, Operation::alter_table(key.1, new.table))?;
    }
    Ok(())
}

/// What comes after the fields: the comment, and looking after a table that is taken as it is by then.
pub(super) fn options_last(diff: &mut Diff<'_>, key: Key) -> Result<()> {
    let (old, new) = (&diff.work.models[&key], &diff.to.models[&key]);
    let (comment, managed) = (old.comment != new.comment, old.managed != new.managed);
    if comment {
        diff.push(key.0, Operation::alter_comment(key.1, new.comment))?;
    }
    if managed {
        diff.push(key.0, Operation::alter_managed(key.1, new.managed))?;
    }
    Ok(())
}
