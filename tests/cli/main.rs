//! The program that `orm::manage!` makes, built and used as one would: in crates of its own, at a terminal and without
//! one, on every database that this run has.

mod compiled;
mod crates;
mod databases;
mod guide;
#[path = "../place/mod.rs"]
mod place;
mod project;
#[cfg(unix)]
mod prompts;
mod shop;
#[cfg(unix)]
mod terminal;
mod usage;
mod writing;

use libtest_mimic::{Arguments, Failed, Trial};
use place::{Place, Server};

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = vec![
        story("guide", guide::transcripts_are_true),
        story("first_migrations", writing::first_migrations),
        #[cfg(unix)]
        story("prompts", prompts::answers_are_written),
        #[cfg(unix)]
        story("nulls", prompts::esc_says_that_there_are_none),
        #[cfg(unix)]
        story("colours", prompts::colours_are_for_terminals),
        #[cfg(unix)]
        story("progress", prompts::progress_is_for_terminals),
        story("help_and_wrong_arguments", usage::help_and_wrong_arguments),
        story("wrong_urls", usage::wrong_urls),
        story("broken_models", usage::broken_models),
        story("models_that_are_not_linked", usage::models_that_are_not_linked),
        story("crates_of_others", crates::crates_of_others),
        story("questions_by_flags", writing::questions_by_flags),
    ];
    for server in Server::ALL {
        trials.push(on(server, "there_and_back", databases::there_and_back));
        if server != Server::Sqlite {
            trials.push(on(server, "one_at_a_time", databases::one_at_a_time));
        }
        trials.push(on(server, "two_crates", crates::two_crates));
        trials.push(on(server, "without_migrations", databases::without_migrations));
    }
    libtest_mimic::run(&arguments, trials).exit();
}

/// A test that needs no server.
fn story(name: &str, body: fn()) -> Trial {
    Trial::test(name, move || {
        body();
        Ok(())
    })
}

/// A test on a server, in an empty database; where there is no server it is listed as ignored.
fn on(server: Server, name: &str, body: impl AsyncFnOnce(&Place, &str) -> orm::Result<()> + Send + 'static) -> Trial {
    let url = server.url();
    let ignored = url.is_none();
    let trial = Trial::test(format!("{name}::{}", server.name()), move || {
        let url = url.ok_or_else(|| server.missing())?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let place = Place::make(server, &url).await?;
            let done = body(&place, server.name()).await;
            place.remove().await?;
            done.map_err(Failed::from)
        })
    });
    trial.with_ignored_flag(ignored)
}
