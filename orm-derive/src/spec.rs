//! What a model is, as its author wrote it: plain data between parsing and emitting.

use proc_macro2::{Ident, Span};
use syn::{Attribute, Expr, Path, Type, Visibility};

/// A model.
pub struct Model {
    /// The struct's name.
    pub ident: Ident,
    /// Its visibility.
    pub vis: Visibility,
    /// Its doc comment.
    pub doc: String,
    /// The table.
    pub table: String,
    /// Whether the library creates it.
    pub managed: bool,
    /// How rows are ordered.
    pub ordering: Vec<Named>,
    /// Indexes and unique constraints.
    pub indexes: Vec<Index>,
    /// The fields of a key that the struct names.
    pub key_named: Option<(Vec<Named>, Span)>,
    /// Indices of the key's columns; the checks fill it.
    pub key: Vec<usize>,
    /// All fields, in their order.
    pub fields: Vec<Field>,
    /// Derives for the draft.
    pub derives: Vec<Path>,
}

/// A field named in a text.
pub struct Named {
    /// Its name.
    pub name: String,
    /// Greatest first.
    pub descending: bool,
    /// Where it stands.
    pub span: Span,
}

/// An index over several fields.
pub struct Index {
    /// Its name.
    pub name: Option<String>,
    /// Its fields.
    pub fields: Vec<Named>,
    /// Whether the combination is unique.
    pub unique: bool,
}

/// A field.
pub struct Field {
    /// Its name.
    pub ident: Ident,
    /// Its name without `r#`.
    pub name: String,
    /// Its visibility.
    pub vis: Visibility,
    /// Its type, without `Self`.
    pub ty: Type,
    /// Its doc comment.
    pub doc: String,
    /// The same as attributes.
    pub docs: Vec<Attribute>,
    /// Its column, if it has one.
    pub column: Option<Column>,
    /// Its relation, if it is one; a foreign key is both.
    pub relation: Option<Relation>,
}

/// A column.
pub struct Column {
    /// Index among the columns.
    pub index: usize,
    /// Its name.
    pub name: String,
    /// Whether the type is an `Option`.
    pub null: bool,
    /// The type without `Option`; of a foreign key `ForeignKey<T>` itself.
    pub base: Type,
    /// What `max_length` or `max_digits` say.
    pub limit: Option<Limit>,
    /// `#[orm(primary_key)]`, and where.
    pub primary_key: Option<Span>,
    /// Whether its values are unique.
    pub unique: bool,
    /// Whether it has an index.
    pub index_own: bool,
    /// What `auto` says, and where.
    pub auto_said: Option<(bool, Span)>,
    /// What fills it; the checks add what the key's type implies.
    pub auto: Auto,
    /// Its default in Rust.
    pub default: Option<Default>,
    /// Its default in the database.
    pub db_default: Option<DbDefault>,
}

/// How far a value may go.
pub enum Limit {
    /// Characters.
    Text(u32),
    /// All digits, and those after the point.
    Decimal(u8, u8),
}

/// What fills a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auto {
    /// Nothing.
    No,
    /// The database counts up.
    Increment,
    /// The time of the insert.
    NowAdd,
    /// The time of each save.
    Now,
    /// A new UUID.
    Uuid,
}

/// A default in Rust.
pub enum Default {
    /// `Default::default()`
    OfType,
    /// An expression.
    Expr(Expr),
}

/// A default in the database.
pub enum DbDefault {
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
    /// Text.
    Text(String),
    /// The current time.
    Now,
}

/// A relation.
pub struct Relation {
    /// Index among the relations.
    pub index: usize,
    /// The model on the other side.
    pub target: Type,
    /// How the two are tied.
    pub tie: Tie,
}

/// How two models are tied.
pub enum Tie {
    /// A foreign key or one-to-one relation.
    Forward {
        /// One-to-one.
        unique: bool,
        /// A variant of `OnDelete`.
        on_delete: Ident,
        /// Whether the database enforces it.
        constraint: bool,
    },
    /// The other side of one.
    Reverse {
        /// One-to-one.
        unique: bool,
        /// The field there.
        via: Ident,
    },
    /// A many-to-many relation.
    Many {
        /// The table between.
        table: String,
        /// Its column for this model.
        from: String,
        /// Its column for the other.
        to: String,
    },
    /// The other side of one.
    ManyReverse {
        /// The field there.
        via: Ident,
    },
}

impl Relation {
    /// Whether it leads to many rows.
    pub fn is_many(&self) -> bool {
        match self.tie {
            Tie::Forward { .. } => false,
            Tie::Reverse { unique, .. } => !unique,
            Tie::Many { .. } | Tie::ManyReverse { .. } => true,
        }
    }
}

impl Model {
    /// The fields with a column.
    pub fn columns(&self) -> impl Iterator<Item = (&Field, &Column)> {
        self.fields.iter().filter_map(|f| f.column.as_ref().map(|c| (f, c)))
    }

    /// The fields that are relations.
    pub fn relations(&self) -> impl Iterator<Item = (&Field, &Relation)> {
        self.fields.iter().filter_map(|f| f.relation.as_ref().map(|r| (f, r)))
    }

    /// The column of a field's name.
    pub fn column(&self, field: &str) -> Option<usize> {
        self.columns().find(|(f, _)| f.name == field).map(|(_, c)| c.index)
    }

    /// Whether a column is the whole primary key.
    pub fn is_key(&self, column: &Column) -> bool {
        self.key == [column.index]
    }
}

impl Column {
    /// Whether a new row must be given it.
    pub fn is_required(&self) -> bool {
        !self.null && self.auto == Auto::No && self.default.is_none() && self.db_default.is_none()
    }
}
