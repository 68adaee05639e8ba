//! Many-to-many relations come, go and change: the tables between models.

use orm_core::error::{Error, Result};
use orm_core::schema::SchemaChange;

use super::{Operation, Step, snake};
use crate::code;
use crate::diff::table;
use crate::shape::ManyToMany;
use crate::state::{Key, State};

/// A new many-to-many relation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AddManyToMany {
    /// The model that owns it.
    pub model: &'static str,
    /// The relation.
    pub many: ManyToMany,
}

/// A many-to-many relation goes, with all its links.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RemoveManyToMany {
    /// The model that owns it.
    pub model: &'static str,
    /// Its name.
    pub name: &'static str,
}

/// A many-to-many relation gets another name, table or columns; its links stay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlterManyToMany {
    /// The model that owns it.
    pub model: &'static str,
    /// The name it has.
    pub name: &'static str,
    /// What it becomes.
    pub to: ManyToMany,
}

impl Step for AddManyToMany {
    fn describe(&self) -> String {
        format!("+ add many-to-many relation `{}.{}`", self.model, self.many.name)
    }
    fn fragment(&self) -> String {
        format!("{}_{}", snake(self.model), self.many.name)
    }
    fn code(&self) -> String {
        format!("Op::add_many_to_many({:?}, {})", self.model, code::many(&self.many))
    }
    fn fold(&self, app: &'static str, state: &mut State) -> Result<()> {
        state.model(self.many.app, self.many.model)?;
        let model = state.model_mut(app, self.model)?;
        if model.has(self.many.name) {
            return Err(Error::migration(format!("`{}` has a field `{}` already", self.model, self.many.name)));
        }
        model.many.push(self.many);
        Ok(())
    }
    fn changes(&self, app: &str, _: &State, after: &State) -> Result<Vec<SchemaChange>> {
        let model = after.model(app, self.model)?;
        let table = after.table_between(model, &self.many)?;
        Ok(model.managed.then_some(SchemaChange::CreateTable(table)).into_iter().collect())
    }
    fn reverse(&self, _: &str, _: &State) -> Result<Operation> {
        Ok(Operation::remove_many_to_many(self.model, self.many.name))
    }
    fn models(&self, app: &'static str) -> Vec<Key> {
        vec![(app, self.model), (self.many.app, self.many.model)]
    }
}

impl Step for RemoveManyToMany {
    fn describe(&self) -> String {
        format!("- remove many-to-many relation `{}.{}`", self.model, self.name)
    }
    fn fragment(&self) -> String {
        format!("remove_{}_{}", snake(self.model), self.name)
    }
    fn code(&self) -> String {
        format!("Op::remove_many_to_many({:?}, {:?})", self.model, self.name)
    }
    fn fold(&self, app: &'static str, state: &mut State) -> Result<()> {
        let model = state.model_mut(app, self.model)?;
        model.many(self.name)?;
        model.many.retain(|m| m.name != self.name);
        Ok(())
    }
    fn changes(&self, app: &str, before: &State, _: &State) -> Result<Vec<SchemaChange>> {
        let model = before.model(app, self.model)?;
        let table = before.table_between(model, model.many(self.name)?)?;
        Ok(model.managed.then_some(SchemaChange::DropTable(table)).into_iter().collect())
    }
    fn reverse(&self, app: &str, before: &State) -> Result<Operation> {
        Ok(Operation::add_many_to_many(self.model, *before.model(app, self.model)?.many(self.name)?))
    }
    fn models(&self, app: &'static str) -> Vec<Key> {
        vec![(app, self.model)]
    }
}

impl Step for AlterManyToMany {
    fn describe(&self) -> String {
        if self.name == self.to.name {
            format!("~ alter many-to-many relation `{}.{}`", self.model, self.name)
        } else {
            format!("~ rename many-to-many relation `{}.{}` to `{}`", self.model, self.name, self.to.name)
        }
    }
    fn fragment(&self) -> String {
        format!("alter_{}_{}", snake(self.model), self.name)
    }
    fn code(&self) -> String {
        format!("Op::alter_many_to_many({:?}, {:?}, {})", self.model, self.name, code::many(&self.to))
    }
    fn fold(&self, app: &'static str, state: &mut State) -> Result<()> {
        state.model(self.to.app, self.to.model)?;
        let model = state.model_mut(app, self.model)?;
        let old = *model.many(self.name)?;
        if (old.app, old.model) != (self.to.app, self.to.model) {
            return Err(Error::migration(format!(
                "many-to-many relation `{}.{}` cannot turn to another model; remove it and add another",
                self.model, self.name
            )));
        }
        if self.name != self.to.name && model.has(self.to.name) {
            return Err(Error::migration(format!("`{}` has a field `{}` already", self.model, self.to.name)));
        }
        for many in model.many.iter_mut().filter(|m| m.name == self.name) {
            *many = self.to;
        }
        Ok(())
    }
    fn changes(&self, app: &str, before: &State, after: &State) -> Result<Vec<SchemaChange>> {
        let model = before.model(app, self.model)?;
        if !model.managed {
            return Ok(Vec::new());
        }
        let old = model.many(self.name)?;
        let from = before.table_between(model, old)?;
        let to = after.table_between(after.model(app, self.model)?, &self.to)?;
        table::changes(&from, &to, &[(old.from, self.to.from), (old.to, self.to.to)], &|_| None)
    }
    fn reverse(&self, app: &str, before: &State) -> Result<Operation> {
        let old = *before.model(app, self.model)?.many(self.name)?;
        Ok(Operation::alter_many_to_many(self.model, self.to.name, old))
    }
    fn models(&self, app: &'static str) -> Vec<Key> {
        vec![(app, self.model), (self.to.app, self.to.model)]
    }
}
