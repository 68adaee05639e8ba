//! What a query means, computed from rows in memory: truth has three values, negation two.

use std::cmp::Ordering;
use std::collections::HashMap;

use orm::ast::{
    Aggregate, Arith, Cond, CondNode, Direction, Distinct, Expr, ExprNode, Func, Lookup, Nulls, Order, Output, Part,
    Quantifier, Related, RelatedValue, Select,
};
use orm::meta::{Hop, ModelMeta, RelationKind};
use orm::value::{Date, Kind, Number, Value};

pub type Row = Vec<Value>;

/// The rows of all tables.
#[derive(Default)]
pub struct Data {
    pub tables: Vec<(&'static ModelMeta, Vec<Row>)>,
    /// The pairs of the tables between.
    pub between: HashMap<&'static str, Vec<(i64, i64)>>,
}

/// A number grows beyond what every database holds: what becomes of it is the database's own.
#[derive(Debug)]
pub struct TooLarge;
type Answer<T> = Result<T, TooLarge>;

/// The row that is spoken of, and those of the queries outside.
#[derive(Clone, Copy)]
struct Here<'a> {
    row: &'a Row,
    /// The rows that aggregates are over.
    group: &'a [&'a Row],
    outside: Option<&'a Here<'a>>,
}

impl Data {
    fn rows(&self, model: &ModelMeta) -> &[Row] {
        self.tables.iter().find(|(m, _)| m.is(model)).map_or(&[], |(_, rows)| rows)
    }

    /// The rows of a query.
    pub fn select(&self, select: &Select) -> Answer<Vec<Row>> {
        self.rows_of(select, None)
    }

    /// The rows of a model for which all conditions are true.
    fn filtered<'a>(&'a self, select: &Select, outside: Option<&Here<'_>>) -> Answer<Vec<&'a Row>> {
        let mut kept = Vec::new();
        for row in self.rows(select.model) {
            let here = Here { row, group: &[], outside };
            if self.all(&select.filter, here)? {
                kept.push(row);
            }
        }
        Ok(kept)
    }

    fn rows_of(&self, select: &Select, outside: Option<&Here<'_>>) -> Answer<Vec<Row>> {
        let rows = self.filtered(select, outside)?;
        let aggregates = select.outputs.iter().any(|o| matches!(o, Output::Expr(e) if e.is_aggregate()));
        let model = select.model;
        let nothing = vec![Value::Null; model.fields.len()];
        if aggregates && select.group.is_none() {
            let rows =
                self.page(select, rows, |data, row, order| data.expr(&order.expr, Here { row, group: &[], outside }))?;
            let row = rows.first().copied().unwrap_or(&nothing);
            return Ok(vec![self.outputs(&select.outputs, Here { row, group: &rows, outside })?]);
        }
        let groups: Vec<Vec<&Row>> = match &select.group {
            None => rows.into_iter().map(|row| vec![row]).collect(),
            Some(group) => {
                let mut groups: Vec<(Row, Vec<&Row>)> = Vec::new();
                for row in rows {
                    let here = Here { row, group: &[], outside };
                    let key: Row = group.keys.iter().map(|k| self.expr(k, here)).collect::<Answer<_>>()?;
                    match groups.iter_mut().find(|(other, _)| *other == key) {
                        Some((_, members)) => members.push(row),
                        None => groups.push((key, vec![row])),
                    }
                }
                let mut kept = Vec::new();
                for (_, members) in groups {
                    let here = Here { row: members[0], group: &members, outside };
                    if self.all(&group.having, here)? {
                        kept.push(members);
                    }
                }
                kept
            }
        };
        let mut results = Vec::new();
        for group in &groups {
            let here = Here { row: group[0], group, outside };
            let mut row = self.outputs(&select.outputs, here)?;
            for hop in related(select) {
                self.whole(Some(hop), here, &mut row)?;
            }
            if select.distinct == Distinct::Yes && results.iter().any(|(other, _)| *other == row) {
                continue;
            }
            results.push((row, group));
        }
        let paged = self.page(select, results, |data, (_, group), order| {
            data.expr(&order.expr, Here { row: group[0], group, outside })
        })?;
        Ok(paged.into_iter().map(|(row, _)| row).collect())
    }

    /// In order, without what offset and limit leave out.
    fn page<T>(
        &self,
        select: &Select,
        rows: Vec<T>,
        key: impl Fn(&Data, &T, &Order) -> Answer<Value>,
    ) -> Answer<Vec<T>> {
        let orders = select.order.as_deref().unwrap_or_default();
        let rows = self.sorted(orders, rows, |order, row| key(self, row, order))?;
        let (skip, take) = (select.offset.unwrap_or(0), select.limit.unwrap_or(u64::MAX));
        let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        Ok(rows.into_iter().skip(size(skip)).take(size(take)).collect())
    }

    fn sorted<T>(&self, orders: &[Order], rows: Vec<T>, key: impl Fn(&Order, &T) -> Answer<Value>) -> Answer<Vec<T>> {
        let mut keyed = Vec::new();
        for row in rows {
            let keys: Row = orders.iter().map(|order| key(order, &row)).collect::<Answer<_>>()?;
            keyed.push((keys, row));
        }
        keyed.sort_by(|(a, _), (b, _)| {
            orders
                .iter()
                .zip(a.iter().zip(b))
                .map(|(order, (a, b))| in_order(order, a, b))
                .fold(Ordering::Equal, |x, y| x.then(y))
        });
        Ok(keyed.into_iter().map(|(_, row)| row).collect())
    }

    fn outputs(&self, outputs: &[Output], here: Here<'_>) -> Answer<Row> {
        let mut row = Vec::new();
        for output in outputs {
            match output {
                Output::Row(hop) => self.whole(*hop, here, &mut row)?,
                Output::Expr(expr) => row.push(self.expr(expr, here)?),
            }
        }
        Ok(row)
    }

    fn whole(&self, hop: Option<&'static Hop>, here: Here<'_>, to: &mut Row) -> Answer<()> {
        match hop {
            None => to.extend(here.row.iter().cloned()),
            Some(hop) => match self.follow(hop, here.row).first() {
                Some(row) => to.extend(row.iter().cloned()),
                None => to.extend(hop.to().fields.iter().map(|_| Value::Null)),
            },
        }
        Ok(())
    }

    /// The rows that steps lead to.
    fn follow<'a>(&'a self, hop: &'static Hop, from: &'a Row) -> Vec<&'a Row> {
        let mut rows = vec![from];
        for step in hop.chain() {
            rows = rows.into_iter().flat_map(|row| self.step(step, row)).collect();
        }
        rows
    }

    fn step<'a>(&'a self, step: &'static Hop, from: &Row) -> Vec<&'a Row> {
        let (mut relation, mut backwards) = (step.relation, step.backwards);
        if let RelationKind::Reverse { of, .. } | RelationKind::ManyReverse { of } = relation.kind {
            relation = of();
            backwards = !backwards;
        }
        let to = self.rows(step.to());
        match relation.kind {
            RelationKind::Forward { field, .. } if backwards => to.iter().filter(|row| row[field] == from[0]).collect(),
            RelationKind::Forward { field, .. } => to.iter().filter(|row| row[0] == from[field]).collect(),
            RelationKind::Many { table, .. } => {
                let tied = |row: &Row| {
                    let (Value::Int(a), Value::Int(b)) = (&from[0], &row[0]) else { return false };
                    let pair = if backwards { (*b, *a) } else { (*a, *b) };
                    self.between[table].contains(&pair)
                };
                to.iter().filter(|row| tied(row)).collect()
            }
            RelationKind::Reverse { .. } | RelationKind::ManyReverse { .. } => unreachable!("was turned around"),
        }
    }

    fn all(&self, conds: &[Cond], here: Here<'_>) -> Answer<bool> {
        let mut all = true;
        for cond in conds {
            all &= self.cond(cond, here)? == Some(true);
        }
        Ok(all)
    }

    /// True, false, or unknown.
    fn cond(&self, cond: &Cond, here: Here<'_>) -> Answer<Option<bool>> {
        Ok(match &cond.node {
            CondNode::Const(value) => Some(*value),
            CondNode::And(list) => self.joined(list, here, false)?,
            CondNode::Or(list) => self.joined(list, here, true)?,
            CondNode::Xor(a, b) => Some((self.cond(a, here)? == Some(true)) != (self.cond(b, here)? == Some(true))),
            CondNode::Not(inner) => Some(self.cond(inner, here)? != Some(true)),
            CondNode::IsUnknown(inner) => Some(self.cond(inner, here)?.is_none()),
            CondNode::Lookup(lookup, a, b) => {
                let (a, b) = (self.expr(a, here)?, self.expr(b, here)?);
                holds(*lookup, &a, &b)
            }
            CondNode::IsNull(expr) => Some(self.expr(expr, here)?.is_null()),
            CondNode::In(expr, set) => {
                let value = self.expr(expr, here)?;
                let set: Vec<Value> = match &set.node {
                    ExprNode::Value(Value::List(list)) => list.clone(),
                    ExprNode::Subquery(select) => self.one_column(select, &here)?,
                    other => unreachable!("a set is not {other:?}"),
                };
                let mut set = set.into_iter().filter(|v| !v.is_null()).peekable();
                match (set.peek(), value) {
                    (None, _) => Some(false),
                    (Some(_), Value::Null) => None,
                    (Some(_), value) => Some(set.any(|v| compare(&v, &value) == Ordering::Equal)),
                }
            }
            CondNode::Range(expr, low, high) => {
                let (value, low, high) = (self.expr(expr, here)?, self.expr(low, here)?, self.expr(high, here)?);
                both(holds(Lookup::Ge, &value, &low), holds(Lookup::Le, &value, &high))
            }
            CondNode::Bool(expr) => truth(&self.expr(expr, here)?),
            CondNode::Quantified { quantifier, hop, filter, cond } => {
                let mut found = false;
                for row in self.follow(hop, here.row) {
                    let inside = Here { row, group: &[], outside: Some(&here) };
                    let fits = match cond {
                        None => true,
                        Some(cond) => self.cond(cond, inside)? == Some(true),
                    };
                    let sought = if *quantifier == Quantifier::All { !fits } else { fits };
                    found |= self.all(filter, inside)? && sought;
                }
                Some(found == (*quantifier == Quantifier::Any))
            }
            CondNode::Exists(select) => Some(!self.rows_of(select, Some(&here))?.is_empty()),
        })
    }

    /// One of them settles it; else one that is unknown leaves it so.
    fn joined(&self, list: &[Cond], here: Here<'_>, settles: bool) -> Answer<Option<bool>> {
        let mut result = Some(!settles);
        for cond in list {
            match self.cond(cond, here)? {
                Some(value) if value == settles => result = Some(settles),
                None if result != Some(settles) => result = None,
                _ => {}
            }
        }
        Ok(result)
    }

    /// The only column of a query inside; of whole rows it is their key.
    fn one_column(&self, select: &Select, here: &Here<'_>) -> Answer<Vec<Value>> {
        Ok(self.rows_of(select, Some(here))?.into_iter().map(|mut row| row.swap_remove(0)).collect())
    }

    fn expr(&self, expr: &Expr, here: Here<'_>) -> Answer<Value> {
        Ok(match &expr.node {
            ExprNode::Column { hop, model, field } => {
                let at = model.fields.iter().position(|f| std::ptr::eq(f, *field)).expect("a field of the model");
                match hop {
                    None => here.row[at].clone(),
                    Some(hop) => self.follow(hop, here.row).first().map_or(Value::Null, |row| row[at].clone()),
                }
            }
            ExprNode::Value(value) => value.clone(),
            ExprNode::Arith(op, a, b) => arith(*op, self.expr(a, here)?, self.expr(b, here)?, expr.kind)?,
            ExprNode::Func(func, args) => {
                let args: Row = args.iter().map(|a| self.expr(a, here)).collect::<Answer<_>>()?;
                call(*func, &args)
            }
            ExprNode::Case { arms, otherwise } => {
                let mut result = None;
                for (cond, value) in arms {
                    let value = self.expr(value, here)?;
                    if self.cond(cond, here)? == Some(true) && result.is_none() {
                        result = Some(value);
                    }
                }
                match (result, otherwise) {
                    (Some(value), _) => value,
                    (None, Some(otherwise)) => self.expr(otherwise, here)?,
                    (None, None) => Value::Null,
                }
            }
            ExprNode::Cond(cond) => self.cond(cond, here)?.map_or(Value::Null, Value::Bool),
            ExprNode::Aggregate { aggregate, of, distinct, filter } => {
                let mut values = Vec::new();
                for row in here.group {
                    let one = Here { row, group: &[], ..here };
                    let value = of.as_deref().map_or(Ok(Value::Int(1)), |of| self.expr(of, one))?;
                    let fits = filter.as_deref().map_or(Ok(Some(true)), |f| self.cond(f, one))?;
                    if fits == Some(true) {
                        values.push(value);
                    }
                }
                fold(*aggregate, values, *distinct, expr.kind)?
            }
            ExprNode::Related(related) => self.related(related, expr.kind, here)?,
            ExprNode::Subquery(select) => self.one_column(select, &here)?.into_iter().next().unwrap_or(Value::Null),
            ExprNode::Outer { levels, of, .. } => {
                let mut at = &here;
                for _ in 0..*levels {
                    at = at.outside.expect("a query outside");
                }
                self.expr(of, *at)?
            }
            ExprNode::Refused(words) => unreachable!("{words}"),
        })
    }

    fn related(&self, related: &Related, kind: Option<Kind>, here: Here<'_>) -> Answer<Value> {
        let inside = |row| Here { row, group: &[], outside: Some(&here) };
        let mut rows = Vec::new();
        for row in self.follow(related.hop, here.row) {
            if self.all(&related.filter, inside(row))? {
                rows.push(row);
            }
        }
        let mut rows = self.sorted(&related.order, rows, |order, row| self.expr(&order.expr, inside(row)))?;
        if let Some(limit) = related.limit {
            rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        }
        match &related.value {
            RelatedValue::First(of) => rows.first().map_or(Ok(Value::Null), |row| self.expr(of, inside(row))),
            RelatedValue::Aggregate(aggregate, of, distinct) => {
                let value = |row| of.as_ref().map_or(Ok(Value::Int(1)), |of| self.expr(of, inside(row)));
                let values = rows.into_iter().map(value).collect::<Answer<_>>()?;
                fold(*aggregate, values, *distinct, kind)
            }
        }
    }
}

fn related(select: &Select) -> Vec<&'static Hop> {
    orm_core::sql::Selected::related(select)
}

fn in_order(order: &Order, a: &Value, b: &Value) -> Ordering {
    let first = order.nulls == Some(Nulls::First);
    match (a.is_null(), b.is_null()) {
        (true, true) => Ordering::Equal,
        (true, false) => {
            if first {
                Ordering::Less
            } else {
                Ordering::Greater
            }
        }
        (false, true) => {
            if first {
                Ordering::Greater
            } else {
                Ordering::Less
            }
        }
        (false, false) => match order.direction {
            Direction::Asc => compare(a, b),
            Direction::Desc => compare(b, a),
        },
    }
}

fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Int(v) => Some(Number::from(*v)),
        Value::Decimal(v) => Some(*v),
        _ => None,
    }
}

/// Which of two values that are not NULL comes first.
fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Date(a), Value::Date(b)) => a.0.cmp(&b.0),
        _ => number(a).partial_cmp(&number(b)).unwrap_or_else(|| unreachable!("{a:?} is not compared with {b:?}")),
    }
}

fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Null => None,
        Value::Bool(value) => Some(*value),
        other => unreachable!("{other:?} is no truth value"),
    }
}

fn both(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn holds(lookup: Lookup, a: &Value, b: &Value) -> Option<bool> {
    if a.is_null() || b.is_null() {
        return None;
    }
    let texts = || match (a, b) {
        (Value::Text(a), Value::Text(b)) => (a.clone(), b.clone()),
        _ => unreachable!("{a:?} and {b:?} are no texts"),
    };
    let folded = || (texts().0.to_lowercase(), texts().1.to_lowercase());
    let order = || compare(a, b);
    Some(match lookup {
        Lookup::Eq => order().is_eq(),
        Lookup::Lt => order().is_lt(),
        Lookup::Le => order().is_le(),
        Lookup::Gt => order().is_gt(),
        Lookup::Ge => order().is_ge(),
        Lookup::IEq => folded().0 == folded().1,
        Lookup::Contains => texts().0.contains(texts().1.as_str()),
        Lookup::IContains => folded().0.contains(&folded().1),
        Lookup::StartsWith => texts().0.starts_with(texts().1.as_str()),
        Lookup::IStartsWith => folded().0.starts_with(&folded().1),
        Lookup::EndsWith => texts().0.ends_with(texts().1.as_str()),
        Lookup::IEndsWith => folded().0.ends_with(&folded().1),
    })
}

/// A sum or product, unless it grows beyond 32 bits, which is what some databases compute small integers in.
fn whole(value: Option<i64>) -> Answer<Value> {
    match value {
        Some(v) if i32::try_from(v).is_ok() => Ok(Value::Int(v)),
        _ => Err(TooLarge),
    }
}

/// A decimal, unless its digits at the scale that it is computed in are too many for 64 bits somewhere on the way.
fn exact(mantissa: i128, scale: u8, kind: Option<Kind>) -> Answer<Value> {
    let number = Number::new(mantissa, scale);
    let places = kind.and_then(Kind::places).unwrap_or(scale).max(scale);
    match number.at_scale(places + 4) {
        Some(digits) if digits.abs() < 10i128.pow(16) => Ok(Value::Decimal(number)),
        _ => Err(TooLarge),
    }
}

/// Half away from zero.
fn divided(dividend: i128, divisor: i128) -> i128 {
    let (dividend, divisor) = if divisor < 0 { (-dividend, -divisor) } else { (dividend, divisor) };
    let half = if dividend < 0 { -divisor } else { divisor };
    (2 * dividend + half) / (2 * divisor)
}

fn arith(op: Arith, a: Value, b: Value, kind: Option<Kind>) -> Answer<Value> {
    if let (Value::Int(a), Value::Int(b)) = (&a, &b)
        && !matches!(kind, Some(Kind::Decimal { .. }))
    {
        return match op {
            Arith::Add => whole(a.checked_add(*b)),
            Arith::Sub => whole(a.checked_sub(*b)),
            Arith::Mul => whole(a.checked_mul(*b)),
            Arith::Div | Arith::Mod if *b == 0 => Ok(Value::Null),
            Arith::Div => whole(Some(a / b)),
            Arith::Mod => whole(Some(a % b)),
        };
    }
    let (Some(a), Some(b)) = (number(&a), number(&b)) else { return Ok(Value::Null) };
    let scale = a.scale.max(b.scale);
    let (x, y) = (a.at_scale(scale).ok_or(TooLarge)?, b.at_scale(scale).ok_or(TooLarge)?);
    match op {
        Arith::Add => exact(x + y, scale, kind),
        Arith::Sub => exact(x - y, scale, kind),
        Arith::Mul => exact(a.mantissa.checked_mul(b.mantissa).ok_or(TooLarge)?, a.scale + b.scale, kind),
        Arith::Div | Arith::Mod if y == 0 => Ok(Value::Null),
        Arith::Mod => exact(x % y, scale, kind),
        Arith::Div => {
            let places = kind.and_then(Kind::places).unwrap_or(0);
            let grown = x.checked_mul(10i128.pow(u32::from(places))).ok_or(TooLarge)?;
            exact(divided(grown, y), places, kind)
        }
    }
}

fn call(func: Func, args: &[Value]) -> Value {
    if func == Func::Coalesce {
        return args.iter().find(|a| !a.is_null()).cloned().unwrap_or(Value::Null);
    }
    if func == Func::NullIf {
        let alike = !args[0].is_null() && !args[1].is_null() && compare(&args[0], &args[1]).is_eq();
        return if alike { Value::Null } else { args[0].clone() };
    }
    if args.iter().any(Value::is_null) {
        return Value::Null;
    }
    match (func, args) {
        (Func::Lower, [Value::Text(text)]) => Value::Text(text.to_lowercase().into()),
        (Func::Upper, [Value::Text(text)]) => Value::Text(text.to_uppercase().into()),
        (Func::Trim, [Value::Text(text)]) => Value::Text(text.trim_matches(' ').into()),
        (Func::Length, [Value::Text(text)]) => Value::Int(i64::try_from(text.chars().count()).unwrap_or(i64::MAX)),
        (Func::Concat, [Value::Text(a), Value::Text(b)]) => Value::Text(format!("{a}{b}").into()),
        (Func::Abs, [Value::Int(v)]) => Value::Int(v.abs()),
        (Func::Abs, [Value::Decimal(v)]) => Value::Decimal(Number::new(v.mantissa.abs(), v.scale)),
        (Func::Round, [Value::Int(v)]) => Value::Int(*v),
        (Func::Round, [Value::Decimal(v)]) => {
            Value::Decimal(Number::new(divided(v.mantissa, 10i128.pow(u32::from(v.scale))), 0))
        }
        (Func::Greatest, [a, b]) => {
            if compare(a, b).is_ge() {
                a.clone()
            } else {
                b.clone()
            }
        }
        (Func::Least, [a, b]) => {
            if compare(a, b).is_le() {
                a.clone()
            } else {
                b.clone()
            }
        }
        (Func::Part(part), [Value::Date(date)]) => {
            let (year, month, day) = date.ymd();
            Value::Int(match part {
                Part::Year => i64::from(year),
                Part::Month => i64::from(month),
                Part::Day => i64::from(day),
                Part::Quarter => i64::from(month.div_ceil(3)),
                other => unreachable!("no query has {other:?}"),
            })
        }
        (Func::Truncate(part), [Value::Date(date)]) => {
            let (year, month, _) = date.ymd();
            let month = if part == Part::Year { 1 } else { month };
            Date::from_ymd(year, month, 1).map_or(Value::Null, Value::Date)
        }
        other => unreachable!("no query has {other:?}"),
    }
}

fn fold(aggregate: Aggregate, mut values: Vec<Value>, distinct: bool, kind: Option<Kind>) -> Answer<Value> {
    values.retain(|v| !v.is_null());
    if distinct {
        let mut once: Vec<Value> = Vec::new();
        for value in values {
            if !once.iter().any(|v| compare(v, &value).is_eq()) {
                once.push(value);
            }
        }
        values = once;
    }
    let count = values.len();
    Ok(match aggregate {
        Aggregate::Count => Value::Int(i64::try_from(count).unwrap_or(i64::MAX)),
        Aggregate::Min => values.into_iter().min_by(compare).unwrap_or(Value::Null),
        Aggregate::Max => values.into_iter().max_by(compare).unwrap_or(Value::Null),
        Aggregate::Sum => {
            let mut values = values.into_iter();
            let Some(first) = values.next() else { return Ok(Value::Null) };
            values.try_fold(first, |sum, value| arith(Arith::Add, sum, value, kind))?
        }
        Aggregate::Avg => {
            let sum = fold(Aggregate::Sum, values, false, kind)?;
            arith(Arith::Div, sum, Value::Int(i64::try_from(count).unwrap_or(i64::MAX)), kind)?
        }
    })
}
