//! Conditions to text. Negation is two-valued; the plain operators are used wherever no NULL can arise.

use super::Encode;
use super::expr::{Lower, exacter, natural};
use super::render::fill;
use crate::ast::{Cond, CondNode, Expr, ExprNode, Lookup, Quantifier};
use crate::error::{Error, Result};
use crate::meta::Hop;
use crate::value::{Kind, Value};

impl Lower {
    /// A condition; what it gives may stand behind AND, OR and NOT as it is.
    pub(super) fn cond(&mut self, cond: &Cond) -> Result<String> {
        match &cond.node {
            CondNode::Const(true) => Ok(String::from("1 = 1")),
            CondNode::Const(false) => Ok(String::from("1 = 0")),
            CondNode::And(list) => self.joined(list, " AND "),
            CondNode::Or(list) => self.joined(list, " OR "),
            CondNode::Xor(a, b) => {
                let (a, b) = (self.truth(a)?, self.truth(b)?);
                Ok(format!("({a} <> {b})"))
            }
            CondNode::Not(inner) => {
                if let CondNode::IsNull(expr) = &inner.node {
                    return Ok(format!("({} IS NOT NULL)", self.expr(expr)?));
                }
                let text = self.cond(inner)?;
                Ok(negated(&text, inner.null))
            }
            CondNode::IsUnknown(inner) => Ok(format!("(({}) IS NULL)", self.cond(inner)?)),
            CondNode::Lookup(lookup, a, b) => self.lookup(*lookup, a, b),
            CondNode::IsNull(expr) => Ok(format!("({} IS NULL)", self.expr(expr)?)),
            CondNode::In(expr, set) => self.is_in(expr, set),
            CondNode::Range(expr, low, high) => {
                // A value takes the scale of what it bounds, as in a comparison.
                let computed = [low, high].into_iter().filter(|e| !matches!(e.node, ExprNode::Value(_)));
                let kind = computed.fold(expr.kind, |kind, bound| exacter(kind, bound.kind));
                let text = self.expr_as(expr, kind)?;
                let (low, high) = (self.operand(low, kind)?, self.operand(high, kind)?);
                Ok(format!("({text} BETWEEN {low} AND {high})"))
            }
            CondNode::Bool(expr) => self.expr(expr),
            CondNode::Quantified { quantifier, hop, filter, cond } => {
                self.quantified(*quantifier, hop, filter, cond.as_deref())
            }
            CondNode::Exists(select) => {
                if select.is_empty() {
                    return Ok(String::from("1 = 0"));
                }
                Ok(format!("EXISTS ({}{})", self.exists(select)?, self.one_row()))
            }
        }
    }

    fn joined(&mut self, list: &[Cond], by: &str) -> Result<String> {
        let mut texts = Vec::with_capacity(list.len());
        for cond in list {
            texts.push(self.cond(cond)?);
        }
        Ok(balanced(&texts, by))
    }

    /// A condition as a value that is never NULL.
    fn truth(&mut self, cond: &Cond) -> Result<String> {
        let text = self.cond(cond)?;
        Ok(if cond.null { format!("(({text}) IS TRUE)") } else { format!("({text})") })
    }

    fn lookup(&mut self, lookup: Lookup, a: &Expr, b: &Expr) -> Result<String> {
        let op = match lookup {
            Lookup::Eq => "=",
            Lookup::Lt => "<",
            Lookup::Le => "<=",
            Lookup::Gt => ">",
            Lookup::Ge => ">=",
            Lookup::IEq
            | Lookup::Contains
            | Lookup::IContains
            | Lookup::StartsWith
            | Lookup::IStartsWith
            | Lookup::EndsWith
            | Lookup::IEndsWith => return self.text_lookup(lookup, a, b),
        };
        let (left, right) = self.pair(a, b)?;
        Ok(format!("{left} {op} {right}"))
    }

    fn text_lookup(&mut self, lookup: Lookup, a: &Expr, b: &Expr) -> Result<String> {
        let left = self.operand(a, Some(Kind::TEXT))?;
        let (right, constant) = match &b.node {
            ExprNode::Value(value @ (Value::Text(_) | Value::Null)) => {
                (self.bind_value(value, Kind::TEXT, Encode::Pattern(lookup)), true)
            }
            _ => (self.expr(b)?, false),
        };
        let template = self
            .dialect
            .lookup(lookup, constant)
            .ok_or_else(|| Error::unsupported(format!("{} has no lookup `{lookup:?}`", self.dialect.name())))?;
        Ok(format!("({})", fill(template, &[&left, &right])))
    }

    fn is_in(&mut self, expr: &Expr, set: &Expr) -> Result<String> {
        if let ExprNode::Subquery(select) = &set.node {
            if select.is_empty() {
                return Ok(String::from("1 = 0"));
            }
            let kind = exacter(expr.kind, select.scalar_kind());
            let left = self.expr_as(expr, kind)?;
            let rows = self.set_of(select, kind)?;
            return Ok(format!("{left} IN ({rows})"));
        }
        let ExprNode::Value(value) = &set.node else {
            let (left, right) = self.pair(expr, set)?;
            return Ok(format!("{left} = {right}"));
        };
        let Value::List(list) = value else {
            return Err(Error::invalid_query("`is_in` takes a list or a subquery"));
        };
        let kind = match expr.kind.or(set.kind) {
            Some(kind) => kind,
            None => natural(value),
        };
        let left = match &expr.node {
            ExprNode::Value(value) => self.value(value, kind),
            _ => self.operand(expr, Some(kind))?,
        };
        Ok(self.in_keys(&left, list.len(), kind, |lower, encode| lower.bind_value(value, kind, encode)))
    }

    fn quantified(
        &mut self,
        quantifier: Quantifier,
        hop: &'static Hop,
        filter: &[Cond],
        cond: Option<&Cond>,
    ) -> Result<String> {
        let exists = match (quantifier, cond) {
            (Quantifier::All, Some(cond)) => self.chain(hop, filter, None, |lower, from, wheres| {
                let text = lower.cond(cond)?;
                let text = negated(&text, cond.null);
                Ok(format!("SELECT 1 FROM {}{} AND {text}", from(lower), wheres.text()))
            })?,
            _ => self.chain(hop, filter, cond, |lower, from, wheres| {
                Ok(format!("SELECT 1 FROM {}{}", from(lower), wheres.text()))
            })?,
        };
        let not = match quantifier {
            Quantifier::Any => "",
            Quantifier::None | Quantifier::All => "NOT ",
        };
        Ok(format!("{not}EXISTS ({exists}{})", self.one_row()))
    }

    /// What ends an EXISTS.
    fn one_row(&self) -> &'static str {
        if self.scopes[self.at].bounded { " LIMIT 1" } else { "" }
    }

    /// Notes the steps without which a condition cannot be true, so that they may join INNER.
    pub(super) fn require(&mut self, cond: &Cond) {
        match &cond.node {
            CondNode::And(list) => list.iter().for_each(|c| self.require(c)),
            CondNode::Lookup(_, a, b) => {
                self.require_expr(a);
                self.require_expr(b);
            }
            CondNode::In(expr, _) | CondNode::Range(expr, _, _) | CondNode::Bool(expr) => self.require_expr(expr),
            CondNode::Not(inner) => {
                if let CondNode::IsNull(expr) = &inner.node {
                    self.require_expr(expr);
                }
            }
            CondNode::Const(_)
            | CondNode::Or(_)
            | CondNode::Xor(..)
            | CondNode::IsUnknown(_)
            | CondNode::IsNull(_)
            | CondNode::Quantified { .. }
            | CondNode::Exists(_) => {}
        }
    }

    fn require_expr(&mut self, expr: &Expr) {
        match &expr.node {
            ExprNode::Column { hop: Some(hop), .. } => {
                let at = self.at;
                self.scopes[at].required.push(hop);
            }
            ExprNode::Arith(_, a, b) => {
                self.require_expr(a);
                self.require_expr(b);
            }
            ExprNode::Column { hop: None, .. }
            | ExprNode::Func(..)
            | ExprNode::Value(_)
            | ExprNode::Case { .. }
            | ExprNode::Cond(_)
            | ExprNode::Aggregate { .. }
            | ExprNode::Related(_)
            | ExprNode::Subquery(_)
            | ExprNode::Outer { .. }
            | ExprNode::Refused(_) => {}
        }
    }
}

/// Texts in a chain. Databases read a chain as a tree of its length, and SQLite takes a thousand levels at most, so
/// that a long one is written as a tree of little depth.
fn balanced(texts: &[String], by: &str) -> String {
    const CHAIN: usize = 100;
    if texts.len() <= CHAIN {
        return format!("({})", texts.join(by));
    }
    let (left, right) = texts.split_at(texts.len() / 2);
    format!("({}{by}{})", balanced(left, by), balanced(right, by))
}

/// "It is not true": the plain NOT where the condition is never NULL.
fn negated(text: &str, null: bool) -> String {
    if null { format!("(({text}) IS NOT TRUE)") } else { format!("(NOT ({text}))") }
}
