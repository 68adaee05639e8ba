//! What is said of the program itself, and to those who call it wrongly.

use crate::project::Project;
use crate::shop::{OLD, Shop};

const HELP: &str = "\
Write and run the migrations of this project, and check its models

Usage: manage <COMMAND>

Commands:
  makemigrations  Write migrations for what changed in the models
  migrate         Run migrations that the database lacks, or go back
  showmigrations  Show which migrations are applied
  sqlmigrate      Print the SQL of a migration, without a database
  check           Check the models and the history of migrations
  sync            Add what the database lacks at once, without migrations (for tests and prototypes)

Options:
  -h, --help     Print help
  -V, --version  Print version
";

const MIGRATE: &str = "\
Run migrations that the database lacks, or go back

Usage: manage migrate [OPTIONS] [APP] [TARGET]

Arguments:
  [APP]     The app; all of them if it is not given
  [TARGET]  The migration to stop at (the beginning of its name is enough), or `zero` to go back to nothing. Without its app if there is only one

Options:
      --plan            Show what would be run
      --fake            Record the migrations without running them, for tables that are there already
      --wait <SECONDS>  How long to wait for another program that is migrating [default: 60]
      --database <URL>  The URL of the database; `DATABASE_URL` if it is not given
  -h, --help            Print help
";

pub fn help_and_wrong_arguments() {
    let shop = Shop::new("usage");
    let manage = shop.with(OLD);
    manage.run(&["--help"]).is(0, HELP);
    manage.run(&[]).is(2, HELP);
    manage.run(&["--version"]).is(0, &format!("manage (orm {})", env!("CARGO_PKG_VERSION")));
    manage.run(&["migrate", "--help"]).is(0, MIGRATE);
    manage.run(&["makemigrations", "--help"]).has(0, "--no-input            Ask nothing; exit with 3 if a question");
    manage.run(&["migrat"]).has(2, "error: unrecognized subcommand 'migrat'\n");
    manage.run(&["migrate", "--plam"]).has(2, "a similar argument exists: '--plan'");
    manage.run(&["migrate", "--wait", "long"]).has(2, "invalid value 'long' for '--wait <SECONDS>'");
    manage.run(&["sqlmigrate"]).has(2, "the following required arguments were not provided:\n  <MIGRATION>...");
    manage.run(&["makemigrations", "shop", "0001"]).has(2, "unexpected argument '0001' found");

    let output = manage.command(&["sqlmigrate", "0001"]).output().expect("the program starts");
    assert!(output.stdout.is_empty(), "errors are not where the output goes");
    assert!(output.stderr.starts_with(b"error: app `shop` has no migration `0001`"));
}

/// Where no database can be had, the reason is said, and the password is not.
pub fn wrong_urls() {
    let shop = Shop::new("urls");
    let manage = shop.with(OLD);
    manage.run(&["migrate"]).is(1, "error: which database? set `DATABASE_URL`, or say `--database URL`");
    manage.clone().with("DATABASE_URL", "").run(&["migrate"]).has(1, "error: which database?");
    let urls = [
        ("oracle://me:secret@host/x", "error: `oracle` is not a database that this program knows"),
        ("me:secret@host", "error: `me` is not a database that this program knows"),
        ("postgres://me:secret@127.0.0.1:1/x", "postgres://me@127.0.0.1:1/x"),
        ("mysql://me:secret@127.0.0.1:1/x", "mysql://me@127.0.0.1:1/x"),
        ("postgres://me:secret@host:port/x", "error: the URL of the PostgreSQL database cannot be read"),
        ("postgres://me:sec/ret@host/x", "error: the URL of the PostgreSQL database cannot be read"),
        ("sqlite:no/such/place.db", "error: the database `no/such/place.db` cannot be opened: there is no folder"),
    ];
    for command in ["migrate", "showmigrations", "sync"] {
        for (url, words) in urls {
            let said = manage.run(&[command, "--database", url]);
            said.has(1, words);
            assert!(!said.text.contains("sec"), "the password is shown: {}", said.text);
            // The driver's own words come once.
            assert!(said.text.matches("refused").count() <= 1, "{}", said.text);
        }
    }
}

/// Models that cannot work: each finding is named with what to do, and nothing is written or run.
pub fn broken_models() {
    let project = Project::new("broken");
    project.write(
        "library/src/lib.rs",
        "use orm::prelude::*;

#[derive(Model, Debug)]
#[orm(table = \"books\")]
pub struct Book {
    pub id: i64,
    pub title: String,
}

pub mod old {
    use orm::prelude::*;

    #[derive(Model, Debug)]
    #[orm(table = \"books\")]
    pub struct Volume {
        pub id: i64,
    }
}
",
    );
    project.write("library/src/bin/manage.rs", "use library as _;\n\norm::manage!();\n");
    project.library("library", &[]);
    let manage = project.program("library", "manage", &["library"]);
    let finding =
        "error: E001 `Volume`: table `books` is that of `Book` too; give one of them another by `#[orm(table = ..)]`";
    manage.run(&["check"]).is(1, finding);
    manage.run(&["makemigrations"]).is(1, finding);
    manage.run(&["sync", "--database", "sqlite::memory:"]).is(1, finding);
    manage.run(&["migrate", "--database", "sqlite::memory:"]).has(1, "E001 `Volume`");
    assert!(!project.has("library/src/migrations"));
}

/// A program that nobody linked models into must not take their tables for gone.
pub fn models_that_are_not_linked() {
    let shop = Shop::new("unlinked");
    shop.with(OLD);
    let project = &shop.project;
    project.write("shop/src/bin/forgot.rs", "orm::manage!();\n");
    let said = project.program("shop", "forgot", &[]).run(&["makemigrations"]);
    said.is(
        1,
        "error: there are no models; is the crate with your models linked? add `use shop as _;` to this program",
    );

    shop.old();
    // Its models are gone, those of another are there.
    project.write("shop/src/lib.rs", "pub mod migrations;\n");
    project.library("shop", &[]);
    project.write("other/src/lib.rs", &format!("use orm::prelude::*;\n{}", OLD.replace("Maker", "Author")));
    project.write("other/src/bin/manage.rs", "orm::manage! { apps: [shop], new: other }\n");
    project.library("other", &[]);
    let manage = project.program("other", "manage", &["other", "shop"]);
    manage.run(&["makemigrations"]).is(
        1,
        "error: all models of app `shop` are gone; is its crate linked? add `use shop as _;`, or say `--drop shop`",
    );
    manage
        .run(&["makemigrations", "shop", "--drop", "shop"])
        .has(0, "shop.0002_delete_product_delete_maker\n  - delete model `Product`\n  - delete model `Maker`\nwrote ");
    assert_eq!(shop.migrations().len(), 3);
}
