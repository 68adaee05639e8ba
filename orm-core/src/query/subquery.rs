//! Queries inside of queries: rows of the query outside, queries as values, and whether a query has a row.

use std::marker::PhantomData;

use super::operand::Operand;
use super::{Q, QuerySet};
use crate::ast::{self, Cond};
use crate::model::{Aggregate, Col, Expr, Field, FromExpr, Model, Path, Single};
use crate::value::{Never, SqlType};

/// A column or expression of the row outside of a subquery.
///
/// ```
/// # orm_blog::example! { db =>
/// let same_author = Book.author.eq(outer(Book.author)) & Book.id.ne(outer(Book.id));
/// let query = Book::objects().filter(exists(Book::objects().filter(same_author)));
/// assert!(query.sql("sqlite")?.contains(
///     r#"WHERE EXISTS (SELECT 1 FROM "books" AS "t1" WHERE ("t1"."author_id" = "books"."author_id" AND (NOT ("t1"."id" = "books"."id"))))"#
/// ));
/// assert_eq!(query.count(&db).await?, 2);
/// # }
/// ```
pub struct Outer<C> {
    expr: ast::Expr,
    class: PhantomData<fn() -> C>,
}

/// A column of the query directly outside: `Book.author.eq(outer(Author.id))`.
///
/// `outer(outer(..))` goes one query further out. A query that names a row outside cannot run on its own, and only
/// under a query of that row's model; running it otherwise is an error, and nothing is sent.
///
/// ```
/// # orm_blog::example! { db =>
/// let dearest = Book::objects().filter(Book.author.eq(outer(Author.id))).order_by(Book.price.desc()).values(Book.title);
/// let rows = Author::objects().values((Author.name, dearest.scalar())).order_by(Author.name.asc());
/// assert_eq!(rows.first(&db).await?, Some(("Ann".to_owned(), Some("Rust by Night".to_owned()))));
/// # }
/// ```
pub fn outer<O: Outward>(of: O) -> Outer<O::Class> {
    Outer { expr: of.outward(), class: PhantomData }
}

/// What [`outer`] takes: a column, an expression, or another `outer(..)`.
///
/// ```
/// # orm_blog::example! { db =>
/// let first_of_year = Book::objects()
///     .filter(Book.published.year().eq(outer(Book.published.year())) & Book.published.lt(outer(Book.published)));
/// assert_eq!(Book::objects().filter(!exists(first_of_year)).count(&db).await?, 3);
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`outer` takes a column or expression of the query outside",
    label = "not a column or expression"
)]
pub trait Outward {
    /// What it may be compared with.
    type Class;
    /// The untyped expression.
    #[doc(hidden)]
    fn outward(self) -> ast::Expr;
}
impl<P: Path, F: Field<Owner = P::To>> Outward for Col<P, F>
where
    P::Reach: Single,
{
    type Class = F::Class;
    fn outward(self) -> ast::Expr {
        ast::Expr::outer(<P::Root as Model>::META, self.untyped())
    }
}
impl<M: Model, T: SqlType> Outward for Expr<M, T> {
    type Class = T::Base;
    fn outward(self) -> ast::Expr {
        ast::Expr::outer(M::META, self.expr)
    }
}
impl<M: Model, T: SqlType> Outward for &Expr<M, T> {
    type Class = T::Base;
    fn outward(self) -> ast::Expr {
        ast::Expr::outer(M::META, self.expr.clone())
    }
}
impl<C> Outward for Outer<C> {
    type Class = C;
    fn outward(self) -> ast::Expr {
        match self.expr.node {
            ast::ExprNode::Outer { model, .. } => ast::Expr::outer(model, self.expr),
            _ => self.expr,
        }
    }
}
#[diagnostic::do_not_recommend]
impl<M, C> Operand<C, M> for Outer<C> {
    type Null = Never;
    type Nulls = Never;
    fn operand(self) -> ast::Expr {
        self.expr
    }
}

/// A query has a row: `exists(Book::objects().filter(Book.author.eq(outer(Author.id))))`.
///
/// ```
/// # orm_blog::example! { db =>
/// let cheaper = Book::objects().filter(Book.author.eq(outer(Book.author)) & Book.price.lt(outer(Book.price)));
/// assert_eq!(Book::objects().filter(exists(cheaper)).values(Book.title).all(&db).await?, ["Rust by Night"]);
/// # }
/// ```
pub fn exists<M, N: Model, O>(query: QuerySet<N, O>) -> Q<M> {
    Q::from_untyped(Cond::exists(query.select))
}

impl<N: Model, O> QuerySet<N, O> {
    /// The query as a value in another: its one column of its first row, NULL if there is none.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let newest = Book::objects().filter(Book.author.eq(outer(Author.id))).values(Book.title);
    /// let query = Author::objects().values((Author.name, newest.scalar()));
    /// assert!(query.sql("sqlite")?.starts_with(
    ///     r#"SELECT "authors"."name", (SELECT "t1"."title" FROM "books" AS "t1" WHERE "t1"."author_id" = "authors"."id" ORDER BY "t1"."published" DESC LIMIT +?)"#
    /// ));
    /// assert_eq!(query.first(&db).await?, Some(("Ann".to_owned(), Some("Quiet Queries".to_owned()))));
    /// # }
    /// ```
    pub fn scalar<M>(self) -> Expr<M, O::Nullable>
    where
        O: SqlType,
    {
        let mut select = self.select;
        select.limit = Some(select.limit.map_or(1, |rows| rows.min(1)));
        Expr::from_expr(ast::Expr::subquery(select))
    }

    /// An aggregate over the rows of the query as a value in another, whose model its type says.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let mean: Expr<Book, _> = Book::objects().scalar_of(Book.price.avg());
    /// let query = Book::objects().filter(Book.price.gt(mean)).values(Book.title);
    /// assert!(query.sql("postgres")?.contains(
    ///     r#"WHERE "books"."price" > (SELECT round(avg(CAST("t1"."price" AS numeric(76, 26))), 6) FROM "books" AS "t1")"#
    /// ));
    /// assert_eq!(query.all(&db).await?, ["Rust by Night"]);
    /// # }
    /// ```
    pub fn scalar_of<M, T: SqlType>(self, aggregate: Aggregate<N, T>) -> Expr<M, T> {
        Expr::from_expr(ast::Expr::subquery(aggregated(self.select, aggregate.expr)))
    }
}

fn aggregated(mut select: ast::Select, aggregate: ast::Expr) -> ast::Select {
    if select.limit.is_some() || select.offset.is_some() || select.distinct == ast::Distinct::Yes {
        select.filter.push(Cond::refused(
            "`scalar_of` aggregates all rows of a query, so it cannot follow `limit`, `offset` or `distinct`",
        ));
    }
    // There is one row, which no order can tell from another.
    select.order = Some(Vec::new());
    select.outputs = vec![ast::Output::Expr(aggregate)];
    select
}
