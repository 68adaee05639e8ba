//! How migrations run: what they cost, whom they wait for, and what they leave alone.

use crate::counted::counted;
use crate::harness::Outcome;
use crate::migrations::{app_of, at, count, fill, go, is_sqlite, is_true, versions};
use crate::suite;
use orm::migrate::run::Session;
use orm::migrate::{Options, Target, migrate};
use orm::prelude::*;
use std::time::Duration;

suite!([];
    a_table_is_rebuilt_once_a_migration,
    what_was_added_by_hand_lives_through_migrations,
    migrators_of_different_schemas_do_not_wait_for_each_other,
);

async fn a_table_is_rebuilt_once_a_migration(db: Db) -> Outcome {
    if !is_sqlite(&db) {
        return Ok(());
    }
    let app = app_of(&versions())?;
    go(&db, &app, &at("0001")).await?;
    fill(&db).await?;
    let (watched, log) = counted(&db);
    for (target, most) in [(at("0002"), 1), (at("0003"), 2), (at("0002"), 2), (at("0001"), 1)] {
        log.take();
        go(&watched, &app, &target).await?;
        let copies: Vec<String> =
            log.take().into_iter().filter(|sql| sql.starts_with("INSERT INTO \"_orm_new_")).collect();
        assert!(!copies.is_empty() && copies.len() <= most, "to {target:?}: {copies:#?}");
    }
    assert_eq!(count(&db, "items").await?, 2);
    Ok(())
}

async fn what_was_added_by_hand_lives_through_migrations(db: Db) -> Outcome {
    if !is_sqlite(&db) {
        return Ok(());
    }
    let app = app_of(&versions())?;
    go(&db, &app, &at("0001")).await?;
    fill(&db).await?;
    // As people do who follow SQLite's manual.
    db.execute(
        "PRAGMA writable_schema = ON; \
         UPDATE sqlite_schema SET sql = replace(sql, '\"rank\" INT NOT NULL', '\"rank\" INT NOT NULL CHECK (\"rank\" > 0)') WHERE name = 'items'; \
         UPDATE sqlite_schema SET sql = replace(sql, '\"title\" VARCHAR(20) NOT NULL', '\"title\" VARCHAR(20) NOT NULL COLLATE NOCASE') WHERE name = 'items'; \
         PRAGMA writable_schema = RESET",
    )
    .await?;
    db.execute("ALTER TABLE items ADD COLUMN mine TEXT DEFAULT 'x' CHECK (mine <> ''); CREATE INDEX few ON items (title) WHERE \"rank\" > 5").await?;
    for target in [at("0002"), at("0001"), Target::Latest, at("0001")] {
        go(&db, &app, &target).await?;
        let table = if target == Target::Latest { "products" } else { "items" };
        let kept = format!(
            "SELECT COUNT(*) FROM sqlite_schema WHERE name = '{table}' AND sql LIKE '%CHECK (\"rank\" > 0)%' \
             AND sql LIKE '%COLLATE NOCASE%' AND sql LIKE '%CHECK (mine <> '''')%'"
        );
        let kept = crate::migrations::rows(&db, &kept, &[orm::value::Kind::Int64]).await?;
        assert_eq!(kept, [[orm::value::Value::Int(1)]], "to {target:?}");
        assert_eq!(count(&db, &format!("{table} WHERE mine = 'x'")).await?, 2);
        assert_eq!(count(&db, "sqlite_schema WHERE name = 'few' AND sql LIKE '%WHERE%'").await?, 1);
    }
    Ok(())
}

async fn migrators_of_different_schemas_do_not_wait_for_each_other(db: Db) -> Outcome {
    let Some((take, give_back)) = db.backend().migration_lock() else { return Ok(()) };
    let is_postgres = db.dialect().name() == "postgres";
    let name = format!("orm_it_beside_{}", std::process::id());
    let word = if is_postgres { "SCHEMA" } else { "DATABASE" };
    let mut other = Session::open(db.backend().clone()).await?;
    other.execute(&format!("CREATE {word} {name}")).await?;
    let app = app_of(&versions()[..1])?;
    let outcome = async {
        let go_there = if is_postgres { format!("SET search_path = {name}") } else { format!("USE {name}") };
        other.execute(&go_there).await?;
        let held = other.first(&take).await?.is_some_and(|row| is_true(&row));
        let options = Options { patience: Duration::from_millis(100), ..Options::default() };
        let moves = migrate(db.backend().clone(), &[app], &Target::Latest, options).await;
        other.first(&give_back).await?;
        Ok((held, moves?.len()))
    };
    let outcome: orm::Result<(bool, usize)> = outcome.await;
    other.execute(&format!("DROP {word} {name}")).await?;
    assert_eq!(outcome?, (true, 1));
    Ok(())
}
