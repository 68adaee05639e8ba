//! The program that `orm::manage!` makes, built and used as one would: in crates of its own, at a terminal and without
//! one, on every database that this run has.

mod compiled;
mod guide;
mod project;
mod shop;
#[cfg(unix)]
mod terminal;
mod writing;

use libtest_mimic::{Arguments, Trial};

fn main() {
    let arguments = Arguments::from_args();
    let trials = vec![
        story("guide", guide::transcripts_are_true),
        story("first_migrations", writing::first_migrations),
        story("questions_by_flags", writing::questions_by_flags),
    ];
    libtest_mimic::run(&arguments, trials).exit();
}

/// A test that needs no server.
fn story(name: &str, body: fn()) -> Trial {
    Trial::test(name, move || {
        body();
        Ok(())
    })
}
