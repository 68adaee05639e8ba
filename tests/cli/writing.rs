//! `makemigrations` with nobody at the terminal: flags answer, and what is not answered is an error that names the flag.
//! `check` and `sqlmigrate` see what was written.

use crate::project::Program;
use crate::shop::{NEW, OLD, Shop};

pub fn first_migrations() {
    let shop = Shop::new("first");
    let manage = shop.with(OLD);
    let would_write = "\
shop.0001_initial
  + create model `Maker`
  + create model `Product`
";
    let lacking = "error: the models have changes that no migration has; run `makemigrations`";
    manage.run(&["makemigrations", "--check"]).is(1, &format!("{would_write}{lacking}"));
    manage.run(&["check"]).is(0, "2 models and no migrations are sound");
    let file = "\
//! Migration `shop.0001_initial`.

use orm::migrate::prelude::*;

";
    manage.run(&["makemigrations", "--dry-run"]).has(0, &format!("{would_write}{file}"));
    manage
        .run(&["makemigrations", "--name", "first step"])
        .is(1, "error: `first step` is no name for a migration; take letters, digits and `_`");
    manage.run(&["makemigrations", "stock"]).is(1, "error: there is no app `stock`; there is `shop`");
    assert_eq!(shop.migrations(), Vec::<String>::new(), "nothing is written so far");

    manage.run(&["makemigrations"]).is(
        0,
        &format!(
            "{would_write}\
wrote src/migrations/m0001_initial.rs
wrote src/migrations/mod.rs
now add `pub mod migrations;` to `src/lib.rs`, and say `orm::manage!(shop::migrations);`"
        ),
    );
    assert_eq!(shop.migrations(), ["m0001_initial.rs", "mod.rs"]);
    let written = shop.migration("0001_initial");
    manage.run(&["makemigrations"]).is(
        1,
        "error: `src/migrations/m0001_initial.rs` is not in this program; is `orm::manage!(shop::migrations)` said, and \
         the list in `mod.rs` whole?",
    );
    assert_eq!(shop.migration("0001_initial"), written, "it is not written twice");

    let manage = shop.with(OLD);
    manage.run(&["makemigrations"]).is(0, "No changes");
    manage.run(&["makemigrations", "--check"]).is(0, "No changes");
    manage.run(&["check"]).is(0, "2 models and 1 migration are sound");
}

pub fn questions_by_flags() {
    let shop = Shop::new("flags");
    shop.old();
    let manage = shop.with(NEW);
    let make = |more: &[&str]| manage.run(&[&["makemigrations"], more].concat());
    let renamed = "field `shop.Product.name` is gone and `title` is new and alike; say `--rename \
                   shop.Product.name=title` or `--drop shop.Product.name`";
    make(&[]).is(3, &format!("error: {renamed}"));
    make(&["--no-input"]).is(3, &format!("error: {renamed}"));
    make(&["--check"])
        .is(1, &format!("{renamed}\nerror: the models have changes that no migration has; run `makemigrations`"));
    let rename = ["--rename", "shop.Product.name=title"];
    make(&rename).is(
        3,
        "error: field `shop.Product.stock` is new and not null without a default in the database; say what existing \
         rows get: `--fill shop.Product.stock=VALUE`",
    );
    make(&[&rename[..], &["--fill", "Product.stock=many"]].concat())
        .is(1, "error: `--fill Product.stock=many`: `many` is not a 32-bit integer");
    make(&["--rename", "shop.Product.name"])
        .is(1, "error: `shop.Product.name` needs a `=`, as in `--rename blog.Post.old=new`");
    let both = [&rename[..], &["--fill", "Product.stock=7"]].concat();
    make(&[&both[..], &["--drop", "shop.Product.nota"]].concat())
        .is(1, "error: `--drop shop.Product.nota` fits nothing that changed");
    make(&[
        "--drop",
        "Product.name",
        "--drop",
        "Product.note",
        "--fill",
        "Product.title=?",
        "--fill",
        "Product.stock=0",
        "--dry-run",
    ])
    .has(
        0,
        "\
shop.0002_remove_product_name_remove_product_note_and_more
  - remove field `Product.name`
  - remove field `Product.note`
  + add field `Product.title`
  + add field `Product.stock`
//! Migration",
    );
    assert_eq!(shop.migrations(), ["m0001_initial.rs", "mod.rs"], "nothing is written so far");

    make(&[&both[..], &["--name", "stock"]].concat()).is(
        0,
        "\
shop.0002_stock
  ~ rename field `Product.name` to `title`
  - remove field `Product.note`
  + add field `Product.stock`
wrote src/migrations/m0002_stock.rs
wrote src/migrations/mod.rs
",
    );
    let manage = shop.with(NEW);
    manage.run(&["makemigrations", "--check"]).is(0, "No changes");
    sql_of_both(&manage);
    manage
        .run(&["makemigrations", "--empty", "--name", "tidy"])
        .is(0, "shop.0003_tidy\nwrote src/migrations/m0003_tidy.rs\nwrote src/migrations/mod.rs");
    shop.with(NEW).run(&["check"]).is(0, "2 models and 3 migrations are sound");
}

/// `sqlmigrate` asks no database; the text is that of the dialect that was named.
fn sql_of_both(manage: &Program) {
    manage.run(&["sqlmigrate", "0001", "--dialect", "postgres"]).is(0, "");
    manage.run(&["sqlmigrate", "shop", "0001_initial"]).is(0, "");
    manage.run(&["sqlmigrate", "0002", "--dialect", "mysql"]).is(0, "");
    manage.run(&["sqlmigrate", "0002", "--dialect", "postgres", "--backwards"]).is(0, "");
    let by_url = manage.clone().with("DATABASE_URL", "postgres://nobody@nowhere/nothing");
    assert_eq!(
        by_url.run(&["sqlmigrate", "0001"]).text,
        manage.run(&["sqlmigrate", "0001", "--dialect", "postgres"]).text
    );
    manage.run(&["sqlmigrate", "0009"]).is(1, "error: app `shop` has no migration `0009`");
    manage.run(&["sqlmigrate", "000"]).is(1, "error: `000` may be `0001_initial` or `0002_stock`; say more of its name");
    manage.run(&["sqlmigrate", "0001", "--dialect", "oracle"])
        .is(1, "error: `oracle` is not built in; there is sqlite, postgres, mysql");
}
