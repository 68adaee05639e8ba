//! The tree to SQL text, through sea-query. Does no I/O and is not generic, so it is compiled once.
//!
//! A statement's text depends on its *shape* alone: everything but the values. It is made once a shape and kept in
//! [`Plans`]; after that only the values are collected, checked and bound.

mod cond;
mod expr;
mod hash;
mod scope;
mod select;
mod shape;
mod render;
mod write;

pub use select::{PrefetchSource, Selected};

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::ast::{Delete, Lookup, Select, Update};
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::meta::{FieldMeta, ModelMeta};
use crate::value::{Kind, Number, Value};

use shape::Shape;

/// A statement with its values.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The text; the same text always has the same kinds of parameters.
    pub sql: Arc<str>,
    /// The values with the kinds they are bound as, checked by [`Dialect::check`] already.
    pub params: Vec<Param>,
    /// What the columns of its rows hold.
    pub columns: Arc<[Kind]>,
    /// Whether to keep it prepared: not for text that will not come again.
    pub persistent: bool,
}

/// A bound value.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// The value. Decimals are [`Value::Decimal`] (for a scaled column: already a [`Value::Int`]).
    pub value: Value,
    /// What it is bound as; of a list, what its members are.
    pub kind: Kind,
}

/// The text of one shape, and what is bound to its placeholders.
#[derive(Debug)]
pub struct Plan {
    sql: Arc<str>,
    binds: Vec<Bind>,
    columns: Arc<[Kind]>,
}

/// What is bound to one placeholder.
#[derive(Debug, Clone)]
struct Bind {
    source: Source,
    kind: Kind,
    encode: Encode,
    /// The field that will hold the value, which must then fit it exactly.
    stored: Option<(&'static ModelMeta, &'static FieldMeta)>,
}

/// Where a bound value comes from.
#[derive(Debug, Clone)]
enum Source {
    /// The value of this ordinal in the tree.
    Slot(usize),
    /// Always this.
    Constant(Value),
}

/// What becomes of a value on its way to the placeholder.
#[derive(Debug, Clone, Copy)]
enum Encode {
    Plain,
    /// The pattern of a text lookup.
    Pattern(Lookup),
    /// One member of a list; the last one again beyond its end.
    Member(usize),
    /// A decimal as the float that a table of others holds.
    Float,
}

/// The texts of statements seen before, by shape.
#[derive(Debug, Default)]
pub struct Plans {
    by_shape: RwLock<HashMap<Box<[u8]>, Arc<Plan>, hash::Seeded>>,
}

/// Shapes beyond this many are forgotten, all at once: a program that makes so many makes them without end.
const MOST_PLANS: usize = 4096;

impl Plans {
    fn get(&self, key: &[u8]) -> Option<Arc<Plan>> {
        self.by_shape.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    fn put(&self, key: &[u8], plan: &Arc<Plan>) {
        let mut plans = self.by_shape.write().unwrap_or_else(PoisonError::into_inner);
        if plans.len() >= MOST_PLANS {
            plans.clear();
        }
        plans.insert(key.into(), plan.clone());
    }

    /// How many shapes are kept.
    pub fn len(&self) -> usize {
        self.by_shape.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What is asked of a select.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ask {
    /// Its rows.
    Rows,
    /// How many rows.
    Count,
    /// Whether there is a row.
    Exists,
}

/// The statement of a query.
///
/// # Errors
/// [`ErrorKind::InvalidQuery`](crate::ErrorKind::InvalidQuery), [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported)
/// or [`ErrorKind::InvalidValue`](crate::ErrorKind::InvalidValue), before anything is sent.
pub fn select(select: &Select, ask: Ask, dialect: &'static dyn Dialect, plans: &Plans) -> Result<Statement> {
    let mut shape = Shape::new(dialect, ask as u8);
    shape.select(select);
    planned(&shape, dialect, plans, |slots| select::plan(select, ask, slots, dialect)).map_err(about(select.model))
}

/// The statement that loads one relation for many rows: the related rows with the key of the row each belongs to.
///
/// # Errors
/// As [`select`].
pub fn prefetch(source: &PrefetchSource<'_>, dialect: &'static dyn Dialect, plans: &Plans) -> Result<Statement> {
    let mut shape = Shape::new(dialect, 10);
    shape.prefetch(source);
    planned(&shape, dialect, plans, |slots| select::plan_prefetch(source, slots, dialect))
        .map_err(about(source.query.model))
}

/// The statement of an update. With `returning`, the changed rows come back whole.
///
/// # Errors
/// As [`select`].
pub fn update(update: &Update, dialect: &'static dyn Dialect, plans: &Plans) -> Result<Statement> {
    let mut shape = Shape::new(dialect, 11);
    shape.update(update);
    planned(&shape, dialect, plans, |slots| write::plan_update(update, slots, dialect))
        .map_err(about(update.rows.model))
}

/// The statement of a deletion.
///
/// # Errors
/// As [`select`].
pub fn delete(delete: &Delete, dialect: &'static dyn Dialect, plans: &Plans) -> Result<Statement> {
    let mut shape = Shape::new(dialect, 12);
    shape.select(&delete.rows);
    planned(&shape, dialect, plans, |slots| write::plan_delete(delete, slots, dialect))
        .map_err(about(delete.rows.model))
}

pub use write::{Between, Columns, Rows, insert, insert_row, link, unlink};

fn about(model: &'static ModelMeta) -> impl Fn(Error) -> Error {
    move |error| if error.model().is_some() || error.fields().is_empty() { error } else { error.with_model(model.name) }
}

fn planned<'a>(
    shape: &Shape<'a>,
    dialect: &'static dyn Dialect,
    plans: &Plans,
    make: impl FnOnce(&shape::Slots<'a>) -> Result<Plan>,
) -> Result<Statement> {
    if let Some(plan) = plans.get(&shape.key) {
        return bind(&plan, &shape.slots, dialect);
    }
    let plan = Arc::new(make(&shape.slots)?);
    let statement = bind(&plan, &shape.slots, dialect)?;
    plans.put(&shape.key, &plan);
    Ok(statement)
}

fn bind(plan: &Plan, slots: &shape::Slots<'_>, dialect: &'static dyn Dialect) -> Result<Statement> {
    let mut params = Vec::with_capacity(plan.binds.len());
    for bind in &plan.binds {
        let value = match (&bind.source, bind.encode) {
            (Source::Slot(slot), Encode::Member(index)) => slots.member(*slot, index),
            (Source::Slot(slot), _) => slots.value(*slot),
            (Source::Constant(Value::List(list)), Encode::Member(index)) => shape::member(list, index),
            (Source::Constant(value), _) => value.clone(),
        };
        params.push(bind.param(value, dialect)?);
    }
    Ok(Statement { sql: plan.sql.clone(), params, columns: plan.columns.clone(), persistent: true })
}

impl Bind {
    fn param(&self, mut value: Value, dialect: &'static dyn Dialect) -> Result<Param> {
        let kind = self.prepare(&mut value, dialect)?;
        Ok(Param { value, kind })
    }

    /// What a value is bound as.
    #[inline]
    fn bound_kind(&self) -> Kind {
        if matches!(self.encode, Encode::Float) { Kind::Float64 } else { self.kind }
    }

    /// Whether a value is bound as it is on every database. This is what most values are.
    #[inline]
    fn is_plain(&self, value: &Value) -> bool {
        matches!(self.encode, Encode::Plain | Encode::Member(_))
            && match (value, self.kind) {
                (Value::Int(_), Kind::Int64) | (Value::Bool(_), Kind::Bool) => true,
                (Value::Text(text), Kind::Text { max: None }) => memchr::memchr(0, text.as_bytes()).is_none(),
                (Value::Float(number), Kind::Float64) => number.is_finite(),
                (Value::Null, _) => self.stored.is_none_or(|(_, field)| field.null),
                _ => false,
            }
    }

    /// Makes of a value what is bound, checks it, and says what it is bound as. In place: values are large to move.
    #[inline]
    fn prepare(&self, value: &mut Value, dialect: &'static dyn Dialect) -> Result<Kind> {
        if self.is_plain(value) { Ok(self.kind) } else { self.encode(value, dialect) }
    }

    fn encode(&self, value: &mut Value, dialect: &'static dyn Dialect) -> Result<Kind> {
        match (self.encode, &mut *value) {
            (Encode::Pattern(lookup), Value::Text(text)) => *text = dialect.pattern(lookup, text).into(),
            (Encode::Float, Value::Int(_) | Value::Decimal(_)) => {
                // What goes in as a float is checked as the decimal that it stands for.
                cast(value, self.kind);
                if let Some((model, field)) = self.stored {
                    check_stored(value, model, field, dialect)?;
                }
                if let Value::Decimal(number) = value {
                    *value = Value::Float(number.to_f64());
                }
                return Ok(Kind::Float64);
            }
            _ => {}
        }
        let kind = self.bound_kind();
        cast(value, kind);
        match self.stored {
            Some((model, field)) => check_stored(value, model, field, dialect)?,
            None => check_compared(value, kind, dialect)?,
        }
        Ok(kind)
    }
}

/// An integer among decimals is a decimal.
fn cast(value: &mut Value, kind: Kind) {
    match (&mut *value, kind) {
        (Value::Int(v), Kind::Decimal { .. }) => *value = Value::Decimal(Number::from(*v)),
        (Value::List(list), kind) => list.iter_mut().for_each(|v| cast(v, kind)),
        (Value::Int(v), Kind::Duration) => *value = Value::Duration(*v),
        #[allow(clippy::cast_precision_loss)]
        (Value::Int(v), Kind::Float64) => *value = Value::Float(*v as f64),
        _ => {}
    }
}

fn check_stored(
    value: &Value,
    model: &'static ModelMeta,
    field: &'static FieldMeta,
    dialect: &'static dyn Dialect,
) -> Result<()> {
    let wrong = |words: String| Error::invalid_value(words).with_model(model.name).with_field(field.name);
    if value.is_null() {
        return if field.null || field.auto == crate::meta::Auto::Increment {
            Ok(())
        } else {
            Err(Error::new(crate::ErrorKind::NotNullViolation, "this field is never NULL")
                .with_model(model.name)
                .with_field(field.name))
        };
    }
    dialect.check(value, field.kind).map_err(wrong)
}

/// A value that is only compared may be longer or larger than the column; what no database can be sent is refused.
fn check_compared(value: &Value, kind: Kind, dialect: &'static dyn Dialect) -> Result<()> {
    match (value, kind) {
        (Value::Null, _) | (Value::Decimal(_), _) => Ok(()),
        (Value::List(list), kind) => list.iter().try_for_each(|v| check_compared(v, kind, dialect)),
        (value, Kind::Text { .. }) => dialect.check(value, Kind::TEXT).map_err(Error::invalid_value),
        (value, kind) => dialect.check(value, kind).map_err(Error::invalid_value),
    }
}
