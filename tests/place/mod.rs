//! Where tests run: SQLite always, PostgreSQL and MySQL/MariaDB where `ORM_TEST_POSTGRES_URL` and `ORM_TEST_MYSQL_URL`
//! name a server; each test in an empty database of its own. Knows nothing of what the tests do there.

use std::sync::atomic::{AtomicU32, Ordering};

use orm::prelude::*;

/// A database that tests run on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Server {
    Sqlite,
    Postgres,
    MySql,
}

impl Server {
    pub const ALL: [Server; 3] = [Server::Sqlite, Server::Postgres, Server::MySql];

    pub fn name(self) -> &'static str {
        match self {
            Server::Sqlite => "sqlite",
            Server::Postgres => "postgres",
            Server::MySql => "mysql",
        }
    }

    /// Where it is, if there is one. SQLite needs nothing.
    pub fn url(self) -> Option<String> {
        match self {
            Server::Sqlite => Some(String::new()),
            Server::Postgres => std::env::var("ORM_TEST_POSTGRES_URL").ok(),
            Server::MySql => std::env::var("ORM_TEST_MYSQL_URL").ok(),
        }
    }

    /// What is said where there is none.
    pub fn missing(self) -> String {
        format!(
            "there is no server; `cargo xtask test --install` starts one, or name it in ORM_TEST_{}_URL",
            self.name().to_uppercase()
        )
    }
}

/// An empty database for one test.
pub struct Place {
    server: Server,
    base: String,
    name: String,
    pub url: String,
}

impl Place {
    pub async fn make(server: Server, base: &str) -> orm::Result<Place> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("orm_it_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let url = match server {
            Server::Sqlite => {
                let file = std::env::temp_dir().join(format!("{name}.sqlite"));
                format!("sqlite:{}", file.display())
            }
            Server::Postgres => {
                let admin = Db::connect(base).await?;
                admin.execute(format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}")).await?;
                admin.close().await;
                let separator = if base.contains('?') { '&' } else { '?' };
                format!("{base}{separator}options[search_path]={name}")
            }
            Server::MySql => {
                let admin = Db::connect(base).await?;
                admin.execute(format!("DROP DATABASE IF EXISTS {name}")).await?;
                admin.execute(format!("CREATE DATABASE {name}")).await?;
                admin.close().await;
                let (start, query) = base.split_once('?').map_or((base, String::new()), |(s, q)| (s, format!("?{q}")));
                let server = start.rsplit_once('/').map_or(start, |(server, _)| server);
                // A statement that its cache drops costs the client 40 ms: the next packet waits for an answer to a
                // message that has none.
                let separator = if query.is_empty() { '?' } else { '&' };
                format!("{server}/{name}{query}{separator}statement-cache-capacity=2000")
            }
        };
        Ok(Place { server, base: base.to_owned(), name, url })
    }

    pub async fn remove(self) -> orm::Result<()> {
        match self.server {
            Server::Sqlite => {
                for ending in ["", "-wal", "-shm"] {
                    let file = std::env::temp_dir().join(format!("{}.sqlite{ending}", self.name));
                    let _ = std::fs::remove_file(file);
                }
            }
            Server::Postgres => {
                let admin = Db::connect(&self.base).await?;
                admin.execute(format!("DROP SCHEMA {} CASCADE", self.name)).await?;
                admin.close().await;
            }
            Server::MySql => {
                let admin = Db::connect(&self.base).await?;
                admin.execute(format!("DROP DATABASE {}", self.name)).await?;
                admin.close().await;
            }
        }
        Ok(())
    }
}
