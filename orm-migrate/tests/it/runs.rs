//! Migrations run on a database: up, down, interrupted, alone.

use std::sync::Arc;

use orm_core::backend;
use orm_core::db::Backend;
use orm_core::error::Result;
use orm_core::meta::ModelMeta;
use orm_core::schema::{Schema, SchemaChange};
use orm_migrate::diff::diff;
use orm_migrate::graph::Graph;
use orm_migrate::plan::Target;
use orm_migrate::prelude::*;
use orm_migrate::run::{Event, Session, applied, migrate_watched, records};
use orm_migrate::split::split;
use orm_migrate::state::State;
use orm_migrate::sync::difference;
use orm_migrate::{Options, SyncOptions, migrate, sync_with};

use crate::diff::Yes;
use crate::models::{ALL, key, model, state};
use crate::properties::pairs;

/// A database in a file of its own, which goes when the test ends.
struct Place(std::path::PathBuf);
impl Place {
    fn new(name: &str) -> Place {
        let path = std::env::temp_dir().join(format!("orm_migrate_{name}_{}.db", std::process::id()));
        let _ = std::fs::remove_file(&path);
        Place(path)
    }
    fn backend(&self) -> Arc<dyn Backend> {
        backend::open(&format!("sqlite:{}", self.0.display())).unwrap()
    }
}
impl Drop for Place {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm", "-journal"] {
            let _ = std::fs::remove_file(format!("{}{end}", self.0.display()));
        }
    }
}

fn block<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// The migrations of a history of states, as the apps that hold them.
fn apps(states: &[State]) -> Vec<App> {
    let mut all: Vec<&'static Migration> = Vec::new();
    let mut from = State::default();
    for to in states {
        let graph = Graph::new(all.iter().copied()).unwrap();
        let operations = diff(&from, to, &mut Yes).unwrap();
        all.extend(split(&operations, &graph, None).unwrap().into_iter().map(|m| &*Box::leak(Box::new(m))));
        from = to.clone();
    }
    let mut names: Vec<&'static str> = all.iter().map(|m| m.app).collect();
    names.sort_unstable();
    names.dedup();
    let of = |name: &str| all.iter().copied().filter(|m| m.app == name).collect::<Vec<_>>().leak();
    names.into_iter().map(|n| App::new(n, n, "/nowhere", of(n))).collect()
}

async fn tables(backend: &Arc<dyn Backend>) -> Schema {
    let mut schema = Session::open(backend.clone()).await.unwrap().introspect().await.unwrap();
    schema.tables.remove("orm_migrations");
    schema
}

#[track_caller]
fn alike(actual: &Schema, state: &State) {
    let mut wanted = state.schema().unwrap();
    for table in wanted.tables.values_mut() {
        // There are none on SQLite.
        table.comment.clear();
        table.columns.iter_mut().for_each(|c| c.comment.clear());
    }
    assert_eq!(difference(actual, &wanted).unwrap(), []);
    assert_eq!(actual.tables.keys().collect::<Vec<_>>(), wanted.tables.keys().collect::<Vec<_>>());
}

#[test]
fn tables_become_like_the_states_and_go_back() {
    for (i, (from, to)) in pairs().into_iter().enumerate() {
        if from.models.values().any(|m| !m.managed) {
            continue; // Its table would have to be there already.
        }
        let place = Place::new(&format!("pair{i}"));
        let backend = place.backend();
        block(async {
            let (first, both) = (apps(std::slice::from_ref(&from)), apps(&[from.clone(), to.clone()]));
            migrate(backend.clone(), &first, &Target::Latest, Options::default()).await.unwrap();
            alike(&tables(&backend).await, &from);
            let done = migrate(backend.clone(), &both, &Target::Latest, Options::default()).await.unwrap();
            assert!(!done.is_empty());
            alike(&tables(&backend).await, &to);
            assert_eq!(migrate(backend.clone(), &both, &Target::Latest, Options::default()).await.unwrap(), []);
            for app in &first {
                let last = app.migrations.last().unwrap();
                let target = Target::Migration(app.name.to_owned(), last.name.to_owned());
                migrate(backend.clone(), &both, &target, Options::default()).await.unwrap();
            }
            for app in both.iter().filter(|a| !first.iter().any(|f| f.name == a.name)) {
                migrate(backend.clone(), &both, &Target::Zero(app.name.to_owned()), Options::default()).await.unwrap();
            }
            alike(&tables(&backend).await, &from);
            for app in &both {
                migrate(backend.clone(), &both, &Target::Zero(app.name.to_owned()), Options::default()).await.unwrap();
            }
            assert_eq!(tables(&backend).await, Schema::default());
        });
    }
}

#[test]
fn rows_live_through_renames_and_get_their_fill() {
    let place = Place::new("rows");
    let backend = place.backend();
    let before = state(&[model("Post", &[Field::text("body")])]);
    let after = state(&[model("Post", &[Field::string("text", 50), Field::int32("rank")])]);
    block(async {
        migrate(backend.clone(), &apps(std::slice::from_ref(&before)), &Target::Latest, Options::default())
            .await
            .unwrap();
        let mut session = Session::open(backend.clone()).await.unwrap();
        session.execute("INSERT INTO post (body) VALUES ('hello')").await.unwrap();
        migrate(backend.clone(), &apps(&[before, after]), &Target::Latest, Options::default()).await.unwrap();
        let row = session.first("SELECT text FROM post WHERE rank = 0").await.unwrap().unwrap();
        assert_eq!(row, [orm_core::value::Value::Text("hello".into())]);
    });
}

static BROKEN: [&Migration; 2] = [
    &Migration::new("blog", "0001_initial")
        .ops(&[Op::create_model(Model::new("A", "a").fields(&[Field::int64("id").increment()]).key(&["id"]))]),
    &Migration::new("blog", "0002_broken").depends_on(&[("blog", "0001_initial")]).ops(&[
        Op::add_field("A", Field::text("x").null()),
        Op::run_sql(Sql::on(&[("", "INSERT INTO nowhere VALUES (1)")])),
    ]),
];

#[test]
fn a_failure_names_migration_operation_and_sql_and_leaves_nothing() {
    let place = Place::new("broken");
    let backend = place.backend();
    let apps = [App::new("blog", "blog", "/nowhere", &BROKEN)];
    block(async {
        let error = migrate(backend.clone(), &apps, &Target::Latest, Options::default()).await.unwrap_err();
        let words = "migration `blog.0002_broken`, `~ run SQL `INSERT INTO nowhere VALUES (1)``: ";
        assert!(error.message().starts_with(words), "{error}");
        assert_eq!(error.sql(), Some("INSERT INTO nowhere VALUES (1)"));
        assert!(tables(&backend).await.tables["a"].column("x").is_none());
        let applied = applied(&records(backend.clone()).await.unwrap());
        assert_eq!(applied.into_iter().collect::<Vec<_>>(), [("blog".to_owned(), "0001_initial".to_owned())]);
    });
}

#[test]
fn what_cannot_be_taken_back_is_refused_before_anything_is_run() {
    let place = Place::new("back");
    let backend = place.backend();
    static ONE_WAY: [&Migration; 1] =
        [&Migration::new("blog", "0001_sql").ops(&[Op::run_sql(Sql::on(&[("", "SELECT 1")]))])];
    let apps = [App::new("blog", "blog", "/nowhere", &ONE_WAY)];
    block(async {
        migrate(backend.clone(), &apps, &Target::Latest, Options::default()).await.unwrap();
        let back = migrate(backend.clone(), &apps, &Target::Zero("blog".to_owned()), Options::default()).await;
        assert_eq!(
            back.unwrap_err().message(),
            "migration `blog.0001_sql` cannot be taken back: `~ run SQL `SELECT 1`` does not say how it is undone"
        );
    });
}

#[test]
fn two_programs_at_once_run_each_migration_once() {
    let place = Place::new("race");
    let apps: Vec<App> = apps(&[state(&[model("A", &[]), model("B", &[key("a", "A")])])]);
    let run = || {
        let (backend, apps) = (place.backend(), apps.clone());
        std::thread::spawn(move || block(migrate(backend, &apps, &Target::Latest, Options::default())))
    };
    for thread in [run(), run(), run()] {
        thread.join().unwrap().unwrap();
    }
    block(async { assert_eq!(applied(&records(place.backend()).await.unwrap()).len(), 1) });
}

#[test]
fn fakes_are_recorded_and_edits_noticed() {
    let place = Place::new("fake");
    let backend = place.backend();
    block(async {
        let fake = Options { fake: true, ..Options::default() };
        let first = apps(&[state(&[model("A", &[])])]);
        migrate(backend.clone(), &first, &Target::Latest, fake).await.unwrap();
        assert_eq!(tables(&backend).await, Schema::default());
        let edited = apps(&[state(&[model("A", &[Field::text("x")])])]);
        let mut warnings = Vec::new();
        let mut watch = |event| {
            if let Event::Warning(text) = event {
                warnings.push(text);
            }
        };
        migrate_watched(backend, &edited, &Target::Latest, Options::default(), &mut watch).await.unwrap();
        assert_eq!(warnings, ["migration `blog.0001_initial` was changed after it was applied here"]);
    });
}

async fn additive(backend: Arc<dyn Backend>, models: &[&'static ModelMeta]) -> Result<Vec<SchemaChange>> {
    sync_with(backend, models, SyncOptions::default()).await
}

#[test]
fn sync_adds_and_takes_nothing_away_unless_told() {
    let place = Place::new("sync");
    let backend = place.backend();
    block(async {
        assert_eq!(additive(backend.clone(), &ALL).await.unwrap().len(), 4);
        assert_eq!(additive(backend.clone(), &ALL).await.unwrap(), []);
        let mut session = Session::open(backend.clone()).await.unwrap();
        session.execute("ALTER TABLE author ADD COLUMN extra TEXT").await.unwrap();
        let error = additive(backend.clone(), &ALL).await.unwrap_err();
        assert!(error.message().contains("`author.extra` is of no field"), "{error}");
        let all = SyncOptions { destructive: true };
        assert_eq!(sync_with(backend.clone(), &ALL, all).await.unwrap().len(), 1);
        assert_eq!(additive(backend, &ALL).await.unwrap(), []);
    });
}

#[test]
fn a_new_column_without_default_needs_an_empty_table() {
    let place = Place::new("empty");
    let backend = place.backend();
    block(async {
        additive(backend.clone(), &ALL[..1]).await.unwrap();
        let mut session = Session::open(backend.clone()).await.unwrap();
        session.execute("DROP INDEX uq_author_name; ALTER TABLE author DROP COLUMN name").await.unwrap();
        session.execute("INSERT INTO author DEFAULT VALUES").await.unwrap();
        let error = additive(backend.clone(), &ALL[..1]).await.unwrap_err();
        assert!(error.message().starts_with("`author` has rows, and its new column `name`"), "{error}");
        session.execute("DELETE FROM author").await.unwrap();
        assert_eq!(additive(backend, &ALL[..1]).await.unwrap().len(), 2);
    });
}
