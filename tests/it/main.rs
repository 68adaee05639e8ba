//! The integration tests: each runs on every database that this run has, in a database of its own.

mod bulk;
mod chinook;
mod harness;
mod introspection;
mod loading;
mod migrations;
mod one_meaning;
mod queries;
mod shop;
mod smoke;

fn main() {
    harness::run(&[
        bulk::SUITE,
        chinook::SUITE,
        introspection::SUITE,
        loading::SUITE,
        migrations::SUITE,
        one_meaning::SUITE,
        queries::SUITE,
        smoke::SUITE,
    ]);
}
