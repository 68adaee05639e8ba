//! Models written by hand, as the derive would, and states to go from and to.

use orm_core::error::Result;
use orm_core::meta::*;
use orm_core::value::{Kind, Row, Value};
use orm_migrate::prelude::*;
use orm_migrate::state::{ModelState, State};

fn no_row(_: &mut Row<'_>) -> Result<AnyRow> {
    Ok(Box::new(()))
}
fn no_value(_: &dyn std::any::Any, _: usize) -> Value {
    Value::Null
}
pub const OPS: ModelOps = ModelOps {
    decode: no_row,
    attach: |_, _, _| (),
    value: no_value,
    gather: |_| std::sync::Arc::new(()),
    share: |_| std::sync::Arc::new(()),
};

pub const FIELD: FieldMeta = FieldMeta {
    name: "",
    column: "",
    kind: Kind::Int64,
    null: false,
    unique: false,
    index: false,
    auto: Auto::No,
    default: None,
    db_default: None,
    choices: None,
    doc: "",
    storage: Storage::Ours,
    relation: None,
};

pub const ID: FieldMeta = FieldMeta { name: "id", column: "id", auto: Auto::Increment, ..FIELD };

pub const MODEL: ModelMeta = ModelMeta {
    name: "",
    module: "blog::models",
    table: "",
    managed: true,
    doc: "",
    fields: &[ID],
    relations: &[],
    primary_key: &[0],
    ordering: &[],
    indexes: &[],
    ops: OPS,
};

pub static AUTHOR: ModelMeta = ModelMeta {
    name: "Author",
    table: "author",
    doc: " Who writes.\n Much.\n\n Not in the comment.",
    fields: &[
        ID,
        FieldMeta {
            name: "name",
            column: "name",
            kind: Kind::Text { max: Some(100) },
            unique: true,
            doc: "Full name.",
            ..FIELD
        },
    ],
    ..MODEL
};

pub static BOOK: ModelMeta = ModelMeta {
    name: "Book",
    table: "book",
    fields: &[
        ID,
        FieldMeta { name: "title", column: "title", kind: Kind::Text { max: Some(200) }, ..FIELD },
        FieldMeta { name: "author", column: "author_id", index: true, relation: Some(0), ..FIELD },
        FieldMeta {
            name: "status",
            column: "status",
            kind: Kind::Text { max: Some(5) },
            db_default: Some(DbDefault::Text("draft")),
            choices: Some(&[
                Choice { value: ChoiceValue::Text("draft"), label: "Draft" },
                Choice { value: ChoiceValue::Text("live"), label: "Live" },
            ]),
            ..FIELD
        },
        FieldMeta { name: "shelf", column: "shelf_id", null: true, relation: Some(1), ..FIELD },
    ],
    relations: &[
        RelationMeta {
            name: "author",
            owner: || &BOOK,
            target: || &AUTHOR,
            kind: RelationKind::Forward { field: 2, unique: false, on_delete: OnDelete::Cascade, constraint: true },
            index: 0,
        },
        RelationMeta {
            name: "shelf",
            owner: || &BOOK,
            target: || &SHELF,
            kind: RelationKind::Forward { field: 4, unique: true, on_delete: OnDelete::SetNull, constraint: true },
            index: 1,
        },
        RelationMeta {
            name: "readers",
            owner: || &BOOK,
            target: || &AUTHOR,
            kind: RelationKind::Many { table: "book_readers", from: "book_id", to: "author_id", managed: true },
            index: 2,
        },
    ],
    indexes: &[
        IndexMeta { name: None, fields: &[(1, false), (3, true)], unique: false },
        IndexMeta { name: Some("one_each"), fields: &[(1, false), (2, false)], unique: true },
    ],
    ..MODEL
};

pub static SHELF: ModelMeta = ModelMeta {
    name: "Shelf",
    table: "shelf",
    fields: &[
        FieldMeta { name: "room", column: "room", kind: Kind::Int16, ..FIELD },
        FieldMeta { name: "place", column: "place", kind: Kind::Int64, ..FIELD },
    ],
    primary_key: &[1],
    ..MODEL
};

pub static ALL: [&ModelMeta; 3] = [&AUTHOR, &BOOK, &SHELF];
pub static APPS: [App; 1] = [App::new("blog", "blog::migrations", "/nowhere", &[])];

/// Models of app `blog` as a state; a model named `shop.Item` is of another.
pub fn state(models: &[Model]) -> State {
    let mut out = State::default();
    for model in models {
        let (app, name) = model.name.split_once('.').unwrap_or(("blog", model.name));
        let model = ModelState { name, ..ModelState::of_shape(app, model) };
        out.models.insert((app, name), model);
    }
    out
}

/// A model with a key, and fields.
pub fn model(name: &'static str, fields: &[Field]) -> Model {
    let mut all = vec![Field::int64("id").increment()];
    all.extend(fields);
    let table = name.replace('.', "_").to_lowercase().leak();
    Model::new(name, table).fields(all.leak()).key(&["id"])
}

pub fn key(name: &'static str, model: &'static str) -> Field {
    let (app, model) = model.split_once('.').unwrap_or(("blog", model));
    let column = format!("{name}_id").leak();
    Field::int64(name).column(column).references(app, model, OnDelete::Cascade)
}
