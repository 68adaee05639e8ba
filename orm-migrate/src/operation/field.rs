//! Fields come, go, change, and get other names.

use orm_core::error::{Error, Result};
use orm_core::meta::DbDefault;
use orm_core::schema::SchemaChange;
use orm_core::value::Kind;

use super::{Operation, Step, altered, snake};
use crate::shape::{Field, Index};
use crate::state::{Key, State};
use crate::{code, keep};

/// A new field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AddField {
    /// The model.
    pub model: &'static str,
    /// The field.
    pub field: Field,
    /// What existing rows get.
    pub fill: Option<DbDefault>,
}

/// A field goes, with all that it holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RemoveField {
    /// The model.
    pub model: &'static str,
    /// The field.
    pub field: &'static str,
}

/// A field changes in anything but its name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlterField {
    /// The model.
    pub model: &'static str,
    /// The field, as it becomes.
    pub field: Field,
    /// What rows with NULL get, if it refuses NULL from now on.
    pub fill: Option<DbDefault>,
}

/// A field gets another name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RenameField {
    /// The model.
    pub model: &'static str,
    /// The name it has.
    pub from: &'static str,
    /// The name it gets.
    pub to: &'static str,
    /// Whether its column keeps its name even if that is the field's.
    pub keep_column: bool,
}

/// A value for a column that comes back to rows which were made without it: nothing is known, so it is the kind's zero.
/// There is none for keys and unique values.
fn zero(field: &Field) -> Option<DbDefault> {
    if field.null || field.default.is_some() || field.unique || field.target.is_some() {
        return None;
    }
    match field.kind {
        Kind::Bool => Some(DbDefault::Bool(false)),
        Kind::Int16 | Kind::Int32 | Kind::Int64 | Kind::Duration => Some(DbDefault::Int(0)),
        Kind::Float64 => Some(DbDefault::Float(0.0)),
        Kind::Decimal { .. } => Some(DbDefault::Text("0")),
        Kind::Text { .. } | Kind::Bytes => match field.choices.first() {
            Some(orm_core::meta::ChoiceValue::Text(first)) => Some(DbDefault::Text(first)),
            _ => Some(DbDefault::Text("")),
        },
        Kind::Date => Some(DbDefault::Text("1970-01-01")),
        Kind::Time => Some(DbDefault::Text("00:00:00")),
        Kind::DateTime | Kind::Timestamp => Some(DbDefault::Text("1970-01-01 00:00:00")),
        Kind::Uuid => Some(DbDefault::Text("00000000-0000-0000-0000-000000000000")),
        Kind::Json => Some(DbDefault::Text("null")),
    }
}

/// What a field's column is renamed to along with the field, if it is named after it.
fn column_after(column: &'static str, from: &str, to: &'static str) -> &'static str {
    if column == from {
        to
    } else if column.strip_suffix("_id") == Some(from) {
        keep::text(format!("{to}_id"))
    } else {
        column
    }
}

fn target_exists(field: &Field, state: &State) -> Result<()> {
    field.target.map_or(Ok(()), |t| state.model(t.app, t.model).map(|_| ()))
}

fn with_target(app: &'static str, model: &'static str, field: &Field) -> Vec<Key> {
    std::iter::once((app, model)).chain(field.target.map(|t| (t.app, t.model))).collect()
}

/// The columns of tables between many-to-many models, which hold the model's key and change their type with it.
fn links_retyped(app: &str, name: &str, before: &State, after: &State) -> Result<Vec<SchemaChange>> {
    let mut out = Vec::new();
    for owner in after.models.values().filter(|m| m.managed) {
        let is_owner = (owner.app, owner.name) == (app, name);
        for many in owner.many.iter().filter(|m| is_owner || (m.app, m.model) == (app, name)) {
            let old = before.table_between(before.model(owner.app, owner.name)?, many)?;
            let new = after.table_between(owner, many)?;
            for (from, to) in old.columns.into_iter().zip(new.columns).filter(|(from, to)| from != to) {
                out.push(SchemaChange::AlterColumn { table: many.table.to_owned(), from, to, fill: None });
            }
        }
    }
    Ok(out)
}

fn filled(verb: &str, model: &str, field: &Field, fill: Option<DbDefault>) -> String {
    let field = code::field(field);
    match fill {
        None => format!("Op::{verb}_field({model:?}, {field})"),
        Some(fill) => format!("Op::{verb}_field_filled({model:?}, {field}, {})", code::default(fill)),
    }
}

impl Step for AddField {
    fn describe(&self) -> String {
        format!("+ add field `{}.{}`", self.model, self.field.name)
    }
    fn fragment(&self) -> String {
        format!("{}_{}", snake(self.model), self.field.name)
    }
    fn code(&self) -> String {
        filled("add", self.model, &self.field, self.fill)
    }
    fn fold(&self, app: &'static str, state: &mut State) -> Result<()> {
        target_exists(&self.field, state)?;
        let model = state.model_mut(app, self.model)?;
        if model.has(self.field.name) {
            return Err(Error::migration(format!("`{}` has a field `{}` already", self.model, self.field.name)));
        }
        model.fields.push(self.field);
        Ok(())
    }
    fn changes(&self, app: &str, before: &State, after: &State) -> Result<Vec<SchemaChange>> {
        altered(app, (before, self.model), (after, self.model), self.fill, &[])
    }
    fn reverse(&self, _: &str, _: &State) -> Result<Operation> {
        Ok(Operation::remove_field(self.model, self.field.name))
    }
    fn models(&self, app: &'static str) -> Vec<Key> {
        with_target(app, self.model, &self.field)
    }
}

impl Step for RemoveField {
    fn describe(&self) -> String {
        format!("- remove field `{}.{}`", self.model, self.field)
    }
    fn fragment(&self) -> String {
        format!("remove_{}_{}", snake(self.model), self.field)
    }
    fn code(&self) -> String {
        format!("Op::remove_field({:?}, {:?})", self.model, self.field)
    }
    fn fold(&self, app: &'static str, state: &mut State) -> Result<()> {
        let model = state.model_mut(app, self.model)?;
        let at = model.position(self.field)?;
        let indexed = model.indexes.iter().any(|i| i.fields.iter().any(|(f, _)| *f == self.field));
        if indexed || model.key.contains(&self.field) {
            let what = if indexed { "an index" } else { "the primary key" };
            return Err(Error::migration(format!(
                "field `{}.{}` cannot go while {what} uses it",
                self.model, self.field
            )));
        }
        model.fields.remove(at);
        Ok(())
    }
    fn changes(&self, app: &str, before: &State, after: &State) -> Result<Vec<SchemaChange>> {
        altered(app, (before, self.model), (after, self.model), None, &[])
    }
    fn reverse(&self, app: &str, before: &State) -> Result<Operation> {
        let field = *before.model(app, self.model)?.field(self.field)?;
        Ok(Operation::AddField(AddField { model: self.model, field, fill: zero(&field) }))
    }
    fn models(&self, app: &'static str) -> Vec<Key> {
        vec![(app, self.model)]
    }
}

impl Step for AlterField {
    fn describe(&self) -> String {
        format!("~ alter field `{}.{}`", self.model, self.field.name)
    }
    fn fragment(&self) -> String {
        format!("alter_{}_{}", snake(self.model), self.field.name)
    }
    fn code(&self) -> String {
        filled("alter", self.model, &self.field, self.fill)
    }
    fn fold(&self, app: &'static str, state: &mut State) -> Result<()> {
        target_exists(&self.field, state)?;
        let model = state.model_mut(app, self.model)?;
        let at = model.position(self.field.name)?;
        model.fields[at] = self.field;
        Ok(())
    }
    fn changes(&self, app: &str, before: &State, after: &State) -> Result<Vec<SchemaChange>> {
        let old = before.model(app, self.model)?.field(self.field.name)?;
        let renamed = [(old.column, self.field.column)];
        let mut out = altered(app, (before, self.model), (after, self.model), self.fill, &renamed)?;
        if old.kind != self.field.kind && before.model(app, self.model)?.key == [self.field.name] {
            out.extend(links_retyped(app, self.model, before, after)?);
        }
        Ok(out)
    }
    fn reverse(&self, app: &str, before: &State) -> Result<Operation> {
        let field = *before.model(app, self.model)?.field(self.field.name)?;
        let fill = if self.field.null { zero(&field) } else { None };
        Ok(Operation::AlterField(AlterField { model: self.model, field, fill }))
    }
    fn models(&self, app: &'static str) -> Vec<Key> {
        with_target(app, self.model, &self.field)
    }
}

impl Step for RenameField {
    fn describe(&self) -> String {
        format!("~ rename field `{}.{}` to `{}`", self.model, self.from, self.to)
    }
    fn fragment(&self) -> String {
        format!("rename_{}_{}", snake(self.model), self.from)
    }
    fn code(&self) -> String {
        let keep = if self.keep_column { "_keep_column" } else { "" };
        format!("Op::rename_field{keep}({:?}, {:?}, {:?})", self.model, self.from, self.to)
    }
    fn fold(&self, app: &'static str, state: &mut State) -> Result<()> {
        let model = state.model_mut(app, self.model)?;
        let at = model.position(self.from)?;
        if model.has(self.to) {
            return Err(Error::migration(format!("`{}` has a field `{}` already", self.model, self.to)));
        }
        let field = &mut model.fields[at];
        field.name = self.to;
        if !self.keep_column {
            field.column = column_after(field.column, self.from, self.to);
        }
        for name in model.key.iter_mut().filter(|k| **k == self.from) {
            *name = self.to;
        }
        for index in &mut model.indexes {
            *index = renamed(index, self.from, self.to);
        }
        Ok(())
    }
    fn changes(&self, app: &str, before: &State, after: &State) -> Result<Vec<SchemaChange>> {
        let old = before.model(app, self.model)?.field(self.from)?.column;
        let new = after.model(app, self.model)?.field(self.to)?.column;
        altered(app, (before, self.model), (after, self.model), None, &[(old, new)])
    }
    fn reverse(&self, app: &str, before: &State) -> Result<Operation> {
        let column = before.model(app, self.model)?.field(self.from)?.column;
        let after = if self.keep_column { column } else { column_after(column, self.from, self.to) };
        // Going back by the rule must give the old column; a column that kept its name must keep it again.
        let keep_column = column_after(after, self.to, self.from) != column || after == column;
        Ok(Operation::RenameField(RenameField { model: self.model, from: self.to, to: self.from, keep_column }))
    }
    fn models(&self, app: &'static str) -> Vec<Key> {
        vec![(app, self.model)]
    }
}

fn renamed(index: &Index, from: &str, to: &'static str) -> Index {
    if !index.fields.iter().any(|(f, _)| *f == from) {
        return *index;
    }
    let fields = index.fields.iter().map(|(f, descending)| (if *f == from { to } else { *f }, *descending));
    Index { fields: keep::slice(fields), ..*index }
}
