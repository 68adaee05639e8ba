//! The integration tests: each runs on every database that this run has, in a database of its own.

mod bad_input;
mod bulk;
mod chinook;
mod counted;
mod faults;
mod harness;
mod introspection;
mod loading;
mod migrating;
mod migrations;
mod models;
mod one_meaning;
#[path = "../place/mod.rs"]
mod place;
mod queries;
mod random;
mod rendering;
mod rest_api;
mod shop;
mod smoke;
mod stored;
mod transactions;
mod writing;

fn main() {
    harness::run(&[
        bad_input::SUITE,
        bulk::SUITE,
        chinook::SUITE,
        faults::SUITE,
        introspection::SUITE,
        loading::SUITE,
        migrating::SUITE,
        migrations::SUITE,
        models::SUITE,
        one_meaning::SUITE,
        queries::SUITE,
        random::SUITE,
        rendering::SUITE,
        rest_api::SUITE,
        smoke::SUITE,
        stored::SUITE,
        transactions::SUITE,
        writing::SUITE,
    ]);
}
