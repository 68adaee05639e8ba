//! The integration tests: each runs on every database that this run has, in a database of its own.

mod bulk;
mod harness;
mod smoke;

fn main() {
    harness::run(&[bulk::SUITE, smoke::SUITE]);
}
