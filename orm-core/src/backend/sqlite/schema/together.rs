//! Neighbouring changes of one table in one rebuild, so that its rows are copied once.

use super::rebuild::{Rebuild, without_foreign_keys};
use super::{native, table_in};
use crate::error::{Error, Result};
use crate::schema::{DdlGroup, DdlStep, Schema, SchemaChange};

/// The statements of changes that follow each other. `before` is the schema before the first.
///
/// # Errors
/// As [`plan`](super::plan), with the place of the change.
pub fn plan_all(changes: &[SchemaChange], before: &Schema) -> Result<Vec<DdlGroup>, (usize, Error)> {
    let mut schema = before.clone();
    let mut groups = Vec::new();
    let mut open: Option<Open> = None;
    for (at, change) in changes.iter().enumerate() {
        let mut add = || -> Result<()> {
            let steps = native(change, &schema)?;
            let fits = match &mut open {
                Some(open) => open.add(change, steps.as_ref())?,
                None => false,
            };
            if !fits {
                if let Some(open) = open.take() {
                    groups.push(open.close()?);
                }
                match (subject(change), steps) {
                    (Some(table), steps) => {
                        let mut new = Open::new(table, Rebuild::new(table_in(&schema, table)?));
                        new.absorb(change, steps.as_ref())?;
                        open = Some(new);
                    }
                    (None, steps) => groups.push(DdlGroup { changes: vec![steps.unwrap_or_default()] }),
                }
            }
            schema.apply(change).map_err(Error::migration)
        };
        add().map_err(|error| (at, error))?;
    }
    if let Some(open) = open {
        groups.push(open.close().map_err(|error| (changes.len() - 1, error))?);
    }
    Ok(groups)
}

/// The table whose rebuild a change can be a part of.
fn subject(change: &SchemaChange) -> Option<&str> {
    match change {
        SchemaChange::AddColumn { table, .. }
        | SchemaChange::DropColumn { table, .. }
        | SchemaChange::AlterColumn { table, .. }
        | SchemaChange::AlterPrimaryKey { table, .. }
        | SchemaChange::CreateIndex { table, .. }
        | SchemaChange::DropIndex { table, .. }
        | SchemaChange::AddForeignKey { table, .. }
        | SchemaChange::DropForeignKey { table, .. }
        | SchemaChange::CommentTable { table, .. } => Some(table),
        SchemaChange::CreateTable(_)
        | SchemaChange::DropTable(_)
        | SchemaChange::RenameTable { .. }
        | SchemaChange::RenameColumn { .. } => None,
    }
}

/// Changes of one table that more may join.
struct Open {
    table: String,
    rebuild: Rebuild,
    /// The statements of each change, were there no rebuild.
    alone: Vec<Vec<DdlStep>>,
    /// The statements of each change that come before a rebuild.
    first: Vec<Vec<DdlStep>>,
    /// The last change that needs the rebuild.
    needed: Option<usize>,
}

impl Open {
    fn new(table: &str, rebuild: Rebuild) -> Open {
        Open { table: table.to_owned(), rebuild, alone: Vec::new(), first: Vec::new(), needed: None }
    }

    /// Takes a change in, if it can be.
    fn add(&mut self, change: &SchemaChange, native: Option<&Vec<DdlStep>>) -> Result<bool> {
        match change {
            _ if subject(change) == Some(&self.table) => self.absorb(change, native)?,
            SchemaChange::RenameTable { from, .. } if *from == self.table => {
                return self.rename(change, native);
            }
            SchemaChange::RenameColumn { table, .. } if *table == self.table => {
                return self.rename(change, native);
            }
            // A change of another table without a statement parts nothing.
            _ if native.is_some_and(Vec::is_empty) => {
                self.alone.push(Vec::new());
                self.first.push(Vec::new());
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn absorb(&mut self, change: &SchemaChange, native: Option<&Vec<DdlStep>>) -> Result<()> {
        self.rebuild.absorb(change)?;
        if native.is_none() {
            self.needed = Some(self.alone.len());
        }
        self.alone.push(native.cloned().unwrap_or_default());
        self.first.push(self.rebuild.take_checks());
        Ok(())
    }

    fn rename(&mut self, change: &SchemaChange, native: Option<&Vec<DdlStep>>) -> Result<bool> {
        if !self.rebuild.renamed_first(change)? {
            return Ok(false);
        }
        // The rebuild comes after it.
        self.needed = self.needed.map(|_| self.alone.len());
        if let SchemaChange::RenameTable { to, .. } = change {
            self.table.clone_from(to);
        }
        self.alone.push(native.cloned().unwrap_or_default());
        self.first.push(native.cloned().unwrap_or_default());
        Ok(true)
    }

    fn close(self) -> Result<DdlGroup> {
        let Some(needed) = self.needed else { return Ok(DdlGroup { changes: self.alone }) };
        let mut changes = self.first;
        let late = changes.split_off(needed + 1);
        let checks = std::mem::take(&mut changes[needed]);
        changes[needed] = without_foreign_keys(checks.into_iter().chain(self.rebuild.steps()?).collect());
        changes.extend(late);
        Ok(DdlGroup { changes })
    }
}
