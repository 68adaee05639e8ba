//! Indexes and unique constraints over several fields come and go.

use orm_core::error::{Error, Result};
use orm_core::schema::SchemaChange;

use super::{Operation, Step, altered, snake};
use crate::code;
use crate::shape::Index;
use crate::state::{Key, State};

/// A new index.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AddIndex {
    /// The model.
    pub model: &'static str,
    /// The index.
    pub index: Index,
}

/// An index goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RemoveIndex {
    /// The model.
    pub model: &'static str,
    /// The index, as it is.
    pub index: Index,
}

fn of(index: &Index, model: &str) -> String {
    let fields: Vec<&str> = index.fields.iter().map(|(f, _)| *f).collect();
    format!("{} on `{model}` ({})", if index.unique { "unique constraint" } else { "index" }, fields.join(", "))
}

fn fragment(index: &Index, model: &str) -> String {
    let fields: Vec<&str> = index.fields.iter().map(|(f, _)| *f).collect();
    format!("{}_{}", snake(model), fields.join("_"))
}

impl Step for AddIndex {
    fn describe(&self) -> String {
        format!("+ add {}", of(&self.index, self.model))
    }
    fn fragment(&self) -> String {
        fragment(&self.index, self.model)
    }
    fn code(&self) -> String {
        format!("Op::add_index({:?}, {})", self.model, code::index(&self.index))
    }
    fn fold(&self, app: &'static str, state: &mut State) -> Result<()> {
        let model = state.model_mut(app, self.model)?;
        for (name, _) in self.index.fields {
            model.field(name)?;
        }
        if model.indexes.contains(&self.index) {
            return Err(Error::migration(format!("there is an {} already", of(&self.index, self.model))));
        }
        model.indexes.push(self.index);
        Ok(())
    }
    fn changes(&self, app: &str, before: &State, after: &State) -> Result<Vec<SchemaChange>> {
        altered(app, (before, self.model), (after, self.model), None, &[])
    }
    fn reverse(&self, _: &str, _: &State) -> Result<Operation> {
        Ok(Operation::remove_index(self.model, self.index))
    }
    fn models(&self, app: &'static str) -> Vec<Key> {
        vec![(app, self.model)]
    }
}

impl Step for RemoveIndex {
    fn describe(&self) -> String {
        format!("- remove {}", of(&self.index, self.model))
    }
    fn fragment(&self) -> String {
        format!("remove_{}", fragment(&self.index, self.model))
    }
    fn code(&self) -> String {
        format!("Op::remove_index({:?}, {})", self.model, code::index(&self.index))
    }
    fn fold(&self, app: &'static str, state: &mut State) -> Result<()> {
        let model = state.model_mut(app, self.model)?;
        let at = model
            .indexes
            .iter()
            .position(|i| *i == self.index)
            .ok_or_else(|| Error::migration(format!("there is no {}", of(&self.index, self.model))))?;
        model.indexes.remove(at);
        Ok(())
    }
    fn changes(&self, app: &str, before: &State, after: &State) -> Result<Vec<SchemaChange>> {
        altered(app, (before, self.model), (after, self.model), None, &[])
    }
    fn reverse(&self, _: &str, _: &State) -> Result<Operation> {
        Ok(Operation::add_index(self.model, self.index))
    }
    fn models(&self, app: &'static str) -> Vec<Key> {
        vec![(app, self.model)]
    }
}
