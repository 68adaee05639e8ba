//! The commands that need a database, from the first migration to the last one taken back, on each database.

use orm::prelude::*;

use crate::place::Place;
use crate::shop::{NEW, Shop};

/// What the test itself sees of the shop's products.
#[derive(Model, Debug)]
#[orm(table = "product", managed = false)]
pub struct Product {
    pub id: i64,
    #[orm(max_length = 80)]
    pub title: String,
    pub stock: i32,
}

const BOTH: &str = "  + shop.0001_initial (0 ms)\n  + shop.0002_stock (0 ms)\n2 migrations done";
const UP_TO_DATE: &str = "Nothing to do: the database is up to date";

pub async fn there_and_back(place: &Place, server: &str) -> orm::Result<()> {
    let shop = Shop::new(&format!("there_and_back_{server}"));
    let old = shop.old().kept_as("old").with("DATABASE_URL", &place.url);
    let db = Db::connect(&place.url).await?;

    let before = "app   migration     state        when\nshop  0001_initial  not applied";
    old.run(&["showmigrations"]).is(0, before);
    old.run(&["migrate", "--plan"]).is(0, "shop.0001_initial\n  + create model `Maker`\n  + create model `Product`");
    old.run(&["showmigrations"]).is(0, before);
    old.run(&["migrate"]).is(0, "  + shop.0001_initial (0 ms)\n1 migration done");
    old.run(&["showmigrations"]).has(0, "shop  0001_initial  applied  20");
    old.run(&["migrate"]).is(0, UP_TO_DATE);
    old.run(&["migrate", "--plan"]).is(0, UP_TO_DATE);
    db.execute("INSERT INTO maker (id, name) VALUES (1, 'Ann')").await?;
    db.execute("INSERT INTO product (id, name, maker_id, note) VALUES (1, 'Wheel', 1, 'round')").await?;

    // The models go on without a migration, then with one: the database is behind.
    let unwritten = shop.with(NEW).with("DATABASE_URL", &place.url);
    unwritten
        .run(&["migrate"])
        .is(0, &format!("{UP_TO_DATE}\nthe models have changes that no migration has; `makemigrations` writes one"));
    let manage = shop.new_after_old().with("DATABASE_URL", &place.url);
    manage.run(&["showmigrations"]).has(0, "\nshop  0002_stock    not applied");
    manage.run(&["migrate", "--plan"]).is(
        0,
        "shop.0002_stock\n  ~ rename field `Product.name` to `title`\n  - remove field `Product.note`\n  + add field `Product.stock`",
    );
    manage.run(&["migrate", "shop", "0002"]).is(0, "  + shop.0002_stock (0 ms)\n1 migration done");
    let rows = Product::objects().all(&db).await?;
    assert_eq!((rows.len(), &*rows[0].title, rows[0].stock), (1, "Wheel", 7));

    // For the old program the database is ahead.
    old.run(&["showmigrations"]).has(0, "shop  0002_stock    applied, unknown here  20");
    let ahead = "warning: migration `shop.0002_stock` is applied here, but unknown to this program";
    old.run(&["migrate"]).is(0, &format!("{ahead}\n{UP_TO_DATE}"));
    let refused = "error: `shop.0001_initial` cannot be taken back: `shop.0002_stock` came later, and is unknown to this \
                   program; take that back first, by the program that has it";
    old.run(&["migrate", "zero", "--plan"]).is(1, refused);
    old.run(&["migrate", "zero"]).is(1, &format!("{ahead}\n{refused}"));
    assert_eq!(Product::objects().count(&db).await?, 1, "nothing is taken from under a migration that is applied");

    manage.run(&["migrate", "0001", "--plan"]).is(
        0,
        "take back shop.0002_stock\n  - remove field `Product.stock`\n  + add field `Product.note`\n  ~ rename field `Product.title` to `name`",
    );
    manage.run(&["migrate", "0001"]).is(0, "  - shop.0002_stock (0 ms)\n1 migration done");
    old.run(&["migrate"]).is(0, UP_TO_DATE);
    manage.run(&["migrate"]).is(0, "  + shop.0002_stock (0 ms)\n1 migration done");
    manage
        .run(&["migrate", "zero"])
        .is(0, "  - shop.0002_stock (0 ms)\n  - shop.0001_initial (0 ms)\n2 migrations done");
    assert!(Product::objects().all(&db).await.is_err(), "the table is gone");
    manage.run(&["migrate", "zero"]).is(0, UP_TO_DATE);
    manage.run(&["migrate"]).is(0, BOTH);
    assert_eq!(Product::objects().count(&db).await?, 0);

    wrong_targets(&manage);
    // What was applied is changed in its file.
    let file = shop.migration("0002_stock").replace("DbDefault::Int(7)", "DbDefault::Int(8)");
    shop.project.write("shop/src/migrations/m0002_stock.rs", &file);
    let edited = shop.with(NEW).with("DATABASE_URL", &place.url);
    edited.run(&["showmigrations"]).has(0, "shop  0002_stock    applied, then changed  20");
    let changed = "warning: migration `shop.0002_stock` was changed after it was applied here";
    edited.run(&["migrate"]).is(0, &format!("{changed}\n{UP_TO_DATE}"));
    db.close().await;
    Ok(())
}

fn wrong_targets(manage: &crate::project::Program) {
    manage.run(&["migrate", "0007"]).is(1, "error: app `shop` has no migration `0007`");
    manage.run(&["migrate", "000"]).is(1, "error: `000` may be `0001_initial` or `0002_stock`; say more of its name");
    manage.run(&["migrate", "stock", "zero"]).is(1, "error: there is no app `stock`; there is `shop`");
}

pub async fn without_migrations(place: &Place, server: &str) -> orm::Result<()> {
    let shop = Shop::new(&format!("without_migrations_{server}"));
    let first = shop.with(NEW).kept_as("first").with("DATABASE_URL", &place.url);
    let db = Db::connect(&place.url).await?;
    first.run(&["showmigrations"]).is(0, "There are no migrations");
    first
        .run(&["migrate"])
        .is(0, &format!("{UP_TO_DATE}\nthe models have changes that no migration has; `makemigrations` writes one"));
    first.run(&["sync"]).is(0, "  + table `maker`\n  + table `product`");
    first.run(&["sync"]).is(0, "Nothing to do: the tables are like the models");
    assert_eq!(Product::objects().count(&db).await?, 0);

    // The tables are there: migrations are recorded only.
    shop.old();
    let manage = shop.new_after_old().with("DATABASE_URL", &place.url);
    manage.run(&["migrate"]).has(1, "error: migration `shop.0001_initial`, `+ create model `Maker``: ");
    manage.run(&["migrate"]).has(1, "      in CREATE TABLE ");
    manage
        .run(&["migrate", "--fake"])
        .is(0, "  + shop.0001_initial (0 ms)\n  + shop.0002_stock (0 ms)\n2 migrations recorded, not run");
    manage.run(&["migrate"]).is(0, UP_TO_DATE);

    // What no model has goes only if that is said.
    db.execute("ALTER TABLE maker ADD COLUMN age INT").await?;
    manage
        .run(&["sync"])
        .has(1, "error: the tables differ from the models in what cannot be added: `maker.age` is of no field");
    manage.run(&["sync", "--destructive"]).is(0, "  - column `maker.age`");
    manage.run(&["sync"]).is(0, "Nothing to do: the tables are like the models");
    db.close().await;
    Ok(())
}

/// Who waits for another program is told so, and gives up after a while.
pub async fn one_at_a_time(place: &Place, server: &str) -> orm::Result<()> {
    let manage = Shop::new(&format!("one_at_a_time_{server}")).old().with("DATABASE_URL", &place.url);
    let db = Db::connect(&place.url).await?;
    let (take, _) = db.backend().migration_lock().expect("servers have locks; on SQLite writing is one");
    db.execute(take).await?;
    let output = manage.command(&["migrate", "--wait", "1"]).output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr);
    let waiting = "another program is migrating; waiting for up to 1 s\nerror: another program has been migrating ";
    assert!(said.starts_with(waiting) && output.status.code() == Some(1), "{said}");
    db.close().await;
    manage.run(&["migrate"]).is(0, "  + shop.0001_initial (0 ms)\n1 migration done");
    Ok(())
}
