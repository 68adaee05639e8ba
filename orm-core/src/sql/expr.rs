//! Expressions to text. Every expression of a kind has that kind's stored form: on a database without decimals a
//! decimal is an integer, scaled by the places of its kind.

use std::collections::HashMap;

use super::render::{fill, mark};
use super::scope::{Join, Scope, Tie, is_forward, tie};
use super::shape::{Slots, address};
use super::{Bind, Encode, Source};
use crate::ast::{Aggregate, Arith, Expr, ExprNode, Func, Related, RelatedValue};
use crate::dialect::{Dialect, Division, Feature};
use crate::error::{Error, Result};
use crate::meta::{FieldMeta, Hop, ModelMeta, RelationKind, Storage};
use crate::value::{Kind, Value};

/// One statement being lowered.
pub(super) struct Lower {
    pub(super) dialect: &'static dyn Dialect,
    slots: HashMap<usize, usize>,
    pub(super) scopes: Vec<Scope>,
    /// The scope whose row is spoken of.
    pub(super) at: usize,
    pub(super) binds: Vec<Bind>,
    /// While aggregates read from a derived table: its alias, and what it selects for them.
    pub(super) derived: Option<(String, Vec<String>)>,
    /// The outermost scope that was spoken of from inside another since this was set.
    pub(super) reached: usize,
    aliases: usize,
}

impl Lower {
    pub(super) fn new(slots: &Slots<'_>, dialect: &'static dyn Dialect) -> Lower {
        Lower {
            dialect,
            slots: slots.index(),
            scopes: Vec::new(),
            at: 0,
            binds: Vec::new(),
            derived: None,
            reached: usize::MAX,
            aliases: 0,
        }
    }

    /// A new alias; no table has such a name, or the table is not named in the statement without one.
    pub(super) fn alias(&mut self) -> String {
        self.aliases += 1;
        format!("t{}", self.aliases)
    }

    /// Opens a scope inside the current one and makes it the current one.
    pub(super) fn open(&mut self, model: &'static ModelMeta, alias: String) -> usize {
        let outside = (!self.scopes.is_empty()).then_some(self.at);
        let derived = self.derived.take();
        let (joins, required) = (Vec::new(), Vec::new());
        self.scopes.push(Scope { outside, model, alias, joins, required, bounded: false, derived });
        self.at = self.scopes.len() - 1;
        self.at
    }

    /// Whether what `lower` writes speaks of a row outside of the scope that it opens, where no table could see that row.
    pub(super) fn is_cut_off<T>(&mut self, lower: impl FnOnce(&mut Lower) -> Result<T>) -> Result<(T, bool)> {
        let inside = self.scopes.len();
        let before = std::mem::replace(&mut self.reached, usize::MAX);
        let done = lower(self)?;
        let cut_off = self.reached < inside && !self.dialect.has(Feature::CorrelatedTable);
        self.reached = self.reached.min(before);
        Ok((done, cut_off))
    }

    /// Goes back to the scope outside the current one.
    pub(super) fn close(&mut self) {
        let at = self.at;
        self.derived = self.scopes[at].derived.take();
        self.at = self.scopes[at].outside.unwrap_or(0);
    }

    pub(super) fn quote(&self, name: &str) -> String {
        self.dialect.quote(name)
    }

    /// `"alias"."column"`
    pub(super) fn qualified(&self, alias: &str, column: &str) -> String {
        format!("{}.{}", self.quote(alias), self.quote(column))
    }

    fn bind(&mut self, bind: Bind) -> String {
        self.binds.push(bind);
        mark(self.binds.len() - 1)
    }

    /// The number of the bind for a limit or offset, which sea-query writes; without one, for "all".
    pub(super) fn bind_number(&mut self, number: &Option<u64>) -> u64 {
        let source = match number {
            Some(_) => self.slot(number),
            None => Source::Constant(Value::Int(i64::MAX)),
        };
        self.binds.push(Bind { source, kind: Kind::Int64, encode: Encode::Plain, stored: None });
        (self.binds.len() - 1) as u64
    }

    /// The number of the bind for a constant.
    pub(super) fn bind_one(&mut self) -> u64 {
        let source = Source::Constant(Value::Int(1));
        self.binds.push(Bind { source, kind: Kind::Int64, encode: Encode::Plain, stored: None });
        (self.binds.len() - 1) as u64
    }

    /// Where a value of the tree was met. A value that was not would become part of a cached text, so that is a bug here.
    fn slot<T>(&self, of: &T) -> Source {
        match self.slots.get(&address(of)) {
            Some(slot) => Source::Slot(*slot),
            None => unreachable!("a value is lowered that is not part of the statement's shape"),
        }
    }

    pub(super) fn bind_value(&mut self, value: &Value, kind: Kind, encode: Encode) -> String {
        let source = self.slot(value);
        self.bind(Bind { source, kind, encode, stored: None })
    }

    /// A value of a statement that is made once and not kept.
    pub(super) fn bind_constant(&mut self, value: &Value, kind: Kind, encode: Encode) -> String {
        self.bind(Bind { source: Source::Constant(value.clone()), kind, encode, stored: None })
    }

    /// A value that will be stored in a field.
    pub(super) fn bind_stored(
        &mut self,
        value: &Value,
        model: &'static ModelMeta,
        field: &'static FieldMeta,
    ) -> String {
        let float = field.storage == Storage::Native && self.dialect.scaled_decimals();
        let encode = if float && matches!(field.kind, Kind::Decimal { .. }) { Encode::Float } else { Encode::Plain };
        let source = self.slot(value);
        self.bind(Bind { source, kind: field.kind, encode, stored: Some((model, field)) })
    }

    /// The alias of the row that steps lead to, joining what is not joined yet.
    pub(super) fn row(&mut self, hop: Option<&'static Hop>) -> Result<String> {
        let Some(hop) = hop else { return Ok(self.scopes[self.at].alias.clone()) };
        if let Some(join) = self.scopes[self.at].joined(hop) {
            return Ok(join.alias.clone());
        }
        if hop.is_many() && !hop.each {
            return Err(Error::invalid_query(format!(
                "the path `{}` reaches many rows, so it has no single value; aggregate it, or ask for a row each",
                hop.path()
            )));
        }
        let parent = self.row(hop.parent)?;
        let tie = tie(hop).ok_or_else(|| no_single_key(hop))?;
        let parent_inner = match hop.parent {
            None => true,
            Some(before) => self.scopes[self.at].joined(before).is_none_or(|j| j.inner),
        };
        let scope = &self.scopes[self.at];
        let inner = parent_inner && (scope.requires(hop) || never_missing(hop));
        let alias = self.alias();
        let between = matches!(tie, Tie::Between { .. }).then(|| self.alias());
        self.scopes[self.at].joins.push(Join { hop, alias: alias.clone(), parent, tie, between, inner });
        Ok(alias)
    }

    /// A column, read from before the last step where the key stands there already.
    pub(super) fn column(&mut self, hop: Option<&'static Hop>, field: &'static FieldMeta) -> Result<String> {
        if let Some(step) = hop
            && is_forward(step)
            && let Some(Tie::Direct { left, right }) = tie(step)
            && std::ptr::eq(right, field)
            && self.scopes[self.at].joined(step).is_none()
        {
            return self.column(step.parent, left);
        }
        let alias = self.row(hop)?;
        Ok(self.column_of(&alias, field))
    }

    /// A column of an alias, in the stored form of its kind.
    pub(super) fn column_of(&self, alias: &str, field: &'static FieldMeta) -> String {
        let column = self.qualified(alias, field.column);
        match (field.storage, field.kind) {
            (Storage::Native, Kind::Decimal { places, .. }) => match self.dialect.native_decimal(places) {
                Some(template) => fill(&template, &[&column]),
                None => column,
            },
            _ => column,
        }
    }

    /// An expression, in the stored form of its own kind.
    pub(super) fn expr(&mut self, expr: &Expr) -> Result<String> {
        match &expr.node {
            ExprNode::Column { hop, field, .. } => self.column(*hop, field),
            ExprNode::Value(value) => Ok(self.value(value, expr.kind.unwrap_or_else(|| natural(value)))),
            ExprNode::Arith(op, a, b) => self.arith(*op, a, b, expr.kind),
            ExprNode::Func(func, args) => self.func(*func, args, expr.kind),
            ExprNode::Case { arms, otherwise } => {
                let mut text = String::from("CASE");
                for (cond, value) in arms {
                    let cond = self.cond(cond)?;
                    let value = self.expr_as(value, expr.kind)?;
                    text.push_str(&format!(" WHEN {cond} THEN {value}"));
                }
                if let Some(value) = otherwise {
                    text.push_str(&format!(" ELSE {}", self.expr_as(value, expr.kind)?));
                }
                text.push_str(" END");
                Ok(text)
            }
            ExprNode::Cond(cond) => Ok(format!("({})", self.cond(cond)?)),
            ExprNode::Aggregate { aggregate, of, distinct, filter } => {
                let of = of.as_deref().map(|of| Ok::<_, Error>((self.expr(of)?, of.kind))).transpose()?;
                let filter = filter.as_deref().map(|c| self.cond(c)).transpose()?;
                let Some((alias, mut columns)) = self.derived.take() else {
                    return self.aggregate(*aggregate, of, *distinct, filter);
                };
                let kind = of.as_ref().and_then(|(_, kind)| *kind);
                let value = of.map_or_else(|| String::from("1"), |(text, _)| text);
                columns.push(match filter {
                    Some(filter) => format!("CASE WHEN {filter} THEN {value} END"),
                    None => value,
                });
                let column = self.qualified(&alias, &format!("c{}", columns.len()));
                self.derived = Some((alias, columns));
                self.aggregate(*aggregate, Some((column, kind)), *distinct, None)
            }
            ExprNode::Related(related) => self.related(related),
            ExprNode::Subquery(select) => self.scalar(select),
            ExprNode::Outer { levels, model, of } => self.outer(*levels, model, of),
            ExprNode::Refused(words) => Err(Error::invalid_query(words.to_string())),
        }
    }

    /// An expression in the stored form of another kind: scaled up where decimals are integers.
    pub(super) fn expr_as(&mut self, expr: &Expr, kind: Option<Kind>) -> Result<String> {
        let (Some(Kind::Decimal { places, digits }), true) = (kind, self.dialect.scaled_decimals()) else {
            return self.expr(expr);
        };
        if let ExprNode::Value(value) = &expr.node {
            return Ok(self.value(value, Kind::Decimal { digits, places }));
        }
        let text = self.expr(expr)?;
        let own = expr.kind.and_then(Kind::places).unwrap_or(places);
        Ok(scale_up(text, places.saturating_sub(own)))
    }

    pub(super) fn value(&mut self, value: &Value, kind: Kind) -> String {
        let mark = self.bind_value(value, kind, Encode::Plain);
        match self.dialect.typed_parameter(kind) {
            Some(template) => fill(template, &[&mark]),
            None => mark,
        }
    }

    /// Two operands in one stored form: that of the more exact of the two.
    pub(super) fn pair(&mut self, a: &Expr, b: &Expr) -> Result<(String, String)> {
        let kind = match (&a.node, &b.node) {
            // A value takes the column's scale, so that the column stays bare and its index serves.
            (_, ExprNode::Value(_)) => a.kind,
            (ExprNode::Value(_), _) => b.kind,
            _ => exacter(a.kind, b.kind),
        };
        let left = match (&a.node, &b.node) {
            (ExprNode::Value(_), ExprNode::Value(_)) => self.expr_as(a, kind)?,
            _ => self.operand(a, kind)?,
        };
        Ok((left, self.operand(b, kind)?))
    }

    /// An operand of a comparison: its values need no cast where the other side, of this kind, tells their type.
    pub(super) fn operand(&mut self, expr: &Expr, kind: Option<Kind>) -> Result<String> {
        let ExprNode::Value(value) = &expr.node else { return self.expr_as(expr, kind) };
        let bound = match (kind, expr.kind) {
            (Some(Kind::Decimal { .. }), _) if self.dialect.scaled_decimals() => kind,
            (_, own @ Some(_)) => own,
            (kind, None) => kind,
        };
        let bound = bound.unwrap_or_else(|| natural(value));
        let told = kind.is_some_and(|kind| std::mem::discriminant(&kind) == std::mem::discriminant(&bound));
        Ok(if told { self.bind_value(value, bound, Encode::Plain) } else { self.value(value, bound) })
    }

    fn arith(&mut self, op: Arith, a: &Expr, b: &Expr, kind: Option<Kind>) -> Result<String> {
        let decimal = matches!(kind, Some(Kind::Decimal { .. }));
        let scaled = decimal && self.dialect.scaled_decimals();
        let places = |e: &Expr| e.kind.and_then(Kind::places).unwrap_or(0);
        match op {
            Arith::Add | Arith::Sub | Arith::Mod => {
                let (left, right) = if scaled {
                    (self.expr_as(a, kind)?, self.expr_as(b, kind)?)
                } else {
                    (self.wide(a, b)?, self.expr(b)?)
                };
                Ok(match op {
                    Arith::Add => format!("({left} + {right})"),
                    Arith::Sub => format!("({left} - {right})"),
                    _ => format!("({})", fill(self.dialect.divide(Division::Rem), &[&left, &right])),
                })
            }
            Arith::Mul => Ok(format!("({} * {})", self.wide(a, b)?, self.expr(b)?)),
            Arith::Div => {
                let (left, right) = (self.wide(a, b)?, self.expr(b)?);
                let template = match kind {
                    Some(Kind::Decimal { places: result, .. }) => {
                        let left = if scaled { scale_up(left, places(b)) } else { left };
                        return Ok(format!("({})", fill(&self.dialect.decimal_div(result), &[&left, &right])));
                    }
                    Some(Kind::Float64) => self.dialect.divide(Division::Float),
                    _ => self.dialect.divide(Division::Int),
                };
                Ok(format!("({})", fill(template, &[&left, &right])))
            }
        }
    }

    /// The left side of arithmetic: 64 bits wide where both sides are narrower and the database would stay with that.
    fn wide(&mut self, left: &Expr, right: &Expr) -> Result<String> {
        let text = self.expr(left)?;
        let is_narrow = |e: &Expr| matches!(e.kind, Some(Kind::Int16 | Kind::Int32));
        Ok(match self.dialect.widened() {
            Some(template) if is_narrow(left) && is_narrow(right) => fill(template, &[&text]),
            _ => text,
        })
    }

    fn func(&mut self, func: Func, args: &[Expr], kind: Option<Kind>) -> Result<String> {
        if let (Func::NullIf, [value, other]) = (func, args)
            && self.dialect.scaled_decimals()
            && exacter(value.kind, other.kind).and_then(Kind::places) > value.kind.and_then(Kind::places)
        {
            let (left, right) = self.pair(value, other)?;
            return Ok(format!("CASE WHEN {left} = {right} THEN NULL ELSE {} END", self.expr(value)?));
        }
        let same_kind = matches!(func, Func::Coalesce | Func::NullIf | Func::Greatest | Func::Least);
        let mut texts = Vec::with_capacity(args.len());
        for arg in args {
            texts.push(if same_kind { self.expr_as(arg, kind)? } else { self.expr(arg)? });
        }
        let kinds: Vec<Kind> = args.iter().map(|a| a.kind.unwrap_or(Kind::TEXT)).collect();
        let template = self.dialect.func(func, &kinds).ok_or_else(|| {
            Error::unsupported(format!("{} has no function `{func:?}` for {}", self.dialect.name(), list(&kinds)))
        })?;
        let operands: Vec<&str> = texts.iter().map(String::as_str).collect();
        Ok(fill(&template, &operands))
    }

    /// An aggregate of a text; rows that a condition leaves out become NULL, which no aggregate counts.
    fn aggregate(
        &mut self,
        aggregate: Aggregate,
        of: Option<(String, Option<Kind>)>,
        distinct: bool,
        filter: Option<String>,
    ) -> Result<String> {
        let kind = of.as_ref().and_then(|(_, kind)| *kind);
        let text = match (of, filter) {
            (Some((text, _)), Some(filter)) => format!("CASE WHEN {filter} THEN {text} END"),
            (Some((text, _)), None) => text,
            (None, Some(filter)) => format!("CASE WHEN {filter} THEN 1 END"),
            (None, None) => String::from("*"),
        };
        let distinct = if distinct { "DISTINCT " } else { "" };
        Ok(match aggregate {
            Aggregate::Count => format!("COUNT({distinct}{text})"),
            Aggregate::Sum => format!("SUM({distinct}{text})"),
            Aggregate::Min => self.extreme("MIN", &text, kind),
            Aggregate::Max => self.extreme("MAX", &text, kind),
            Aggregate::Avg => match kind {
                Some(Kind::Decimal { places, .. }) => {
                    fill(&self.dialect.decimal_avg(places.saturating_add(4)), &[&format!("{distinct}{text}")])
                }
                Some(Kind::Duration) => fill(self.dialect.whole_avg(), &[&format!("{distinct}{text}")]),
                _ => fill(self.dialect.float_avg(), &[&format!("{distinct}{text}")]),
            },
        })
    }

    fn extreme(&self, name: &str, text: &str, kind: Option<Kind>) -> String {
        match kind.and_then(|kind| self.dialect.extreme(kind)) {
            Some(template) => fill(template, &[name, text]),
            None => format!("{name}({text})"),
        }
    }

    fn outer(&mut self, levels: u32, model: &'static ModelMeta, of: &Expr) -> Result<String> {
        let here = self.at;
        let mut scope = Some(here);
        for _ in 0..levels {
            scope = scope.and_then(|s| self.scopes[s].outside);
        }
        match scope {
            Some(scope) if self.scopes[scope].model.is(model) => {
                self.at = scope;
                self.reached = self.reached.min(scope);
                let text = self.expr(of);
                self.at = here;
                text
            }
            Some(scope) => Err(Error::invalid_query(format!(
                "`outer` speaks of a row of `{}`, but the query outside is one of `{}`",
                model.name, self.scopes[scope].model.name
            ))),
            None => Err(Error::invalid_query(format!(
                "this query speaks of a row of `{}` outside of it (`outer(..)`), so it cannot run on its own; \
                 put it into a query of `{}` with `.scalar()`, `.exists()` or `is_in`",
                model.name, model.name
            ))),
        }
    }

    /// A key of an order or grouping of the current scope.
    pub(super) fn order_key(&mut self, expr: &Expr) -> Result<String> {
        let before = std::mem::replace(&mut self.reached, usize::MAX);
        let text = self.expr(expr)?;
        let open = self.reached < self.at;
        self.reached = self.reached.min(before);
        if open && !self.dialect.has(Feature::CorrelatedOrder) {
            return Err(Error::unsupported(format!(
                "{} cannot order or group a subquery by the row outside (`outer(..)`)",
                self.dialect.name()
            )));
        }
        Ok(text)
    }

    fn related(&mut self, related: &Related) -> Result<String> {
        // A count of a many-to-many relation needs only the table between.
        if let RelatedValue::Aggregate(Aggregate::Count, None, false) = related.value
            && related.filter.is_empty()
            && related.limit.is_none()
            && !related.hop.parent.is_some_and(reaches_many)
            && let Some(Tie::Between { table, left, from, .. }) = tie(related.hop)
        {
            let key = self.column(related.hop.parent, left)?;
            let alias = self.alias();
            return Ok(format!(
                "(SELECT COUNT(*) FROM {} AS {} WHERE {} = {key})",
                self.quote(table),
                self.quote(&alias),
                self.qualified(&alias, from)
            ));
        }
        let (text, cut_off) = self.is_cut_off(|lower| lower.related_rows(related))?;
        if cut_off && related.limit.is_some() && !matches!(related.value, RelatedValue::First(_)) {
            return Err(Error::unsupported(format!(
                "{} takes no row outside (`outer(..)`) in an aggregate over the first rows of a relation; leave out its limit",
                self.dialect.name()
            )));
        }
        Ok(text)
    }

    fn related_rows(&mut self, related: &Related) -> Result<String> {
        self.chain(related.hop, &related.filter, None, |lower, from, wheres| {
            let orders = super::select::order_text(lower, &related.order)?;
            let limit = related.limit.is_some().then(|| {
                let bind = lower.bind_number(&related.limit);
                mark(usize::try_from(bind).unwrap_or(0))
            });
            match &related.value {
                RelatedValue::First(of) => {
                    let of = lower.expr(of)?;
                    let from = from(lower);
                    Ok(format!("(SELECT {of} FROM {from}{}{orders} LIMIT 1)", wheres.text()))
                }
                RelatedValue::Aggregate(aggregate, of, distinct) => {
                    let of = of.as_ref().map(|of| Ok::<_, Error>((lower.expr(of)?, of.kind))).transpose()?;
                    let Some(limit) = limit else {
                        let value = lower.aggregate(*aggregate, of, *distinct, None)?;
                        let from = from(lower);
                        return Ok(format!("(SELECT {value} FROM {from}{})", wheres.text()));
                    };
                    let (inner, kind) = of.map_or_else(|| (String::from("1"), None), |(t, k)| (t, k));
                    let alias = lower.alias();
                    let column = lower.qualified(&alias, "v");
                    let value = lower.aggregate(*aggregate, Some((column, kind)), *distinct, None)?;
                    let from = from(lower);
                    let (v, table) = (lower.quote("v"), lower.quote(&alias));
                    if lower.dialect.has(Feature::CorrelatedTable) {
                        let wheres = wheres.text();
                        return Ok(format!(
                            "(SELECT {value} FROM (SELECT {inner} AS {v} FROM {from}{wheres}{orders} LIMIT {limit}) AS {table})"
                        ));
                    }
                    // The first rows of every row outside, numbered, and those of this one picked out.
                    let (k, n) = (lower.quote("k"), lower.quote("n"));
                    Ok(format!(
                        "(SELECT {value} FROM (SELECT {inner} AS {v}, {column} AS {k}, \
                         ROW_NUMBER() OVER (PARTITION BY {column}{orders}) AS {n} FROM {from}{wheres}) AS {table} \
                         WHERE {table}.{k} = {key} AND {table}.{n} <= {limit})",
                        column = wheres.column,
                        key = wheres.key,
                        wheres = wheres.untied(),
                    ))
                }
            }
        })
    }

    /// The tables behind a path through a to-many step, tied to the row outside. `body` gets the FROM list (to be made
    /// last, when all joins are known) and the conditions.
    pub(super) fn chain(
        &mut self,
        hop: &'static Hop,
        filter: &[crate::ast::Cond],
        cond: Option<&crate::ast::Cond>,
        body: impl FnOnce(&mut Lower, &dyn Fn(&Lower) -> String, Tied) -> Result<String>,
    ) -> Result<String> {
        let steps = hop.chain();
        // A path of single rows is walked inside as a whole last step, so that it can be quantified like any other.
        let first = steps.iter().position(|h| h.is_many() && !h.each).unwrap_or(steps.len() - 1);
        // The row outside, and its column that ties the first table inside to it.
        let start = tie(steps[first]).ok_or_else(|| no_single_key(steps[first]))?;
        let (Tie::Direct { left, .. } | Tie::Between { left, .. }) = start;
        let key = self.column(steps[first].parent, left)?;

        let mut alias = self.alias();
        let mut tables = String::new();
        let tied = match start {
            Tie::Direct { right, .. } => {
                tables.push_str(&format!("{} AS {}", self.quote(steps[first].to().table), self.quote(&alias)));
                self.qualified(&alias, right.column)
            }
            Tie::Between { table, from, to, right, .. } => {
                let between = self.alias();
                tables.push_str(&format!(
                    "{} AS {} INNER JOIN {} AS {} ON {} = {}",
                    self.quote(table),
                    self.quote(&between),
                    self.quote(steps[first].to().table),
                    self.quote(&alias),
                    self.qualified(&alias, right.column),
                    self.qualified(&between, to)
                ));
                self.qualified(&between, from)
            }
        };
        for step in &steps[first + 1..] {
            let tie = tie(step).ok_or_else(|| no_single_key(step))?;
            let next = self.alias();
            let table = step.to().table;
            match tie {
                Tie::Direct { left, right } => tables.push_str(&format!(
                    " INNER JOIN {} AS {} ON {} = {}",
                    self.quote(table),
                    self.quote(&next),
                    self.qualified(&next, right.column),
                    self.qualified(&alias, left.column)
                )),
                Tie::Between { table: between_table, left, from, to, right } => {
                    let between = self.alias();
                    tables.push_str(&format!(
                        " INNER JOIN {} AS {} ON {} = {} INNER JOIN {} AS {} ON {} = {}",
                        self.quote(between_table),
                        self.quote(&between),
                        self.qualified(&between, from),
                        self.qualified(&alias, left.column),
                        self.quote(table),
                        self.quote(&next),
                        self.qualified(&next, right.column),
                        self.qualified(&between, to)
                    ));
                }
            }
            alias = next;
        }
        let scope = self.open(hop.to(), alias);
        for cond in filter.iter().chain(cond) {
            self.require(cond);
        }
        let mut conds = Vec::new();
        for cond in filter.iter().chain(cond) {
            conds.push(self.cond(cond)?);
        }
        let wheres = Tied { column: tied, key, conds };
        let from = move |lower: &Lower| format!("{tables}{}", lower.joins_text(scope));
        let text = body(self, &from, wheres)?;
        self.close();
        Ok(text)
    }

    /// The joins of a scope, as text behind its first table.
    pub(super) fn joins_text(&self, scope: usize) -> String {
        let mut text = String::new();
        for join in &self.scopes[scope].joins {
            for (table, alias, on) in self.join_parts(join) {
                let kind = if join.inner { "INNER" } else { "LEFT" };
                text.push_str(&format!(" {kind} JOIN {} AS {} ON {on}", self.quote(table), self.quote(&alias)));
            }
        }
        text
    }

    /// The one or two tables of a join, each with its alias and condition.
    pub(super) fn join_parts(&self, join: &Join) -> Vec<(&'static str, String, String)> {
        let table = join.hop.to().table;
        match join.tie {
            Tie::Direct { left, right } => {
                let on = format!(
                    "{} = {}",
                    self.qualified(&join.alias, right.column),
                    self.qualified(&join.parent, left.column)
                );
                vec![(table, join.alias.clone(), on)]
            }
            Tie::Between { table: between_table, left, from, to, right } => {
                let between = join.between.clone().unwrap_or_default();
                let first =
                    format!("{} = {}", self.qualified(&between, from), self.qualified(&join.parent, left.column));
                let second =
                    format!("{} = {}", self.qualified(&join.alias, right.column), self.qualified(&between, to));
                vec![(between_table, between, first), (table, join.alias.clone(), second)]
            }
        }
    }
}

/// The conditions on the rows behind a path: the tie to the row outside, and others.
pub(super) struct Tied {
    column: String,
    key: String,
    conds: Vec<String>,
}

impl Tied {
    /// ` WHERE …`
    pub(super) fn text(&self) -> String {
        let mut text = format!(" WHERE {} = {}", self.column, self.key);
        for cond in &self.conds {
            text.push_str(&format!(" AND {cond}"));
        }
        text
    }

    /// The same without the tie.
    fn untied(&self) -> String {
        if self.conds.is_empty() { String::new() } else { format!(" WHERE {}", self.conds.join(" AND ")) }
    }
}

/// Whether a step always finds a row: a foreign key that is never NULL and that the database enforces.
fn never_missing(hop: &Hop) -> bool {
    match hop.relation.kind {
        RelationKind::Forward { field, constraint, .. } => {
            !hop.backwards && constraint && !hop.relation.owner().fields[field].null
        }
        RelationKind::Reverse { .. } => hop.backwards,
        RelationKind::Many { .. } | RelationKind::ManyReverse { .. } => false,
    }
}

fn reaches_many(hop: &'static Hop) -> bool {
    hop.chain().iter().any(|h| h.is_many() && !h.each)
}

pub(super) fn no_single_key(hop: &Hop) -> Error {
    Error::invalid_query(format!("the relation `{}` needs a primary key of one field on both sides", hop.relation.name))
}

/// What a value is bound as where nothing tells its column.
pub(super) fn natural(value: &Value) -> Kind {
    match value {
        Value::Null | Value::Text(_) => Kind::TEXT,
        Value::Bool(_) => Kind::Bool,
        Value::Int(_) => Kind::Int64,
        Value::Float(_) => Kind::Float64,
        Value::Decimal(n) => Kind::Decimal { digits: 38, places: n.scale },
        Value::Bytes(_) => Kind::Bytes,
        Value::Date(_) => Kind::Date,
        Value::Time(_) => Kind::Time,
        Value::DateTime(_) => Kind::DateTime,
        Value::Duration(_) => Kind::Duration,
        Value::Uuid(_) => Kind::Uuid,
        Value::Json(_) => Kind::Json,
        Value::List(list) => list.first().map_or(Kind::TEXT, natural),
    }
}

/// The kind in which two are compared: of decimals that with more places.
pub(super) fn exacter(a: Option<Kind>, b: Option<Kind>) -> Option<Kind> {
    match (a, b) {
        (Some(Kind::Decimal { digits, places: x }), Some(other))
        | (Some(other), Some(Kind::Decimal { digits, places: x })) => {
            other.places().map(|y| Kind::Decimal { digits, places: x.max(y) })
        }
        _ => a,
    }
}

fn scale_up(text: String, places: u8) -> String {
    match 10i64.checked_pow(u32::from(places)) {
        Some(1) | None => text,
        Some(factor) => format!("({text} * {factor})"),
    }
}

fn list(kinds: &[Kind]) -> String {
    kinds.iter().map(|k| k.name()).collect::<Vec<_>>().join(", ")
}
