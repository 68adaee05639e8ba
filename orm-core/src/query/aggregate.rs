//! Aggregates over the rows of a query: what `aggregate` and the clauses of a grouping take.

use super::class::{CanBeNull, Ordered};
use super::operand::{AcceptedBy, Operand};
use super::{Condition, GroupOrder, Having, condition};
use crate::ast::{self, Cond, Direction, ExprNode, Func, Lookup};
use crate::error::Result;
use crate::meta::Hop;
use crate::model::{Aggregate, FromExpr, Model};
use crate::value::{Never, Nullness, Row, SqlType};

/// An aggregate of a column: of the rows that steps lead to, or of the query's own.
pub(super) fn of(
    related: Option<&'static Hop>,
    aggregate: ast::Aggregate,
    column: ast::Expr,
    distinct: bool,
) -> ast::Expr {
    match related {
        None => ast::Expr::aggregate(aggregate, Some(column), distinct, None),
        Some(hop) => ast::Expr::related(ast::Related {
            hop,
            filter: Vec::new(),
            order: Vec::new(),
            limit: None,
            value: ast::RelatedValue::Aggregate(aggregate, Some(column), distinct),
        }),
    }
}

/// An aggregate of only the rows for which a condition is true.
fn narrowed(expr: ast::Expr, more: Cond) -> ast::Expr {
    match expr.node {
        ExprNode::Aggregate { aggregate, of, distinct, filter } => {
            let filter = filter.map_or(Cond::constant(true), |f| *f).and(more);
            ast::Expr::aggregate(aggregate, of.map(|e| *e), distinct, Some(filter))
        }
        _ => {
            ast::Expr::refused("`filter` narrows one aggregate, not what is computed from several; filter each of them")
        }
    }
}

/// How many rows the query has; in a grouping, how many each group has.
///
/// ```
/// # orm_blog::example! { db =>
/// assert_eq!(Book::objects().aggregate(&db, count_rows()).await?, 3);
/// # }
/// ```
///
/// SQL: `COUNT(*)`
pub fn count_rows<M>() -> Aggregate<M, i64> {
    Aggregate::from_expr(ast::Expr::aggregate(ast::Aggregate::Count, None, false, None))
}

impl<M: Model, T: SqlType> Aggregate<M, T> {
    /// It equals.
    pub fn eq<V: Operand<T::Base, M>>(&self, v: V) -> Having<M>
    where
        V::Null: AcceptedBy<T::Nulls>,
    {
        Having::from_untyped(Cond::lookup(Lookup::Eq, self.expr.clone(), v.operand()))
    }

    /// It does not equal: `!eq`.
    pub fn ne<V: Operand<T::Base, M>>(&self, v: V) -> Having<M>
    where
        V::Null: AcceptedBy<T::Nulls>,
    {
        !Having::from_untyped(Cond::lookup(Lookup::Eq, self.expr.clone(), v.operand()))
    }

    /// It is greater than this.
    pub fn gt<V: Operand<T::Base, M>>(&self, v: V) -> Having<M>
    where
        T::Base: Ordered,
        V::Null: AcceptedBy<Never>,
    {
        Having::from_untyped(Cond::lookup(Lookup::Gt, self.expr.clone(), v.operand()))
    }

    /// It is greater than or equal to this.
    pub fn ge<V: Operand<T::Base, M>>(&self, v: V) -> Having<M>
    where
        T::Base: Ordered,
        V::Null: AcceptedBy<Never>,
    {
        Having::from_untyped(Cond::lookup(Lookup::Ge, self.expr.clone(), v.operand()))
    }

    /// It is greater than or equal: another name of `ge`.
    pub fn gte<V: Operand<T::Base, M>>(&self, v: V) -> Having<M>
    where
        T::Base: Ordered,
        V::Null: AcceptedBy<Never>,
    {
        self.ge(v)
    }

    /// It is less than this.
    pub fn lt<V: Operand<T::Base, M>>(&self, v: V) -> Having<M>
    where
        T::Base: Ordered,
        V::Null: AcceptedBy<Never>,
    {
        Having::from_untyped(Cond::lookup(Lookup::Lt, self.expr.clone(), v.operand()))
    }

    /// It is less than or equal to this.
    pub fn le<V: Operand<T::Base, M>>(&self, v: V) -> Having<M>
    where
        T::Base: Ordered,
        V::Null: AcceptedBy<Never>,
    {
        Having::from_untyped(Cond::lookup(Lookup::Le, self.expr.clone(), v.operand()))
    }

    /// It is less than or equal: another name of `le`.
    pub fn lte<V: Operand<T::Base, M>>(&self, v: V) -> Having<M>
    where
        T::Base: Ordered,
        V::Null: AcceptedBy<Never>,
    {
        self.le(v)
    }

    /// It is NULL.
    pub fn is_null(&self) -> Having<M>
    where
        T: CanBeNull,
    {
        Having::from_untyped(Cond::is_null(self.expr.clone()))
    }

    /// Only of the rows for which the condition is true.
    pub fn filter(self, condition: impl Condition<M>) -> Self {
        Self::from_expr(narrowed(self.expr, condition::cond(condition)))
    }

    /// The aggregate, or where it is NULL what is given here.
    pub fn coalesce<V: Operand<T::Base, M>>(&self, v: V) -> Aggregate<M, <V::Nulls as Nullness>::Of<T::Base>>
    where
        T: CanBeNull,
    {
        Aggregate::from_expr(ast::Expr::func(Func::Coalesce, vec![self.expr.clone(), v.operand()]))
    }

    /// Groups with the least first.
    pub fn asc(&self) -> GroupOrder<M> {
        GroupOrder::new(self.expr.clone(), Direction::Asc)
    }

    /// Groups with the greatest first.
    pub fn desc(&self) -> GroupOrder<M> {
        GroupOrder::new(self.expr.clone(), Direction::Desc)
    }
}

/// What `aggregate`, and `annotate` after `group_by`, take: one aggregate, or several in a tuple.
#[diagnostic::on_unimplemented(
    message = "this is not an aggregate over the rows of `{M}`",
    label = "expected `.sum()`, `.count()`... of a column or expression of `{M}`"
)]
pub trait Aggregates<M> {
    /// What is read of them.
    type Out;
    /// Adds the untyped aggregates.
    fn aggregates(self, to: &mut Vec<ast::Expr>);
    /// Reads them.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if one does not hold its type.
    fn decode(row: &mut Row<'_>) -> Result<Self::Out>;
}
#[diagnostic::do_not_recommend]
impl<M: Model, T: SqlType> Aggregates<M> for Aggregate<M, T> {
    type Out = T;
    fn aggregates(self, to: &mut Vec<ast::Expr>) {
        to.push(self.expr);
    }
    fn decode(row: &mut Row<'_>) -> Result<T> {
        row.get()
    }
}
#[diagnostic::do_not_recommend]
impl<M: Model, T: SqlType> Aggregates<M> for &Aggregate<M, T> {
    type Out = T;
    fn aggregates(self, to: &mut Vec<ast::Expr>) {
        to.push(self.expr.clone());
    }
    fn decode(row: &mut Row<'_>) -> Result<T> {
        row.get()
    }
}

/// The aggregates of any that the clauses take.
pub(super) fn list<M>(aggregates: impl Aggregates<M>) -> Vec<ast::Expr> {
    let mut list = Vec::new();
    aggregates.aggregates(&mut list);
    list
}

/// What arithmetic with an aggregate takes: another aggregate, or a number.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an aggregate over the rows of `{M}`, nor a number",
    label = "expected an aggregate of `{M}` or a number"
)]
pub trait AggregateTerm<M> {
    /// Its type.
    type Type: SqlType;
    /// The untyped expression.
    fn term(self) -> ast::Expr;
}
#[diagnostic::do_not_recommend]
impl<M, T: SqlType> AggregateTerm<M> for Aggregate<M, T> {
    type Type = T;
    fn term(self) -> ast::Expr {
        self.expr
    }
}
#[diagnostic::do_not_recommend]
impl<M, T: SqlType> AggregateTerm<M> for &Aggregate<M, T> {
    type Type = T;
    fn term(self) -> ast::Expr {
        self.expr.clone()
    }
}
macro_rules! numbers {
    ($($t:ty),*) => { $(
        #[diagnostic::do_not_recommend]
        impl<M> AggregateTerm<M> for $t {
            type Type = $t;
            fn term(self) -> ast::Expr {
                ast::Expr::typed(self.encode(), <$t as SqlType>::KIND)
            }
        }
    )* };
}
numbers!(i64, f64);
#[cfg(feature = "rust_decimal")]
numbers!(rust_decimal::Decimal);
