//! The shop: its tables as models, twice (PascalCase names and snake_case names), the questions, and where data comes from.

#[macro_use]
mod models;
pub mod answer;
pub mod data;
mod pascal;
mod snake;

use answer::Question;
use orm::prelude::Executor;

/// The questions, over models that name the tables as a database has them.
pub fn questions(db: &dyn Executor) -> &'static [Question] {
    match data::Naming::of(db) {
        data::Naming::Pascal => pascal::questions::ALL,
        data::Naming::Snake => snake::questions::ALL,
    }
}
