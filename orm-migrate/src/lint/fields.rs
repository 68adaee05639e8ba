//! Fields that cannot hold what they say, or not on every database.

use orm_core::meta::{Auto, FieldMeta, ModelMeta};
use orm_core::value::Kind;

use super::Findings;

/// MySQL's longest VARCHAR of four-byte characters.
const LONGEST_TEXT: u32 = 16_383;

pub(super) fn check(model: &'static ModelMeta, findings: &mut Findings) {
    if model.primary_key.is_empty() {
        let message = "there is no primary key".to_owned();
        findings.add("E007", model, None, message, "mark a field `#[key]`");
    }
    for field in model.key().filter(|f| f.null) {
        let message = "the primary key may be NULL".to_owned();
        findings.field("E008", model, field, message, "take `Option` from it");
    }
    for field in model.fields {
        kind(model, field, findings);
        auto(model, field, findings);
        if field.unique && field.null {
            let message = "the field is unique and may be NULL, and any number of rows may have NULL".to_owned();
            findings.field("H001", model, field, message, "leave it if that is meant");
        }
    }
}

fn kind(model: &ModelMeta, field: &FieldMeta, findings: &mut Findings) {
    match field.kind {
        Kind::Text { max: Some(0) } => {
            let message = "the text may have no characters at all".to_owned();
            findings.field("E010", model, field, message, "give a `max_length` from 1 on");
        }
        Kind::Text { max: Some(max) } if max > LONGEST_TEXT => {
            let message = format!("`max_length` {max} is more than every database has ({LONGEST_TEXT})");
            findings.field("W001", model, field, message, "leave it out for text of any length");
        }
        Kind::Decimal { digits, places } if digits == 0 || places > digits || digits > 65 || places > 30 => {
            let message = format!("there is no decimal of {digits} digits with {places} places");
            findings.field("E011", model, field, message, "take at most 65 digits, at most 30 of them as places");
        }
        Kind::Decimal { digits, .. } if digits > 18 => {
            let message = format!("{digits} digits are more than every database holds exactly (18)");
            findings.field("W002", model, field, message, "leave it if the model is never stored there");
        }
        _ => {}
    }
    if let Some(choices) = field.choices
        && let Kind::Text { max: Some(max) } = field.kind
    {
        for choice in choices {
            if let orm_core::meta::ChoiceValue::Text(text) = choice.value
                && text.chars().count() > max as usize
            {
                let message = format!("choice `{text}` is longer than `max_length` {max}");
                findings.field("E012", model, field, message, "give a greater `max_length`");
            }
        }
    }
}

fn auto(model: &ModelMeta, field: &FieldMeta, findings: &mut Findings) {
    let fits = match field.auto {
        Auto::No => true,
        Auto::Increment => matches!(field.kind, Kind::Int16 | Kind::Int32 | Kind::Int64),
        Auto::NowAdd | Auto::Now => {
            matches!(field.kind, Kind::Date | Kind::Time | Kind::DateTime | Kind::Timestamp)
        }
        Auto::Uuid => field.kind == Kind::Uuid,
    };
    if !fits {
        let message = format!("a {} cannot be filled by {:?}", field.kind.name(), field.auto);
        findings.field("E013", model, field, message, "times fill times, counters integers, and random UUIDs UUIDs");
    }
    let is_key = model.single_key().is_some_and(|k| k.name == field.name);
    if field.auto == Auto::Increment && !is_key {
        let message = "only a single primary key counts up".to_owned();
        findings.field("E014", model, field, message, "make it the primary key");
    }
}
