//! What a model says must agree with itself. What does not is reported and left out, so that the rest can be emitted.

use std::collections::HashMap;

use proc_macro2::Span;
use syn::spanned::Spanned;

use crate::errors::Errors;
use crate::names::{hint, list};
use crate::spec::{Auto, Model, Named, Tie};
use crate::types::{self, Known};

/// Checks a model, and settles its key.
pub fn model(mut model: Model, errors: &Errors) -> Option<Model> {
    named_fields(&mut model, errors);
    model.key = key(&model, errors)?;
    key_is_never_null(&model, errors);
    settle_auto(&mut model, errors);
    on_delete(&model, errors);
    names_once(&model, errors);
    Some(model)
}

/// Drops from `ordering` and `index` what is no column.
fn named_fields(model: &mut Model, errors: &Errors) {
    let mut ordering = std::mem::take(&mut model.ordering);
    ordering.retain(|named| is_column(model, named, errors));
    model.ordering = ordering;
    let mut indexes = std::mem::take(&mut model.indexes);
    for index in &mut indexes {
        if let Some(named) = index.fields.iter().find(|f| index.unique && f.descending) {
            errors.at(named.span, "a unique constraint has no direction: leave out `-`");
        }
        index.fields.retain(|named| is_column(model, named, errors));
    }
    indexes.retain(|index| !index.fields.is_empty());
    model.indexes = indexes;
}

/// Whether a name in a text is that of a column.
fn is_column(model: &Model, named: &Named, errors: &Errors) -> bool {
    if model.column(&named.name).is_some() {
        return true;
    }
    let (name, ident) = (&named.name, &model.ident);
    let columns: Vec<&str> = model.columns().map(|(f, _)| f.name.as_str()).collect();
    let by_column = model.columns().find(|(_, c)| c.name == *name).map(|(f, _)| &f.name);
    let words = if name.is_empty() {
        "name fields, separated by commas: `\"a, b\"`".to_owned()
    } else if model.relations().any(|(f, _)| f.name == *name) {
        format!("`{name}` is the other side of a relation, so `{ident}` has no column for it")
    } else if name.contains("__") || name.contains('.') {
        format!("only fields of `{ident}` itself can stand here, not `{name}`")
    } else if let Some(field) = by_column {
        format!("fields are named here, not columns: write `{field}` for `{name}`")
    } else {
        let hint = hint(name, columns.iter().copied());
        let sep = if hint.is_empty() { ";" } else { "" };
        format!("`{ident}` has no field `{name}`{hint}{sep} it has {}", list(columns.iter().copied()))
    };
    errors.at(named.span, words);
    false
}

/// The columns of the primary key.
fn key(model: &Model, errors: &Errors) -> Option<Vec<usize>> {
    let marked: Vec<(usize, Span)> = model.columns().filter_map(|(_, c)| Some((c.index, c.primary_key?))).collect();
    if let Some((named, span)) = &model.key_named {
        if let Some((_, marked)) = marked.first() {
            errors.at(*marked, "the struct names its primary key already: leave this out");
        }
        if named.iter().any(|f| f.descending) {
            errors.at(*span, "a primary key has no direction: leave out `-`");
        }
        let known: Vec<&Named> = named.iter().filter(|f| is_column(model, f, errors)).collect();
        let key: Vec<usize> = known.iter().filter_map(|f| model.column(&f.name)).collect();
        if let Some(again) = key.iter().enumerate().find(|(i, at)| key[..*i].contains(at)) {
            errors.at(*span, format!("`{}` is named twice", known[again.0].name));
            return None;
        }
        return (!key.is_empty()).then_some(key);
    }
    match marked.as_slice() {
        [] => match model.column("id") {
            Some(id) => Some(vec![id]),
            None => {
                let words = "a model needs a primary key: a field `id`, or `#[orm(primary_key)]` on another";
                errors.at(model.ident.span(), words);
                None
            }
        },
        [(one, _)] => Some(vec![*one]),
        [_, (_, second), ..] => {
            let names: Vec<&str> =
                model.columns().filter(|(_, c)| c.primary_key.is_some()).map(|(f, _)| f.name.as_str()).collect();
            errors.at(*second, format!(
                "a model has one primary key; for a key of several fields write `#[orm(primary_key = \"{}\")]` on the struct",
                names.join(", ")
            ));
            None
        }
    }
}

fn key_is_never_null(model: &Model, errors: &Errors) {
    for (field, column) in model.columns().filter(|(_, c)| c.null && model.key.contains(&c.index)) {
        let base = types::name(&column.base).unwrap_or_default();
        errors.at(
            field.ty.span(),
            format!(
                "a primary key is never NULL: write `{base}` without `Option` (what is not stored yet is a `New{}`)",
                model.ident
            ),
        );
    }
}

/// An integer key counts up and a UUID is made up, unless told otherwise.
fn settle_auto(model: &mut Model, errors: &Errors) {
    let key = model.key.clone();
    for (name, column) in model.fields.iter_mut().filter_map(|f| Some((&f.name, f.column.as_mut()?))) {
        let is_key = key == [column.index];
        if let Some((said, span)) = column.auto_said {
            if !is_key {
                let words = format!("`auto` is for a primary key, which `{name}` is not");
                errors.at(span, words);
                continue;
            }
            if said && (column.default.is_some() || column.db_default.is_some()) {
                errors.at(span, "a key that is made up has no default");
            }
        }
        let free = column.auto == Auto::No && column.default.is_none() && column.db_default.is_none();
        let known = types::known(&column.base);
        column.auto = match (is_key && free, column.auto_said.map(|(said, _)| said), known) {
            (false, _, _) | (true, Some(false), _) => column.auto,
            (true, _, Some(Known::Uuid)) => Auto::Uuid,
            (true, _, Some(Known::Integer)) | (true, Some(true), None) => Auto::Increment,
            (true, Some(true), Some(_)) => {
                let words = "only integers count up, and only UUIDs are made up; leave out `auto`";
                errors.at(column.auto_said.map_or_else(Span::call_site, |(_, span)| span), words);
                Auto::No
            }
            (true, None, _) => Auto::No,
        };
    }
}

fn on_delete(model: &Model, errors: &Errors) {
    for (_, relation) in model.relations() {
        let field = model.fields.iter().find(|f| f.relation.as_ref().is_some_and(|r| r.index == relation.index));
        let (Tie::Forward { on_delete, .. }, Some(column)) = (&relation.tie, field.and_then(|f| f.column.as_ref()))
        else {
            continue;
        };
        let base = types::name(&column.base).unwrap_or_default();
        let target = types::name(&relation.target).unwrap_or_default();
        if on_delete == "SetNull" && !column.null {
            errors.at(
                on_delete.span(),
                format!("`SetNull` needs a key that may be NULL: write `Option<{base}<{target}>>`"),
            );
        }
        if on_delete == "SetDefault" && column.db_default.is_none() && !column.null {
            errors.at(on_delete.span(), "`SetDefault` needs a default in the database: add `db_default = ..`");
        }
    }
}

/// No two columns share a name, and no relation takes the name of a method that every model has.
fn names_once(model: &Model, errors: &Errors) {
    let mut seen: HashMap<String, &str> = HashMap::new();
    for (field, column) in model.columns() {
        if let Some(other) = seen.insert(column.name.clone(), &field.name) {
            errors.at(field.ident.span(), format!("`{other}` has the column `{}` already", column.name));
        }
    }
    for (field, _) in model.relations().filter(|(_, r)| r.is_many()) {
        if field.name == "objects" || field.name == "create" {
            let words = format!(
                "every model has a function `{0}`, and `{0}()` gives a relation's rows: choose another name",
                field.name
            );
            errors.at(field.ident.span(), words);
        }
    }
}
