//! `cargo xtask test`: every test, on every database that can be had.

use clap::{Args, ValueEnum};

use crate::process::{self, Result, Stages, cargo, root};
use crate::servers::{Engine, Servers};

/// What `cargo xtask test` takes.
#[derive(Args)]
pub struct Options {
    /// Install missing servers with apt-get (as root).
    #[arg(long)]
    install: bool,
    /// Fail if the server of one of these databases is missing; its tests are ignored otherwise.
    #[arg(long, value_delimiter = ',')]
    require: Vec<Require>,
    /// Passed to `cargo nextest run`, or to `cargo test` where nextest is not installed. Doctests are left out then.
    #[arg(last = true)]
    arguments: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Require {
    All,
    Sqlite,
    Postgres,
    Mysql,
}

impl Require {
    fn covers(self, engine: Engine) -> bool {
        match self {
            Require::All => true,
            // Built into the tests.
            Require::Sqlite => false,
            Require::Postgres => engine == Engine::Postgres,
            Require::Mysql => engine == Engine::MySql,
        }
    }
}

/// Runs the tests.
pub fn run(options: &Options) -> Result {
    let mut stages = Stages::default();
    let done = stages.run("servers", || {
        let servers = Servers::find(options.install);
        servers.require(|engine| options.require.iter().any(|require| require.covers(engine)))?;
        Ok(servers)
    });
    let done = done.and_then(|servers| {
        stages.run("tests", || tests(&servers, &options.arguments))?;
        if options.arguments.is_empty() { stages.run("doctests", || doctests(&servers)) } else { Ok(()) }
    });
    stages.print();
    done
}

/// Everything but doctests.
pub fn tests(servers: &Servers, arguments: &[String]) -> Result {
    let nextest = cargo(["nextest", "--version"]).output().is_ok_and(|output| output.status.success());
    let mut command = if nextest { cargo(["nextest", "run"]) } else { cargo(["test", "--all-targets"]) };
    if !arguments.iter().any(|argument| argument.starts_with("-p") || argument.starts_with("--package")) {
        command.arg("--workspace");
    }
    command.arg("--no-fail-fast");
    process::run(command.args(arguments).envs(servers.variables()).envs(data()))
}

/// The examples in the documentation.
pub fn doctests(servers: &Servers) -> Result {
    process::run(cargo(["test", "--workspace", "--doc"]).envs(servers.variables()).envs(data()))
}

/// Real data beside the repository, which tests use where it exists.
pub fn data() -> Option<(&'static str, std::path::PathBuf)> {
    let given = std::env::var_os("ORM_TEST_DATA").map(std::path::PathBuf::from);
    let beside = root().parent().map(|parent| parent.join("shared/data"));
    given.or(beside).filter(|folder| folder.is_dir()).map(|folder| ("ORM_TEST_DATA", folder))
}
