//! What models were at a point in history: the fold of operations, or the models of today in the same form.

use std::collections::BTreeMap;

use orm_core::error::{Error, Result};
use orm_core::meta::{Auto, ChoiceValue, DbDefault, ModelMeta, OnDelete, RelationKind};
use orm_core::schema::{self, CheckValue, Column, ForeignKey, Schema, Table, comment_of, name_of};

use crate::app::{App, app_of};
use crate::keep;
use crate::shape::{Field, Index, ManyToMany, Model, Target};

/// The name of a model: its app and itself.
pub type Key = (&'static str, &'static str);

/// The models of all apps.
///
/// ```
/// # orm_blog::example! {
/// use orm::migrate::{State, prelude::*};
/// let mut state = State::default();
/// const CREATE: Op = Op::create_model(Model::new("Post", "posts").fields(&[Field::int64("id")]).key(&["id"]));
/// CREATE.fold("blog", &mut state)?;
/// assert_eq!(state.schema()?.tables["posts"].primary_key, ["id"]);
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// By app and name.
    pub models: BTreeMap<Key, ModelState>,
}

/// A model at a point in history.
///
/// ```
/// # orm_blog::example! {
/// use orm::migrate::{prelude::*, state::ModelState};
/// const POST: Model = Model::new("Post", "posts").fields(&[Field::int64("id")]).key(&["id"]);
/// let post = ModelState::of_shape("blog", &POST);
/// assert_eq!((post.label().as_str(), post.key.as_slice()), ("blog.Post", &["id"][..]));
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct ModelState {
    /// The app.
    pub app: &'static str,
    /// The struct's name.
    pub name: &'static str,
    /// Its table.
    pub table: &'static str,
    /// Whether migrations create and change the table.
    pub managed: bool,
    /// The comment on the table.
    pub comment: &'static str,
    /// Its columns.
    pub fields: Vec<Field>,
    /// The fields of its primary key.
    pub key: Vec<&'static str>,
    /// Indexes over several fields.
    pub indexes: Vec<Index>,
    /// Its many-to-many relations.
    pub many: Vec<ManyToMany>,
}

/// The order of fields, indexes and relations means nothing; that of a key's fields does.
impl PartialEq for ModelState {
    fn eq(&self, other: &Self) -> bool {
        fn same<T: PartialEq>(a: &[T], b: &[T]) -> bool {
            a.len() == b.len() && a.iter().all(|x| b.contains(x))
        }
        (self.app, self.name, self.table, self.managed, self.comment)
            == (other.app, other.name, other.table, other.managed, other.comment)
            && self.key == other.key
            && same(&self.fields, &other.fields)
            && same(&self.indexes, &other.indexes)
            && same(&self.many, &other.many)
    }
}

impl State {
    /// The models of today. Each belongs to the app whose module it stands in.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::{App, State};
    /// let apps = [App::new("blog", "orm_blog", env!("CARGO_MANIFEST_DIR"), &[])];
    /// let state = State::of_models(orm::models![Author, Book, Tag], &apps)?;
    /// assert_eq!(state.model("blog", "Book")?.many[0].table, "books_tags");
    /// assert!(State::of_models(orm::models![Tag], &[]).is_err());
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Migration`](orm_core::ErrorKind::Migration) if a model, or one that it points at, belongs to no app.
    pub fn of_models(models: &[&'static ModelMeta], apps: &[App]) -> Result<State> {
        let mut state = State::default();
        for meta in models {
            let app = app_name(meta, apps)?;
            state.models.insert((app, meta.name), ModelState::of_model(meta, app, apps)?);
        }
        Ok(state)
    }

    /// A model.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::State;
    /// let error = State::default().model("blog", "Post").unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Migration);
    /// # }
    /// ```
    ///
    /// # Errors
    /// If there is none of that name.
    pub fn model(&self, app: &str, name: &str) -> Result<&ModelState> {
        self.find(app, name).ok_or_else(|| no_model(app, name))
    }

    /// A model, to change it.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::{State, prelude::*};
    /// let mut state = State::default();
    /// Op::create_model(Model::new("Post", "posts")).fold("blog", &mut state)?;
    /// state.model_mut("blog", "Post")?.comment = "What is written.";
    /// assert_eq!(state.model("blog", "Post")?.comment, "What is written.");
    /// # }
    /// ```
    ///
    /// # Errors
    /// If there is none of that name.
    pub fn model_mut(&mut self, app: &str, name: &str) -> Result<&mut ModelState> {
        let key = self.find(app, name).map(ModelState::id).ok_or_else(|| no_model(app, name))?;
        self.models.get_mut(&key).ok_or_else(|| no_model(app, name))
    }

    /// A model, if there is one of that name.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::State;
    /// assert!(State::default().find("blog", "Post").is_none());
    /// # }
    /// ```
    pub fn find(&self, app: &str, name: &str) -> Option<&ModelState> {
        self.models.values().find(|m| m.app == app && m.name == name)
    }

    /// The tables of all managed models.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::{App, State};
    /// let apps = [App::new("blog", "orm_blog", env!("CARGO_MANIFEST_DIR"), &[])];
    /// let schema = State::of_models(orm::models![Author, Book, Tag], &apps)?.schema()?;
    /// assert_eq!(schema.tables.keys().collect::<Vec<_>>(), ["authors", "books", "books_tags", "tags"]);
    /// # }
    /// ```
    ///
    /// # Errors
    /// If a relation points at a model that is not there.
    pub fn schema(&self) -> Result<Schema> {
        let mut schema = Schema::default();
        for model in self.models.values().filter(|m| m.managed) {
            schema.add(self.table(model)?);
            for many in &model.many {
                schema.add(self.table_between(model, many)?);
            }
        }
        Ok(schema)
    }

    /// The table of a model.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::{App, State};
    /// let apps = [App::new("blog", "orm_blog", env!("CARGO_MANIFEST_DIR"), &[])];
    /// let state = State::of_models(orm::models![Author, Book, Tag], &apps)?;
    /// assert_eq!(state.table(state.model("blog", "Tag")?)?.name, "tags");
    /// # }
    /// ```
    ///
    /// # Errors
    /// If a foreign key points at a model that is not there, or an index or key names a field that is not there.
    pub fn table(&self, model: &ModelState) -> Result<Table> {
        let columns = model.columns(model.key.iter().copied())?;
        let mut indexes = Vec::new();
        let mut foreign_keys = Vec::new();
        for field in &model.fields {
            if let Some(target) = field.target.filter(|t| t.constraint) {
                let to = self.model(target.app, target.model)?;
                if let [key] = to.key[..] {
                    foreign_keys.push(ForeignKey {
                        name: name_of("fk", model.table, &[field.column]),
                        column: field.column.to_owned(),
                        target: to.table.to_owned(),
                        target_column: to.field(key)?.column.to_owned(),
                        on_delete: target.on_delete,
                    });
                }
            }
            let is_key = columns.len() == 1 && columns[0] == field.column;
            if (field.unique || field.index) && !is_key {
                indexes.push(index(model.table, None, vec![(field.column.to_owned(), false)], field.unique));
            }
        }
        for given in &model.indexes {
            let mut columns = Vec::new();
            for (name, descending) in given.fields {
                columns.push((model.field(name)?.column.to_owned(), *descending));
            }
            indexes.push(index(model.table, given.name, columns, given.unique));
        }
        Ok(Table {
            name: model.table.to_owned(),
            columns: model.fields.iter().map(column).collect(),
            primary_key: columns.into_iter().map(str::to_owned).collect(),
            indexes,
            foreign_keys,
            comment: model.comment.to_owned(),
        })
    }

    /// The table between the two sides of a many-to-many relation.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::{App, State};
    /// let apps = [App::new("blog", "orm_blog", env!("CARGO_MANIFEST_DIR"), &[])];
    /// let state = State::of_models(orm::models![Author, Book, Tag], &apps)?;
    /// let book = state.model("blog", "Book")?;
    /// assert_eq!(state.table_between(book, book.many("tags")?)?.primary_key, ["book_id", "tag_id"]);
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the other side is not there, or a side has no single key.
    pub fn table_between(&self, model: &ModelState, many: &ManyToMany) -> Result<Table> {
        let (from, from_key) = side(many, many.from, model)?;
        let (to, to_key) = side(many, many.to, self.model(many.app, many.model)?)?;
        Ok(Table {
            name: many.table.to_owned(),
            columns: vec![from, to],
            primary_key: vec![many.from.to_owned(), many.to.to_owned()],
            indexes: vec![index(many.table, None, vec![(many.to.to_owned(), false)], false)],
            foreign_keys: vec![from_key, to_key],
            comment: String::new(),
        })
    }
}

impl ModelState {
    /// The model that an operation describes.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::{prelude::*, state::ModelState};
    /// let post = ModelState::of_shape("blog", &Model::new("Post", "posts").comment("What is written."));
    /// assert_eq!((post.app, post.table, post.comment), ("blog", "posts", "What is written."));
    /// # }
    /// ```
    pub fn of_shape(app: &'static str, model: &Model) -> ModelState {
        ModelState {
            app,
            name: model.name,
            table: model.table,
            managed: model.managed,
            comment: model.comment,
            fields: model.fields.to_vec(),
            key: model.key.to_vec(),
            indexes: model.indexes.to_vec(),
            many: model.many.to_vec(),
        }
    }

    /// What an operation says to make it.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::{prelude::*, state::ModelState};
    /// const POST: Model = Model::new("Post", "posts").fields(&[Field::int64("id")]).key(&["id"]);
    /// assert_eq!(ModelState::of_shape("blog", &POST).shape(), POST);
    /// # }
    /// ```
    pub fn shape(&self) -> Model {
        Model {
            name: self.name,
            table: self.table,
            managed: self.managed,
            comment: self.comment,
            fields: keep::slice(self.fields.iter().copied()),
            key: keep::slice(self.key.iter().copied()),
            indexes: keep::slice(self.indexes.iter().copied()),
            many: keep::slice(self.many.iter().copied()),
        }
    }

    fn of_model(meta: &'static ModelMeta, app: &'static str, apps: &[App]) -> Result<ModelState> {
        let mut model = ModelState {
            app,
            name: meta.name,
            table: meta.table,
            managed: meta.managed,
            comment: keep::text(comment_of(meta.doc)),
            fields: Vec::new(),
            key: meta.key().map(|f| f.name).collect(),
            indexes: Vec::new(),
            many: Vec::new(),
        };
        for field in meta.fields {
            let mut state = Field {
                column: field.column,
                null: field.null,
                unique: field.unique,
                index: field.index,
                increment: field.auto == Auto::Increment,
                default: field.db_default,
                choices: keep::slice(field.choices.unwrap_or_default().iter().map(|c| c.value)),
                comment: keep::text(comment_of(field.doc)),
                ..Field::new(field.name, field.kind)
            };
            if let Some(relation) = field.relation.map(|i| &meta.relations[i])
                && let RelationKind::Forward { unique, on_delete, constraint, .. } = relation.kind
            {
                let to = relation.target();
                state.unique |= unique;
                state.target = Some(Target { app: app_name(to, apps)?, model: to.name, on_delete, constraint });
            }
            model.fields.push(state);
        }
        for index in meta.indexes {
            let fields = index.fields.iter().map(|(i, descending)| (meta.fields[*i].name, *descending));
            model.indexes.push(Index { name: index.name, fields: keep::slice(fields), unique: index.unique });
        }
        for relation in meta.relations {
            if let RelationKind::Many { table, from, to, managed: true } = relation.kind {
                let target = relation.target();
                let many = ManyToMany::new(relation.name, app_name(target, apps)?, target.name);
                model.many.push(many.through(table, from, to));
            }
        }
        Ok(model)
    }

    /// Its app and name.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::{prelude::*, state::ModelState};
    /// assert_eq!(ModelState::of_shape("blog", &Model::new("Post", "posts")).id(), ("blog", "Post"));
    /// # }
    /// ```
    pub fn id(&self) -> Key {
        (self.app, self.name)
    }

    /// `blog.Post`
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::{prelude::*, state::ModelState};
    /// assert_eq!(ModelState::of_shape("blog", &Model::new("Post", "posts")).label(), "blog.Post");
    /// # }
    /// ```
    pub fn label(&self) -> String {
        format!("{}.{}", self.app, self.name)
    }

    /// A field.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::{prelude::*, state::ModelState};
    /// const POST: Model = Model::new("Post", "posts").fields(&[Field::int64("id"), Field::text("body")]);
    /// let post = ModelState::of_shape("blog", &POST);
    /// assert_eq!(post.field("body")?.kind, orm::value::Kind::TEXT);
    /// assert!(post.field("boddy").is_err());
    /// # }
    /// ```
    ///
    /// # Errors
    /// If there is none of that name.
    pub fn field(&self, name: &str) -> Result<&Field> {
        self.fields.iter().find(|f| f.name == name).ok_or_else(|| self.no_field(name))
    }

    /// Where a field stands.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::{prelude::*, state::ModelState};
    /// const POST: Model = Model::new("Post", "posts").fields(&[Field::int64("id"), Field::text("body")]);
    /// assert_eq!(ModelState::of_shape("blog", &POST).position("body")?, 1);
    /// # }
    /// ```
    ///
    /// # Errors
    /// If there is none of that name.
    pub fn position(&self, name: &str) -> Result<usize> {
        self.fields.iter().position(|f| f.name == name).ok_or_else(|| self.no_field(name))
    }

    /// A many-to-many relation.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::{prelude::*, state::ModelState};
    /// const POST: Model = Model::new("Post", "posts").many(&[ManyToMany::new("tags", "blog", "Tag")]);
    /// assert_eq!(ModelState::of_shape("blog", &POST).many("tags")?.model, "Tag");
    /// # }
    /// ```
    ///
    /// # Errors
    /// If there is none of that name.
    pub fn many(&self, name: &str) -> Result<&ManyToMany> {
        self.many.iter().find(|m| m.name == name).ok_or_else(|| self.no_field(name))
    }

    /// Whether a field or relation of a name is there.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::{prelude::*, state::ModelState};
    /// const POST: Model = Model::new("Post", "posts").fields(&[Field::int64("id")]);
    /// let post = ModelState::of_shape("blog", &POST);
    /// assert!(post.has("id") && !post.has("body"));
    /// # }
    /// ```
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|f| f.name == name) || self.many.iter().any(|m| m.name == name)
    }

    /// The models that it points at, by foreign keys and many-to-many relations.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::{prelude::*, state::ModelState};
    /// const POST: Model = Model::new("Post", "posts").many(&[ManyToMany::new("tags", "blog", "Tag")]);
    /// assert_eq!(ModelState::of_shape("blog", &POST).targets().collect::<Vec<_>>(), [("blog", "Tag")]);
    /// # }
    /// ```
    pub fn targets(&self) -> impl Iterator<Item = Key> {
        let fields = self.fields.iter().filter_map(|f| f.target).map(|t| (t.app, t.model));
        fields.chain(self.many.iter().map(|m| (m.app, m.model)))
    }

    fn columns<'a>(&self, names: impl Iterator<Item = &'a str>) -> Result<Vec<&'static str>> {
        names.map(|name| self.field(name).map(|f| f.column)).collect()
    }

    fn no_field(&self, name: &str) -> Error {
        Error::migration(format!("model `{}` has no field `{name}` at this point of its history", self.label()))
    }
}

fn no_model(app: &str, name: &str) -> Error {
    Error::migration(format!("there is no model `{app}.{name}` at this point of its history"))
}

fn app_name(meta: &ModelMeta, apps: &[App]) -> Result<&'static str> {
    app_of(apps, meta.module).map(|a| a.name).ok_or_else(|| {
        Error::migration(format!(
            "model `{}` stands in module `{}`, which belongs to no app; add its app to `manage!`",
            meta.name, meta.module
        ))
    })
}

fn index(table: &str, name: Option<&str>, columns: Vec<(String, bool)>, unique: bool) -> schema::Index {
    let names: Vec<&str> = columns.iter().map(|(c, _)| c.as_str()).collect();
    let prefix = if unique { "uq" } else { "ix" };
    let name = name.map_or_else(|| name_of(prefix, table, &names), str::to_owned);
    schema::Index { name, columns, unique }
}

fn column(field: &Field) -> Column {
    Column {
        name: field.column.to_owned(),
        kind: field.kind,
        null: field.null,
        default: field.default.map(default),
        increment: field.increment,
        check: field
            .choices
            .iter()
            .map(|c| match c {
                ChoiceValue::Text(v) => CheckValue::Text((*v).to_owned()),
                ChoiceValue::Int(v) => CheckValue::Int(*v),
            })
            .collect(),
        comment: field.comment.to_owned(),
    }
}

/// A constant default as the schema says it.
pub(crate) fn default(default: DbDefault) -> schema::Default {
    match default {
        DbDefault::Bool(v) => schema::Default::Bool(v),
        DbDefault::Int(v) => schema::Default::Int(v),
        DbDefault::Float(v) => schema::Default::Float(v),
        DbDefault::Text(v) => schema::Default::Text(v.to_owned()),
        DbDefault::Now => schema::Default::Now,
    }
}

fn side(many: &ManyToMany, name: &'static str, model: &ModelState) -> Result<(Column, ForeignKey)> {
    let [key] = model.key[..] else {
        return Err(Error::migration(format!(
            "many-to-many relation `{}` needs a single primary key on `{}`",
            many.name,
            model.label()
        )));
    };
    let key = model.field(key)?;
    let foreign_key = ForeignKey {
        name: name_of("fk", many.table, &[name]),
        column: name.to_owned(),
        target: model.table.to_owned(),
        target_column: key.column.to_owned(),
        on_delete: OnDelete::Cascade,
    };
    Ok((column(&Field::new(name, key.kind)), foreign_key))
}
