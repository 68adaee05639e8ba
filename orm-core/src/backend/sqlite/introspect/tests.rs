//! What was made is read back as it was meant, and what other tools made as well as it can be.

use super::super::testing::Database;
use crate::meta::OnDelete;
use crate::schema::{CheckValue, Column, Default, ForeignKey, Index, Schema, SchemaChange, Table};
use crate::value::Kind;

fn column(name: &str, kind: Kind, default: Option<Default>) -> Column {
    Column {
        name: name.to_owned(),
        kind,
        null: default.is_none(),
        default,
        increment: false,
        check: Vec::new(),
        comment: String::new(),
    }
}

fn text(text: &str) -> Option<Default> {
    Some(Default::Text(text.to_owned()))
}

fn key(kind: Kind) -> Column {
    Column { null: false, increment: true, ..column("id", kind, None) }
}

fn everything() -> Table {
    let kinds = [
        (Kind::Bool, Some(Default::Bool(true))),
        (Kind::Int16, Some(Default::Int(-1))),
        (Kind::Int32, Some(Default::Int(1))),
        (Kind::Int64, Some(Default::Int(i64::MIN))),
        (Kind::Float64, Some(Default::Float(1.0))),
        (Kind::Decimal { digits: 5, places: 2 }, text("-1.5")),
        (Kind::Decimal { digits: 18, places: 0 }, text("7")),
        (Kind::Text { max: Some(5) }, text("it's")),
        (Kind::TEXT, text("")),
        (Kind::Bytes, text("ab")),
        (Kind::Date, text("2024-02-29")),
        (Kind::Time, text("13:05:00.25")),
        (Kind::DateTime, text("2024-02-29 13:05:00")),
        (Kind::Timestamp, Some(Default::Now)),
        (Kind::Duration, Some(Default::Int(5))),
        (Kind::Uuid, text("00010203-0405-0607-0809-0a0b0c0d0e0f")),
        (Kind::Json, text("{\"a\": 1}")),
        (Kind::Date, Some(Default::Now)),
        (Kind::Time, Some(Default::Now)),
    ];
    let mut columns = vec![key(Kind::Int64)];
    for (i, (kind, default)) in kinds.into_iter().enumerate() {
        columns.push(column(&format!("c{i}"), kind, None));
        columns.push(column(&format!("d{i}"), kind, default));
    }
    let check = vec![CheckValue::Text("a,'b".into()), CheckValue::Text("(c".into())];
    columns.push(Column { check, ..column("status", Kind::Text { max: Some(9) }, None) });
    let check = vec![CheckValue::Int(1), CheckValue::Int(-2)];
    columns.push(Column { check, ..column("od\"d `n[a]me", Kind::Int16, None) });
    Table {
        name: "every'thing".to_owned(),
        columns,
        primary_key: vec!["id".to_owned()],
        indexes: vec![
            Index { name: "ix_one".into(), columns: vec![("c0".into(), true), ("c1".into(), false)], unique: false },
            Index { name: "uq_two".into(), columns: vec![("od\"d `n[a]me".into(), false)], unique: true },
        ],
        foreign_keys: Vec::new(),
        comment: String::new(),
    }
}

fn pair() -> Table {
    let key = |name: &str, column: &str, target: &str, on_delete| ForeignKey {
        name: name.into(),
        column: column.into(),
        target: target.into(),
        target_column: "id".into(),
        on_delete,
    };
    Table {
        name: "pair".into(),
        columns: vec![
            Column { null: false, ..column("a", Kind::Int64, None) },
            Column { null: false, ..column("b", Kind::Int32, None) },
            column("c", Kind::Int64, None),
        ],
        primary_key: vec!["b".into(), "a".into()],
        indexes: Vec::new(),
        foreign_keys: vec![
            key("fk_a", "a", "every'thing", OnDelete::Cascade),
            key("fk, (b)", "b", "small", OnDelete::Restrict),
            key("fk_c", "c", "every'thing", OnDelete::SetNull),
        ],
        comment: String::new(),
    }
}

#[tokio::test]
async fn tables_are_read_back_as_they_were_planned() {
    let mut db = Database::memory().await;
    let mut schema = Schema::default();
    let small = Table { name: "small".into(), columns: vec![key(Kind::Int32)], indexes: Vec::new(), ..everything() };
    let plain = Table {
        name: "plain".into(),
        columns: vec![Column { null: false, ..column("id", Kind::Int32, None) }],
        indexes: Vec::new(),
        ..everything()
    };
    for table in [everything(), small, plain, pair()] {
        db.change(&SchemaChange::CreateTable(table), &mut schema).await.unwrap();
    }
    let found = db.schema().await;
    for (name, table) in &schema.tables {
        let read = &found.tables[name];
        for (a, b) in table.columns.iter().zip(&read.columns) {
            assert_eq!(a, b);
        }
        assert_eq!(table, read);
    }
    assert_eq!(found, schema);
    // The defaults are ones that the columns can be read with.
    db.execute("INSERT INTO \"every'thing\" DEFAULT VALUES").await.unwrap();
    for column in &schema.tables["every'thing"].columns {
        let sql = format!("SELECT \"{}\" FROM \"every'thing\"", column.name.replace('"', "\"\""));
        let value = db.one(&sql, column.kind).await.unwrap();
        assert_eq!(value.is_null(), column.null, "{}", column.name);
    }
}

#[tokio::test]
async fn tables_of_other_tools_are_read_as_the_nearest() {
    let mut db = Database::memory().await;
    db.execute(
        "CREATE TABLE [user] (id integer primary key, -- a comment, with a comma
             name varchar(30) not null unique, /* CHECK (no) */ born \"timestamp with time zone\",
             balance numeric(10,2) default 1.5, blob, owner references user);
         CREATE TABLE two (a INT, b INT, PRIMARY KEY (a, b), FOREIGN KEY (a, b) REFERENCES two (a, b)) WITHOUT ROWID;
         CREATE INDEX partial ON user (name) WHERE id > 1;
         CREATE INDEX expression ON user (lower(name));
         CREATE VIEW v AS SELECT 1;
         CREATE VIRTUAL TABLE search USING fts5(body);",
    )
    .await
    .unwrap();
    let found = db.schema().await;
    assert_eq!(found.tables.keys().collect::<Vec<_>>(), ["two", "user"]);
    let user = &found.tables["user"];
    assert_eq!(user.primary_key, ["id"]);
    let id = user.column("id").unwrap();
    assert!(id.increment && !id.null && id.kind == Kind::Int64);
    assert_eq!(user.column("name").unwrap().kind, Kind::Text { max: Some(30) });
    assert_eq!(user.column("balance").unwrap().kind, Kind::Decimal { digits: 10, places: 2 });
    assert_eq!(user.indexes.len(), 1);
    assert!(user.indexes[0].unique);
    let owner = &user.foreign_keys[0];
    assert_eq!((owner.column.as_str(), owner.target_column.as_str()), ("owner", "id"));
    let two = &found.tables["two"];
    assert_eq!(two.primary_key, ["a", "b"]);
    assert!(two.foreign_keys.is_empty() && two.columns.iter().all(|c| !c.increment && !c.null));
}
