//! Whether a model takes `Serialize`, found out without a bound: of the two methods below, the compiler picks the one
//! that needs no further reference, if it applies.
//!
//! It works only where the type is concrete, so the derive writes the call into each model.

use std::any::Any;
use std::marker::PhantomData;

use serde::Serialize;
use serde_json::Value;

/// Asks about `T`.
pub struct Probe<T>(PhantomData<fn() -> T>);

impl<T> Probe<T> {
    /// The question.
    pub const NEW: Self = Probe(PhantomData);
}

/// The answer for models that take `Serialize`.
pub trait Nested {
    /// A row as JSON.
    fn to_json(&self, row: &(dyn Any + Send + Sync)) -> Option<Value>;
}
impl<T: Serialize + 'static> Nested for Probe<T> {
    fn to_json(&self, row: &(dyn Any + Send + Sync)) -> Option<Value> {
        serde_json::to_value(row.downcast_ref::<T>()?).ok()
    }
}

/// The answer for the others.
pub trait Flat {
    /// Nothing.
    fn to_json(&self, row: &(dyn Any + Send + Sync)) -> Option<Value>;
}
impl<T> Flat for &Probe<T> {
    fn to_json(&self, _: &(dyn Any + Send + Sync)) -> Option<Value> {
        None
    }
}
