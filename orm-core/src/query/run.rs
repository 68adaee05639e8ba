//! From a tree to rows: compile, run, decode, prefetch. The typed surface calls these; of a model's type they know no
//! more than a pointer to the function that decodes it.

use std::any::Any;

use futures_core::Stream;

use super::insert::now;
use super::joined::RelatedRows;
use super::{constraint, prefetch};
use crate::ast::{Assignment, Cond, Delete, Expr, ExprNode, Lookup, Output, Select, Update};
use crate::db::{Done, Executor, Flow, Sink, Statement};
use crate::dialect::{Dialect, Feature};
use crate::error::{Error, ErrorKind, Result};
use crate::meta::{AnyRow, Auto, FieldMeta, Hop, ModelMeta};
use crate::sql::{self, Ask, Selected};
use crate::value::{Cursor, Kind, Row, Value};

/// How a row of a query becomes a value, and where the root's row is in it.
pub struct Shape<O> {
    /// Reads the outputs of a row.
    pub decode: fn(&mut Row<'_>) -> Result<O>,
    /// The root's row in the value, if it holds one: what `select_related` and `prefetch_related` load goes there.
    pub root: fn(&mut O) -> Option<&mut (dyn Any + Send + Sync)>,
}

impl<O> Clone for Shape<O> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<O> Copy for Shape<O> {}

/// A sink that decodes rows into a vector.
pub(super) struct Collect<O> {
    shape: Shape<O>,
    related: RelatedRows,
    rows: Vec<O>,
    /// The column, counted from the left, that could not be read.
    failed: Option<usize>,
}

impl<O: Send + 'static> Collect<O> {
    pub(super) fn new(select: &Select, shape: Shape<O>) -> Self {
        Collect { shape, related: RelatedRows::of(select), rows: Vec::new(), failed: None }
    }

    pub(super) fn decode(&mut self, cursor: &mut dyn Cursor, columns: &[Kind]) -> Result<O> {
        let mut row = Row::new(cursor, columns);
        let value = self.read(&mut row);
        if value.is_err() {
            self.failed = row.position().checked_sub(1);
        }
        value
    }

    fn read(&self, row: &mut Row<'_>) -> Result<O> {
        let mut value = (self.shape.decode)(row)?;
        if !self.related.is_empty() {
            let root = (self.shape.root)(&mut value);
            self.related.attach(row, root)?;
        }
        Ok(value)
    }

    /// The column that could not be read, if one could not.
    pub(super) fn failed(&self) -> Option<usize> {
        self.failed
    }
}

/// An error with the field that a column of a query's rows comes from.
pub(super) fn about_column(error: Error, select: &Select, column: Option<usize>) -> Error {
    let Some(mut rest) = column.filter(|_| error.kind() == ErrorKind::Decode) else { return error };
    let outputs = select.outputs.iter().map(|output| match output {
        Output::Row(hop) => (hop.map_or(select.model, Hop::to), None),
        Output::Expr(expr) => (select.model, Some(expr)),
    });
    let related = Selected::related(select).into_iter().map(|hop| (hop.to(), None));
    for (model, expr) in outputs.chain(related) {
        let width = if expr.is_some() { 1 } else { model.fields.len() };
        if rest >= width {
            rest -= width;
            continue;
        }
        return match expr.map(|e| &e.node) {
            None => error.with_model(model.name).with_field(model.fields[rest].name),
            Some(ExprNode::Column { model, field, .. }) => error.with_model(model.name).with_field(field.name),
            Some(ExprNode::Aggregate { of: Some(of), .. }) => match &of.node {
                ExprNode::Column { model, field, .. } => error.with_model(model.name).with_field(field.name),
                _ => error,
            },
            Some(_) => error,
        };
    }
    error
}

impl<O: Send + 'static> Sink for Collect<O> {
    fn row(&mut self, cursor: &mut dyn Cursor, columns: &[Kind]) -> Result<Flow> {
        let value = self.decode(cursor, columns)?;
        self.rows.push(value);
        Ok(Flow::More)
    }
}

/// Runs a statement into a sink of a known type.
pub(super) async fn into_sink<S: Sink>(
    db: &dyn Executor,
    statement: Statement,
    sink: S,
    model: &'static ModelMeta,
) -> Result<(S, Done)> {
    let (sink, result) = run_into(db, statement, sink, model).await;
    result.map(|done| (sink, done)).map_err(|error| {
        let error = constraint::explained(error, model);
        db.failed_by(&error);
        error
    })
}

/// The same, giving back the sink of a statement that failed too.
pub(super) async fn run_into<S: Sink>(
    db: &dyn Executor,
    statement: Statement,
    mut sink: S,
    model: &'static ModelMeta,
) -> (S, Result<Done>) {
    // A query that never waits must still let other tasks run now and then.
    tokio::task::coop::consume_budget().await;
    if let Some(result) = db.run_now(&statement, &mut sink, model.name) {
        return (sink, result);
    }
    let (sink, result) = db.run(statement, Box::new(sink), model.name).await;
    let sink: Box<dyn Any> = sink;
    match sink.downcast::<S>() {
        Ok(sink) => (*sink, result),
        Err(_) => unreachable!("an executor gives back the sink that it was given"),
    }
}

/// All rows of a query.
pub async fn all<O: Send + 'static>(db: &dyn Executor, select: Select, shape: Shape<O>) -> Result<Vec<O>> {
    if select.is_empty() {
        return Ok(Vec::new());
    }
    let statement = sql::select(&select, Ask::Rows, db.dialect(), db.plans())?;
    let (sink, result) = run_into(db, statement, Collect::new(&select, shape), select.model).await;
    if let Err(error) = result {
        let error = about_column(error, &select, sink.failed).with_model(select.model.name);
        db.failed_by(&error);
        return Err(error);
    }
    let mut rows = sink.rows;
    prefetched(db, &select, shape, &mut rows).await?;
    Ok(rows)
}

async fn prefetched<O: Send + 'static>(
    db: &dyn Executor,
    select: &Select,
    shape: Shape<O>,
    rows: &mut [O],
) -> Result<()> {
    if select.prefetch.is_empty() {
        return Ok(());
    }
    let roots: Vec<_> = rows.iter_mut().filter_map(|row| (shape.root)(row)).collect();
    prefetch::load(db, select.model, roots, prefetch::steps(&select.prefetch)).await
}

/// The rows of a query, one after the other: at most a few hundred of them are in memory at once.
pub fn stream<'a, O: Send + 'static>(
    db: &'a dyn Executor,
    select: Select,
    shape: Shape<O>,
) -> impl Stream<Item = Result<O>> + Send + 'a {
    super::stream::rows(db, select, shape)
}

/// How many rows a query has.
pub async fn count(db: &dyn Executor, select: Select) -> Result<u64> {
    if select.is_empty() {
        return Ok(0);
    }
    let statement = sql::select(&select, Ask::Count, db.dialect(), db.plans())?;
    let number = single(db, statement, select.model, |row| row.get::<i64>()).await?;
    Ok(u64::try_from(number.unwrap_or(0)).unwrap_or(0))
}

/// Whether a query has a row.
pub async fn exists(db: &dyn Executor, select: Select) -> Result<bool> {
    if select.is_empty() {
        return Ok(false);
    }
    let statement = sql::select(&select, Ask::Exists, db.dialect(), db.plans())?;
    Ok(single(db, statement, select.model, |row| row.get::<i64>()).await?.is_some())
}

/// Aggregates over the rows of a query.
pub async fn aggregate<O: Send + 'static>(
    db: &dyn Executor,
    mut select: Select,
    of: Vec<Expr>,
    decode: fn(&mut Row<'_>) -> Result<O>,
) -> Result<O> {
    if select.group.is_some() {
        return Err(Error::invalid_query("a grouped query has its aggregates already"));
    }
    select.outputs = of.into_iter().map(Output::Expr).collect();
    select.related.clear();
    // A condition that is never true still has aggregates: a count of zero, sums of NULL.
    let statement = sql::select(&select, Ask::Rows, db.dialect(), db.plans())?;
    let first = First { decode, row: None, failed: None };
    let (sink, result) = run_into(db, statement, first, select.model).await;
    if let Err(error) = result {
        let error = constraint::explained(error, select.model);
        let error = about_column(error, &select, sink.failed).with_model(select.model.name);
        db.failed_by(&error);
        return Err(error);
    }
    sink.row.ok_or_else(|| Error::database("an aggregate gave no row"))
}

/// A sink for the first row.
struct First<O> {
    decode: fn(&mut Row<'_>) -> Result<O>,
    row: Option<O>,
    /// The column, counted from the left, that could not be read.
    failed: Option<usize>,
}

impl<O: Send + 'static> Sink for First<O> {
    fn row(&mut self, cursor: &mut dyn Cursor, columns: &[Kind]) -> Result<Flow> {
        let mut row = Row::new(cursor, columns);
        let value = (self.decode)(&mut row);
        if value.is_err() {
            self.failed = row.position().checked_sub(1);
        }
        self.row = Some(value?);
        Ok(Flow::Enough)
    }
}

pub(super) async fn single<O: Send + 'static>(
    db: &dyn Executor,
    statement: Statement,
    model: &'static ModelMeta,
    decode: fn(&mut Row<'_>) -> Result<O>,
) -> Result<Option<O>> {
    let (sink, _) = into_sink(db, statement, First { decode, row: None, failed: None }, model).await?;
    Ok(sink.row)
}

/// A sink for statements without rows.
pub(super) struct Ignore;

impl Sink for Ignore {
    fn row(&mut self, _: &mut dyn Cursor, _: &[Kind]) -> Result<Flow> {
        Ok(Flow::More)
    }
}

/// Changes rows; how many there were.
pub async fn update(db: &dyn Executor, update: Update) -> Result<u64> {
    if update.rows.is_empty() {
        return Ok(0);
    }
    let statement = sql::update(&update, db.dialect(), db.plans())?;
    let (_, done) = into_sink(db, statement, Ignore, update.rows.model).await?;
    Ok(done.affected)
}

/// Deletes rows; how many there were (not counting those that went along by `on_delete`).
pub async fn delete(db: &dyn Executor, delete: Delete) -> Result<u64> {
    if delete.rows.is_empty() {
        return Ok(0);
    }
    let statement = sql::delete(&delete, db.dialect(), db.plans())?;
    let (_, done) = into_sink(db, statement, Ignore, delete.rows.model).await?;
    Ok(done.affected)
}

/// A query for the row of a key.
pub(super) fn by_key(model: &'static ModelMeta, key: Vec<Value>) -> Select {
    let mut select = Select::new(model);
    select.order = Some(Vec::new());
    for (field, value) in model.key().zip(key) {
        select.filter.push(Cond::lookup(Lookup::Eq, Expr::column(None, model, field, false), Expr::value(value)));
    }
    select
}

pub(super) fn whole_rows(model: &'static ModelMeta) -> AnyRows {
    AnyRows { decode: model.ops.decode, rows: Vec::new() }
}

/// A sink for rows of an unknown model.
pub(super) struct AnyRows {
    decode: fn(&mut Row<'_>) -> Result<AnyRow>,
    pub(super) rows: Vec<AnyRow>,
}

impl Sink for AnyRows {
    fn row(&mut self, cursor: &mut dyn Cursor, columns: &[Kind]) -> Result<Flow> {
        self.rows.push((self.decode)(&mut Row::new(cursor, columns))?);
        Ok(Flow::More)
    }
}

/// Changes the row of a key and gives it back as it is then; nothing if there is no such row.
pub async fn update_row(
    db: &dyn Executor,
    model: &'static ModelMeta,
    key: Vec<Value>,
    mut set: Vec<Assignment>,
) -> Result<Option<AnyRow>> {
    for field in model.fields.iter().filter(|f| f.auto == Auto::Now) {
        if !set.iter().any(|a| std::ptr::eq(a.field, field)) {
            set.push(Assignment { field, value: Expr::typed(now(field.kind), field.kind) });
        }
    }
    if set.is_empty() {
        return row_of(db, model, key).await;
    }
    let returns = db.dialect().has(Feature::UpdateReturning);
    // A change of the key itself is looked for under its new value.
    let key_after: Vec<Value> = model.key().zip(&key).map(|(field, old)| new_value(&set, field, old)).collect();
    let returning: Vec<&'static FieldMeta> = if returns { model.fields.iter().collect() } else { Vec::new() };
    let change = Update { rows: by_key(model, key), set, returning };
    let statement = sql::update(&change, db.dialect(), db.plans())?;
    let (sink, done) = into_sink(db, statement, whole_rows(model), model).await?;
    if returns {
        return Ok(sink.rows.into_iter().next());
    }
    if done.affected == 0 {
        return Ok(None);
    }
    row_of(db, model, key_after).await
}

fn new_value(set: &[Assignment], field: &'static FieldMeta, old: &Value) -> Value {
    let given = set.iter().find(|a| std::ptr::eq(a.field, field));
    match given.map(|a| &a.value.node) {
        Some(crate::ast::ExprNode::Value(value)) => value.clone(),
        _ => old.clone(),
    }
}

/// The row of a key.
pub async fn row_of(db: &dyn Executor, model: &'static ModelMeta, key: Vec<Value>) -> Result<Option<AnyRow>> {
    let select = by_key(model, key);
    let statement = sql::select(&select, Ask::Rows, db.dialect(), db.plans())?;
    let (sink, _) = into_sink(db, statement, whole_rows(model), model).await?;
    Ok(sink.rows.into_iter().next())
}

/// The text of a query's statement.
pub fn sql(select: &Select, dialect: &'static dyn Dialect) -> Result<String> {
    let statement = sql::select(select, Ask::Rows, dialect, &sql::Plans::default())?;
    Ok(statement.sql.to_string())
}
