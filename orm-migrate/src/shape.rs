//! The parts of a model as migrations describe them: constants that only say what has to do with tables.
//!
//! `sqlmigrate(..)` in the examples is explained at [`Operation`](crate::Operation).

use orm_core::meta::{ChoiceValue, DbDefault, OnDelete};
use orm_core::value::Kind;

/// A model, as it is created.
///
/// ```
/// # orm_blog::example! {
/// use orm::migrate::prelude::*;
/// const POST: Model = Model::new("Post", "posts")
///     .fields(&[Field::int64("id").increment(), Field::string("title", 200)])
///     .key(&["id"])
///     .indexes(&[Index::on(&[("title", false)])]);
/// assert_eq!(POST.fields[1].kind, orm::value::Kind::Text { max: Some(200) });
/// # }
/// ```
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
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// let post = Model::new("Post", "posts");
    /// assert!(post.managed && post.fields.is_empty());
    /// # }
    /// ```
    pub const fn new(name: &'static str, table: &'static str) -> Model {
        Model { name, table, managed: true, comment: "", fields: &[], key: &[], indexes: &[], many: &[] }
    }
    /// The same with fields.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// const POST: Model = Model::new("Post", "posts").fields(&[Field::int64("id").increment(), Field::text("body")]);
    /// assert_eq!(POST.fields.len(), 2);
    /// # }
    /// ```
    #[must_use]
    pub const fn fields(mut self, fields: &'static [Field]) -> Model {
        self.fields = fields;
        self
    }
    /// The same with a primary key.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// const LINE: Model =
    ///     Model::new("Line", "lines").fields(&[Field::int64("order"), Field::int64("line")]).key(&["order", "line"]);
    /// assert_eq!(LINE.key, ["order", "line"]);
    /// # }
    /// ```
    #[must_use]
    pub const fn key(mut self, fields: &'static [&'static str]) -> Model {
        self.key = fields;
        self
    }
    /// The same with indexes.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// const POST: Model = Model::new("Post", "posts").indexes(&[Index::unique(&[("title", false)]).named("one_title")]);
    /// assert_eq!(POST.indexes[0].name, Some("one_title"));
    /// # }
    /// ```
    #[must_use]
    pub const fn indexes(mut self, indexes: &'static [Index]) -> Model {
        self.indexes = indexes;
        self
    }
    /// The same with many-to-many relations.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// const POST: Model = Model::new("Post", "posts")
    ///     .many(&[ManyToMany::new("tags", "blog", "Tag").through("posts_tags", "post_id", "tag_id")]);
    /// assert_eq!(POST.many[0].table, "posts_tags");
    /// # }
    /// ```
    #[must_use]
    pub const fn many(mut self, many: &'static [ManyToMany]) -> Model {
        self.many = many;
        self
    }
    /// The same with a comment on its table.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// assert_eq!(Model::new("Post", "posts").comment("What is written.").comment, "What is written.");
    /// # }
    /// ```
    #[must_use]
    pub const fn comment(mut self, comment: &'static str) -> Model {
        self.comment = comment;
        self
    }
    /// The same over a table that migrations leave alone.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// assert!(!Model::new("Post", "posts").unmanaged().managed);
    /// # }
    /// ```
    #[must_use]
    pub const fn unmanaged(mut self) -> Model {
        self.managed = false;
        self
    }
}

/// A column of a model.
///
/// ```
/// # orm_blog::example! {
/// use orm::migrate::prelude::*;
/// assert!(
///     sqlmigrate(Op::add_field("Post", Field::string("slug", 80).null().unique()))?
///         .ends_with(r#"CREATE UNIQUE INDEX "uq_posts_slug" ON "posts" ("slug");"#)
/// );
/// # }
/// ```
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
///
/// ```
/// # orm_blog::example! {
/// use orm::migrate::prelude::*;
/// let author = Field::int64("author").references("blog", "Author", OnDelete::Cascade);
/// assert_eq!(author.target.map(|target| (target.model, target.constraint)), Some(("Author", true)));
/// # }
/// ```
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
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// use orm::value::Kind;
    /// assert_eq!(Field::new("rank", Kind::Int32), Field::int32("rank"));
    /// # }
    /// ```
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
        ///
        /// ```
        /// # orm_blog::example! {
        /// use orm::migrate::prelude::*;
        /// assert!(
        ///     sqlmigrate(Op::add_field("Post", Field::boolean("extra").null()))?
        ///         .ends_with(r#"ALTER TABLE "posts" ADD COLUMN "extra" boolean;"#)
        /// );
        /// # }
        /// ```
        boolean = Kind::Bool;
        /// `i16`
        ///
        /// ```
        /// # orm_blog::example! {
        /// use orm::migrate::prelude::*;
        /// assert!(
        ///     sqlmigrate(Op::add_field("Post", Field::int16("extra").null()))?
        ///         .ends_with(r#"ALTER TABLE "posts" ADD COLUMN "extra" smallint;"#)
        /// );
        /// # }
        /// ```
        int16 = Kind::Int16;
        /// `i32`
        ///
        /// ```
        /// # orm_blog::example! {
        /// use orm::migrate::prelude::*;
        /// assert!(
        ///     sqlmigrate(Op::add_field("Post", Field::int32("extra").null()))?
        ///         .ends_with(r#"ALTER TABLE "posts" ADD COLUMN "extra" integer;"#)
        /// );
        /// # }
        /// ```
        int32 = Kind::Int32;
        /// `i64`
        ///
        /// ```
        /// # orm_blog::example! {
        /// use orm::migrate::prelude::*;
        /// assert!(
        ///     sqlmigrate(Op::add_field("Post", Field::int64("extra").null()))?
        ///         .ends_with(r#"ALTER TABLE "posts" ADD COLUMN "extra" bigint;"#)
        /// );
        /// # }
        /// ```
        int64 = Kind::Int64;
        /// `f64`
        ///
        /// ```
        /// # orm_blog::example! {
        /// use orm::migrate::prelude::*;
        /// assert!(
        ///     sqlmigrate(Op::add_field("Post", Field::float64("extra").null()))?
        ///         .ends_with(r#"ALTER TABLE "posts" ADD COLUMN "extra" double precision;"#)
        /// );
        /// # }
        /// ```
        float64 = Kind::Float64;
        /// Text of any length.
        ///
        /// ```
        /// # orm_blog::example! {
        /// use orm::migrate::prelude::*;
        /// assert!(
        ///     sqlmigrate(Op::add_field("Post", Field::text("extra").null()))?
        ///         .ends_with(r#"ALTER TABLE "posts" ADD COLUMN "extra" text COLLATE "C";"#)
        /// );
        /// # }
        /// ```
        text = Kind::TEXT;
        /// Bytes.
        ///
        /// ```
        /// # orm_blog::example! {
        /// use orm::migrate::prelude::*;
        /// assert!(
        ///     sqlmigrate(Op::add_field("Post", Field::bytes("extra").null()))?
        ///         .ends_with(r#"ALTER TABLE "posts" ADD COLUMN "extra" bytea;"#)
        /// );
        /// # }
        /// ```
        bytes = Kind::Bytes;
        /// A calendar day.
        ///
        /// ```
        /// # orm_blog::example! {
        /// use orm::migrate::prelude::*;
        /// assert!(
        ///     sqlmigrate(Op::add_field("Post", Field::date("extra").null()))?
        ///         .ends_with(r#"ALTER TABLE "posts" ADD COLUMN "extra" date;"#)
        /// );
        /// # }
        /// ```
        date = Kind::Date;
        /// A time of day.
        ///
        /// ```
        /// # orm_blog::example! {
        /// use orm::migrate::prelude::*;
        /// assert!(
        ///     sqlmigrate(Op::add_field("Post", Field::time("extra").null()))?
        ///         .ends_with(r#"ALTER TABLE "posts" ADD COLUMN "extra" time;"#)
        /// );
        /// # }
        /// ```
        time = Kind::Time;
        /// Day and time without a zone.
        ///
        /// ```
        /// # orm_blog::example! {
        /// use orm::migrate::prelude::*;
        /// assert!(
        ///     sqlmigrate(Op::add_field("Post", Field::datetime("extra").null()))?
        ///         .ends_with(r#"ALTER TABLE "posts" ADD COLUMN "extra" timestamp;"#)
        /// );
        /// # }
        /// ```
        datetime = Kind::DateTime;
        /// An instant.
        ///
        /// ```
        /// # orm_blog::example! {
        /// use orm::migrate::prelude::*;
        /// assert!(
        ///     sqlmigrate(Op::add_field("Post", Field::timestamp("extra").null()))?
        ///         .ends_with(r#"ALTER TABLE "posts" ADD COLUMN "extra" timestamptz;"#)
        /// );
        /// # }
        /// ```
        timestamp = Kind::Timestamp;
        /// A span of time.
        ///
        /// ```
        /// # orm_blog::example! {
        /// use orm::migrate::prelude::*;
        /// assert!(
        ///     sqlmigrate(Op::add_field("Post", Field::duration("extra").null()))?
        ///         .ends_with(r#"ALTER TABLE "posts" ADD COLUMN "extra" bigint;"#)
        /// );
        /// # }
        /// ```
        duration = Kind::Duration;
        /// A UUID.
        ///
        /// ```
        /// # orm_blog::example! {
        /// use orm::migrate::prelude::*;
        /// assert!(
        ///     sqlmigrate(Op::add_field("Post", Field::uuid("extra").null()))?
        ///         .ends_with(r#"ALTER TABLE "posts" ADD COLUMN "extra" uuid;"#)
        /// );
        /// # }
        /// ```
        uuid = Kind::Uuid;
        /// A JSON document.
        ///
        /// ```
        /// # orm_blog::example! {
        /// use orm::migrate::prelude::*;
        /// assert!(
        ///     sqlmigrate(Op::add_field("Post", Field::json("extra").null()))?
        ///         .ends_with(r#"ALTER TABLE "posts" ADD COLUMN "extra" jsonb;"#)
        /// );
        /// # }
        /// ```
        json = Kind::Json;
    }
    /// Text of at most `max` characters.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// assert!(
    ///     sqlmigrate(Op::add_field("Post", Field::string("slug", 80).null()))?
    ///         .ends_with(r#"ALTER TABLE "posts" ADD COLUMN "slug" varchar(80) COLLATE "C";"#)
    /// );
    /// # }
    /// ```
    pub const fn string(name: &'static str, max: u32) -> Field {
        Field::new(name, Kind::Text { max: Some(max) })
    }
    /// A decimal number of at most `digits` digits, `places` of them after the point.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// assert!(
    ///     sqlmigrate(Op::add_field("Post", Field::decimal("price", 5, 2).null()))?
    ///         .ends_with(r#"ALTER TABLE "posts" ADD COLUMN "price" numeric(5,2);"#)
    /// );
    /// # }
    /// ```
    pub const fn decimal(name: &'static str, digits: u8, places: u8) -> Field {
        Field::new(name, Kind::Decimal { digits, places })
    }
    /// The same in a column of another name.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// assert!(
    ///     sqlmigrate(Op::add_field("Post", Field::text("kind").column("type").null()))?
    ///         .ends_with(r#"ALTER TABLE "posts" ADD COLUMN "type" text COLLATE "C";"#)
    /// );
    /// # }
    /// ```
    #[must_use]
    pub const fn column(mut self, column: &'static str) -> Field {
        self.column = column;
        self
    }
    /// The same, nullable.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// assert!(
    ///     sqlmigrate(Op::add_field("Post", Field::date("day").null()))?
    ///         .ends_with(r#"ALTER TABLE "posts" ADD COLUMN "day" date;"#)
    /// );
    /// # }
    /// ```
    #[must_use]
    pub const fn null(mut self) -> Field {
        self.null = true;
        self
    }
    /// The same, with a unique index.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// assert!(
    ///     sqlmigrate(Op::alter_field("Tag", Field::string("name", 40).unique()))?
    ///         .ends_with(r#"CREATE UNIQUE INDEX "uq_tags_name" ON "tags" ("name");"#)
    /// );
    /// # }
    /// ```
    #[must_use]
    pub const fn unique(mut self) -> Field {
        self.unique = true;
        self
    }
    /// The same, with an index.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// assert!(
    ///     sqlmigrate(Op::alter_field("Tag", Field::string("name", 40).index()))?
    ///         .ends_with(r#"CREATE INDEX "ix_tags_name" ON "tags" ("name");"#)
    /// );
    /// # }
    /// ```
    #[must_use]
    pub const fn index(mut self) -> Field {
        self.index = true;
        self
    }
    /// The same, counted up by the database.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// const LOG: Model = Model::new("Log", "logs").fields(&[Field::int64("id").increment()]).key(&["id"]);
    /// assert!(sqlmigrate(Op::create_model(LOG))?.contains("GENERATED BY DEFAULT AS IDENTITY"));
    /// # }
    /// ```
    #[must_use]
    pub const fn increment(mut self) -> Field {
        self.increment = true;
        self
    }
    /// The same, with a default in the database.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// assert!(
    ///     sqlmigrate(Op::add_field("Post", Field::int32("rank").default(DbDefault::Int(0))))?
    ///         .ends_with(r#"ALTER TABLE "posts" ADD COLUMN "rank" integer DEFAULT 0 NOT NULL;"#)
    /// );
    /// # }
    /// ```
    #[must_use]
    pub const fn default(mut self, default: DbDefault) -> Field {
        self.default = Some(default);
        self
    }
    /// The same, with only these values.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// const STATES: &[ChoiceValue] = &[ChoiceValue::Text("draft"), ChoiceValue::Text("out")];
    /// let sql = sqlmigrate(Op::add_field("Post", Field::string("status", 5).choices(STATES).null()))?;
    /// assert!(sql.contains(r#"CHECK ("status" IN ('draft', 'out'))"#));
    /// # }
    /// ```
    #[must_use]
    pub const fn choices(mut self, choices: &'static [ChoiceValue]) -> Field {
        self.choices = choices;
        self
    }
    /// The same, with a comment on the column.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// assert!(
    ///     sqlmigrate(Op::alter_field("Tag", Field::string("name", 40).comment("What it is called.")))?
    ///         .ends_with(r#"COMMENT ON COLUMN "tags"."name" IS 'What it is called.';"#)
    /// );
    /// # }
    /// ```
    #[must_use]
    pub const fn comment(mut self, comment: &'static str) -> Field {
        self.comment = comment;
        self
    }
    /// The same as a foreign key to the primary key of a model.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// let tag = Field::int64("tag").column("tag_id").null().references("blog", "Tag", OnDelete::SetNull);
    /// let sql = sqlmigrate(Op::add_field("Post", tag))?;
    /// assert!(sql.contains(r#"FOREIGN KEY ("tag_id") REFERENCES "tags" ("id") ON DELETE SET NULL"#));
    /// # }
    /// ```
    #[must_use]
    pub const fn references(mut self, app: &'static str, model: &'static str, on_delete: OnDelete) -> Field {
        self.target = Some(Target { app, model, on_delete, constraint: true });
        self
    }
    /// The same as a foreign key that the database does not enforce.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// let tag = Field::int64("tag").column("tag_id").null().references_unchecked("blog", "Tag");
    /// assert!(!sqlmigrate(Op::add_field("Post", tag))?.contains("FOREIGN KEY"));
    /// # }
    /// ```
    #[must_use]
    pub const fn references_unchecked(mut self, app: &'static str, model: &'static str) -> Field {
        self.target = Some(Target { app, model, on_delete: OnDelete::NoAction, constraint: false });
        self
    }
}

/// An index or unique constraint over fields.
///
/// ```
/// # orm_blog::example! {
/// use orm::migrate::prelude::*;
/// assert!(
///     sqlmigrate(Op::add_index("Post", Index::on(&[("title", false), ("id", true)]).named("ix_newest")))?
///         .ends_with(r#"CREATE INDEX "ix_newest" ON "posts" ("title", "id" DESC);"#)
/// );
/// # }
/// ```
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
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// assert!(
    ///     sqlmigrate(Op::add_index("Post", Index::on(&[("title", false)])))?
    ///         .ends_with(r#"CREATE INDEX "ix_posts_title" ON "posts" ("title");"#)
    /// );
    /// # }
    /// ```
    pub const fn on(fields: &'static [(&'static str, bool)]) -> Index {
        Index { name: None, fields, unique: false }
    }
    /// A unique constraint.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// assert!(
    ///     sqlmigrate(Op::add_index("Post", Index::unique(&[("title", false)])))?
    ///         .ends_with(r#"CREATE UNIQUE INDEX "uq_posts_title" ON "posts" ("title");"#)
    /// );
    /// # }
    /// ```
    pub const fn unique(fields: &'static [(&'static str, bool)]) -> Index {
        Index { name: None, fields, unique: true }
    }
    /// The same with a name.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// assert!(
    ///     sqlmigrate(Op::add_index("Tag", Index::on(&[("name", false)]).named("ix_names")))?
    ///         .ends_with(r#"CREATE INDEX "ix_names" ON "tags" ("name");"#)
    /// );
    /// # }
    /// ```
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Index {
        self.name = Some(name);
        self
    }
}

/// A many-to-many relation, on the side that owns the table between.
///
/// ```
/// # orm_blog::example! {
/// use orm::migrate::prelude::*;
/// const TAGS: ManyToMany = ManyToMany::new("tags", "blog", "Tag").through("posts_tags", "post_id", "tag_id");
/// assert!(sqlmigrate(Op::add_many_to_many("Post", TAGS))?.contains(r#"CREATE TABLE "posts_tags""#));
/// # }
/// ```
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
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// let tags = ManyToMany::new("tags", "blog", "Tag");
    /// assert_eq!((tags.name, tags.model), ("tags", "Tag"));
    /// # }
    /// ```
    pub const fn new(name: &'static str, app: &'static str, model: &'static str) -> ManyToMany {
        ManyToMany { name, app, model, table: "", from: "", to: "" }
    }
    /// The same, with the table between and its two columns.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// let tags = ManyToMany::new("tags", "blog", "Tag").through("posts_tags", "post_id", "tag_id");
    /// assert_eq!((tags.table, tags.from, tags.to), ("posts_tags", "post_id", "tag_id"));
    /// # }
    /// ```
    #[must_use]
    pub const fn through(mut self, table: &'static str, from: &'static str, to: &'static str) -> ManyToMany {
        self.table = table;
        self.from = from;
        self.to = to;
        self
    }
}
