//! `cargo xtask bench`: the benchmark suite, which is a package of its own.

use clap::Args;

use crate::process::{self, Result, cargo, root};
use crate::servers::{Engine, Server};

/// What `cargo xtask bench` takes.
#[derive(Args)]
pub struct Options {
    /// Passed to the suite: words that the names of cases must contain.
    #[arg(last = true)]
    arguments: Vec<String>,
}

/// Runs the suite; without a server its PostgreSQL cases are left out.
pub fn run(options: &Options) -> Result {
    let server = Server::find(Engine::Postgres, false);
    let manifest = root().join("benches/suite/Cargo.toml");
    let mut command = cargo(["run", "--release", "--locked", "--manifest-path"]);
    command.arg(manifest).arg("--").args(&options.arguments);
    match &server {
        Ok(server) => {
            println!("postgres: {}", server.about);
            command.env(Engine::Postgres.url_variable(), &server.url);
        }
        Err(reason) => println!("postgres is left out: {reason}"),
    }
    process::run(&mut command)
}
