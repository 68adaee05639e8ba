//! The integration tests: each runs on every database that this run has, in a database of its own.

mod harness;
mod bad_input;
mod shop;
mod one_meaning;
mod queries;
mod loading;
mod smoke;

fn main() {
    harness::run(&[one_meaning::SUITE, queries::SUITE, loading::SUITE, bad_input::SUITE, smoke::SUITE]);
}
