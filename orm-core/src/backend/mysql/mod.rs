//! MySQL and MariaDB: what a URL may say, and how a connection begins.
//!
//! Run against MariaDB 10.11. What is said of MySQL (8.0.19 or later) was read in its manual.
//!
//! ```
//! # orm_blog::example! { db =>
//! let db = Db::lazy("mysql://me:secret@db.example.org/shop?max_connections=20")?;
//! assert_eq!(db.location(), "mysql://me@db.example.org/shop");
//! # }
//! ```

mod bind;
mod decode;
mod dialect;
mod driver;
mod errors;
mod introspect;
pub mod schema;

use std::time::Duration;

use url::Url;

use crate::db::{Backend, BoxFuture, Connection};
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::schema::{DdlStep, Schema, SchemaChange};

pub use dialect::{DIALECT, MySqlDialect};

/// A MySQL or MariaDB server.
///
/// `mysql://user:password@host:port/database`, or `mariadb://`. Options behind a `?`: `connect_timeout` (seconds, 10 unless
/// said), `ssl-mode` (`disabled`, `preferred`, `required`, `verify_ca`, `verify_identity`), `ssl-ca`, `ssl-cert`, `ssl-key`,
/// `socket`, `statement-cache-capacity` (how many prepared statements a connection keeps; 500 unless said).
///
/// A session is strict (`STRICT_ALL_TABLES`, no zero dates), in UTC, and compares text exactly.
#[derive(Debug)]
pub struct MySql {
    options: driver::Options,
    location: String,
    timeout: Duration,
}

const OPTIONS: [&str; 9] = [
    "connect_timeout",
    "ssl-mode",
    "sslmode",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "socket",
    "statement-cache-capacity",
    "statement_cache_capacity",
];

const CAPACITY: &str = "statement-cache-capacity";
/// How many prepared statements a connection keeps. One that has to make room costs 40 ms: the driver tells the server,
/// which does not answer, and the network holds the next packet back until it hears something.
const KEPT_STATEMENTS: usize = 500;

impl MySql {
    /// Reads a URL; connects to nothing yet.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) for what is not such a URL, or an option that is not known.
    pub fn open(url: &str) -> Result<MySql> {
        let mut url = Url::parse(url).map_err(|e| Error::configuration("this is not a MySQL URL").with_source(e))?;
        if !matches!(url.scheme(), "mysql" | "mariadb") {
            return Err(Error::configuration(format!("a MySQL URL starts with `mysql://`, not `{}:`", url.scheme())));
        }
        let location = location(&url);
        let mut timeout = Duration::from_secs(10);
        let mut kept: Vec<(String, String)> = Vec::new();
        for (name, value) in url.query_pairs() {
            match &*name {
                "connect_timeout" => timeout = seconds(&value)?,
                "statement_cache_capacity" => kept.push((CAPACITY.to_owned(), value.into_owned())),
                known if OPTIONS.contains(&known) => kept.push((name.into_owned(), value.into_owned())),
                other => return Err(unknown(other)),
            }
        }
        if !kept.iter().any(|(name, _)| name == CAPACITY) {
            kept.push((CAPACITY.to_owned(), KEPT_STATEMENTS.to_string()));
        }
        url.set_query(None);
        url.query_pairs_mut().extend_pairs(kept);
        Ok(MySql { options: driver::Options::of(&url)?, location, timeout })
    }
}

fn seconds(value: &str) -> Result<Duration> {
    match value.parse::<u32>() {
        Ok(n) if n > 0 => Ok(Duration::from_secs(u64::from(n))),
        _ => Err(Error::configuration("the option `connect_timeout` is a whole number of seconds")),
    }
}

fn unknown(option: &str) -> Error {
    let why = match option {
        "charset" | "collation" | "timezone" | "time-zone" => "; sessions are always utf8mb4 and UTC".to_owned(),
        _ => format!("; there are `{}`", OPTIONS.join("`, `")),
    };
    Error::configuration(format!("a MySQL URL has no option `{option}`{why}"))
}

fn location(url: &Url) -> String {
    let mut url = url.clone();
    // Both only fail for URLs without a host, which have no password either.
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.to_string()
}

impl Backend for MySql {
    fn dialect(&self) -> &'static dyn Dialect {
        &DIALECT
    }

    fn connect(&self) -> BoxFuture<'_, Result<Box<dyn Connection>>> {
        Box::pin(async {
            let connection = driver::connect(&self.options, &self.location, self.timeout).await?;
            Ok(Box::new(connection) as Box<dyn Connection>)
        })
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
        Box::pin(introspect::schema(connection))
    }

    fn migration_lock(&self) -> Option<(String, String)> {
        // Names are the server's, not the database's, and at most 64 characters long. Waiting is left to the caller:
        // MariaDB answers NULL to an endless wait.
        let name = "CONCAT('orm_migrate_', SHA1(COALESCE(DATABASE(), '')))";
        Some((format!("SELECT COALESCE(GET_LOCK({name}, 0), 0)"), format!("SELECT RELEASE_LOCK({name})")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: std::result::Result<&str, &str>) {
        let opened = MySql::open(url);
        let got = opened.as_ref().map(|m| m.location().to_owned()).map_err(|e| e.message().to_owned());
        assert_eq!(got.as_deref().map_err(String::as_str), expected, "{url}");
    }

    #[test]
    fn a_location_tells_no_password_and_unknown_options_are_refused() {
        check("mysql://root:secret@db.example:3307/shop?connect_timeout=3", Ok("mysql://root@db.example:3307/shop"));
        check("mariadb://db.example/shop", Ok("mariadb://db.example/shop"));
        check(
            "mysql://db.example/shop?timezone=CET",
            Err("a MySQL URL has no option `timezone`; sessions are always utf8mb4 and UTC"),
        );
        check("mysql://h/d?connect_timeout=x", Err("the option `connect_timeout` is a whole number of seconds"));
        check("postgres://h/d", Err("a MySQL URL starts with `mysql://`, not `postgres:`"));
        assert!(MySql::open("mysql://h/d?ssl-mode=never").is_err());
        assert!(!format!("{:?}", MySql::open("mysql://root:secret@h/d")).contains("secret"));
    }
}
