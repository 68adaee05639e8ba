//! The migration engine, tested from outside: states, operations, diffs, files, and checks of models.

mod checks;
mod diff;
mod files;
mod graphs;
mod models;
mod properties;
mod runs;
mod schemas;
mod states;
