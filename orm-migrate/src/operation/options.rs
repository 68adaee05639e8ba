//! What is said of a model as a whole: its table's name and comment, and whether migrations look after it.

use orm_core::error::Result;
use orm_core::schema::SchemaChange;

use super::{Operation, Step, altered, snake};
use crate::state::{Key, State};

/// A model's table gets another name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlterTable {
    /// The model.
    pub model: &'static str,
    /// The table's new name.
    pub table: &'static str,
}

impl Step for AlterTable {
    fn describe(&self) -> String {
        format!("~ rename the table of `{}` to `{}`", self.model, self.table)
    }
    fn fragment(&self) -> String {
        format!("alter_{}_table", snake(self.model))
    }
    fn code(&self) -> String {
        format!("Op::alter_table({:?}, {:?})", self.model, self.table)
    }
    fn fold(&self, app: &'static str, state: &mut State) -> Result<()> {
        state.model_mut(app, self.model)?.table = self.table;
        Ok(())
    }
    fn changes(&self, app: &str, before: &State, after: &State) -> Result<Vec<SchemaChange>> {
        altered(app, (before, self.model), (after, self.model), None, &[])
    }
    fn reverse(&self, app: &str, before: &State) -> Result<Operation> {
        Ok(Operation::alter_table(self.model, before.model(app, self.model)?.table))
    }
    fn models(&self, app: &'static str) -> Vec<Key> {
        vec![(app, self.model)]
    }
}

/// The comment on a model's table changes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlterComment {
    /// The model.
    pub model: &'static str,
    /// The new comment.
    pub comment: &'static str,
}

impl Step for AlterComment {
    fn describe(&self) -> String {
        format!("~ change the comment on `{}`", self.model)
    }
    fn fragment(&self) -> String {
        format!("alter_{}_comment", snake(self.model))
    }
    fn code(&self) -> String {
        format!("Op::alter_comment({:?}, {:?})", self.model, self.comment)
    }
    fn fold(&self, app: &'static str, state: &mut State) -> Result<()> {
        state.model_mut(app, self.model)?.comment = self.comment;
        Ok(())
    }
    fn changes(&self, app: &str, before: &State, after: &State) -> Result<Vec<SchemaChange>> {
        altered(app, (before, self.model), (after, self.model), None, &[])
    }
    fn reverse(&self, app: &str, before: &State) -> Result<Operation> {
        Ok(Operation::alter_comment(self.model, before.model(app, self.model)?.comment))
    }
    fn models(&self, app: &'static str) -> Vec<Key> {
        vec![(app, self.model)]
    }
}

/// Migrations begin or cease to look after a model's table; it stays as it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlterManaged {
    /// The model.
    pub model: &'static str,
    /// Whether they do.
    pub managed: bool,
}

impl Step for AlterManaged {
    fn describe(&self) -> String {
        let verb = if self.managed { "take over" } else { "leave alone" };
        format!("~ {verb} the table of `{}`, as it is", self.model)
    }
    fn fragment(&self) -> String {
        format!("alter_{}_managed", snake(self.model))
    }
    fn code(&self) -> String {
        format!("Op::alter_managed({:?}, {})", self.model, self.managed)
    }
    fn fold(&self, app: &'static str, state: &mut State) -> Result<()> {
        state.model_mut(app, self.model)?.managed = self.managed;
        Ok(())
    }
    fn changes(&self, _: &str, _: &State, _: &State) -> Result<Vec<SchemaChange>> {
        Ok(Vec::new())
    }
    fn reverse(&self, app: &str, before: &State) -> Result<Operation> {
        Ok(Operation::alter_managed(self.model, before.model(app, self.model)?.managed))
    }
    fn models(&self, app: &'static str) -> Vec<Key> {
        vec![(app, self.model)]
    }
}
