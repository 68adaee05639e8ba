//! Models in types: what the derive implements, paths through relations, relation fields, drafts.

mod draft;
mod fields;
mod path;
#[doc(hidden)]
pub mod probe;
mod relation;
mod typed;

#[doc(hidden)]
pub use draft::Exact;
pub use draft::{Draft, Draftable, Given, Link, NewRow, Parent, Top, Under, ValueFor, draft};
pub use fields::{BaseOf, Field, Follow, Key, Relation, Side};
pub use path::{At, Col, ConstRef, Each, FromExpr, Many, Maybe, One, Path, Reach, Rel, Rev, SeeRow, Single, Via};
#[doc(hidden)]
pub use path::{Handle, Leads, reverse};
pub use relation::{ForeignKey, HasMany, HasOne, Id, ManyToMany, OneToOne, nothing};
pub use typed::{Aggregate, Expr};

use crate::error::Result;
use crate::meta::{Loaded, ModelMeta};
use crate::value::{Kind, Row, Value};

/// A struct whose values are rows of a table. Derive it.
///
/// ```
/// # orm_blog::example! { db =>
/// async fn how_many<M: Model>(db: &Db) -> orm::Result<(&'static str, u64)> {
///     Ok((M::META.table, QuerySet::<M>::new().count(db).await?))
/// }
/// assert_eq!(how_many::<Book>(&db).await?, ("books", 3));
/// # }
/// ```
#[diagnostic::on_unimplemented(message = "`{Self}` is not a model", note = "add `#[derive(Model)]` to it")]
pub trait Model: Sized + Send + Sync + 'static {
    /// What the model is, as data.
    const META: &'static ModelMeta;
    /// What its primary key holds, for the foreign keys that point at it (of a composite key: of its first field).
    const KEY_KIND: Kind;
    /// The type of its primary key; a tuple for a composite one.
    type Key: Clone + PartialEq + std::fmt::Debug + Send + Sync + 'static;
    /// Its columns and relations, seen from the end of a path.
    type Fields<P: Path<To = Self>>: ConstRef;
    /// Reads a row: the columns in the order of the fields.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if a column does not hold its field's type.
    #[doc(hidden)]
    fn decode(row: &mut Row<'_>) -> Result<Self>;
    /// Puts loaded rows into the relation field of an index.
    #[doc(hidden)]
    fn attach(&mut self, relation: usize, loaded: Loaded);
    /// The value of the field of an index.
    #[doc(hidden)]
    fn value(&self, field: usize) -> Value;
    /// The primary key.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let tag = Tag::objects().first(&db).await?.expect("there are tags");
    /// assert_eq!(tag.key(), tag.id);
    /// # }
    /// ```
    fn key(&self) -> Self::Key;
}

/// The functions of [`ModelOps`](crate::meta::ModelOps), for the derive.
#[doc(hidden)]
pub mod ops {
    use super::Model;
    use crate::error::Result;
    use crate::meta::{AnyRow, Loaded, ModelOps};
    use crate::value::{Row, Value};
    use std::any::Any;
    use std::sync::Arc;

    // None of these may mention `M::META`: it lies in the static that points here, and a ring of models would
    // count as nested instantiations of one function.
    pub const fn of<M: Model>() -> ModelOps {
        ModelOps { decode: decode::<M>, attach: attach::<M>, value: value::<M>, gather: gather::<M>, share: share::<M> }
    }
    fn decode<M: Model>(row: &mut Row<'_>) -> Result<AnyRow> {
        Ok(Box::new(M::decode(row)?))
    }
    fn attach<M: Model>(row: &mut dyn Any, relation: usize, loaded: Loaded) {
        if let Some(row) = row.downcast_mut::<M>() {
            row.attach(relation, loaded);
        }
    }
    fn value<M: Model>(row: &dyn Any, field: usize) -> Value {
        row.downcast_ref::<M>().map_or(Value::Null, |row| row.value(field))
    }
    fn gather<M: Model>(rows: Vec<AnyRow>) -> Loaded {
        let rows: Vec<M> = rows.into_iter().filter_map(|row| row.downcast::<M>().ok().map(|row| *row)).collect();
        Arc::new(rows)
    }
    fn share<M: Model>(row: AnyRow) -> Loaded {
        match row.downcast::<M>() {
            Ok(row) => Arc::<M>::new(*row),
            Err(row) => Arc::from(row),
        }
    }
}
