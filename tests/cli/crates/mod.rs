//! Two crates with models, of which one points at the other's: their migrations, the checks between them, and what can be
//! asked across them.

use orm::prelude::*;

use crate::place::Place;
use crate::project::Project;

const ACCOUNTS: &str = include_str!("accounts.rs");
const BOARD: &str = include_str!("board.rs");
const QUESTIONS: &str = include_str!("questions.rs");

/// What the test itself sees of the projects.
#[derive(Model, Debug)]
#[orm(table = "project", managed = false)]
struct Seen {
    id: i64,
    #[orm(max_length = 80)]
    title: String,
    #[orm(column = "team_id", max_length = 40)]
    team: String,
}

pub async fn two_crates(place: &Place, server: &str) -> orm::Result<()> {
    let project = Project::new(&format!("two_crates_{server}"));
    first_migrations(&project);
    let manage = program(&project, "apps: [accounts, board]").with("DATABASE_URL", &place.url);
    manage.run(&["makemigrations", "--check"]).is(0, "No changes");
    manage.run(&["check"]).is(0, "7 models and 2 migrations are sound");
    let both = "  + accounts.0001_initial (0 ms)\n  + board.0001_initial (0 ms)\n2 migrations done";
    // What it stands on comes along, in both directions.
    manage.run(&["migrate", "board"]).is(0, both);
    manage
        .run(&["migrate", "accounts", "zero"])
        .is(0, "  - board.0001_initial (0 ms)\n  - accounts.0001_initial (0 ms)\n2 migrations done");
    manage.run(&["migrate", "accounts"]).is(0, "  + accounts.0001_initial (0 ms)\n1 migration done");
    manage.run(&["migrate"]).is(0, "  + board.0001_initial (0 ms)\n1 migration done");
    manage.run(&["migrate", "0001"]).is(1, "error: there is no app `0001`; there is `accounts`, `board`");
    manage.run(&["sqlmigrate", "0001"]).is(1, "error: which app? there is `accounts`, `board`");

    project.write("board/src/bin/questions.rs", QUESTIONS);
    let questions = project.program("board", "questions", &["accounts", "board"]);
    questions.with("DATABASE_URL", &place.url).run(&[]).is(0, "all is well");
    changes_of_both(&project, &place.url).await
}

/// Each crate gets its own; the one that points at the other says what it comes after.
fn first_migrations(project: &Project) {
    project.write("accounts/src/lib.rs", ACCOUNTS);
    project.write("accounts/src/bin/manage.rs", "use accounts as _;\n\norm::manage!();\n");
    project.library("accounts", &[]);
    let manage = project.program("accounts", "manage", &["accounts"]);
    manage.run(&["makemigrations"]).has(0, "accounts.0001_initial\n  + create model `");

    project.write("accounts/src/lib.rs", &with_migrations(ACCOUNTS));
    project.write("board/src/lib.rs", BOARD);
    project.library("accounts", &[]);
    project.library("board", &["accounts"]);
    // The other crate's models are seen, so its app is to be named.
    let alone = program(project, "");
    alone.run(&["makemigrations"]).has(1, "which belongs to no app; add its app to `manage!`");
    let manage = program(project, "apps: [accounts], new: board");
    let said = manage.run(&["makemigrations"]);
    said.has(0, "board.0001_initial\n  + create model `");
    said.has(
        0,
        "wrote src/migrations/m0001_initial.rs\nwrote src/migrations/mod.rs\n\
         now add `pub mod migrations;` to `src/lib.rs`, and say `orm::manage! { apps: [accounts, board] }`",
    );
    assert!(!said.text.contains("accounts.0002"), "nothing of the other crate changed:\n{}", said.text);
    let written = project.read("board/src/migrations/m0001_initial.rs");
    assert!(written.contains(r#".depends_on(&[("accounts", "0001_initial")])"#), "{written}");

    project.write("board/src/lib.rs", &with_migrations(BOARD));
    project.library("board", &["accounts"]);
}

/// A longer key of the one crate is a longer foreign key of the other.
async fn changes_of_both(project: &Project, url: &str) -> orm::Result<()> {
    project.write("accounts/src/lib.rs", &with_migrations(&ACCOUNTS.replace("max_length = 20", "max_length = 40")));
    project.library("accounts", &[]);
    project.library("board", &["accounts"]);
    let manage = program(project, "apps: [accounts, board]").with("DATABASE_URL", url);
    let (theirs, ours) = (
        "accounts.0002_alter_team_code\n  ~ alter field `Team.code`\n",
        "board.0002_alter_project_team\n  ~ alter field `Project.team`\n",
    );
    manage.run(&["makemigrations", "accounts", "--dry-run"]).has(0, &format!("{theirs}//! Migration"));
    manage.run(&["makemigrations", "board", "--dry-run"]).has(0, &format!("{theirs}{ours}//! Migration"));
    manage.run(&["makemigrations"]).has(0, &format!("{theirs}{ours}wrote "));
    let written = project.read("board/src/migrations/m0002_alter_project_team.rs");
    assert!(written.contains(r#"("accounts", "0002_alter_team_code"),"#), "{written}");
    assert!(project.read("accounts/src/migrations/m0002_alter_team_code.rs").contains(r#"Field::string("code", 40)"#));

    project.library("accounts", &[]);
    project.library("board", &["accounts"]);
    let manage = program(project, "apps: [accounts, board]").with("DATABASE_URL", url);
    manage.run(&["makemigrations", "--check"]).is(0, "No changes");
    let alike = "Nothing to do: the tables are like the models";
    manage.run(&["sync"]).has(1, "error: the tables differ from the models in what cannot be added: ");
    manage
        .run(&["migrate"])
        .is(0, "  + accounts.0002_alter_team_code (0 ms)\n  + board.0002_alter_project_team (0 ms)\n2 migrations done");
    manage.run(&["sync"]).is(0, alike);
    let db = Db::connect(url).await?;
    let rows = Seen::objects().filter(Seen.team.eq("blue")).values(Seen.title).all(&db).await?;
    assert_eq!(rows, ["Cellar"], "the rows are as they were");
    db.close().await;
    manage
        .run(&["migrate", "accounts", "0001"])
        .is(0, "  - board.0002_alter_project_team (0 ms)\n  - accounts.0002_alter_team_code (0 ms)\n2 migrations done");
    Ok(())
}

/// A crate that Cargo downloaded has the migrations that its author wrote. What they forgot stops those that would stand
/// on it, and no others.
pub fn crates_of_others() {
    let project = Project::new("crates_of_others");
    let theirs = "registry/src/accounts";
    project.write(&format!("{theirs}/src/lib.rs"), &with_migrations(ACCOUNTS));
    project.write(&format!("{theirs}/src/migrations/mod.rs"), NO_MIGRATIONS);
    project.write("board/src/lib.rs", &with_migrations(BOARD));
    project.write("board/src/migrations/mod.rs", &NO_MIGRATIONS.replace("accounts", "board"));
    project.library(theirs, &[]);
    project.library("board", &["accounts"]);
    let manage = program(&project, "apps: [board, accounts]");
    let refused = "error: app `accounts` is not yours: its crate was downloaded by Cargo\n";
    manage.run(&["makemigrations"]).has(1, refused);
    manage.run(&["makemigrations", "board"]).has(1, refused);
    assert_eq!(project.names("board/src/migrations"), ["mod.rs"], "nothing is written that others are needed for");
    manage.run(&["makemigrations", "board", "--empty"]).has(0, "board.0001_custom\nwrote ");
}

const NO_MIGRATIONS: &str = "\
use orm::migrate::prelude::*;

pub const APP: App = App::new(\"accounts\", module_path!(), env!(\"CARGO_MANIFEST_DIR\"), &[]);
";

fn with_migrations(library: &str) -> String {
    library.replacen("\n\nuse ", "\n\npub mod migrations;\n\nuse ", 1)
}

fn program(project: &Project, apps: &str) -> crate::project::Program {
    let text = match apps {
        "" => "use board as _;\n\norm::manage!();\n".to_owned(),
        apps => format!("orm::manage! {{ {apps} }}\n"),
    };
    project.write("board/src/bin/manage.rs", &text);
    project.program("board", "manage", &["accounts", "board"])
}
