//! The primary key of a model changes.

use orm_core::error::Result;
use orm_core::schema::SchemaChange;

use super::{Operation, Step, altered, snake};
use crate::state::{Key, State};
use crate::{code, keep};

/// A model's primary key becomes other fields.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlterKey {
    /// The model.
    pub model: &'static str,
    /// The fields.
    pub key: &'static [&'static str],
}

impl Step for AlterKey {
    fn describe(&self) -> String {
        format!("~ change the primary key of `{}` to {}", self.model, self.key.join(", "))
    }
    fn fragment(&self) -> String {
        format!("alter_{}_key", snake(self.model))
    }
    fn code(&self) -> String {
        format!("Op::alter_key({:?}, {})", self.model, code::names(self.key))
    }
    fn fold(&self, app: &'static str, state: &mut State) -> Result<()> {
        let model = state.model_mut(app, self.model)?;
        for name in self.key {
            model.field(name)?;
        }
        model.key = self.key.to_vec();
        Ok(())
    }
    fn changes(&self, app: &str, before: &State, after: &State) -> Result<Vec<SchemaChange>> {
        altered(app, (before, self.model), (after, self.model), None, &[])
    }
    fn reverse(&self, app: &str, before: &State) -> Result<Operation> {
        let key = before.model(app, self.model)?.key.iter().copied();
        Ok(Operation::alter_key(self.model, keep::slice(key)))
    }
    fn models(&self, app: &'static str) -> Vec<Key> {
        vec![(app, self.model)]
    }
}
