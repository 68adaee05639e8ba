//! What a user's own SQL added to a table is there after a rebuild, or the rebuild does not begin.

use super::*;

/// A table with every part that no schema knows, and the schema that knows the rest.
async fn decorated() -> (Database, Schema) {
    let mut db = Database::memory().await;
    db.execute(
        "CREATE TABLE place (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO place VALUES (7, 'here'); \
         CREATE TABLE \"thing\" (\n\
         \"id\" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, -- the key, of course\n\
         \"name\" VARCHAR(20) NOT NULL COLLATE NOCASE CHECK (length(name) > 1) /* short */,\n\
         \"age\" INT CONSTRAINT grown CHECK (age >= 0 AND age <> 13),\n\
         place INTEGER REFERENCES place ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,\n\
         mine TEXT DEFAULT (lower('X,)')) UNIQUE,\n\
         loud TEXT GENERATED ALWAYS AS (upper(name)) STORED,\n\
         CONSTRAINT \"both, of them\" UNIQUE (name, place) ON CONFLICT ABORT, CHECK (mine <> name)\n\
         ); \
         CREATE INDEX old_ones ON thing (name) WHERE age > 60; CREATE UNIQUE INDEX folded ON thing (lower(name), age); \
         INSERT INTO thing (name, age, place) VALUES ('Ann', 30, 7); \
         INSERT INTO thing (name, age, place, mine) VALUES ('Bob', NULL, NULL, 'own')",
    )
    .await
    .unwrap();
    let columns = vec![column("id", Kind::Int64), name(), age()];
    (db, schema(&[table("thing", columns)]))
}

fn name() -> Column {
    column("name", Kind::Text { max: Some(20) })
}

fn age() -> Column {
    nullable("age", Kind::Int32)
}

fn alter_thing(from: Column, to: Column) -> SchemaChange {
    SchemaChange::AlterColumn { table: "thing".into(), from, to, fill: None }
}

async fn refused(db: &mut Database, sql: &str, words: &str) {
    let error = db.execute(sql).await.unwrap_err();
    assert!(error.message().contains(words), "{sql}: {}", error.message());
}

/// Every part does what it is for.
async fn all_parts_work(db: &mut Database) {
    refused(db, "INSERT INTO thing (name) VALUES ('x')", "a check refuses").await;
    refused(db, "INSERT INTO thing (name, age) VALUES ('Cid', 13)", "a check refuses").await;
    refused(db, "INSERT INTO thing (name, mine) VALUES ('Cid', 'own')", "another row holds").await;
    refused(db, "INSERT INTO thing (name, mine) VALUES ('Cid', 'Cid')", "a check refuses").await;
    refused(db, "INSERT INTO thing (name, place, mine) VALUES ('ANN', 7, 'a')", "another row holds").await;
    refused(db, "INSERT INTO thing (name, place, mine) VALUES ('Cid', 99, 'b')", "foreign key").await;
    for (sql, expected) in [
        ("SELECT group_concat(loud) FROM (SELECT loud FROM thing ORDER BY id)", "ANN,BOB"),
        ("SELECT group_concat(mine) FROM (SELECT mine FROM thing ORDER BY id)", "x,),own"),
        (
            "SELECT group_concat(name) FROM (SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY 1)",
            "folded,old_ones",
        ),
        ("SELECT on_update FROM pragma_foreign_key_list('thing')", "CASCADE"),
    ] {
        assert_eq!(db.one(sql, Kind::TEXT).await.unwrap(), Value::Text(expected.into()), "{sql}");
    }
    assert_eq!(
        db.one("SELECT seq FROM sqlite_sequence WHERE name = 'thing'", Kind::Int64).await.unwrap(),
        Value::Int(2)
    );
}

#[tokio::test]
async fn hand_made_parts_live_through_rebuilds() {
    let (mut db, mut schema) = decorated().await;
    all_parts_work(&mut db).await;
    let wider = column("name", Kind::Text { max: Some(90) });
    db.change(&alter_thing(name(), wider), &mut schema).await.unwrap();
    all_parts_work(&mut db).await;
    let large = Column { default: Some(Default::Int(5)), ..nullable("age", Kind::Int64) };
    db.change(&alter_thing(age(), large), &mut schema).await.unwrap();
    all_parts_work(&mut db).await;
    let joined = Column { default: Some(Default::Now), ..column("joined", Kind::Timestamp) };
    db.change(&SchemaChange::AddColumn { table: "thing".into(), column: joined, fill: None }, &mut schema)
        .await
        .unwrap();
    all_parts_work(&mut db).await;
    let found = db.schema().await;
    assert_eq!(found.tables["thing"].column("name").unwrap().kind, Kind::Text { max: Some(90) });
    assert_eq!(found.tables["thing"].column("age").unwrap().kind, Kind::Int64);
}

#[tokio::test]
async fn options_of_a_table_stay() {
    let mut db = Database::memory().await;
    db.execute(
        "CREATE TABLE fixed (code TEXT NOT NULL, n INT, PRIMARY KEY (code)) WITHOUT ROWID, STRICT; \
         INSERT INTO fixed VALUES ('a', 1)",
    )
    .await
    .unwrap();
    let mut fixed = table("fixed", vec![column("code", Kind::TEXT), nullable("n", Kind::Int32)]);
    fixed.primary_key = vec!["code".into()];
    let mut known = schema(&[fixed]);
    let change = |to| SchemaChange::AlterColumn {
        table: "fixed".into(),
        from: nullable("n", Kind::Int32),
        to,
        fill: Some(Default::Int(0)),
    };
    let error = db.change(&change(column("n", Kind::Int64)), &mut known).await.unwrap_err();
    assert_eq!(error.message(), "`fixed` is STRICT and takes no column of type `BIGINT`, which `n` becomes");
    db.change(&change(column("n", Kind::Int32)), &mut known).await.unwrap();
    let options = "SELECT wr + strict FROM pragma_table_list('fixed')";
    assert_eq!(db.one(options, Kind::Int64).await.unwrap(), Value::Int(2));
    refused(&mut db, "INSERT INTO fixed VALUES ('b', NULL)", "takes no NULL").await;
    assert_eq!(db.one("SELECT n FROM fixed", Kind::Int64).await.unwrap(), Value::Int(1));
}

#[tokio::test]
async fn what_cannot_stay_stops_the_rebuild() {
    let (mut db, mut schema) = decorated().await;
    let before = db.all("SELECT sql FROM sqlite_schema ORDER BY rowid", Kind::TEXT).await;
    let drop_name = SchemaChange::DropColumn { table: "thing".into(), column: name() };
    let key = SchemaChange::AlterPrimaryKey { table: "thing".into(), from: vec!["id".into()], to: vec!["id".into()] };
    let changes_to = |to: Column| vec![alter_thing(if to.name == "age" { age() } else { name() }, to)];
    for (changes, words) in [
        (
            changes_to(nullable("age", Kind::TEXT)),
            "`thing` has `CONSTRAINT grown CHECK (age >= 0 AND age <> 13)`, which reads `age`, whose values change their form; \
             take it away first, and make it again after",
        ),
        (
            vec![key, drop_name],
            "`thing` has `GENERATED ALWAYS AS (upper(name)) STORED`, which reads `name`, which goes; take it away first",
        ),
        (
            vec![SchemaChange::AddColumn {
                table: "thing".into(),
                column: Column { default: Some(Default::Now), ..column("mine", Kind::Timestamp) },
                fill: None,
            }],
            "`thing` has a column `mine` already, which the schema does not know",
        ),
    ] {
        let error = db.changes(&changes, &mut schema).await.unwrap_err();
        assert_eq!(error.message(), words);
        assert_eq!(db.all("SELECT sql FROM sqlite_schema ORDER BY rowid", Kind::TEXT).await, before);
        all_parts_work(&mut db).await;
    }
    db.execute("DROP TABLE thing; CREATE TABLE thing (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name VARCHAR(20) NOT NULL, age INT); \
         CREATE INDEX old_ones ON thing (name) WHERE age > 60").await.unwrap();
    let error = db
        .changes(&changes_to(nullable("age", Kind::Decimal { digits: 9, places: 2 })), &mut schema)
        .await
        .unwrap_err();
    assert_eq!(
        error.message(),
        "`thing` has the index `old_ones`, which reads `age`, whose values change their form; take it away first, and make it again after"
    );
    db.execute("CREATE VIEW ages AS SELECT age FROM thing").await.unwrap();
    let drop_age = SchemaChange::DropColumn { table: "thing".into(), column: age() };
    db.execute("DROP INDEX old_ones").await.unwrap();
    let wider = alter_thing(name(), column("name", Kind::TEXT));
    let error = db.changes(&[wider, drop_age], &mut schema).await.unwrap_err();
    assert!(error.message().contains("error in view ages"), "{}", error.message());
}

#[tokio::test]
async fn a_foreign_key_that_changes_its_action_keeps_the_rest() {
    let mut db = Database::memory().await;
    db.execute(
        "CREATE TABLE place (id INTEGER PRIMARY KEY); \
         CREATE TABLE thing (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, place BIGINT, \
         CONSTRAINT fk FOREIGN KEY (place) REFERENCES place (id) ON DELETE CASCADE ON UPDATE SET NULL DEFERRABLE INITIALLY DEFERRED)",
    )
    .await
    .unwrap();
    let mut known = db.schema().await;
    let old = known.tables["thing"].foreign_keys[0].clone();
    let new = ForeignKey { on_delete: OnDelete::Restrict, ..old.clone() };
    let changes = [
        SchemaChange::DropForeignKey { table: "thing".into(), key: old },
        SchemaChange::AddForeignKey { table: "thing".into(), key: new.clone() },
    ];
    db.changes(&changes, &mut known).await.unwrap();
    assert_eq!(db.schema().await.tables["thing"].foreign_keys, [new]);
    let sql = db.one("SELECT sql FROM sqlite_schema WHERE name = 'thing'", Kind::TEXT).await.unwrap();
    let Value::Text(sql) = sql else { panic!() };
    assert!(sql.contains("ON DELETE RESTRICT ON UPDATE SET NULL DEFERRABLE INITIALLY DEFERRED"), "{sql}");
}

#[tokio::test]
async fn a_unique_constraint_goes_only_when_it_is_meant_to() {
    let mut db = Database::memory().await;
    db.execute(
        "CREATE TABLE thing (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, a INT UNIQUE, b INT, UNIQUE (a, b)); \
         INSERT INTO thing (a, b) VALUES (1, 2)",
    )
    .await
    .unwrap();
    let mut known = db.schema().await;
    let indexes = known.tables["thing"].indexes.clone();
    assert_eq!(indexes.len(), 2);
    let single = indexes.iter().find(|i| i.columns.len() == 1).unwrap().clone();
    let change = SchemaChange::DropIndex { table: "thing".into(), index: single };
    db.change(&change, &mut known).await.unwrap();
    db.execute("INSERT INTO thing (a, b) VALUES (1, 3)").await.unwrap();
    refused(&mut db, "INSERT INTO thing (a, b) VALUES (1, 2)", "another row holds").await;
    let found = db.schema().await;
    assert_eq!(found.tables["thing"].indexes.len(), 1);
}

#[tokio::test]
async fn every_way_to_write_a_part_is_understood() {
    let mut db = Database::memory().await;
    db.execute(
        "CREATE TABLE far (a, b, PRIMARY KEY (a, b)); CREATE TABLE IF NOT EXISTS main.[odd (name)] (\"id\" INTEGER PRIMARY KEY, a DEFAULT -1.5e-7, `b` DOUBLE DEFAULT 1e+3 NULL, \
         c BLOB DEFAULT x'00ff', d \"VARCHAR\" (10) DEFAULT \"x\" COLLATE \"RTRIM\", e DEFAULT 'it''s, (x' CHECK (e <> ')') CONSTRAINT w NOT NULL, \
         f INT DEFAULT CURRENT_TIMESTAMP CONSTRAINT u UNIQUE ON CONFLICT IGNORE, g AS (a + 1), /* x */ h INT -- y, z\n, \
         CONSTRAINT one CHECK (a < 1) CONSTRAINT two CHECK (a > -1), FOREIGN KEY (h, f) REFERENCES far MATCH SIMPLE ON DELETE SET NULL ON UPDATE NO ACTION NOT DEFERRABLE); \
         INSERT INTO [odd (name)] (id, h, f) VALUES (5, 1, NULL)",
    )
    .await
    .unwrap();
    let tiny = Column { default: Some(Default::Float(1e-7)), ..column("tiny", Kind::Float64) };
    let mut known = schema(&[table("odd (name)", vec![column("id", Kind::Int64), nullable("h", Kind::Int32)])]);
    let name = "odd (name)";
    let add = SchemaChange::AddColumn { table: name.into(), column: tiny, fill: None };
    db.change(&add, &mut known).await.unwrap();
    let clauses = |sql: &str| sql.split_once('(').unwrap().1.to_owned();
    let text = "SELECT sql FROM sqlite_schema WHERE name = 'odd (name)'";
    let (old, new) = (nullable("h", Kind::Int32), column("h", Kind::Int64));
    let change = SchemaChange::AlterColumn { table: name.into(), from: old, to: new, fill: None };
    db.change(&change, &mut known).await.unwrap();
    let Value::Text(sql) = db.one(text, Kind::TEXT).await.unwrap() else { panic!() };
    for part in [
        "a DEFAULT -1.5e-7",
        "`b` DOUBLE DEFAULT 1e+3",
        "c BLOB DEFAULT x'00ff'",
        "d \"VARCHAR\" (10) DEFAULT \"x\" COLLATE \"RTRIM\"",
        "e DEFAULT 'it''s, (x' CHECK (e <> ')') CONSTRAINT w NOT NULL",
        "f INT DEFAULT CURRENT_TIMESTAMP CONSTRAINT u UNIQUE ON CONFLICT IGNORE",
        "g AS (a + 1)",
        "\"h\" BIGINT NOT NULL",
        "CONSTRAINT one CHECK (a < 1)",
        "CONSTRAINT two CHECK (a > -1)",
        "MATCH SIMPLE ON DELETE SET NULL ON UPDATE NO ACTION NOT DEFERRABLE",
        "\"tiny\" DOUBLE NOT NULL DEFAULT 1e-7",
    ] {
        assert!(clauses(&sql).contains(part), "no {part} in {sql}");
    }
    let row = "SELECT id || ',' || h || ',' || g || ',' || tiny FROM [odd (name)]";
    assert_eq!(db.one(row, Kind::TEXT).await.unwrap(), Value::Text("5,1,0.99999985,1.0e-07".into()));
}
