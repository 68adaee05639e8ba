//! `sqlmigrate`: the SQL of a migration, for any database that is built in.

use orm_core::backend;
use orm_core::error::{Error, Result};
use orm_core::schema::DdlRun;

use super::{Exit, app, print};
use crate::app::App;
use crate::cli::SqlArgs;
use crate::graph::Graph;
use crate::plan::{Direction, Move, script};

pub(crate) fn run(apps: &[App], args: &SqlArgs) -> Result<Exit> {
    let (app, name) = match &args.migration[..] {
        [app_name, name] => (app(apps, Some(app_name))?, name),
        [name] => (app(apps, None)?, name),
        _ => return Ok(Exit::Usage),
    };
    let dialect = dialect(args.dialect.as_deref())?;
    let direction = if args.backwards { Direction::Backwards } else { Direction::Forwards };
    print::plain(&sql_of(apps, app.name, name, &dialect, direction)?);
    Ok(Exit::Fine)
}

/// The SQL of a migration (the beginning of its name is enough) on a database by name, without a connection.
///
/// ```
/// # orm_blog::example! {
/// use orm::migrate::{App, Direction, prelude::*, sql_of};
/// const INITIAL: Migration = Migration::new("blog", "0001_initial").ops(&[Op::create_model(
///     Model::new("Tag", "tags").fields(&[Field::int64("id").increment(), Field::string("name", 40)]).key(&["id"]),
/// )]);
/// const APP: App = App::new("blog", "blog", env!("CARGO_MANIFEST_DIR"), &[&INITIAL]);
/// let sql = sql_of(&[APP], "blog", "0001", "sqlite", Direction::Backwards)?;
/// assert!(sql.ends_with(r#"DROP TABLE "tags";"#));
/// # }
/// ```
///
/// # Errors
/// If there is no such migration or database, or the migration cannot be made there or taken back.
pub fn sql_of(apps: &[App], app: &str, name: &str, dialect: &str, direction: Direction) -> Result<String> {
    let graph = Graph::of_apps(apps)?;
    let migration = graph.find(app, name)?;
    // What stands before it in the order is what it finds; nothing that comes later changes its SQL.
    let place = graph.order().iter().position(|m| *m == migration).unwrap_or(0);
    let state = graph.state_of(|m| graph.order()[..place].contains(&m))?;
    let planner = |changes: &[_], before: &_| backend::plan_all(dialect, changes, before);
    let (planned, _) = script(Move { migration, direction }, &state, dialect, &planner)?;
    let mut lines = Vec::new();
    for plan in planned {
        lines.push(format!("-- {}", plan.operation.describe()));
        for step in plan.changes.iter().flatten() {
            match step.run {
                DdlRun::Plain => {}
                DdlRun::OutsideTransaction => lines.push("-- outside of the transaction:".to_owned()),
                DdlRun::RunRows => lines.push("-- gives statements, to be run in their order:".to_owned()),
                DdlRun::MustBeEmpty => lines.push("-- must give no row:".to_owned()),
            }
            lines.push(format!("{};", step.sql.trim_end().trim_end_matches(';')));
        }
    }
    Ok(lines.join("\n"))
}

fn dialect(given: Option<&str>) -> Result<String> {
    if let Some(name) = given {
        return match backend::dialect(name) {
            Some(dialect) => Ok(dialect.name().to_owned()),
            None => Err(Error::configuration(format!(
                "`{name}` is not built in; there is {}",
                backend::BUILT_IN.join(", ")
            ))),
        };
    }
    if let Some(url) = super::url_of_environment() {
        return Ok(backend::open(&url)?.dialect().name().to_owned());
    }
    let first = backend::BUILT_IN.first().ok_or_else(|| Error::configuration("no database is built in"))?;
    Ok((*first).to_owned())
}
