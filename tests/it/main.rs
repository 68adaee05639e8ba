//! The integration tests: each runs on every database that this run has, in a database of its own.

mod counted;
mod faults;
mod harness;
mod models;
mod rest_api;
mod smoke;
mod transactions;
mod writing;

fn main() {
    harness::run(&[faults::SUITE, models::SUITE, rest_api::SUITE, smoke::SUITE, transactions::SUITE, writing::SUITE]);
}
