//! The tables of a database as they are, read from the catalogue of the current schema (the first of the search path).
//!
//! What [`plan`](super::schema::plan) makes comes back as it was said, but for a duration: it is read as a 64-bit integer,
//! which it is to the server.
//! Indexes over expressions or parts of a table, keys over several columns, and checks of other forms are passed over.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::db::{Connection, Flow, Sink, Statement};
use crate::error::{Error, Result};
use crate::meta::OnDelete;
use crate::schema::{CheckValue, Column, Default, ForeignKey, Index, Schema, Table};
use crate::value::{Cursor, Kind, Value};

const T: Kind = Kind::TEXT;
const B: Kind = Kind::Bool;
const N: Kind = Kind::Int64;

/// Tables with their comments; what belongs to an extension, and partitions, are not the program's.
const TABLES: (&str, &[Kind]) = (
    "SELECT c.relname::text, coalesce(obj_description(c.oid, 'pg_class'), '') \
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
     WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND NOT c.relispartition \
     AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')",
    &[T, T],
);

const COLUMNS: (&str, &[Kind]) = (
    "SELECT c.relname::text, a.attname::text, \
     (CASE WHEN t.typtype = 'd' THEN t.typbasetype::regtype::text ELSE t.typname::text END), \
     (CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END)::bigint, \
     a.attnotnull, a.attidentity <> '', \
     CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END, \
     coalesce(col_description(c.oid, a.attnum), '') \
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
     JOIN pg_type t ON t.oid = a.atttypid \
     LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum \
     WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') \
     ORDER BY c.relname, a.attnum",
    &[T, T, T, N, B, B, T, T],
);

/// The columns of keys and indexes, in order.
const INDEXES: (&str, &[Kind]) = (
    "SELECT c.relname::text, i.relname::text, x.indisprimary, x.indisunique, a.attname::text, \
     (x.indoption[k.at - 1]::integer & 1) = 1 \
     FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
     JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_am m ON m.oid = i.relam \
     CROSS JOIN LATERAL generate_series(1, x.indnkeyatts::integer) AS k(at) \
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = x.indkey[k.at - 1] \
     WHERE n.nspname = current_schema() AND x.indisvalid AND x.indpred IS NULL AND x.indexprs IS NULL \
     AND x.indnatts = x.indnkeyatts AND m.amname = 'btree' \
     ORDER BY c.relname, i.relname, k.at",
    &[T, T, B, B, T, B],
);

const FOREIGN_KEYS: (&str, &[Kind]) = (
    "SELECT c.relname::text, k.conname::text, a.attname::text, f.relname::text, b.attname::text, k.confdeltype::text \
     FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
     JOIN pg_class f ON f.oid = k.confrelid \
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1] \
     JOIN pg_attribute b ON b.attrelid = f.oid AND b.attnum = k.confkey[1] \
     WHERE n.nspname = current_schema() AND k.contype = 'f' AND cardinality(k.conkey) = 1 \
     ORDER BY c.relname, k.conname",
    &[T, T, T, T, T, T],
);

const CHECKS: (&str, &[Kind]) = (
    "SELECT c.relname::text, a.attname::text, pg_get_constraintdef(k.oid) \
     FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1] \
     WHERE n.nspname = current_schema() AND k.contype = 'c' AND cardinality(k.conkey) = 1 \
     ORDER BY c.relname, k.conname",
    &[T, T, T],
);

/// Reads all tables.
pub(super) async fn read(connection: Box<dyn Connection>) -> (Option<Box<dyn Connection>>, Result<Schema>) {
    let mut connection = connection;
    let mut results = Vec::new();
    for query in [TABLES, COLUMNS, INDEXES, FOREIGN_KEYS, CHECKS] {
        let (kept, rows) = rows_of(connection, query).await;
        match (kept, rows) {
            (Some(kept), Ok(rows)) => {
                connection = kept;
                results.push(rows);
            }
            (kept, Ok(_)) => return (kept, Err(Error::database("the connection was lost while tables were read"))),
            (kept, Err(error)) => return (kept, Err(error)),
        }
    }
    let schema = match <[Vec<Fields>; 5]>::try_from(results) {
        Ok(results) => assemble(results),
        Err(_) => Err(Error::database("the catalogue gave too few results")),
    };
    (Some(connection), schema)
}

struct Rows(Vec<Fields>);

impl Sink for Rows {
    fn row(&mut self, cursor: &mut dyn Cursor, columns: &[Kind]) -> Result<Flow> {
        let cells = columns.iter().enumerate().map(|(i, kind)| Ok(cursor.cell(i, *kind)?.to_value()));
        self.0.push(Fields(cells.collect::<Result<Vec<_>>>()?.into_iter()));
        Ok(Flow::More)
    }
}

async fn rows_of(
    connection: Box<dyn Connection>,
    (sql, kinds): (&'static str, &'static [Kind]),
) -> (Option<Box<dyn Connection>>, Result<Vec<Fields>>) {
    let statement = Statement { sql: Arc::from(sql), params: Vec::new(), columns: Arc::from(kinds), persistent: false };
    let ran = connection.run(statement, Box::new(Rows(Vec::new()))).await;
    let sink: Box<dyn Any> = ran.sink;
    let rows = sink.downcast::<Rows>().map(|rows| rows.0).unwrap_or_default();
    (ran.connection, ran.result.map(|_| rows))
}

/// A row of the catalogue, read from the left.
struct Fields(std::vec::IntoIter<Value>);

impl Fields {
    fn optional_text(&mut self) -> Option<String> {
        match self.0.next() {
            Some(Value::Text(text)) => Some(text.into()),
            _ => None,
        }
    }

    fn text(&mut self) -> String {
        self.optional_text().unwrap_or_default()
    }

    fn flag(&mut self) -> bool {
        matches!(self.0.next(), Some(Value::Bool(true)))
    }

    fn number(&mut self) -> i64 {
        match self.0.next() {
            Some(Value::Int(number)) => number,
            _ => 0,
        }
    }
}

fn assemble([tables, columns, indexes, foreign_keys, checks]: [Vec<Fields>; 5]) -> Result<Schema> {
    let mut found: BTreeMap<String, Table> = BTreeMap::new();
    for mut row in tables {
        let name = row.text();
        let table = Table {
            name: name.clone(),
            columns: Vec::new(),
            primary_key: Vec::new(),
            indexes: Vec::new(),
            foreign_keys: Vec::new(),
            comment: row.text(),
        };
        found.insert(name, table);
    }
    for mut row in columns {
        if let Some(table) = found.get_mut(&row.text()) {
            table.columns.push(column(&mut row));
        }
    }
    for mut row in indexes {
        if let Some(table) = found.get_mut(&row.text()) {
            add_to_index(table, &mut row);
        }
    }
    for mut row in foreign_keys {
        if let Some(table) = found.get_mut(&row.text()) {
            table.foreign_keys.push(foreign_key(&mut row)?);
        }
    }
    for mut row in checks {
        let (table, name, definition) = (row.text(), row.text(), row.text());
        let column = found.get_mut(&table).and_then(|t| t.columns.iter_mut().find(|c| c.name == name));
        if let Some(column) = column
            && let Some(values) = check_values(&definition, &column.name, column.kind)
        {
            column.check = values;
        }
    }
    Ok(Schema { tables: found })
}

fn column(row: &mut Fields) -> Column {
    let name = row.text();
    let type_name = row.text();
    let kind = kind_of(&type_name, row.number());
    let null = !row.flag();
    let identity = row.flag();
    let default = row.optional_text();
    let counted = default.as_deref().is_some_and(|d| d.starts_with("nextval("));
    Column {
        name,
        kind,
        null,
        default: default.as_deref().filter(|_| !counted).and_then(|d| default_of(d, kind)),
        increment: identity || counted,
        check: Vec::new(),
        comment: row.text(),
    }
}

/// The kind that is nearest to a type. The modifier holds the length of text, or the digits and places of a number.
fn kind_of(type_name: &str, modifier: i64) -> Kind {
    match type_name {
        "bool" | "boolean" => Kind::Bool,
        "int2" | "smallint" => Kind::Int16,
        "int4" | "integer" => Kind::Int32,
        "int8" | "bigint" | "oid" => Kind::Int64,
        "float4" | "real" | "float8" | "double precision" => Kind::Float64,
        "numeric" => numeric(modifier),
        "varchar" | "character varying" | "bpchar" | "character" => {
            Kind::Text { max: u32::try_from(modifier - 4).ok() }
        }
        "bytea" => Kind::Bytes,
        "date" => Kind::Date,
        "time" | "time without time zone" => Kind::Time,
        "timestamp" | "timestamp without time zone" => Kind::DateTime,
        "timestamptz" | "timestamp with time zone" => Kind::Timestamp,
        "interval" => Kind::Duration,
        "uuid" => Kind::Uuid,
        "json" | "jsonb" => Kind::Json,
        _ => Kind::TEXT,
    }
}

fn numeric(modifier: i64) -> Kind {
    // A number without limits gets those that every database can keep.
    let packed = modifier - 4;
    if packed < 0 {
        return Kind::Decimal { digits: 38, places: 10 };
    }
    let part = |n: i64| u8::try_from(n).unwrap_or(u8::MAX);
    Kind::Decimal { digits: part(packed >> 16 & 0xffff), places: part(packed & 0x7ff) }
}

fn add_to_index(table: &mut Table, row: &mut Fields) {
    let (name, primary, unique, column, descending) = (row.text(), row.flag(), row.flag(), row.text(), row.flag());
    if primary {
        table.primary_key.push(column);
        return;
    }
    match table.indexes.last_mut().filter(|i| i.name == name) {
        Some(index) => index.columns.push((column, descending)),
        None => table.indexes.push(Index { name, columns: vec![(column, descending)], unique }),
    }
}

fn foreign_key(row: &mut Fields) -> Result<ForeignKey> {
    let (name, column, target, target_column) = (row.text(), row.text(), row.text(), row.text());
    let on_delete = match row.text().as_str() {
        "a" => OnDelete::NoAction,
        "r" => OnDelete::Restrict,
        "c" => OnDelete::Cascade,
        "n" => OnDelete::SetNull,
        "d" => OnDelete::SetDefault,
        other => return Err(Error::database(format!("the foreign key `{name}` has an unknown action `{other}`"))),
    };
    Ok(ForeignKey { name, column, target, target_column, on_delete })
}

/// A default as the catalogue prints it; nothing for expressions of other forms.
fn default_of(text: &str, kind: Kind) -> Option<Default> {
    let text = bare(text);
    match (text, kind) {
        ("true", Kind::Bool) => return Some(Default::Bool(true)),
        ("false", Kind::Bool) => return Some(Default::Bool(false)),
        ("now()" | "CURRENT_TIMESTAMP", Kind::Timestamp) => return Some(Default::Now),
        (_, Kind::DateTime | Kind::Date | Kind::Time) if text.contains("timezone('utc'::text, now())") => {
            return Some(Default::Now);
        }
        ("LOCALTIMESTAMP" | "now()" | "CURRENT_TIMESTAMP", Kind::DateTime) | ("CURRENT_DATE", Kind::Date) => {
            return Some(Default::Now);
        }
        _ => {}
    }
    // A number is printed in quotes with its type if it is negative, or was given as text.
    let (content, quoted) = match quoted(text) {
        Some((content, "::integer" | "::bigint")) => (content, false),
        Some((content, rest)) if is_cast(rest) => (content, true),
        Some(_) => return None,
        None => (text.to_owned(), false),
    };
    match kind {
        Kind::Int16 | Kind::Int32 | Kind::Int64 | Kind::Duration => content.parse().ok().map(Default::Int),
        Kind::Float64 => match content.parse::<i64>() {
            Ok(number) if !quoted => Some(Default::Int(number)),
            _ => content.parse().ok().map(Default::Float),
        },
        Kind::Decimal { .. } if !quoted => match content.parse::<i64>() {
            Ok(number) => Some(Default::Int(number)),
            Err(_) => crate::value::Number::parse(&content).map(|_| Default::Text(content)),
        },
        Kind::Bytes if quoted => Some(Default::Text(bytes_of(&content))),
        Kind::Decimal { .. }
        | Kind::Bool
        | Kind::Text { .. }
        | Kind::Bytes
        | Kind::Date
        | Kind::Time
        | Kind::DateTime
        | Kind::Timestamp
        | Kind::Uuid
        | Kind::Json => quoted.then_some(Default::Text(content)),
    }
}

/// The bytes that the catalogue prints as `\x6162`, as text.
fn bytes_of(printed: &str) -> String {
    let Some(digits) = printed.strip_prefix("\\x") else { return printed.to_owned() };
    let pairs = digits.as_bytes().chunks(2).filter_map(|pair| std::str::from_utf8(pair).ok());
    let bytes: Vec<u8> = pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The text without parentheses around all of it.
fn bare(text: &str) -> &str {
    let inner = text.strip_prefix('(').and_then(|t| t.strip_suffix(')'));
    match inner {
        Some(inner) if !inner.contains(['(', ')']) => bare(inner),
        _ => text,
    }
}

/// The content of a text constant at the start, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let (escapes, body) = match text.strip_prefix("E'") {
        Some(body) => (true, body),
        None => (false, text.strip_prefix('\'')?),
    };
    let mut content = String::new();
    let mut letters = body.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\'' => match letters.next_if(|(_, next)| *next == '\'') {
                Some(_) => content.push('\''),
                None => return Some((content, &body[at + 1..])),
            },
            '\\' if escapes => content.push(letters.next()?.1),
            other => content.push(other),
        }
    }
    None
}

/// Nothing, or `::type`.
fn is_cast(rest: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | ' ' | '(' | ')' | ',' | '"' | '.' | '[' | ']');
    rest.is_empty() || rest.strip_prefix("::").is_some_and(|t| t.chars().all(word))
}

/// The values of `column = ANY (ARRAY[…])` or `column = value`; nothing for checks of other forms.
fn check_values(definition: &str, column: &str, kind: Kind) -> Option<Vec<CheckValue>> {
    let condition = definition.strip_prefix("CHECK (")?;
    let (left, right) = condition.split_once(" = ")?;
    let name = left.trim_start_matches('(').split(')').next()?;
    let named = name == column || name == format!("\"{}\"", column.replace('"', "\"\""));
    if !named
        || !left
            .trim_start_matches('(')
            .trim_start_matches(name)
            .chars()
            .all(|c| c == ')' || c == ':' || c.is_alphabetic())
    {
        return None;
    }
    let mut rest = match right.split_once("ARRAY[") {
        Some((before, list)) if before.trim_start_matches("ANY").chars().all(|c| c == ' ' || c == '(') => list,
        Some(_) => return None,
        None => right,
    };
    let mut values = Vec::new();
    loop {
        let (value, after) = check_value(rest, kind)?;
        values.push(value);
        match after.strip_prefix(", ") {
            Some(next) => rest = next,
            None => return is_tail(after).then_some(values),
        }
    }
}

/// One value, and what follows it and its cast.
fn check_value(text: &str, kind: Kind) -> Option<(CheckValue, &str)> {
    let text = text.trim_start_matches('(');
    let (content, rest) = match quoted(text) {
        Some((content, rest)) => (content, rest),
        None => {
            let end = text.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(text.len());
            (text[..end].to_owned(), &text[end..])
        }
    };
    let rest = rest.trim_start_matches(')');
    let rest = match rest.strip_prefix("::") {
        Some(cast) => cast.trim_start_matches(|c: char| c.is_alphanumeric() || matches!(c, '_' | ' ')),
        None => rest,
    };
    let value = match kind {
        Kind::Int16 | Kind::Int32 | Kind::Int64 | Kind::Duration => CheckValue::Int(content.parse().ok()?),
        Kind::Text { .. } => CheckValue::Text(content),
        Kind::Bool
        | Kind::Float64
        | Kind::Decimal { .. }
        | Kind::Bytes
        | Kind::Date
        | Kind::Time
        | Kind::DateTime
        | Kind::Timestamp
        | Kind::Uuid
        | Kind::Json => return None,
    };
    Some((value, rest))
}

/// Only brackets and casts: nothing else is checked.
fn is_tail(rest: &str) -> bool {
    let rest = rest.replace("::character varying", "").replace("::text", "").replace("::bpchar", "");
    let rest = ["::integer", "::smallint", "::bigint"].iter().fold(rest, |rest, cast| rest.replace(cast, ""));
    rest.chars().all(|c| matches!(c, ')' | ']' | '['))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_read_from_the_catalogue() {
        let check =
            |text: &str, kind, expected: Option<Default>| assert_eq!(default_of(text, kind), expected, "{text}");
        let text = |v: &str| Some(Default::Text(v.to_owned()));
        let price = Kind::Decimal { digits: 5, places: 2 };
        check("'it''s'::character varying", Kind::TEXT, text("it's"));
        check("'-5'::integer", Kind::Int32, Some(Default::Int(-5)));
        check("(-5)", Kind::Int32, Some(Default::Int(-5)));
        check("1.5", Kind::Float64, Some(Default::Float(1.5)));
        check("9.99", price, text("9.99"));
        check("true", Kind::Bool, Some(Default::Bool(true)));
        check("now()", Kind::Timestamp, Some(Default::Now));
        check("(timezone('utc'::text, now()))::date", Kind::Date, Some(Default::Now));
        check("'{}'::jsonb", Kind::Json, text("{}"));
        check("('a'::text || 'b'::text)", Kind::TEXT, None);
        check("gen_random_uuid()", Kind::Uuid, None);
        check("E'a\\\\b'::text", Kind::TEXT, text("a\\b"));
    }

    #[test]
    fn checks_of_choices_are_read_from_the_catalogue() {
        let check = |definition: &str, column: &str, kind, expected: Option<Vec<CheckValue>>| {
            assert_eq!(check_values(definition, column, kind), expected, "{definition}");
        };
        let texts = |list: &[&str]| Some(list.iter().map(|v| CheckValue::Text((*v).to_owned())).collect());
        let ints = |list: &[i64]| Some(list.iter().map(|v| CheckValue::Int(*v)).collect());
        check("CHECK ((s = ANY (ARRAY['a, b'::text, 'c]'::text])))", "s", Kind::TEXT, texts(&["a, b", "c]"]));
        check(
            "CHECK (((s)::text = ANY ((ARRAY['a'::character varying, 'it''s'::character varying])::text[])))",
            "s",
            Kind::TEXT,
            texts(&["a", "it's"]),
        );
        check("CHECK ((n = ANY (ARRAY[1, '-2'::integer, 3])))", "n", Kind::Int32, ints(&[1, -2, 3]));
        check("CHECK ((\"A b\" = 1))", "A b", Kind::Int32, ints(&[1]));
        check("CHECK ((n > 1))", "n", Kind::Int32, None);
        check("CHECK ((n = (m + 1)))", "n", Kind::Int32, None);
        check("CHECK (((n = 1) OR (n = 5)))", "n", Kind::Int32, None);
        check("CHECK ((n = 1)) NO INHERIT", "n", Kind::Int32, None);
    }
}
