//! Selects: the rows of a query, their number, whether there is one, and the rows of a relation.

use sea_query::{Alias, Expr as SeaExpr, JoinType, NullOrdering, Order as SeaOrder, Query, SelectStatement};

use super::expr::{Lower, no_single_key};
use super::render::{fill, finish, mark, select as render};
use super::scope::{Tie, tie};
use super::shape::{Slots, padded, same};
use super::{Ask, Encode, Plan};
use crate::ast::{Direction, Distinct, Expr, ExprNode, Nulls, Order, Output, Select};
use crate::dialect::{Dialect, Feature, ListStyle};
use crate::error::{Error, Result};
use crate::meta::{Hop, ModelMeta};
use crate::value::{Kind, Value};

/// What is loaded for many rows at once: the rows at the end of one step, each with the key of the row it belongs to
/// as its first column.
#[derive(Debug, Clone, Copy)]
pub struct PrefetchSource<'a> {
    /// The step.
    pub hop: &'static Hop,
    /// What is loaded; limit and offset count per parent.
    pub query: &'a Select,
    /// The parents' keys, a [`Value::List`].
    pub keys: &'a Value,
}

/// The steps whose rows a select gives behind its outputs, in order: those asked for, each after the steps before it.
pub struct Selected;

impl Selected {
    /// See [`Selected`].
    pub fn related(select: &Select) -> Vec<&'static Hop> {
        let mut hops: Vec<&'static Hop> = Vec::new();
        for hop in &select.related {
            for step in hop.chain() {
                if !hops.iter().any(|h| h.same(step)) {
                    hops.push(step);
                }
            }
        }
        hops
    }
}

pub(super) fn plan(select: &Select, ask: Ask, slots: &Slots<'_>, dialect: &'static dyn Dialect) -> Result<Plan> {
    let mut lower = Lower::new(slots, dialect);
    let (text, kinds) = match ask {
        Ask::Rows => lower.rows(select)?,
        Ask::Count => (lower.count(select)?, vec![Kind::Int64]),
        Ask::Exists => (format!("{} LIMIT 1", lower.exists(select)?), vec![Kind::Int64]),
    };
    finish(&text, &lower.binds, kinds, dialect)
}

pub(super) fn plan_prefetch(
    source: &PrefetchSource<'_>,
    slots: &Slots<'_>,
    dialect: &'static dyn Dialect,
) -> Result<Plan> {
    let mut lower = Lower::new(slots, dialect);
    let (text, kinds) = lower.prefetch(source)?;
    finish(&text, &lower.binds, kinds, dialect)
}

/// One key of an order, ready for sea-query.
struct OrderKey {
    text: String,
    order: SeaOrder,
    nulls: Option<NullOrdering>,
}

impl OrderKey {
    fn text(&self) -> String {
        let way = if self.order == SeaOrder::Desc { "DESC" } else { "ASC" };
        let nulls = match self.nulls {
            None => "",
            Some(NullOrdering::First) => " NULLS FIRST",
            Some(NullOrdering::Last) => " NULLS LAST",
        };
        format!("{} {way}{nulls}", self.text)
    }
}

/// ` ORDER BY …`, or nothing.
pub(super) fn order_text(lower: &mut Lower, orders: &[Order]) -> Result<String> {
    let mut keys = Vec::new();
    for order in orders {
        let text = lower.order_key(&order.expr)?;
        keys.extend(order_keys(lower.dialect, order, text));
    }
    Ok(if keys.is_empty() { String::new() } else { format!(" ORDER BY {}", joined(&keys)) })
}

fn joined(keys: &[OrderKey]) -> String {
    keys.iter().map(OrderKey::text).collect::<Vec<_>>().join(", ")
}

/// One key of an order; two where a database cannot say where NULLs go.
fn order_keys(dialect: &'static dyn Dialect, order: &Order, text: String) -> Vec<OrderKey> {
    let way = match order.direction {
        Direction::Asc => SeaOrder::Asc,
        Direction::Desc => SeaOrder::Desc,
    };
    match order.nulls.filter(|_| order.expr.null) {
        None => vec![OrderKey { text, order: way, nulls: None }],
        Some(nulls) if dialect.has(Feature::NullsOrder) => {
            let nulls = if nulls == Nulls::First { NullOrdering::First } else { NullOrdering::Last };
            vec![OrderKey { text, order: way, nulls: Some(nulls) }]
        }
        Some(nulls) => {
            let place = if nulls == Nulls::First { SeaOrder::Desc } else { SeaOrder::Asc };
            let is_null = OrderKey { text: format!("({text} IS NULL)"), order: place, nulls: None };
            vec![is_null, OrderKey { text, order: way, nulls: None }]
        }
    }
}

/// A select being put together: texts of its parts, before sea-query writes it.
#[derive(Default)]
struct Parts {
    outputs: Vec<String>,
    kinds: Vec<Kind>,
    wheres: Vec<String>,
    groups: Vec<String>,
    havings: Vec<String>,
    orders: Vec<OrderKey>,
    limit: Option<u64>,
    offset: Option<u64>,
    distinct: bool,
}

impl Lower {
    /// Opens the scope of a query. The outermost root goes by its table's name, so that its SQL reads well.
    fn open_root(&mut self, model: &'static ModelMeta) -> usize {
        let outermost = self.scopes.is_empty();
        let looks_like_alias =
            model.table.strip_prefix('t').is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
        let alias = if outermost && !looks_like_alias { model.table.to_owned() } else { self.alias() };
        self.open(model, alias)
    }

    fn rows(&mut self, select: &Select) -> Result<(String, Vec<Kind>)> {
        let aggregates =
            select.group.is_none() && select.outputs.iter().any(|o| matches!(o, Output::Expr(e) if e.is_aggregate()));
        if aggregates && (select.limit.is_some() || select.offset.is_some()) {
            return self.aggregate_of_some(select);
        }
        let scope = self.open_root(select.model);
        let mut parts = self.parts(select, &select.outputs, !aggregates)?;
        for hop in Selected::related(select) {
            let alias = self.row(Some(hop))?;
            self.row_outputs(&alias, hop.to(), &mut parts);
        }
        let text = self.assemble(scope, select.model, &parts);
        self.close();
        Ok((text, parts.kinds))
    }

    /// Aggregates over the first rows of a query: what they aggregate is selected inside.
    fn aggregate_of_some(&mut self, select: &Select) -> Result<(String, Vec<Kind>)> {
        let scope = self.open_root(select.model);
        let mut inner = Parts { limit: self.limit(select), offset: self.offset(select), ..Parts::default() };
        self.bound(select);
        for cond in &select.filter {
            self.require(cond);
        }
        for cond in &select.filter {
            inner.wheres.push(self.cond(cond)?);
        }
        self.orders(select, &[], &mut inner)?;
        self.derived = Some((String::from("s"), Vec::new()));
        let mut outer = Vec::new();
        let mut kinds = Vec::new();
        for output in &select.outputs {
            let Output::Expr(expr) = output else {
                return Err(Error::invalid_query("a row cannot stand beside an aggregate over all rows"));
            };
            outer.push(self.expr(expr)?);
            kinds.push(expr.kind.unwrap_or(Kind::TEXT));
        }
        let columns = self.derived.take().map(|(_, columns)| columns).unwrap_or_default();
        inner.outputs = columns;
        inner.outputs.push(String::from("1"));
        let inner = self.aliased(scope, select.model, inner);
        self.close();
        Ok((format!("SELECT {} FROM ({inner}) AS {}", outer.join(", "), self.quote("s")), kinds))
    }

    fn count(&mut self, select: &Select) -> Result<String> {
        let scope = self.open_root(select.model);
        let whole = select.distinct == Distinct::Yes
            || select.group.is_some()
            || select.limit.is_some()
            || select.offset.is_some();
        let mut parts = self.parts(select, counted(select, whole), whole && limited(select))?;
        let text = if whole {
            let inner = self.aliased(scope, select.model, parts);
            format!("SELECT COUNT(*) FROM ({inner}) AS {}", self.quote("s"))
        } else {
            parts.outputs = vec![String::from("COUNT(*)")];
            self.assemble(scope, select.model, &parts)
        };
        self.close();
        Ok(text)
    }

    /// `SELECT 1 FROM …` of a query's rows.
    pub(super) fn exists(&mut self, select: &Select) -> Result<String> {
        // A limit leaves a row if there is one.
        let whole = select.group.is_some() || select.offset.is_some();
        let ((scope, mut parts), cut_off) = self.is_cut_off(|lower| {
            let scope = lower.open_root(select.model);
            Ok((scope, lower.parts(select, counted(select, whole), whole && limited(select))?))
        })?;
        if cut_off && select.offset.is_some() && (select.group.is_some() || select.distinct == Distinct::Yes) {
            // Inside of EXISTS, MariaDB counts all rows for the offset.
            return Err(Error::unsupported(format!(
                "{} takes no row outside (`outer(..)`) in `exists` of distinct rows or groups with an offset; leave the offset out",
                self.dialect.name()
            )));
        }
        let text = if whole && cut_off {
            self.assemble(scope, select.model, &parts)
        } else if whole {
            let inner = self.aliased(scope, select.model, parts);
            let alias = self.alias();
            format!("SELECT 1 FROM ({inner}) AS {}", self.quote(&alias))
        } else {
            parts.outputs = vec![String::from("1")];
            parts.distinct = false;
            parts.limit = None;
            self.assemble(scope, select.model, &parts)
        };
        self.close();
        Ok(text)
    }

    /// A query as a scalar: its only column, of its first row.
    pub(super) fn scalar(&mut self, select: &Select) -> Result<String> {
        // An aggregate has a value even of no rows.
        let aggregates = matches!(select.outputs.as_slice(), [Output::Expr(e)] if e.is_aggregate());
        if select.is_empty() && !aggregates {
            // A bare NULL has no type, and is no key of an order everywhere.
            let typed = select.scalar_kind().and_then(|kind| self.dialect.typed_parameter(kind));
            return Ok(typed.map_or_else(|| String::from("NULL"), |template| fill(template, &["NULL"])));
        }
        let scope = self.open_root(select.model);
        let mut parts = self.one_column(select, None)?;
        if parts.limit.is_none() && !aggregates {
            parts.limit = Some(self.bind_one());
        }
        let text = self.assemble(scope, select.model, &parts);
        self.close();
        Ok(format!("({text})"))
    }

    /// The rows of a query's only column for `IN`, in the stored form of a kind, without NULLs.
    pub(super) fn set_of(&mut self, select: &Select, kind: Option<Kind>) -> Result<String> {
        let ((scope, mut parts), cut_off) = self.is_cut_off(|lower| {
            let scope = lower.open_root(select.model);
            Ok((scope, lower.one_column(select, kind)?))
        })?;
        let null = match select.outputs.as_slice() {
            [Output::Expr(expr)] => expr.null && !expr.is_aggregate(),
            _ => false,
        };
        let limited = parts.limit.is_some() || parts.offset.is_some();
        if null && !limited && select.group.is_none() {
            let text = format!("{} IS NOT NULL", parts.outputs[0]);
            parts.wheres.push(text);
        }
        let null_group = null && select.group.is_some();
        if cut_off && limited {
            return Err(Error::unsupported(format!(
                "{} takes no row outside (`outer(..)`) in a query for `is_in` with a limit or offset; leave these out, \
                 or compare with the first row alone by `.scalar()`",
                self.dialect.name()
            )));
        }
        if cut_off && null_group {
            let text = format!("{} IS NOT NULL", parts.outputs[0]);
            parts.havings.push(text);
        }
        let text = if limited && (null || !self.dialect.has(Feature::LimitInSubquery)) || null_group && !cut_off {
            let inner = self.aliased(scope, select.model, parts);
            let alias = self.alias();
            let column = self.qualified(&alias, "c1");
            format!("SELECT {column} FROM ({inner}) AS {} WHERE {column} IS NOT NULL", self.quote(&alias))
        } else {
            if !limited {
                parts.orders.clear();
            }
            self.assemble(scope, select.model, &parts)
        };
        self.close();
        Ok(text)
    }

    fn one_column(&mut self, select: &Select, kind: Option<Kind>) -> Result<Parts> {
        let mut parts = self.parts(select, &[], true)?;
        parts.outputs = vec![match select.outputs.as_slice() {
            [Output::Expr(expr)] => self.expr_as(expr, kind)?,
            [Output::Row(hop)] => {
                let model = hop.map_or(select.model, Hop::to);
                let key = model.single_key().ok_or_else(|| {
                    Error::invalid_query(format!("rows of `{}` have no single key to compare with", model.name))
                })?;
                self.column(*hop, key)?
            }
            _ => return Err(Error::invalid_query("a subquery gives one column; select it with `.values(..)`")),
        }];
        Ok(parts)
    }

    /// All parts of a query but its tables.
    ///
    /// Values are found by where they lie, so the query is never copied: outputs that differ are given beside it.
    fn parts(&mut self, select: &Select, outputs: &[Output], ordered: bool) -> Result<Parts> {
        let mut parts = Parts { distinct: select.distinct == Distinct::Yes, ..Parts::default() };
        self.bound(select);
        for cond in &select.filter {
            self.require(cond);
        }
        for cond in &select.filter {
            parts.wheres.push(self.cond(cond)?);
        }
        for output in outputs {
            self.output(output, &mut parts)?;
        }
        if let Some(group) = &select.group {
            for key in &group.keys {
                let text = match self.ordinal(select.model, outputs, key) {
                    Some(ordinal) => ordinal.to_string(),
                    None => self.order_key(key)?,
                };
                parts.groups.push(text);
            }
            for cond in &group.having {
                parts.havings.push(self.cond(cond)?);
            }
        }
        if ordered {
            self.orders(select, outputs, &mut parts)?;
        }
        parts.limit = self.limit(select);
        parts.offset = self.offset(select);
        Ok(parts)
    }

    fn bound(&mut self, select: &Select) {
        let at = self.at;
        self.scopes[at].bounded = select.offset.is_some() && !self.dialect.has(Feature::OffsetBesideExists);
    }

    fn limit(&mut self, select: &Select) -> Option<u64> {
        if select.limit.is_some() {
            return Some(self.bind_number(&select.limit));
        }
        // Some databases take no OFFSET without a LIMIT.
        (select.offset.is_some() && self.dialect.limit_all().is_some()).then(|| self.bind_number(&None))
    }

    fn offset(&mut self, select: &Select) -> Option<u64> {
        select.offset.is_some().then(|| self.bind_number(&select.offset))
    }

    fn output(&mut self, output: &Output, parts: &mut Parts) -> Result<()> {
        match output {
            Output::Row(hop) => {
                let alias = self.row(*hop)?;
                let model = hop.map_or(self.scopes[self.at].model, Hop::to);
                self.row_outputs(&alias, model, parts);
            }
            Output::Expr(expr) => {
                parts.outputs.push(self.expr(expr)?);
                parts.kinds.push(expr.kind.unwrap_or(Kind::TEXT));
            }
        }
        Ok(())
    }

    fn row_outputs(&mut self, alias: &str, model: &'static ModelMeta, parts: &mut Parts) {
        for field in model.fields {
            parts.outputs.push(self.column_of(alias, field));
            parts.kinds.push(field.kind);
        }
    }

    /// The ordinal (from 1) of an output that is the same expression.
    fn ordinal(&self, root: &'static ModelMeta, outputs: &[Output], expr: &Expr) -> Option<usize> {
        let mut ordinal = 1;
        for output in outputs {
            match output {
                Output::Expr(other) if same(other, expr, self.dialect) => return Some(ordinal),
                Output::Expr(_) => ordinal += 1,
                Output::Row(hop) => {
                    let model = hop.map_or(root, Hop::to);
                    if let ExprNode::Column { hop: other, field, .. } = &expr.node
                        && same_hop(*hop, *other)
                        && let Some(at) = model.fields.iter().position(|f| std::ptr::eq(f, *field))
                    {
                        return Some(ordinal + at);
                    }
                    ordinal += model.fields.len();
                }
            }
        }
        None
    }

    fn orders(&mut self, select: &Select, outputs: &[Output], parts: &mut Parts) -> Result<()> {
        let default: Vec<Order>;
        let (orders, asked) = match select.order.as_deref() {
            Some(orders) => (orders, true),
            None if select.group.is_some() => return Ok(()),
            None => {
                default = default_order(select.model);
                (default.as_slice(), false)
            }
        };
        for order in orders {
            let ordinal = self.ordinal(select.model, outputs, &order.expr);
            let in_group = || {
                select.group.as_ref().is_none_or(|g| {
                    order.expr.is_aggregate() || g.keys.iter().any(|k| same(k, &order.expr, self.dialect))
                })
            };
            if !in_group() {
                return Err(Error::invalid_query(format!(
                    "groups cannot be ordered by {}, which is neither a key of the grouping nor an aggregate",
                    describe(&order.expr)
                )));
            }
            if parts.distinct && ordinal.is_none() {
                if !asked {
                    continue;
                }
                return Err(Error::invalid_query(format!(
                    "distinct rows cannot be ordered by {}, which is not among the selected values",
                    describe(&order.expr)
                )));
            }
            // The key behind a foreign key is read from wherever it stands first, so its text may differ each time.
            let computed = match order.expr.node {
                ExprNode::Column { hop, .. } => parts.distinct && hop.is_some(),
                _ => true,
            };
            // An ordinal stands alone: `2 IS NULL` would speak of the number.
            let alone = order.nulls.is_none() || self.dialect.has(Feature::NullsOrder);
            let text = match ordinal {
                Some(ordinal) if alone && (computed || select.group.is_some()) => ordinal.to_string(),
                _ => self.order_key(&order.expr)?,
            };
            parts.orders.extend(order_keys(self.dialect, order, text));
        }
        Ok(())
    }

    /// The keys of a query's rows, as a subquery that knows nothing of the statement around it.
    pub(super) fn key_rows(&mut self, rows: &Select) -> Result<String> {
        let scope = self.open_root(rows.model);
        let alias = self.scopes[scope].alias.clone();
        let mut parts = self.parts(rows, &[], limited(rows))?;
        parts.distinct = false;
        parts.outputs = rows.model.key().map(|f| self.qualified(&alias, f.column)).collect();
        let text = self.assemble(scope, rows.model, &parts);
        self.close();
        Ok(text)
    }

    /// The text of a select whose outputs are named c1, c2…, for use as a table.
    fn aliased(&mut self, scope: usize, model: &'static ModelMeta, mut parts: Parts) -> String {
        for (i, output) in parts.outputs.iter_mut().enumerate() {
            *output = format!("{output} AS {}", self.dialect.quote(&format!("c{}", i + 1)));
        }
        self.assemble(scope, model, &parts)
    }

    /// Puts the parts together, with the tables that they turned out to need.
    fn assemble(&self, scope: usize, model: &'static ModelMeta, parts: &Parts) -> String {
        let mut statement = Query::select();
        self.tables(&mut statement, scope, model);
        self.write(&mut statement, parts);
        render(&statement, self.dialect)
    }

    fn tables(&self, statement: &mut SelectStatement, scope: usize, model: &'static ModelMeta) {
        let alias = &self.scopes[scope].alias;
        if alias == model.table {
            statement.from(Alias::new(model.table));
        } else {
            statement.from_as(Alias::new(model.table), Alias::new(alias));
        }
        for join in &self.scopes[scope].joins {
            let kind = if join.inner { JoinType::InnerJoin } else { JoinType::LeftJoin };
            for (table, alias, on) in self.join_parts(join) {
                statement.join_as(kind, Alias::new(table), Alias::new(alias), SeaExpr::cust(on));
            }
        }
    }

    fn write(&self, statement: &mut SelectStatement, parts: &Parts) {
        if parts.distinct {
            statement.distinct();
        }
        for output in &parts.outputs {
            statement.expr(SeaExpr::cust(output.clone()));
        }
        for text in &parts.wheres {
            statement.and_where(SeaExpr::cust(text.clone()));
        }
        statement.add_group_by(parts.groups.iter().map(|text| SeaExpr::cust(text.clone())));
        for text in &parts.havings {
            statement.and_having(SeaExpr::cust(text.clone()));
        }
        for key in &parts.orders {
            let text = SeaExpr::cust(key.text.clone());
            match key.nulls {
                Some(nulls) => statement.order_by_expr_with_nulls(text, key.order.clone(), nulls),
                None => statement.order_by_expr(text, key.order.clone()),
            };
        }
        if let Some(limit) = parts.limit {
            statement.limit(limit);
        }
        if let Some(offset) = parts.offset {
            statement.offset(offset);
        }
    }

    fn prefetch(&mut self, source: &PrefetchSource<'_>) -> Result<(String, Vec<Kind>)> {
        let model = source.query.model;
        let scope = self.open_root(model);
        let root = self.scopes[scope].alias.clone();
        let tie = tie(source.hop).ok_or_else(|| no_single_key(source.hop))?;
        let (parent, kind, between) = match tie {
            Tie::Direct { left, right } => (self.column_of(&root, right), left.kind, None),
            Tie::Between { table, left, from, to, right } => {
                let alias = self.alias();
                let on = format!("{} = {}", self.qualified(&alias, to), self.qualified(&root, right.column));
                (self.qualified(&alias, from), left.kind, Some((table, alias, on)))
            }
        };
        let mut parts = Parts { outputs: vec![parent.clone()], kinds: vec![kind], ..Parts::default() };
        for cond in &source.query.filter {
            self.require(cond);
        }
        parts.wheres.push(self.keys(&parent, source.keys, kind));
        for cond in &source.query.filter {
            parts.wheres.push(self.cond(cond)?);
        }
        self.row_outputs(&root, model, &mut parts);
        for hop in Selected::related(source.query) {
            let alias = self.row(Some(hop))?;
            self.row_outputs(&alias, hop.to(), &mut parts);
        }
        // Ordinals would count the parent's key, so the order is given as text.
        self.orders(source.query, &[], &mut parts)?;
        if parts.orders.is_empty() {
            for key in model.key() {
                let text = self.column_of(&root, key);
                parts.orders.push(OrderKey { text, order: SeaOrder::Asc, nulls: None });
            }
        }
        let limited = source.query.limit.is_some() || source.query.offset.is_some();
        let kinds = parts.kinds.clone();
        let text = if limited {
            let number = format!(
                "ROW_NUMBER() OVER (PARTITION BY {parent} ORDER BY {})",
                joined(&std::mem::take(&mut parts.orders))
            );
            let width = parts.outputs.len();
            parts.outputs.push(number);
            for (i, output) in parts.outputs.iter_mut().enumerate() {
                *output = format!("{output} AS {}", self.dialect.quote(&format!("c{}", i + 1)));
            }
            let inner = self.assemble_with(scope, model, &parts, between);
            let alias = self.alias();
            let columns: Vec<String> = (1..=width).map(|i| self.qualified(&alias, &format!("c{i}"))).collect();
            let number = self.qualified(&alias, &format!("c{}", width + 1));
            let as_mark = |bind: u64| mark(usize::try_from(bind).unwrap_or(0));
            let offset = source.query.offset.is_some().then(|| as_mark(self.bind_number(&source.query.offset)));
            let limit = source.query.limit.is_some().then(|| as_mark(self.bind_number(&source.query.limit)));
            let mut wheres = Vec::new();
            if let Some(offset) = &offset {
                wheres.push(format!("{number} > {offset}"));
            }
            if let Some(limit) = limit {
                let from = offset.map_or_else(String::new, |offset| format!(" - {offset}"));
                wheres.push(format!("{number}{from} <= {limit}"));
            }
            format!(
                "SELECT {} FROM ({inner}) AS {} WHERE {} ORDER BY {number}",
                columns.join(", "),
                self.quote(&alias),
                wheres.join(" AND ")
            )
        } else {
            self.assemble_with(scope, model, &parts, between)
        };
        self.close();
        Ok((text, kinds))
    }

    fn assemble_with(
        &self,
        scope: usize,
        model: &'static ModelMeta,
        parts: &Parts,
        between: Option<(&'static str, String, String)>,
    ) -> String {
        let mut statement = Query::select();
        self.tables(&mut statement, scope, model);
        if let Some((table, alias, on)) = between {
            statement.join_as(JoinType::InnerJoin, Alias::new(table), Alias::new(alias), SeaExpr::cust(on));
        }
        self.write(&mut statement, parts);
        render(&statement, self.dialect)
    }

    /// `column IN (keys)`
    fn keys(&mut self, column: &str, keys: &Value, kind: Kind) -> String {
        self.in_keys(column, length(keys), kind, |lower, encode| lower.bind_value(keys, kind, encode))
    }

    /// The same with keys that are no part of a shape.
    pub(super) fn constant_keys(&mut self, column: &str, keys: &Value, kind: Kind) -> String {
        self.in_keys(column, length(keys), kind, |lower, encode| lower.bind_constant(keys, kind, encode))
    }

    pub(super) fn in_keys(
        &mut self,
        column: &str,
        length: usize,
        kind: Kind,
        mut bind: impl FnMut(&mut Lower, Encode) -> String,
    ) -> String {
        match (self.dialect.list(), padded(length)) {
            (ListStyle::Padded, Some(length)) => {
                let marks: Vec<String> = (0..length).map(|i| bind(self, Encode::Member(i))).collect();
                format!("{column} IN ({})", marks.join(", "))
            }
            (ListStyle::OneParameter, _) | (ListStyle::Padded, None) => {
                let mark = bind(self, Encode::Plain);
                format!("{column} {}", fill(self.dialect.in_list(kind), &[&mark]))
            }
        }
    }
}

fn length(keys: &Value) -> usize {
    if let Value::List(list) = keys { list.len() } else { 1 }
}

fn same_hop(a: Option<&'static Hop>, b: Option<&'static Hop>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => a.same(b),
        _ => false,
    }
}

/// The outputs that decide how many rows a query has; none as a rule.
fn counted(select: &Select, whole: bool) -> &[Output] {
    let multiplies = select.outputs.iter().any(|o| match o {
        Output::Row(hop) => hop.is_some_and(repeats),
        Output::Expr(expr) => mentions_each(expr),
    });
    if whole || multiplies { &select.outputs } else { &[] }
}

fn limited(select: &Select) -> bool {
    select.limit.is_some() || select.offset.is_some()
}

fn repeats(hop: &'static Hop) -> bool {
    hop.chain().iter().any(|h| h.each)
}

fn mentions_each(expr: &Expr) -> bool {
    match &expr.node {
        ExprNode::Column { hop, .. } => hop.is_some_and(repeats),
        ExprNode::Arith(_, a, b) => mentions_each(a) || mentions_each(b),
        ExprNode::Func(_, args) => args.iter().any(mentions_each),
        ExprNode::Case { arms, otherwise } => {
            arms.iter().any(|(_, e)| mentions_each(e)) || otherwise.as_deref().is_some_and(mentions_each)
        }
        ExprNode::Aggregate { of, .. } => of.as_deref().is_some_and(mentions_each),
        ExprNode::Value(_)
        | ExprNode::Cond(_)
        | ExprNode::Related(_)
        | ExprNode::Subquery(_)
        | ExprNode::Outer { .. }
        | ExprNode::Refused(_) => false,
    }
}

/// The model's own order.
pub(super) fn default_order(model: &'static ModelMeta) -> Vec<Order> {
    model
        .ordering
        .iter()
        .map(|o| Order {
            expr: Expr::column(None, model, &model.fields[o.field], false),
            direction: if o.descending { Direction::Desc } else { Direction::Asc },
            nulls: None,
        })
        .collect()
}

/// How an error names an expression.
fn describe(expr: &Expr) -> String {
    match &expr.node {
        ExprNode::Column { hop: None, field, .. } => format!("`{}`", field.name),
        ExprNode::Column { hop: Some(hop), field, .. } => format!("`{}__{}`", hop.path(), field.name),
        _ => String::from("this expression"),
    }
}
