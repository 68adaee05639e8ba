//! The operations of migrations: each folds into the state, says its changes of tables, its reverse and itself.

mod field;
mod index;
mod key;
mod many_to_many;
mod model;
mod options;
mod run_sql;

pub use field::{AddField, AlterField, RemoveField, RenameField};
pub use index::{AddIndex, RemoveIndex};
pub use key::AlterKey;
pub use many_to_many::{AddManyToMany, AlterManyToMany, RemoveManyToMany};
pub use model::{CreateModel, DeleteModel, RenameModel};
pub use options::{AlterComment, AlterManaged, AlterTable};
pub use run_sql::{RunSql, Sql};

use orm_core::error::Result;
use orm_core::meta::DbDefault;
use orm_core::schema::SchemaChange;

use crate::diff::table;
use crate::shape::{Field, Index, ManyToMany, Model};
use crate::state::{Key, ModelState, State};

/// One operation of a migration, as constant data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Operation {
    /// A new model.
    CreateModel(CreateModel),
    /// A model goes.
    DeleteModel(DeleteModel),
    /// A model gets another name.
    RenameModel(RenameModel),
    /// A model's table gets another name.
    AlterTable(AlterTable),
    /// The comment on a model's table changes.
    AlterComment(AlterComment),
    /// Migrations begin or cease to look after a model's table.
    AlterManaged(AlterManaged),
    /// A model's primary key changes.
    AlterKey(AlterKey),
    /// A new field.
    AddField(AddField),
    /// A field goes.
    RemoveField(RemoveField),
    /// A field changes in anything but its name.
    AlterField(AlterField),
    /// A field gets another name.
    RenameField(RenameField),
    /// A new index.
    AddIndex(AddIndex),
    /// An index goes.
    RemoveIndex(RemoveIndex),
    /// A new many-to-many relation.
    AddManyToMany(AddManyToMany),
    /// A many-to-many relation goes.
    RemoveManyToMany(RemoveManyToMany),
    /// A many-to-many relation changes its name, table or columns.
    AlterManyToMany(AlterManyToMany),
    /// SQL of your own.
    RunSql(RunSql),
}

/// What every operation can do; one impl each, in its file.
pub(crate) trait Step {
    /// A line for people, with a sign: `+` adds, `-` removes, `~` changes.
    fn describe(&self) -> String;
    /// Its part in a migration's name.
    fn fragment(&self) -> String;
    /// Itself as Rust text.
    fn code(&self) -> String;
    /// Does to the state what it does to the models.
    fn fold(&self, app: &'static str, state: &mut State) -> Result<()>;
    /// What it does to the tables, between the state before and the state after.
    fn changes(&self, app: &str, before: &State, after: &State) -> Result<Vec<SchemaChange>>;
    /// What undoes it, seen from the state before.
    fn reverse(&self, app: &str, before: &State) -> Result<Operation>;
    /// The models that it touches or points at.
    fn models(&self, app: &'static str) -> Vec<Key>;
}

impl Operation {
    /// A new model.
    pub const fn create_model(model: Model) -> Operation {
        Operation::CreateModel(CreateModel { model })
    }
    /// A model goes, with all its rows.
    pub const fn delete_model(model: &'static str) -> Operation {
        Operation::DeleteModel(DeleteModel { model })
    }
    /// A model gets another name; its table keeps its own.
    pub const fn rename_model(from: &'static str, to: &'static str) -> Operation {
        Operation::RenameModel(RenameModel { from, to })
    }
    /// A model's table gets another name.
    pub const fn alter_table(model: &'static str, table: &'static str) -> Operation {
        Operation::AlterTable(AlterTable { model, table })
    }
    /// The comment on a model's table changes.
    pub const fn alter_comment(model: &'static str, comment: &'static str) -> Operation {
        Operation::AlterComment(AlterComment { model, comment })
    }
    /// Migrations begin or cease to look after a model's table; it stays as it is.
    pub const fn alter_managed(model: &'static str, managed: bool) -> Operation {
        Operation::AlterManaged(AlterManaged { model, managed })
    }
    /// A model's primary key becomes these fields.
    pub const fn alter_key(model: &'static str, key: &'static [&'static str]) -> Operation {
        Operation::AlterKey(AlterKey { model, key })
    }
    /// A new field.
    pub const fn add_field(model: &'static str, field: Field) -> Operation {
        Operation::AddField(AddField { model, field, fill: None })
    }
    /// A new field, with what existing rows get in it.
    pub const fn add_field_filled(model: &'static str, field: Field, fill: DbDefault) -> Operation {
        Operation::AddField(AddField { model, field, fill: Some(fill) })
    }
    /// A field goes, with all that it holds.
    pub const fn remove_field(model: &'static str, field: &'static str) -> Operation {
        Operation::RemoveField(RemoveField { model, field })
    }
    /// A field becomes what is said here.
    pub const fn alter_field(model: &'static str, field: Field) -> Operation {
        Operation::AlterField(AlterField { model, field, fill: None })
    }
    /// A field becomes what is said here, and rows with NULL in it get a value.
    pub const fn alter_field_filled(model: &'static str, field: Field, fill: DbDefault) -> Operation {
        Operation::AlterField(AlterField { model, field, fill: Some(fill) })
    }
    /// A field gets another name, and its column too, if it is named after the field.
    pub const fn rename_field(model: &'static str, from: &'static str, to: &'static str) -> Operation {
        Operation::RenameField(RenameField { model, from, to, keep_column: false })
    }
    /// A field gets another name; its column keeps its own.
    pub const fn rename_field_keep_column(model: &'static str, from: &'static str, to: &'static str) -> Operation {
        Operation::RenameField(RenameField { model, from, to, keep_column: true })
    }
    /// A new index.
    pub const fn add_index(model: &'static str, index: Index) -> Operation {
        Operation::AddIndex(AddIndex { model, index })
    }
    /// An index goes.
    pub const fn remove_index(model: &'static str, index: Index) -> Operation {
        Operation::RemoveIndex(RemoveIndex { model, index })
    }
    /// A new many-to-many relation.
    pub const fn add_many_to_many(model: &'static str, many: ManyToMany) -> Operation {
        Operation::AddManyToMany(AddManyToMany { model, many })
    }
    /// A many-to-many relation goes, with all its links.
    pub const fn remove_many_to_many(model: &'static str, name: &'static str) -> Operation {
        Operation::RemoveManyToMany(RemoveManyToMany { model, name })
    }
    /// A many-to-many relation gets another name, table or columns; its links stay.
    pub const fn alter_many_to_many(model: &'static str, name: &'static str, to: ManyToMany) -> Operation {
        Operation::AlterManyToMany(AlterManyToMany { model, name, to })
    }
    /// SQL that cannot be undone.
    pub const fn run_sql(forwards: Sql) -> Operation {
        Operation::RunSql(RunSql { forwards, backwards: None })
    }
    /// SQL, and what undoes it.
    pub const fn run_sql_reversible(forwards: Sql, backwards: Sql) -> Operation {
        Operation::RunSql(RunSql { forwards, backwards: Some(backwards) })
    }

    fn step(&self) -> &dyn Step {
        match self {
            Operation::CreateModel(op) => op,
            Operation::DeleteModel(op) => op,
            Operation::RenameModel(op) => op,
            Operation::AlterTable(op) => op,
            Operation::AlterComment(op) => op,
            Operation::AlterManaged(op) => op,
            Operation::AlterKey(op) => op,
            Operation::AddField(op) => op,
            Operation::RemoveField(op) => op,
            Operation::AlterField(op) => op,
            Operation::RenameField(op) => op,
            Operation::AddIndex(op) => op,
            Operation::RemoveIndex(op) => op,
            Operation::AddManyToMany(op) => op,
            Operation::RemoveManyToMany(op) => op,
            Operation::AlterManyToMany(op) => op,
            Operation::RunSql(op) => op,
        }
    }

    /// A line for people, with a sign: `+` adds, `-` removes, `~` changes.
    pub fn describe(&self) -> String {
        self.step().describe()
    }
    /// Its part in a migration's name.
    pub fn fragment(&self) -> String {
        self.step().fragment()
    }
    /// Itself as Rust text.
    pub fn code(&self) -> String {
        self.step().code()
    }
    /// Does to the state what it does to the models of an app.
    ///
    /// # Errors
    /// If it does not fit the state.
    pub fn fold(&self, app: &'static str, state: &mut State) -> Result<()> {
        self.step().fold(app, state)
    }
    /// What it does to the tables, between the state before and the state after.
    ///
    /// # Errors
    /// If it does not fit the states.
    pub fn changes(&self, app: &str, before: &State, after: &State) -> Result<Vec<SchemaChange>> {
        self.step().changes(app, before, after)
    }
    /// What undoes it, seen from the state before.
    ///
    /// # Errors
    /// If it does not fit the state, or cannot be undone.
    pub fn reverse(&self, app: &str, before: &State) -> Result<Operation> {
        self.step().reverse(app, before)
    }
    /// The models that it touches or points at.
    pub fn models(&self, app: &'static str) -> Vec<Key> {
        self.step().models(app)
    }
}

/// The changes of one model's table between two states.
fn altered(
    app: &str,
    (before, old): (&State, &str),
    (after, new): (&State, &str),
    fill: Option<DbDefault>,
    renamed: &[(&str, &str)],
) -> Result<Vec<SchemaChange>> {
    let (old, new) = (before.model(app, old)?, after.model(app, new)?);
    if !new.managed {
        return Ok(Vec::new());
    }
    let fill = fill.map(crate::state::default);
    table::changes(&before.table(old)?, &after.table(new)?, renamed, &|_| fill.clone())
}

/// A new table of a model, and those of its many-to-many relations.
fn created(state: &State, model: &ModelState) -> Result<Vec<SchemaChange>> {
    if !model.managed {
        return Ok(Vec::new());
    }
    let mut out = vec![SchemaChange::CreateTable(state.table(model)?)];
    for many in &model.many {
        out.push(SchemaChange::CreateTable(state.table_between(model, many)?));
    }
    Ok(out)
}

fn snake(name: &str) -> String {
    let mut out = String::new();
    for (i, c) in name.char_indices() {
        if c.is_uppercase() && i > 0 {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}
