//! A table as a database shows it, in the words of the model: what only looks different there is made the same.

use orm_core::meta::OnDelete;
use orm_core::schema::{Column, Default, ForeignKey, Index, Table};
use orm_core::value::{DateTime, Kind, Number, Time};

/// The actual table with every part that is equivalent to a wanted one replaced by it.
pub(crate) fn adapted(actual: &Table, wanted: &Table) -> Table {
    let column = |c: &Column| match wanted.column(&c.name) {
        Some(w) if columns(c, w) => {
            // Where the kind stands in another's, no comment is worth making the column anew.
            let comment = if c.kind == w.kind { comment(&c.comment, &w.comment) } else { w.comment.clone() };
            Column { comment, check: c.check.clone(), ..w.clone() }
        }
        _ => c.clone(),
    };
    let index = |i: &Index| wanted.indexes.iter().find(|w| indexes(i, w)).unwrap_or(i).clone();
    let key = |k: &ForeignKey| wanted.foreign_keys.iter().find(|w| keys(k, w)).unwrap_or(k).clone();
    let mut out = Table {
        columns: actual.columns.iter().map(column).collect(),
        indexes: actual.indexes.iter().map(index).collect(),
        foreign_keys: actual.foreign_keys.iter().map(key).collect(),
        comment: comment(&actual.comment, &wanted.comment),
        ..actual.clone()
    };
    // Some databases make an index for a foreign key by themselves, and show it.
    let for_key = |i: &Index| !i.unique && actual.foreign_keys.iter().any(|k| i.columns == [(k.column.clone(), false)]);
    out.indexes.retain(|i| wanted.indexes.contains(i) || !for_key(i));
    out
}

fn columns(actual: &Column, wanted: &Column) -> bool {
    kinds(actual.kind, wanted.kind) && actual.null == wanted.null && defaults(actual, wanted)
}

/// A database cuts what is longer than it takes.
fn comment(actual: &str, wanted: &str) -> String {
    const SHORTEST_LIMIT: usize = 1024;
    let is_cut = wanted.starts_with(actual) && actual.chars().count() >= SHORTEST_LIMIT;
    if is_cut { wanted.to_owned() } else { actual.to_owned() }
}

fn kinds(actual: Kind, wanted: Kind) -> bool {
    use Kind::{Bool, Bytes, DateTime, Decimal, Duration, Int16, Int32, Int64, Json, Text, Time, Timestamp, Uuid};
    actual == wanted
        || matches!(
            (actual, wanted),
            // Kinds for which a database has no type of its own stand in another's.
            (Int64, Duration | Decimal { .. } | Int32 | Int16 | Bool)
                | (Int32, Int16 | Bool)
                | (Int16, Bool)
                | (Bool, Int16)
                | (Timestamp, DateTime)
                | (DateTime, Timestamp)
                | (Bytes, Uuid)
                | (Text { .. }, Uuid | Json | Time | DateTime | Timestamp | Kind::Date)
                | (Text { max: None }, Text { .. })
        )
}

fn defaults(actual: &Column, wanted: &Column) -> bool {
    match (&actual.default, &wanted.default) {
        (a, b) if a == b => true,
        (Some(a), Some(b)) => {
            let (a, b) = (text(a), text(b));
            a == b || same_value(&a, &b, wanted.kind)
        }
        // Where the database counts up, it may show how.
        (_, None) => wanted.increment,
        (None, Some(_)) => false,
    }
}

/// Whether two texts are one value, which a database may write in words of its own: `0` as `0.00`, a time with its zone.
fn same_value(a: &str, b: &str, kind: Kind) -> bool {
    fn both<T: PartialEq>(a: Option<T>, b: Option<T>) -> bool {
        a.is_some() && a == b
    }
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    match kind {
        Kind::Int16 | Kind::Int32 | Kind::Int64 | Kind::Float64 | Kind::Decimal { .. } => {
            both(Number::parse(a), Number::parse(b))
        }
        Kind::Time => both(Time::parse(a), Time::parse(b)),
        Kind::Date | Kind::DateTime | Kind::Timestamp => both(DateTime::parse(a), DateTime::parse(b)),
        Kind::Uuid => a.replace('-', "").eq_ignore_ascii_case(&b.replace('-', "")),
        Kind::Json => both(json(a), json(b)),
        Kind::Bool | Kind::Duration | Kind::Text { .. } | Kind::Bytes => false,
    }
}

fn text(default: &Default) -> String {
    match default {
        Default::Bool(v) => i64::from(*v).to_string(),
        Default::Int(v) => v.to_string(),
        Default::Float(v) => v.to_string(),
        Default::Text(v) => v.clone(),
        Default::Now => "now".to_owned(),
    }
}

fn indexes(actual: &Index, wanted: &Index) -> bool {
    actual.columns == wanted.columns && actual.unique == wanted.unique
}

fn keys(actual: &ForeignKey, wanted: &ForeignKey) -> bool {
    let on_delete = |d| if d == OnDelete::NoAction { OnDelete::Restrict } else { d };
    (&actual.column, &actual.target, &actual.target_column) == (&wanted.column, &wanted.target, &wanted.target_column)
        && on_delete(actual.on_delete) == on_delete(wanted.on_delete)
}
