//! Statements: select, insert, update, delete, and what is loaded beside them.

use super::{Cond, Expr, Weight};
use crate::meta::{FieldMeta, Hop, ModelMeta};
use crate::value::{Kind, Value};

/// A query.
#[derive(Debug, Clone)]
pub struct Select {
    /// The root.
    pub model: &'static ModelMeta,
    /// All are true.
    pub filter: Vec<Cond>,
    /// What each row of the result holds, from left to right.
    pub outputs: Vec<Output>,
    /// Its order; `None` takes the model's own.
    pub order: Option<Vec<Order>>,
    /// At most so many rows.
    pub limit: Option<u64>,
    /// Without the first so many rows.
    pub offset: Option<u64>,
    /// Whether equal rows come once.
    pub distinct: Distinct,
    /// Grouping, if it groups.
    pub group: Option<Grouping>,
    /// To-one relations whose rows come with the root's (`select_related`).
    pub related: Vec<&'static Hop>,
    /// Relations loaded afterwards, one statement each (`prefetch_related`).
    pub prefetch: Vec<Prefetch>,
}

/// Whether equal rows come once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Distinct {
    /// All rows.
    No,
    /// Equal rows once.
    Yes,
}

/// One thing that a row of the result holds.
#[derive(Debug, Clone)]
pub enum Output {
    /// All columns of the root (`None`) or of the model that to-one steps or `each()` lead to.
    Row(Option<&'static Hop>),
    /// One expression.
    Expr(Expr),
}

/// How rows are grouped.
#[derive(Debug, Clone, Default)]
pub struct Grouping {
    /// The keys.
    pub keys: Vec<Expr>,
    /// Conditions on groups; all are true.
    pub having: Vec<Cond>,
}

/// One key of an order.
#[derive(Debug, Clone)]
pub struct Order {
    /// By what.
    pub expr: Expr,
    /// Which way.
    pub direction: Direction,
    /// Where NULLs go; the database decides without.
    pub nulls: Option<Nulls>,
}

/// Which way an order goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Least first.
    Asc,
    /// Greatest first.
    Desc,
}

/// Where NULLs go in an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Nulls {
    /// Before the rest.
    First,
    /// After the rest.
    Last,
}

/// A relation loaded after its owner's rows.
#[derive(Debug, Clone)]
pub struct Prefetch {
    /// The steps from the root; all of them are loaded.
    pub hop: &'static Hop,
    /// What is loaded of the last step: a query whose root is the related model. Its `limit` counts per parent.
    pub query: Select,
}

/// New rows.
#[derive(Debug, Clone)]
pub struct Insert {
    /// Of which model.
    pub model: &'static ModelMeta,
    /// The columns that are given.
    pub fields: Vec<&'static FieldMeta>,
    /// Their values, row by row.
    pub rows: Vec<Vec<Value>>,
    /// The columns to give back, in the order of the rows.
    pub returning: Vec<&'static FieldMeta>,
}

/// A column and what it is set to.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// The column.
    pub field: &'static FieldMeta,
    /// Its new value.
    pub value: Expr,
}

/// A change of rows.
#[derive(Debug, Clone)]
pub struct Update {
    /// Which rows: model, filter, order and limit of this query.
    pub rows: Select,
    /// What is set.
    pub set: Vec<Assignment>,
    /// The columns to give back, for each row.
    pub returning: Vec<&'static FieldMeta>,
}

/// A removal of rows.
#[derive(Debug, Clone)]
pub struct Delete {
    /// Which rows: model, filter, order and limit of this query.
    pub rows: Select,
}

impl Select {
    /// All rows of a model, whole.
    pub fn new(model: &'static ModelMeta) -> Select {
        Select {
            model,
            filter: Vec::new(),
            outputs: vec![Output::Row(None)],
            order: None,
            limit: None,
            offset: None,
            distinct: Distinct::No,
            group: None,
            related: Vec::new(),
            prefetch: Vec::new(),
        }
    }

    /// What the only column holds, if there is one and it is known. A whole row stands for its key.
    pub fn scalar_kind(&self) -> Option<Kind> {
        match self.outputs.as_slice() {
            [Output::Expr(expr)] => expr.kind,
            [Output::Row(None)] => self.model.single_key().map(|f| f.kind),
            [Output::Row(Some(hop))] => hop.to().single_key().map(|f| f.kind),
            _ => None,
        }
    }

    /// Depth and size of all that it holds.
    pub fn weight(&self) -> Weight {
        let exprs = self.outputs.iter().filter_map(|o| match o {
            Output::Expr(e) => Some(e.weight),
            Output::Row(_) => None,
        });
        let order = self.order.iter().flatten().map(|o| o.expr.weight);
        let filter = self.filter.iter().map(|c| c.weight);
        let group = self
            .group
            .iter()
            .flat_map(|g| g.keys.iter().map(|e| e.weight).chain(g.having.iter().map(|c| c.weight)).collect::<Vec<_>>());
        Weight::above(exprs.chain(order).chain(filter).chain(group))
    }

    /// Whether a condition that can never be true makes it give nothing.
    pub fn is_empty(&self) -> bool {
        self.limit == Some(0) || self.filter.iter().any(|c| c.as_constant() == Some(false))
    }
}
