//! `makemigrations`: what changed in the models, as files.

use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::path::Path;

use orm_core::error::{Error, Result};
use orm_core::meta::registered;

use super::{Exit, app, check, models, print};
use crate::app::{App, Migration};
use crate::cli::MakeArgs;
use crate::diff::diff;
use crate::graph::Graph;
use crate::questions::{Given, Nobody, Person, Questions, is_unanswered};
use crate::state::State;
use crate::{file, split};

pub(crate) fn run(apps: &[App], args: &MakeArgs) -> Result<Exit> {
    if let Some(name) = &args.name {
        refuse_name(name)?;
    }
    refuse_unlinked(apps)?;
    let graph = Graph::of_apps(apps)?;
    if args.empty {
        let app = app(apps, args.app.as_deref())?;
        return write(apps, &[split::empty(app.name, &graph, args.name.as_deref())?], args);
    }
    let models = models(apps)?;
    if !check::models_are_sound(&models) {
        return Ok(Exit::Failed);
    }
    let (from, to) = (graph.state()?, State::of_models(&models, apps)?);
    refuse_vanished(apps, &from, &to, &args.drop)?;
    let (mut person, mut nobody) = (Person, Nobody);
    let ask = !args.no_input && !args.check && std::io::stdin().is_terminal();
    let next: &mut dyn Questions = if ask { &mut person } else { &mut nobody };
    let drops: Vec<String> = args.drop.iter().filter(|d| !apps.iter().any(|a| a.name == **d)).cloned().collect();
    let mut answers = Given::new(&args.rename, &drops, &args.fill, next)?.with_models(&models, apps);
    let operations = match diff(&from, &to, &mut answers) {
        // What is asked about is a change, whatever the answer.
        Err(question) if args.check && is_unanswered(&question) => {
            print::plain(question.message());
            return Ok(lacking());
        }
        operations => operations?,
    };
    answers.finish()?;
    let all = split::split(&operations, &graph, args.name.as_deref())?;
    let new = match &args.app {
        Some(name) => needed(&all, app(apps, Some(name))?.name),
        None => all,
    };
    if new.is_empty() {
        print::good("No changes");
        return Ok(Exit::Fine);
    }
    write(apps, &new, args)
}

fn write(apps: &[App], new: &[Migration], args: &MakeArgs) -> Result<Exit> {
    for migration in new {
        print::title(&migration.label());
        for operation in migration.operations {
            print::operation(&operation.describe());
        }
    }
    if args.check {
        return Ok(lacking());
    }
    // Where each goes, before the first is written: a crate that is not the user's stops all of them.
    for app in apps.iter().filter(|app| !args.dry_run && new.iter().any(|m| m.app == app.name)) {
        file::directory(app)?;
    }
    for app in apps {
        let of_app: Vec<Migration> = new.iter().filter(|m| m.app == app.name).copied().collect();
        if of_app.is_empty() {
            continue;
        }
        if args.dry_run {
            for migration in &of_app {
                print::plain(&file::formatted(&file::text(migration), Path::new(".")));
            }
            continue;
        }
        for path in file::write(app, &of_app)? {
            print::plain(&format!("wrote {}", file::from_here(&path).display()));
        }
        if app.migrations.is_empty() {
            print::hint(&what_is_next(apps, app));
        }
    }
    Ok(Exit::Fine)
}

fn lacking() -> Exit {
    print::error("the models have changes that no migration has; run `makemigrations`");
    Exit::Failed
}

/// Whether the models have changes that no migration has; not if that cannot be told.
pub(super) fn models_are_ahead(apps: &[App]) -> bool {
    let difference = || {
        let models = registered();
        let (from, to) = (Graph::of_apps(apps)?.state()?, State::of_models(&models, apps)?);
        let mut nobody = Nobody;
        diff(&from, &to, &mut Given::new(&[], &[], &[], &mut nobody)?.with_models(&models, apps))
    };
    match difference() {
        Ok(operations) => !operations.is_empty(),
        Err(error) => is_unanswered(&error),
    }
}

/// What is to be done by hand when an app has its first migration.
fn what_is_next(apps: &[App], app: &App) -> String {
    let place = match app.root().split_once("::") {
        Some(_) => format!("module `{}`", app.root()),
        None => "`src/lib.rs`".to_owned(),
    };
    let call = match apps {
        [_] => format!("orm::manage!({}::migrations);", app.root()),
        _ => format!("orm::manage! {{ apps: [{}] }}", apps.iter().map(App::root).collect::<Vec<_>>().join(", ")),
    };
    format!("now add `pub mod migrations;` to {place}, and say `{call}`")
}

/// The migrations of an app, with those that they depend on.
fn needed(all: &[Migration], app: &str) -> Vec<Migration> {
    let mut names: BTreeSet<_> = all.iter().filter(|m| m.app == app).map(|m| (m.app, m.name)).collect();
    for migration in all.iter().rev() {
        if names.contains(&(migration.app, migration.name)) {
            names.extend(migration.dependencies);
        }
    }
    all.iter().filter(|m| names.contains(&(m.app, m.name))).copied().collect()
}

fn refuse_name(name: &str) -> Result<()> {
    let fits = !name.is_empty() && name.len() <= 60 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if fits {
        return Ok(());
    }
    Err(Error::configuration(format!("`{name}` is no name for a migration; take letters, digits and `_`")))
}

/// Files that this program was built without would be written again.
fn refuse_unlinked(apps: &[App]) -> Result<()> {
    for app in apps {
        let Ok(directory) = file::directory(app) else { continue };
        let known: BTreeSet<&str> = app.migrations.iter().map(|m| m.name).collect();
        let unknown = file::names(&directory)?.into_iter().find(|n| {
            let beside = known.iter().any(|k| n.starts_with(*k));
            !known.contains(n.as_str()) && !beside
        });
        if let Some(name) = unknown {
            let root = app.root();
            return Err(Error::migration(format!(
                "`{}` is not in this program; is `orm::manage!({root}::migrations)` said, and the list in `mod.rs` whole?",
                file::from_here(&directory.join(format!("{}.rs", file::module(&name)))).display()
            )));
        }
    }
    Ok(())
}

/// An app without models is nearly always one that was not linked in, and never one whose tables should go unasked.
fn refuse_vanished(apps: &[App], from: &State, to: &State, drops: &[String]) -> Result<()> {
    for app in apps {
        let had = from.models.keys().any(|k| k.0 == app.name);
        let has = to.models.keys().any(|k| k.0 == app.name);
        if had && !has && !drops.iter().any(|d| d == app.name) {
            return Err(Error::migration(format!(
                "all models of app `{}` are gone; is its crate linked? add `use {} as _;`, or say `--drop {}`",
                app.name,
                app.root().split("::").next().unwrap_or_default(),
                app.name
            )));
        }
    }
    let listed: BTreeSet<&str> = apps.iter().map(|a| a.name).collect();
    match from.models.keys().find(|k| !listed.contains(k.0)) {
        Some(key) => Err(Error::migration(format!("app `{}` has migrations, but is not in `manage!`", key.0))),
        None => Ok(()),
    }
}
