//! The servers that tests run on: the one that is named, else a private one, else what listens locally.

mod mysql;
mod postgres;
mod private;

use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::process::{self, Result};

/// A database that needs a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// PostgreSQL.
    Postgres,
    /// MySQL or MariaDB.
    MySql,
}

impl Engine {
    /// Each of them.
    pub const ALL: [Engine; 2] = [Engine::Postgres, Engine::MySql];

    /// Its name, as in the features of the library.
    pub fn name(self) -> &'static str {
        match self {
            Engine::Postgres => "postgres",
            Engine::MySql => "mysql",
        }
    }

    /// The variable that names its server.
    pub fn url_variable(self) -> &'static str {
        match self {
            Engine::Postgres => "ORM_TEST_POSTGRES_URL",
            Engine::MySql => "ORM_TEST_MYSQL_URL",
        }
    }

    /// The variable that says why there is no server.
    pub fn skipped_variable(self) -> &'static str {
        match self {
            Engine::Postgres => "ORM_TEST_SKIPPED_POSTGRES",
            Engine::MySql => "ORM_TEST_SKIPPED_MYSQL",
        }
    }

    fn package(self) -> &'static str {
        match self {
            Engine::Postgres => "postgresql",
            Engine::MySql => "mariadb-server",
        }
    }

    fn port(self) -> u16 {
        match self {
            Engine::Postgres => 5432,
            Engine::MySql => 3306,
        }
    }

    fn url(self, port: u16, database: &str) -> String {
        match self {
            Engine::Postgres => format!("postgres://postgres@127.0.0.1:{port}/{database}"),
            Engine::MySql => format!("mysql://root@127.0.0.1:{port}/{database}"),
        }
    }

    fn is_installed(self) -> bool {
        match self {
            Engine::Postgres => postgres::Programs::find().is_some(),
            Engine::MySql => mysql::Programs::find().is_some(),
        }
    }

    /// Starts a server in a folder of its own.
    fn start(self, folder: &Path, port: u16) -> Result<private::Server> {
        match self {
            Engine::Postgres => postgres::start(folder, port),
            Engine::MySql => mysql::start(folder, port),
        }
    }

    /// Runs a statement on a local server that asks for no password, and gives the server's version.
    fn execute(self, port: u16, sql: &str) -> Result<String> {
        match self {
            Engine::Postgres => postgres::execute(port, sql),
            Engine::MySql => mysql::execute(port, sql),
        }
    }
}

/// A server to test on. Dropping it leaves nothing behind.
pub struct Server {
    /// What connects to it.
    pub url: String,
    /// What it is, for people.
    pub about: String,
    /// Its port, where a statement can be run on it without a password.
    local: Option<u16>,
    // The database goes before the server that holds it.
    _database: Option<Database>,
    _process: Option<private::Server>,
}

/// A database that is dropped at the end.
pub struct Database {
    engine: Engine,
    port: u16,
    name: String,
    /// What connects to it.
    pub url: String,
}

impl Database {
    fn create(engine: Engine, port: u16, name: &str) -> Result<Database> {
        let name = format!("orm_{name}_{}", std::process::id());
        engine.execute(port, &format!("CREATE DATABASE {name}"))?;
        Ok(Database { engine, port, url: engine.url(port, &name), name })
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let force = if self.engine == Engine::Postgres { " WITH (FORCE)" } else { "" };
        if let Err(message) = self.engine.execute(self.port, &format!("DROP DATABASE {}{force}", self.name)) {
            eprintln!("warning: the database `{}` stays behind: {message}", self.name);
        }
    }
}

impl Server {
    /// Finds or starts a server; the error says what was tried and what mends it.
    pub fn find(engine: Engine, install: bool) -> Result<Server> {
        if let Ok(url) = std::env::var(engine.url_variable()) {
            let about = format!("named by {}", engine.url_variable());
            return Ok(Server { url, about, local: None, _database: None, _process: None });
        }
        let mut tried = Vec::new();
        if install
            && !engine.is_installed()
            && let Err(message) = apt_install(engine.package())
        {
            tried.push(message);
        }
        if engine.is_installed() {
            match Server::private(engine) {
                Ok(server) => return Ok(server),
                Err(message) => tried.push(format!("a private server did not start: {message}")),
            }
        } else {
            tried.push("no server is installed".to_owned());
        }
        match Server::local(engine) {
            Ok(server) => return Ok(server),
            Err(message) => tried.push(format!("port {} on this machine: {message}", engine.port())),
        }
        Err(format!(
            "{}; `--install` or `apt-get install {}` mends it, or set {} to the URL of one",
            tried.join("; "),
            engine.package(),
            engine.url_variable()
        ))
    }

    fn private(engine: Engine) -> Result<Server> {
        let folder = std::env::temp_dir().join(format!("orm-{}-{}", engine.name(), std::process::id()));
        let port = free_port()?;
        let process = engine.start(&folder, port)?;
        let deadline = Instant::now() + Duration::from_secs(60);
        let version = loop {
            match engine.execute(port, "SELECT 1") {
                Ok(version) => break version,
                Err(_) if process.is_running() && Instant::now() < deadline => {
                    std::thread::sleep(Duration::from_millis(50));
                }
                Err(message) => return Err(format!("{message}\n{}", process.log())),
            }
        };
        let database = Database::create(engine, port, "test")?;
        Ok(Server {
            url: database.url.clone(),
            about: format!("{version}, a private one on port {port}"),
            local: Some(port),
            _database: Some(database),
            _process: Some(process),
        })
    }

    fn local(engine: Engine) -> Result<Server> {
        let port = engine.port();
        let version = engine.execute(port, "SELECT 1")?;
        let database = Database::create(engine, port, "test")?;
        Ok(Server {
            url: database.url.clone(),
            about: format!("{version}, the one on port {port}"),
            local: Some(port),
            _database: Some(database),
            _process: None,
        })
    }

    /// An empty database on this server; `None` if that needs a password, which this program does not know.
    pub fn database(&self, engine: Engine, name: &str) -> Result<Option<Database>> {
        self.local.map(|port| Database::create(engine, port, name)).transpose()
    }
}

fn free_port() -> Result<u16> {
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    free.map(|address| address.port()).map_err(|e| format!("no free port: {e}"))
}

/// Installs a package; that apt could not start a service is no failure, since a private server is started anyway.
fn apt_install(package: &str) -> Result {
    if !private::is_root() {
        return Err(format!("`--install` needs root to install `{package}`"));
    }
    if process::find("apt-get", &[]).is_none() {
        return Err(format!("`--install` needs `apt-get` to install `{package}`"));
    }
    let apt = |arguments: &[&str]| {
        let mut command = std::process::Command::new("apt-get");
        process::run(command.env("DEBIAN_FRONTEND", "noninteractive").args(arguments))
    };
    let install = ["install", "-y", "--no-install-recommends", package];
    apt(&install).or_else(|_| apt(&["update"]).and_then(|()| apt(&install)))
}

/// The servers that were found, and why the others were not.
pub struct Servers(pub Vec<(Engine, Result<Server>)>);

impl Servers {
    /// Finds all of them, side by side.
    pub fn find(install: bool) -> Servers {
        // Two runs of apt would wait for one lock and fail.
        if install && Engine::ALL.iter().filter(|engine| !engine.is_installed()).count() > 1 {
            return Servers(Engine::ALL.map(|engine| (engine, Server::find(engine, true))).into()).told();
        }
        let started = std::thread::scope(|scope| {
            Engine::ALL
                .map(|engine| (engine, scope.spawn(move || Server::find(engine, install))))
                .map(|(engine, thread)| (engine, thread.join().unwrap_or_else(|_| Err("the search panicked".into()))))
        });
        Servers(started.into()).told()
    }

    fn told(self) -> Servers {
        for (engine, server) in &self.0 {
            match server {
                Ok(server) => println!("{}: {} ({})", engine.name(), server.url, server.about),
                Err(reason) => println!("{}: none: {reason}", engine.name()),
            }
        }
        self
    }

    /// What tells the tests which servers there are.
    pub fn variables(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(engine, server)| match server {
            Ok(server) => (engine.url_variable(), server.url.as_str()),
            Err(reason) => (engine.skipped_variable(), reason.as_str()),
        })
    }

    /// Fails if one of these has no server.
    pub fn require(&self, required: impl Fn(Engine) -> bool) -> Result {
        let missing = self.0.iter().filter(|(engine, _)| required(*engine));
        let missing: Vec<String> = missing
            .filter_map(|(engine, server)| Some(format!("{}: {}", engine.name(), server.as_ref().err()?)))
            .collect();
        if missing.is_empty() { Ok(()) } else { Err(format!("a required server is missing: {}", missing.join("; "))) }
    }
}
