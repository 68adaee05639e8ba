//! Names that a database would not take, or not keep apart.

use std::collections::BTreeMap;

use orm_core::meta::{ModelMeta, RelationKind};

use super::Findings;

/// PostgreSQL cuts longer names off, and MySQL refuses them at 64 characters.
const LONGEST: usize = 63;

pub(super) fn check(model: &'static ModelMeta, findings: &mut Findings) {
    one(model, None, "table", model.table, findings);
    let mut columns: BTreeMap<String, &str> = BTreeMap::new();
    for field in model.fields {
        one(model, Some(field.name), "column", field.column, findings);
        // Unquoted tools and some databases fold the case of columns.
        if let Some(other) = columns.insert(field.column.to_lowercase(), field.name) {
            let message = format!("column `{}` is that of field `{other}` too", field.column);
            findings.field("E003", model, field, message, "give one of them another by `#[orm(column = ..)]`");
        }
    }
    for index in model.indexes {
        if let Some(name) = index.name {
            one(model, None, "index", name, findings);
        }
    }
    for relation in model.relations {
        if let RelationKind::Many { table, from, to, .. } = relation.kind {
            for (what, name) in [("table", table), ("column", from), ("column", to)] {
                one(model, Some(relation.name), what, name, findings);
            }
            if from == to {
                let message = format!("both columns of table `{table}` are called `{from}`");
                findings.add("E004", model, Some(relation.name), message, "name the columns of the two sides apart");
            }
        }
    }
}

fn one(model: &ModelMeta, field: Option<&str>, what: &str, name: &str, findings: &mut Findings) {
    if name.len() > LONGEST {
        let message = format!("the name of {what} `{name}` has {} bytes, more than {LONGEST}", name.len());
        findings.add("E005", model, field, message, "give it a shorter one");
    }
    let wrong = |c: char| c.is_control() || matches!(c, '"' | '\'' | '`');
    if name.is_empty() || name.chars().any(wrong) {
        let message = format!("the name of {what} {name:?} is empty, or has a quote or control character");
        findings.add("E006", model, field, message, "use letters, digits and `_`");
    }
}
