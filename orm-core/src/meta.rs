//! What a model is, as constant data: the derive writes it, everything else reads it. Knows no SQL.
//!
//! ```
//! # orm_blog::example! {
//! let book = Book::META;
//! assert_eq!((book.name, book.table), ("Book", "books"));
//! let columns: Vec<&str> = book.fields.iter().map(|field| field.column).collect();
//! assert_eq!(columns[..4], ["id", "title", "subtitle", "author_id"]);
//! let author = book.relation("author").expect("a book has an author");
//! assert_eq!((author.target().name, author.is_many()), ("Author", false));
//! # }
//! ```

use std::any::Any;
use std::sync::Arc;

use crate::error::Result;
use crate::value::{Kind, Nullness, Row, SqlType, Value};

pub use crate::value::{Choice, ChoiceValue};

/// A model: its table, fields and relations.
#[derive(Debug)]
pub struct ModelMeta {
    /// The struct's name.
    pub name: &'static str,
    /// The module it stands in (`module_path!()`).
    pub module: &'static str,
    /// Its table.
    pub table: &'static str,
    /// Whether the library creates and changes the table; else it is taken as it is found.
    pub managed: bool,
    /// The struct's doc comment.
    pub doc: &'static str,
    /// Its columns, in the order of the struct.
    pub fields: &'static [FieldMeta],
    /// Its relations, in the order of the struct; a foreign key is both a field and a relation.
    pub relations: &'static [RelationMeta],
    /// Indices into `fields` of the primary key.
    pub primary_key: &'static [usize],
    /// How its rows are ordered unless a query says otherwise.
    pub ordering: &'static [OrderMeta],
    /// Its indexes and unique constraints over fields, besides those said at one field.
    pub indexes: &'static [IndexMeta],
    /// What can be done with its rows without knowing their type.
    pub ops: ModelOps,
}

/// A column of a model.
#[derive(Debug)]
pub struct FieldMeta {
    /// The field's name (without `r#`).
    pub name: &'static str,
    /// The column's name.
    pub column: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it may be NULL.
    pub null: bool,
    /// Whether its values differ from row to row.
    pub unique: bool,
    /// Whether it has an index of its own.
    pub index: bool,
    /// What fills it when nothing is given.
    pub auto: Auto,
    /// Its default, made in Rust when a draft leaves it out.
    pub default: Option<fn() -> Value>,
    /// Its default in the database.
    pub db_default: Option<DbDefault>,
    /// The values it may have, from `Choices`.
    pub choices: Option<&'static [Choice]>,
    /// The field's doc comment.
    pub doc: &'static str,
    /// How the column stores its kind.
    pub storage: Storage,
    /// Index into the model's `relations`, if this is a foreign key.
    pub relation: Option<usize>,
}

/// How a column stores its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Storage {
    /// As the library does in tables that it creates (a decimal on a database without decimals is a scaled integer).
    Ours,
    /// As the table was found, in the database's own types.
    Native,
}

/// What fills a column when a draft does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Auto {
    /// Nothing does.
    No,
    /// The database counts up.
    Increment,
    /// The time of the insert.
    NowAdd,
    /// The time of every insert and save.
    Now,
    /// A new random UUID.
    Uuid,
}

/// A default that stands in the table's definition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DbDefault {
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
    /// Text; also decimals, dates, UUIDs and JSON, in their text form.
    Text(&'static str),
    /// The current time.
    Now,
}

/// One key of a model's ordering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderMeta {
    /// Index into `fields`.
    pub field: usize,
    /// Greatest first.
    pub descending: bool,
}

/// An index or unique constraint over several fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexMeta {
    /// Its name, if given.
    pub name: Option<&'static str>,
    /// Indices into `fields`, with whether each is descending.
    pub fields: &'static [(usize, bool)],
    /// Whether the combination is unique.
    pub unique: bool,
}

/// A relation of a model.
pub struct RelationMeta {
    /// The field's name (without `r#`).
    pub name: &'static str,
    /// The model that has the field.
    pub owner: fn() -> &'static ModelMeta,
    /// The model on the other side.
    pub target: fn() -> &'static ModelMeta,
    /// How the two are tied.
    pub kind: RelationKind,
    /// Index of the field in the struct's relations, for [`ModelOps::attach`].
    pub index: usize,
}

impl std::fmt::Debug for RelationMeta {
    // A relation names its models by function, so that printing a ring of models ends.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} -> {}", self.name, (self.target)().name)
    }
}

/// How a relation is stored.
#[derive(Debug, Clone, Copy)]
pub enum RelationKind {
    /// A foreign key or one-to-one: a column of the owner holds the target's key.
    Forward {
        /// Index into the owner's `fields`.
        field: usize,
        /// Whether at most one row points at a target (one-to-one).
        unique: bool,
        /// What happens to the row when its target is deleted.
        on_delete: OnDelete,
        /// Whether the database enforces it.
        constraint: bool,
    },
    /// The other side of a foreign key or one-to-one.
    Reverse {
        /// The forward relation.
        of: fn() -> &'static RelationMeta,
        /// Whether there is at most one row (one-to-one).
        unique: bool,
    },
    /// A many-to-many relation, on the side that owns the table between.
    Many {
        /// The table between.
        table: &'static str,
        /// Its column with the owner's key.
        from: &'static str,
        /// Its column with the target's key.
        to: &'static str,
        /// Whether the library creates that table.
        managed: bool,
    },
    /// The other side of a many-to-many relation.
    ManyReverse {
        /// The side that owns the table between.
        of: fn() -> &'static RelationMeta,
    },
}

/// What happens to a row when the row that it points at is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OnDelete {
    /// It is deleted too.
    Cascade,
    /// Its key becomes NULL.
    SetNull,
    /// Its key becomes the column's default.
    SetDefault,
    /// The deletion is refused.
    Restrict,
    /// The database decides at the end of the statement or transaction; it refuses, as a rule.
    NoAction,
}

/// Rows of an unknown model, or a relation's loaded rows.
pub type Loaded = Arc<dyn Any + Send + Sync>;
/// A row of an unknown model.
pub type AnyRow = Box<dyn Any + Send + Sync>;

/// What can be done with a model's rows without knowing their type: pointers to functions that know it.
///
/// Related rows are always decoded through these, never by generic code, so that no instantiation for one model
/// needs another's.
#[derive(Debug, Clone, Copy)]
pub struct ModelOps {
    /// Reads a row.
    pub decode: fn(&mut Row<'_>) -> Result<AnyRow>,
    /// Puts loaded rows into a relation field (by index into `relations`): an `Arc<T>` for to-one, an `Arc<Vec<T>>` for to-many.
    pub attach: fn(&mut dyn Any, usize, Loaded),
    /// A field's value (by index into `fields`).
    pub value: fn(&dyn Any, usize) -> Value,
    /// Makes an `Arc<Vec<T>>` of rows.
    pub gather: fn(Vec<AnyRow>) -> Loaded,
    /// Makes an `Arc<T>` of a row.
    pub share: fn(AnyRow) -> Loaded,
}

impl ModelMeta {
    /// The field of a name.
    pub fn field(&self, name: &str) -> Option<&'static FieldMeta> {
        self.fields.iter().find(|f| f.name == name)
    }

    /// The relation of a name.
    pub fn relation(&self, name: &str) -> Option<&'static RelationMeta> {
        self.relations.iter().find(|r| r.name == name)
    }

    /// The fields of the primary key.
    pub fn key(&self) -> impl ExactSizeIterator<Item = &'static FieldMeta> + use<> {
        let fields = self.fields;
        self.primary_key.iter().map(move |i| &fields[*i])
    }

    /// The primary key's field, where it is one.
    pub fn single_key(&self) -> Option<&'static FieldMeta> {
        match self.primary_key {
            [one] => Some(&self.fields[*one]),
            _ => None,
        }
    }

    /// Whether two metas are the same model.
    pub fn is(&self, other: &ModelMeta) -> bool {
        std::ptr::eq(self, other)
    }
}

/// What the derive starts a field from; it changes what the attributes say.
#[doc(hidden)]
impl FieldMeta {
    /// A column of a type.
    pub const fn of<T: SqlType>(name: &'static str, column: &'static str) -> FieldMeta {
        let null = <T::Nulls as Nullness>::NULL;
        FieldMeta { choices: T::CHOICES, ..FieldMeta::plain(name, column, T::KIND, null) }
    }

    /// A column of the key of another model: `relation` is an index into `relations`.
    pub const fn forward(
        name: &'static str,
        column: &'static str,
        key: Kind,
        null: bool,
        relation: usize,
    ) -> FieldMeta {
        FieldMeta { index: true, relation: Some(relation), ..FieldMeta::plain(name, column, key, null) }
    }

    const fn plain(name: &'static str, column: &'static str, kind: Kind, null: bool) -> FieldMeta {
        FieldMeta {
            name,
            column,
            kind,
            null,
            unique: false,
            index: false,
            auto: Auto::No,
            default: None,
            db_default: None,
            choices: None,
            doc: "",
            storage: Storage::Ours,
            relation: None,
        }
    }
}

/// The kind of a text column that says `max_length`.
///
/// # Panics
/// If the column is not text. It is called in constants, so that is an error of the compiler.
#[doc(hidden)]
pub const fn limited(kind: Kind, max_length: u32) -> Kind {
    assert!(matches!(kind, Kind::Text { .. }), "`max_length` is for a field that is stored as text");
    Kind::Text { max: Some(max_length) }
}

/// The kind of a decimal column that says `max_digits` and `decimal_places`.
///
/// # Panics
/// If the column is not decimal. It is called in constants, so that is an error of the compiler.
#[doc(hidden)]
pub const fn exact(kind: Kind, digits: u8, places: u8) -> Kind {
    assert!(
        matches!(kind, Kind::Decimal { .. }),
        "`max_digits` and `decimal_places` are for a field that is stored as a decimal number"
    );
    Kind::Decimal { digits, places }
}

impl RelationMeta {
    /// The model that has the field.
    pub fn owner(&self) -> &'static ModelMeta {
        (self.owner)()
    }

    /// The model on the other side.
    pub fn target(&self) -> &'static ModelMeta {
        (self.target)()
    }

    /// Whether one row has many on the other side.
    pub fn is_many(&self) -> bool {
        match self.kind {
            RelationKind::Forward { .. } => false,
            RelationKind::Reverse { unique, .. } => !unique,
            RelationKind::Many { .. } | RelationKind::ManyReverse { .. } => true,
        }
    }

    /// The foreign key's field, if this is one.
    pub fn column(&self) -> Option<&'static FieldMeta> {
        match self.kind {
            RelationKind::Forward { field, .. } => Some(&self.owner().fields[field]),
            _ => None,
        }
    }
}

/// A model that registered itself at link time.
#[derive(Debug)]
pub struct Registered {
    /// What it is.
    pub meta: &'static ModelMeta,
    /// A row of it as JSON, if it takes `Serialize`.
    pub to_json: fn(&(dyn Any + Send + Sync)) -> Option<serde_json::Value>,
}
inventory::collect!(Registered);

/// Every model that is linked into this program, by module and name.
pub fn registered() -> Vec<&'static ModelMeta> {
    let mut models: Vec<_> = inventory::iter::<Registered>.into_iter().map(|r| r.meta).collect();
    models.sort_by_key(|m| (m.module, m.name));
    models
}

/// One step of a path from a root: a relation, followed.
#[derive(Debug)]
pub struct Hop {
    /// The steps before this one.
    pub parent: Option<&'static Hop>,
    /// The relation that is followed.
    pub relation: &'static RelationMeta,
    /// Whether it is followed from its target back to its owner (`rev(…)`).
    pub backwards: bool,
    /// Whether a to-many relation gives a row for each of its rows (`each()`).
    pub each: bool,
}

impl Hop {
    /// The model that the step leads to.
    pub fn to(&self) -> &'static ModelMeta {
        if self.backwards { self.relation.owner() } else { self.relation.target() }
    }

    /// The model that the step starts from.
    pub fn from(&self) -> &'static ModelMeta {
        if self.backwards { self.relation.target() } else { self.relation.owner() }
    }

    /// Whether the step leads to many rows.
    pub fn is_many(&self) -> bool {
        match (self.backwards, self.relation.kind) {
            (false, _) => self.relation.is_many(),
            (true, RelationKind::Forward { unique, .. }) => !unique,
            (true, RelationKind::Reverse { .. }) => false,
            (true, RelationKind::Many { .. } | RelationKind::ManyReverse { .. }) => true,
        }
    }

    /// Whether two steps, with all before them, are the same path. The compiler may place one constant twice, so
    /// addresses of hops say nothing; those of relations do, since they lie in statics.
    pub fn same(&self, other: &Hop) -> bool {
        std::ptr::eq(self.relation, other.relation)
            && self.each == other.each
            && self.backwards == other.backwards
            && match (self.parent, other.parent) {
                (None, None) => true,
                (Some(a), Some(b)) => a.same(b),
                _ => false,
            }
    }

    /// The steps from the root to this one.
    pub fn chain(&'static self) -> Vec<&'static Hop> {
        let mut steps = vec![self];
        let mut at = self;
        while let Some(parent) = at.parent {
            steps.push(parent);
            at = parent;
        }
        steps.reverse();
        steps
    }

    /// `author__country`
    pub fn path(&'static self) -> String {
        self.chain().iter().map(|h| h.relation.name).collect::<Vec<_>>().join("__")
    }
}
