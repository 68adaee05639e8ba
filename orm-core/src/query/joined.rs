//! Rows that come with the root's in one statement (`select_related`): decoded through metadata, attached from the leaves up.

use std::any::Any;

use crate::ast::Select;
use crate::error::Result;
use crate::meta::{AnyRow, Hop, ModelMeta, RelationKind};
use crate::model::nothing;
use crate::sql::Selected;
use crate::value::Row;

/// The models whose columns stand behind a query's outputs.
#[derive(Debug, Clone)]
pub(super) struct RelatedRows {
    root: &'static ModelMeta,
    steps: Vec<Step>,
}

#[derive(Debug, Clone)]
struct Step {
    hop: &'static Hop,
    parent: Option<usize>,
}

impl RelatedRows {
    pub(super) fn of(select: &Select) -> RelatedRows {
        let hops = Selected::related(select);
        let place = |hop: &'static Hop| hop.parent.and_then(|p| hops.iter().position(|h| h.same(p)));
        let steps = hops.iter().map(|hop| Step { hop, parent: place(hop) }).collect();
        RelatedRows { root: select.model, steps }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Decodes the related rows, which stand next in the row, and attaches them.
    pub(super) fn attach(&self, row: &mut Row<'_>, root: Option<&mut (dyn Any + Send + Sync)>) -> Result<()> {
        let Some(root) = root else { return Ok(()) };
        let mut rows: Vec<Option<AnyRow>> = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            rows.push(decode_maybe(step.hop.to(), row)?);
        }
        for (i, step) in self.steps.iter().enumerate().rev() {
            let model = step.hop.to();
            let loaded = match rows[i].take() {
                Some(row) => (model.ops.share)(row),
                // Only the far side of a one-to-one can hold "looked for, and there is none".
                None if matches!(step.hop.relation.kind, RelationKind::Reverse { .. }) => nothing(),
                None => continue,
            };
            let index = step.hop.relation.index;
            match step.parent {
                None => (self.root.ops.attach)(&mut *root, index, loaded),
                Some(parent) => {
                    if let Some(row) = &mut rows[parent] {
                        (self.steps[parent].hop.to().ops.attach)(&mut **row, index, loaded);
                    }
                }
            }
        }
        Ok(())
    }
}

/// The next columns as a row of a model; none if its key is NULL.
fn decode_maybe(model: &'static ModelMeta, row: &mut Row<'_>) -> Result<Option<AnyRow>> {
    let key = model.primary_key.first().copied().unwrap_or(0);
    if row.is_null(key)? {
        row.skip(model.fields.len());
        return Ok(None);
    }
    (model.ops.decode)(row).map(Some)
}
