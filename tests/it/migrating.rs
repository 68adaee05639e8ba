//! How migrations run: what they cost, whom they wait for, and what they leave alone.

use crate::counted::counted;
use crate::harness::Outcome;
use crate::migrations::versions::{counting, drawing, naming, v2};
use crate::migrations::{Flags, app_of, at, count, fill, go, is_sqlite, is_true, tables_are, versions};
use crate::suite;
use orm::error::ErrorKind;
use orm::migrate::run::Session;
use orm::migrate::{Options, Target, migrate};
use orm::prelude::*;
use std::time::Duration;

suite!([];
    a_table_is_rebuilt_once_a_migration,
    what_was_added_by_hand_lives_through_migrations,
    a_key_of_another_family_takes_those_along_that_point_at_it,
    a_key_that_cannot_become_another_names_those_that_point_at_it,
    migrators_that_race_up_and_down_never_fail,
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

const NO_FLAGS: Flags = Flags { renames: &[], drops: &[], fills: &[] };

async fn a_key_of_another_family_takes_those_along_that_point_at_it(db: Db) -> Outcome {
    let versions = [("counting", counting::MODELS, NO_FLAGS), ("naming", naming::MODELS, NO_FLAGS)];
    let app = app_of(&versions)?;
    go(&db, &app, &at("0001")).await?;
    {
        use counting::{City, NewCity, NewVisit, Visit};
        let land = City::create(NewCity { name: "land" }).save(&db).await?;
        let town = City::create(NewCity { name: "town" }).with(City.part_of.set(&land)).save(&db).await?;
        let visit = Visit::create(NewVisit { city: &town }).save(&db).await?;
        visit.seen().add(&db, [&land, &town]).await?;
    }
    for _ in 0..2 {
        go(&db, &app, &Target::Latest).await?;
        tables_are(&db, naming::MODELS).await?;
        {
            use naming::{City, Visit};
            let cities = City::objects().order_by(City.id.asc()).select_related(City.part_of).all(&db).await?;
            assert_eq!(cities.iter().map(|c| c.id.as_str()).collect::<Vec<_>>(), ["1", "2"]);
            assert_eq!(cities[1].part_of.as_ref().ok_or("no land")?.get()?.name, "land");
            let visit = Visit::objects().select_related(Visit.city).get(&db).await?;
            assert_eq!(visit.city.get()?.name, "town");
            assert_eq!(visit.seen().count(&db).await?, 2);
        }
        let wrong = db.execute("UPDATE visits SET city_id = 'nowhere'").await.unwrap_err();
        assert_eq!(wrong.kind(), ErrorKind::ForeignKeyViolation, "{wrong}");
        go(&db, &app, &at("0001")).await?;
        tables_are(&db, counting::MODELS).await?;
        let wrong = db.execute("UPDATE visits SET city_id = 99").await.unwrap_err();
        assert_eq!(wrong.kind(), ErrorKind::ForeignKeyViolation, "{wrong}");
    }
    let next = counting::City::create(counting::NewCity { name: "next" }).save(&db).await?;
    assert_eq!(next.id, 3);
    // The rules of the keys are those of the models again.
    counting::City::objects().filter(counting::City.id.eq(2)).delete(&db).await?;
    assert_eq!(count(&db, "visits").await?, 0);
    Ok(())
}

async fn a_key_that_cannot_become_another_names_those_that_point_at_it(db: Db) -> Outcome {
    let versions = [("counting", counting::MODELS, NO_FLAGS), ("drawing", drawing::MODELS, NO_FLAGS)];
    let app = app_of(&versions)?;
    go(&db, &app, &at("0001")).await?;
    let error = go(&db, &app, &Target::Latest).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    let words = error.message();
    assert!(words.starts_with("migration `shop.0002_drawing`, `~ alter field `City.id``: "), "{words}");
    for part in ["`cities.part_of_id`", "`visits.city_id`", "point at it"] {
        assert!(words.contains(part), "no {part} in {words}");
    }
    tables_are(&db, counting::MODELS).await
}

async fn migrators_that_race_up_and_down_never_fail(db: Db) -> Outcome {
    let app = app_of(&versions()[..2])?;
    for _ in 0..3 {
        for target in [Target::Latest, Target::Zero("shop".to_owned())] {
            let racers: Vec<_> = (0..4)
                .map(|_| {
                    let (db, target) = (db.clone(), target.clone());
                    tokio::spawn(async move { go(&db, &app, &target).await })
                })
                .collect();
            for racer in racers {
                racer.await??;
            }
            tables_are(&db, if target == Target::Latest { v2::MODELS } else { &[] }).await?;
        }
    }
    Ok(())
}
