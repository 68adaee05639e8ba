//! Indexes that a database cannot build.

use orm_core::meta::{FieldMeta, ModelMeta};
use orm_core::value::Kind;

use super::Findings;

pub(super) fn check(model: &'static ModelMeta, findings: &mut Findings) {
    let alone = model.fields.iter().filter(|f| f.unique || f.index);
    for field in alone.chain(model.key()) {
        unlimited(model, field, findings);
    }
    for index in model.indexes {
        let fields: Vec<&str> = index.fields.iter().filter_map(|(i, _)| model.fields.get(*i)).map(|f| f.name).collect();
        if fields.is_empty() || fields.len() < index.fields.len() {
            let message = "an index names no field, or one that is not there".to_owned();
            findings.add("E020", model, None, message, "name fields of the model");
        }
        for (i, _) in index.fields {
            if let Some(field) = model.fields.get(*i) {
                unlimited(model, field, findings);
            }
        }
        for (at, field) in fields.iter().enumerate() {
            if fields[..at].contains(field) {
                let message = format!("an index names field `{field}` twice");
                findings.add("E021", model, Some(field), message, "name it once");
            }
        }
    }
}

fn unlimited(model: &'static ModelMeta, field: &'static FieldMeta, findings: &mut Findings) {
    let why = match field.kind {
        Kind::Text { max: None } => "text of any length",
        Kind::Bytes => "bytes",
        Kind::Json => "JSON",
        _ => return,
    };
    let known =
        findings.0.iter().any(|f| f.id == "W003" && f.model == model.name && f.field.as_deref() == Some(field.name));
    if !known {
        let message = format!("not every database has an index or key on {why}");
        findings.field(
            "W003",
            model,
            field,
            message,
            "give text a `max_length`, or leave it if the model is never stored there",
        );
    }
}
