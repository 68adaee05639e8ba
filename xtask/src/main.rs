//! What people and CI call: `cargo xtask test | budget | bench | features | readme | examples | ci`.

#![forbid(unsafe_code)]

mod process;
mod servers;
mod test;
mod examples;
mod features;
mod readme;
mod budget;
mod bench;
mod ci;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Runs the checks of this repository.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run every test on SQLite, PostgreSQL and MySQL/MariaDB.
    Test(test::Options),
    /// Measure what a model costs to compile, and hold it to `xtask/budget.toml`.
    Budget(budget::Options),
    /// Run the benchmark suite in release and print its ratios.
    Bench(bench::Options),
    /// Check the library with each combination of databases, with and without migrations.
    Features,
    /// Build and run the README's first program in a fresh crate.
    Readme,
    /// Run the examples on every database.
    Examples(examples::Options),
    /// Run everything that CI runs, and stop at the first failure.
    Ci,
}

fn main() -> ExitCode {
    let done = match Cli::parse().task {
        Task::Test(options) => test::run(&options),
        Task::Budget(options) => budget::run(&options),
        Task::Bench(options) => bench::run(&options),
        Task::Features => features::run(),
        Task::Readme => readme::run(),
        Task::Examples(options) => examples::run(&options),
        Task::Ci => ci::run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}
