//! From a tree to rows: compile, run, decode, prefetch. The typed surface calls these; of a model's type they know no
//! more than a pointer to the function that decodes it.

use std::any::Any;

use futures_core::Stream;

use super::bulk::{next_chunk, rounded};
use super::joined::RelatedRows;
use super::{constraint, prefetch};
use crate::ast::{Assignment, Cond, Delete, Expr, ExprNode, Insert, Lookup, Output, Select, Update};
use crate::db::{Done, Executor, Flow, Sink, Statement, Tx};
use crate::dialect::{Dialect, Feature};
use crate::error::{Error, ErrorKind, Result};
use crate::meta::{AnyRow, Auto, FieldMeta, Hop, ModelMeta, RelationKind, RelationMeta};
use crate::model::{Given, Model, NewRow};
use crate::sql::{self, Ask, Between, Selected};
use crate::value::{Cursor, DateTime, Kind, Row, Value};

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
        return Err(about_column(error, &select, sink.failed).with_model(select.model.name));
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

async fn single<O: Send + 'static>(
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

fn whole_rows(model: &'static ModelMeta) -> AnyRows {
    AnyRows { decode: model.ops.decode, rows: Vec::new() }
}

/// A sink for rows of an unknown model.
struct AnyRows {
    decode: fn(&mut Row<'_>) -> Result<AnyRow>,
    rows: Vec<AnyRow>,
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

/// Inserts a row, with the rows that go along, and gives it back as what it is.
pub async fn insert_one<M: Model>(db: &dyn Executor, row: NewRow) -> Result<M> {
    let model = row.model;
    let gone = || Error::database("the database did not give back the row that it stored").with_model(model.name);
    if is_plain(&row) && db.dialect().has(Feature::InsertReturning) {
        return single(db, plain_insert(db, row)?, model, M::decode).await?.ok_or_else(gone);
    }
    insert(db, vec![row]).await?.pop().ok_or_else(gone).and_then(super::draft::typed)
}

/// The statement that inserts a row which brings no others along and gives it back.
fn plain_insert(db: &dyn Executor, row: NewRow) -> Result<Statement> {
    let model = row.model;
    let mut fields = Vec::with_capacity(model.fields.len());
    let values = complete(model, row, &mut fields)?;
    sql::insert_row(model, &fields, values, true, db.dialect(), db.plans()).map_err(|e| constraint::explained(e, model))
}

/// Inserts rows of one model, with the rows that go along, and gives them back whole, in their order.
pub async fn insert(db: &dyn Executor, rows: Vec<NewRow>) -> Result<Vec<AnyRow>> {
    match rows.as_slice() {
        [] => Ok(Vec::new()),
        [one] if is_plain(one) => insert_own(db, one.model, rows).await,
        _ => {
            let tx = db.begin("insert").await?;
            let inserted = insert_batch(&tx, rows).await?;
            tx.commit().await?;
            Ok(inserted)
        }
    }
}

/// Whether a row brings no others along.
pub(super) fn is_plain(row: &NewRow) -> bool {
    row.children.is_empty() && row.links.is_empty() && row.fields.iter().all(|(_, g)| !matches!(g, Given::New(_)))
}

/// The values of new rows that give the same fields, each with its place among all.
type Group = (Vec<&'static FieldMeta>, Vec<(usize, Vec<Value>)>);

/// Rows by which fields they give, defaults filled in.
fn grouped(model: &'static ModelMeta, rows: Vec<NewRow>) -> Result<Vec<Group>> {
    let mut groups: Vec<Group> = Vec::new();
    let mut fields = Vec::with_capacity(model.fields.len());
    // Most rows give the same fields as the one before.
    let mut last = 0;
    for (place, row) in rows.into_iter().enumerate() {
        fields.clear();
        let values = complete(model, row, &mut fields)?;
        if !groups.get(last).is_some_and(|(f, _)| same_fields(f, &fields)) {
            last = groups.iter().position(|(f, _)| same_fields(f, &fields)).unwrap_or(groups.len());
        }
        match groups.get_mut(last) {
            Some((_, rows)) => rows.push((place, values)),
            None => groups.push((fields.clone(), vec![(place, values)])),
        }
    }
    Ok(groups)
}

fn same_fields(a: &[&'static FieldMeta], b: &[&'static FieldMeta]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| std::ptr::eq(*a, *b))
}

/// The values of a new row in the order of the model, and in `fields` which columns they are of.
fn complete(model: &'static ModelMeta, mut row: NewRow, fields: &mut Vec<&'static FieldMeta>) -> Result<Vec<Value>> {
    let mut values = Vec::with_capacity(model.fields.len());
    for field in model.fields {
        let given = row.fields.iter_mut().find(|(f, _)| std::ptr::eq(*f, field));
        let value = match given.map(|(_, given)| given) {
            Some(Given::Value(value)) => Some(std::mem::replace(value, Value::Null)),
            Some(other) => return Err(no_value(other, model, field)),
            None => filled(field),
        };
        if let Some(value) = value {
            fields.push(field);
            values.push(value);
        }
    }
    Ok(values)
}

/// Why what a field was given is not a value.
pub(super) fn no_value(given: &Given, model: &'static ModelMeta, field: &'static FieldMeta) -> Error {
    let words = match given {
        Given::Expression => "a row that is not stored yet has no columns to compute this from; give a value",
        Given::Parent => "`Parent` stands for a row only inside `.add(..)`",
        Given::New(_) | Given::Value(_) => "a new row here must be inserted first",
    };
    Error::invalid_query(words).with_model(model.name).with_field(field.name)
}

/// What a field that was not given gets from here; nothing if the database fills it.
pub(super) fn filled(field: &'static FieldMeta) -> Option<Value> {
    match field.auto {
        Auto::Now | Auto::NowAdd => return Some(now(field.kind)),
        Auto::Uuid => return new_uuid(),
        Auto::Increment => return None,
        Auto::No => {}
    }
    match (field.default, field.db_default) {
        (Some(default), _) => Some(default()),
        (None, Some(_)) => None,
        (None, None) => Some(Value::Null),
    }
}

#[cfg(feature = "uuid")]
fn new_uuid() -> Option<Value> {
    Some(Value::Uuid(uuid::Uuid::now_v7().into_bytes()))
}
#[cfg(not(feature = "uuid"))]
fn new_uuid() -> Option<Value> {
    None
}

/// The current time as a field of a kind holds it.
pub(super) fn now(kind: Kind) -> Value {
    let micros = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .ok()
        .and_then(|d| i64::try_from(d.as_micros()).ok())
        .unwrap_or(0);
    let now = DateTime(micros);
    match kind {
        Kind::Date => Value::Date(now.date()),
        Kind::Time => Value::Time(now.time()),
        _ => Value::DateTime(now),
    }
}

/// Inserts rows with all that goes along: new rows that they point at first, those that point at them last.
pub(super) fn insert_batch<'a>(
    db: &'a dyn Executor,
    mut rows: Vec<NewRow>,
) -> crate::db::BoxFuture<'a, Result<Vec<AnyRow>>> {
    Box::pin(async move {
        let Some(model) = rows.first().map(|r| r.model) else { return Ok(Vec::new()) };
        insert_parents(db, &mut rows).await?;
        let along: Vec<_> =
            rows.iter_mut().map(|r| (std::mem::take(&mut r.children), std::mem::take(&mut r.links))).collect();
        let inserted = insert_own(db, model, rows).await?;
        insert_children(db, model, &inserted, along).await?;
        Ok(inserted)
    })
}

/// Inserts the new rows that foreign keys point at, one statement a field, and puts their keys in their place.
async fn insert_parents(db: &dyn Executor, rows: &mut [NewRow]) -> Result<()> {
    let Some(model) = rows.first().map(|r| r.model) else { return Ok(()) };
    for field in model.fields {
        let mut places = Vec::new();
        let mut parents = Vec::new();
        for (i, row) in rows.iter_mut().enumerate() {
            for (given_field, given) in &mut row.fields {
                if std::ptr::eq(*given_field, field)
                    && matches!(given, Given::New(_))
                    && let Given::New(parent) = std::mem::replace(given, Given::Value(Value::Null))
                {
                    parents.push(*parent);
                    places.push(i);
                }
            }
        }
        if parents.is_empty() {
            continue;
        }
        let target = parents[0].model;
        let inserted = insert_batch(db, parents).await?;
        for (place, parent) in places.into_iter().zip(&inserted) {
            let key = key_of(target, &**parent)?;
            for (given_field, given) in &mut rows[place].fields {
                if std::ptr::eq(*given_field, field) {
                    *given = Given::Value(key.clone());
                }
            }
        }
    }
    Ok(())
}

fn key_of(model: &'static ModelMeta, row: &(dyn Any + Send + Sync)) -> Result<Value> {
    match model.primary_key {
        [field] => Ok((model.ops.value)(row, *field)),
        _ => Err(Error::invalid_query("a relation needs a primary key of one field").with_model(model.name)),
    }
}

type Along = (Vec<(&'static RelationMeta, Vec<NewRow>)>, Vec<(&'static RelationMeta, Vec<Value>)>);

async fn insert_children(
    db: &dyn Executor,
    model: &'static ModelMeta,
    inserted: &[AnyRow],
    along: Vec<Along>,
) -> Result<()> {
    let mut batches: Vec<(&'static ModelMeta, Vec<NewRow>)> = Vec::new();
    let mut pairs: Vec<(&'static RelationMeta, Vec<(Value, Value)>)> = Vec::new();
    for (row, (children, links)) in inserted.iter().zip(along) {
        if children.is_empty() && links.is_empty() {
            continue;
        }
        let key = key_of(model, &**row)?;
        for (relation, children) in children {
            let field = forward_field(relation)?;
            for mut child in children {
                adopt(&mut child, field, &key)?;
                let target = child.model;
                match batches.iter_mut().find(|(m, _)| m.is(target)) {
                    Some((_, batch)) => batch.push(child),
                    None => batches.push((target, vec![child])),
                }
            }
        }
        for (relation, others) in links {
            let new = others.into_iter().map(|other| (key.clone(), other));
            match pairs.iter_mut().find(|(r, _)| std::ptr::eq(*r, relation)) {
                Some((_, pairs)) => pairs.extend(new),
                None => pairs.push((relation, new.collect())),
            }
        }
    }
    for (relation, pairs) in pairs {
        add_links(db, relation.owner(), between(relation)?, pairs).await?;
    }
    for (_, batch) in batches {
        insert_batch(db, batch).await?;
    }
    Ok(())
}

/// The foreign key on the other side of a reverse relation.
fn forward_field(relation: &'static RelationMeta) -> Result<&'static FieldMeta> {
    match relation.kind {
        RelationKind::Reverse { of, .. } => {
            of().column().ok_or_else(|| Error::invalid_query("a reverse relation without a foreign key"))
        }
        // `rev(Book.author)` is the foreign key itself, walked back.
        RelationKind::Forward { .. } => {
            relation.column().ok_or_else(|| Error::invalid_query("a foreign key without a column"))
        }
        RelationKind::Many { .. } | RelationKind::ManyReverse { .. } => {
            Err(Error::invalid_query(format!("new rows cannot be added to `{}`; link rows that exist", relation.name)))
        }
    }
}

/// Gives a child the key of its parent.
fn adopt(child: &mut NewRow, field: &'static FieldMeta, key: &Value) -> Result<()> {
    let wrong = |words: &'static str| Error::invalid_query(words);
    for (given_field, given) in &mut child.fields {
        match (std::ptr::eq(*given_field, field), &given) {
            (true, Given::Parent) => *given = Given::Value(key.clone()),
            (true, _) => {
                return Err(wrong("a draft inside `.add(..)` belongs to its parent; give `Parent` here")
                    .with_model(child.model.name)
                    .with_field(field.name));
            }
            (false, Given::Parent) => {
                return Err(wrong("`Parent` stands here in another foreign key than the one it is added by")
                    .with_model(child.model.name)
                    .with_field(given_field.name));
            }
            (false, _) => {}
        }
    }
    if !child.fields.iter().any(|(f, _)| std::ptr::eq(*f, field)) {
        child.fields.push((field, Given::Value(key.clone())));
    }
    Ok(())
}

/// Inserts the rows themselves and gives them back whole, in their order.
async fn insert_own(db: &dyn Executor, model: &'static ModelMeta, rows: Vec<NewRow>) -> Result<Vec<AnyRow>> {
    let mut inserted: Vec<Option<AnyRow>> = rows.iter().map(|_| None).collect();
    let returns = db.dialect().has(Feature::InsertReturning);
    for (fields, rows) in grouped(model, rows)? {
        let counted = model.single_key().is_some_and(|k| !fields.iter().any(|f| std::ptr::eq(*f, k)));
        let mut rest = rows;
        while !rest.is_empty() {
            let size = if fields.is_empty() { 1 } else { next_chunk(rest.len(), db.dialect(), fields.len()) };
            let tail = rest.split_off(size);
            let chunk = std::mem::replace(&mut rest, tail);
            let (places, values): (Vec<usize>, Vec<Vec<Value>>) = chunk.into_iter().unzip();
            let back = if returns {
                insert_returning(db, model, &fields, values, counted).await?
            } else {
                insert_and_read(db, model, &fields, values).await?
            };
            for (place, row) in places.into_iter().zip(back) {
                inserted[place] = Some(row);
            }
        }
    }
    inserted
        .into_iter()
        .map(|row| {
            row.ok_or_else(|| {
                Error::database("an insert gave back fewer rows than it was given").with_model(model.name)
            })
        })
        .collect()
}

async fn insert_returning(
    db: &dyn Executor,
    model: &'static ModelMeta,
    fields: &[&'static FieldMeta],
    values: Vec<Vec<Value>>,
    counted: bool,
) -> Result<Vec<AnyRow>> {
    let keys: Vec<Vec<Value>> = if counted { Vec::new() } else { keys_of(model, fields, &values) };
    let single = values.len() == 1;
    let insert = Insert { model, fields: fields.to_vec(), rows: values, returning: model.fields.iter().collect() };
    let statement = sql::insert(insert, db.dialect(), db.plans())?;
    let (sink, _) = into_sink(db, statement, whole_rows(model), model).await?;
    let mut rows = sink.rows;
    if single {
        return Ok(rows);
    }
    // SQL promises no order of the rows that come back: keys that were given tell the place, keys that were counted
    // up were so in the order of the rows.
    if counted {
        rows.sort_by_key(|row| match key_of(model, &**row) {
            Ok(Value::Int(id)) => id,
            _ => i64::MAX,
        });
        return Ok(rows);
    }
    Ok(in_order_of(model, rows, &keys))
}

fn keys_of(model: &'static ModelMeta, fields: &[&'static FieldMeta], values: &[Vec<Value>]) -> Vec<Vec<Value>> {
    let places: Vec<usize> = model.key().filter_map(|key| fields.iter().position(|f| std::ptr::eq(*f, key))).collect();
    values.iter().map(|row| places.iter().map(|p| row[*p].clone()).collect()).collect()
}

fn in_order_of(model: &'static ModelMeta, rows: Vec<AnyRow>, keys: &[Vec<Value>]) -> Vec<AnyRow> {
    let mut by_key: std::collections::HashMap<prefetch::HashKey, AnyRow> = rows
        .into_iter()
        .map(|row| {
            let key: Vec<Value> = model.primary_key.iter().map(|i| (model.ops.value)(&*row, *i)).collect();
            (prefetch::hash_key(&key), row)
        })
        .collect();
    keys.iter().filter_map(|key| by_key.remove(&prefetch::hash_key(key))).collect()
}

/// An insert where nothing comes back: the rows are read by their keys.
async fn insert_and_read(
    db: &dyn Executor,
    model: &'static ModelMeta,
    fields: &[&'static FieldMeta],
    values: Vec<Vec<Value>>,
) -> Result<Vec<AnyRow>> {
    let keys = keys_of(model, fields, &values);
    let given = keys.first().is_some_and(|k| k.len() == model.primary_key.len());
    let count = values.len();
    let insert = Insert { model, fields: fields.to_vec(), rows: values, returning: Vec::new() };
    let statement = sql::insert(insert, db.dialect(), db.plans())?;
    let (_, done) = into_sink(db, statement, Ignore, model).await?;
    let keys = if given { keys } else { counted_keys(done, count).map_err(|e| e.with_model(model.name))? };
    rows_of(db, model, &keys).await
}

/// The keys that the database counted up for rows that went in together.
fn counted_keys(done: Done, rows: usize) -> Result<Vec<Vec<Value>>> {
    let unknown = || Error::database("the database did not tell the key of the new row; give it in the draft");
    let first = done.last_id.ok_or_else(unknown)?;
    let step = if rows == 1 { 1 } else { done.id_step.ok_or_else(unknown)? };
    Ok((0..).map(|i| vec![Value::Int(first + i * step)]).take(rows).collect())
}

/// The rows of keys, in the order of the keys.
async fn rows_of(db: &dyn Executor, model: &'static ModelMeta, keys: &[Vec<Value>]) -> Result<Vec<AnyRow>> {
    let mut select = Select::new(model);
    select.order = Some(Vec::new());
    for (i, field) in model.key().enumerate() {
        // Of a key of several fields this finds the others too that share each of them with some row.
        let list = keys.iter().filter_map(|key| key.get(i).cloned()).collect();
        let column = Expr::column(None, model, field, false);
        select.filter.push(match keys {
            [one] => Cond::lookup(Lookup::Eq, column, Expr::value(one.get(i).cloned().unwrap_or(Value::Null))),
            _ => Cond::is_in(column, Expr::value(Value::List(list))),
        });
    }
    let statement = sql::select(&select, Ask::Rows, db.dialect(), db.plans())?;
    let (sink, _) = into_sink(db, statement, whole_rows(model), model).await?;
    let rows = in_order_of(model, sink.rows, keys);
    if rows.len() < keys.len() {
        return Err(Error::new(ErrorKind::NotFound, "a new row was gone before it was read").with_model(model.name));
    }
    Ok(rows)
}

/// What happens to the rows that a many-to-many relation ties to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkChange {
    /// They are tied as well.
    Add,
    /// They are tied no longer.
    Remove,
    /// They and no others are tied.
    Set,
    /// None is tied.
    Clear,
}

/// Changes which rows a many-to-many relation ties to a row; how many ties were made or undone.
pub async fn link(
    db: &dyn Executor,
    relation: &'static RelationMeta,
    owner: Value,
    change: LinkChange,
    others: Vec<Value>,
) -> Result<u64> {
    let between = between(relation)?;
    let model = relation.owner();
    if others.is_empty() && matches!(change, LinkChange::Add | LinkChange::Remove) {
        return Ok(0);
    }
    match change {
        LinkChange::Add => add_links(db, model, between, with(&owner, others)).await,
        LinkChange::Remove => remove_links(db, model, between, &owner, Some((others, true))).await,
        LinkChange::Clear => remove_links(db, model, between, &owner, None).await,
        LinkChange::Set if others.is_empty() => remove_links(db, model, between, &owner, None).await,
        LinkChange::Set => {
            let tx: Tx = db.begin("set").await?;
            let removed = remove_links(&tx, model, between, &owner, Some((others.clone(), false))).await?;
            let added = add_links(&tx, model, between, with(&owner, others)).await?;
            tx.commit().await?;
            Ok(removed + added)
        }
    }
}

fn with(owner: &Value, others: Vec<Value>) -> Vec<(Value, Value)> {
    others.into_iter().map(|other| (owner.clone(), other)).collect()
}

/// Ties rows to others, as many as one statement takes at once; how many ties were made.
/// How many rows one statement ties at most.
const LINKS: usize = 1024;

async fn add_links(
    db: &dyn Executor,
    model: &'static ModelMeta,
    between: Between,
    mut pairs: Vec<(Value, Value)>,
) -> Result<u64> {
    let mut seen = std::collections::HashSet::new();
    pairs.retain(|(from, to)| seen.insert(prefetch::hash_key(&[from.clone(), to.clone()])));
    let mut added = 0;
    let mut rest = pairs.as_slice();
    while !rest.is_empty() {
        let (chunk, next) = rest.split_at(rounded(rest.len().min(LINKS)));
        rest = next;
        let statement = sql::link(between, chunk, db.dialect())?;
        added += into_sink(db, statement, Ignore, model).await?.1.affected;
    }
    Ok(added)
}

async fn remove_links(
    db: &dyn Executor,
    model: &'static ModelMeta,
    between: Between,
    owner: &Value,
    others: Option<(Vec<Value>, bool)>,
) -> Result<u64> {
    let others = others.map(|(list, among)| (Value::List(list), among));
    let statement = sql::unlink(between, owner, others.as_ref().map(|(list, among)| (list, *among)), db.dialect())?;
    Ok(into_sink(db, statement, Ignore, model).await?.1.affected)
}

fn between(relation: &'static RelationMeta) -> Result<Between> {
    let missing = || {
        Error::invalid_query(format!("`{}` is not a many-to-many relation of models with a single key", relation.name))
    };
    let kind = |model: &'static ModelMeta| model.single_key().map(|k| k.kind).ok_or_else(missing);
    match relation.kind {
        RelationKind::Many { table, from, to, .. } => {
            Ok(Between { table, from, from_kind: kind(relation.owner())?, to, to_kind: kind(relation.target())? })
        }
        RelationKind::ManyReverse { of } => {
            let owning = between(of())?;
            Ok(Between {
                table: owning.table,
                from: owning.to,
                from_kind: owning.to_kind,
                to: owning.from,
                to_kind: owning.from_kind,
            })
        }
        RelationKind::Forward { .. } | RelationKind::Reverse { .. } => Err(missing()),
    }
}

/// The text of a query's statement.
pub fn sql(select: &Select, dialect: &'static dyn Dialect) -> Result<String> {
    let statement = sql::select(select, Ask::Rows, dialect, &sql::Plans::default())?;
    Ok(statement.sql.to_string())
}
