//! How a pool behaves, from code and from the URL's parameters.

use std::fmt;
use std::time::Duration;

use crate::db::Db;
use crate::error::{Error, Result};

/// How many connections there are, and how long they live.
///
/// ```
/// # orm_blog::example! {
/// let (url, settings) = Db::options("postgres://localhost/shop?max_connections=20&sslmode=require").read()?;
/// assert_eq!((url.as_str(), settings.max_connections), ("postgres://localhost/shop?sslmode=require", 20));
/// assert_eq!(orm::db::Settings::default().max_connections, 10);
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How many connections may be open at once. A database in memory has one, whatever stands here.
    pub max_connections: usize,
    /// How many idle connections `idle_timeout` spares.
    pub min_idle: usize,
    /// How long to wait for a connection, opening one included.
    pub acquire_timeout: Duration,
    /// How long after it was last taken an idle connection is closed; `None` for never.
    pub idle_timeout: Option<Duration>,
    /// How old a connection may become (up to a fifth less, by chance); `None` for ever.
    pub max_lifetime: Option<Duration>,
    /// A connection that was last taken longer ago is asked whether it still lives before it is used.
    pub ping_after: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            max_connections: 10,
            min_idle: 0,
            acquire_timeout: Duration::from_secs(10),
            idle_timeout: Some(Duration::from_secs(10 * 60)),
            max_lifetime: Some(Duration::from_secs(30 * 60)),
            ping_after: Duration::from_secs(30),
        }
    }
}

/// A database to connect to, and how: `Db::options(url).max_connections(20).connect().await?`.
///
/// The URL may say the same (`postgres://localhost/shop?max_connections=20&acquire_timeout=3`, times in seconds, `none`
/// where there may be no limit); what is said in code wins.
///
/// ```
/// use std::time::Duration;
/// # use orm::prelude::*;
/// # #[tokio::main] async fn main() -> orm::Result<()> {
/// let db = Db::options("sqlite::memory:?acquire_timeout=3")
///     .idle_timeout(Some(Duration::from_secs(60)))
///     .connect()
///     .await?;
/// # drop(db); Ok(()) }
/// ```
#[derive(Clone)]
pub struct Options {
    url: String,
    settings: Result<Settings, String>,
}

impl Db {
    /// Says how to connect; ends with `connect` or `lazy`.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// # let _ = &db;
    /// let db = Db::options("sqlite::memory:").acquire_timeout(std::time::Duration::from_secs(2)).connect().await?;
    /// assert_eq!(db.status().max, 1);
    /// # }
    /// ```
    pub fn options(url: &str) -> Options {
        let (url, settings) = read(url);
        Options { url, settings }
    }
}

macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident: $type:ty;)*) => { impl Options { $(
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self, $name: $type) -> Self {
            if let Ok(settings) = &mut self.settings {
                settings.$name = $name;
            }
            self
        }
    )* } };
}
setters! {
    /// How many connections may be open at once (10).
    ///
    /// ```
    /// # use orm::prelude::*;
    /// # use std::time::Duration;
    /// let (_, settings) = Db::options("sqlite:shop.db").max_connections(20).read()?;
    /// assert_eq!(settings.max_connections, 20);
    /// # Ok::<(), orm::Error>(())
    /// ```
    max_connections: usize;
    /// How many idle connections `idle_timeout` spares (0).
    ///
    /// ```
    /// # use orm::prelude::*;
    /// # use std::time::Duration;
    /// let (_, settings) = Db::options("sqlite:shop.db").min_idle(2).read()?;
    /// assert_eq!(settings.min_idle, 2);
    /// # Ok::<(), orm::Error>(())
    /// ```
    min_idle: usize;
    /// How long to wait for a connection, opening one included (10 s).
    ///
    /// ```
    /// # use orm::prelude::*;
    /// # use std::time::Duration;
    /// let (_, settings) = Db::options("sqlite:shop.db").acquire_timeout(Duration::from_secs(3)).read()?;
    /// assert_eq!(settings.acquire_timeout, Duration::from_secs(3));
    /// # Ok::<(), orm::Error>(())
    /// ```
    acquire_timeout: Duration;
    /// How long after it was last taken an idle connection is closed (10 min).
    ///
    /// ```
    /// # use orm::prelude::*;
    /// # use std::time::Duration;
    /// let (_, settings) = Db::options("sqlite:shop.db").idle_timeout(None).read()?;
    /// assert_eq!(settings.idle_timeout, None);
    /// # Ok::<(), orm::Error>(())
    /// ```
    idle_timeout: Option<Duration>;
    /// How old a connection may become (30 min).
    ///
    /// ```
    /// # use orm::prelude::*;
    /// # use std::time::Duration;
    /// let (_, settings) = Db::options("sqlite:shop.db").max_lifetime(Some(Duration::from_secs(600))).read()?;
    /// assert_eq!(settings.max_lifetime, Some(Duration::from_secs(600)));
    /// # Ok::<(), orm::Error>(())
    /// ```
    max_lifetime: Option<Duration>;
    /// How long after it was last taken a connection is asked whether it still lives, before it is used (30 s).
    ///
    /// ```
    /// # use orm::prelude::*;
    /// # use std::time::Duration;
    /// let (_, settings) = Db::options("sqlite:shop.db").ping_after(Duration::from_secs(5)).read()?;
    /// assert_eq!(settings.ping_after, Duration::from_secs(5));
    /// # Ok::<(), orm::Error>(())
    /// ```
    ping_after: Duration;
}

impl Options {
    /// The URL without the pool's parameters, and the settings.
    ///
    /// ```
    /// # orm_blog::example! {
    /// let (_, settings) = Db::options("sqlite:shop.db?max_connections=3").min_idle(1).read()?;
    /// assert_eq!((settings.max_connections, settings.min_idle), (3, 1));
    /// assert!(Db::options("sqlite:shop.db?max_connections=many").read().is_err());
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) for a parameter that makes no sense.
    pub fn read(self) -> Result<(String, Settings)> {
        let settings = self.settings.map_err(Error::configuration)?;
        if settings.max_connections == 0 {
            return Err(Error::configuration("`max_connections` is 0; at least one connection is needed"));
        }
        Ok((self.url, settings))
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("url", &without_secrets(&self.url)).field("settings", &self.settings).finish()
    }
}

/// Takes the pool's parameters out of a URL; all others stay as they are, byte for byte.
fn read(url: &str) -> (String, Result<Settings, String>) {
    let Some((base, query)) = url.split_once('?') else { return (url.to_owned(), Ok(Settings::default())) };
    let mut settings = Settings::default();
    let mut wrong = None;
    let mut rest = base.to_owned();
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        match apply(&mut settings, name, value) {
            Some(Ok(())) => {}
            Some(Err(expected)) => wrong = Some(format!("`{name}={value}` in the URL is not {expected}")),
            None => {
                rest.push(if rest.len() == base.len() { '?' } else { '&' });
                rest.push_str(pair);
            }
        }
    }
    (rest, wrong.map_or(Ok(settings), Err))
}

/// Sets what a parameter names; `None` if it is not one of the pool's.
fn apply(settings: &mut Settings, name: &str, value: &str) -> Option<Result<(), &'static str>> {
    Some(match name {
        "max_connections" => number(value).map(|n| settings.max_connections = n),
        "min_idle" => number(value).map(|n| settings.min_idle = n),
        "acquire_timeout" => seconds(value).map(|d| settings.acquire_timeout = d),
        "idle_timeout" => limit(value).map(|d| settings.idle_timeout = d),
        "max_lifetime" => limit(value).map(|d| settings.max_lifetime = d),
        "ping_after" => seconds(value).map(|d| settings.ping_after = d),
        _ => return None,
    })
}

fn number(text: &str) -> Result<usize, &'static str> {
    text.parse().map_err(|_| "a whole number")
}

fn seconds(text: &str) -> Result<Duration, &'static str> {
    let wrong = "a number of seconds";
    Duration::try_from_secs_f64(text.parse().map_err(|_| wrong)?).map_err(|_| wrong)
}

fn limit(text: &str) -> Result<Option<Duration>, &'static str> {
    if text == "none" {
        return Ok(None);
    }
    seconds(text).map(Some).map_err(|_| "a number of seconds or `none`")
}

/// For `Debug`: no password, and no parameters, since one of them may be a password.
fn without_secrets(url: &str) -> String {
    let url = url.split_once('?').map_or(url, |(base, _)| base);
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    match rest.rsplit_once('@') {
        None => url.to_owned(),
        Some((user, host)) => {
            let user = user.split_once(':').map_or(user, |(name, _)| name);
            format!("{scheme}://{user}@{host}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pool_takes_its_parameters_and_leaves_the_others() {
        let url = "postgres://u:p@h/db?max_connections=3&sslmode=off&acquire_timeout=0.5&a=b%20c&idle_timeout=none";
        let (rest, settings) = Db::options(url).read().unwrap();
        assert_eq!(rest, "postgres://u:p@h/db?sslmode=off&a=b%20c");
        assert_eq!(settings.max_connections, 3);
        assert_eq!(settings.acquire_timeout, Duration::from_millis(500));
        assert_eq!(settings.idle_timeout, None);
        assert_eq!(settings.max_lifetime, Settings::default().max_lifetime);
        assert_eq!(Db::options("sqlite::memory:?max_connections=2").read().unwrap().0, "sqlite::memory:");
        assert_eq!(Db::options("a.db?mode=ro").read().unwrap().0, "a.db?mode=ro");
    }

    #[test]
    fn code_wins_over_the_url() {
        let (_, settings) = Db::options("x:?max_connections=3").max_connections(4).min_idle(1).read().unwrap();
        assert_eq!((settings.max_connections, settings.min_idle), (4, 1));
    }

    #[test]
    fn says_which_parameter_is_wrong() {
        let check = |url: &str, expect: &str| {
            let error = Db::options(url).max_lifetime(None).read().unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::Configuration);
            assert_eq!(error.to_string(), expect);
        };
        check("x:?max_connections=many", "`max_connections=many` in the URL is not a whole number");
        check("x:?max_connections=0", "`max_connections` is 0; at least one connection is needed");
        check("x:?acquire_timeout=-1", "`acquire_timeout=-1` in the URL is not a number of seconds");
        check("x:?acquire_timeout=NaN", "`acquire_timeout=NaN` in the URL is not a number of seconds");
        check("x:?acquire_timeout=1e300", "`acquire_timeout=1e300` in the URL is not a number of seconds");
        check("x:?idle_timeout", "`idle_timeout=` in the URL is not a number of seconds or `none`");
    }

    #[test]
    fn debug_shows_no_password() {
        let check = |url: &str, expect: &str| assert_eq!(without_secrets(url), expect);
        check("postgres://me:se/cr@et@host:5/db?password=x", "postgres://me@host:5/db");
        check("postgres://me@host/db", "postgres://me@host/db");
        check("mysql://host/db", "mysql://host/db");
        check("sqlite:a.db?key=x", "sqlite:a.db");
        assert!(!format!("{:?}", Db::options("postgres://me:secret@h/d?password=secret")).contains("secret"));
    }
}
