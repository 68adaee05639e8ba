//! Schema migrations: what models were (the fold of operations), what they are (the derive's metadata), the operations
//! between the two, and the program that writes and runs them. Knows no SQL; backends plan every change of tables.

#![forbid(unsafe_code)]

mod keep;
pub mod shape;
pub mod app;
pub mod state;
mod code;
pub mod operation;
pub mod diff;
pub mod optimize;
pub mod questions;
pub mod graph;
pub mod split;
pub mod file;
pub mod plan;
pub mod run;
pub mod recorder;
pub mod sync;
pub mod lint;
pub mod cli;
mod commands;

pub use app::{App, Migration};
pub use commands::show::overview;
pub use commands::sql::sql_of;
pub use lint::{Finding, Severity, check};
pub use operation::Operation;
pub use plan::{Direction, Target};
pub use run::{Options, migrate};
pub use state::State;
pub use sync::{SyncOptions, sync, sync_models, sync_with};

/// What a migration file uses.
pub mod prelude {
    pub use crate::app::{App, Migration};
    pub use crate::operation::{Operation as Op, Sql};
    pub use crate::shape::{Field, Index, ManyToMany, Model};
    pub use orm_core::meta::{ChoiceValue, DbDefault, OnDelete};
}
