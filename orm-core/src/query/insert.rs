//! New rows, with all that goes along, given back as the database has them.

use std::any::Any;

use super::bulk::next_chunk;
use super::link::{add_links, between};
use super::run::{Ignore, into_sink, single, whole_rows};
use super::{constraint, prefetch};
use crate::ast::{Cond, Expr, Insert, Lookup, Select};
use crate::db::{Done, Executor, Statement};
use crate::dialect::Feature;
use crate::error::{Error, ErrorKind, Result};
use crate::meta::{AnyRow, Auto, FieldMeta, ModelMeta, RelationKind, RelationMeta};
use crate::model::{Given, Model, NewRow};
use crate::sql::{self, Ask};
use crate::value::{DateTime, Kind, Value};

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

/// Whether a field that was not given gets a value from here. Defaults are functions of the user's, so none is called to ask.
pub(super) fn is_filled(field: &'static FieldMeta) -> bool {
    match field.auto {
        Auto::Now | Auto::NowAdd => true,
        Auto::Uuid => cfg!(feature = "uuid"),
        Auto::Increment => false,
        Auto::No => field.default.is_some() || field.db_default.is_none(),
    }
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
