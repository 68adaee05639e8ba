//! Queries of a model: lazy, cloneable, and run by the methods that take a database.
//!
//! Every method is a line over the untyped tree; what runs it is not generic but for decoding.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;

use futures_core::Stream;

use super::aggregate::{self, Aggregates};
use super::bulk::Batch;
use super::operand::{RowKey, SameRoot};
use super::run::{self, Shape};
use super::{Condition, Grouped, Orders, PrefetchRelated, Projection, Related, Selection, Sets, insert, order, set};
use crate::ast::{Cond, CondNode, Delete, Distinct, Expr, ExprNode, Lookup, Output, Select, Update};
use crate::backend;
use crate::db::Executor;
use crate::dialect::Dialect;
use crate::error::{Error, ErrorKind, Result};
use crate::meta::ModelMeta;
use crate::model::{Draftable, Model, NewRow};
use crate::value::{Row, Value};

/// A query of `M` that gives an `O` a row. Nothing happens until a method that takes a database runs it.
///
/// What `sent.take()` gives in the examples are the statements that the database got, here SQLite.
///
/// ```
/// # orm_blog::example! { db =>
/// let query = Book::objects().filter(Book.price.lt(30)).order_by(Book.title.asc()).limit(10);
/// assert_eq!(query.clone().count(&db).await?, 2);
/// assert_eq!(query.all(&db).await?[0].title, "100% Dunes");
/// # }
/// ```
#[must_use = "a query does nothing until it is run: `.all(&db).await`"]
pub struct QuerySet<M, O = M> {
    pub(crate) select: Select,
    decode: fn(&mut Row<'_>) -> Result<O>,
    root: fn(&mut O) -> Option<&mut (dyn Any + Send + Sync)>,
    model: std::marker::PhantomData<fn() -> M>,
}

/// Where the root's row is in what a row of the query gives.
fn itself<M: Model>(row: &mut M) -> Option<&mut (dyn Any + Send + Sync)> {
    Some(row)
}
fn first_of_two<M: Model, A>(row: &mut (M, A)) -> Option<&mut (dyn Any + Send + Sync)> {
    Some(&mut row.0)
}
fn nowhere<O>(_: &mut O) -> Option<&mut (dyn Any + Send + Sync)> {
    None
}
fn with_row<M: Model, S: Selection<M>>(row: &mut Row<'_>) -> Result<(M, S::Out)> {
    Ok((M::decode(row)?, S::decode(row)?))
}

impl<M: Model> QuerySet<M> {
    /// All rows of the model.
    ///
    /// ```
    /// # orm_blog::example! {
    /// let query = QuerySet::<Tag>::new();
    /// assert_eq!(query.sql("sqlite")?, Tag::objects().sql("sqlite")?);
    /// # }
    /// ```
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Self::from_select(Select::new(M::META))
    }

    /// The query of an untyped tree, whose root must be `M`.
    #[doc(hidden)]
    pub fn from_select(select: Select) -> Self {
        QuerySet { select, decode: M::decode, root: itself, model: std::marker::PhantomData }
    }

    /// Each row together with values computed from it: `.annotate((Author.books.count(), ..))`.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let rows: Vec<(Author, i64)> = Author::objects().annotate(Author.books.count()).all(&db).await?;
    /// assert_eq!((rows[0].0.name.as_str(), rows[0].1), ("Ann", 2));
    /// # }
    /// ```
    ///
    /// SQL: `SELECT "authors"."id", …, (SELECT COUNT(*) FROM "books" AS "t1" WHERE "t1"."author_id" = "authors"."id") FROM "authors"`
    pub fn annotate<S: Selection<M>>(mut self, values: S) -> QuerySet<M, (M, S::Out)> {
        values.outputs(&mut self.select.outputs);
        self.shaped(with_row::<M, S>, first_of_two)
    }

    /// The rows of some keys, by key. Keys without a row are left out.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let tags = Tag::objects().in_bulk(&db, [1, 2, 99]).await?;
    /// assert_eq!((tags.len(), tags[&1].name.as_str()), (2, "rust"));
    /// # }
    /// ```
    ///
    /// SQL: `… WHERE "tags"."id" IN (SELECT value FROM json_each(?))` on SQLite, `= ANY($1)` on PostgreSQL, `IN (?, ?, …)` on MySQL.
    ///
    /// # Errors
    /// As [`QuerySet::all`].
    pub async fn in_bulk<K: RowKey<M>>(
        self,
        db: &dyn Executor,
        keys: impl IntoIterator<Item = K>,
    ) -> Result<HashMap<M::Key, M>>
    where
        M::Key: Eq + Hash,
    {
        let keys = keys.into_iter().map(RowKey::row_key).collect();
        let rows = Self { select: by_keys(self.select, keys), ..self }.all(db).await?;
        Ok(rows.into_iter().map(|row| (row.key(), row)).collect())
    }

    /// Stores drafts in one transaction, many in a statement, and gives the rows in their order.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let tags = Tag::objects().bulk_create(&db, ["fiction", "travel"].map(|name| NewTag { name })).await?;
    /// assert_eq!(tags[1].name, "travel");
    /// # }
    /// ```
    ///
    /// # Errors
    /// What the database refuses; then nothing is stored.
    pub async fn bulk_create<D: Draftable<M>>(
        self,
        db: &dyn Executor,
        drafts: impl IntoIterator<Item = D>,
    ) -> Result<Vec<M>> {
        let drafts = drafts.into_iter().map(new_row::<M, D>).collect();
        let rows = insert::insert(db, drafts).await?;
        rows.into_iter().map(super::draft::typed).collect()
    }

    /// Stores drafts in one transaction, many in a statement, and gives only how many there were: nothing is read back, and
    /// the rows of a statement or two are all that is held at once, however many come.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let stored = Tag::objects().bulk_insert(&db, ["fiction", "travel"].map(|name| NewTag { name })).await?;
    /// assert_eq!(stored, 2);
    /// # }
    /// ```
    ///
    /// # Errors
    /// What the database refuses; then nothing is stored.
    pub async fn bulk_insert<D: Draftable<M>>(
        self,
        db: &dyn Executor,
        drafts: impl IntoIterator<Item = D>,
    ) -> Result<u64> {
        let drafts = drafts.into_iter();
        let mut batch = Batch::new(M::META, db.dialect(), drafts.size_hint().0);
        for draft in drafts {
            draft.give(batch.row());
            let sent = match batch.push(db.plans()) {
                Ok(None) => continue,
                Ok(Some(full)) => batch.send(db, full).await,
                Err(error) => Err(error),
            };
            if sent.is_err() {
                return batch.end(db, sent).await;
            }
        }
        batch.end(db, Ok(())).await
    }
}

fn new_row<M: Model, D: Draftable<M>>(draft: D) -> NewRow {
    let mut row = NewRow::new(M::META);
    draft.give(&mut row);
    row
}

impl<M: Model, O> QuerySet<M, O> {
    fn shaped<N>(
        self,
        decode: fn(&mut Row<'_>) -> Result<N>,
        root: fn(&mut N) -> Option<&mut (dyn Any + Send + Sync)>,
    ) -> QuerySet<M, N> {
        QuerySet { select: self.select, decode, root, model: std::marker::PhantomData }
    }

    /// Only rows for which the condition is true.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().filter(Book.price.gt(20) & Book.author.name.eq("Ann"));
    /// assert_eq!(query.count(&db).await?, 2);
    /// let wanted: Option<&str> = None;
    /// assert_eq!(Book::objects().filter(wanted.map(|title| Book.title.eq(title))).count(&db).await?, 3);
    /// # }
    /// ```
    ///
    /// SQL: `… INNER JOIN "authors" AS "t1" ON "t1"."id" = "books"."author_id" WHERE ("books"."price" > ? AND "t1"."name" = ?)`
    ///
    /// After `limit` or `offset` the query is refused when it runs.
    pub fn filter(mut self, condition: impl Condition<M>) -> Self {
        narrow(&mut self.select, condition.condition());
        self
    }

    /// Only rows for which the condition is not true: false, or unknown because of a NULL.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// // One book has a subtitle, and it is this one.
    /// assert_eq!(Book::objects().exclude(Book.subtitle.eq("A novel")).count(&db).await?, 2);
    /// # }
    /// ```
    ///
    /// SQL: `WHERE (("books"."subtitle" = $1) IS NOT TRUE)`; plain `NOT` where no NULL can arise.
    pub fn exclude(mut self, condition: impl Condition<M>) -> Self {
        narrow(&mut self.select, condition.condition().not());
        self
    }

    /// No row, without asking the database.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let wanted: Vec<&str> = Vec::new();
    /// let query = if wanted.is_empty() { Book::objects().none() } else { Book::objects().filter(Book.title.is_in(wanted)) };
    /// # let (db, sent) = counted(&db);
    /// assert!(query.all(&db).await?.is_empty());
    /// assert!(sent.take().is_empty());
    /// # }
    /// ```
    pub fn none(mut self) -> Self {
        self.select.filter.push(Cond::constant(false));
        self
    }

    /// The rows in an order, in place of any before; `()` clears it, even the model's own.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().order_by((Book.author.name.asc(), Book.price.desc()));
    /// assert_eq!(query.values(Book.title).all(&db).await?, ["Rust by Night", "Quiet Queries", "100% Dunes"]);
    /// # }
    /// ```
    pub fn order_by(mut self, orders: impl Orders<M>) -> Self {
        sort(&mut self.select, order::list(orders));
        self
    }

    /// The rows from last to first.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let oldest_first = Book::objects().reverse().values(Book.title);
    /// assert!(oldest_first.sql("sqlite")?.ends_with(r#"ORDER BY "books"."published" ASC"#));
    /// assert_eq!(oldest_first.all(&db).await?, ["100% Dunes", "Rust by Night", "Quiet Queries"]);
    /// # }
    /// ```
    pub fn reverse(mut self) -> Self {
        let orders = order::reversed(ordered(&self.select));
        sort(&mut self.select, orders);
        self
    }

    /// Equal rows once.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let names = Book::objects().values(Book.author.name).distinct().order_by(Book.author.name.asc());
    /// assert_eq!(names.all(&db).await?, ["Ann", "Bob"]);
    /// # }
    /// ```
    ///
    /// SQL: `SELECT DISTINCT …`. The order may only name what is selected; else it is refused when it runs.
    pub fn distinct(mut self) -> Self {
        self.select.distinct = Distinct::Yes;
        self
    }

    /// At most so many rows.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().order_by(Book.price.desc()).limit(1).values(Book.title);
    /// assert!(query.sql("postgres")?.ends_with(r#"ORDER BY "books"."price" DESC LIMIT $1"#));
    /// assert_eq!(query.all(&db).await?, ["Rust by Night"]);
    /// # }
    /// ```
    pub fn limit(mut self, rows: u64) -> Self {
        self.select.limit = Some(rows);
        self
    }

    /// Without the first so many rows.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let second = Book::objects().order_by(Book.price.desc()).offset(1).limit(1).values(Book.title);
    /// assert!(second.sql("postgres")?.ends_with(r#"ORDER BY "books"."price" DESC LIMIT $1 OFFSET $2"#));
    /// assert_eq!(second.all(&db).await?, ["Quiet Queries"]);
    /// # }
    /// ```
    pub fn offset(mut self, rows: u64) -> Self {
        self.select.offset = Some(rows);
        self
    }

    /// Values instead of whole rows: `.values((Book.title, Book.author.name))`.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let rows: Vec<(String, Option<String>)> = Book::objects().values((Book.title, Book.editor.name)).all(&db).await?;
    /// assert_eq!(rows.len(), 3);
    /// # }
    /// ```
    pub fn values<S: Selection<M>>(mut self, values: S) -> QuerySet<M, S::Out> {
        self.select.outputs.clear();
        values.outputs(&mut self.select.outputs);
        self.shaped(S::decode, nowhere)
    }

    /// Values with names: a struct that derives [`Projection`].
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// #[derive(Projection)]
    /// #[orm(of = Book)]
    /// struct Line {
    ///     title: String,
    ///     #[orm(Book.author.name)]
    ///     author: String,
    /// }
    /// let lines = Book::objects().project::<Line>().all(&db).await?;
    /// assert!(lines.iter().any(|line| line.title == "Quiet Queries" && line.author == "Ann"));
    /// # }
    /// ```
    pub fn project<R: Projection>(mut self) -> QuerySet<M, R>
    where
        R::Of: SameRoot<M>,
    {
        self.select.outputs.clear();
        R::outputs(&mut self.select.outputs);
        self.shaped(R::decode, nowhere)
    }

    /// Groups the rows by their values; aggregates of each group follow by `.annotate(..)`.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let groups: Vec<(String, i64)> =
    ///     Book::objects().group_by(Book.author.name).annotate(Book.id.count()).order_by(Book.author.name.asc()).all(&db).await?;
    /// assert_eq!(groups, [("Ann".to_owned(), 2), ("Bob".to_owned(), 1)]);
    /// # }
    /// ```
    ///
    /// SQL: `SELECT "t1"."name", COUNT("books"."id") FROM "books" INNER JOIN … GROUP BY 1 ORDER BY 1 ASC`
    pub fn group_by<S: Selection<M>>(self, keys: S) -> Grouped<M, S> {
        Grouped::new(self.select, keys)
    }

    /// The rows together with those that they point at, in the same statement.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let book = Book::objects().filter(Book.price.gt(30)).select_related(Book.author).get(&db).await?;
    /// assert_eq!(book.author.get()?.name, "Ann");
    /// # }
    /// ```
    ///
    /// SQL: one statement, with the columns of both: an INNER JOIN, or a LEFT JOIN for a relation that may be NULL.
    pub fn select_related(mut self, relations: impl Related<M>) -> Self {
        relations.related(&mut self.select.related);
        self
    }

    /// The rows with related rows loaded into their relation fields, by one statement a relation.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let newest = Author.books.order_by(Book.published.desc()).limit(1);
    /// let authors = Author::objects().prefetch_related(newest).all(&db).await?;
    /// assert_eq!(authors[0].books.get()?[0].title, "Quiet Queries");
    /// # }
    /// ```
    ///
    /// A limit counts for each row, by `ROW_NUMBER() OVER (PARTITION BY …)`.
    pub fn prefetch_related(mut self, relations: impl PrefetchRelated<M>) -> Self {
        relations.prefetch(&mut self.select.prefetch);
        self
    }

    /// The SQL of the query on a database by name (`sqlite`, `postgres`, `mysql`), with placeholders.
    ///
    /// ```
    /// # orm_blog::example! {
    /// let query = Tag::objects().filter(Tag.name.eq("rust"));
    /// assert_eq!(
    ///     query.sql("mysql")?,
    ///     "SELECT `tags`.`id`, `tags`.`name` FROM `tags` WHERE `tags`.`name` = ? ORDER BY `tags`.`name` ASC"
    /// );
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] if that database lacks something; [`ErrorKind::Configuration`] if it is not built in.
    pub fn sql(&self, dialect: &str) -> Result<String> {
        sql(&self.select, dialect)
    }

    /// The SQL of the query in a dialect, with placeholders.
    ///
    /// ```
    /// # orm_blog::example! {
    /// let query = Tag::objects().filter(Tag.name.eq("rust"));
    /// let postgres = orm::backend::dialect("postgres").expect("it is built in");
    /// assert!(query.to_sql(postgres)?.contains(r#"WHERE "tags"."name" = $1"#));
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] if that database lacks something.
    pub fn to_sql(&self, dialect: &'static dyn Dialect) -> Result<String> {
        run::sql(&self.select, dialect)
    }

    /// Aggregates over all rows of the query: `.aggregate((Book.price.avg(), Book.id.count()))`.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// # let (db, sent) = counted(&db);
    /// let (count, dearest) = Book::objects().aggregate(&db, (Book.id.count(), Book.price.max())).await?;
    /// assert_eq!(sent.take(), [r#"SELECT COUNT("books"."id"), MAX("books"."price") FROM "books""#]);
    /// assert_eq!((count, dearest), (3, Some(dec!(39.90))));
    /// # }
    /// ```
    ///
    /// # Errors
    /// What the database refuses, or [`ErrorKind::Decode`].
    pub async fn aggregate<A: Aggregates<M>>(self, db: &dyn Executor, aggregates: A) -> Result<A::Out>
    where
        A::Out: Send + 'static,
    {
        let of = aggregate::list(aggregates);
        run::aggregate(db, self.select, of, A::decode).await
    }

    /// How many rows there are.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// # let (db, sent) = counted(&db);
    /// assert_eq!(Book::objects().filter(Book.price.lt(30)).count(&db).await?, 2);
    /// assert_eq!(sent.take(), [r#"SELECT COUNT(*) FROM "books" WHERE "books"."price" < ?"#]);
    /// # }
    /// ```
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn count(self, db: &dyn Executor) -> Result<u64> {
        run::count(db, self.select).await
    }

    /// Whether there is a row.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// # let (db, sent) = counted(&db);
    /// assert!(Book::objects().filter(Book.title.startswith("Rust")).exists(&db).await?);
    /// assert_eq!(sent.take(), [r#"SELECT 1 FROM "books" WHERE ("books"."title" GLOB ?) LIMIT 1"#]);
    /// assert!(!Book::objects().filter(Book.price.gt(100)).exists(&db).await?);
    /// # }
    /// ```
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn exists(self, db: &dyn Executor) -> Result<bool> {
        run::exists(db, self.select).await
    }

    /// Sets columns of all rows of the query; gives how many there were.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let dearer = Book::objects().filter(Book.price.lt(30)).update(&db, Book.price.set(Book.price + 1)).await?;
    /// assert_eq!(dearer, 2);
    /// # }
    /// ```
    ///
    /// SQL: `UPDATE "books" SET "price" = ("books"."price" + ?) WHERE "books"."price" < ?`
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn update(self, db: &dyn Executor, sets: impl Sets<M>) -> Result<u64> {
        let set = set::list(sets);
        run::update(db, Update { rows: self.select, set, returning: Vec::new() }).await
    }

    /// Deletes all rows of the query; gives how many there were.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// assert_eq!(Book::objects().filter(Book.author.name.eq("Bob")).delete(&db).await?, 1);
    /// # }
    /// ```
    ///
    /// What this does to rows that point at them is said by their `on_delete`, and done by the database.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn delete(self, db: &dyn Executor) -> Result<u64> {
        run::delete(db, Delete { rows: self.select }).await
    }
}

impl<M: Model, O: Send + 'static> QuerySet<M, O> {
    fn run(self) -> (Select, Shape<O>) {
        (self.select, Shape { decode: self.decode, root: self.root })
    }

    /// All rows.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let books = Book::objects().filter(Book.author.name.eq("Ann")).all(&db).await?;
    /// assert_eq!(books[0].title, "Quiet Queries");
    /// # let (db, sent) = counted(&db);
    /// assert_eq!(Book::objects().values(Book.id).order_by(Book.id.asc()).all(&db).await?, [1, 2, 3]);
    /// assert_eq!(sent.take(), [r#"SELECT "books"."id" FROM "books" ORDER BY "books"."id" ASC"#]);
    /// # }
    /// ```
    ///
    /// # Errors
    /// What the database refuses, or [`ErrorKind::Decode`].
    pub async fn all(self, db: &dyn Executor) -> Result<Vec<O>> {
        let (select, shape) = self.run();
        run::all(db, select, shape).await
    }

    /// The rows one after another, without holding all of them.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// use futures_util::TryStreamExt;
    /// let mut books = Book::objects().stream(&db);
    /// while let Some(book) = books.try_next().await? {
    ///     assert!(!book.title.is_empty());
    /// }
    /// # }
    /// ```
    pub fn stream<'a>(self, db: &'a dyn Executor) -> impl Stream<Item = Result<O>> + Send + Unpin + 'a {
        let (select, shape) = self.run();
        Box::pin(run::stream(db, select, shape))
    }

    /// The only row.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// assert_eq!(Author::objects().filter(Author.name.eq("Ann")).get(&db).await?.email, "ann@example.org");
    /// assert!(Author::objects().filter(Author.name.eq("Zoe")).get(&db).await.unwrap_err().is_not_found());
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if there is none, [`ErrorKind::MultipleFound`] if there are more.
    pub async fn get(self, db: &dyn Executor) -> Result<O> {
        let (select, shape) = self.run();
        let model = select.model;
        // Of one key there is one row, and a limit would cost time to no end.
        let select = if asks_for_key(&select) { select } else { at_most(select, 2) };
        let mut rows = run::all(db, select, shape).await?;
        match (rows.pop(), rows.is_empty()) {
            (Some(row), true) => Ok(row),
            (None, _) => Err(not_found(model)),
            (Some(_), false) => {
                Err(Error::new(ErrorKind::MultipleFound, "more than one row matches where one was asked for")
                    .with_model(model.name))
            }
        }
    }

    /// The first row, if there is one: in the query's order, or by primary key if it has none.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let newest = Book::objects().order_by(Book.published.desc()).first(&db).await?;
    /// assert_eq!(newest.map(|book| book.title).as_deref(), Some("Quiet Queries"));
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`QuerySet::all`].
    pub async fn first(mut self, db: &dyn Executor) -> Result<Option<O>> {
        self.select.order = Some(ordered(&self.select));
        let (select, shape) = self.run();
        Ok(run::all(db, at_most(select, 1), shape).await?.pop())
    }

    /// The last row, if there is one: in the query's order, or by primary key if it has none.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let last = Book::objects().order_by(Book.published.asc()).last(&db).await?;
    /// assert_eq!(last.map(|book| book.title).as_deref(), Some("Quiet Queries"));
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`QuerySet::all`]; [`ErrorKind::InvalidQuery`] after `limit` or `offset`.
    pub async fn last(self, db: &dyn Executor) -> Result<Option<O>> {
        if is_sliced(&self.select) {
            return Err(Error::invalid_query("`last` cannot follow `limit` or `offset`; reverse the order instead"));
        }
        self.reverse().first(db).await
    }
}

impl<M, O> Clone for QuerySet<M, O> {
    fn clone(&self) -> Self {
        QuerySet { select: self.select.clone(), decode: self.decode, root: self.root, model: std::marker::PhantomData }
    }
}

impl<M, O> fmt::Debug for QuerySet<M, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(&self.select, f)
    }
}

/// A query as the SQL of the first database that is built in; values are not shown.
pub(super) fn show(select: &Select, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let dialect = backend::BUILT_IN.first().copied().unwrap_or_default();
    match sql(select, dialect) {
        Ok(sql) => write!(f, "QuerySet<{}>({sql})", select.model.name),
        Err(_) => write!(f, "QuerySet<{}>", select.model.name),
    }
}

pub(super) fn sql(select: &Select, name: &str) -> Result<String> {
    let dialect = backend::dialect(name).ok_or_else(|| {
        Error::configuration(format!(
            "`{name}` is not a database that this program was built with; it has {}",
            backend::BUILT_IN.join(", ")
        ))
    })?;
    run::sql(select, dialect)
}

pub(super) fn not_found(model: &'static ModelMeta) -> Error {
    Error::new(ErrorKind::NotFound, "no such row").with_model(model.name)
}

pub(super) fn at_most(mut select: Select, rows: u64) -> Select {
    select.limit = Some(select.limit.map_or(rows, |limit| limit.min(rows)));
    select
}

/// Whether a condition compares the primary key with a value.
fn asks_for_key(select: &Select) -> bool {
    let key = select.model.single_key();
    let is_key = |expr: &Expr| match (&expr.node, key) {
        (ExprNode::Column { hop: None, field, .. }, Some(key)) => std::ptr::eq(*field, key),
        _ => false,
    };
    select.filter.iter().any(|cond| match &cond.node {
        CondNode::Lookup(Lookup::Eq, a, b) => is_key(a) && matches!(b.node, ExprNode::Value(_)),
        _ => false,
    })
}

fn is_sliced(select: &Select) -> bool {
    select.limit.is_some() || select.offset.is_some()
}

// SQL filters and orders before it cuts off, so a clause that is written after the cut would not do what it says.
fn narrow(select: &mut Select, cond: Cond) {
    if is_sliced(select) {
        select.filter.push(Cond::refused("a filter cannot follow `limit` or `offset`; put it before them"));
    }
    if cond.as_constant() != Some(true) {
        select.filter.push(cond);
    }
}

fn sort(select: &mut Select, orders: Vec<crate::ast::Order>) {
    if is_sliced(select) {
        select.filter.push(Cond::refused("an order cannot follow `limit` or `offset`; put it before them"));
    }
    select.order = Some(orders);
}

/// The order of a query; one in which no two rows are equal, if it has none.
pub(super) fn ordered(select: &Select) -> Vec<crate::ast::Order> {
    match &select.order {
        Some(orders) if !orders.is_empty() => return orders.clone(),
        _ => {}
    }
    if select.distinct == Distinct::No && select.group.is_none() {
        return order::own(select.model);
    }
    // Rows that come once each can only be ordered by what they hold.
    let by = |expr: &Expr| crate::ast::Order { expr: expr.clone(), direction: crate::ast::Direction::Asc, nulls: None };
    let outputs = select.outputs.iter().flat_map(|output| match output {
        Output::Expr(expr) => vec![by(expr)],
        Output::Row(None) => order::own(select.model),
        Output::Row(Some(hop)) => columns(Some(hop), hop.to()).iter().map(by).collect(),
    });
    outputs.collect()
}

/// All columns of the model that steps lead to.
pub(super) fn columns(hop: Option<&'static crate::meta::Hop>, model: &'static ModelMeta) -> Vec<Expr> {
    model.fields.iter().map(|field| Expr::column(hop, model, field, hop.is_some())).collect()
}

/// Only the rows of some keys.
pub(super) fn by_keys(mut select: Select, keys: Vec<Value>) -> Select {
    let model = select.model;
    let cond = match model.single_key() {
        Some(key) => Cond::is_in(Expr::column(None, model, key, false), Expr::value(Value::List(keys))),
        None => Cond::refused("rows with a composite primary key cannot be asked for by a list of keys"),
    };
    narrow(&mut select, cond);
    select
}

/// Only the row of a key, given field by field.
pub(super) fn by_key(model: &'static ModelMeta, key: Vec<Value>) -> Select {
    let mut select = Select::new(model);
    for (field, value) in model.key().zip(key) {
        let column = Expr::column(None, model, field, false);
        select.filter.push(Cond::lookup(crate::ast::Lookup::Eq, column, Expr::value(value)));
    }
    select.order = Some(Vec::new());
    select
}
