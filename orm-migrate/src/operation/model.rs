//! Models come, go and change their names.

use orm_core::error::{Error, Result};
use orm_core::schema::SchemaChange;

use super::{Operation, Step, created, snake};
use crate::code;
use crate::shape::Model;
use crate::state::{Key, ModelState, State};

/// A new model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CreateModel {
    /// The model.
    pub model: Model,
}

impl Step for CreateModel {
    fn describe(&self) -> String {
        format!("+ create model `{}`", self.model.name)
    }
    fn fragment(&self) -> String {
        snake(self.model.name)
    }
    fn code(&self) -> String {
        format!("Op::create_model({})", code::model(&self.model))
    }
    fn fold(&self, app: &'static str, state: &mut State) -> Result<()> {
        if state.find(app, self.model.name).is_some() {
            return Err(Error::migration(format!("there is a model `{app}.{}` already", self.model.name)));
        }
        let taken = state.models.values().find(|m| m.table == self.model.table && m.managed && self.model.managed);
        if let Some(other) = taken {
            return Err(Error::migration(format!(
                "table `{}` of the new model `{app}.{}` is that of `{}` already",
                self.model.table,
                self.model.name,
                other.label()
            )));
        }
        state.models.insert((app, self.model.name), ModelState::of_shape(app, &self.model));
        Ok(())
    }
    fn changes(&self, app: &str, _: &State, after: &State) -> Result<Vec<SchemaChange>> {
        created(after, after.model(app, self.model.name)?)
    }
    fn reverse(&self, _: &str, _: &State) -> Result<Operation> {
        Ok(Operation::delete_model(self.model.name))
    }
    fn models(&self, app: &'static str) -> Vec<Key> {
        let model = ModelState::of_shape(app, &self.model);
        std::iter::once(model.id()).chain(model.targets()).collect()
    }
}

/// A model goes, with all its rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DeleteModel {
    /// Its name.
    pub model: &'static str,
}

impl Step for DeleteModel {
    fn describe(&self) -> String {
        format!("- delete model `{}`", self.model)
    }
    fn fragment(&self) -> String {
        format!("delete_{}", snake(self.model))
    }
    fn code(&self) -> String {
        format!("Op::delete_model({:?})", self.model)
    }
    fn fold(&self, app: &'static str, state: &mut State) -> Result<()> {
        let id = state.model(app, self.model)?.id();
        if let Some(other) = state.models.values().find(|m| m.id() != id && m.targets().any(|t| t == id)) {
            return Err(Error::migration(format!(
                "model `{app}.{}` cannot go while `{}` points at it",
                self.model,
                other.label()
            )));
        }
        state.models.remove(&id);
        Ok(())
    }
    fn changes(&self, app: &str, before: &State, _: &State) -> Result<Vec<SchemaChange>> {
        let mut out = Vec::new();
        for change in created(before, before.model(app, self.model)?)?.into_iter().rev() {
            if let SchemaChange::CreateTable(table) = change {
                out.push(SchemaChange::DropTable(table));
            }
        }
        Ok(out)
    }
    fn reverse(&self, app: &str, before: &State) -> Result<Operation> {
        Ok(Operation::create_model(before.model(app, self.model)?.shape()))
    }
    fn models(&self, app: &'static str) -> Vec<Key> {
        vec![(app, self.model)]
    }
}

/// A model gets another name; its table keeps its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RenameModel {
    /// The name it has.
    pub from: &'static str,
    /// The name it gets.
    pub to: &'static str,
}

impl Step for RenameModel {
    fn describe(&self) -> String {
        format!("~ rename model `{}` to `{}`", self.from, self.to)
    }
    fn fragment(&self) -> String {
        format!("rename_{}_{}", snake(self.from), snake(self.to))
    }
    fn code(&self) -> String {
        format!("Op::rename_model({:?}, {:?})", self.from, self.to)
    }
    fn fold(&self, app: &'static str, state: &mut State) -> Result<()> {
        let id = state.model(app, self.from)?.id();
        if state.find(app, self.to).is_some() {
            return Err(Error::migration(format!("there is a model `{app}.{}` already", self.to)));
        }
        if let Some(mut model) = state.models.remove(&id) {
            model.name = self.to;
            state.models.insert((id.0, self.to), model);
        }
        for model in state.models.values_mut() {
            let targets = model.fields.iter_mut().filter_map(|f| f.target.as_mut());
            for target in targets.filter(|t| (t.app, t.model) == id) {
                target.model = self.to;
            }
            for many in model.many.iter_mut().filter(|m| (m.app, m.model) == id) {
                many.model = self.to;
            }
        }
        Ok(())
    }
    fn changes(&self, _: &str, _: &State, _: &State) -> Result<Vec<SchemaChange>> {
        Ok(Vec::new())
    }
    fn reverse(&self, _: &str, _: &State) -> Result<Operation> {
        Ok(Operation::rename_model(self.to, self.from))
    }
    fn models(&self, app: &'static str) -> Vec<Key> {
        vec![(app, self.from), (app, self.to)]
    }
}
