//! The integration tests: each runs on every database that this run has, in a database of its own.

mod chinook;
mod harness;
mod shop;
mod one_meaning;
mod queries;
mod smoke;

fn main() {
    harness::run(&[chinook::SUITE, one_meaning::SUITE, queries::SUITE, smoke::SUITE]);
}
