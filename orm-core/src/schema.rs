//! Tables as data, and changes to them: what models become, what introspection reads, what backends turn into DDL.
//!
//! ```
//! # orm_blog::example! {
//! use orm::schema::{Schema, SchemaChange};
//! let schema = Schema::of_models(orm::models![Author, Book, Tag]);
//! let books = &schema.tables["books"];
//! assert_eq!((books.primary_key.as_slice(), books.foreign_keys.len()), (&["id".to_owned()][..], 2));
//! // What makes it, on a database by name.
//! let change = SchemaChange::CreateTable(schema.tables["tags"].clone());
//! let steps = orm::backend::plan("mysql", &change, &Schema::default())?;
//! assert!(steps[0].sql.starts_with("CREATE TABLE `tags` ("));
//! # }
//! ```

use crate::meta::{Auto, ChoiceValue, DbDefault, ModelMeta, OnDelete, RelationKind};
use crate::value::Kind;

/// The tables of a database.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Schema {
    /// By name, sorted.
    pub tables: std::collections::BTreeMap<String, Table>,
}

/// A table.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// In order.
    pub columns: Vec<Column>,
    /// Names of the key's columns.
    pub primary_key: Vec<String>,
    /// Indexes and unique constraints (a unique constraint is always a unique index here).
    pub indexes: Vec<Index>,
    /// Foreign keys.
    pub foreign_keys: Vec<ForeignKey>,
    /// The comment on it.
    pub comment: String,
}

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Whether it may be NULL.
    pub null: bool,
    /// Its default.
    pub default: Option<Default>,
    /// Whether the database counts it up.
    pub increment: bool,
    /// The only values that it may have (a CHECK constraint), for `Choices`.
    pub check: Vec<CheckValue>,
    /// The comment on it.
    pub comment: String,
}

/// One value that a column may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckValue {
    /// Text.
    Text(String),
    /// An integer.
    Int(i64),
}

/// A default in the table's definition.
#[derive(Debug, Clone, PartialEq)]
pub enum Default {
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
    /// Text; also decimals, dates, UUIDs and JSON, in their text form.
    Text(String),
    /// The current time.
    Now,
}

/// An index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Its columns, with whether each is descending.
    pub columns: Vec<(String, bool)>,
    /// Whether equal entries are refused.
    pub unique: bool,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    /// Its name.
    pub name: String,
    /// The column that holds the key.
    pub column: String,
    /// The table that it points into.
    pub target: String,
    /// The column there.
    pub target_column: String,
    /// What happens to the row when its target is deleted.
    pub on_delete: OnDelete,
}

/// A change to the tables.
#[derive(Debug, Clone, PartialEq)]
pub enum SchemaChange {
    /// A new table, with its indexes and foreign keys.
    CreateTable(Table),
    /// A table goes, with all that it holds.
    DropTable(Table),
    /// A table gets another name.
    RenameTable {
        /// The name it has.
        from: String,
        /// The name it gets.
        to: String,
    },
    /// A new column. `fill` gives existing rows their value, where the column has no default and takes no NULL.
    AddColumn {
        /// The table.
        table: String,
        /// The column.
        column: Column,
        /// What existing rows get.
        fill: Option<Default>,
    },
    /// A column goes, with all that it holds.
    DropColumn {
        /// The table.
        table: String,
        /// The column, as it was.
        column: Column,
    },
    /// A column gets another name.
    RenameColumn {
        /// The table.
        table: String,
        /// The name it has.
        from: String,
        /// The name it gets.
        to: String,
    },
    /// A column changes in anything but its name. `fill` replaces NULLs where they are refused from now on.
    AlterColumn {
        /// The table.
        table: String,
        /// As it was.
        from: Column,
        /// As it becomes.
        to: Column,
        /// What rows with NULL get.
        fill: Option<Default>,
    },
    /// The primary key changes.
    AlterPrimaryKey {
        /// The table.
        table: String,
        /// As it was.
        from: Vec<String>,
        /// As it becomes.
        to: Vec<String>,
    },
    /// A new index.
    CreateIndex {
        /// The table.
        table: String,
        /// The index.
        index: Index,
    },
    /// An index goes.
    DropIndex {
        /// The table.
        table: String,
        /// The index, as it was.
        index: Index,
    },
    /// A new foreign key.
    AddForeignKey {
        /// The table.
        table: String,
        /// The foreign key.
        key: ForeignKey,
    },
    /// A foreign key goes.
    DropForeignKey {
        /// The table.
        table: String,
        /// The foreign key, as it was.
        key: ForeignKey,
    },
    /// The comment on a table changes.
    CommentTable {
        /// The table.
        table: String,
        /// As it was.
        from: String,
        /// As it becomes.
        to: String,
    },
}

/// One statement of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DdlStep {
    /// Its text.
    pub sql: String,
    /// What must be true of it.
    pub run: DdlRun,
}

/// The statements of changes that follow each other, which share a transaction where there are some around changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DdlGroup {
    /// Those of each change, in order. What one statement does for several changes stands at one of them.
    pub changes: Vec<Vec<DdlStep>>,
}

/// How a step is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DdlRun {
    /// As it is.
    Plain,
    /// Before the transaction begins or after it ended (a pragma that does nothing inside one).
    OutsideTransaction,
    /// A query that must give no row; the first row it gives names what is wrong.
    MustBeEmpty,
    /// A query whose rows are statements (text, in the first column) to run in their order.
    RunRows,
}

impl DdlStep {
    /// A step that runs as it is.
    pub fn plain(sql: impl Into<String>) -> DdlStep {
        DdlStep { sql: sql.into(), run: DdlRun::Plain }
    }
}

impl Schema {
    /// The tables of models that the library manages, many-to-many tables included.
    pub fn of_models<'a>(models: impl IntoIterator<Item = &'a &'static ModelMeta>) -> Schema {
        let mut schema = Schema::default();
        for model in models.into_iter().filter(|m| m.managed) {
            schema.add(table_of(model));
            for relation in model.relations {
                if let RelationKind::Many { managed: true, .. } = relation.kind {
                    schema.add(table_between(relation));
                }
            }
        }
        schema
    }

    /// Adds a table.
    pub fn add(&mut self, table: Table) {
        self.tables.insert(table.name.clone(), table);
    }

    /// The table after a change; errors are for the one who folds changes to report.
    ///
    /// # Errors
    /// The words of what does not fit: a table or column that is not there, or there already.
    pub fn apply(&mut self, change: &SchemaChange) -> Result<(), String> {
        let missing = |name: &str| format!("there is no table `{name}`");
        match change {
            SchemaChange::CreateTable(table) => {
                if self.tables.contains_key(&table.name) {
                    return Err(format!("there is a table `{}` already", table.name));
                }
                self.add(table.clone());
            }
            SchemaChange::DropTable(table) => {
                self.tables.remove(&table.name).ok_or_else(|| missing(&table.name))?;
            }
            SchemaChange::RenameTable { from, to } => {
                let mut table = self.tables.remove(from).ok_or_else(|| missing(from))?;
                table.name.clone_from(to);
                self.add(table);
                for key in self.tables.values_mut().flat_map(|t| &mut t.foreign_keys) {
                    if key.target == *from {
                        key.target.clone_from(to);
                    }
                }
            }
            SchemaChange::AddColumn { table, column, .. } => {
                let table = self.tables.get_mut(table).ok_or_else(|| missing(table))?;
                if table.column(&column.name).is_some() {
                    return Err(format!("`{}` has a column `{}` already", table.name, column.name));
                }
                table.columns.push(column.clone());
            }
            SchemaChange::DropColumn { table, column } => {
                let table = self.tables.get_mut(table).ok_or_else(|| missing(table))?;
                let at = table.position(&column.name)?;
                table.columns.remove(at);
            }
            SchemaChange::RenameColumn { table: name, from, to } => {
                let table = self.tables.get_mut(name).ok_or_else(|| missing(name))?;
                let at = table.position(from)?;
                table.columns[at].name.clone_from(to);
                let indexed = table.indexes.iter_mut().flat_map(|i| &mut i.columns).map(|(c, _)| c);
                let keys = table.foreign_keys.iter_mut().map(|k| &mut k.column);
                for column in indexed.chain(keys).chain(&mut table.primary_key).filter(|c| *c == from) {
                    column.clone_from(to);
                }
                for key in self.tables.values_mut().flat_map(|t| &mut t.foreign_keys) {
                    if key.target == *name && key.target_column == *from {
                        key.target_column.clone_from(to);
                    }
                }
            }
            SchemaChange::AlterColumn { table, from, to, .. } => {
                let table = self.tables.get_mut(table).ok_or_else(|| missing(table))?;
                let at = table.position(&from.name)?;
                table.columns[at] = to.clone();
            }
            SchemaChange::AlterPrimaryKey { table, to, .. } => {
                self.tables.get_mut(table).ok_or_else(|| missing(table))?.primary_key.clone_from(to);
            }
            SchemaChange::CreateIndex { table, index } => {
                self.tables.get_mut(table).ok_or_else(|| missing(table))?.indexes.push(index.clone());
            }
            SchemaChange::DropIndex { table, index } => {
                self.tables.get_mut(table).ok_or_else(|| missing(table))?.indexes.retain(|i| i.name != index.name);
            }
            SchemaChange::AddForeignKey { table, key } => {
                self.tables.get_mut(table).ok_or_else(|| missing(table))?.foreign_keys.push(key.clone());
            }
            SchemaChange::DropForeignKey { table, key } => {
                self.tables.get_mut(table).ok_or_else(|| missing(table))?.foreign_keys.retain(|k| k.name != key.name);
            }
            SchemaChange::CommentTable { table, to, .. } => {
                self.tables.get_mut(table).ok_or_else(|| missing(table))?.comment.clone_from(to);
            }
        }
        Ok(())
    }
}

impl Table {
    /// The column of a name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|c| c.name == name)
    }

    fn position(&self, name: &str) -> Result<usize, String> {
        self.columns
            .iter()
            .position(|c| c.name == name)
            .ok_or_else(|| format!("`{}` has no column `{name}`", self.name))
    }
}

/// The table of a model.
pub fn table_of(model: &'static ModelMeta) -> Table {
    let mut indexes = Vec::new();
    let mut foreign_keys = Vec::new();
    let is_key = |name: &str| model.single_key().is_some_and(|k| k.column == name);
    for field in model.fields {
        let mut forward_unique = false;
        if let Some(relation) = field.relation.map(|i| &model.relations[i])
            && let RelationKind::Forward { unique, on_delete, constraint, .. } = relation.kind
        {
            forward_unique = unique;
            if constraint && let Some(key) = relation.target().single_key() {
                foreign_keys.push(ForeignKey {
                    name: name_of("fk", model.table, &[field.column]),
                    column: field.column.to_owned(),
                    target: relation.target().table.to_owned(),
                    target_column: key.column.to_owned(),
                    on_delete,
                });
            }
        }
        let unique = field.unique || forward_unique;
        if (unique || field.index) && !is_key(field.column) {
            let prefix = if unique { "uq" } else { "ix" };
            indexes.push(Index {
                name: name_of(prefix, model.table, &[field.column]),
                columns: vec![(field.column.to_owned(), false)],
                unique,
            });
        }
    }
    for index in model.indexes {
        let columns: Vec<(String, bool)> =
            index.fields.iter().map(|(i, desc)| (model.fields[*i].column.to_owned(), *desc)).collect();
        let names: Vec<&str> = columns.iter().map(|(c, _)| c.as_str()).collect();
        let prefix = if index.unique { "uq" } else { "ix" };
        let name = index.name.map_or_else(|| name_of(prefix, model.table, &names), str::to_owned);
        indexes.push(Index { name, columns, unique: index.unique });
    }
    Table {
        name: model.table.to_owned(),
        columns: model.fields.iter().map(column_of).collect(),
        primary_key: model.key().map(|f| f.column.to_owned()).collect(),
        indexes,
        foreign_keys,
        comment: comment_of(model.doc),
    }
}

fn column_of(field: &'static crate::meta::FieldMeta) -> Column {
    Column {
        name: field.column.to_owned(),
        kind: field.kind,
        null: field.null,
        default: field.db_default.map(|d| match d {
            DbDefault::Bool(v) => Default::Bool(v),
            DbDefault::Int(v) => Default::Int(v),
            DbDefault::Float(v) => Default::Float(v),
            DbDefault::Text(v) => Default::Text(v.to_owned()),
            DbDefault::Now => Default::Now,
        }),
        increment: field.auto == Auto::Increment,
        check: field
            .choices
            .unwrap_or_default()
            .iter()
            .map(|c| match c.value {
                ChoiceValue::Text(v) => CheckValue::Text(v.to_owned()),
                ChoiceValue::Int(v) => CheckValue::Int(v),
            })
            .collect(),
        comment: comment_of(field.doc),
    }
}

/// The table between the two sides of a many-to-many relation.
///
/// # Panics
/// If the relation is not many-to-many, or a side has no single key; the system checks refuse such models first.
pub fn table_between(relation: &'static crate::meta::RelationMeta) -> Table {
    let RelationKind::Many { table, from, to, .. } = relation.kind else {
        panic!("`{}` is not a many-to-many relation", relation.name)
    };
    let side = |column: &str, model: &'static ModelMeta| {
        let key = model.single_key().expect("a many-to-many relation joins models with a single key");
        let column_def = Column {
            name: column.to_owned(),
            kind: key.kind,
            null: false,
            default: None,
            increment: false,
            check: Vec::new(),
            comment: String::new(),
        };
        let foreign_key = ForeignKey {
            name: name_of("fk", table, &[column]),
            column: column.to_owned(),
            target: model.table.to_owned(),
            target_column: key.column.to_owned(),
            on_delete: OnDelete::Cascade,
        };
        (column_def, foreign_key)
    };
    let (from_column, from_key) = side(from, relation.owner());
    let (to_column, to_key) = side(to, relation.target());
    Table {
        name: table.to_owned(),
        columns: vec![from_column, to_column],
        primary_key: vec![from.to_owned(), to.to_owned()],
        indexes: vec![Index {
            name: name_of("ix", table, &[to]),
            columns: vec![(to.to_owned(), false)],
            unique: false,
        }],
        foreign_keys: vec![from_key, to_key],
        comment: String::new(),
    }
}

/// The comment that a doc comment gives a table or column: its first paragraph, on one line.
pub fn comment_of(doc: &str) -> String {
    let lines = doc.lines().map(str::trim).skip_while(|l| l.is_empty()).take_while(|l| !l.is_empty());
    lines.collect::<Vec<_>>().join(" ")
}

/// A name for an index or constraint, at most 60 bytes long, the same on every database and in every run.
pub fn name_of(prefix: &str, table: &str, columns: &[&str]) -> String {
    let full = format!("{prefix}_{table}_{}", columns.join("_"));
    if full.len() <= 60 {
        return full;
    }
    // FNV-1a: stable across programs, which the standard library's hasher does not promise.
    let hash = full.bytes().fold(0xcbf2_9ce4_8422_2325u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    let cut = (0..=47).rev().find(|i| full.is_char_boundary(*i)).unwrap_or(0);
    format!("{}_{:012x}", &full[..cut], hash & 0xffff_ffff_ffff)
}
