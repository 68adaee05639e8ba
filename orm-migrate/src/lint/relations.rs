//! Relations that lead nowhere, or not back.

use std::collections::BTreeMap;

use orm_core::meta::{ModelMeta, OnDelete, RelationKind, RelationMeta};

use super::Findings;

pub(super) fn check(model: &'static ModelMeta, models: &[&'static ModelMeta], findings: &mut Findings) {
    for relation in model.relations {
        let target = relation.target();
        let mut add = |id, message: String, hint| findings.add(id, model, Some(relation.name), message, hint);
        match relation.kind {
            RelationKind::Forward { field, on_delete, constraint, .. } => {
                points_somewhere(target, constraint, models, &mut add);
                let Some(field) = model.fields.get(field) else {
                    add("E030", "the foreign key has no field".to_owned(), "this is a mistake of a hand-written model");
                    continue;
                };
                if on_delete == OnDelete::SetNull && !field.null {
                    let message = "deleting the target sets NULL, which the field refuses".to_owned();
                    add("E031", message, "make it an `Option`, or say another `on_delete`");
                }
                if on_delete == OnDelete::SetDefault && field.db_default.is_none() && !field.null {
                    let message = "deleting the target sets the default, and there is none".to_owned();
                    add("E032", message, "give `db_default`, or say another `on_delete`");
                }
                if target.single_key().is_some_and(|k| k.kind != field.kind) {
                    let message = format!("the field is a {}, the key of `{}` is not", field.kind.name(), target.name);
                    add("E033", message, "use the type of the target's key");
                }
            }
            RelationKind::Many { managed, .. } => {
                points_somewhere(target, managed, models, &mut add);
                if managed && model.single_key().is_none() {
                    let message = "a many-to-many relation needs a single primary key here".to_owned();
                    add("E034", message, "give the model a single key");
                }
            }
            RelationKind::Reverse { of, .. } => points_back(model, relation, of(), &mut add),
            RelationKind::ManyReverse { of } => points_back(model, relation, of(), &mut add),
        }
    }
    same_reverse(model, findings);
}

type Add<'a> = dyn FnMut(&'static str, String, &'static str) + 'a;

fn points_somewhere(target: &ModelMeta, enforced: bool, models: &[&'static ModelMeta], add: &mut Add<'_>) {
    if target.single_key().is_none() {
        let message = format!("`{}` has a primary key of several fields, or none", target.name);
        add("E035", message, "point at a model with a single key");
    }
    if !models.iter().any(|m| m.is(target)) {
        let message = format!("`{}` is not among the models of this program", target.name);
        add("E036", message, "link its crate, and add its app to `manage!`");
    } else if enforced && !target.managed {
        let message = format!("`{}` is not managed, so its table must be there before this one", target.name);
        add("W004", message, "leave it if it is, or do not let the database enforce it");
    }
}

fn points_back(model: &ModelMeta, relation: &RelationMeta, of: &RelationMeta, add: &mut Add<'_>) {
    let leads_here = of.target().is(model) && of.owner().is(relation.target());
    let right_kind = match (relation.kind, of.kind) {
        (RelationKind::Reverse { unique, .. }, RelationKind::Forward { unique: forward, .. }) => !unique || forward,
        (RelationKind::ManyReverse { .. }, RelationKind::Many { .. }) => true,
        _ => false,
    };
    if !leads_here {
        let message = format!("`{}.{}` does not point at `{}`", of.owner().name, of.name, model.name);
        add("E037", message, "name the field that points here by `#[orm(via = ..)]`");
    } else if !right_kind {
        let message = format!("`{}.{}` is another kind of relation", of.owner().name, of.name);
        add("E038", message, "`HasMany` reverses a foreign key, `HasOne` a one-to-one, `ManyToMany` its like");
    }
}

/// Two reverse sides of one relation would be two names for the same rows.
fn same_reverse(model: &'static ModelMeta, findings: &mut Findings) {
    let mut seen: Vec<(&RelationMeta, &str)> = Vec::new();
    for relation in model.relations {
        let of = match relation.kind {
            RelationKind::Reverse { of, .. } | RelationKind::ManyReverse { of } => of(),
            RelationKind::Forward { .. } | RelationKind::Many { .. } => continue,
        };
        if let Some((_, other)) = seen.iter().find(|(r, _)| std::ptr::eq(*r, of)) {
            let message = format!("it is the other side of `{}.{}`, as `{other}` is", of.owner().name, of.name);
            findings.add(
                "E039",
                model,
                Some(relation.name),
                message,
                "say by `#[orm(via = ..)]` which field each reverses",
            );
        }
        seen.push((of, relation.name));
    }
}

/// Tables between models that clash with others.
pub(super) fn between(models: &[&'static ModelMeta], findings: &mut Findings) {
    let tables: BTreeMap<&str, &ModelMeta> = models.iter().map(|m| (m.table, *m)).collect();
    let mut seen: BTreeMap<&str, &RelationMeta> = BTreeMap::new();
    for (model, relation) in models.iter().flat_map(|m| m.relations.iter().map(move |r| (m, r))) {
        let RelationKind::Many { table, managed: true, .. } = relation.kind else { continue };
        let other = tables.get(table).map(|m| m.name.to_owned());
        let other = other.or_else(|| seen.get(table).map(|r| format!("{}.{}", r.owner().name, r.name)));
        if let Some(other) = other {
            let message = format!("table `{table}` between the models is that of `{other}` too");
            findings.add("E040", model, Some(relation.name), message, "give one of them another table");
        }
        seen.insert(table, relation);
    }
}
