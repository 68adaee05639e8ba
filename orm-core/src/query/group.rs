//! Grouped queries: their own types, since what can be asked of a group differs from what can be asked of a row.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;

use super::aggregate::{self, Aggregates};
use super::queryset::{at_most, columns, ordered, show, sql};
use super::run::{self, Shape};
use super::{GroupOrders, Having, Selection};
use crate::ast::{Cond, Grouping, Output, Select};
use crate::db::Executor;
use crate::dialect::Dialect;
use crate::error::Result;
use crate::model::Model;
use crate::value::Row;

/// Rows of `M` grouped by `K`; the aggregates of each group are still to be said.
///
/// ```
/// # orm_blog::example! { db =>
/// let by_year = Book::objects().group_by(Book.published.year());
/// let query = by_year.annotate(Book.price.max()).order_by(Book.published.year().asc());
/// assert_eq!(query.first(&db).await?, Some((2019, Some(dec!(9.99)))));
/// # }
/// ```
#[must_use = "a grouping gives nothing until `.annotate(..)` says what of each group"]
pub struct Grouped<M, K> {
    select: Select,
    keys: PhantomData<fn() -> (M, K)>,
}

/// Groups of rows of `M`, each giving an `O`: its keys and its aggregates.
///
/// There is no `filter` here: it would read as if it came after the grouping. Rows are filtered before `group_by`,
/// groups by `having`.
///
/// ```
/// # orm_blog::example! { db =>
/// let groups = Book::objects().group_by(Book.author.name).having(Book.id.count().gt(1)).annotate(Book.price.sum());
/// assert_eq!(groups.all(&db).await?, [("Ann".to_owned(), Some(dec!(64.40)))]);
/// # }
/// ```
#[must_use = "a query does nothing until it is run: `.all(&db).await`"]
pub struct Groups<M, O> {
    select: Select,
    decode: fn(&mut Row<'_>) -> Result<O>,
    model: PhantomData<fn() -> M>,
}

impl<M: Model, K: Selection<M>> Grouped<M, K> {
    pub(super) fn new(select: Select, keys: K) -> Self {
        let mut outputs = Vec::new();
        keys.outputs(&mut outputs);
        Grouped { select: grouped(select, outputs), keys: PhantomData }
    }

    /// Only groups for which the condition is true.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().group_by(Book.author.name).having(Book.id.count().gt(1)).annotate(Book.price.sum());
    /// assert!(query.sql("postgres")?.ends_with(r#"HAVING COUNT("books"."id") > $1"#));
    /// assert_eq!(query.all(&db).await?, [("Ann".to_owned(), Some(dec!(64.40)))]);
    /// # }
    /// ```
    pub fn having(mut self, condition: Having<M>) -> Self {
        having(&mut self.select, condition.cond);
        self
    }

    /// Aggregates of each group, beside its keys.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().group_by(Book.status).annotate((count_rows(), Book.price.min()));
    /// assert_eq!(
    ///     query.sql("sqlite")?,
    ///     r#"SELECT "books"."status", COUNT(*), MIN("books"."price") FROM "books" GROUP BY 1"#
    /// );
    /// assert_eq!(query.first(&db).await?, Some((Status::Draft, (2, Some(dec!(9.99))))));
    /// # }
    /// ```
    pub fn annotate<A: Aggregates<M>>(mut self, aggregates: A) -> Groups<M, (K::Out, A::Out)> {
        self.select.outputs.extend(aggregate::list(aggregates).into_iter().map(Output::Expr));
        Groups { select: self.select, decode: keys_and_aggregates::<M, K, A>, model: PhantomData }
    }
}

fn keys_and_aggregates<M, K: Selection<M>, A: Aggregates<M>>(row: &mut Row<'_>) -> Result<(K::Out, A::Out)> {
    Ok((K::decode(row)?, A::decode(row)?))
}

fn grouped(mut select: Select, outputs: Vec<Output>) -> Select {
    let model = select.model;
    let keys = outputs.iter().flat_map(|output| match output {
        Output::Expr(expr) => vec![expr.clone()],
        Output::Row(hop) => columns(*hop, hop.map_or(model, |hop| hop.to())),
    });
    select.group = Some(Grouping { keys: keys.collect(), having: Vec::new() });
    select.outputs = outputs;
    // The model's own order speaks of rows, and a group is not one.
    select.order.get_or_insert_default();
    if select.limit.is_some() || select.offset.is_some() {
        select.filter.push(Cond::refused("`group_by` cannot follow `limit` or `offset`; limit the groups instead"));
    }
    select
}

fn having(select: &mut Select, cond: Cond) {
    if let Some(group) = &mut select.group {
        group.having.push(cond);
    }
}

impl<M: Model, O> Groups<M, O> {
    /// Only groups for which the condition is true.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().group_by(Book.author.name).annotate(count_rows()).having(count_rows().eq(1));
    /// assert!(query.sql("sqlite")?.ends_with("HAVING COUNT(*) = ?"));
    /// assert_eq!(query.all(&db).await?, [("Bob".to_owned(), 1)]);
    /// # }
    /// ```
    pub fn having(mut self, condition: Having<M>) -> Self {
        having(&mut self.select, condition.cond);
        self
    }

    /// The groups in an order: of keys and aggregates.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let groups = Book::objects().group_by(Book.author.name).annotate(count_rows());
    /// let groups = groups.order_by((count_rows().desc(), Book.author.name.asc()));
    /// assert!(groups.sql("sqlite")?.ends_with("ORDER BY 2 DESC, 1 ASC"));
    /// assert_eq!(groups.first(&db).await?, Some(("Ann".to_owned(), 2)));
    /// # }
    /// ```
    pub fn order_by(mut self, orders: impl GroupOrders<M>) -> Self {
        let mut list = Vec::new();
        orders.group_orders(&mut list);
        self.select.order = Some(list);
        self
    }

    /// At most so many groups.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let groups = Book::objects().group_by(Book.author.name).annotate(count_rows()).order_by(count_rows().desc());
    /// assert_eq!(groups.limit(1).all(&db).await?, [("Ann".to_owned(), 2)]);
    /// # }
    /// ```
    pub fn limit(mut self, groups: u64) -> Self {
        self.select.limit = Some(groups);
        self
    }

    /// Without the first so many groups.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let groups = Book::objects().group_by(Book.author.name).annotate(count_rows()).order_by(count_rows().desc());
    /// assert_eq!(groups.offset(1).all(&db).await?, [("Bob".to_owned(), 1)]);
    /// # }
    /// ```
    pub fn offset(mut self, groups: u64) -> Self {
        self.select.offset = Some(groups);
        self
    }

    /// The SQL of the query on a database by name (`sqlite`, `postgres`, `mysql`), with placeholders.
    ///
    /// ```
    /// # orm_blog::example! {
    /// let groups = Book::objects().group_by(Book.status).annotate(count_rows());
    /// assert_eq!(groups.sql("postgres")?, r#"SELECT "books"."status", COUNT(*) FROM "books" GROUP BY 1"#);
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) if that database lacks something;
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if it is not built in.
    pub fn sql(&self, dialect: &str) -> Result<String> {
        sql(&self.select, dialect)
    }

    /// The SQL of the query in a dialect, with placeholders.
    ///
    /// ```
    /// # orm_blog::example! {
    /// let groups = Book::objects().group_by(Book.status).annotate(count_rows());
    /// let mysql = orm::backend::dialect("mysql").expect("it is built in");
    /// assert_eq!(groups.to_sql(mysql)?, "SELECT `books`.`status`, COUNT(*) FROM `books` GROUP BY 1");
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) if that database lacks something.
    pub fn to_sql(&self, dialect: &'static dyn Dialect) -> Result<String> {
        run::sql(&self.select, dialect)
    }

    /// How many groups there are.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let groups = Book::objects().group_by(Book.author).annotate(count_rows());
    /// # let (db, sent) = counted(&db);
    /// assert_eq!(groups.count(&db).await?, 2);
    /// assert_eq!(
    ///     sent.take(),
    ///     [r#"SELECT COUNT(*) FROM (SELECT "books"."author_id" AS "c1", COUNT(*) AS "c2" FROM "books" GROUP BY 1) AS "s""#]
    /// );
    /// # }
    /// ```
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn count(self, db: &dyn Executor) -> Result<u64> {
        run::count(db, self.select).await
    }
}

impl<M: Model, O: Send + 'static> Groups<M, O> {
    /// All groups.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let groups = Book::objects().group_by(Book.author.name).annotate(count_rows()).order_by(Book.author.name.asc());
    /// assert_eq!(groups.all(&db).await?, [("Ann".to_owned(), 2), ("Bob".to_owned(), 1)]);
    /// # }
    /// ```
    ///
    /// # Errors
    /// What the database refuses, or [`ErrorKind::Decode`](crate::ErrorKind::Decode).
    pub async fn all(self, db: &dyn Executor) -> Result<Vec<O>> {
        run::all(db, self.select, Shape { decode: self.decode, root: nowhere }).await
    }

    /// The first group, if there is one: in the query's order, or by its keys if it has none.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let groups = Book::objects().group_by(Book.author.name).annotate(count_rows());
    /// assert_eq!(groups.first(&db).await?, Some(("Ann".to_owned(), 2)));
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Groups::all`].
    pub async fn first(mut self, db: &dyn Executor) -> Result<Option<O>> {
        self.select.order = Some(ordered(&self.select));
        let select = at_most(self.select, 1);
        Ok(run::all(db, select, Shape { decode: self.decode, root: nowhere }).await?.pop())
    }
}

fn nowhere<O>(_: &mut O) -> Option<&mut (dyn Any + Send + Sync)> {
    None
}

impl<M, O> Clone for Groups<M, O> {
    fn clone(&self) -> Self {
        Groups { select: self.select.clone(), decode: self.decode, model: PhantomData }
    }
}
impl<M, O> fmt::Debug for Groups<M, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(&self.select, f)
    }
}
