//! `cargo xtask examples`: each example runs to its end, on each database; `blog` twice on the same one.

use std::fs;
use std::path::Path;

use clap::Args;

use crate::process::{self, Result, cargo, root, target};
use crate::servers::{Database, Engine, Server, Servers};
use crate::test::data;

/// What `cargo xtask examples` takes.
#[derive(Args)]
pub struct Options {
    /// Install missing servers with apt-get (as root).
    #[arg(long)]
    install: bool,
}

/// Runs them on what servers there are.
pub fn run(options: &Options) -> Result {
    all(&Servers::find(options.install))
}

/// Runs them on these servers. An example reads `DATABASE_URL`.
pub fn all(servers: &Servers) -> Result {
    if exists("blog") {
        for place in places(servers, "blog")? {
            example("blog", &[], place.url())?;
            example("blog", &[], place.url())?;
        }
    }
    if exists("chinook") {
        for place in places(servers, "chinook")? {
            example("chinook", &[], place.url())?;
        }
        if let Some((_, folder)) = data() {
            for place in places(servers, "chinook_real")? {
                example("chinook", &[&folder], place.url())?;
            }
        }
    }
    Ok(())
}

fn exists(name: &str) -> bool {
    let examples = root().join("examples");
    let found = examples.join(name).join("main.rs").exists() || examples.join(format!("{name}.rs")).exists();
    if !found {
        println!("there is no example `{name}`");
    }
    found
}

/// An empty database for one example.
enum Place {
    File(String),
    Made(Database),
    Named(String),
}

impl Place {
    fn url(&self) -> &str {
        match self {
            Place::File(url) | Place::Named(url) => url,
            Place::Made(database) => &database.url,
        }
    }
}

fn places(servers: &Servers, name: &str) -> Result<Vec<Place>> {
    let folder = target().join("examples-data");
    let file = folder.join(format!("{name}.sqlite"));
    fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    for ending in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{ending}", file.display()));
    }
    let mut places = vec![Place::File(format!("sqlite:{}", file.display()))];
    let found = |(engine, server): &(Engine, Result<Server>)| {
        let server = server.as_ref().ok()?;
        let made = server.database(*engine, name);
        Some(made.map(|made| made.map_or_else(|| Place::Named(server.url.clone()), Place::Made)))
    };
    places.extend(servers.0.iter().filter_map(found).collect::<Result<Vec<_>>>()?);
    Ok(places)
}

fn example(name: &str, arguments: &[&Path], url: &str) -> Result {
    println!("{name} on {url}");
    let mut command = cargo(["run", "--quiet", "--example", name, "--"]);
    process::run(command.args(arguments).env("DATABASE_URL", url))
}
