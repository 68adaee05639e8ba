//! Expressions: what has a value for a row, or for the rows of a query.

use std::sync::Arc;

use super::{Cond, Func, Order, Select};
use crate::meta::{FieldMeta, Hop, ModelMeta};
use crate::value::{Kind, Value};

/// How deep and large a tree may grow.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Nested nodes.
    pub depth: u32,
    /// Nodes in all.
    pub size: u32,
}

/// The limits of every statement.
pub const LIMITS: Limits = Limits { depth: 200, size: 20_000 };

/// Depth and size of a node with all below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Weight {
    /// Nested nodes.
    pub depth: u32,
    /// Nodes in all.
    pub size: u32,
}

impl Weight {
    /// The weight of a node without others below it.
    pub const LEAF: Weight = Weight { depth: 1, size: 1 };

    /// The weight of a node above some others.
    pub fn above(parts: impl IntoIterator<Item = Weight>) -> Weight {
        let mut weight = Weight::LEAF;
        for part in parts {
            weight.depth = weight.depth.max(part.depth.saturating_add(1));
            weight.size = weight.size.saturating_add(part.size);
        }
        weight
    }

    /// What is wrong with it, if anything.
    pub fn excess(self) -> Option<String> {
        if self.depth > LIMITS.depth {
            Some(format!("the query nests deeper than {} levels", LIMITS.depth))
        } else if self.size > LIMITS.size {
            Some(format!("the query has more than {} terms; give a list to `is_in` instead", LIMITS.size))
        } else {
            None
        }
    }
}

/// An expression: a node with what is known of it.
#[derive(Debug, Clone)]
pub struct Expr {
    /// The node.
    pub node: ExprNode,
    /// What it holds; `None` for a value that takes its kind from what it is compared with.
    pub kind: Option<Kind>,
    /// Whether it may be NULL.
    pub null: bool,
    /// Its depth and size.
    pub weight: Weight,
}

/// The kinds of expressions.
#[derive(Debug, Clone)]
pub enum ExprNode {
    /// A column of the root, or of a model that to-one steps (or `each()`) lead to.
    Column {
        /// The steps from the root.
        hop: Option<&'static Hop>,
        /// The model whose column it is.
        model: &'static ModelMeta,
        /// The column.
        field: &'static FieldMeta,
    },
    /// A bound value.
    Value(Value),
    /// Arithmetic.
    Arith(Arith, Box<Expr>, Box<Expr>),
    /// A function.
    Func(Func, Vec<Expr>),
    /// `CASE WHEN … THEN … ELSE … END`
    Case {
        /// Conditions with their values.
        arms: Vec<(Cond, Expr)>,
        /// The value if none is true; NULL without one.
        otherwise: Option<Box<Expr>>,
    },
    /// A condition as a value.
    Cond(Box<Cond>),
    /// An aggregate over the rows of the query.
    Aggregate {
        /// Which.
        aggregate: Aggregate,
        /// Of what; `None` counts rows.
        of: Option<Box<Expr>>,
        /// Equal values count once.
        distinct: bool,
        /// Only these rows.
        filter: Option<Box<Cond>>,
    },
    /// A scalar computed from the related rows of this row, on its own.
    Related(Box<Related>),
    /// A query that gives one column and at most one row.
    Subquery(Arc<Select>),
    /// A column or expression of the query outside, `levels` above this one.
    Outer {
        /// 1 for the query directly outside.
        levels: u32,
        /// The model that must be the root there.
        model: &'static ModelMeta,
        /// What of it.
        of: Box<Expr>,
    },
    /// A tree that exceeded the limits; lowering it is an error with these words.
    Refused(Arc<str>),
}

/// `+ - * / %`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Arith {
    /// Sum.
    Add,
    /// Difference.
    Sub,
    /// Product.
    Mul,
    /// Quotient: of integers cut off toward zero, of decimals with four more places; NULL for a divisor of zero.
    Div,
    /// Remainder with the dividend's sign; NULL for a divisor of zero.
    Mod,
}

/// Functions over many rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Aggregate {
    /// How many (of a column: how many are not NULL).
    Count,
    /// Their sum; NULL of none.
    Sum,
    /// Their average; of integers a float, of decimals four more places, half away from zero.
    Avg,
    /// The least.
    Min,
    /// The greatest.
    Max,
}

/// A scalar from related rows: the rows at the end of a path, narrowed, and what is asked of them.
#[derive(Debug, Clone)]
pub struct Related {
    /// The steps from the root, through at least one to-many step.
    pub hop: &'static Hop,
    /// Conditions on the related row (their root is the related model).
    pub filter: Vec<Cond>,
    /// Its order, for `First`.
    pub order: Vec<Order>,
    /// How many of them at most (an aggregate is then over these).
    pub limit: Option<u64>,
    /// What is asked.
    pub value: RelatedValue,
}

/// What is asked of related rows.
#[derive(Debug, Clone)]
pub enum RelatedValue {
    /// An aggregate; `None` counts rows. Expressions have the related model as their root.
    Aggregate(Aggregate, Option<Expr>, /** distinct */ bool),
    /// An expression of the first of them.
    First(Expr),
}

impl Expr {
    /// A node with the weight of its parts, or a refusal if they weigh too much.
    pub fn new(node: ExprNode, kind: Option<Kind>, null: bool, parts: impl IntoIterator<Item = Weight>) -> Expr {
        let weight = Weight::above(parts);
        match weight.excess() {
            None => Expr { node, kind, null, weight },
            Some(words) => Expr::refused(&words),
        }
    }

    /// An expression that lowering refuses, with these words.
    pub fn refused(words: &str) -> Expr {
        Expr { node: ExprNode::Refused(words.into()), kind: None, null: true, weight: Weight::LEAF }
    }

    /// A column; `null` adds to the field's own nullability that of the steps.
    pub fn column(hop: Option<&'static Hop>, model: &'static ModelMeta, field: &'static FieldMeta, null: bool) -> Expr {
        Expr::new(ExprNode::Column { hop, model, field }, Some(field.kind), null || field.null, [])
    }

    /// A value that takes the kind of what it is compared with.
    #[inline]
    pub fn value(value: Value) -> Expr {
        let null = value.is_null();
        Expr { node: ExprNode::Value(value), kind: None, null, weight: Weight::LEAF }
    }

    /// A value of a kind.
    pub fn typed(value: Value, kind: Kind) -> Expr {
        let kind = exact(&value, kind);
        Expr { kind: Some(kind), ..Expr::value(value) }
    }

    /// The expression, with this kind if it had none.
    #[must_use]
    #[inline]
    pub fn or_kind(mut self, kind: Option<Kind>) -> Expr {
        self.kind = self.kind.or(kind);
        self
    }

    /// As [`Expr::or_kind`], but a decimal value keeps its own places, as arithmetic needs them.
    fn or_exact(self, kind: Option<Kind>) -> Expr {
        match (&self.node, self.kind, kind) {
            (ExprNode::Value(value), None, Some(kind)) => {
                let kind = exact(value, kind);
                Expr { kind: Some(kind), ..self }
            }
            _ => self.or_kind(kind),
        }
    }

    /// Arithmetic on two expressions.
    pub fn arith(op: Arith, left: Expr, right: Expr) -> Expr {
        let (lk, rk) = (left.kind, right.kind);
        let left = left.or_exact(rk);
        let right = right.or_exact(lk);
        let null = left.null || right.null || matches!(op, Arith::Div | Arith::Mod);
        let kind = arith_kind(op, left.kind, right.kind);
        let parts = [left.weight, right.weight];
        Expr::new(ExprNode::Arith(op, Box::new(left), Box::new(right)), kind, null, parts)
    }

    /// A function of expressions.
    pub fn func(func: Func, args: Vec<Expr>) -> Expr {
        let first = args.iter().find_map(|a| a.kind);
        let args: Vec<Expr> = match func {
            Func::Coalesce | Func::NullIf | Func::Greatest | Func::Least => {
                args.into_iter().map(|a| a.or_exact(first)).collect()
            }
            Func::Concat => args.into_iter().map(|a| a.or_kind(Some(Kind::TEXT))).collect(),
            _ => args,
        };
        let (kind, null) = kind_of(func, &args);
        let parts: Vec<Weight> = args.iter().map(|a| a.weight).collect();
        Expr::new(ExprNode::Func(func, args), kind, null, parts)
    }

    /// `CASE`; the arms' values take the kind of the first that has one.
    pub fn case(arms: Vec<(Cond, Expr)>, otherwise: Option<Expr>) -> Expr {
        let kind = arms.iter().map(|(_, e)| e).chain(&otherwise).filter_map(|e| e.kind).reduce(wider);
        let arms: Vec<(Cond, Expr)> = arms.into_iter().map(|(c, e)| (c, e.or_exact(kind))).collect();
        let otherwise = otherwise.map(|e| e.or_exact(kind));
        let kind = arms.iter().map(|(_, e)| e).chain(&otherwise).filter_map(|e| e.kind).reduce(wider);
        let null = otherwise.as_ref().is_none_or(|e| e.null) || arms.iter().any(|(_, e)| e.null);
        let parts: Vec<Weight> =
            arms.iter().flat_map(|(c, e)| [c.weight, e.weight]).chain(otherwise.iter().map(|e| e.weight)).collect();
        Expr::new(ExprNode::Case { arms, otherwise: otherwise.map(Box::new) }, kind, null, parts)
    }

    /// A condition as a value.
    pub fn cond(cond: Cond) -> Expr {
        let (null, weight) = (cond.null, cond.weight);
        Expr::new(ExprNode::Cond(Box::new(cond)), Some(Kind::Bool), null, [weight])
    }

    /// An aggregate over the rows of the query; `None` counts rows.
    pub fn aggregate(aggregate: Aggregate, of: Option<Expr>, distinct: bool, filter: Option<Cond>) -> Expr {
        let kind = aggregate_kind(aggregate, of.as_ref().and_then(|e| e.kind));
        let parts: Vec<Weight> = of.iter().map(|e| e.weight).chain(filter.iter().map(|c| c.weight)).collect();
        let node = ExprNode::Aggregate { aggregate, of: of.map(Box::new), distinct, filter: filter.map(Box::new) };
        Expr::new(node, kind, aggregate != Aggregate::Count, parts)
    }

    /// A scalar from related rows.
    pub fn related(related: Related) -> Expr {
        let (kind, null, weight) = match &related.value {
            RelatedValue::Aggregate(aggregate, of, _) => (
                aggregate_kind(*aggregate, of.as_ref().and_then(|e| e.kind)),
                *aggregate != Aggregate::Count,
                of.as_ref().map(|e| e.weight),
            ),
            RelatedValue::First(of) => (of.kind, true, Some(of.weight)),
        };
        let parts: Vec<Weight> = weight
            .into_iter()
            .chain(related.filter.iter().map(|c| c.weight))
            .chain(related.order.iter().map(|o| o.expr.weight))
            .collect();
        Expr::new(ExprNode::Related(Box::new(related)), kind, null, parts)
    }

    /// A query as a scalar.
    pub fn subquery(select: Select) -> Expr {
        let kind = select.scalar_kind();
        let weight = select.weight();
        Expr::new(ExprNode::Subquery(Arc::new(select)), kind, true, [weight])
    }

    /// A column or expression of the query outside.
    pub fn outer(model: &'static ModelMeta, of: Expr) -> Expr {
        let (kind, null, weight) = (of.kind, of.null, of.weight);
        let node = match of.node {
            ExprNode::Outer { levels, model, of } => ExprNode::Outer { levels: levels + 1, model, of },
            _ => ExprNode::Outer { levels: 1, model, of: Box::new(of) },
        };
        Expr::new(node, kind, null, [weight])
    }

    /// Whether it aggregates the rows of the query.
    pub fn is_aggregate(&self) -> bool {
        match &self.node {
            ExprNode::Aggregate { .. } => true,
            ExprNode::Arith(_, a, b) => a.is_aggregate() || b.is_aggregate(),
            ExprNode::Func(_, args) => args.iter().any(Expr::is_aggregate),
            ExprNode::Case { arms, otherwise } => {
                arms.iter().any(|(_, e)| e.is_aggregate()) || otherwise.as_ref().is_some_and(|e| e.is_aggregate())
            }
            ExprNode::Column { .. }
            | ExprNode::Value(_)
            | ExprNode::Cond(_)
            | ExprNode::Related(_)
            | ExprNode::Subquery(_)
            | ExprNode::Outer { .. }
            | ExprNode::Refused(_) => false,
        }
    }
}

/// A decimal value keeps its own places, an integer among decimals has none.
fn exact(value: &Value, kind: Kind) -> Kind {
    match (value, kind) {
        (Value::Decimal(n), Kind::Decimal { digits, .. }) => Kind::Decimal { digits, places: n.normalized().scale },
        (Value::Int(_), Kind::Decimal { .. }) => Kind::Int64,
        _ => kind,
    }
}

const DIGITS: u8 = 38;

fn arith_kind(op: Arith, left: Option<Kind>, right: Option<Kind>) -> Option<Kind> {
    let (left, right) = (left?, right?);
    if left == Kind::Float64 || right == Kind::Float64 {
        return Some(Kind::Float64);
    }
    let (Some(lp), Some(rp)) = (left.places(), right.places()) else { return Some(left) };
    if !matches!(left, Kind::Decimal { .. }) && !matches!(right, Kind::Decimal { .. }) {
        return Some(wider(left, right));
    }
    let places = match op {
        Arith::Add | Arith::Sub | Arith::Mod => lp.max(rp),
        Arith::Mul => lp.saturating_add(rp),
        Arith::Div => lp.saturating_add(4),
    };
    Some(Kind::Decimal { digits: DIGITS, places })
}

/// The kind that holds both.
fn wider(a: Kind, b: Kind) -> Kind {
    match (a.places(), b.places()) {
        (Some(x), Some(y)) if matches!(a, Kind::Decimal { .. }) || matches!(b, Kind::Decimal { .. }) => {
            Kind::Decimal { digits: DIGITS, places: x.max(y) }
        }
        (Some(_), Some(_)) => Kind::Int64,
        _ => a,
    }
}

fn aggregate_kind(aggregate: Aggregate, of: Option<Kind>) -> Option<Kind> {
    match (aggregate, of) {
        (Aggregate::Count, _) => Some(Kind::Int64),
        (Aggregate::Min | Aggregate::Max, kind) => kind,
        (Aggregate::Sum, Some(Kind::Int16 | Kind::Int32)) => Some(Kind::Int64),
        (Aggregate::Sum, Some(Kind::Decimal { places, .. })) => Some(Kind::Decimal { digits: DIGITS, places }),
        (Aggregate::Sum, kind) => kind,
        (Aggregate::Avg, Some(Kind::Decimal { places, .. })) => {
            Some(Kind::Decimal { digits: DIGITS, places: places.saturating_add(4) })
        }
        (Aggregate::Avg, Some(Kind::Duration)) => Some(Kind::Duration),
        (Aggregate::Avg, _) => Some(Kind::Float64),
    }
}

/// What a function gives, and whether that may be NULL.
fn kind_of(func: Func, args: &[Expr]) -> (Option<Kind>, bool) {
    let any_null = args.iter().any(|a| a.null);
    let widest = || args.iter().filter_map(|a| a.kind).reduce(wider);
    match func {
        Func::Lower | Func::Upper | Func::Trim | Func::Concat => (Some(Kind::TEXT), any_null),
        Func::Length => (Some(Kind::Int64), any_null),
        Func::Coalesce => (widest(), args.iter().all(|a| a.null)),
        Func::NullIf => (args.first().and_then(|a| a.kind), true),
        Func::Abs => (args.first().and_then(|a| a.kind), any_null),
        Func::Round => match args.first().and_then(|a| a.kind) {
            Some(Kind::Decimal { digits, .. }) => (Some(Kind::Decimal { digits, places: 0 }), any_null),
            kind => (kind, any_null),
        },
        Func::Greatest | Func::Least => (widest(), any_null),
        Func::Part(_) => (Some(Kind::Int64), any_null),
        Func::ToDate => (Some(Kind::Date), any_null),
        Func::Truncate(_) => (args.first().and_then(|a| a.kind), any_null),
        Func::Now => (Some(Kind::Timestamp), false),
        Func::Random => (Some(Kind::Float64), false),
    }
}
