//! System checks: one wrong model each.

use orm_core::meta::*;
use orm_core::value::Kind;
use orm_migrate::check;

use crate::models::{ALL, AUTHOR, FIELD, ID, MODEL, SHELF};

#[track_caller]
fn found(models: &[&'static ModelMeta], expect: &[&str]) {
    let ids: Vec<&str> = check(models).iter().map(|f| f.id).collect();
    assert_eq!(ids, expect, "{:#?}", check(models));
}

#[track_caller]
fn field(field: FieldMeta, expect: &[&str]) {
    let fields = Box::leak(Box::new([ID, field]));
    found(&[Box::leak(Box::new(ModelMeta { name: "M", table: "m", fields, ..MODEL }))], expect);
}

fn named(name: &'static str) -> FieldMeta {
    FieldMeta { name, column: name, ..FIELD }
}

#[test]
fn sound_models_have_no_findings() {
    found(&ALL, &[]);
}

#[test]
fn findings_say_where_what_and_what_to_do() {
    let fields =
        Box::leak(Box::new([ID, FieldMeta { kind: Kind::Decimal { digits: 2, places: 3 }, ..named("price") }]));
    let model: &'static ModelMeta = Box::leak(Box::new(ModelMeta { name: "M", table: "m", fields, ..MODEL }));
    assert_eq!(
        check(&[model])[0].to_string(),
        "E011 `M.price`: there is no decimal of 2 digits with 3 places; take at most 65 digits, at most 30 of them as places"
    );
}

#[test]
fn names() {
    static TWIN: ModelMeta = ModelMeta { name: "Twin", table: "author", ..MODEL };
    static AGAIN: ModelMeta = ModelMeta { name: "Author", table: "author2", module: "blog::other", ..MODEL };
    found(&[&AUTHOR, &TWIN], &["E001"]);
    found(&[&AUTHOR, &AGAIN], &["E002"]);
    field(FieldMeta { name: "other", column: "ID", ..FIELD }, &["E003"]);
    field(named("a23456789b123456789c123456789d123456789e123456789f123456789g123"), &[]);
    field(named("a23456789b123456789c123456789d123456789e123456789f123456789g1234"), &["E005"]);
    for bad in ["a\"b", "a\0b", "a`b", "a'b", "a\nb", ""] {
        field(named(bad), &["E006"]);
    }
}

#[test]
fn keys() {
    static NONE: ModelMeta = ModelMeta { name: "M", table: "m", primary_key: &[], fields: &[], ..MODEL };
    static NULL: ModelMeta = ModelMeta {
        name: "M",
        table: "m",
        fields: &[FieldMeta { name: "id", column: "id", null: true, ..FIELD }],
        ..MODEL
    };
    found(&[&NONE], &["E007"]);
    found(&[&NULL], &["E008"]);
}

#[test]
fn kinds() {
    let kind = |kind| FieldMeta { kind, ..named("x") };
    field(kind(Kind::Text { max: Some(0) }), &["E010"]);
    field(kind(Kind::Text { max: Some(20_000) }), &["W001"]);
    field(kind(Kind::Decimal { digits: 0, places: 0 }), &["E011"]);
    field(kind(Kind::Decimal { digits: 66, places: 2 }), &["E011"]);
    field(kind(Kind::Decimal { digits: 19, places: 2 }), &["W002"]);
    field(kind(Kind::Decimal { digits: 18, places: 2 }), &[]);
    const LONG: &[Choice] = &[Choice { value: ChoiceValue::Text("too long"), label: "" }];
    field(FieldMeta { choices: Some(LONG), ..kind(Kind::Text { max: Some(5) }) }, &["E012"]);
}

#[test]
fn what_fills_a_field() {
    field(FieldMeta { auto: Auto::Now, kind: Kind::TEXT, ..named("x") }, &["E013"]);
    field(FieldMeta { auto: Auto::NowAdd, kind: Kind::Timestamp, ..named("x") }, &[]);
    field(FieldMeta { auto: Auto::Uuid, kind: Kind::Int64, ..named("x") }, &["E013"]);
    field(FieldMeta { auto: Auto::Increment, ..named("x") }, &["E014"]);
    field(FieldMeta { unique: true, null: true, ..named("x") }, &["H001"]);
}

#[test]
fn indexes() {
    field(FieldMeta { index: true, kind: Kind::TEXT, ..named("x") }, &["W003"]);
    static EMPTY: ModelMeta =
        ModelMeta { name: "M", table: "m", indexes: &[IndexMeta { name: None, fields: &[], unique: false }], ..MODEL };
    static TWICE: ModelMeta = ModelMeta {
        name: "M",
        table: "m",
        indexes: &[IndexMeta { name: None, fields: &[(0, false), (0, true)], unique: false }],
        ..MODEL
    };
    found(&[&EMPTY], &["E020"]);
    found(&[&TWICE], &["E021"]);
}

/// A model with a relation to a target, and what else the relation says.
fn pointing(target: fn() -> &'static ModelMeta, kind: RelationKind, key: FieldMeta) -> &'static ModelMeta {
    let relation = RelationMeta { name: "to", owner: || &AUTHOR, target, kind, index: 0 };
    let fields = Box::leak(Box::new([ID, FieldMeta { relation: Some(0), ..key }]));
    let relations = Box::leak(Box::new([relation]));
    Box::leak(Box::new(ModelMeta { name: "M", table: "m", fields, relations, ..MODEL }))
}

const fn forward(on_delete: OnDelete) -> RelationKind {
    RelationKind::Forward { field: 1, unique: false, on_delete, constraint: true }
}

static PAIR: ModelMeta = ModelMeta {
    name: "Pair",
    table: "pair",
    fields: &[ID, FieldMeta { name: "b", column: "b", ..FIELD }],
    primary_key: &[0, 1],
    ..MODEL
};
static THEIRS: ModelMeta = ModelMeta { name: "Theirs", table: "theirs", managed: false, ..MODEL };

#[test]
fn foreign_keys() {
    let cascade = forward(OnDelete::Cascade);
    let author = || &AUTHOR;
    found(&[&AUTHOR, pointing(author, cascade, named("to_id"))], &[]);
    found(&[pointing(author, cascade, named("to_id"))], &["E036"]);
    found(&[&AUTHOR, pointing(author, forward(OnDelete::SetNull), named("to_id"))], &["E031"]);
    found(&[&AUTHOR, pointing(author, forward(OnDelete::SetDefault), named("to_id"))], &["E032"]);
    found(&[&AUTHOR, pointing(author, cascade, FieldMeta { kind: Kind::Uuid, ..named("to_id") })], &["E033"]);
    let nowhere = RelationKind::Forward { field: 9, unique: false, on_delete: OnDelete::Cascade, constraint: true };
    found(&[&AUTHOR, pointing(author, nowhere, named("to_id"))], &["E030"]);
    found(&[&THEIRS, pointing(|| &THEIRS, cascade, named("to_id"))], &["W004"]);
    let composite: Vec<&str> =
        check(&[&PAIR, pointing(|| &PAIR, cascade, named("to_id"))]).iter().map(|f| f.id).collect();
    assert_eq!(composite, ["E014", "E035"]);
}

const fn many(table: &'static str, to: &'static str) -> RelationKind {
    RelationKind::Many { table, from: "m_id", to, managed: true }
}

#[test]
fn many_to_many_relations() {
    let author = || &AUTHOR;
    found(&[&AUTHOR, pointing(author, many("between", "author_id"), named("x"))], &[]);
    found(&[&AUTHOR, pointing(author, many("author", "author_id"), named("x"))], &["E040"]);
    found(&[&AUTHOR, pointing(author, many("between", "m_id"), named("x"))], &["E004"]);
    static OWNER: ModelMeta = ModelMeta {
        name: "Owner",
        table: "owner",
        fields: &[FieldMeta { auto: Auto::No, ..ID }, FieldMeta { name: "b", column: "b", ..FIELD }],
        primary_key: &[0, 1],
        relations: &[RelationMeta {
            name: "many",
            owner: || &OWNER,
            target: || &SHELF,
            kind: many("t", "shelf_id"),
            index: 0,
        }],
        ..MODEL
    };
    found(&[&OWNER, &SHELF], &["E034"]);
}

static CHILD: ModelMeta = ModelMeta {
    name: "Child",
    table: "child",
    fields: &[ID, FieldMeta { name: "parent", column: "parent_id", relation: Some(0), ..FIELD }],
    relations: &[RelationMeta {
        name: "parent",
        owner: || &CHILD,
        target: || &PARENT,
        kind: forward(OnDelete::Cascade),
        index: 0,
    }],
    ..MODEL
};
static PARENT: ModelMeta = ModelMeta { name: "Parent", table: "parent", ..MODEL };

fn parent(of: fn() -> &'static RelationMeta, unique: bool, twice: bool) -> &'static ModelMeta {
    let reverse = |name| RelationMeta {
        name,
        owner: || &PARENT,
        target: || &CHILD,
        kind: RelationKind::Reverse { of, unique },
        index: 0,
    };
    let mut relations = vec![reverse("children")];
    if twice {
        relations.push(reverse("kids"));
    }
    Box::leak(Box::new(ModelMeta { name: "Parent", table: "parent2", relations: relations.leak(), ..MODEL }))
}

#[test]
fn reverse_relations_lead_back() {
    let of: fn() -> &'static RelationMeta = || &CHILD.relations[0];
    // The relation points at another model of the same name, so it does not lead back.
    let ids: Vec<&str> = check(&[parent(of, false, false)]).iter().map(|f| f.id).collect();
    assert_eq!(ids, ["E037"]);
    let ids: Vec<&str> = check(&[parent(of, false, true)]).iter().map(|f| f.id).collect();
    assert_eq!(ids, ["E037", "E037", "E039"]);
}

static HOST: ModelMeta = ModelMeta {
    name: "Host",
    table: "host",
    relations: &[RelationMeta {
        name: "guest",
        owner: || &HOST,
        target: || &GUEST,
        kind: RelationKind::Reverse { of: || &GUEST.relations[0], unique: true },
        index: 0,
    }],
    ..MODEL
};
static GUEST: ModelMeta = ModelMeta {
    name: "Guest",
    table: "guest",
    fields: &[ID, FieldMeta { name: "host", column: "host_id", relation: Some(0), ..FIELD }],
    relations: &[RelationMeta {
        name: "host",
        owner: || &GUEST,
        target: || &HOST,
        kind: forward(OnDelete::Cascade),
        index: 0,
    }],
    ..MODEL
};

#[test]
fn the_other_side_is_of_its_kind() {
    // One row for what many rows may point at.
    found(&[&HOST, &GUEST], &["E038"]);
}
