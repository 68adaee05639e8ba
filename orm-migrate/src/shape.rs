//! The parts of a model as migrations describe them: constants that only say what has to do with tables.

use orm_core::meta::{ChoiceValue, DbDefault, OnDelete};
use orm_core::value::Kind;

/// A model, as it is created.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Model {
    /// The struct's name.
    pub name: &'static str,
    /// Its table.
    pub table: &'static str,
    /// Whether migrations create and change the table.
    pub managed: bool,
    /// The comment on the table.
    pub comment: &'static str,
    /// Its columns.
    pub fields: &'static [Field],
    /// The fields of its primary key.
    pub key: &'static [&'static str],
    /// Indexes and unique constraints over several fields.
    pub indexes: &'static [Index],
    /// Its many-to-many relations.
    pub many: &'static [ManyToMany],
}

impl Model {
    /// A model without fields.
    pub const fn new(name: &'static str, table: &'static str) -> Model {
        Model { name, table, managed: true, comment: "", fields: &[], key: &[], indexes: &[], many: &[] }
    }
    /// The same with fields.
    #[must_use]
    pub const fn fields(mut self, fields: &'static [Field]) -> Model {
        self.fields = fields;
        self
    }
    /// The same with a primary key.
    #[must_use]
    pub const fn key(mut self, fields: &'static [&'static str]) -> Model {
        self.key = fields;
        self
    }
    /// The same with indexes.
    #[must_use]
    pub const fn indexes(mut self, indexes: &'static [Index]) -> Model {
        self.indexes = indexes;
        self
    }
    /// The same with many-to-many relations.
    #[must_use]
    pub const fn many(mut self, many: &'static [ManyToMany]) -> Model {
        self.many = many;
        self
    }
    /// The same with a comment on its table.
    #[must_use]
    pub const fn comment(mut self, comment: &'static str) -> Model {
        self.comment = comment;
        self
    }
    /// The same over a table that migrations leave alone.
    #[must_use]
    pub const fn unmanaged(mut self) -> Model {
        self.managed = false;
        self
    }
}

/// A column of a model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Field {
    /// The field's name.
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
    /// Whether the database counts it up.
    pub increment: bool,
    /// Its default in the database.
    pub default: Option<DbDefault>,
    /// The only values it may have.
    pub choices: &'static [ChoiceValue],
    /// The comment on the column.
    pub comment: &'static str,
    /// Where it points, if it is a foreign key.
    pub target: Option<Target>,
}

/// Where a foreign key points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// The app of the model.
    pub app: &'static str,
    /// The model.
    pub model: &'static str,
    /// What happens to the row when its target is deleted.
    pub on_delete: OnDelete,
    /// Whether the database enforces it.
    pub constraint: bool,
}

macro_rules! of_kind {
    ($($(#[$doc:meta])* $name:ident = $kind:expr;)*) => { $(
        $(#[$doc])*
        pub const fn $name(name: &'static str) -> Field {
            Field::new(name, $kind)
        }
    )* };
}

impl Field {
    /// A field of a kind: not null, its column named like it.
    pub const fn new(name: &'static str, kind: Kind) -> Field {
        Field {
            name,
            column: name,
            kind,
            null: false,
            unique: false,
            index: false,
            increment: false,
            default: None,
            choices: &[],
            comment: "",
            target: None,
        }
    }
    of_kind! {
        /// `bool`
        boolean = Kind::Bool;
        /// `i16`
        int16 = Kind::Int16;
        /// `i32`
        int32 = Kind::Int32;
        /// `i64`
        int64 = Kind::Int64;
        /// `f64`
        float64 = Kind::Float64;
        /// Text of any length.
        text = Kind::TEXT;
        /// Bytes.
        bytes = Kind::Bytes;
        /// A calendar day.
        date = Kind::Date;
        /// A time of day.
        time = Kind::Time;
        /// Day and time without a zone.
        datetime = Kind::DateTime;
        /// An instant.
        timestamp = Kind::Timestamp;
        /// A span of time.
        duration = Kind::Duration;
        /// A UUID.
        uuid = Kind::Uuid;
        /// A JSON document.
        json = Kind::Json;
    }
    /// Text of at most `max` characters.
    pub const fn string(name: &'static str, max: u32) -> Field {
        Field::new(name, Kind::Text { max: Some(max) })
    }
    /// A decimal number of at most `digits` digits, `places` of them after the point.
    pub const fn decimal(name: &'static str, digits: u8, places: u8) -> Field {
        Field::new(name, Kind::Decimal { digits, places })
    }
    /// The same in a column of another name.
    #[must_use]
    pub const fn column(mut self, column: &'static str) -> Field {
        self.column = column;
        self
    }
    /// The same, nullable.
    #[must_use]
    pub const fn null(mut self) -> Field {
        self.null = true;
        self
    }
    /// The same, with a unique index.
    #[must_use]
    pub const fn unique(mut self) -> Field {
        self.unique = true;
        self
    }
    /// The same, with an index.
    #[must_use]
    pub const fn index(mut self) -> Field {
        self.index = true;
        self
    }
    /// The same, counted up by the database.
    #[must_use]
    pub const fn increment(mut self) -> Field {
        self.increment = true;
        self
    }
    /// The same, with a default in the database.
    #[must_use]
    pub const fn default(mut self, default: DbDefault) -> Field {
        self.default = Some(default);
        self
    }
    /// The same, with only these values.
    #[must_use]
    pub const fn choices(mut self, choices: &'static [ChoiceValue]) -> Field {
        self.choices = choices;
        self
    }
    /// The same, with a comment on the column.
    #[must_use]
    pub const fn comment(mut self, comment: &'static str) -> Field {
        self.comment = comment;
        self
    }
    /// The same as a foreign key to the primary key of a model.
    #[must_use]
    pub const fn references(mut self, app: &'static str, model: &'static str, on_delete: OnDelete) -> Field {
        self.target = Some(Target { app, model, on_delete, constraint: true });
        self
    }
    /// The same as a foreign key that the database does not enforce.
    #[must_use]
    pub const fn references_unchecked(mut self, app: &'static str, model: &'static str) -> Field {
        self.target = Some(Target { app, model, on_delete: OnDelete::NoAction, constraint: false });
        self
    }
}

/// An index or unique constraint over fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Index {
    /// Its name; else one is made of the table and columns.
    pub name: Option<&'static str>,
    /// Names of fields, with whether each is descending.
    pub fields: &'static [(&'static str, bool)],
    /// Whether equal entries are refused.
    pub unique: bool,
}

impl Index {
    /// An index; `true` marks a field as descending.
    pub const fn on(fields: &'static [(&'static str, bool)]) -> Index {
        Index { name: None, fields, unique: false }
    }
    /// A unique constraint.
    pub const fn unique(fields: &'static [(&'static str, bool)]) -> Index {
        Index { name: None, fields, unique: true }
    }
    /// The same with a name.
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Index {
        self.name = Some(name);
        self
    }
}

/// A many-to-many relation, on the side that owns the table between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ManyToMany {
    /// The field's name.
    pub name: &'static str,
    /// The app of the model on the other side.
    pub app: &'static str,
    /// The model on the other side.
    pub model: &'static str,
    /// The table between.
    pub table: &'static str,
    /// Its column with the owner's key.
    pub from: &'static str,
    /// Its column with the other side's key.
    pub to: &'static str,
}

impl ManyToMany {
    /// A relation to a model of an app.
    pub const fn new(name: &'static str, app: &'static str, model: &'static str) -> ManyToMany {
        ManyToMany { name, app, model, table: "", from: "", to: "" }
    }
    /// The same, with the table between and its two columns.
    #[must_use]
    pub const fn through(mut self, table: &'static str, from: &'static str, to: &'static str) -> ManyToMany {
        self.table = table;
        self.from = from;
        self.to = to;
        self
    }
}
