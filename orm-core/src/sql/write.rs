//! Inserts, updates and deletions. An insert's text is written directly: a tree for a thousand rows would cost more
//! than sending it.

use std::fmt::Write;
use std::sync::Arc;

use super::expr::Lower;
use super::render::finish;
use super::shape::{Shape, Slots};
use super::{Bind, Encode, Param, Plan, Plans, Source, Statement};
use crate::ast::{Assignment, Delete, Expr, ExprNode, Insert, Select, Update};
use crate::dialect::{Dialect, Feature, Syntax};
use crate::error::{Error, Result};
use crate::meta::{FieldMeta, ModelMeta, Storage};
use crate::value::{Kind, Value};

/// The statement of an insert.
///
/// # Errors
/// [`ErrorKind::InvalidValue`](crate::ErrorKind::InvalidValue) for a value that its column cannot hold,
/// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) for RETURNING where there is none.
pub fn insert(insert: Insert, dialect: &'static dyn Dialect, plans: &Plans) -> Result<Statement> {
    let Insert { model, fields, rows: values, returning } = insert;
    let columns = Columns::new(model, fields, dialect);
    let mut rows = columns.rows(values.len());
    for row in values {
        columns.open(&mut rows);
        for (column, mut value) in row.into_iter().enumerate() {
            columns.set(&mut rows, column, &mut value)?;
        }
    }
    columns.statement(rows, &returning, plans)
}

/// The statement that inserts one row, with values in the order of the fields, and gives it back whole if that is asked.
///
/// # Errors
/// As [`insert`].
pub fn insert_row(
    model: &'static ModelMeta,
    fields: &[&'static FieldMeta],
    values: Vec<Value>,
    whole: bool,
    dialect: &'static dyn Dialect,
    plans: &Plans,
) -> Result<Statement> {
    let mut shape = Shape::new(dialect, 14 + u8::from(whole));
    shape.place(model);
    fields.iter().for_each(|field| shape.place(*field));
    let plan = match plans.get(&shape.key) {
        Some(plan) => plan,
        None => {
            let returning: Vec<&'static FieldMeta> = if whole { model.fields.iter().collect() } else { Vec::new() };
            let plan = Plan {
                sql: insert_text(model, fields, 1, &returning, dialect).into(),
                binds: fields.iter().map(|field| stored(model, field, dialect)).collect(),
                columns: returning.iter().map(|f| f.kind).collect(),
            };
            let plan = Arc::new(plan);
            plans.put(&shape.key, &plan);
            plan
        }
    };
    let mut params = Vec::with_capacity(values.len());
    for (mut value, bind) in values.into_iter().zip(&plan.binds) {
        let kind = bind.prepare(&mut value, dialect)?;
        params.push(Param { value, kind });
    }
    Ok(Statement { sql: plan.sql.clone(), params, columns: plan.columns.clone(), persistent: true })
}

/// The columns that new rows give, and how their values are bound.
pub struct Columns {
    model: &'static ModelMeta,
    fields: Vec<&'static FieldMeta>,
    binds: Vec<Bind>,
    dialect: &'static dyn Dialect,
    /// Whether the values of several rows are one list a column.
    listed: bool,
}

/// The values of new rows.
#[derive(Debug, Default)]
pub struct Rows {
    /// How many rows there are.
    pub count: usize,
    /// A parameter a value, row by row.
    cells: Vec<Param>,
    /// Or the values of each column.
    lists: Vec<Vec<Value>>,
}

impl Columns {
    /// The columns of some fields.
    pub fn new(model: &'static ModelMeta, fields: Vec<&'static FieldMeta>, dialect: &'static dyn Dialect) -> Columns {
        let binds = fields.iter().map(|field| stored(model, field, dialect)).collect();
        let listed = dialect.insert_lists().is_some() && !fields.is_empty();
        Columns { model, fields, binds, dialect, listed }
    }

    /// Their fields.
    pub fn fields(&self) -> &[&'static FieldMeta] {
        &self.fields
    }

    /// No rows yet, and room for some.
    pub fn rows(&self, room: usize) -> Rows {
        if self.listed {
            return Rows { lists: self.fields.iter().map(|_| Vec::with_capacity(room)).collect(), ..Rows::default() };
        }
        Rows { cells: Vec::with_capacity(room * self.fields.len()), ..Rows::default() }
    }

    /// Adds a row of NULLs, whose values are then moved in.
    #[inline]
    pub fn open(&self, rows: &mut Rows) {
        rows.count += 1;
        if self.listed {
            rows.lists.iter_mut().for_each(|list| list.push(Value::Null));
        } else {
            rows.cells.extend(self.binds.iter().map(|bind| Param { value: Value::Null, kind: bind.bound_kind() }));
        }
    }

    /// Moves the value of a column to the last row.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidValue`](crate::ErrorKind::InvalidValue) for a value that the column cannot hold.
    #[inline]
    pub fn set(&self, rows: &mut Rows, column: usize, value: &mut Value) -> Result<()> {
        self.binds[column].prepare(value, self.dialect)?;
        let place = match rows.lists.get_mut(column) {
            Some(list) => list.last_mut(),
            None => {
                let from_end = self.binds.len() - column;
                let at = rows.cells.len().checked_sub(from_end);
                at.and_then(|at| rows.cells.get_mut(at)).map(|param| &mut param.value)
            }
        };
        if let Some(place) = place {
            // A value is not carried over the stack: what is stored there in parts cannot be loaded again at once.
            std::mem::swap(place, value);
        }
        Ok(())
    }

    /// Takes off the rows from a number on.
    pub fn split_off(&self, rows: &mut Rows, at: usize) -> Rows {
        let count = rows.count - at;
        rows.count = at;
        if count == 0 {
            return self.rows(0);
        }
        let cells = if self.listed { Vec::new() } else { rows.cells.split_off(at * self.fields.len()) };
        Rows { count, cells, lists: rows.lists.iter_mut().map(|list| list.split_off(at)).collect() }
    }

    /// The statement that inserts rows.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) for RETURNING where there is none.
    pub fn statement(&self, rows: Rows, returning: &[&'static FieldMeta], plans: &Plans) -> Result<Statement> {
        let Columns { model, ref fields, ref binds, dialect, .. } = *self;
        if !returning.is_empty() && !dialect.has(Feature::InsertReturning) {
            return Err(Error::unsupported(format!("{} gives nothing back from an insert", dialect.name())));
        }
        let count = rows.count;
        let listed = self.listed && count > 1;
        let params = if self.listed { in_lists(rows.lists, binds, listed) } else { rows.cells };
        if params.len() > dialect.max_parameters() {
            return Err(Error::invalid_query("an insert binds more values than one statement takes"));
        }
        let mut key = Vec::with_capacity(32 + 8 * (fields.len() + returning.len()));
        key.push(13);
        key.extend_from_slice(dialect.name().as_bytes());
        // Lists of any length have one text.
        let texts = if listed { 0 } else { count };
        for address in [super::shape::address(model), texts]
            .into_iter()
            .chain(fields.iter().map(|f| super::shape::address(*f)))
            .chain([usize::MAX])
            .chain(returning.iter().map(|f| super::shape::address(*f)))
        {
            key.extend_from_slice(&address.to_le_bytes());
        }
        let plan = match plans.get(&key) {
            Some(plan) => plan,
            None => {
                let sql = insert_text(model, fields, count, returning, dialect);
                let columns: Arc<[Kind]> = returning.iter().map(|f| f.kind).collect();
                let plan = Arc::new(Plan { sql: sql.into(), binds: Vec::new(), columns });
                plans.put(&key, &plan);
                plan
            }
        };
        Ok(Statement { sql: plan.sql.clone(), params, columns: plan.columns.clone(), persistent: true })
    }
}

/// A parameter a column: the list of its values, or its only one.
fn in_lists(lists: Vec<Vec<Value>>, binds: &[Bind], listed: bool) -> Vec<Param> {
    let params = lists.into_iter().zip(binds).map(|(mut list, bind)| Param {
        value: if listed { Value::List(list) } else { list.pop().unwrap_or(Value::Null) },
        kind: bind.kind,
    });
    params.collect()
}

/// How a value of a field is bound.
fn stored(model: &'static ModelMeta, field: &'static FieldMeta, dialect: &'static dyn Dialect) -> Bind {
    let float = dialect.scaled_decimals() && field.storage == Storage::Native;
    Bind {
        source: Source::Slot(0),
        kind: field.kind,
        encode: if float && matches!(field.kind, Kind::Decimal { .. }) { Encode::Float } else { Encode::Plain },
        stored: Some((model, field)),
    }
}

fn insert_text(
    model: &'static ModelMeta,
    fields: &[&'static FieldMeta],
    rows: usize,
    returning: &[&'static FieldMeta],
    dialect: &'static dyn Dialect,
) -> String {
    let mut sql = format!("INSERT INTO {} ", dialect.quote(model.table));
    if fields.is_empty() {
        sql.push_str(dialect.default_values());
    } else {
        let columns: Vec<String> = fields.iter().map(|f| dialect.quote(f.column)).collect();
        let _ = write!(sql, "({}) ", columns.join(", "));
        match dialect.insert_lists() {
            Some(words) if rows > 1 => {
                sql.push_str(words);
                placeholders(&mut sql, 1, fields.len(), dialect);
            }
            _ => {
                sql.push_str("VALUES ");
                placeholders(&mut sql, rows, fields.len(), dialect);
            }
        }
    }
    if !returning.is_empty() {
        let columns: Vec<String> = returning
            .iter()
            .map(|f| {
                let column = dialect.quote(f.column);
                match (f.storage, f.kind) {
                    (Storage::Native, Kind::Decimal { places, .. }) => dialect
                        .native_decimal(places)
                        .map_or_else(|| column.clone(), |template| super::render::fill(&template, &[&column])),
                    _ => column,
                }
            })
            .collect();
        let _ = write!(sql, " RETURNING {}", columns.join(", "));
    }
    sql
}

/// `(?, ?), (?, ?)`
fn placeholders(sql: &mut String, rows: usize, width: usize, dialect: &'static dyn Dialect) {
    let mut number = 0;
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..width {
            if column > 0 {
                sql.push_str(", ");
            }
            number += 1;
            match dialect.syntax() {
                Syntax::Numbered => {
                    let _ = write!(sql, "${number}");
                }
                Syntax::Backtick | Syntax::Question => sql.push('?'),
            }
        }
        sql.push(')');
    }
}

/// The table between the two sides of a many-to-many relation, seen from one row.
#[derive(Debug, Clone, Copy)]
pub struct Between {
    /// The table.
    pub table: &'static str,
    /// Its column with the key of the row that is seen from.
    pub from: &'static str,
    /// What that key is.
    pub from_kind: Kind,
    /// Its column with the keys of the other side.
    pub to: &'static str,
    /// What those are.
    pub to_kind: Kind,
}

/// The statement that ties rows to others, each pair given; those tied already stay as they are.
///
/// # Errors
/// [`ErrorKind::InvalidValue`](crate::ErrorKind::InvalidValue) for a key that its column cannot hold.
pub fn link(between: Between, pairs: &[(Value, Value)], dialect: &'static dyn Dialect) -> Result<Statement> {
    let (_, ending) = dialect.insert_ignore();
    let ending = ending.replace("{key}", &dialect.quote(between.from));
    let mut sql = format!(
        "INSERT INTO {} ({}, {}) VALUES ",
        dialect.quote(between.table),
        dialect.quote(between.from),
        dialect.quote(between.to)
    );
    placeholders(&mut sql, pairs.len(), 2, dialect);
    if !ending.is_empty() {
        sql.push(' ');
    }
    sql.push_str(&ending);
    let params = pairs
        .iter()
        .flat_map(|(from, to)| {
            [Param { value: from.clone(), kind: between.from_kind }, Param { value: to.clone(), kind: between.to_kind }]
        })
        .collect();
    Ok(Statement { sql: sql.into(), params, columns: Arc::from([]), persistent: true })
}

/// The statement that unties a row: from the others given, from all but those, or from all.
///
/// # Errors
/// As [`link`].
pub fn unlink(
    between: Between,
    owner: &Value,
    others: Option<(&Value, bool)>,
    dialect: &'static dyn Dialect,
) -> Result<Statement> {
    let slots = Slots::default();
    let mut lower = Lower::new(&slots, dialect);
    let mut sql = format!("DELETE FROM {} WHERE ", dialect.quote(between.table));
    let mark = lower.bind_constant(owner, between.from_kind, Encode::Plain);
    let _ = write!(sql, "{} = {mark}", dialect.quote(between.from));
    if let Some((keys, among)) = others {
        let text = lower.constant_keys(&dialect.quote(between.to), keys, between.to_kind);
        let _ = if among { write!(sql, " AND {text}") } else { write!(sql, " AND NOT ({text})") };
    }
    let plan = finish(&sql, &lower.binds, Vec::new(), dialect)?;
    super::bind(&plan, &slots, dialect)
}

pub(super) fn plan_update(update: &Update, slots: &Slots<'_>, dialect: &'static dyn Dialect) -> Result<Plan> {
    let mut lower = Lower::new(slots, dialect);
    let model = update.rows.model;
    if !update.returning.is_empty() && !dialect.has(Feature::UpdateReturning) {
        return Err(Error::unsupported(format!("{} gives nothing back from an update", dialect.name())));
    }
    if update.set.is_empty() {
        return Err(Error::invalid_query("an update sets no column"));
    }
    let scope = lower.open(model, model.table.to_owned());
    let mut sets = Vec::new();
    for assignment in in_order(&update.set, dialect)? {
        let value = match &assignment.value.node {
            ExprNode::Value(value) => lower.bind_stored(value, model, assignment.field),
            _ => stored_form(&mut lower, assignment)?,
        };
        sets.push(format!("{} = {value}", dialect.quote(assignment.field.column)));
    }
    if !lower.scopes[scope].joins.is_empty() {
        return Err(Error::invalid_query(
            "an update sets columns from the row itself and from aggregates of related rows, not from the columns of another row",
        ));
    }
    let wheres = target(&mut lower, scope, &update.rows)?;
    let mut sql = format!("UPDATE {} SET {}{wheres}", dialect.quote(model.table), sets.join(", "));
    let mut kinds = Vec::new();
    if !update.returning.is_empty() {
        let columns: Vec<String> = update.returning.iter().map(|f| lower.column_of(model.table, f)).collect();
        kinds = update.returning.iter().map(|f| f.kind).collect();
        let _ = write!(sql, " RETURNING {}", columns.join(", "));
    }
    finish(&sql, &lower.binds, kinds, dialect)
}

pub(super) fn plan_delete(delete: &Delete, slots: &Slots<'_>, dialect: &'static dyn Dialect) -> Result<Plan> {
    let mut lower = Lower::new(slots, dialect);
    let model = delete.rows.model;
    let scope = lower.open(model, model.table.to_owned());
    let wheres = target(&mut lower, scope, &delete.rows)?;
    let sql = format!("DELETE FROM {}{wheres}", dialect.quote(model.table));
    finish(&sql, &lower.binds, Vec::new(), dialect)
}

/// An expression in the form that its column stores.
fn stored_form(lower: &mut Lower, assignment: &Assignment) -> Result<String> {
    let field = assignment.field;
    let text = lower.expr_as(&assignment.value, Some(field.kind))?;
    let Kind::Decimal { places, .. } = field.kind else { return Ok(text) };
    if !lower.dialect.scaled_decimals() {
        return Ok(text);
    }
    let own = assignment.value.kind.and_then(Kind::places).unwrap_or(places);
    if own > places {
        let excess = 10i64.pow(u32::from(own - places));
        // What the column cannot hold is rounded as the databases with decimals round it: half away from zero.
        let half = excess / 2;
        let rounded = format!("(({text} + CASE WHEN {text} < 0 THEN -{half} ELSE {half} END) / {excess})");
        return Ok(native(rounded, field, places));
    }
    Ok(native(text, field, places))
}

fn native(text: String, field: &'static FieldMeta, places: u8) -> String {
    match field.storage {
        Storage::Ours => text,
        Storage::Native => format!("({text} / 1e{places})"),
    }
}

/// Assignments so that none reads a column that one before it changed, for databases that change one after the other.
fn in_order<'a>(set: &'a [Assignment], dialect: &'static dyn Dialect) -> Result<Vec<&'a Assignment>> {
    let mut rest: Vec<&Assignment> = set.iter().collect();
    if dialect.has(Feature::SimultaneousSet) {
        return Ok(rest);
    }
    let mut ordered = Vec::with_capacity(rest.len());
    while !rest.is_empty() {
        let free = rest
            .iter()
            .position(|a| rest.iter().all(|other| std::ptr::eq(*other, *a) || !reads(&other.value, a.field)));
        match free {
            Some(at) => ordered.push(rest.remove(at)),
            None => {
                return Err(Error::unsupported(format!(
                    "{} cannot set columns from each other in one update: {}",
                    dialect.name(),
                    rest.iter().map(|a| format!("`{}`", a.field.name)).collect::<Vec<_>>().join(", ")
                )));
            }
        }
    }
    Ok(ordered)
}

fn reads(expr: &Expr, field: &'static FieldMeta) -> bool {
    match &expr.node {
        ExprNode::Column { hop, field: other, .. } => hop.is_none() && std::ptr::eq(*other, field),
        ExprNode::Arith(_, a, b) => reads(a, field) || reads(b, field),
        ExprNode::Func(_, args) => args.iter().any(|a| reads(a, field)),
        ExprNode::Value(_) | ExprNode::Outer { .. } | ExprNode::Refused(_) => false,
        // Whatever may hold a condition or a query may read any column.
        ExprNode::Case { .. }
        | ExprNode::Cond(_)
        | ExprNode::Aggregate { .. }
        | ExprNode::Related(_)
        | ExprNode::Subquery(_) => true,
    }
}

/// ` WHERE …` of an update or deletion: the conditions themselves, or the keys of the rows where those need other tables.
fn target(lower: &mut Lower, scope: usize, rows: &Select) -> Result<String> {
    let dialect = lower.dialect;
    if rows.group.is_some() {
        return Err(Error::invalid_query("groups cannot be changed or deleted"));
    }
    let limited = rows.limit.is_some() || rows.offset.is_some();
    let before = lower.scopes.len();
    if !limited {
        let mut wheres = Vec::new();
        for cond in &rows.filter {
            wheres.push(lower.cond(cond)?);
        }
        let bare = lower.scopes[scope].joins.is_empty();
        let subquery = lower.scopes.len() > before;
        if bare && (!subquery || dialect.has(Feature::SelfReference)) {
            return Ok(if wheres.is_empty() { String::new() } else { format!(" WHERE {}", wheres.join(" AND ")) });
        }
        lower.scopes[scope].joins.clear();
    }
    let columns: Vec<String> = rows.model.key().map(|f| lower.qualified(rows.model.table, f.column)).collect();
    let inner = lower.key_rows(rows)?;
    let inner = if dialect.has(Feature::SelfReference) && (!limited || dialect.has(Feature::LimitInSubquery)) {
        inner
    } else {
        // A table that is being changed may be read through a derived table only.
        let alias = lower.alias();
        format!("SELECT * FROM ({inner}) AS {}", lower.quote(&alias))
    };
    Ok(match columns.as_slice() {
        [one] => format!(" WHERE {one} IN ({inner})"),
        several => format!(" WHERE ({}) IN ({inner})", several.join(", ")),
    })
}
