//! `migrate`: runs migrations, or shows what would be run.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use orm_core::error::Result;

use super::{Exit, app, database, make, print, runtime};
use crate::app::App;
use crate::cli::MigrateArgs;
use crate::graph::Graph;
use crate::plan::{Direction, Move, Target, moves, reversed};
use crate::run::{self, Event, Options};

pub(crate) fn run(apps: &[App], args: &MigrateArgs) -> Result<Exit> {
    let target = target(apps, args.app.as_deref(), args.target.as_deref())?;
    let backend = database(&args.database)?;
    if args.plan {
        let records = runtime(run::records(backend))?;
        let graph = Graph::of_apps(apps)?;
        let plan = moves(&graph, &run::applied(&records), &target)?;
        if !args.fake {
            run::refuse_below_unknown(&graph, &records, &plan)?;
        }
        show(&graph, &plan)?;
        return Ok(Exit::Fine);
    }
    let options = Options { patience: Duration::from_secs(args.wait), fake: args.fake };
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}") {
        bar.set_style(style);
    }
    let mut begun = Instant::now();
    let mut watch = |event: Event| match event {
        Event::Waiting(most) => {
            print::hint(&format!("another program is migrating; waiting for up to {} s", most.as_secs()))
        }
        Event::Planned(count) => bar.set_length(count as u64),
        Event::Begin(moved) => {
            begun = Instant::now();
            bar.set_message(moved.migration.label());
        }
        Event::Done(moved) => {
            let sign = sign(moved.direction);
            let line = format!("{sign} {} ({} ms)", moved.migration.label(), begun.elapsed().as_millis());
            bar.suspend(|| print::operation(&line));
            bar.inc(1);
        }
        Event::Warning(text) => bar.suspend(|| print::warning(&text)),
    };
    let done = runtime(run::migrate_watched(backend, apps, &target, options, &mut watch));
    bar.finish_and_clear();
    let how = if args.fake { "recorded, not run" } else { "done" };
    match done?.len() {
        0 => print::good("Nothing to do: the database is up to date"),
        1 => print::good(&format!("1 migration {how}")),
        count => print::good(&format!("{count} migrations {how}")),
    }
    if target == Target::Latest && make::models_are_ahead(apps) {
        print::hint("the models have changes that no migration has; `makemigrations` writes one");
    }
    Ok(Exit::Fine)
}

fn sign(direction: Direction) -> char {
    match direction {
        Direction::Forwards => '+',
        Direction::Backwards => '-',
    }
}

fn show(graph: &Graph, plan: &[Move]) -> Result<()> {
    if plan.is_empty() {
        print::good("Nothing to do: the database is up to date");
    }
    for Move { migration, direction } in plan {
        let operations = match direction {
            Direction::Forwards => {
                print::title(&migration.label());
                migration.operations.to_vec()
            }
            Direction::Backwards => {
                let place = graph.order().iter().position(|m| m == migration).unwrap_or(0);
                let before = graph.state_of(|m| graph.order()[..place].contains(&m))?;
                print::title(&format!("take back {}", migration.label()));
                reversed(migration, &before)?
            }
        };
        for operation in operations {
            print::operation(&operation.describe());
        }
    }
    Ok(())
}

/// `migrate`, `migrate blog`, `migrate blog 0002`, `migrate blog zero`; the app may be left out if it is the only one.
fn target(apps: &[App], first: Option<&str>, second: Option<&str>) -> Result<Target> {
    let (name, target) = match (first, second) {
        (None, _) => return Ok(Target::Latest),
        (Some(first), None) if apps.iter().any(|a| a.name == first) => return Ok(Target::App(first.to_owned())),
        (Some(first), None) => match apps {
            [_] => (None, first),
            _ => (Some(first), first),
        },
        (Some(first), Some(second)) => (Some(first), second),
    };
    let name = app(apps, name)?.name.to_owned();
    Ok(if target == "zero" { Target::Zero(name) } else { Target::Migration(name, target.to_owned()) })
}
