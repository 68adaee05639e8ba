//! Migrations as text.

use orm_migrate::file::{formatted, list_text, module, text};
use orm_migrate::prelude::*;
use std::path::Path;

use crate::models::key;

const OWNER: Field = Field::int64("author").column("author_id").null().references("auth", "User", OnDelete::SetNull);
static POST: Migration = Migration::new("blog", "0002_post").depends_on(&[("blog", "0001_initial")]).ops(&[
    Op::create_model(
        Model::new("Post", "post")
            .comment("A \"post\".")
            .fields(&[
                Field::int64("id").increment(),
                OWNER,
                Field::string("status", 5).choices(&[ChoiceValue::Text("draft"), ChoiceValue::Text("live")]),
                Field::decimal("price", 10, 2).default(DbDefault::Text("0")),
            ])
            .key(&["id"])
            .indexes(&[
                Index::on(&[("status", false), ("price", true)]),
                Index::unique(&[("author", false)]).named("one"),
            ])
            .many(&[ManyToMany::new("tags", "blog", "Tag").through("post_tags", "post_id", "tag_id")]),
    ),
    Op::add_field_filled("Tag", Field::int32("rank"), DbDefault::Int(0)),
    Op::rename_field("Tag", "label", "name"),
    Op::run_sql_reversible(Sql::on(&[("postgres", "ANALYZE"), ("", "SELECT 1")]), Sql::NOTHING),
]);

#[test]
fn a_migration_reads_like_this() {
    let expect = r#"//! Migration `blog.0002_slug`.

use orm::migrate::prelude::*;

pub static MIGRATION: Migration = Migration::new("blog", "0002_slug")
    .depends_on(&[("blog", "0001_initial")])
    .ops(&[
        Op::add_field("Post", Field::string("slug", 100).null()),
        Op::rename_field("Post", "body", "text"),
    ]);
"#;
    const MIGRATION: Migration = Migration::new("blog", "0002_slug")
        .depends_on(&[("blog", "0001_initial")])
        .ops(&[Op::add_field("Post", Field::string("slug", 100).null()), Op::rename_field("Post", "body", "text")]);
    assert_eq!(text(&MIGRATION), expect);
    assert_eq!(module(MIGRATION.name), "m0002_slug");
}

#[test]
fn the_list_reads_like_this() {
    let app = App::new("blog", "blog::migrations", "/nowhere", &[]);
    let expect = r#"//! The migrations of `blog`, in order. `makemigrations` keeps this list.

use orm::migrate::prelude::*;

mod m0001_initial;
mod m0002_slug;

/// The migrations, in order.
pub static MIGRATIONS: &[&Migration] = &[
    &m0001_initial::MIGRATION,
    &m0002_slug::MIGRATION,
];

/// The app that they belong to.
pub const APP: App = App::new("blog", module_path!(), env!("CARGO_MANIFEST_DIR"), MIGRATIONS);
"#;
    assert_eq!(list_text(&app, &["0001_initial".to_owned(), "0002_slug".to_owned()]), expect);
}

#[test]
fn rustfmt_leaves_written_files_as_they_are() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let once = formatted(&text(&POST), here);
    assert_ne!(once, text(&POST), "rustfmt is there, and breaks long lines");
    assert_eq!(formatted(&once, here), once);
    assert!(once.lines().all(|l| l.len() <= 120), "{once}");
}

#[test]
fn the_hash_is_of_what_is_done() {
    let other = Migration { operations: &POST.operations[1..], ..POST };
    assert_eq!(POST.hash(), POST.hash());
    assert_ne!(POST.hash(), other.hash());
}

#[test]
fn the_column_of_a_key_is_written() {
    let code = Op::add_field("Post", key("author", "Author")).code();
    assert_eq!(
        code,
        r#"Op::add_field("Post", Field::int64("author").column("author_id").references("blog", "Author", OnDelete::Cascade))"#
    );
}
