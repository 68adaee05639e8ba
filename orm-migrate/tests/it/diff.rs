//! What changes in models, and the operations that it makes: the golden table.

use orm_core::error::Result;
use orm_migrate::diff::diff;
use orm_migrate::operation::Operation;
use orm_migrate::prelude::*;
use orm_migrate::questions::{Given, Nobody, Questions};
use orm_migrate::state::{ModelState, State};

use crate::models::{key, model, state};

/// Says yes to the likeliest rename, and fills with zero.
pub struct Yes;
impl Questions for Yes {
    fn model_renamed(&mut self, _: &ModelState, _: &[&ModelState], likely: usize) -> Result<Option<usize>> {
        Ok((likely > 0).then_some(0))
    }
    fn field_renamed(&mut self, _: &ModelState, _: &str, _: &[&str], likely: usize) -> Result<Option<usize>> {
        Ok((likely > 0).then_some(0))
    }
    fn fill(&mut self, _: &ModelState, _: &Field, _: bool) -> Result<Option<DbDefault>> {
        Ok(Some(DbDefault::Int(0)))
    }
}

pub fn described(from: &State, to: &State, answers: &mut dyn Questions) -> Vec<String> {
    let many_apps = to.models.keys().chain(from.models.keys()).any(|k| k.0 != "blog");
    let line = |(app, op): (&str, Operation)| match many_apps {
        true => format!("{app}: {}", op.describe()),
        false => op.describe(),
    };
    diff(from, to, answers).unwrap().into_iter().map(line).collect()
}

#[track_caller]
fn check(from: &[Model], to: &[Model], expect: &[&str]) {
    assert_eq!(described(&state(from), &state(to), &mut Yes), expect);
}

#[track_caller]
fn fields(from: &[Field], to: &[Field], expect: &[&str]) {
    check(&[model("A", from)], &[model("A", to)], expect);
}

#[test]
fn nothing_changed() {
    let all = [model("A", &[Field::text("x"), key("b", "B")]), model("B", &[])];
    check(&all, &all, &[]);
}

#[test]
fn order_of_fields_means_nothing() {
    fields(&[Field::text("x"), Field::date("y")], &[Field::date("y"), Field::text("x")], &[]);
}

#[test]
fn fields_come_and_go() {
    fields(&[], &[Field::int32("x").null()], &["+ add field `A.x`"]);
    fields(&[Field::int32("x")], &[], &["- remove field `A.x`"]);
}

#[test]
fn a_renamed_field_keeps_its_data_whatever_else_changes() {
    let rename = "~ rename field `A.x` to `y`";
    fields(&[Field::text("x")], &[Field::text("y")], &[rename]);
    fields(&[Field::string("x", 10)], &[Field::string("y", 20)], &[rename, "~ alter field `A.y`"]);
    fields(&[Field::text("x")], &[Field::text("y").comment("why")], &[rename, "~ alter field `A.y`"]);
    fields(&[Field::text("x")], &[Field::text("y").index()], &[rename, "~ alter field `A.y`"]);
}

#[test]
fn a_field_renamed_over_its_column_asks_nobody() {
    let (from, to) = (state(&[model("A", &[Field::text("x")])]), state(&[model("A", &[Field::text("y").column("x")])]));
    assert_eq!(described(&from, &to, &mut Nobody), ["~ rename field `A.x` to `y`"]);
    let operation = diff(&from, &to, &mut Nobody).unwrap()[0].1;
    assert_eq!(operation.changes("blog", &from, &to).unwrap(), []);
}

#[test]
fn two_renames_go_to_the_names_that_are_alike() {
    fields(
        &[Field::text("title_en"), Field::text("summary_en")],
        &[Field::text("summary_de"), Field::text("title_de")],
        &["~ rename field `A.summary_en` to `summary_de`", "~ rename field `A.title_en` to `title_de`"],
    );
}

#[test]
fn a_renamed_foreign_key_takes_its_column_along() {
    let b = model("B", &[]);
    check(&[model("A", &[key("x", "B")]), b], &[model("A", &[key("y", "B")]), b], &["~ rename field `A.x` to `y`"]);
}

#[test]
fn swapped_kinds_are_two_changes() {
    fields(
        &[Field::text("x"), Field::int32("y")],
        &[Field::int32("x"), Field::text("y")],
        &["~ alter field `A.x`", "~ alter field `A.y`"],
    );
}

#[test]
fn models_come_and_go() {
    check(&[], &[model("A", &[])], &["+ create model `A`"]);
    check(&[model("A", &[])], &[], &["- delete model `A`"]);
}

#[test]
fn a_renamed_model_keeps_its_data_whatever_else_changes() {
    let rename = ["~ rename model `A` to `B`", "~ rename the table of `B` to `b`"];
    let x = Field::text("x");
    check(&[model("A", &[x])], &[model("B", &[x])], &rename);
    let more = model("B", &[x, Field::int32("y").null()]);
    check(&[model("A", &[x])], &[more], &[rename[0], rename[1], "+ add field `B.y`"]);
    let renamed = model("B", &[Field::text("z"), Field::date("d")]);
    check(&[model("A", &[x, Field::date("d")])], &[renamed], &[rename[0], "~ rename field `B.x` to `z`", rename[1]]);
}

#[test]
fn a_model_renamed_over_its_table_asks_nobody() {
    let (from, to) = (model("A", &[Field::text("x")]), Model { name: "B", ..model("A", &[Field::text("x")]) });
    let lines = described(&state(&[from]), &state(&[to]), &mut Nobody);
    assert_eq!(lines, ["~ rename model `A` to `B`"]);
}

#[test]
fn foreign_keys_come_after_what_they_point_at() {
    let all = [model("A", &[key("z", "Z")]), model("Z", &[])];
    check(&[], &all, &["+ create model `Z`", "+ create model `A`"]);
    check(&all, &[], &["- delete model `A`", "- delete model `Z`"]);
}

#[test]
fn a_ring_is_cut() {
    let all = [model("A", &[key("b", "B")]), model("B", &[key("a", "A")])];
    check(&[], &all, &["+ create model `A`", "+ create model `B`", "+ add field `A.b`"]);
    check(&all, &[], &["~ alter field `B.a`", "- delete model `A`", "- delete model `B`"]);
    let itself = [model("A", &[key("parent", "A")])];
    check(&[], &itself, &["+ create model `A`"]);
    check(&itself, &[], &["- delete model `A`"]);
}

#[test]
fn a_deleted_target_goes_after_the_field() {
    check(
        &[model("A", &[key("b", "B")]), model("B", &[])],
        &[model("A", &[])],
        &["- remove field `A.b`", "- delete model `B`"],
    );
}

#[test]
fn a_new_model_takes_the_table_of_a_deleted_one_after_it() {
    let old = model("Old", &[Field::text("a"), Field::text("b"), Field::text("c")]);
    let new = Model { table: "old", ..model("New", &[Field::date("x")]) };
    check(&[old], &[new], &["- delete model `Old`", "+ create model `New`"]);
}

#[test]
fn indexes_come_and_go_by_value() {
    let with = model("A", &[Field::int32("x")]).indexes(const { &[Index::on(&[("x", false)])] });
    let unique = with.indexes(const { &[Index::unique(&[("x", false)])] });
    let without = with.indexes(&[]);
    check(&[without], &[with], &["+ add index on `A` (x)"]);
    check(&[with], &[without], &["- remove index on `A` (x)"]);
    check(&[with], &[unique], &["- remove index on `A` (x)", "+ add unique constraint on `A` (x)"]);
}

#[test]
fn an_index_on_a_renamed_field_follows() {
    let old = model("A", &[Field::int32("x")]).indexes(const { &[Index::on(&[("x", false)])] });
    let new = model("A", &[Field::int32("y")]).indexes(const { &[Index::on(&[("y", false)])] });
    check(&[old], &[new], &["~ rename field `A.x` to `y`"]);
}

#[test]
fn many_to_many_relations_come_go_and_change() {
    let many = |name, table| ManyToMany::new(name, "blog", "B").through(table, "a_id", "b_id");
    let a = |many: &[ManyToMany]| model("A", &[]).many(many.to_vec().leak());
    let b = model("B", &[]);
    check(&[a(&[]), b], &[a(&[many("bs", "a_bs")]), b], &["+ add many-to-many relation `A.bs`"]);
    check(&[a(&[many("bs", "a_bs")]), b], &[a(&[]), b], &["- remove many-to-many relation `A.bs`"]);
    check(
        &[a(&[many("bs", "a_bs")]), b],
        &[a(&[many("all", "a_all")]), b],
        &["~ rename many-to-many relation `A.bs` to `all`"],
    );
    check(&[a(&[many("bs", "a_bs")]), b], &[a(&[many("bs", "x")]), b], &["~ alter many-to-many relation `A.bs`"]);
    check(&[], &[a(&[many("bs", "a_bs")]), b], &["+ create model `B`", "+ create model `A`"]);
}

#[test]
fn a_foreign_key_that_becomes_many_to_many_is_another_field() {
    let many = ManyToMany::new("b", "blog", "B").through("a_b", "a_id", "b_id");
    let b = model("B", &[]);
    check(
        &[model("A", &[key("b", "B")]), b],
        &[model("A", &[]).many([many].to_vec().leak()), b],
        &["- remove field `A.b`", "+ add many-to-many relation `A.b`"],
    );
}

#[test]
fn links_do_not_go_when_their_table_gets_a_model() {
    let many = ManyToMany::new("bs", "blog", "B").through("link", "a_id", "b_id");
    let from = [model("A", &[]).many([many].to_vec().leak()), model("B", &[])];
    let to = [model("A", &[]), model("B", &[]), model("Link", &[key("a", "A"), key("b", "B")])];
    let error = diff(&state(&from), &state(&to), &mut Yes).unwrap_err();
    assert!(error.message().contains("holds the links of `blog.A.bs`"), "{error}");
}

#[test]
fn another_primary_key_keeps_the_table() {
    let old = model("A", &[Field::int32("x"), Field::int32("y")]);
    let new = Model { key: &["x", "y"], fields: const { &[Field::int32("x"), Field::int32("y")] }, ..old };
    check(
        &[old],
        &[new],
        &["~ alter field `A.id`", "~ change the primary key of `A` to x, y", "- remove field `A.id`"],
    );
}

#[test]
fn managing_begins_after_other_changes_and_ends_before() {
    let ours = model("A", &[]);
    let theirs = model("A", &[Field::int32("x")]).unmanaged();
    check(&[ours], &[theirs], &["~ leave alone the table of `A`, as it is", "+ add field `A.x`"]);
    check(&[theirs], &[ours], &["- remove field `A.x`", "~ take over the table of `A`, as it is"]);
}

#[test]
fn nothing_is_asked_of_unmanaged_models() {
    let theirs = |fields| state(&[model("A", fields).unmanaged()]);
    let lines = described(&theirs(&[]), &theirs(&[Field::int32("x")]), &mut Nobody);
    assert_eq!(lines, ["+ add field `A.x`"]);
}

#[test]
fn a_model_that_moves_to_another_app_is_another_model() {
    check(
        &[Model { table: "a", ..model("blog.A", &[]) }],
        &[Model { table: "a2", ..model("shop.A", &[]) }],
        &["shop: + create model `A`", "blog: - delete model `A`"],
    );
}

#[track_caller]
fn unanswered(from: &[Model], to: &[Model], words: &str) {
    let error = diff(&state(from), &state(to), &mut Nobody).unwrap_err();
    assert!(orm_migrate::questions::is_unanswered(&error), "{error}");
    assert_eq!(error.message(), words);
}

#[test]
fn questions_say_which_flag_answers_them() {
    unanswered(
        &[model("A", &[])],
        &[model("A", &[Field::int32("x")])],
        "field `blog.A.x` is new and not null without a default in the database; say what existing rows get: `--fill blog.A.x=VALUE`",
    );
    unanswered(
        &[model("A", &[Field::text("x")])],
        &[model("A", &[Field::text("y")])],
        "field `blog.A.x` is gone and `y` is new and alike; say `--rename blog.A.x=y` or `--drop blog.A.x`",
    );
    unanswered(
        &[model("A", &[])],
        &[model("B", &[])],
        "model `blog.A` is gone and `blog.B` is new and alike; say `--rename blog.A=B` or `--drop blog.A`",
    );
}

#[track_caller]
fn given(rename: &[&str], drop: &[&str], fill: &[&str], from: &[Model], to: &[Model], expect: &[&str]) {
    let all = |texts: &[&str]| texts.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
    let mut nobody = Nobody;
    let mut answers = Given::new(&all(rename), &all(drop), &all(fill), &mut nobody).unwrap();
    assert_eq!(described(&state(from), &state(to), &mut answers), expect);
    answers.finish().unwrap();
}

#[test]
fn flags_answer() {
    let (x, y) = ([model("A", &[Field::text("x")])], [model("A", &[Field::text("y").null()])]);
    let rename = ["~ rename field `A.x` to `y`", "~ alter field `A.y`"];
    given(&["blog.A.x=y"], &[], &[], &x, &y, &rename);
    given(&["A.x=y"], &[], &[], &x, &y, &rename);
    given(&[], &["A.x"], &[], &x, &y, &["- remove field `A.x`", "+ add field `A.y`"]);
    let (a, b) = ([model("A", &[])], [Model { table: "a", ..model("B", &[Field::int32("n")]) }]);
    given(&["A=B"], &[], &["B.n=7"], &a, &b, &["~ rename model `A` to `B`", "+ add field `B.n`"]);
}

#[test]
fn flags_that_fit_nothing_are_mistakes() {
    let mut nobody = Nobody;
    let answers = Given::new(&["A.x=y".to_owned()], &[], &[], &mut nobody).unwrap();
    assert_eq!(answers.finish().unwrap_err().message(), "`--rename A.x` fits nothing that changed");
    assert!(Given::new(&["A.x".to_owned()], &[], &[], &mut nobody).is_err());
}

#[test]
fn fills_are_values_of_the_kind() {
    use orm_core::value::Kind;
    use orm_migrate::questions::parse_fill;
    assert_eq!(parse_fill("true", Kind::Bool).unwrap(), DbDefault::Bool(true));
    assert_eq!(parse_fill("12.50", Kind::Decimal { digits: 4, places: 2 }).unwrap(), DbDefault::Text("12.50"));
    assert_eq!(parse_fill("now", Kind::Timestamp).unwrap(), DbDefault::Now);
    for (text, kind) in [
        ("70000", Kind::Int16),
        ("yes", Kind::Bool),
        ("123.45", Kind::Decimal { digits: 4, places: 2 }),
        ("2024-02-30", Kind::Date),
        ("abcdef", Kind::Text { max: Some(5) }),
        ("{", Kind::Json),
        ("NaN", Kind::Float64),
    ] {
        assert!(parse_fill(text, kind).is_err(), "{text}");
    }
}
