//! What the derive says of each field: its model, its type, and what it may be compared with.

use std::marker::PhantomData;

use super::{ConstRef, Model, Path, Reach};
use crate::meta::RelationMeta;
use crate::value::SqlType;

/// A column of a model, as a type. The derive makes one a field.
pub trait Field: 'static {
    /// Whose column it is.
    type Owner: Model;
    /// What it decodes to; of a foreign key the target's key.
    type Type: SqlType;
    /// What it may be compared with: the type without `Option`; of a primary or foreign key, [`Key`] of the model.
    type Class: 'static;
    /// Its index in the model's fields.
    const INDEX: usize;
}

/// A relation of a model, as a type. A foreign key's marker is a [`Field`] too.
#[diagnostic::on_unimplemented(
    message = "this column is not a relation",
    label = "not a foreign key, one-to-one or many-to-many"
)]
pub trait Relation: 'static {
    /// Whose relation it is.
    type Owner: Model;
    /// Where it leads.
    type Target: Model;
    /// [`One`](super::One) for a foreign key, [`Maybe`](super::Maybe) for a nullable one or the far side of a
    /// one-to-one, [`Many`](super::Many) for the rest.
    type Reach: Reach;
    /// Its index in the model's relations.
    const RELATION: usize;
    /// What it is, as data.
    const META: &'static RelationMeta = &<Self::Owner as Model>::META.relations[Self::RELATION];
    /// Whether it is followed from its target back to its owner.
    const BACKWARDS: bool = false;
    /// Which end of a relation it is.
    const SIDE: Side = Side::Reverse;
}

/// Which end of a relation a field is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// A foreign key.
    ForeignKey,
    /// A one-to-one relation, where the key is.
    OneToOne,
    /// The other side of a foreign key or one-to-one relation.
    Reverse,
    /// A many-to-many relation that owns the table between.
    ManyToMany,
    /// The other side of a many-to-many relation.
    ManyReverse,
}

/// What lies behind a column: the target's fields for a foreign key.
pub trait Follow<P: Path> {
    /// Those fields.
    type Fields: ConstRef;
}

/// The class of primary and foreign keys of a model.
pub struct Key<M>(PhantomData<fn() -> M>);

/// What one column of a subquery's rows is compared by.
pub trait BaseOf {
    /// The base type, or the model for whole rows.
    type Base;
}
impl<T: SqlType> BaseOf for T {
    type Base = T::Base;
}
