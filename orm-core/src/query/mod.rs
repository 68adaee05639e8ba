//! The typed surface.

pub mod run;
mod joined;
mod prefetch;
mod stream;

pub use crate::model::{Aggregate, Expr};
