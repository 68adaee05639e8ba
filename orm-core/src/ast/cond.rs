//! Conditions: what is true, false or unknown of a row.

use std::sync::Arc;

use super::{Expr, ExprNode, Select, Weight};
use crate::meta::Hop;
use crate::value::{Kind, Value};

/// A condition: a node with what is known of it.
#[derive(Debug, Clone)]
pub struct Cond {
    /// The node.
    pub node: CondNode,
    /// Whether it may be unknown (NULL).
    pub null: bool,
    /// Its depth and size.
    pub weight: Weight,
}

/// The kinds of conditions. Negation is two-valued: `Not(q)` is "q is not true".
#[derive(Debug, Clone)]
pub enum CondNode {
    /// Always true or never.
    Const(bool),
    /// All are true.
    And(Vec<Cond>),
    /// One is true.
    Or(Vec<Cond>),
    /// Exactly one is true.
    Xor(Box<Cond>, Box<Cond>),
    /// It is not true: false or unknown.
    Not(Box<Cond>),
    /// It is unknown.
    IsUnknown(Box<Cond>),
    /// A named comparison.
    Lookup(Lookup, Box<Expr>, Box<Expr>),
    /// NULL.
    IsNull(Box<Expr>),
    /// One of a list ([`Value::List`] in a value) or of a subquery's rows. NULLs in either are ignored.
    In(Box<Expr>, Box<Expr>),
    /// Between two bounds, both included.
    Range(Box<Expr>, Box<Expr>, Box<Expr>),
    /// A boolean expression.
    Bool(Box<Expr>),
    /// Something about the related rows of this row.
    Quantified {
        /// What.
        quantifier: Quantifier,
        /// The steps from the root, through at least one to-many step.
        hop: &'static Hop,
        /// Conditions that narrow the related rows (their root is the related model).
        filter: Vec<Cond>,
        /// The condition on each, with the same root.
        cond: Option<Box<Cond>>,
    },
    /// The query has a row.
    Exists(Arc<Select>),
}

/// A named comparison of two expressions. Adding one: a variant here, a spelling in each dialect, a method on columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lookup {
    /// Equal (text: exactly).
    Eq,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
    /// Equal, whatever the case.
    IEq,
    /// Holds the text.
    Contains,
    /// Holds the text, whatever the case.
    IContains,
    /// Starts with the text.
    StartsWith,
    /// Starts with the text, whatever the case.
    IStartsWith,
    /// Ends with the text.
    EndsWith,
    /// Ends with the text, whatever the case.
    IEndsWith,
}

/// What is said of related rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quantifier {
    /// At least one for which the condition is true (or at least one, without a condition).
    Any,
    /// None for which it is true.
    None,
    /// None for which it is not true (which is always so without a condition).
    All,
}

impl Cond {
    fn new(node: CondNode, null: bool, parts: impl IntoIterator<Item = Weight>) -> Cond {
        let weight = Weight::above(parts);
        match weight.excess() {
            None => Cond { node, null, weight },
            Some(words) => Cond::refused(&words),
        }
    }

    /// A condition that lowering refuses, with these words.
    pub fn refused(words: &str) -> Cond {
        let refused = Expr::refused(words);
        Cond { node: CondNode::Bool(Box::new(refused)), null: true, weight: Weight::LEAF }
    }

    /// Always true or never.
    pub fn constant(value: bool) -> Cond {
        Cond::new(CondNode::Const(value), false, [])
    }

    /// Whether it is a constant, and which.
    pub fn as_constant(&self) -> Option<bool> {
        match self.node {
            CondNode::Const(value) => Some(value),
            _ => None,
        }
    }

    /// Both are true; chains stay flat.
    #[must_use]
    pub fn and(self, other: Cond) -> Cond {
        Cond::join(self, other, true)
    }

    /// One is true; chains stay flat.
    #[must_use]
    pub fn or(self, other: Cond) -> Cond {
        Cond::join(self, other, false)
    }

    fn join(a: Cond, b: Cond, all: bool) -> Cond {
        match (a.as_constant(), b.as_constant()) {
            (Some(v), _) => return if v == all { b } else { a },
            (_, Some(v)) => return if v == all { a } else { b },
            _ => {}
        }
        let null = a.null || b.null;
        let (wa, wb) = (a.weight, b.weight);
        let open = |c: Cond| match c.node {
            CondNode::And(list) if all => (list, true),
            CondNode::Or(list) if !all => (list, true),
            node => (vec![Cond { node, ..c }], false),
        };
        let ((mut list, flat_a), (mut tail, flat_b)) = (open(a), open(b));
        list.append(&mut tail);
        // A list that grew keeps its own level.
        let depth = (wa.depth + u32::from(!flat_a)).max(wb.depth + u32::from(!flat_b));
        let weight = Weight { depth, size: wa.size.saturating_add(wb.size).saturating_add(1) };
        if let Some(words) = weight.excess() {
            return Cond::refused(&words);
        }
        Cond { node: if all { CondNode::And(list) } else { CondNode::Or(list) }, null, weight }
    }

    /// All are true; none given is true.
    pub fn all_of(list: impl IntoIterator<Item = Cond>) -> Cond {
        list.into_iter().fold(Cond::constant(true), Cond::and)
    }

    /// One is true; none given is false.
    pub fn any_of(list: impl IntoIterator<Item = Cond>) -> Cond {
        list.into_iter().fold(Cond::constant(false), Cond::or)
    }

    /// Exactly one is true.
    #[must_use]
    pub fn xor(self, other: Cond) -> Cond {
        let parts = [self.weight, other.weight];
        Cond::new(CondNode::Xor(Box::new(self), Box::new(other)), false, parts)
    }

    /// It is not true.
    #[must_use]
    #[allow(clippy::should_implement_trait)]
    pub fn not(self) -> Cond {
        match self.node {
            CondNode::Const(value) => Cond::constant(!value),
            // The negation of a negation is the condition itself: a negation is never unknown, so only truth counts.
            CondNode::Not(inner) if !inner.null => *inner,
            node => {
                let weight = self.weight;
                Cond::new(CondNode::Not(Box::new(Cond { node, ..self })), false, [weight])
            }
        }
    }

    /// It is unknown.
    #[must_use]
    pub fn is_unknown(self) -> Cond {
        if !self.null {
            return Cond::constant(false);
        }
        let weight = self.weight;
        Cond::new(CondNode::IsUnknown(Box::new(self)), false, [weight])
    }

    /// A comparison; a NULL given as a value to `Eq` asks for NULL.
    pub fn lookup(lookup: Lookup, left: Expr, right: Expr) -> Cond {
        if lookup == Lookup::Eq {
            if matches!(right.node, ExprNode::Value(Value::Null)) {
                return Cond::is_null(left);
            }
            if matches!(left.node, ExprNode::Value(Value::Null)) {
                return Cond::is_null(right);
            }
        }
        let (lk, rk) = (left.kind, right.kind);
        let left = left.or_kind(rk);
        let right = right.or_kind(lk);
        let null = left.null || right.null;
        let parts = [left.weight, right.weight];
        Cond::new(CondNode::Lookup(lookup, Box::new(left), Box::new(right)), null, parts)
    }

    /// It is NULL.
    pub fn is_null(expr: Expr) -> Cond {
        if !expr.null {
            return Cond::constant(false);
        }
        let weight = expr.weight;
        Cond::new(CondNode::IsNull(Box::new(expr)), false, [weight])
    }

    /// It is one of a list or of a subquery's rows.
    pub fn is_in(left: Expr, set: Expr) -> Cond {
        let set = match set.node {
            ExprNode::Value(Value::List(mut list)) => {
                list.retain(|v| !v.is_null());
                if list.is_empty() {
                    return Cond::constant(false);
                }
                Expr { node: ExprNode::Value(Value::List(list)), ..set }
            }
            node => Expr { node, ..set },
        };
        let set = set.or_kind(left.kind);
        let null = left.null;
        let parts = [left.weight, set.weight];
        Cond::new(CondNode::In(Box::new(left), Box::new(set)), null, parts)
    }

    /// It lies between two bounds, both included.
    pub fn range(expr: Expr, low: Expr, high: Expr) -> Cond {
        let kind = expr.kind;
        let (low, high) = (low.or_kind(kind), high.or_kind(kind));
        let null = expr.null || low.null || high.null;
        let parts = [expr.weight, low.weight, high.weight];
        Cond::new(CondNode::Range(Box::new(expr), Box::new(low), Box::new(high)), null, parts)
    }

    /// A boolean expression is true.
    pub fn boolean(expr: Expr) -> Cond {
        let (null, weight) = (expr.null, expr.weight);
        Cond::new(CondNode::Bool(Box::new(expr.or_kind(Some(Kind::Bool)))), null, [weight])
    }

    /// Something about related rows.
    pub fn quantified(quantifier: Quantifier, hop: &'static Hop, filter: Vec<Cond>, cond: Option<Cond>) -> Cond {
        if quantifier == Quantifier::All && cond.is_none() {
            return Cond::constant(true);
        }
        let parts: Vec<Weight> = filter.iter().chain(&cond).map(|c| c.weight).collect();
        let node = CondNode::Quantified { quantifier, hop, filter, cond: cond.map(Box::new) };
        Cond::new(node, false, parts)
    }

    /// The query has a row.
    pub fn exists(select: Select) -> Cond {
        let weight = select.weight();
        Cond::new(CondNode::Exists(Arc::new(select)), false, [weight])
    }
}
