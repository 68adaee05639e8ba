//! `check`: what is wrong with the models or the history.

use orm_core::error::Result;
use orm_core::meta::ModelMeta;

use super::{Exit, models, print};
use crate::app::App;
use crate::graph::Graph;
use crate::lint::{self, Severity};

pub(crate) fn run(apps: &[App]) -> Result<Exit> {
    let models = models(apps)?;
    let sound = models_are_sound(&models);
    let graph = Graph::of_apps(apps)?;
    for app in apps {
        graph.leaf(app.name)?;
    }
    graph.state()?.schema()?;
    if !sound {
        return Ok(Exit::Failed);
    }
    let (models, migrations) = (counted(models.len(), "model"), counted(graph.order().len(), "migration"));
    print::good(&format!("{models} and {migrations} are sound"));
    Ok(Exit::Fine)
}

fn counted(count: usize, thing: &str) -> String {
    match count {
        0 => format!("no {thing}s"),
        1 => format!("1 {thing}"),
        _ => format!("{count} {thing}s"),
    }
}

/// Prints what is found, and says whether none of it is an error.
pub(super) fn models_are_sound(models: &[&'static ModelMeta]) -> bool {
    let mut sound = true;
    for finding in lint::check(models) {
        match finding.severity {
            Severity::Error => {
                sound = false;
                print::error(&finding.to_string());
            }
            Severity::Warning => print::warning(&finding.to_string()),
            Severity::Hint => print::hint(&finding.to_string()),
        }
    }
    sound
}
