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
///
/// `sqlmigrate(..)` in the examples gives what the program's command of that name prints, on PostgreSQL, after a migration
/// that made the models `Post` (`id`, `title`, `body`) and `Tag` (`id`, `name`).
///
/// ```
/// # orm_blog::example! {
/// use orm::migrate::prelude::*;
/// const OPERATIONS: [Op; 2] = [Op::rename_field("Post", "body", "text"), Op::alter_comment("Post", "What is written.")];
/// assert!(sqlmigrate(OPERATIONS[0])?.ends_with(r#"ALTER TABLE "posts" RENAME COLUMN "body" TO "text";"#));
/// assert!(sqlmigrate(OPERATIONS[1])?.ends_with(r#"COMMENT ON TABLE "posts" IS 'What is written.';"#));
/// # }
/// ```
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
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// const AUTHOR: Model = Model::new("Author", "authors").fields(&[Field::int64("id"), Field::text("name")]).key(&["id"]);
    /// let sql = sqlmigrate(Op::create_model(AUTHOR))?;
    /// assert!(sql.contains(r#"CREATE TABLE "authors""#));
    /// # }
    /// ```
    pub const fn create_model(model: Model) -> Operation {
        Operation::CreateModel(CreateModel { model })
    }
    /// A model goes, with all its rows.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// assert!(sqlmigrate(Op::delete_model("Post"))?.ends_with(r#"DROP TABLE "posts";"#));
    /// # }
    /// ```
    pub const fn delete_model(model: &'static str) -> Operation {
        Operation::DeleteModel(DeleteModel { model })
    }
    /// A model gets another name; its table keeps its own.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// // The table keeps its name, so there is nothing to do in the database.
    /// assert!(sqlmigrate(Op::rename_model("Post", "Article"))?.ends_with("-- ~ rename model `Post` to `Article`"));
    /// # }
    /// ```
    pub const fn rename_model(from: &'static str, to: &'static str) -> Operation {
        Operation::RenameModel(RenameModel { from, to })
    }
    /// A model's table gets another name.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// assert!(sqlmigrate(Op::alter_table("Post", "articles"))?.contains(r#"ALTER TABLE "posts" RENAME TO "articles";"#));
    /// # }
    /// ```
    pub const fn alter_table(model: &'static str, table: &'static str) -> Operation {
        Operation::AlterTable(AlterTable { model, table })
    }
    /// The comment on a model's table changes.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// assert!(
    ///     sqlmigrate(Op::alter_comment("Post", "What is written."))?
    ///         .ends_with(r#"COMMENT ON TABLE "posts" IS 'What is written.';"#)
    /// );
    /// # }
    /// ```
    pub const fn alter_comment(model: &'static str, comment: &'static str) -> Operation {
        Operation::AlterComment(AlterComment { model, comment })
    }
    /// Migrations begin or cease to look after a model's table; it stays as it is.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// // From now on, changes of `Post` make no SQL.
    /// assert!(
    ///     sqlmigrate(Op::alter_managed("Post", false))?
    ///         .ends_with("-- ~ leave alone the table of `Post`, as it is")
    /// );
    /// # }
    /// ```
    pub const fn alter_managed(model: &'static str, managed: bool) -> Operation {
        Operation::AlterManaged(AlterManaged { model, managed })
    }
    /// A model's primary key becomes these fields.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// assert!(
    ///     sqlmigrate(Op::alter_key("Tag", &["name"]))?
    ///         .ends_with(r#"ALTER TABLE "tags" ADD CONSTRAINT "pk_tags" PRIMARY KEY ("name");"#)
    /// );
    /// # }
    /// ```
    pub const fn alter_key(model: &'static str, key: &'static [&'static str]) -> Operation {
        Operation::AlterKey(AlterKey { model, key })
    }
    /// A new field.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// assert!(
    ///     sqlmigrate(Op::add_field("Post", Field::text("summary").null()))?
    ///         .ends_with(r#"ALTER TABLE "posts" ADD COLUMN "summary" text COLLATE "C";"#)
    /// );
    /// # }
    /// ```
    pub const fn add_field(model: &'static str, field: Field) -> Operation {
        Operation::AddField(AddField { model, field, fill: None })
    }
    /// A new field, with what existing rows get in it.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// let sql = sqlmigrate(Op::add_field_filled("Post", Field::int32("rank"), DbDefault::Int(0)))?;
    /// assert!(sql.contains(r#"ALTER TABLE "posts" ADD COLUMN "rank" integer DEFAULT 0 NOT NULL;"#));
    /// assert!(sql.ends_with(r#"ALTER TABLE "posts" ALTER COLUMN "rank" DROP DEFAULT;"#));
    /// # }
    /// ```
    pub const fn add_field_filled(model: &'static str, field: Field, fill: DbDefault) -> Operation {
        Operation::AddField(AddField { model, field, fill: Some(fill) })
    }
    /// A field goes, with all that it holds.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// assert!(sqlmigrate(Op::remove_field("Post", "body"))?.ends_with(r#"ALTER TABLE "posts" DROP COLUMN "body";"#));
    /// # }
    /// ```
    pub const fn remove_field(model: &'static str, field: &'static str) -> Operation {
        Operation::RemoveField(RemoveField { model, field })
    }
    /// A field becomes what is said here.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// assert!(
    ///     sqlmigrate(Op::alter_field("Post", Field::string("title", 300)))?
    ///         .ends_with(r#"ALTER TABLE "posts" ALTER COLUMN "title" TYPE varchar(300) COLLATE "C";"#)
    /// );
    /// # }
    /// ```
    pub const fn alter_field(model: &'static str, field: Field) -> Operation {
        Operation::AlterField(AlterField { model, field, fill: None })
    }
    /// A field becomes what is said here, and rows with NULL in it get a value.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// let sql = sqlmigrate(Op::alter_field_filled("Post", Field::text("body"), DbDefault::Text("")))?;
    /// assert!(sql.contains(r#"UPDATE "posts" SET "body" = '' WHERE "body" IS NULL;"#));
    /// assert!(sql.ends_with(r#"ALTER TABLE "posts" ALTER COLUMN "body" SET NOT NULL;"#));
    /// # }
    /// ```
    pub const fn alter_field_filled(model: &'static str, field: Field, fill: DbDefault) -> Operation {
        Operation::AlterField(AlterField { model, field, fill: Some(fill) })
    }
    /// A field gets another name, and its column too, if it is named after the field.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// assert!(
    ///     sqlmigrate(Op::rename_field("Post", "body", "text"))?
    ///         .ends_with(r#"ALTER TABLE "posts" RENAME COLUMN "body" TO "text";"#)
    /// );
    /// # }
    /// ```
    pub const fn rename_field(model: &'static str, from: &'static str, to: &'static str) -> Operation {
        Operation::RenameField(RenameField { model, from, to, keep_column: false })
    }
    /// A field gets another name; its column keeps its own.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// // The column is called `body` as before.
    /// assert!(
    ///     sqlmigrate(Op::rename_field_keep_column("Post", "body", "text"))?
    ///         .ends_with("-- ~ rename field `Post.body` to `text`")
    /// );
    /// # }
    /// ```
    pub const fn rename_field_keep_column(model: &'static str, from: &'static str, to: &'static str) -> Operation {
        Operation::RenameField(RenameField { model, from, to, keep_column: true })
    }
    /// A new index.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// assert!(
    ///     sqlmigrate(Op::add_index("Post", Index::on(&[("title", false), ("id", true)])))?
    ///         .ends_with(r#"CREATE INDEX "ix_posts_title_id" ON "posts" ("title", "id" DESC);"#)
    /// );
    /// # }
    /// ```
    pub const fn add_index(model: &'static str, index: Index) -> Operation {
        Operation::AddIndex(AddIndex { model, index })
    }
    /// An index goes.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// const BY_TITLE: Index = Index::on(&[("title", false)]);
    /// assert_eq!(Op::remove_index("Post", BY_TITLE).describe(), "- remove index on `Post` (title)");
    /// # }
    /// ```
    pub const fn remove_index(model: &'static str, index: Index) -> Operation {
        Operation::RemoveIndex(RemoveIndex { model, index })
    }
    /// A new many-to-many relation.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// let tags = ManyToMany::new("tags", "blog", "Tag").through("posts_tags", "post_id", "tag_id");
    /// let sql = sqlmigrate(Op::add_many_to_many("Post", tags))?;
    /// assert!(sql.contains(r#"CREATE TABLE "posts_tags""#));
    /// # }
    /// ```
    pub const fn add_many_to_many(model: &'static str, many: ManyToMany) -> Operation {
        Operation::AddManyToMany(AddManyToMany { model, many })
    }
    /// A many-to-many relation goes, with all its links.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// assert_eq!(Op::remove_many_to_many("Post", "tags").describe(), "- remove many-to-many relation `Post.tags`");
    /// # }
    /// ```
    pub const fn remove_many_to_many(model: &'static str, name: &'static str) -> Operation {
        Operation::RemoveManyToMany(RemoveManyToMany { model, name })
    }
    /// A many-to-many relation gets another name, table or columns; its links stay.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// let labels = ManyToMany::new("labels", "blog", "Tag").through("posts_labels", "post_id", "tag_id");
    /// assert_eq!(
    ///     Op::alter_many_to_many("Post", "tags", labels).describe(),
    ///     "~ rename many-to-many relation `Post.tags` to `labels`"
    /// );
    /// # }
    /// ```
    pub const fn alter_many_to_many(model: &'static str, name: &'static str, to: ManyToMany) -> Operation {
        Operation::AlterManyToMany(AlterManyToMany { model, name, to })
    }
    /// SQL that cannot be undone.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// assert!(
    ///     sqlmigrate(Op::run_sql(Sql::on(&[("postgres", "ANALYZE posts"), ("", "")])))?
    ///         .ends_with("ANALYZE posts;")
    /// );
    /// # }
    /// ```
    pub const fn run_sql(forwards: Sql) -> Operation {
        Operation::RunSql(RunSql { forwards, backwards: None })
    }
    /// SQL, and what undoes it.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// let up = Sql::on(&[("", "UPDATE posts SET title = upper(title)")]);
    /// assert!(
    ///     sqlmigrate(Op::run_sql_reversible(up, Sql::NOTHING))?
    ///         .ends_with("UPDATE posts SET title = upper(title);")
    /// );
    /// # }
    /// ```
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
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// assert_eq!(Op::rename_field("Post", "body", "text").describe(), "~ rename field `Post.body` to `text`");
    /// # }
    /// ```
    pub fn describe(&self) -> String {
        self.step().describe()
    }
    /// Its part in a migration's name.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// assert_eq!(Op::remove_field("Post", "body").fragment(), "remove_post_body");
    /// # }
    /// ```
    pub fn fragment(&self) -> String {
        self.step().fragment()
    }
    /// Itself as Rust text.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// assert_eq!(Op::remove_field("Post", "body").code(), r#"Op::remove_field("Post", "body")"#);
    /// # }
    /// ```
    pub fn code(&self) -> String {
        self.step().code()
    }
    /// Does to the state what it does to the models of an app.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::{State, prelude::*};
    /// let mut state = State::default();
    /// Op::create_model(Model::new("Post", "posts")).fold("blog", &mut state)?;
    /// Op::rename_model("Post", "Article").fold("blog", &mut state)?;
    /// assert_eq!(state.model("blog", "Article")?.table, "posts");
    /// assert!(Op::delete_model("Post").fold("blog", &mut state).is_err());
    /// # }
    /// ```
    ///
    /// # Errors
    /// If it does not fit the state.
    pub fn fold(&self, app: &'static str, state: &mut State) -> Result<()> {
        self.step().fold(app, state)
    }
    /// What it does to the tables, between the state before and the state after.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::{State, prelude::*};
    /// const CREATE: Op = Op::create_model(Model::new("Post", "posts").fields(&[Field::int64("id")]).key(&["id"]));
    /// let (before, mut after) = (State::default(), State::default());
    /// CREATE.fold("blog", &mut after)?;
    /// let changes = CREATE.changes("blog", &before, &after)?;
    /// assert!(matches!(&changes[0], orm::schema::SchemaChange::CreateTable(table) if table.name == "posts"));
    /// # }
    /// ```
    ///
    /// # Errors
    /// If it does not fit the states.
    pub fn changes(&self, app: &str, before: &State, after: &State) -> Result<Vec<SchemaChange>> {
        self.step().changes(app, before, after)
    }
    /// What undoes it, seen from the state before.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::{State, prelude::*};
    /// let create = Op::create_model(Model::new("Post", "posts"));
    /// assert_eq!(create.reverse("blog", &State::default())?, Op::delete_model("Post"));
    /// assert!(Op::run_sql(Sql::NOTHING).reverse("blog", &State::default()).is_err());
    /// # }
    /// ```
    ///
    /// # Errors
    /// If it does not fit the state, or cannot be undone.
    pub fn reverse(&self, app: &str, before: &State) -> Result<Operation> {
        self.step().reverse(app, before)
    }
    /// The models that it touches or points at.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// assert_eq!(Op::remove_field("Post", "body").models("blog"), [("blog", "Post")]);
    /// # }
    /// ```
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
