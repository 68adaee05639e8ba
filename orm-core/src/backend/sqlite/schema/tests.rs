//! Changes of tables: the statements that are planned, and what is left of the rows after they ran.

mod by_hand;
mod shared;

use super::super::testing::Database;
use super::plan;
use crate::db::Control;
use crate::error::ErrorKind;
use crate::meta::OnDelete;
use crate::schema::{CheckValue, Column, DdlStep, Default, ForeignKey, Index, Schema, SchemaChange, Table};
use crate::value::{Kind, Number, Value};

fn column(name: &str, kind: Kind) -> Column {
    Column {
        name: name.to_owned(),
        kind,
        null: false,
        default: None,
        increment: name == "id",
        check: Vec::new(),
        comment: String::new(),
    }
}

fn nullable(name: &str, kind: Kind) -> Column {
    Column { null: true, ..column(name, kind) }
}

fn table(name: &str, columns: Vec<Column>) -> Table {
    Table {
        name: name.to_owned(),
        columns,
        primary_key: vec!["id".to_owned()],
        indexes: Vec::new(),
        foreign_keys: Vec::new(),
        comment: String::new(),
    }
}

fn key(name: &str, column: &str, target: &str, on_delete: OnDelete) -> ForeignKey {
    ForeignKey {
        name: name.to_owned(),
        column: column.to_owned(),
        target: target.to_owned(),
        target_column: "id".to_owned(),
        on_delete,
    }
}

fn author() -> Table {
    table(
        "author",
        vec![column("id", Kind::Int64), column("name", Kind::Text { max: Some(20) }), nullable("age", Kind::Int32)],
    )
}

fn book() -> Table {
    let mut book =
        table("book", vec![column("id", Kind::Int64), column("title", Kind::TEXT), nullable("author", Kind::Int64)]);
    book.indexes = vec![Index { name: "ix_book_title".into(), columns: vec![("title".into(), true)], unique: false }];
    book.foreign_keys = vec![key("fk_book_author", "author", "author", OnDelete::Cascade)];
    book
}

fn schema(tables: &[Table]) -> Schema {
    let mut schema = Schema::default();
    tables.iter().for_each(|t| schema.add(t.clone()));
    schema
}

fn sql(change: &SchemaChange, before: &Schema) -> Vec<String> {
    plan(change, before).unwrap().into_iter().map(|s: DdlStep| s.sql).collect()
}

/// Two authors with two books, of which one row each was deleted, a view, a trigger and an index that no schema knows.
async fn library() -> (Database, Schema) {
    let mut db = Database::memory().await;
    let mut schema = Schema::default();
    for table in [author(), book()] {
        db.change(&SchemaChange::CreateTable(table), &mut schema).await.unwrap();
    }
    db.execute(
        "INSERT INTO author (name, age) VALUES ('Ann', 30), ('Bob', NULL), ('Gone', 1); DELETE FROM author WHERE id = 3; \
         INSERT INTO book (title, author) VALUES ('A', 1), ('B', 2), ('C', 2); DELETE FROM book WHERE id = 3; \
         CREATE TABLE log (text TEXT); \
         CREATE INDEX by_hand ON author (lower(name)); \
         CREATE TRIGGER logged AFTER UPDATE ON author BEGIN INSERT INTO log VALUES (new.name); END; \
         CREATE TRIGGER other AFTER INSERT ON book BEGIN UPDATE author SET age = 99 WHERE id = new.author; END; \
         CREATE VIEW names AS SELECT name FROM author; CREATE VIEW more AS SELECT * FROM names",
    )
    .await
    .unwrap();
    (db, schema)
}

/// Nothing was lost: rows, children, what was made by hand, the counter, and enforcement.
async fn nothing_is_lost(db: &mut Database) {
    for (sql, expected) in [
        ("SELECT count(*) FROM author", 2),
        ("SELECT count(*) FROM book WHERE author IS NOT NULL", 2),
        ("SELECT count(*) FROM more", 2),
        ("SELECT count(*) FROM sqlite_schema WHERE name IN ('by_hand', 'logged', 'other', 'names', 'more')", 5),
        ("SELECT count(*) FROM sqlite_schema WHERE name LIKE '\\_orm%' ESCAPE '\\'", 0),
        ("SELECT count(*) FROM temp.sqlite_schema", 0),
        ("SELECT foreign_keys FROM pragma_foreign_keys", 1),
        ("SELECT legacy_alter_table FROM pragma_legacy_alter_table", 0),
        ("SELECT count(*) FROM pragma_foreign_key_check", 0),
        ("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'", 0),
        ("SELECT seq FROM sqlite_sequence WHERE name = 'author'", 3),
        ("SELECT seq FROM sqlite_sequence WHERE name = 'book'", 3),
    ] {
        assert_eq!(db.one(sql, Kind::Int64).await.unwrap(), Value::Int(expected), "{sql}");
    }
    let found = db.schema().await;
    assert_eq!(found.tables["book"].foreign_keys.first().map(|k| k.target.as_str()), Some("author"));
}

fn alter(from: &Column, to: Column, fill: Option<Default>) -> SchemaChange {
    SchemaChange::AlterColumn { table: "author".into(), from: from.clone(), to, fill }
}

#[test]
fn tables_columns_and_indexes_in_sql() {
    let before = schema(&[author()]);
    assert_eq!(
        sql(&SchemaChange::CreateTable(book()), &before),
        [
            "CREATE TABLE \"book\" (\n    \"id\" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,\n    \"title\" TEXT NOT NULL,\n    \
             \"author\" BIGINT,\n    CONSTRAINT \"fk_book_author\" FOREIGN KEY (\"author\") REFERENCES \"author\" (\"id\") ON DELETE CASCADE\n)",
            "CREATE INDEX \"ix_book_title\" ON \"book\" (\"title\" DESC)",
        ]
    );
    let add = |column: Column, fill| SchemaChange::AddColumn { table: "author".into(), column, fill };
    let status = Column {
        default: Some(Default::Text("new".into())),
        check: vec![CheckValue::Text("new".into()), CheckValue::Text("it's".into())],
        ..column("status", Kind::TEXT)
    };
    assert_eq!(
        sql(&add(status, None), &before),
        [
            "ALTER TABLE \"author\" ADD COLUMN \"status\" TEXT NOT NULL DEFAULT 'new' CONSTRAINT \"ck_author_status\" CHECK (\"status\" IN ('new', 'it''s'))"
        ]
    );
    assert_eq!(
        sql(&add(nullable("born", Kind::Date), Some(Default::Text("2000-01-01".into()))), &before),
        ["ALTER TABLE \"author\" ADD COLUMN \"born\" DATE", "UPDATE \"author\" SET \"born\" = '2000-01-01'"]
    );
    let price = Column {
        default: Some(Default::Text("1.5".into())),
        ..column("price", Kind::Decimal { digits: 5, places: 2 })
    };
    assert_eq!(
        sql(&add(price, None), &before),
        ["ALTER TABLE \"author\" ADD COLUMN \"price\" DECIMAL(5, 2) NOT NULL DEFAULT 150"]
    );
    let drop =
        |column: &str| SchemaChange::DropColumn { table: "author".into(), column: nullable(column, Kind::Int32) };
    assert_eq!(sql(&drop("age"), &before), ["ALTER TABLE \"author\" DROP COLUMN \"age\""]);
    let commented = Column { comment: "In years.".into(), ..nullable("age", Kind::Int32) };
    assert!(sql(&alter(&nullable("age", Kind::Int32), commented, None), &before).is_empty());
}

#[test]
fn what_cannot_be_planned_is_refused() {
    let before = schema(&[author(), book()]);
    let refused = |change: SchemaChange| {
        let error = plan(&change, &before).unwrap_err();
        (error.kind(), error.message().to_owned())
    };
    assert_eq!(
        refused(SchemaChange::DropTable(author())),
        (ErrorKind::Migration, "`author` cannot be dropped while a foreign key of `book` points at it".into())
    );
    let add = |column: Column| SchemaChange::AddColumn { table: "author".into(), column, fill: None };
    let bad = Column { default: Some(Default::Text("soon".into())), ..column("at", Kind::Date) };
    assert_eq!(refused(add(bad)), (ErrorKind::Migration, "the default of `author.at` is not a date".into()));
    let counting = Column { increment: true, ..column("n", Kind::Int64) };
    assert_eq!(refused(add(counting)).0, ErrorKind::Unsupported);
    assert_eq!(
        refused(alter(&nullable("age", Kind::Int32), nullable("age", Kind::Uuid), None)).0,
        ErrorKind::Unsupported
    );
}

#[tokio::test]
async fn a_rebuild_loses_nothing() {
    let (mut db, mut schema) = library().await;
    let age = nullable("age", Kind::Int32);
    let wider = Column { default: Some(Default::Int(7)), ..column("age", Kind::Int64) };
    db.change(&alter(&age, wider.clone(), Some(Default::Int(5))), &mut schema).await.unwrap();
    nothing_is_lost(&mut db).await;
    assert_eq!(db.all("SELECT age FROM author ORDER BY id", Kind::Int64).await, [Value::Int(30), Value::Int(5)]);

    let decimal = Column { default: None, ..column("age", Kind::Decimal { digits: 6, places: 2 }) };
    db.change(&alter(&wider, decimal, None), &mut schema).await.unwrap();
    nothing_is_lost(&mut db).await;
    assert_eq!(
        db.one("SELECT age FROM author", Kind::Decimal { digits: 6, places: 2 }).await.unwrap(),
        Value::Decimal(Number::new(3000, 2))
    );

    let joined = Column { default: Some(Default::Now), ..column("joined", Kind::Timestamp) };
    let change = SchemaChange::AddColumn { table: "author".into(), column: joined, fill: None };
    db.change(&change, &mut schema).await.unwrap();
    nothing_is_lost(&mut db).await;
    assert!(matches!(db.one("SELECT joined FROM author", Kind::Timestamp).await.unwrap(), Value::DateTime(_)));

    let change = SchemaChange::AlterPrimaryKey { table: "book".into(), from: vec!["id".into()], to: vec!["id".into()] };
    db.change(&change, &mut schema).await.unwrap();
    nothing_is_lost(&mut db).await;
    assert!(db.execute("INSERT INTO book (title, author) VALUES ('D', 77)").await.is_err());
    db.execute("INSERT INTO book (title, author) VALUES ('D', 1)").await.unwrap();
    assert_eq!(db.one("SELECT max(id) FROM book", Kind::Int64).await.unwrap(), Value::Int(4));
    // The triggers of both tables run.
    assert_eq!(db.all("SELECT text FROM log", Kind::TEXT).await, [Value::Text("Ann".into())]);

    let mut found = db.schema().await;
    found.tables.remove("log");
    assert_eq!(found, schema);
}

#[tokio::test]
async fn keys_columns_and_names_change() {
    let (mut db, mut schema) = library().await;
    let key = schema.tables["book"].foreign_keys[0].clone();
    db.change(&SchemaChange::DropForeignKey { table: "book".into(), key: key.clone() }, &mut schema).await.unwrap();
    db.execute("UPDATE book SET author = 9 WHERE id = 1").await.unwrap();
    let add = SchemaChange::AddForeignKey { table: "book".into(), key };
    let error = db.change(&add, &mut schema).await.unwrap_err();
    assert_eq!(error.message(), "rows of `book` point at rows of `author` that do not exist");
    db.execute("UPDATE book SET author = 1 WHERE id = 1").await.unwrap();
    db.change(&add, &mut schema).await.unwrap();
    nothing_is_lost(&mut db).await;

    let title = column("title", Kind::TEXT);
    db.change(&SchemaChange::DropColumn { table: "book".into(), column: title }, &mut schema).await.unwrap();
    schema.tables.get_mut("book").unwrap().indexes.clear();
    nothing_is_lost(&mut db).await;

    let change = SchemaChange::RenameTable { from: "author".into(), to: "writer".into() };
    db.change(&change, &mut schema).await.unwrap();
    let change = SchemaChange::RenameColumn { table: "writer".into(), from: "id".into(), to: "key".into() };
    db.change(&change, &mut schema).await.unwrap();
    let index = Index { name: "uq_name".into(), columns: vec![("name".into(), false)], unique: true };
    db.change(&SchemaChange::CreateIndex { table: "writer".into(), index: index.clone() }, &mut schema).await.unwrap();
    let mut found = db.schema().await;
    found.tables.remove("log");
    assert_eq!(found, schema);
    db.change(&SchemaChange::DropIndex { table: "writer".into(), index }, &mut schema).await.unwrap();
    db.execute("DROP TRIGGER other; DROP VIEW more; DROP VIEW names").await.unwrap();
    for name in ["book", "writer"] {
        let table = schema.tables[name].clone();
        db.change(&SchemaChange::DropTable(table), &mut schema).await.unwrap();
    }
    assert_eq!(db.schema().await.tables.keys().collect::<Vec<_>>(), ["log"]);
}

#[tokio::test]
async fn values_that_would_change_their_meaning_stop_the_change() {
    let (mut db, mut schema) = library().await;
    let (name, age) = (column("name", Kind::Text { max: Some(20) }), nullable("age", Kind::Int32));
    let before = db.schema().await;
    for (change, words) in [
        (
            alter(&name, column("name", Kind::Int64), None),
            "`author.name` holds 'Ann', which does not become a 64-bit integer",
        ),
        (
            alter(&name, column("name", Kind::Text { max: Some(2) }), None),
            "`author.name` holds 'Ann', which does not become a text",
        ),
        (alter(&name, column("name", Kind::Date), None), "`author.name` holds 'Ann', which does not become a date"),
        (alter(&name, column("name", Kind::Json), None), "`author.name` holds 'Ann', which does not become a JSON"),
        (alter(&name, column("name", Kind::Uuid), None), "`author.name` holds 'Ann', which does not become a UUID"),
        (alter(&age, column("age", Kind::Int32), None), "`author.age` holds NULL, which it is not to hold any more"),
        (
            alter(&age, nullable("age", Kind::Decimal { digits: 3, places: 2 }), None),
            "`author.age` holds 30, which does not become a decimal",
        ),
        (
            SchemaChange::AddColumn { table: "author".into(), column: column("x", Kind::Int32), fill: None },
            "the rows of `author` need a value for `x`, which takes no NULL",
        ),
    ] {
        let error = db.change(&change, &mut schema).await.unwrap_err();
        assert_eq!(error.message(), words);
        nothing_is_lost(&mut db).await;
    }
    assert_eq!(db.schema().await, before);
}

#[tokio::test]
async fn values_follow_the_kind_of_their_column() {
    let text = |t: &str| Value::Text(t.into());
    for (from, stored, to, expected) in [
        (Kind::Decimal { digits: 6, places: 2 }, "-105", Kind::TEXT, text("-1.05")),
        (Kind::Decimal { digits: 6, places: 2 }, "-150", Kind::Int64, Value::Int(-2)),
        (Kind::Decimal { digits: 6, places: 2 }, "150", Kind::Float64, Value::Float(1.5)),
        (Kind::Float64, "1.5", Kind::Int64, Value::Int(2)),
        (Kind::Float64, "1.25", Kind::Decimal { digits: 6, places: 1 }, Value::Decimal(Number::new(13, 1))),
        (Kind::TEXT, "'12.5'", Kind::Decimal { digits: 6, places: 2 }, Value::Decimal(Number::new(1250, 2))),
        (Kind::TEXT, "'12'", Kind::Int16, Value::Int(12)),
        (Kind::TEXT, "'1.5'", Kind::Float64, Value::Float(1.5)),
        (Kind::TEXT, "'true'", Kind::Bool, Value::Bool(true)),
        (
            Kind::TEXT,
            "'AB010203-0405-0607-0809-0a0b0c0d0e0f'",
            Kind::TEXT,
            text("AB010203-0405-0607-0809-0a0b0c0d0e0f"),
        ),
        (
            Kind::TEXT,
            "'AB010203-0405-0607-0809-0a0b0c0d0e0f'",
            Kind::Uuid,
            Value::Uuid([0xab, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]),
        ),
        (Kind::Bool, "1", Kind::TEXT, text("true")),
        (Kind::Date, "'2024-02-29'", Kind::TEXT, text("2024-02-29")),
        (
            Kind::Timestamp,
            "'2024-02-29 01:02:03.5'",
            Kind::Date,
            Value::Date(crate::value::Date::parse("2024-02-29").unwrap()),
        ),
    ] {
        let mut db = Database::memory().await;
        let mut schema = Schema::default();
        let old = nullable("x", from);
        db.change(
            &SchemaChange::CreateTable(table("author", vec![column("id", Kind::Int64), old.clone()])),
            &mut schema,
        )
        .await
        .unwrap();
        db.execute(&format!("INSERT INTO author (x) VALUES ({stored}), (NULL)")).await.unwrap();
        db.change(&alter(&old, nullable("x", to), None), &mut schema).await.unwrap();
        assert_eq!(db.all("SELECT x FROM author ORDER BY id", to).await, [expected, Value::Null], "{from:?} {to:?}");
    }
}

#[tokio::test]
async fn a_rebuild_refuses_to_run_while_foreign_keys_are_enforced() {
    let (mut db, schema) = library().await;
    let age = nullable("age", Kind::Int32);
    let steps = plan(&alter(&age, nullable("age", Kind::Int64), None), &schema).unwrap();
    db.control(Control::Begin).await.unwrap();
    db.execute(&steps[0].sql).await.unwrap();
    assert_eq!(db.all(&steps[1].sql, Kind::TEXT).await.len(), 1);
    db.control(Control::Rollback).await.unwrap();
}
