//! The tables of the current database, read from `information_schema`.
//!
//! Some kinds share a type here, and read back as the plainer one: a timestamp as a date and time, a duration as a
//! 64-bit integer. JSON of MariaDB is text with a rule, and reads back as JSON.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::db::{Connection, Flow, Sink, Statement};
use crate::error::{Error, Result};
use crate::meta::OnDelete;
use crate::schema::{CheckValue, Column, Default, ForeignKey, Index, Schema, Table};
use crate::value::{Cursor, DateTime, Kind, Row, Time, Value};

const FLAVOR: &str = "SELECT VERSION() LIKE '%MariaDB%'";
const TABLES: &str = "SELECT TABLE_NAME, TABLE_COMMENT FROM information_schema.TABLES \
     WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY TABLE_NAME";
const COLUMNS: &str = "SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA, \
     COLUMN_COMMENT, CHARACTER_MAXIMUM_LENGTH, NUMERIC_PRECISION, NUMERIC_SCALE FROM information_schema.COLUMNS \
     WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME, ORDINAL_POSITION";
const INDEXES: &str = "SELECT TABLE_NAME, INDEX_NAME, NON_UNIQUE, COLUMN_NAME, COLLATION, INDEX_TYPE \
     FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX";
const KEYS: &str = "SELECT k.TABLE_NAME, k.CONSTRAINT_NAME, k.COLUMN_NAME, k.REFERENCED_TABLE_NAME, \
     k.REFERENCED_COLUMN_NAME, r.DELETE_RULE FROM information_schema.KEY_COLUMN_USAGE k \
     JOIN information_schema.REFERENTIAL_CONSTRAINTS r ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA \
     AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME AND r.TABLE_NAME = k.TABLE_NAME \
     WHERE k.TABLE_SCHEMA = DATABASE() AND k.REFERENCED_TABLE_SCHEMA = DATABASE() \
     ORDER BY k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION";
// Only MariaDB says of which table a rule is; there, names of rules are the table's own.
const CHECKS: &str = "SELECT t.TABLE_NAME, c.CHECK_CLAUSE FROM information_schema.TABLE_CONSTRAINTS t \
     JOIN information_schema.CHECK_CONSTRAINTS c ON c.CONSTRAINT_SCHEMA = t.CONSTRAINT_SCHEMA \
     AND c.CONSTRAINT_NAME = t.CONSTRAINT_NAME /*M! AND c.TABLE_NAME = t.TABLE_NAME */ \
     WHERE t.TABLE_SCHEMA = DATABASE() AND t.CONSTRAINT_TYPE = 'CHECK'";

type Found = Result<Vec<Vec<Value>>>;

/// Reads all tables.
pub(super) async fn schema(connection: Box<dyn Connection>) -> (Option<Box<dyn Connection>>, Result<Schema>) {
    let text = |count: usize| vec![Kind::TEXT; count];
    let mut of_columns = text(8);
    of_columns.extend([Kind::Int64; 3]);
    let mut of_indexes = text(6);
    of_indexes[2] = Kind::Int64;
    let queries = [
        (FLAVOR, vec![Kind::Int64]),
        (TABLES, text(2)),
        (COLUMNS, of_columns),
        (INDEXES, of_indexes),
        (KEYS, text(6)),
        (CHECKS, text(2)),
    ];
    let mut connection = Some(connection);
    let mut found = Vec::new();
    for (sql, kinds) in queries {
        let Some(open) = connection.take() else { break };
        let (back, rows) = query(open, sql, kinds).await;
        connection = back;
        match rows {
            Ok(rows) => found.push(rows.into_iter()),
            Err(e) => return (connection, Err(e)),
        }
    }
    let schema = match <[_; 6]>::try_from(found) {
        Ok([flavor, tables, columns, indexes, keys, checks]) => {
            let mariadb = flavor.flatten().next() == Some(Value::Int(1));
            Ok(assemble(mariadb, tables, columns, indexes, keys, checks))
        }
        Err(_) => Err(Error::database("the connection was lost while tables were read")),
    };
    (connection, schema)
}

async fn query(connection: Box<dyn Connection>, sql: &str, kinds: Vec<Kind>) -> (Option<Box<dyn Connection>>, Found) {
    let statement = Statement { sql: Arc::from(sql), params: Vec::new(), columns: kinds.into(), persistent: false };
    let ran = connection.run(statement, Box::new(Rows(Vec::new()))).await;
    let sink: Box<dyn Any> = ran.sink;
    let rows = ran.result.and_then(|_| match sink.downcast::<Rows>() {
        Ok(rows) => Ok(rows.0),
        Err(_) => Err(Error::database("the connection gave another sink back")),
    });
    (ran.connection, rows)
}

struct Rows(Vec<Vec<Value>>);

impl Sink for Rows {
    fn row(&mut self, cursor: &mut dyn Cursor, columns: &[Kind]) -> Result<Flow> {
        let mut row = Row::new(cursor, columns);
        self.0.push(columns.iter().map(|_| row.value()).collect::<Result<_>>()?);
        Ok(Flow::More)
    }
}

/// The cells of a row, taken from the left.
struct Cells(std::vec::IntoIter<Value>);

impl Cells {
    fn text(&mut self) -> String {
        self.maybe_text().unwrap_or_default()
    }

    fn maybe_text(&mut self) -> Option<String> {
        match self.0.next() {
            Some(Value::Text(text)) => Some(text.into()),
            _ => None,
        }
    }

    fn int(&mut self) -> Option<i64> {
        match self.0.next() {
            Some(Value::Int(n)) => Some(n),
            _ => None,
        }
    }
}

fn assemble(
    mariadb: bool,
    tables: impl Iterator<Item = Vec<Value>>,
    columns: impl Iterator<Item = Vec<Value>>,
    indexes: impl Iterator<Item = Vec<Value>>,
    keys: impl Iterator<Item = Vec<Value>>,
    checks: impl Iterator<Item = Vec<Value>>,
) -> Schema {
    let cells = |row: Vec<Value>| Cells(row.into_iter());
    let rules = rules(mariadb, checks.map(cells));
    let mut schema = Schema::default();
    for mut row in tables.map(cells) {
        let (name, comment) = (row.text(), row.text());
        let empty = || Vec::new();
        schema.add(Table {
            name,
            columns: Vec::new(),
            primary_key: Vec::new(),
            indexes: Vec::new(),
            foreign_keys: empty(),
            comment,
        });
    }
    for mut row in columns.map(cells) {
        if let Some(table) = schema.tables.get_mut(&row.text()) {
            table.columns.push(column(mariadb, row, &table.name, &rules));
        }
    }
    add_keys(&mut schema, keys.map(cells));
    add_indexes(&mut schema, indexes.map(cells));
    schema
}

fn add_keys(schema: &mut Schema, keys: impl Iterator<Item = Cells>) {
    let mut all: BTreeMap<(String, String), Vec<ForeignKey>> = BTreeMap::new();
    for mut row in keys {
        let (table, name) = (row.text(), row.text());
        let key = ForeignKey {
            name: name.clone(),
            column: row.text(),
            target: row.text(),
            target_column: row.text(),
            on_delete: match row.text().as_str() {
                "CASCADE" => OnDelete::Cascade,
                "SET NULL" => OnDelete::SetNull,
                "SET DEFAULT" => OnDelete::SetDefault,
                "RESTRICT" => OnDelete::Restrict,
                _ => OnDelete::NoAction,
            },
        };
        all.entry((table, name)).or_default().push(key);
    }
    // A key of several columns is none of the library's.
    for ((table, _), mut parts) in all.into_iter().filter(|(_, parts)| parts.len() == 1) {
        if let Some(table) = schema.tables.get_mut(&table) {
            table.foreign_keys.append(&mut parts);
        }
    }
}

fn add_indexes(schema: &mut Schema, indexes: impl Iterator<Item = Cells>) {
    let mut all: BTreeMap<(String, String), Option<Index>> = BTreeMap::new();
    for mut row in indexes {
        let (table, name, common) = (row.text(), row.text(), row.int());
        let (column, descending, tree) =
            (row.maybe_text(), row.maybe_text().as_deref() == Some("D"), row.text() == "BTREE");
        let entry = all
            .entry((table, name.clone()))
            .or_insert_with(|| Some(Index { name, columns: Vec::new(), unique: common == Some(0) }));
        // An index over expressions, or for full text or places, is none of the library's.
        match (column.filter(|_| tree), entry.as_mut()) {
            (Some(column), Some(index)) => index.columns.push((column, descending)),
            _ => *entry = None,
        }
    }
    for ((table, _), index) in all {
        let (Some(table), Some(index)) = (schema.tables.get_mut(&table), index) else { continue };
        if index.name == "PRIMARY" {
            table.primary_key = index.columns.into_iter().map(|(c, _)| c).collect();
        // The index that stands only for a foreign key has its name.
        } else if index.unique || !table.foreign_keys.iter().any(|k| k.name == index.name) {
            table.indexes.push(index);
        }
    }
}

/// What the CHECK constraints of a table say that the library understands.
#[derive(Debug, PartialEq)]
enum Rule {
    OneOf(Vec<CheckValue>),
    Json,
}

/// By table and column.
type Rules = BTreeMap<(String, String), Rule>;

fn rules(mariadb: bool, checks: impl Iterator<Item = Cells>) -> Rules {
    let mut rules = Rules::new();
    for mut row in checks {
        let table = row.text();
        if let Some((column, rule)) = rule(&clause(mariadb, row.text())) {
            rules.insert((table, column), rule);
        }
    }
    rules
}

/// MySQL shows expressions with each quote and backslash escaped once more.
fn clause(mariadb: bool, text: String) -> String {
    if mariadb {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        out.push(if c == '\\' { chars.next().unwrap_or(c) } else { c });
    }
    out
}

/// Reads `` `c` in ('a','b') ``, `` `c` = 'a' `` and ``json_valid(`c`)``.
fn rule(clause: &str) -> Option<(String, Rule)> {
    let mut clause = clause.trim();
    while let Some(inner) = clause.strip_prefix('(').and_then(|c| c.strip_suffix(')')) {
        clause = inner.trim();
    }
    if let Some(inner) = clause.strip_prefix("json_valid(`") {
        return Some((inner.strip_suffix("`)")?.to_owned(), Rule::Json));
    }
    let (column, rest) = clause.strip_prefix('`')?.split_once("` ")?;
    let list = match rest.strip_prefix("in (") {
        Some(list) => list.strip_suffix(')')?,
        None => rest.strip_prefix("= ")?,
    };
    let mut values = Vec::new();
    let mut rest = list.trim();
    loop {
        let (value, after) = value(rest)?;
        values.push(value);
        rest = after.trim_start();
        match rest.strip_prefix(',') {
            Some(next) => rest = next.trim_start(),
            None if rest.is_empty() => return Some((column.to_owned(), Rule::OneOf(values))),
            None => return None,
        }
    }
}

/// The literal that a text begins with, and what follows it.
fn value(text: &str) -> Option<(CheckValue, &str)> {
    if let Some((text, rest)) = literal(text) {
        return Some((CheckValue::Text(text), rest));
    }
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(text.len());
    Some((CheckValue::Int(text[..end].parse().ok()?), &text[end..]))
}

/// The quoted text that a text begins with, perhaps behind the name of a character set, and what follows it.
fn literal(text: &str) -> Option<(String, &str)> {
    let text = match text.strip_prefix('_') {
        Some(named) => named.trim_start_matches(|c: char| c.is_ascii_alphanumeric()),
        None => text,
    };
    let inner = text.strip_prefix('\'')?;
    let mut out = String::new();
    let mut chars = inner.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => match chars.next()?.1 {
                '0' => out.push('\0'),
                'n' => out.push('\n'),
                'r' => out.push('\r'),
                't' => out.push('\t'),
                'Z' => out.push('\u{1a}'),
                other => out.push(other),
            },
            '\'' if chars.peek().is_some_and(|(_, next)| *next == '\'') => {
                chars.next();
                out.push('\'');
            }
            '\'' => return Some((out, &inner[at + 1..])),
            other => out.push(other),
        }
    }
    None
}

fn column(mariadb: bool, mut row: Cells, table: &str, rules: &Rules) -> Column {
    let (name, data_type, column_type) = (row.text(), row.text(), row.text());
    let null = row.text() == "YES";
    let (default, extra, comment) = (row.maybe_text(), row.text().to_lowercase(), row.text());
    let (length, precision, scale) = (row.int(), row.int(), row.int());
    let rule = rules.get(&(table.to_owned(), name.clone()));
    let kind = match rule {
        Some(Rule::Json) => Kind::Json,
        _ => kind(&data_type, &column_type, length, precision, scale),
    };
    let generated = extra.contains("default_generated");
    Column {
        kind,
        null,
        default: default
            .and_then(|text| default_of(kind, if mariadb { Shown::Sql(text) } else { shown(text, generated) })),
        increment: extra.contains("auto_increment"),
        check: match rule {
            Some(Rule::OneOf(values)) => values
                .iter()
                .map(|v| match v {
                    CheckValue::Text(text) => CheckValue::Text(text.clone()),
                    CheckValue::Int(n) => CheckValue::Int(*n),
                })
                .collect(),
            Some(Rule::Json) | None => Vec::new(),
        },
        comment,
        name,
    }
}

/// The nearest kind.
fn kind(data_type: &str, column_type: &str, length: Option<i64>, precision: Option<i64>, scale: Option<i64>) -> Kind {
    let unsigned = column_type.contains("unsigned");
    match data_type.to_lowercase().as_str() {
        "tinyint" if column_type == "tinyint(1)" => Kind::Bool,
        "bit" if column_type == "bit(1)" => Kind::Bool,
        "tinyint" | "year" => Kind::Int16,
        "smallint" if !unsigned => Kind::Int16,
        "smallint" | "mediumint" => Kind::Int32,
        "int" if !unsigned => Kind::Int32,
        "int" | "bigint" | "bit" => Kind::Int64,
        "float" | "double" => Kind::Float64,
        "decimal" => {
            let small = |n: Option<i64>| n.and_then(|n| u8::try_from(n).ok()).unwrap_or(0);
            Kind::Decimal { digits: small(precision), places: small(scale) }
        }
        "char" | "varchar" => Kind::Text { max: length.and_then(|n| u32::try_from(n).ok()) },
        "date" => Kind::Date,
        "time" => Kind::Time,
        "datetime" => Kind::DateTime,
        "timestamp" => Kind::Timestamp,
        "uuid" => Kind::Uuid,
        "binary" if length == Some(16) => Kind::Uuid,
        "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" => Kind::Bytes,
        "json" => Kind::Json,
        "geometry" | "point" | "linestring" | "polygon" | "multipoint" | "multilinestring" | "multipolygon"
        | "geometrycollection" | "geomcollection" => Kind::Bytes,
        _ => Kind::TEXT,
    }
}

/// How a default is told.
enum Shown {
    /// As SQL.
    Sql(String),
    /// As the bare value.
    Bare(String),
}

/// MySQL shows literals bare, and expressions as SQL.
fn shown(text: String, generated: bool) -> Shown {
    if generated { Shown::Sql(clause(false, text)) } else { Shown::Bare(text) }
}

fn default_of(kind: Kind, shown: Shown) -> Option<Default> {
    let text = match shown {
        Shown::Bare(text) => text,
        Shown::Sql(sql) => {
            let mut sql = sql.trim();
            while let Some(inner) = sql.strip_prefix('(').and_then(|s| s.strip_suffix(')')) {
                sql = inner.trim();
            }
            let lower = sql.to_lowercase();
            let now = [
                "current_timestamp",
                "now(",
                "utc_",
                "curdate",
                "curtime",
                "current_date",
                "current_time",
                "localtime",
            ];
            if lower == "null" {
                return None;
            } else if now.iter().any(|name| lower.starts_with(name)) {
                return Some(Default::Now);
            } else if let Some(digits) = lower.strip_prefix("unhex(").and_then(literal) {
                return Some(Default::Text(from_hex(kind, &digits.0)));
            }
            literal(sql).map_or_else(|| sql.to_owned(), |(text, _)| text)
        }
    };
    Some(match kind {
        Kind::Bool => Default::Bool(!matches!(text.as_str(), "0" | "b'0'" | "false")),
        Kind::Int16 | Kind::Int32 | Kind::Int64 | Kind::Duration => {
            text.parse().map_or_else(|_| Default::Text(text.clone()), Default::Int)
        }
        Kind::Float64 => text.parse().map_or_else(|_| Default::Text(text.clone()), Default::Float),
        Kind::DateTime | Kind::Timestamp => Default::Text(DateTime::parse(&text).map_or(text, DateTime::to_iso)),
        Kind::Time => Default::Text(Time::parse(&text).map_or(text, Time::to_iso)),
        Kind::Decimal { .. } | Kind::Text { .. } | Kind::Bytes | Kind::Date | Kind::Uuid | Kind::Json => {
            Default::Text(text)
        }
    })
}

fn from_hex(kind: Kind, digits: &str) -> String {
    if kind == Kind::Uuid && digits.len() == 32 && digits.is_ascii() {
        let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
        return parts.join("-");
    }
    let pairs = digits.as_bytes().chunks(2).filter_map(|p| std::str::from_utf8(p).ok());
    let bytes: Vec<u8> = pairs.filter_map(|p| u8::from_str_radix(p, 16).ok()).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_of_both_servers_are_understood() {
        let one_of = |values: &[&str]| {
            let values = values.iter().map(|v| CheckValue::Text((*v).to_owned())).collect();
            Some(("c".to_owned(), Rule::OneOf(values)))
        };
        assert_eq!(rule("`c` in ('it\\'s \\\\ x','b')"), one_of(&["it's \\ x", "b"]));
        assert_eq!(rule("`c` = 'a'"), one_of(&["a"]));
        assert_eq!(
            rule("`c` in (1,-2)").map(|r| r.1),
            Some(Rule::OneOf(vec![CheckValue::Int(1), CheckValue::Int(-2)]))
        );
        let mysql = clause(false, r"(`c` in (_utf8mb4\'a\',_utf8mb4\'b\'))".to_owned());
        assert_eq!(rule(&mysql), one_of(&["a", "b"]));
        assert_eq!(rule("json_valid(`c`)"), Some(("c".to_owned(), Rule::Json)));
        assert_eq!(rule("`c` > 3"), None);
        assert_eq!(rule("`a` in (1) or `b` in (2)"), None);
    }

    #[test]
    fn defaults_read_back_as_they_were_written() {
        let sql = |kind, text: &str| default_of(kind, Shown::Sql(text.to_owned()));
        let text = |text: &str| Some(Default::Text(text.to_owned()));
        assert_eq!(sql(Kind::TEXT, "'it''s \\\\ x'"), text("it's \\ x"));
        assert_eq!(sql(Kind::Bool, "1"), Some(Default::Bool(true)));
        assert_eq!(sql(Kind::DateTime, "utc_timestamp(6)"), Some(Default::Now));
        assert_eq!(sql(Kind::DateTime, "'2024-01-01 00:00:00.500000'"), text("2024-01-01 00:00:00.5"));
        assert_eq!(
            sql(Kind::Uuid, "unhex('00112233445566778899aabbccddeeff')"),
            text("00112233-4455-6677-8899-aabbccddeeff")
        );
        assert_eq!(sql(Kind::TEXT, "NULL"), None);
        assert_eq!(default_of(Kind::TEXT, Shown::Bare("NULL".to_owned())), text("NULL"));
    }
}
