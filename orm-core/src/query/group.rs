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
    pub fn having(mut self, condition: Having<M>) -> Self {
        having(&mut self.select, condition.cond);
        self
    }

    /// Aggregates of each group, beside its keys.
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
    pub fn having(mut self, condition: Having<M>) -> Self {
        having(&mut self.select, condition.cond);
        self
    }

    /// The groups in an order: of keys and aggregates.
    pub fn order_by(mut self, orders: impl GroupOrders<M>) -> Self {
        let mut list = Vec::new();
        orders.group_orders(&mut list);
        self.select.order = Some(list);
        self
    }

    /// At most so many groups.
    pub fn limit(mut self, groups: u64) -> Self {
        self.select.limit = Some(groups);
        self
    }

    /// Without the first so many groups.
    pub fn offset(mut self, groups: u64) -> Self {
        self.select.offset = Some(groups);
        self
    }

    /// The SQL of the query on a database by name (`sqlite`, `postgres`, `mysql`), with placeholders.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) if that database lacks something;
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if it is not built in.
    pub fn sql(&self, dialect: &str) -> Result<String> {
        sql(&self.select, dialect)
    }

    /// The SQL of the query in a dialect, with placeholders.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) if that database lacks something.
    pub fn to_sql(&self, dialect: &'static dyn Dialect) -> Result<String> {
        run::sql(&self.select, dialect)
    }

    /// How many groups there are.
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
    /// # Errors
    /// What the database refuses, or [`ErrorKind::Decode`](crate::ErrorKind::Decode).
    pub async fn all(self, db: &dyn Executor) -> Result<Vec<O>> {
        run::all(db, self.select, Shape { decode: self.decode, root: nowhere }).await
    }

    /// The first group, if there is one: in the query's order, or by its keys if it has none.
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
