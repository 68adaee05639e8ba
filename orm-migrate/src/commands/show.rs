//! `showmigrations`: what is applied.

use comfy_table::{Table, presets};
use orm_core::error::Result;

use super::{Exit, database, print, runtime};
use crate::app::App;
use crate::cli::DatabaseArgs;
use crate::graph::Graph;
use crate::recorder::{Record, Records, Status};
use crate::run;

pub(crate) fn run(apps: &[App], args: &DatabaseArgs) -> Result<Exit> {
    let records = runtime(run::records(database(args)?))?;
    if records.is_empty() && apps.iter().all(|a| a.migrations.is_empty()) {
        print::good("There are no migrations");
        return Ok(Exit::Fine);
    }
    print::plain(&overview(apps, &records)?);
    Ok(Exit::Fine)
}

/// The migrations of apps as a text, a line for each: whether it is applied, and when.
///
/// ```
/// # orm_blog::example! { db =>
/// use orm::migrate::{App, prelude::*};
/// const INITIAL: Migration = Migration::new("blog", "0001_initial");
/// const APP: App = App::new("blog", "blog", env!("CARGO_MANIFEST_DIR"), &[&INITIAL]);
/// let records = orm::migrate::run::records(db.backend().clone()).await?;
/// assert!(orm::migrate::overview(&[APP], &records)?.contains("0001_initial"));
/// # }
/// ```
///
/// # Errors
/// If the migrations do not fit each other.
pub fn overview(apps: &[App], records: &Records) -> Result<String> {
    Ok(table(&Graph::of_apps(apps)?, records))
}

fn table(graph: &Graph, records: &Records) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["app", "migration", "state", "when"]);
    for migration in graph.order() {
        let record = records.get(&(migration.app.to_owned(), migration.name.to_owned()));
        let (state, when) = match record {
            None => ("not applied", String::new()),
            Some(record) => {
                let state = match record.status {
                    Status::Applied if record.hash == migration.hash() => "applied",
                    Status::Applied => "applied, then changed",
                    Status::Applying => "interrupted",
                    Status::Reverting => "interrupted on its way back",
                };
                (state, when(record))
            }
        };
        table.add_row([migration.app, migration.name, state, when.as_str()]);
    }
    for ((app, name), record) in records {
        if !graph.order().iter().any(|m| m.app == app && m.name == name) {
            table.add_row([app.as_str(), name.as_str(), "applied, unknown here", when(record).as_str()]);
        }
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.trim_fmt()
}

/// To the second.
fn when(record: &Record) -> String {
    let iso = record.at.to_iso();
    format!("{} UTC", iso.split('.').next().unwrap_or_default())
}
