//! Lookups in strings (`author__name__icontains`) to the tree. What comes from outside is matched against metadata or
//! becomes a bound value, nothing else.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::ast::{Cond, Expr, Func, Lookup, Part, Quantifier};
use crate::error::{Error, Result};
use crate::meta::{ChoiceValue, FieldMeta, Hop, ModelMeta, RelationKind, RelationMeta};
use crate::value::{Date, DateTime, Kind, Number, Time, Value};

/// How many relations one path may follow.
const MOST_HOPS: usize = 8;
/// How many members one list may have.
const MOST_MEMBERS: usize = 1000;

/// One lookup: a path with its comparison, and the value as text.
///
/// ```
/// # orm_blog::example! { db =>
/// use orm::query::Q;
/// let cond = orm::parse::lookup(Book::META, "author__name__iexact", "ANN")?;
/// assert_eq!(Book::objects().filter(Q::from_untyped(cond)).count(&db).await?, 2);
/// # }
/// ```
///
/// # Errors
/// [`ErrorKind::InvalidQuery`](crate::ErrorKind::InvalidQuery) for a path that the models do not have, naming the
/// choices and the nearest; [`ErrorKind::InvalidValue`](crate::ErrorKind::InvalidValue) for a value that does not parse.
pub fn lookup(model: &'static ModelMeta, path: &str, value: &str) -> Result<Cond> {
    lookups(model, [(path, value)])
}

/// Several lookups, all of them true. Those that go through the same to-many relation speak of the same related row.
///
/// ```
/// # orm_blog::example! {
/// let cond = orm::parse::lookups(Book::META, [("price__gt", "20"), ("published__year", "2023")])?;
/// let error = orm::parse::lookups(Book::META, [("prize__gt", "20")]).unwrap_err();
/// assert!(error.to_string().contains("did you mean `price`?"));
/// # let _ = cond;
/// # }
/// ```
///
/// # Errors
/// As [`lookup`].
pub fn lookups<'a>(model: &'static ModelMeta, list: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Cond> {
    all_of(model, &list.into_iter().map(|(path, value)| (path.to_owned(), value.to_owned())).collect::<Vec<_>>(), 0)
}

/// `hops` counts the relations that were followed before.
fn all_of(model: &'static ModelMeta, list: &[(String, String)], hops: usize) -> Result<Cond> {
    let mut all = Cond::constant(true);
    let mut quantified: Vec<(&'static Hop, Vec<(String, String)>)> = Vec::new();
    for (path, value) in list {
        match split(model, path, hops)? {
            Split::Here(column, rest) => all = all.and(compare(path, column, &rest, value)?),
            Split::Many(hop, rest) => match quantified.iter_mut().find(|(h, _)| h.same(hop)) {
                Some((_, inner)) => inner.push((rest, value.clone())),
                None => quantified.push((hop, vec![(rest, value.clone())])),
            },
        }
    }
    for (hop, inner) in quantified {
        let (missing, inner): (Vec<_>, Vec<_>) = inner.into_iter().partition(|(path, _)| path == "pk__isnull");
        for (path, value) in missing {
            let none = parsed(&path, &value, Kind::Bool, None)? == Value::Bool(true);
            let quantifier = if none { Quantifier::None } else { Quantifier::Any };
            all = all.and(Cond::quantified(quantifier, hop, Vec::new(), None));
        }
        if inner.is_empty() {
            continue;
        }
        let cond = all_of(hop.to(), &inner, hops + hop.chain().len())?;
        all = all.and(Cond::quantified(Quantifier::Any, hop, Vec::new(), Some(cond)));
    }
    Ok(all)
}

/// Where a path leads first.
enum Split {
    /// To a column of the root or behind to-one relations; the rest names transforms and the lookup.
    Here(Expr, Vec<String>),
    /// Through a to-many relation; the rest is a path from its target.
    Many(&'static Hop, String),
}

fn split(root: &'static ModelMeta, path: &str, hops: usize) -> Result<Split> {
    let parts: Vec<&str> = path.split("__").collect();
    let mut model = root;
    let mut hop: Option<&'static Hop> = None;
    let mut null = false;
    for (i, part) in parts.iter().enumerate() {
        let rest = || parts[i + 1..].iter().map(|p| (*p).to_owned()).collect::<Vec<_>>();
        let name = if *part == "pk" { model.single_key().map_or("pk", |k| k.name) } else { part };
        // A relation is followed if a name of its target comes next; else its column is meant.
        if let Some(relation) = model.relation(name) {
            let target = relation.target();
            let next = parts.get(i + 1).copied();
            let follows = next.is_some_and(|n| n == "pk" || target.field(n).is_some() || target.relation(n).is_some());
            if follows || relation.column().is_none() {
                if hops + i >= MOST_HOPS {
                    return Err(Error::invalid_query(format!(
                        "the path `{}` follows more than {MOST_HOPS} relations",
                        shown(path)
                    )));
                }
                let step = interned(hop, relation);
                if relation.is_many() {
                    let mut rest = parts[i + 1..].join("__");
                    if !follows {
                        rest = format!("pk__{rest}");
                    }
                    return Ok(Split::Many(step, rest.trim_end_matches("__").to_owned()));
                }
                null |= reaches_maybe(relation);
                hop = Some(step);
                model = target;
                if !follows {
                    let key = key_field(model)?;
                    return Ok(Split::Here(Expr::column(hop, model, key, null), rest()));
                }
                continue;
            }
        }
        let Some(field) = model.field(name) else { return Err(unknown(root, model, path, part)) };
        return Ok(Split::Here(Expr::column(hop, model, field, null), rest()));
    }
    Err(unknown(root, model, path, ""))
}

fn key_field(model: &'static ModelMeta) -> Result<&'static FieldMeta> {
    model.single_key().ok_or_else(|| Error::invalid_query("this model has no single key").with_model(model.name))
}

fn reaches_maybe(relation: &'static RelationMeta) -> bool {
    match relation.kind {
        RelationKind::Forward { field, .. } => relation.owner().fields[field].null,
        RelationKind::Reverse { .. } | RelationKind::Many { .. } | RelationKind::ManyReverse { .. } => true,
    }
}

/// Steps live for ever, so equal ones are made once; there are at most as many as paths of [`MOST_HOPS`] relations.
fn interned(parent: Option<&'static Hop>, relation: &'static RelationMeta) -> &'static Hop {
    type Made = Mutex<HashMap<(usize, usize), &'static Hop>>;
    static MADE: OnceLock<Made> = OnceLock::new();
    let key = (parent.map_or(0, |p| std::ptr::from_ref(p).addr()), std::ptr::from_ref(relation).addr());
    let mut made = MADE.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    made.entry(key).or_insert_with(|| Box::leak(Box::new(Hop { parent, relation, backwards: false, each: false })))
}

fn names(model: &'static ModelMeta) -> impl Iterator<Item = &'static str> {
    model.fields.iter().map(|f| f.name).chain(model.relations.iter().map(|r| r.name))
}

/// The model that a foreign key's column points at.
fn behind(column: &Expr, field: &'static FieldMeta) -> Option<&'static ModelMeta> {
    match &column.node {
        crate::ast::ExprNode::Column { model, .. } => Some(model.relations.get(field.relation?)?.target()),
        _ => None,
    }
}

fn unknown(root: &'static ModelMeta, model: &'static ModelMeta, path: &str, part: &str) -> Error {
    let names: Vec<&'static str> = names(model).collect();
    let hint = nearest(part, names.iter().copied())
        .map_or_else(|| format!("; it has {}", quoted(&names)), |name| format!("; did you mean `{name}`?"));
    let place =
        if std::ptr::eq(root, model) { String::new() } else { format!(" (`{}` of `{}`)", shown(part), model.name) };
    Error::invalid_query(format!("model `{}` has no field path `{}`{place}{hint}", root.name, shown(path)))
}

/// The name most like a given one, if one is much like it.
pub(crate) fn nearest<'a>(given: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    names
        .map(|name| (strsim::damerau_levenshtein(given, name), name))
        .filter(|(distance, name)| *distance <= 1 + name.len() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Text from outside, short enough for an error.
fn shown(text: &str) -> String {
    let clean: String = text.chars().take(60).flat_map(char::escape_debug).collect();
    if text.chars().count() > 60 { format!("{clean}…") } else { clean }
}

fn quoted(names: &[&str]) -> String {
    let mut names: Vec<&str> = names.to_vec();
    names.dedup();
    names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
}

const LOOKUPS: &[&str] = &[
    "exact",
    "eq",
    "ne",
    "gt",
    "gte",
    "lt",
    "lte",
    "in",
    "range",
    "isnull",
    "iexact",
    "contains",
    "icontains",
    "startswith",
    "istartswith",
    "endswith",
    "iendswith",
];
const TRANSFORMS: &[(&str, Func)] = &[
    ("year", Func::Part(Part::Year)),
    ("quarter", Func::Part(Part::Quarter)),
    ("month", Func::Part(Part::Month)),
    ("week", Func::Part(Part::Week)),
    ("day", Func::Part(Part::Day)),
    ("weekday", Func::Part(Part::Weekday)),
    ("hour", Func::Part(Part::Hour)),
    ("minute", Func::Part(Part::Minute)),
    ("second", Func::Part(Part::Second)),
    ("date", Func::ToDate),
    ("lower", Func::Lower),
    ("upper", Func::Upper),
    ("length", Func::Length),
];

fn compare(path: &str, mut column: Expr, rest: &[String], value: &str) -> Result<Cond> {
    let (transforms, lookup) = match rest.split_last() {
        Some((last, before)) if LOOKUPS.contains(&last.as_str()) => (before, last.as_str()),
        _ => (rest, "exact"),
    };
    let mut field = match &column.node {
        crate::ast::ExprNode::Column { field, .. } => Some(*field),
        _ => None,
    };
    for name in transforms {
        let Some((_, func)) = TRANSFORMS.iter().find(|(n, f)| n == name && applies(*f, column.kind)) else {
            let behind = field.and_then(|f| behind(&column, f));
            let all = LOOKUPS
                .iter()
                .copied()
                .chain(TRANSFORMS.iter().map(|(n, _)| *n))
                .chain(behind.iter().flat_map(|model| names(model)));
            let hint = nearest(name, all)
                .map_or_else(|| format!("; it takes {}", quoted(LOOKUPS)), |near| format!("; did you mean `{near}`?"));
            return Err(Error::invalid_query(format!("`{}` has no lookup `{}`{hint}", shown(path), shown(name))));
        };
        column = Expr::func(*func, vec![column]);
        field = None;
    }
    let kind = column.kind.unwrap_or(Kind::TEXT);
    let one = |text: &str| parsed(path, text, kind, field);
    let text_only = |lookup: Lookup| {
        if matches!(kind, Kind::Text { .. }) {
            Ok(Cond::lookup(lookup, column.clone(), Expr::value(Value::Text(value.into()))))
        } else {
            Err(Error::invalid_query(format!("`{}` holds {}, so text lookups do not apply", shown(path), kind.name())))
        }
    };
    let simple = |lookup: Lookup| Ok(Cond::lookup(lookup, column.clone(), Expr::value(one(value)?)));
    match lookup {
        "ne" => simple(Lookup::Eq).map(Cond::not),
        "gt" => simple(Lookup::Gt),
        "gte" => simple(Lookup::Ge),
        "lt" => simple(Lookup::Lt),
        "lte" => simple(Lookup::Le),
        "in" => Ok(Cond::is_in(column.clone(), Expr::value(Value::List(members(path, value, one)?)))),
        "range" => {
            let mut bounds = members(path, value, one)?.into_iter();
            match (bounds.next(), bounds.next(), bounds.next()) {
                (Some(low), Some(high), None) => Ok(Cond::range(column.clone(), Expr::value(low), Expr::value(high))),
                _ => Err(Error::invalid_value(format!("`{}` takes two values with a comma between", shown(path)))),
            }
        }
        "isnull" => match parsed(path, value, Kind::Bool, None)? {
            Value::Bool(true) => Ok(Cond::is_null(column.clone())),
            _ => Ok(Cond::is_null(column.clone()).not()),
        },
        "iexact" => text_only(Lookup::IEq),
        "contains" => text_only(Lookup::Contains),
        "icontains" => text_only(Lookup::IContains),
        "startswith" => text_only(Lookup::StartsWith),
        "istartswith" => text_only(Lookup::IStartsWith),
        "endswith" => text_only(Lookup::EndsWith),
        "iendswith" => text_only(Lookup::IEndsWith),
        _ => simple(Lookup::Eq),
    }
}

fn applies(func: Func, kind: Option<Kind>) -> bool {
    let date = matches!(kind, Some(Kind::Date | Kind::DateTime | Kind::Timestamp));
    let time = matches!(kind, Some(Kind::Time | Kind::DateTime | Kind::Timestamp));
    match func {
        Func::Part(Part::Hour | Part::Minute | Part::Second) => time,
        Func::Part(_) => date,
        Func::ToDate => matches!(kind, Some(Kind::DateTime | Kind::Timestamp)),
        _ => matches!(kind, Some(Kind::Text { .. })),
    }
}

fn members(path: &str, value: &str, one: impl Fn(&str) -> Result<Value>) -> Result<Vec<Value>> {
    if value.is_empty() {
        return Ok(Vec::new());
    }
    if value.bytes().filter(|b| *b == b',').count() >= MOST_MEMBERS {
        return Err(Error::invalid_value(format!("`{}` takes {MOST_MEMBERS} values at most", shown(path))));
    }
    value.split(',').map(one).collect()
}

/// A value of a kind from text.
fn parsed(path: &str, text: &str, kind: Kind, field: Option<&'static FieldMeta>) -> Result<Value> {
    let value = match kind {
        Kind::Bool => match text {
            "true" | "True" | "1" => Some(Value::Bool(true)),
            "false" | "False" | "0" => Some(Value::Bool(false)),
            _ => None,
        },
        Kind::Int16 => text.parse::<i16>().ok().map(|v| Value::Int(v.into())),
        Kind::Int32 => text.parse::<i32>().ok().map(|v| Value::Int(v.into())),
        Kind::Int64 => text.parse().ok().map(Value::Int),
        Kind::Float64 => text.parse().ok().filter(|v: &f64| v.is_finite()).map(Value::Float),
        Kind::Decimal { .. } => Number::parse(text).map(Value::Decimal),
        Kind::Text { .. } => Some(Value::Text(text.into())),
        Kind::Date => Date::parse(text).map(Value::Date),
        Kind::Time => Time::parse(text).map(Value::Time),
        Kind::DateTime | Kind::Timestamp => DateTime::parse(text).map(Value::DateTime),
        Kind::Duration => text.parse().ok().map(Value::Duration),
        Kind::Uuid => uuid_of(text).map(Value::Uuid),
        Kind::Json => serde_json::from_str::<serde_json::Value>(text).ok().map(|_| Value::Json(text.into())),
        Kind::Bytes => None,
    };
    let value = value.ok_or_else(|| {
        Error::invalid_value(format!("`{}`: `{}` is not a {}", shown(path), shown(text), kind.name()))
    })?;
    if let Some(choices) = field.and_then(|f| f.choices) {
        let known = choices.iter().any(|c| match (&c.value, &value) {
            (ChoiceValue::Text(a), Value::Text(b)) => b == a,
            (ChoiceValue::Int(a), Value::Int(b)) => a == b,
            _ => false,
        });
        if !known {
            let names: Vec<String> = choices
                .iter()
                .map(|c| match c.value {
                    ChoiceValue::Text(v) => format!("`{v}`"),
                    ChoiceValue::Int(v) => format!("`{v}`"),
                })
                .collect();
            return Err(Error::invalid_value(format!(
                "`{}`: `{}` is not one of {}",
                shown(path),
                shown(text),
                names.join(", ")
            )));
        }
    }
    Ok(value)
}

fn uuid_of(text: &str) -> Option<[u8; 16]> {
    let digits: Vec<u8> = text.bytes().filter(|b| *b != b'-').collect();
    if digits.len() != 32 || text.len() > 36 {
        return None;
    }
    let mut bytes = [0u8; 16];
    for (i, pair) in digits.chunks(2).enumerate() {
        bytes[i] = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}
