//! The integration tests: each runs on every database that this run has, in a database of its own.

mod bad_input;
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
mod stored;

fn main() {
    harness::run(&[
        bad_input::SUITE,
        bulk::SUITE,
        chinook::SUITE,
        introspection::SUITE,
        loading::SUITE,
        migrations::SUITE,
        one_meaning::SUITE,
        queries::SUITE,
        smoke::SUITE,
        stored::SUITE,
    ]);
}
