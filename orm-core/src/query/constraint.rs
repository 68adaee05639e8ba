//! What refused a row, in the models' words: databases name constraints and columns, people know fields.

use crate::error::{Error, ErrorKind};
use crate::meta::{self, ModelMeta, RelationKind};
use crate::schema::{Column, Table, name_of, table_between, table_of};

/// The error of a statement about a model, with the model and its fields.
pub(super) fn explained(error: Error, model: &'static ModelMeta) -> Error {
    match error.kind() {
        ErrorKind::UniqueViolation
        | ErrorKind::ForeignKeyViolation
        | ErrorKind::NotNullViolation
        | ErrorKind::CheckViolation => named(error, model),
        _ => error.with_model(model.name),
    }
}

fn named(error: Error, model: &'static ModelMeta) -> Error {
    if let Some((owner, fields)) = error.constraint().and_then(|name| find(name, model)) {
        return error.with_model(owner.name).with_fields(fields);
    }
    let is_key = error.kind() == ErrorKind::UniqueViolation && error.fields().is_empty();
    let fields = if is_key && error.constraint() == Some("PRIMARY") {
        model.key().map(|field| field.name.to_owned()).collect()
    } else {
        error.fields().iter().map(|column| field_of(model, column)).collect()
    };
    error.with_model(model.name).with_fields(fields)
}

/// The model and the fields of a constraint: of this model, of one that points at it, or of any.
fn find(name: &str, model: &'static ModelMeta) -> Option<(&'static ModelMeta, Vec<String>)> {
    let points_here = |other: &&'static ModelMeta| other.relations.iter().any(|r| r.target().is(model));
    let (near, far): (Vec<_>, Vec<_>) = meta::registered().into_iter().partition(points_here);
    let mut models = std::iter::once(model).chain(near).chain(far);
    models.find_map(|owner| fields_of(name, owner).map(|fields| (owner, fields)))
}

fn fields_of(name: &str, model: &'static ModelMeta) -> Option<Vec<String>> {
    if let Some(columns) = columns_of(name, &table_of(model)) {
        return Some(columns.iter().map(|column| field_of(model, column)).collect());
    }
    let owned = model.relations.iter().filter(|r| matches!(r.kind, RelationKind::Many { .. }));
    let between = |r: &&meta::RelationMeta| r.owner().single_key().is_some() && r.target().single_key().is_some();
    owned.filter(between).find_map(|r| columns_of(name, &table_between(r)).map(|_| vec![r.name.to_owned()]))
}

fn columns_of(name: &str, table: &Table) -> Option<Vec<String>> {
    let key = table.foreign_keys.iter().find(|key| key.name == name);
    let index = table.indexes.iter().find(|index| index.unique && index.name == name);
    let of_check = |c: &&Column| !c.check.is_empty() && name_of("ck", &table.name, &[&c.name]) == name;
    let check = table.columns.iter().find(of_check);
    key.map(|key| vec![key.column.clone()])
        .or_else(|| check.map(|column| vec![column.name.clone()]))
        .or_else(|| index.map(|index| index.columns.iter().map(|(column, _)| column.clone()).collect()))
}

fn field_of(model: &'static ModelMeta, column: &str) -> String {
    let field = model.fields.iter().find(|field| field.column == column);
    field.map_or(column, |field| field.name).to_owned()
}
