//! `cargo xtask ci`: everything that must hold, in the order in which it fails soonest.

use crate::process::{Result, Stages, cargo, root, run as command};
use crate::servers::Servers;
use crate::{budget, examples, features, readme, test};

/// Runs all stages; the error names the one that failed.
pub fn run() -> Result {
    let mut stages = Stages::default();
    let done = all(&mut stages);
    stages.print();
    done
}

fn all(stages: &mut Stages) -> Result {
    stages.run("fmt", || command(&mut cargo(["fmt", "--all", "--check"])))?;
    // Clippy checks the dependencies with all features; docs, features and budget use what it leaves.
    let clippy = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    stages.run("clippy", || command(&mut cargo(clippy)))?;
    stages.run("docs", || command(cargo(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings")))?;
    stages.run("features", features::run)?;
    let servers = stages.run("servers", || {
        let servers = Servers::find(true);
        servers.require(|_| true)?;
        Ok(servers)
    })?;
    stages.run("tests", || test::tests(&servers, &[]))?;
    stages.run("doctests", || test::doctests(&servers))?;
    stages.run("examples", || examples::all(&servers))?;
    if root().join("README.md").exists() {
        stages.run("readme", readme::run)?;
    }
    stages.run("budget", || budget::run(&budget::Options::default()))
}
