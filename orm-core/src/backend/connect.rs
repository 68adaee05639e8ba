//! From a URL to a [`Db`].

use crate::backend;
use crate::db::{Db, Options};
use crate::error::{Error, Result};

impl Options {
    /// Connects: one connection is opened, to see that the settings are right.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// # let _ = &db;
    /// let db = Db::options("sqlite::memory:").connect().await?;
    /// assert_eq!(db.status().size, 1);
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the settings are wrong;
    /// [`ErrorKind::Connect`](crate::ErrorKind::Connect) if the database cannot be reached.
    pub async fn connect(self) -> Result<Db> {
        let db = self.lazy()?;
        db.verify().await?;
        Ok(db)
    }

    /// Opens no connection until the first statement needs one.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let db = Db::options("postgres://localhost/shop").max_connections(20).lazy()?;
    /// assert_eq!((db.status().size, db.status().max), (0, 20));
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the settings are wrong.
    pub fn lazy(self) -> Result<Db> {
        let (url, settings) = self.read()?;
        Ok(Db::over(backend::open(&url)?, settings))
    }
}

impl Db {
    /// Connects to a database: `sqlite:shop.db`, `sqlite::memory:`, `postgres://user:password@host/shop`,
    /// `mysql://user:password@host/shop`. [`Options`] says what the URL may say about the pool.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// # let _ = &db;
    /// let db = Db::connect("sqlite::memory:").await?;
    /// orm::migrate::sync_models(&db, orm::models![Author, Book, Tag]).await?;
    /// assert_eq!(Author::objects().count(&db).await?, 0);
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Options::connect`].
    pub async fn connect(url: &str) -> Result<Db> {
        Db::options(url).connect().await
    }

    /// A database to which no connection is opened until the first statement needs one.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let db = Db::lazy("mysql://root@localhost/shop")?;
    /// assert_eq!(db.status().size, 0);
    /// assert_eq!(Db::lazy("oracle://localhost/shop").unwrap_err().kind(), ErrorKind::Configuration);
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Options::lazy`].
    pub fn lazy(url: &str) -> Result<Db> {
        Db::options(url).lazy()
    }

    /// Connects to the database that the environment variable `DATABASE_URL` names.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// # let _ = &db;
    /// match Db::from_env().await {
    ///     Ok(db) => println!("connected to {}", db.location()),
    ///     Err(error) => println!("{error}"),
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Options::connect`]; [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the variable is not set.
    pub async fn from_env() -> Result<Db> {
        let url = std::env::var("DATABASE_URL").map_err(|cause| {
            let words = "the environment variable `DATABASE_URL` is not set, or is not text; \
                         set it to a URL like `sqlite:shop.db` or `postgres://user@host/shop`";
            Error::configuration(words).with_source(cause)
        })?;
        Db::connect(&url).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn wrong_settings_are_told_before_anything_is_opened() {
        let check = |url: &str, expect: &str| {
            let error = Db::lazy(url).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert!(error.to_string().contains(expect), "{error}");
            assert!(!format!("{error:?}").contains("secret"));
        };
        check("oracle://me:secret@host/db", "`oracle` is not a database that this program knows");
        check("oracle://me:secret@host/db?max_connections=0", "`max_connections` is 0");
        check(
            "oracle://me:secret@host/db?idle_timeout=soon",
            "`idle_timeout=soon` in the URL is not a number of seconds",
        );
    }
}
