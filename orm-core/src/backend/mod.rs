//! The databases that are built in. Everything that one database alone knows stands in its folder.

mod connect;
#[cfg(feature = "mysql")]
pub mod mysql;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "sqlite")]
pub mod sqlite;

use std::sync::Arc;

use crate::db::Backend;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::schema::{DdlGroup, DdlStep, Schema, SchemaChange};

/// The backend for a URL or a path.
///
/// ```
/// # orm_blog::example! {
/// let backend = orm::backend::open("postgres://me:secret@localhost/shop")?;
/// assert_eq!(backend.location(), "postgres://me@localhost:5432/shop");
/// assert_eq!(orm::backend::open("oracle://localhost").unwrap_err().kind(), ErrorKind::Configuration);
/// # }
/// ```
///
/// # Errors
/// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) for a URL that no backend knows, or whose backend is not built in.
pub fn open(url: &str) -> Result<Arc<dyn Backend>> {
    let scheme = match url.split_once(':') {
        None if url.is_empty() => return Err(Error::configuration(NO_SCHEME)),
        None => "",
        Some(("", _)) => return Err(Error::configuration(NO_SCHEME)),
        Some((scheme, _)) => scheme,
    };
    match scheme {
        #[cfg(feature = "postgres")]
        "postgres" | "postgresql" => Ok(Arc::new(postgres::Postgres::open(url)?)),
        #[cfg(feature = "mysql")]
        "mysql" | "mariadb" => Ok(Arc::new(mysql::MySql::open(url)?)),
        #[cfg(feature = "sqlite")]
        "sqlite" | "" => Ok(Arc::new(sqlite::Sqlite::open(url)?)),
        #[cfg(not(feature = "postgres"))]
        "postgres" | "postgresql" => Err(not_built("postgres")),
        #[cfg(not(feature = "mysql"))]
        "mysql" | "mariadb" => Err(not_built("mysql")),
        #[cfg(not(feature = "sqlite"))]
        "sqlite" | "" => Err(not_built("sqlite")),
        // A drive letter is a path.
        #[cfg(feature = "sqlite")]
        one if one.len() == 1 => Ok(Arc::new(sqlite::Sqlite::open(url)?)),
        other => Err(Error::configuration(format!(
            "`{other}` is not a database that this program knows; a URL starts with `sqlite:`, `postgres://` or `mysql://`"
        ))),
    }
}

const NO_SCHEME: &str = "the URL names no database; it starts with `sqlite:`, `postgres://` or `mysql://`";

/// The dialect of a name, for printing SQL without a connection.
///
/// ```
/// # orm_blog::example! {
/// let mysql = orm::backend::dialect("mysql").expect("it is built in");
/// assert_eq!(Tag::objects().values(Tag.id).order_by(()).to_sql(mysql)?, "SELECT `tags`.`id` FROM `tags`");
/// assert!(orm::backend::dialect("oracle").is_none());
/// # }
/// ```
pub fn dialect(name: &str) -> Option<&'static dyn Dialect> {
    match name {
        #[cfg(feature = "postgres")]
        "postgres" | "postgresql" => Some(&postgres::DIALECT),
        #[cfg(feature = "mysql")]
        "mysql" | "mariadb" => Some(&mysql::DIALECT),
        #[cfg(feature = "sqlite")]
        "sqlite" => Some(&sqlite::DIALECT),
        _ => None,
    }
}

/// Plans a change of tables for a database by name, without a connection.
///
/// ```
/// # orm_blog::example! {
/// use orm::schema::{Schema, SchemaChange, table_of};
/// let change = SchemaChange::CreateTable(table_of(Tag::META));
/// let steps = orm::backend::plan("postgres", &change, &Schema::default())?;
/// assert!(steps[0].sql.starts_with(r#"CREATE TABLE "tags" ("#));
/// # }
/// ```
///
/// # Errors
/// As [`Backend::plan`]; [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) for an unknown name.
pub fn plan(name: &str, change: &SchemaChange, before: &Schema) -> Result<Vec<DdlStep>> {
    match name {
        #[cfg(feature = "postgres")]
        "postgres" | "postgresql" => postgres::schema::plan(change, before),
        #[cfg(feature = "mysql")]
        "mysql" | "mariadb" => mysql::schema::plan(change, before),
        #[cfg(feature = "sqlite")]
        "sqlite" => sqlite::schema::plan(change, before),
        other => {
            let _ = (change, before);
            Err(Error::configuration(format!("`{other}` is not a database that this program was built with")))
        }
    }
}

/// Plans changes that follow each other, without a connection.
///
/// ```
/// # orm_blog::example! {
/// use orm::schema::{Schema, SchemaChange, table_of};
/// let changes = [Author::META, Tag::META].map(|model| SchemaChange::CreateTable(table_of(model)));
/// let groups = orm::backend::plan_all("sqlite", &changes, &Schema::default()).map_err(|(_, error)| error)?;
/// assert!(groups[1].changes[0][0].sql.starts_with(r#"CREATE TABLE "tags" ("#));
/// # }
/// ```
///
/// # Errors
/// As [`Backend::plan_all`]; [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) for an unknown name.
pub fn plan_all(name: &str, changes: &[SchemaChange], before: &Schema) -> Result<Vec<DdlGroup>, (usize, Error)> {
    match name {
        #[cfg(feature = "sqlite")]
        "sqlite" => sqlite::schema::plan_all(changes, before),
        other => crate::db::plan_each(changes, before, &|change, before| plan(other, change, before)),
    }
}

/// The names of the databases that this program was built with.
///
/// ```
/// # orm_blog::example! {
/// for database in orm::backend::BUILT_IN {
///     println!("{}", Tag::objects().sql(database)?);
/// }
/// # }
/// ```
pub const BUILT_IN: &[&str] = &[
    #[cfg(feature = "sqlite")]
    "sqlite",
    #[cfg(feature = "postgres")]
    "postgres",
    #[cfg(feature = "mysql")]
    "mysql",
];

#[allow(dead_code)]
fn not_built(feature: &str) -> Error {
    Error::configuration(format!(
        "this program was built without the feature `{feature}` of `orm`; add it in Cargo.toml"
    ))
}
