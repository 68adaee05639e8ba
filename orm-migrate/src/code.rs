//! The parts of models as Rust text, the way migration files spell them. Knows nothing of files or layout.

use orm_core::meta::{ChoiceValue, DbDefault, OnDelete};
use orm_core::value::Kind;

use crate::shape::{Field, Index, ManyToMany, Model};

pub(crate) fn text(text: &str) -> String {
    format!("{text:?}")
}

pub(crate) fn list(items: impl IntoIterator<Item = String>) -> String {
    format!("&[{}]", items.into_iter().collect::<Vec<_>>().join(", "))
}

pub(crate) fn names(names: &[&str]) -> String {
    list(names.iter().map(|n| text(n)))
}

pub(crate) fn default(default: DbDefault) -> String {
    match default {
        DbDefault::Bool(v) => format!("DbDefault::Bool({v})"),
        DbDefault::Int(v) => format!("DbDefault::Int({v})"),
        DbDefault::Float(v) => format!("DbDefault::Float({v:?})"),
        DbDefault::Text(v) => format!("DbDefault::Text({v:?})"),
        DbDefault::Now => "DbDefault::Now".to_owned(),
    }
}

fn choice(choice: &ChoiceValue) -> String {
    match choice {
        ChoiceValue::Text(v) => format!("ChoiceValue::Text({v:?})"),
        ChoiceValue::Int(v) => format!("ChoiceValue::Int({v})"),
    }
}

fn on_delete(on_delete: OnDelete) -> &'static str {
    match on_delete {
        OnDelete::Cascade => "OnDelete::Cascade",
        OnDelete::SetNull => "OnDelete::SetNull",
        OnDelete::SetDefault => "OnDelete::SetDefault",
        OnDelete::Restrict => "OnDelete::Restrict",
        OnDelete::NoAction => "OnDelete::NoAction",
    }
}

fn constructor(name: &str, kind: Kind) -> String {
    let of = |function: &str| format!("Field::{function}({name:?})");
    match kind {
        Kind::Bool => of("boolean"),
        Kind::Int16 => of("int16"),
        Kind::Int32 => of("int32"),
        Kind::Int64 => of("int64"),
        Kind::Float64 => of("float64"),
        Kind::Decimal { digits, places } => format!("Field::decimal({name:?}, {digits}, {places})"),
        Kind::Text { max: None } => of("text"),
        Kind::Text { max: Some(max) } => format!("Field::string({name:?}, {max})"),
        Kind::Bytes => of("bytes"),
        Kind::Date => of("date"),
        Kind::Time => of("time"),
        Kind::DateTime => of("datetime"),
        Kind::Timestamp => of("timestamp"),
        Kind::Duration => of("duration"),
        Kind::Uuid => of("uuid"),
        Kind::Json => of("json"),
    }
}

pub(crate) fn field(field: &Field) -> String {
    let mut out = constructor(field.name, field.kind);
    if field.column != field.name {
        out += &format!(".column({:?})", field.column);
    }
    for (set, call) in [
        (field.null, ".null()"),
        (field.unique, ".unique()"),
        (field.index, ".index()"),
        (field.increment, ".increment()"),
    ] {
        if set {
            out += call;
        }
    }
    if let Some(value) = field.default {
        out += &format!(".default({})", default(value));
    }
    if !field.choices.is_empty() {
        out += &format!(".choices({})", list(field.choices.iter().map(choice)));
    }
    if let Some(target) = field.target {
        out += &if target.constraint {
            format!(".references({:?}, {:?}, {})", target.app, target.model, on_delete(target.on_delete))
        } else {
            format!(".references_unchecked({:?}, {:?})", target.app, target.model)
        };
    }
    if !field.comment.is_empty() {
        out += &format!(".comment({:?})", field.comment);
    }
    out
}

pub(crate) fn index(index: &Index) -> String {
    let fields = list(index.fields.iter().map(|(name, descending)| format!("({name:?}, {descending})")));
    let mut out = format!("Index::{}({fields})", if index.unique { "unique" } else { "on" });
    if let Some(name) = index.name {
        out += &format!(".named({name:?})");
    }
    out
}

pub(crate) fn many(many: &ManyToMany) -> String {
    let ManyToMany { name, app, model, table, from, to } = many;
    format!("ManyToMany::new({name:?}, {app:?}, {model:?}).through({table:?}, {from:?}, {to:?})")
}

pub(crate) fn model(model: &Model) -> String {
    let mut out = format!("Model::new({:?}, {:?})", model.name, model.table);
    if !model.comment.is_empty() {
        out += &format!(".comment({:?})", model.comment);
    }
    if !model.managed {
        out += ".unmanaged()";
    }
    out += &format!(".fields({})", list(model.fields.iter().map(field)));
    out += &format!(".key({})", names(model.key));
    if !model.indexes.is_empty() {
        out += &format!(".indexes({})", list(model.indexes.iter().map(index)));
    }
    if !model.many.is_empty() {
        out += &format!(".many({})", list(model.many.iter().map(many)));
    }
    out
}
