//! What each command does: asks, calls the engine, prints.

pub(crate) mod check;
pub(crate) mod make;
pub(crate) mod migrate;
mod print;
pub(crate) mod show;
pub(crate) mod sql;
pub(crate) mod sync;

use std::future::Future;
use std::process::ExitCode;
use std::sync::Arc;

use orm_core::backend;
use orm_core::db::Backend;
use orm_core::error::{Error, Result};
use orm_core::meta::{ModelMeta, registered};

use crate::app::App;
use crate::cli::DatabaseArgs;
use crate::questions::is_unanswered;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All is well.
    Fine,
    /// An error, or something that was looked for and found.
    Failed,
    /// The arguments were wrong.
    Usage,
    /// A question needs an answer.
    Unanswered,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Fine => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Unanswered => 3,
        })
    }
}

/// Prints an error.
pub(crate) fn report(error: &Error) -> Exit {
    print::error(&error.to_string());
    if let Some(sql) = error.sql() {
        print::detail("in", sql);
    }
    let source = std::error::Error::source(error).map(ToString::to_string);
    if let Some(source) = source.filter(|source| !is_unanswered(error) && !says(error.message(), source)) {
        print::detail("because", &source);
    }
    if is_unanswered(error) { Exit::Unanswered } else { Exit::Failed }
}

/// Whether a message ends with what its source says: drivers put words around the database's.
fn says(message: &str, source: &str) -> bool {
    message.rsplit(": ").next().is_some_and(|end| source.contains(end))
}

fn runtime<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|e| Error::configuration(format!("could not start: {e}")))?;
    runtime.block_on(future)
}

fn database(args: &DatabaseArgs) -> Result<Arc<dyn Backend>> {
    let url = args.database.clone().or_else(url_of_environment);
    let url = url.ok_or_else(|| Error::configuration("which database? set `DATABASE_URL`, or say `--database URL`"))?;
    backend::open(&url)
}

fn url_of_environment() -> Option<String> {
    std::env::var("DATABASE_URL").ok().filter(|url| !url.is_empty())
}

/// The models that are linked in; none is an error, since it is nearly always a crate that nobody mentions.
fn models(apps: &[App]) -> Result<Vec<&'static ModelMeta>> {
    let models = registered();
    if models.is_empty() {
        let name = apps.first().map_or_else(|| "my_app".to_owned(), |a| a.root());
        return Err(Error::configuration(format!(
            "there are no models; is the crate with your models linked? add `use {name} as _;` to this program"
        )));
    }
    Ok(models)
}

/// An app by name; without one, the only one.
fn app<'a>(apps: &'a [App], name: Option<&str>) -> Result<&'a App> {
    let names = || apps.iter().map(|a| format!("`{}`", a.name)).collect::<Vec<_>>().join(", ");
    match name {
        Some(name) => apps
            .iter()
            .find(|a| a.name == name)
            .ok_or_else(|| Error::configuration(format!("there is no app `{name}`; there is {}", names()))),
        None => match apps {
            [one] => Ok(one),
            _ => Err(Error::configuration(format!("which app? there is {}", names()))),
        },
    }
}
