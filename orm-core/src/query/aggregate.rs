//! Aggregates over the rows of a query: what `aggregate` and the clauses of a grouping take.

use super::class::{CanBeNull, Ordered};
use super::operand::{AcceptedBy, Operand};
use super::{Condition, GroupOrder, Having};
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
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let once = Book::objects().group_by(Book.author.name).having(count_rows().eq(1)).annotate(Book.price.sum());
    /// assert!(once.sql("sqlite")?.ends_with("HAVING COUNT(*) = ?"));
    /// assert_eq!(once.all(&db).await?, [("Bob".to_owned(), Some(dec!(9.99)))]);
    /// # }
    /// ```
    pub fn eq<V: Operand<T::Base, M>>(&self, v: V) -> Having<M>
    where
        V::Null: AcceptedBy<T::Nulls>,
    {
        Having::from_untyped(Cond::lookup(Lookup::Eq, self.expr.clone(), v.operand()))
    }

    /// It does not equal: `!eq`.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let groups = Book::objects().group_by(Book.author.name).having(count_rows().ne(1)).annotate(count_rows());
    /// assert!(groups.sql("sqlite")?.ends_with("HAVING (NOT (COUNT(*) = ?))"));
    /// assert_eq!(groups.all(&db).await?, [("Ann".to_owned(), 2)]);
    /// # }
    /// ```
    pub fn ne<V: Operand<T::Base, M>>(&self, v: V) -> Having<M>
    where
        V::Null: AcceptedBy<T::Nulls>,
    {
        !Having::from_untyped(Cond::lookup(Lookup::Eq, self.expr.clone(), v.operand()))
    }

    /// It is greater than this.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let groups = Book::objects().group_by(Book.author.name).having(Book.price.sum().gt(10)).annotate(count_rows());
    /// assert!(groups.sql("postgres")?.ends_with(r#"HAVING SUM("books"."price") > $1"#));
    /// assert_eq!(groups.all(&db).await?, [("Ann".to_owned(), 2)]);
    /// # }
    /// ```
    pub fn gt<V: Operand<T::Base, M>>(&self, v: V) -> Having<M>
    where
        T::Base: Ordered,
        V::Null: AcceptedBy<Never>,
    {
        Having::from_untyped(Cond::lookup(Lookup::Gt, self.expr.clone(), v.operand()))
    }

    /// It is greater than or equal to this.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let groups = Book::objects().group_by(Book.author.name).having(Book.price.max().ge(30)).annotate(count_rows());
    /// assert!(groups.sql("sqlite")?.ends_with(r#"HAVING MAX("books"."price") >= ?"#));
    /// assert_eq!(groups.all(&db).await?, [("Ann".to_owned(), 2)]);
    /// # }
    /// ```
    pub fn ge<V: Operand<T::Base, M>>(&self, v: V) -> Having<M>
    where
        T::Base: Ordered,
        V::Null: AcceptedBy<Never>,
    {
        Having::from_untyped(Cond::lookup(Lookup::Ge, self.expr.clone(), v.operand()))
    }

    /// It is greater than or equal: another name of `ge`.
    ///
    /// ```
    /// # orm_blog::example! {
    /// let (gte, ge) = (count_rows().gte(2), count_rows().ge(2));
    /// let groups = Book::objects().group_by(Book.author.name).annotate(count_rows());
    /// assert_eq!(groups.clone().having(gte).sql("sqlite")?, groups.having(ge).sql("sqlite")?);
    /// # }
    /// ```
    pub fn gte<V: Operand<T::Base, M>>(&self, v: V) -> Having<M>
    where
        T::Base: Ordered,
        V::Null: AcceptedBy<Never>,
    {
        self.ge(v)
    }

    /// It is less than this.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let groups = Book::objects().group_by(Book.author.name).having(Book.price.min().lt(10)).annotate(count_rows());
    /// assert!(groups.sql("sqlite")?.ends_with(r#"HAVING MIN("books"."price") < ?"#));
    /// assert_eq!(groups.all(&db).await?, [("Bob".to_owned(), 1)]);
    /// # }
    /// ```
    pub fn lt<V: Operand<T::Base, M>>(&self, v: V) -> Having<M>
    where
        T::Base: Ordered,
        V::Null: AcceptedBy<Never>,
    {
        Having::from_untyped(Cond::lookup(Lookup::Lt, self.expr.clone(), v.operand()))
    }

    /// It is less than or equal to this.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let groups = Book::objects().group_by(Book.author.name).having(count_rows().le(1)).annotate(count_rows());
    /// assert!(groups.sql("sqlite")?.ends_with("HAVING COUNT(*) <= ?"));
    /// assert_eq!(groups.all(&db).await?, [("Bob".to_owned(), 1)]);
    /// # }
    /// ```
    pub fn le<V: Operand<T::Base, M>>(&self, v: V) -> Having<M>
    where
        T::Base: Ordered,
        V::Null: AcceptedBy<Never>,
    {
        Having::from_untyped(Cond::lookup(Lookup::Le, self.expr.clone(), v.operand()))
    }

    /// It is less than or equal: another name of `le`.
    ///
    /// ```
    /// # orm_blog::example! {
    /// let (lte, le) = (count_rows().lte(2), count_rows().le(2));
    /// let groups = Book::objects().group_by(Book.author.name).annotate(count_rows());
    /// assert_eq!(groups.clone().having(lte).sql("sqlite")?, groups.having(le).sql("sqlite")?);
    /// # }
    /// ```
    pub fn lte<V: Operand<T::Base, M>>(&self, v: V) -> Having<M>
    where
        T::Base: Ordered,
        V::Null: AcceptedBy<Never>,
    {
        self.le(v)
    }

    /// It is NULL.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let nameless = Book::objects().group_by(Book.author.name).having(Book.subtitle.max().is_null()).annotate(count_rows());
    /// assert!(nameless.sql("sqlite")?.ends_with(r#"HAVING (MAX("books"."subtitle") IS NULL)"#));
    /// assert_eq!(nameless.all(&db).await?, [("Ann".to_owned(), 2)]);
    /// # }
    /// ```
    pub fn is_null(&self) -> Having<M>
    where
        T: CanBeNull,
    {
        Having::from_untyped(Cond::is_null(self.expr.clone()))
    }

    /// Only of the rows for which the condition is true.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let cheap = count_rows().filter(Book.price.lt(30));
    /// let groups = Book::objects().group_by(Book.author.name).annotate((count_rows(), cheap));
    /// assert!(groups.sql("sqlite")?.starts_with(
    ///     r#"SELECT "t1"."name", COUNT(*), COUNT(CASE WHEN "books"."price" < ? THEN 1 END)"#
    /// ));
    /// assert!(groups.sql("mysql")?.starts_with(
    ///     "SELECT `t1`.`name`, COUNT(*), COUNT(CASE WHEN `books`.`price` < ? THEN 1 END)"
    /// ));
    /// assert_eq!(groups.first(&db).await?, Some(("Ann".to_owned(), (2, 1))));
    /// # }
    /// ```
    pub fn filter(self, condition: impl Condition<M>) -> Self {
        Self::from_expr(narrowed(self.expr, condition.condition()))
    }

    /// The aggregate, or where it is NULL what is given here.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let none = Book::objects().filter(Book.price.gt(100));
    /// assert_eq!(none.aggregate(&db, Book.price.sum().coalesce(0)).await?, dec!(0));
    /// # }
    /// ```
    pub fn coalesce<V: Operand<T::Base, M>>(&self, v: V) -> Aggregate<M, <V::Nulls as Nullness>::Of<T::Base>>
    where
        T: CanBeNull,
    {
        Aggregate::from_expr(ast::Expr::func(Func::Coalesce, vec![self.expr.clone(), v.operand()]))
    }

    /// Groups with the least first.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let groups = Book::objects().group_by(Book.author.name).annotate(count_rows()).order_by(Book.price.sum().asc());
    /// assert!(groups.sql("postgres")?.ends_with(r#"ORDER BY SUM("books"."price") ASC"#));
    /// assert_eq!(groups.first(&db).await?, Some(("Bob".to_owned(), 1)));
    /// # }
    /// ```
    pub fn asc(&self) -> GroupOrder<M> {
        GroupOrder::new(self.expr.clone(), Direction::Asc)
    }

    /// Groups with the greatest first.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let groups = Book::objects().group_by(Book.author.name).annotate(count_rows()).order_by(count_rows().desc());
    /// assert!(groups.sql("sqlite")?.ends_with("ORDER BY 2 DESC"));
    /// assert_eq!(groups.first(&db).await?, Some(("Ann".to_owned(), 2)));
    /// # }
    /// ```
    pub fn desc(&self) -> GroupOrder<M> {
        GroupOrder::new(self.expr.clone(), Direction::Desc)
    }
}

/// What `aggregate`, and `annotate` after `group_by`, take: one aggregate, or several in a tuple.
///
/// ```
/// # orm_blog::example! { db =>
/// let (books, (cheapest, dearest)) =
///     Book::objects().aggregate(&db, (count_rows(), (Book.price.min(), Book.price.max()))).await?;
/// assert_eq!((books, cheapest, dearest), (3, Some(dec!(9.99)), Some(dec!(39.90))));
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "this is not an aggregate over the rows of `{M}`",
    label = "expected `.sum()`, `.count()`... of a column or expression of `{M}`"
)]
pub trait Aggregates<M> {
    /// What is read of them.
    type Out;
    /// Adds the untyped aggregates.
    #[doc(hidden)]
    fn aggregates(self, to: &mut Vec<ast::Expr>);
    /// Reads them.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if one does not hold its type.
    #[doc(hidden)]
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
///
/// ```
/// # orm_blog::example! { db =>
/// let mean = Book.price.sum() / count_rows();
/// let spread = Book.price.max() - Book.price.min();
/// let (_, spread) = Book::objects().aggregate(&db, (mean, spread * 2)).await?;
/// assert_eq!(spread, Some(dec!(59.82)));
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an aggregate over the rows of `{M}`, nor a number",
    label = "expected an aggregate of `{M}` or a number"
)]
pub trait AggregateTerm<M> {
    /// Its type.
    type Type: SqlType;
    /// The untyped expression.
    #[doc(hidden)]
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
