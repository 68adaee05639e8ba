//! Tables as a database shows them against those of the models.

use orm_core::schema::{Default, Schema, SchemaChange};
use orm_core::value::Kind;
use orm_migrate::sync::difference;

use crate::models::ALL;

fn wanted() -> Schema {
    Schema::of_models(&ALL)
}

#[test]
fn new_tables_come_after_what_they_point_at() {
    let names: Vec<String> = difference(&Schema::default(), &wanted())
        .unwrap()
        .into_iter()
        .map(|c| match c {
            SchemaChange::CreateTable(table) => table.name,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(names, ["author", "shelf", "book", "book_readers"]);
}

#[test]
fn what_only_looks_different_is_no_difference() {
    let mut actual = wanted();
    for table in actual.tables.values_mut() {
        for (i, index) in table.indexes.iter_mut().enumerate() {
            index.name = format!("auto_{i}");
        }
        for column in &mut table.columns {
            if column.kind == Kind::Int16 {
                column.kind = Kind::Int64;
            }
        }
    }
    assert_eq!(difference(&actual, &wanted()).unwrap(), []);
}

#[test]
fn what_is_missing_is_added() {
    let mut actual = wanted();
    let book = actual.tables.get_mut("book").unwrap();
    book.columns.retain(|c| c.name != "status");
    book.indexes.retain(|i| i.columns.len() == 1);
    let kinds: Vec<String> = difference(&actual, &wanted())
        .unwrap()
        .iter()
        .map(|c| match c {
            SchemaChange::AddColumn { column, .. } => format!("column {}", column.name),
            SchemaChange::CreateIndex { index, .. } => format!("index {}", index.name),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(kinds, ["column status", "index ix_book_title_status", "index one_each"]);
}

#[test]
fn tables_of_others_are_left_alone() {
    let mut actual = wanted();
    let mut other = actual.tables["author"].clone();
    other.name = "other".to_owned();
    actual.add(other);
    assert_eq!(difference(&actual, &wanted()).unwrap(), []);
}

#[test]
fn another_kind_or_default_is_a_difference() {
    let mut actual = wanted();
    let book = actual.tables.get_mut("book").unwrap();
    book.columns[1].kind = Kind::Int64;
    book.columns[3].default = Some(Default::Text("live".to_owned()));
    let changes = difference(&actual, &wanted()).unwrap();
    assert_eq!(changes.len(), 2);
    assert!(changes.iter().all(|c| matches!(c, SchemaChange::AlterColumn { .. })));
}

#[test]
fn a_missing_comment_or_check_is_a_difference() {
    let mut actual = wanted();
    let book = actual.tables.get_mut("book").unwrap();
    book.comment = "Of clay.".to_owned();
    book.columns[3].check.clear();
    book.columns[1].comment = "Its name.".to_owned();
    let mut changed = Vec::new();
    for change in difference(&actual, &wanted()).unwrap() {
        changed.push(match change {
            SchemaChange::AlterColumn { from, .. } => from.name,
            SchemaChange::CommentTable { table, .. } => table,
            other => panic!("{other:?}"),
        });
    }
    assert_eq!(changed, ["title", "status", "book"]);

    // A database cuts what is too long for it.
    let mut wanted = wanted();
    wanted.tables.get_mut("book").unwrap().comment = "long ".repeat(900);
    let mut actual = wanted.clone();
    actual.tables.get_mut("book").unwrap().comment.truncate(2048);
    assert_eq!(difference(&actual, &wanted).unwrap(), []);
}
