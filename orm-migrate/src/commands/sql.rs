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
    let graph = Graph::of_apps(apps)?;
    let migration = match &args.migration[..] {
        [app_name, name] => graph.find(app(apps, Some(app_name))?.name, name)?,
        [name] => graph.find(app(apps, None)?.name, name)?,
        _ => return Ok(Exit::Usage),
    };
    let dialect = dialect(args.dialect.as_deref())?;
    let direction = if args.backwards { Direction::Backwards } else { Direction::Forwards };
    // What stands before it in the order is what it finds; nothing that comes later changes its SQL.
    let place = graph.order().iter().position(|m| *m == migration).unwrap_or(0);
    let state = graph.state_of(|m| graph.order()[..place].contains(&m))?;
    let planner = |change: &_, before: &_| backend::plan(&dialect, change, before);
    let (planned, _) = script(Move { migration, direction }, &state, &dialect, &planner)?;
    for plan in planned {
        print::plain(&format!("-- {}", plan.operation.describe()));
        for step in plan.changes.iter().flatten() {
            match step.run {
                DdlRun::Plain => {}
                DdlRun::OutsideTransaction => print::plain("-- outside of the transaction:"),
                DdlRun::RunRows => print::plain("-- gives statements, to be run in their order:"),
                DdlRun::MustBeEmpty => print::plain("-- must give no row:"),
            }
            print::plain(&format!("{};", step.sql.trim_end().trim_end_matches(';')));
        }
    }
    Ok(Exit::Fine)
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
    if let Ok(url) = std::env::var("DATABASE_URL") {
        return Ok(backend::open(&url)?.dialect().name().to_owned());
    }
    let first = backend::BUILT_IN.first().ok_or_else(|| Error::configuration("no database is built in"))?;
    Ok((*first).to_owned())
}
