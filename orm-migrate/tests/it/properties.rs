//! What holds for any two states: the diff leads from one to the other and back, in states, tables and texts.

use orm_core::schema::Schema;
use orm_migrate::diff::diff;
use orm_migrate::optimize::optimize;
use orm_migrate::prelude::*;
use orm_migrate::state::State;

use crate::diff::Yes;
use crate::models::{ALL, APPS, key, model, state};

pub fn pairs() -> Vec<(State, State)> {
    let many = |name, table| ManyToMany::new(name, "blog", "B").through(table, "a_id", "b_id");
    let b = model("B", &[]);
    const INDEXED: &[Index] = &[Index::on(&[("x", false)]), Index::unique(&[("x", true), ("b", false)]).named("n")];
    let wide =
        model("A", &[Field::string("x", 30), key("b", "B"), Field::decimal("d", 10, 2).default(DbDefault::Text("0"))])
            .comment("A thing.")
            .indexes(INDEXED)
            .many([many("bs", "a_bs")].to_vec().leak());
    let ring = [model("A", &[key("b", "B")]), model("B", &[key("a", "A").null()])];
    const WANTED: &[Index] = &[Index::on(&[("y", false)])];
    let changed =
        model("A", &[Field::string("y", 9).unique(), key("b", "B").null(), key("owner", "shop.Owner").null()])
            .comment("Another thing.")
            .indexes(WANTED)
            .many([many("all", "a_all")].to_vec().leak());
    vec![
        (State::default(), state(&[wide, b])),
        (State::default(), state(&ring)),
        (state(&ring), state(&[model("B", &[key("a", "B").null()])])),
        (state(&[wide, b]), state(&[changed, b, model("shop.Owner", &[Field::text("name")])])),
        (
            state(&[model("A", &[Field::int32("x")])]),
            state(&[model("C", &[Field::int64("z").null(), Field::text("w").null()])]),
        ),
        (state(&[model("A", &[Field::int32("x")]).unmanaged()]), state(&[model("A", &[])])),
        (
            state(&[model("A", &[Field::int32("x")])]),
            state(&[Model { key: &["x"], fields: const { &[Field::int32("x")] }, ..model("A", &[]) }]),
        ),
        (state(&[model("A", &[key("b", "B")]), b]), state(&[model("A", &[Field::text("b")])])),
        (state(&[wide, b]), state(&[Model { table: "renamed", ..wide }, b])),
        (State::default(), State::of_models(&ALL, &APPS).unwrap()),
    ]
}

#[test]
fn the_diff_leads_there_and_its_reverse_back() {
    for (from, to) in pairs() {
        for (from, to) in [(&from, &to), (&to, &from)] {
            let operations = diff(from, to, &mut Yes).unwrap();
            let mut state = from.clone();
            let mut back = Vec::new();
            for (app, operation) in &operations {
                back.push((*app, operation.reverse(app, &state).unwrap()));
                operation.fold(app, &mut state).unwrap();
            }
            assert_eq!(&state, to);
            assert_eq!(diff(to, to, &mut Yes).unwrap(), []);
            for (app, operation) in back.iter().rev() {
                operation.fold(app, &mut state).unwrap_or_else(|e| panic!("{e}: {back:#?}"));
            }
            assert_eq!(&state, from);
        }
    }
}

fn sorted(mut schema: Schema) -> Schema {
    for table in schema.tables.values_mut() {
        table.columns.sort_by(|a, b| a.name.cmp(&b.name));
        table.indexes.sort_by(|a, b| a.name.cmp(&b.name));
        table.foreign_keys.sort_by(|a, b| a.name.cmp(&b.name));
    }
    schema
}

#[test]
fn changes_of_tables_lead_to_the_tables_of_the_state() {
    for (from, to) in pairs() {
        let mut state = from.clone();
        let mut schema = from.schema().unwrap();
        for (app, operation) in diff(&from, &to, &mut Yes).unwrap() {
            let before = state.clone();
            operation.fold(app, &mut state).unwrap();
            for change in operation.changes(app, &before, &state).unwrap() {
                schema.apply(&change).unwrap_or_else(|e| panic!("{e}: {change:?}"));
            }
            if matches!(operation, Op::AlterManaged(_)) {
                schema = state.schema().unwrap();
            }
            assert_eq!(sorted(schema.clone()), sorted(state.schema().unwrap()), "{}", operation.describe());
        }
    }
}

#[test]
fn optimized_operations_lead_to_the_same() {
    for (from, to) in pairs() {
        let operations = diff(&from, &to, &mut Yes).unwrap();
        if operations.iter().any(|(app, _)| *app != "blog") {
            continue;
        }
        let operations: Vec<Op> = operations.into_iter().map(|(_, op)| op).collect();
        let fewer = optimize("blog", &operations);
        assert!(fewer.len() <= operations.len());
        let mut state = from.clone();
        for operation in fewer {
            operation.fold("blog", &mut state).unwrap();
        }
        assert_eq!(state, to);
    }
}

#[track_caller]
fn folds(operations: &[Op], expect: &[&str]) {
    let codes: Vec<String> = optimize("blog", operations).iter().map(Op::code).collect();
    assert_eq!(codes, expect);
}

#[test]
fn what_is_added_to_a_new_model_is_created_with_it() {
    let a = Op::create_model(Model::new("A", "a"));
    folds(
        &[
            a,
            Op::add_field("A", Field::text("x")),
            Op::alter_field("A", Field::text("x").null()),
            Op::rename_field("A", "x", "y"),
            Op::add_index("A", Index::on(&[("y", false)])),
            Op::alter_table("A", "b"),
        ],
        &[
            r#"Op::create_model(Model::new("A", "b").fields(&[Field::text("y").null()]).key(&[]).indexes(&[Index::on(&[("y", false)])]))"#,
        ],
    );
    folds(&[a, Op::delete_model("A")], &[]);
}

#[test]
fn what_comes_and_goes_is_left_out() {
    folds(&[Op::add_field("A", Field::text("x")), Op::remove_field("A", "x")], &[]);
    folds(
        &[Op::add_field_filled("A", Field::int32("x"), DbDefault::Int(1)), Op::alter_field("A", Field::int64("x"))],
        &[r#"Op::add_field_filled("A", Field::int64("x"), DbDefault::Int(1))"#],
    );
    folds(&[Op::rename_field("A", "x", "y"), Op::rename_field("A", "y", "x")], &[]);
}

#[test]
fn sql_is_a_wall() {
    let sql = Op::run_sql(Sql::on(&[("", "ANALYZE")]));
    let operations = [Op::add_field("A", Field::text("x")), sql, Op::remove_field("A", "x")];
    assert_eq!(optimize("blog", &operations), operations);
}
