//! What a query gives back for each row: columns, expressions, whole rows, tuples of these, and structs made of them.

use crate::ast::Output;
use crate::error::Result;
use crate::meta::ModelMeta;
use crate::model::{Maybe, Model, One, SeeRow};
use crate::value::Row;

/// What a query of `M` can give back for each row.
#[diagnostic::on_unimplemented(
    message = "this cannot be a value of each row of `{M}`",
    label = "not a value of each row of `{M}`"
)]
pub trait Selection<M> {
    /// What it gives.
    type Out;
    /// Writes what to select.
    fn outputs(self, to: &mut Vec<Output>);
    /// Reads what was selected.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if a column does not hold its type.
    fn decode(row: &mut Row<'_>) -> Result<Self::Out>;
}

/// How a whole row at the end of a path is read.
pub trait SelectRow: SeeRow {
    /// Reads it.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if a column does not hold its field's type.
    fn row<M: Model>(row: &mut Row<'_>) -> Result<Self::Row<M>>;
}
impl SelectRow for One {
    fn row<M: Model>(row: &mut Row<'_>) -> Result<M> {
        M::decode(row)
    }
}
impl SelectRow for Maybe {
    fn row<M: Model>(row: &mut Row<'_>) -> Result<Option<M>> {
        if is_absent(M::META, row)? { Ok(None) } else { M::decode(row).map(Some) }
    }
}

/// Whether a row that a nullable step leads to is not there; then it is skipped.
fn is_absent(model: &ModelMeta, row: &mut Row<'_>) -> Result<bool> {
    let key = model.primary_key.first().copied().unwrap_or_default();
    let absent = row.is_null(key)?;
    if absent {
        row.skip(model.fields.len());
    }
    Ok(absent)
}

/// A struct whose fields are filled from a query. Derive it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a projection",
    note = "add `#[derive(Projection)]` and `#[orm(of = Model)]` to it"
)]
pub trait Projection: Sized {
    /// The model that is queried.
    type Of: Model;
    /// Writes what to select.
    fn outputs(to: &mut Vec<Output>);
    /// Reads what was selected.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if a column does not hold its field's type.
    fn decode(row: &mut Row<'_>) -> Result<Self>;
}

/// What is selected is what the field holds.
#[diagnostic::on_unimplemented(
    message = "this selects a `{Self}`, where the field holds a `{T}`",
    label = "a `{Self}`"
)]
pub trait Is<T> {
    /// The same.
    fn same(self) -> T;
}
#[diagnostic::do_not_recommend]
impl<T> Is<T> for T {
    fn same(self) -> T {
        self
    }
}

/// Writes what a field of a projection is filled from.
#[doc(hidden)]
pub fn project<M, T, S: Selection<M>>(from: S, to: &mut Vec<Output>)
where
    S::Out: Is<T>,
{
    from.outputs(to);
}

/// Reads a field of a projection. `from` is there for its type and is never called.
#[doc(hidden)]
pub fn projected<M, T, S: Selection<M>>(from: fn() -> S, row: &mut Row<'_>) -> Result<T>
where
    S::Out: Is<T>,
{
    let _ = from;
    S::decode(row).map(Is::same)
}
