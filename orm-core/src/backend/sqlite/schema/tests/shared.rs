//! Changes of one table that follow each other copy its rows once.

use super::*;

fn copies(changes: &[SchemaChange], before: &Schema) -> usize {
    let groups = super::super::plan_all(changes, before).unwrap();
    let steps = groups.into_iter().flat_map(|g| g.changes).flatten();
    steps.filter(|s| s.sql.contains("INSERT INTO \"_orm_new_")).count()
}

#[tokio::test]
async fn neighbouring_changes_share_a_rebuild() {
    let (mut db, mut schema) = library().await;
    let author = |column: &str, kind| (column.to_owned(), kind);
    let (name, age) = (author("name", Kind::Text { max: Some(20) }), author("age", Kind::Int32));
    let (old_name, old_age) = (column(&name.0, name.1), nullable(&age.0, age.1));
    let (new_name, new_age) = (column("name", Kind::Text { max: Some(9) }), column("age", Kind::Int64));
    let text_age = column("age", Kind::TEXT);
    let note = Column { default: Some(Default::Text("none".into())), ..column("note", Kind::TEXT) };
    let index = Index { name: "ix_note".into(), columns: vec![("note".into(), false)], unique: false };
    let add = |column: Column| SchemaChange::AddColumn { table: "author".into(), column, fill: None };
    let changes = [
        alter(&old_name, new_name, None),
        add(note.clone()),
        alter(&old_age, new_age.clone(), Some(Default::Int(5))),
        SchemaChange::CommentTable { table: "book".into(), from: String::new(), to: "Of paper.".into() },
        // It counts on the change before it.
        alter(&new_age, text_age, None),
        SchemaChange::CreateIndex { table: "author".into(), index: index.clone() },
    ];
    assert_eq!(copies(&changes, &schema), 1);
    db.changes(&changes, &mut schema).await.unwrap();
    nothing_is_lost(&mut db).await;
    let text = |t: &str| Value::Text(t.into());
    assert_eq!(db.all("SELECT age FROM author ORDER BY id", Kind::TEXT).await, [text("30"), text("5")]);
    assert_eq!(db.all("SELECT note FROM author ORDER BY id", Kind::TEXT).await, [text("none"), text("none")]);
    schema.tables.get_mut("book").unwrap().comment.clear();
    let mut found = db.schema().await;
    found.tables.remove("log");
    assert_eq!(found, schema);

    // Dropped and made again, it is another column.
    let changes = [
        SchemaChange::DropIndex { table: "author".into(), index },
        SchemaChange::DropColumn { table: "author".into(), column: note.clone() },
        add(Column { default: Some(Default::Now), ..column("note", Kind::Date) }),
    ];
    assert_eq!(copies(&changes, &schema), 1);
    db.changes(&changes, &mut schema).await.unwrap();
    nothing_is_lost(&mut db).await;
    assert!(matches!(db.one("SELECT note FROM author", Kind::Date).await.unwrap(), Value::Date(_)));
}

#[tokio::test]
async fn a_key_that_is_renamed_shares_a_rebuild() {
    let (mut db, mut schema) = library().await;
    let old = schema.tables["book"].foreign_keys[0].clone();
    let new = ForeignKey { name: "fk_tome_writer".into(), column: "writer".into(), ..old.clone() };
    let title = schema.tables["book"].indexes[0].clone();
    let changes = [
        SchemaChange::DropForeignKey { table: "book".into(), key: old },
        SchemaChange::DropIndex { table: "book".into(), index: title },
        SchemaChange::RenameTable { from: "book".into(), to: "tome".into() },
        SchemaChange::RenameColumn { table: "tome".into(), from: "author".into(), to: "writer".into() },
        SchemaChange::AddForeignKey { table: "tome".into(), key: new },
    ];
    db.execute("DROP TRIGGER other").await.unwrap();
    assert_eq!(copies(&changes, &schema), 1);
    db.changes(&changes, &mut schema).await.unwrap();
    let mut found = db.schema().await;
    found.tables.remove("log");
    assert_eq!(found, schema);
    assert_eq!(db.one("SELECT count(*) FROM tome WHERE writer IS NOT NULL", Kind::Int64).await.unwrap(), Value::Int(2));
}

#[test]
fn what_lies_between_parts_rebuilds() {
    let before = schema(&[author(), book()]);
    let wider = alter(&nullable("age", Kind::Int32), nullable("age", Kind::Int64), None);
    let back = alter(&nullable("age", Kind::Int64), nullable("age", Kind::Int32), None);
    let elsewhere = SchemaChange::DropIndex { table: "book".into(), index: book().indexes[0].clone() };
    assert_eq!(copies(&[wider.clone(), back.clone()], &before), 1);
    assert_eq!(copies(&[wider.clone(), elsewhere, back.clone()], &before), 2);
    let rename = SchemaChange::RenameColumn { table: "author".into(), from: "age".into(), to: "years".into() };
    let text = |kind| alter(&nullable("years", kind), nullable("years", Kind::TEXT), None);
    assert_eq!(copies(&[wider, rename.clone(), text(Kind::Int64)], &before), 1);
    let decimal = Kind::Decimal { digits: 9, places: 2 };
    let scaled = alter(&nullable("age", Kind::Int32), nullable("age", decimal), None);
    assert_eq!(copies(&[scaled, rename, text(decimal)], &before), 2);
    let uuid = alter(&nullable("age", Kind::Int32), nullable("age", Kind::Uuid), None);
    let (at, error) = super::super::plan_all(&[back.clone(), uuid], &before).unwrap_err();
    assert_eq!((at, error.kind()), (1, ErrorKind::Unsupported));
}
