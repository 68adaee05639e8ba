//! What each row of a result holds: columns, expressions, whole rows, tuples of them, and projections.

use std::marker::PhantomData;

use super::operand::{SameRoot, Seen};
use crate::ast::Output;
use crate::error::Result;
use crate::model::{Col, Expr, Field, Maybe, Model, One, Path, SeeRow, Single};
use crate::value::{Row, SqlType};

/// What `values`, `annotate` and `group_by` take, and what is read of it.
///
/// ```
/// # orm_blog::example! { db =>
/// let query = Book::objects().values((Book.title, (Book.price * 2, Book.author.row())));
/// let (title, (price, author)): (String, (Decimal, Author)) = query.first(&db).await?.expect("there are books");
/// assert_eq!((title.as_str(), price, author.name.as_str()), ("Quiet Queries", dec!(49), "Ann"));
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "this cannot be a value of each row of `{M}`",
    label = "not a column, expression or row of `{M}`"
)]
pub trait Selection<M> {
    /// What is read of each row.
    type Out;
    /// Adds the untyped outputs.
    #[doc(hidden)]
    fn outputs(self, to: &mut Vec<Output>);
    /// Reads them.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if a column does not hold its type.
    #[doc(hidden)]
    fn decode(row: &mut Row<'_>) -> Result<Self::Out>;
}
impl<M, P: Path, F: Field<Owner = P::To>> Selection<M> for Col<P, F>
where
    P::Root: SameRoot<M>,
    P::Reach: Single,
{
    type Out = Seen<P, F>;
    fn outputs(self, to: &mut Vec<Output>) {
        to.push(Output::Expr(self.untyped()));
    }
    fn decode(row: &mut Row<'_>) -> Result<Self::Out> {
        row.get()
    }
}
#[diagnostic::do_not_recommend]
impl<M: Model, T: SqlType> Selection<M> for Expr<M, T> {
    type Out = T;
    fn outputs(self, to: &mut Vec<Output>) {
        to.push(Output::Expr(self.expr));
    }
    fn decode(row: &mut Row<'_>) -> Result<T> {
        row.get()
    }
}
#[diagnostic::do_not_recommend]
impl<M: Model, T: SqlType> Selection<M> for &Expr<M, T> {
    type Out = T;
    fn outputs(self, to: &mut Vec<Output>) {
        to.push(Output::Expr(self.expr.clone()));
    }
    fn decode(row: &mut Row<'_>) -> Result<T> {
        row.get()
    }
}

// Never true; it is here for what its bound says.
impl<M: Model, T: SqlType> Selection<M> for crate::model::Aggregate<M, T>
where
    Self: OfEachRow<M>,
{
    type Out = T;
    fn outputs(self, to: &mut Vec<Output>) {
        to.push(Output::Expr(self.expr));
    }
    fn decode(row: &mut Row<'_>) -> Result<T> {
        row.get()
    }
}

/// What an aggregate over rows is not.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this is an aggregate over the rows, not a value of each row of `{M}`",
    label = "aggregates rows of `{M}`",
    note = "it goes to `.aggregate(..)`, or to `.annotate(..)` after `.group_by(..)`"
)]
pub trait OfEachRow<M> {}

/// The whole row at the end of a path: `Book.author.row()`.
///
/// ```
/// # orm_blog::example! { db =>
/// let rows: Vec<(i64, Option<Author>)> = Book::objects().values((Book.id, Book.editor.row())).all(&db).await?;
/// assert_eq!(rows.iter().filter(|(_, editor)| editor.is_some()).count(), 1);
/// # }
/// ```
pub struct Whole<P>(PhantomData<fn() -> P>);
impl<P> Whole<P> {
    pub(crate) const NEW: Self = Whole(PhantomData);
}
impl<P> Clone for Whole<P> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<P> Copy for Whole<P> {}

impl<M, P: Path> Selection<M> for Whole<P>
where
    P::Root: SameRoot<M>,
    P::Reach: Single + SelectRow,
{
    type Out = <P::Reach as SeeRow>::Row<P::To>;
    fn outputs(self, to: &mut Vec<Output>) {
        to.push(Output::Row(P::HOP));
    }
    fn decode(row: &mut Row<'_>) -> Result<Self::Out> {
        <P::Reach as SelectRow>::row::<P::To>(row)
    }
}

/// How a whole row is read at the end of a path.
#[doc(hidden)]
pub trait SelectRow: SeeRow {
    /// Reads all its columns.
    ///
    /// # Errors
    /// As [`Model::decode`].
    #[doc(hidden)]
    fn row<M: Model>(row: &mut Row<'_>) -> Result<Self::Row<M>>;
}
impl SelectRow for One {
    fn row<M: Model>(row: &mut Row<'_>) -> Result<M> {
        M::decode(row)
    }
}
impl SelectRow for Maybe {
    fn row<M: Model>(row: &mut Row<'_>) -> Result<Option<M>> {
        // A primary key is never NULL, so a NULL there means that the join found no row.
        if row.is_null(M::META.primary_key.first().copied().unwrap_or(0))? {
            row.skip(M::META.fields.len());
            return Ok(None);
        }
        M::decode(row).map(Some)
    }
}

/// A struct filled from a query of a model. Derive it.
///
/// ```
/// # orm_blog::example! { db =>
/// #[derive(Projection)]
/// #[orm(of = Book)]
/// struct Line {
///     title: String,
///     #[orm(Book.author.name.upper())]
///     author: String,
/// }
/// let line = Book::objects().project::<Line>().first(&db).await?.expect("there are books");
/// assert_eq!((line.title.as_str(), line.author.as_str()), ("Quiet Queries", "ANN"));
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a projection",
    note = "add `#[derive(Projection)]` and `#[orm(of = Model)]` to it"
)]
pub trait Projection: Sized {
    /// Which model it is filled from.
    type Of: Model;
    /// Adds the untyped outputs.
    #[doc(hidden)]
    fn outputs(to: &mut Vec<Output>);
    /// Reads them.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if a column does not hold its type.
    #[doc(hidden)]
    fn decode(row: &mut Row<'_>) -> Result<Self>;
}

/// A type that is another: the check of a projection's field.
#[diagnostic::on_unimplemented(
    message = "this selects a `{Self}`, where the field holds a `{T}`",
    label = "a `{Self}`"
)]
#[doc(hidden)]
pub trait Is<T> {
    /// Itself.
    #[doc(hidden)]
    fn is(self) -> T;
}
#[diagnostic::do_not_recommend]
impl<T> Is<T> for T {
    fn is(self) -> T {
        self
    }
}

/// One field of a projection, for the derive: what it is filled from.
#[doc(hidden)]
pub fn project<M: Model, T, S: Selection<M>>(source: S, to: &mut Vec<Output>)
where
    S::Out: Is<T>,
{
    source.outputs(to);
}

/// One field of a projection, for the derive: reading it. `from` is there for its type and is never called.
#[doc(hidden)]
pub fn projected<M: Model, T, S: Selection<M>>(from: fn() -> S, row: &mut Row<'_>) -> Result<T>
where
    S::Out: Is<T>,
{
    let _ = from;
    Ok(S::decode(row)?.is())
}
