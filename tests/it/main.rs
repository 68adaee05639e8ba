//! The integration tests: each runs on every database that this run has, in a database of its own.

mod harness;
mod introspection;
mod migrations;
mod smoke;

fn main() {
    harness::run(&[smoke::SUITE, migrations::SUITE, introspection::SUITE]);
}
