//! Every way of writing a query compiles and infers, and builds the tree that it should.
#![allow(dead_code, clippy::too_many_lines)]

mod models;
mod plans;
mod usage;
