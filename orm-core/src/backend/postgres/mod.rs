//! PostgreSQL: where it is and what it speaks. Each file beside this one holds one part of it.
//!
//! ```
//! # orm_blog::example! { db =>
//! let db = Db::lazy("postgres://me:secret@db.example.org/shop?sslmode=require&max_connections=20")?;
//! assert_eq!(db.location(), "postgres://me@db.example.org:5432/shop");
//! # }
//! ```

mod bind;
mod decode;
mod dialect;
mod driver;
mod errors;
mod introspect;
pub mod schema;

use std::fmt;
use std::time::Duration;

use url::Url;

use crate::db::{Backend, BoxFuture, Connection};
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::schema::{DdlStep, Schema, SchemaChange};

/// How queries are spelt for PostgreSQL.
pub static DIALECT: dialect::PostgresDialect = dialect::PostgresDialect;

/// A PostgreSQL database.
///
/// The URL is `postgres://user:password@host:port/database?option=value`. What it leaves out comes from the variables
/// that every PostgreSQL client reads (`PGHOST`, `PGUSER`, `PGPASSWORD`, `~/.pgpass`…). Options: `sslmode`, `sslrootcert`,
/// `sslcert`, `sslkey`, `host` (a path is a socket's directory), `hostaddr`, `port`, `dbname`, `user`, `password`,
/// `application_name` (`orm`), `options`, `options[name]`, `statement-cache-capacity` (256) and `connect_timeout` in
/// seconds (10).
pub struct Postgres {
    options: driver::Options,
    location: String,
    timeout: Duration,
}

const OPTIONS: [&str; 17] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];
const CAPACITY: &str = "statement-cache-capacity";
const TIMEOUT: &str = "connect_timeout";

impl Postgres {
    /// Reads the URL of a database; connects to nothing yet.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration), which says what is wrong and never shows the password.
    pub fn open(url: &str) -> Result<Postgres> {
        let mut url = Url::parse(url).map_err(|e| {
            Error::configuration(format!(
                "the URL of the PostgreSQL database cannot be read: {e}; \
                 write `postgres://user:password@host:port/database`, with `%40` for an `@` in the password"
            ))
        })?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(Error::configuration(format!("`{}:` is not the URL of a PostgreSQL database", url.scheme())));
        }
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let unknown = pairs.iter().map(|(k, _)| k.as_str()).find(|k| !is_option(k));
        if let Some(key) = unknown {
            return Err(Error::configuration(format!(
                "`{key}` is not an option of a PostgreSQL URL; there are {}, options[…], {CAPACITY} and {TIMEOUT}",
                OPTIONS.join(", ")
            )));
        }
        let timeout = timeout_of(&pairs)?;
        let kept: Vec<&(String, String)> = pairs.iter().filter(|(k, _)| k != TIMEOUT).collect();
        url.set_query(None);
        if !kept.is_empty() {
            url.query_pairs_mut().extend_pairs(kept.into_iter().map(|(k, v)| (k, v)));
        }
        let capacity = (!pairs.iter().any(|(k, _)| k == CAPACITY)).then_some(256);
        let options = driver::Options::of(&url, capacity)?;
        Ok(Postgres { location: options.location(), options, timeout })
    }
}

fn is_option(key: &str) -> bool {
    OPTIONS.contains(&key)
        || key == CAPACITY
        || key == TIMEOUT
        || key.strip_prefix("options[").and_then(|k| k.strip_suffix(']')).is_some_and(|k| !k.is_empty())
}

fn timeout_of(pairs: &[(String, String)]) -> Result<Duration> {
    let Some((_, text)) = pairs.iter().rev().find(|(k, _)| k == TIMEOUT) else {
        return Ok(Duration::from_secs(10));
    };
    match text.parse::<u32>() {
        Ok(seconds) if seconds > 0 => Ok(Duration::from_secs(u64::from(seconds))),
        _ => Err(Error::configuration(format!("`{TIMEOUT}` is a whole number of seconds, at least 1"))),
    }
}

impl fmt::Debug for Postgres {
    // The options hold the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Postgres").field(&self.location).finish()
    }
}

impl Backend for Postgres {
    fn dialect(&self) -> &'static dyn Dialect {
        &DIALECT
    }

    fn connect(&self) -> BoxFuture<'_, Result<Box<dyn Connection>>> {
        Box::pin(driver::connect(&self.options, &self.location, self.timeout))
    }

    fn location(&self) -> &str {
        &self.location
    }

    fn max_connections(&self) -> Option<usize> {
        None
    }

    fn plan(&self, change: &SchemaChange, before: &Schema) -> Result<Vec<DdlStep>> {
        schema::plan(change, before)
    }

    fn introspect<'a>(
        &'a self,
        connection: Box<dyn Connection>,
    ) -> BoxFuture<'a, (Option<Box<dyn Connection>>, Result<Schema>)> {
        Box::pin(introspect::read(connection))
    }

    fn migration_lock(&self) -> Option<(String, String)> {
        // A lock belongs to one database; within it, to the schema whose table records the migrations. The connection holds
        // no other, and a migration may have changed its search path.
        let key = "hashtextextended(concat(current_schema(), '.orm_migrations'), 0)";
        let give_back = "SELECT pg_advisory_unlock_all() IS NOT NULL".to_owned();
        Some((format!("SELECT pg_try_advisory_lock({key})"), give_back))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_location_has_no_password() {
        let database = Postgres::open("postgres://ann:s3cret@db.example:6543/shop?password=other&connect_timeout=3");
        let database = database.expect("a good URL");
        assert_eq!(database.location(), "postgres://ann@db.example:6543/shop");
        assert_eq!(format!("{database:?}"), "Postgres(\"postgres://ann@db.example:6543/shop\")");
        assert_eq!(database.timeout, Duration::from_secs(3));
    }

    #[test]
    fn wrong_urls_are_refused_without_the_password() {
        let check = |url: &str, words: &str| {
            let error = Postgres::open(url).expect_err(url);
            assert_eq!(error.kind(), crate::ErrorKind::Configuration);
            assert!(error.to_string().contains(words), "{error}");
            assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
        };
        check("postgres://ann:s3cret@db:99999/x", "invalid port number");
        check("mysql://ann:s3cret@db/x", "`mysql:` is not the URL of a PostgreSQL database");
        check("postgres://ann:s3cret@db/x?ssl=on", "`ssl` is not an option of a PostgreSQL URL");
        check("postgres://ann:s3cret@db/x?connect_timeout=soon", "`connect_timeout` is a whole number of seconds");
        check("postgres://ann:s3cret@db/x?sslmode=maybe", "ssl_mode");
    }
}
