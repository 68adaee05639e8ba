//! Changes of tables as DDL. Each statement commits on its own, so a plan is in the order that loses least when it stops.
//!
//! Two habits of the server shape it. `MODIFY` forgets what it is not told again, so a column is always written in full.
//! And each foreign key needs an index: where no key or index of the table begins with its column, there is one with
//! the foreign key's own name, which comes and goes as others do (introspection does not show it).

use std::collections::BTreeMap;

use super::DIALECT;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::meta::OnDelete;
use crate::schema::{
    CheckValue, Column, DdlRun, DdlStep, Default, ForeignKey, Index, Schema, SchemaChange, Table, name_of,
};
use crate::value::{Date, DateTime, Kind, Number, Time};

/// Binary and without padding, so that text compares exactly. Each server runs the comment that is meant for it.
const COLLATE: &str = "COLLATE /*M! utf8mb4_nopad_bin */ /*!80000 utf8mb4_0900_bin */";

/// The bytes that an index entry of InnoDB may have.
const INDEX_BYTES: u32 = 3072;

/// The statements for a change.
///
/// # Errors
/// [`ErrorKind::Migration`](crate::ErrorKind::Migration) if it does not fit the schema, or InnoDB's limits;
/// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) for what InnoDB lacks.
pub fn plan(change: &SchemaChange, before: &Schema) -> Result<Vec<DdlStep>> {
    let mut after = before.clone();
    after.apply(change).map_err(Error::migration)?;
    match change {
        SchemaChange::CreateTable(table) => create_table(table),
        SchemaChange::DropTable(table) => Ok(vec![DdlStep::plain(format!("DROP TABLE {}", quote(&table.name)))]),
        SchemaChange::RenameTable { from, to } => rename_table(from, to, before),
        SchemaChange::AddColumn { table, column, fill } => add_column(table, column, fill.as_ref()),
        SchemaChange::DropColumn { table, column } => {
            let mut clauses = drop_check(table, column);
            clauses.push(format!("DROP COLUMN {}", quote(&column.name)));
            Ok(vec![alter(table, &clauses)])
        }
        SchemaChange::RenameColumn { table, from, to } => rename_column(table, from, to, before),
        SchemaChange::AlterColumn { table, from, to, fill } => {
            alter_column(table, from, to, fill.as_ref(), before, &after)
        }
        SchemaChange::AlterPrimaryKey { table, from, to } => {
            let mut clauses = Vec::new();
            if !from.is_empty() {
                clauses.push("DROP PRIMARY KEY".to_owned());
            }
            if !to.is_empty() {
                fits(find(&after, table)?, to.iter().map(String::as_str))?;
                clauses.push(format!("ADD {}", primary_key(to)));
            }
            Ok(altered(table, clauses, before, &after))
        }
        SchemaChange::CreateIndex { table, index } => {
            fits(find(&after, table)?, index.columns.iter().map(|(c, _)| c.as_str()))?;
            Ok(altered(table, vec![format!("ADD {}", index_sql(index))], before, &after))
        }
        SchemaChange::DropIndex { table, index } => {
            Ok(altered(table, vec![format!("DROP INDEX {}", quote(&index.name))], before, &after))
        }
        SchemaChange::AddForeignKey { table, key } => {
            let clauses =
                if unlike(&after, table, key) { Vec::new() } else { vec![format!("ADD {}", foreign_key(key)?)] };
            Ok(altered(table, clauses, before, &after))
        }
        SchemaChange::DropForeignKey { table, key } => {
            let clauses = if unlike(before, table, key) { Vec::new() } else { vec![drop_foreign_key(key)] };
            Ok(altered(table, clauses, before, &after))
        }
        SchemaChange::CommentTable { table, to, .. } => {
            Ok(vec![alter(table, &[format!("COMMENT = {}", string(cut(to, 2048)))])])
        }
    }
}

fn create_table(table: &Table) -> Result<Vec<DdlStep>> {
    let mut parts = Vec::new();
    for column in &table.columns {
        parts.push(column_sql(&table.name, column)?);
    }
    if !table.primary_key.is_empty() {
        fits(table, table.primary_key.iter().map(String::as_str))?;
        parts.push(primary_key(&table.primary_key));
    }
    for index in &table.indexes {
        fits(table, index.columns.iter().map(|(c, _)| c.as_str()))?;
        parts.push(index_sql(index));
    }
    parts.extend(own_indexes(table).iter().map(|(name, column)| own_index(name, column)));
    for key in &table.foreign_keys {
        parts.push(foreign_key(key)?);
    }
    parts.extend(table.columns.iter().filter_map(|c| check_sql(&table.name, c)));
    let comment = match table.comment.as_str() {
        "" => String::new(),
        comment => format!(" COMMENT = {}", string(cut(comment, 2048))),
    };
    Ok(vec![DdlStep::plain(format!(
        "CREATE TABLE {} (\n  {}\n) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 {COLLATE}{comment}",
        quote(&table.name),
        parts.join(",\n  ")
    ))])
}

fn rename_table(from: &str, to: &str, before: &Schema) -> Result<Vec<DdlStep>> {
    let mut steps = vec![DdlStep::plain(format!("ALTER TABLE {} RENAME TO {}", quote(from), quote(to)))];
    // The names of rules hold the table's, so that they can be found again.
    let mut clauses = Vec::new();
    for column in &find(before, from)?.columns {
        clauses.extend(drop_check(from, column));
        clauses.extend(check_sql(to, column).map(|check| format!("ADD {check}")));
    }
    if !clauses.is_empty() {
        steps.push(alter(to, &clauses));
    }
    Ok(steps)
}

fn add_column(table: &str, column: &Column, fill: Option<&Default>) -> Result<Vec<DdlStep>> {
    if column.increment {
        return Err(Error::unsupported(format!(
            "a column that counts up cannot be added to `{table}` on MySQL, since it must be a key at once; make a new table and copy the rows"
        )));
    }
    let mut steps = Vec::new();
    let fill = fill.filter(|_| column.default.is_none());
    if !column.null && column.default.is_none() && fill.is_none() {
        // The server would fill in zeros and empty text.
        steps.push(must_be_empty(
            table,
            None,
            &format!("`{table}` has rows, and the new column `{}` no value for them", column.name),
        ));
    }
    let added = Column { default: column.default.clone().or_else(|| fill.cloned()), ..column.clone() };
    let mut clauses = vec![format!("ADD COLUMN {}", column_sql(table, &added)?)];
    clauses.extend(check_sql(table, column).map(|check| format!("ADD {check}")));
    steps.push(alter(table, &clauses));
    if fill.is_some() {
        let end = if column.null { "SET DEFAULT NULL" } else { "DROP DEFAULT" };
        steps.push(alter(table, &[format!("ALTER COLUMN {} {end}", quote(&column.name))]));
    }
    Ok(steps)
}

fn rename_column(table: &str, from: &str, to: &str, before: &Schema) -> Result<Vec<DdlStep>> {
    let rename = alter(table, &[format!("RENAME COLUMN {} TO {}", quote(from), quote(to))]);
    let column = find(before, table)?.column(from);
    let Some(column) = column.filter(|c| !c.check.is_empty()) else { return Ok(vec![rename]) };
    // MySQL renames no column that a rule speaks of.
    let renamed = Column { name: to.to_owned(), ..column.clone() };
    let add: Vec<String> = check_sql(table, &renamed).map(|check| format!("ADD {check}")).into_iter().collect();
    Ok(vec![alter(table, &drop_check(table, column)), rename, alter(table, &add)])
}

fn alter_column(
    table: &str,
    from: &Column,
    to: &Column,
    fill: Option<&Default>,
    before: &Schema,
    after: &Schema,
) -> Result<Vec<DdlStep>> {
    let name = quote(&to.name);
    let retyped = sql_type(table, from)? != sql_type(table, to)?;
    let mut steps = Vec::new();
    if retyped {
        steps.extend(conversion(table, from, to)?);
        let now = find(after, table)?;
        for columns in indexed(now).filter(|columns| columns.contains(&to.name.as_str())) {
            fits(now, columns.iter().copied())?;
        }
        for (owner, key) in keys_touching(before, table, &from.name).filter(|(o, k)| alike(before, o, k)) {
            steps.push(alter(owner, &[drop_foreign_key(key)]));
        }
    }
    if from.check != to.check && !from.check.is_empty() {
        steps.push(alter(table, &drop_check(table, from)));
    }
    if from.null && !to.null {
        match fill {
            Some(fill) => {
                if retyped {
                    // The value is one of the new type, so the column takes that first.
                    let open = Column { null: true, default: None, increment: false, ..to.clone() };
                    steps.push(alter(table, &[format!("MODIFY COLUMN {}", column_sql(table, &open)?)]));
                }
                let value = default_sql(table, to, fill)?;
                steps
                    .push(DdlStep::plain(format!("UPDATE {} SET {name} = {value} WHERE {name} IS NULL", quote(table))));
            }
            None => steps.push(must_be_empty(
                table,
                Some(&format!("{name} IS NULL")),
                &format!("`{table}` has rows without a value in `{}`", to.name),
            )),
        }
    }
    let definition = column_sql(table, to)?;
    if definition != column_sql(table, from)? {
        steps.push(alter(table, &[format!("MODIFY COLUMN {definition}")]));
    }
    if from.check != to.check
        && let Some(check) = check_sql(table, to)
    {
        steps.push(alter(table, &[format!("ADD {check}")]));
    }
    if retyped {
        // A key whose other side still has the old type is made when that side changes.
        for (owner, key) in keys_touching(after, table, &to.name).filter(|(o, k)| alike(after, o, k)) {
            steps.push(alter(owner, &[format!("ADD {}", foreign_key(key)?)]));
        }
    }
    Ok(steps)
}

/// What must hold of the rows for a change of type to lose nothing.
fn conversion(table: &str, from: &Column, to: &Column) -> Result<Option<DdlStep>> {
    let refused = || {
        Error::unsupported(format!(
            "MySQL cannot turn the column `{table}`.`{}` from {} into {}; add a new column, copy the values in a data migration, and drop the old one",
            to.name,
            from.kind.name(),
            to.kind.name()
        ))
    };
    let name = quote(&to.name);
    let lost = match (family(from.kind), family(to.kind)) {
        (Family::Number, Family::Number) if to.kind == Kind::Bool => Some(format!("{name} NOT IN (0, 1)")),
        (Family::Number, Family::Number) => match (places(from.kind), places(to.kind)) {
            (_, None) => None,
            (Some(had), Some(has)) if had <= has => None,
            // What is too large is refused by strict sessions; what is too fine is rounded in silence.
            (_, Some(has)) => Some(format!("{name} <> ROUND({name}, {has})")),
        },
        (Family::Day, Family::Day) if to.kind == Kind::Date => Some(format!("{name} <> DATE({name})")),
        (a, b) if a == b => None,
        // Strict sessions refuse text that is no number or date.
        (Family::Text, Family::Number | Family::Day | Family::Time)
        | (Family::Number | Family::Day | Family::Time, Family::Text) => None,
        _ => return Err(refused()),
    };
    let words = format!("`{table}`.`{}` holds values that a {} cannot", to.name, to.kind.name());
    Ok(lost.map(|condition| must_be_empty(table, Some(&condition), &words)))
}

#[derive(PartialEq)]
enum Family {
    Number,
    Text,
    Bytes,
    Day,
    Time,
    Uuid,
}

fn family(kind: Kind) -> Family {
    match kind {
        Kind::Bool
        | Kind::Int16
        | Kind::Int32
        | Kind::Int64
        | Kind::Float64
        | Kind::Decimal { .. }
        | Kind::Duration => Family::Number,
        Kind::Text { .. } | Kind::Json => Family::Text,
        Kind::Bytes => Family::Bytes,
        Kind::Date | Kind::DateTime | Kind::Timestamp => Family::Day,
        Kind::Time => Family::Time,
        Kind::Uuid => Family::Uuid,
    }
}

/// Digits after the point that a number can have; `None` for a float, which has any.
fn places(kind: Kind) -> Option<u8> {
    match kind {
        Kind::Float64 => None,
        kind => Some(kind.places().unwrap_or(0)),
    }
}

/// A query that gives the words if the table has a row (of a condition).
fn must_be_empty(table: &str, condition: Option<&str>, words: &str) -> DdlStep {
    let filter = condition.map_or_else(String::new, |c| format!(" WHERE {c}"));
    let sql = format!("SELECT {} FROM {}{filter} LIMIT 1", string(words), quote(table));
    DdlStep { sql, run: DdlRun::MustBeEmpty }
}

/// One `ALTER TABLE` with these clauses, and with the indexes that foreign keys need from now on, or no more.
fn altered(table: &str, mut clauses: Vec<String>, before: &Schema, after: &Schema) -> Vec<DdlStep> {
    let of = |schema: &Schema| schema.tables.get(table).map(own_indexes).unwrap_or_default();
    let (old, new) = (of(before), of(after));
    let added = new.iter().filter(|(name, _)| !old.contains_key(*name));
    clauses.splice(0..0, added.map(|(name, column)| format!("ADD {}", own_index(name, column))));
    let dropped = old.keys().filter(|name| !new.contains_key(*name));
    clauses.extend(dropped.map(|name| format!("DROP INDEX {}", quote(name))));
    if clauses.is_empty() { Vec::new() } else { vec![alter(table, &clauses)] }
}

/// The indexes that stand only for foreign keys: their names, which are those of the keys, and columns.
fn own_indexes(table: &Table) -> BTreeMap<String, String> {
    let leads = |column: &String| indexed(table).any(|columns| columns.first() == Some(&column.as_str()));
    let keys = table.foreign_keys.iter().filter(|k| !leads(&k.column));
    keys.map(|k| (k.name.clone(), k.column.clone())).collect()
}

/// The columns of the primary key, and of each index.
fn indexed(table: &Table) -> impl Iterator<Item = Vec<&str>> {
    let key: Vec<&str> = table.primary_key.iter().map(String::as_str).collect();
    let indexes = table.indexes.iter().map(|i| i.columns.iter().map(|(c, _)| c.as_str()).collect());
    std::iter::once(key).chain(indexes)
}

/// Foreign keys from or to a column, with the tables that have them.
fn keys_touching<'a>(
    schema: &'a Schema,
    table: &'a str,
    column: &'a str,
) -> impl Iterator<Item = (&'a str, &'a ForeignKey)> {
    let touches = move |owner: &str, key: &ForeignKey| {
        (owner == table && key.column == column) || (key.target == table && key.target_column == column)
    };
    let keys = schema.tables.values().flat_map(|t| t.foreign_keys.iter().map(|k| (t.name.as_str(), k)));
    keys.filter(move |(owner, key)| touches(owner, key))
}

/// Whether both sides of a foreign key are of one type, without which there is none.
fn alike(schema: &Schema, owner: &str, key: &ForeignKey) -> bool {
    let (from, to) = types(schema, owner, key);
    from == to
}

/// Whether the sides of a foreign key are known to be of two types, so that it waits until the second has changed too.
fn unlike(schema: &Schema, owner: &str, key: &ForeignKey) -> bool {
    let (from, to) = types(schema, owner, key);
    from.is_some() && to.is_some() && from != to
}

/// The types of both sides of a foreign key, as far as the schema knows them. Text may differ in length.
fn types(schema: &Schema, owner: &str, key: &ForeignKey) -> (Option<String>, Option<String>) {
    let base = |table: &str, column: &str| {
        let text = schema.tables.get(table)?.column(column).and_then(|c| sql_type(table, c).ok())?;
        Some(text.split('(').next().unwrap_or_default().to_owned())
    };
    (base(owner, &key.column), base(&key.target, &key.target_column))
}

fn find<'a>(schema: &'a Schema, table: &str) -> Result<&'a Table> {
    schema.tables.get(table).ok_or_else(|| Error::migration(format!("there is no table `{table}`")))
}

fn quote(name: &str) -> String {
    DIALECT.quote(name)
}

/// A literal, as a session reads it whose backslash escapes (the default, and ours).
fn string(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''").replace('\0', "\\0"))
}

/// As many characters as a comment may have: the server refuses longer ones.
fn cut(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).map_or(text, |(at, _)| &text[..at])
}

fn alter(table: &str, clauses: &[String]) -> DdlStep {
    DdlStep::plain(format!("ALTER TABLE {} {}", quote(table), clauses.join(", ")))
}

/// A column in full.
fn column_sql(table: &str, column: &Column) -> Result<String> {
    let mut sql = format!("{} {}", quote(&column.name), sql_type(table, column)?);
    sql.push_str(if column.null { " NULL" } else { " NOT NULL" });
    if let Some(default) = &column.default {
        sql.push_str(" DEFAULT ");
        sql.push_str(&default_sql(table, column, default)?);
    }
    if column.increment {
        sql.push_str(" AUTO_INCREMENT");
    }
    if !column.comment.is_empty() {
        sql.push_str(" COMMENT ");
        sql.push_str(&string(cut(&column.comment, 1024)));
    }
    Ok(sql)
}

fn sql_type(table: &str, column: &Column) -> Result<String> {
    let limit = |words: String| Error::migration(format!("`{table}`.`{}` {words}", column.name));
    Ok(match column.kind {
        Kind::Bool => "TINYINT(1)".to_owned(),
        Kind::Int16 => "SMALLINT".to_owned(),
        Kind::Int32 => "INT".to_owned(),
        Kind::Int64 | Kind::Duration => "BIGINT".to_owned(),
        Kind::Float64 => "DOUBLE".to_owned(),
        Kind::Decimal { digits, places } => {
            if digits > 65 || places > 30 || places > digits {
                return Err(limit(format!(
                    "is a decimal of {digits} digits with {places} places; MySQL holds at most 65 with 30"
                )));
            }
            format!("DECIMAL({digits}, {places})")
        }
        Kind::Text { max: Some(max) } => {
            if max > 16_383 {
                return Err(limit(format!(
                    "is text of at most {max} characters; MySQL limits text to at most 16383, so leave out `max_length`"
                )));
            }
            format!("VARCHAR({max}) CHARACTER SET utf8mb4 {COLLATE}")
        }
        Kind::Text { max: None } => format!("LONGTEXT CHARACTER SET utf8mb4 {COLLATE}"),
        Kind::Bytes => "LONGBLOB".to_owned(),
        Kind::Date => "DATE".to_owned(),
        Kind::Time => "TIME(6)".to_owned(),
        // TIMESTAMP ends in 2038, and is shown in the session's zone.
        Kind::DateTime | Kind::Timestamp => "DATETIME(6)".to_owned(),
        Kind::Uuid => "BINARY(16)".to_owned(),
        // On MariaDB this is text with a rule that it be valid, and so has a collation.
        Kind::Json => "JSON /*M! COLLATE utf8mb4_nopad_bin */".to_owned(),
    })
}

/// A default, or the value that fills a column.
fn default_sql(table: &str, column: &Column, default: &Default) -> Result<String> {
    let wrong =
        || Error::migration(format!("the default of `{table}`.`{}` is not a {}", column.name, column.kind.name()));
    let text = match default {
        Default::Bool(value) => return Ok(u8::from(*value).to_string()),
        Default::Int(value) => value.to_string(),
        Default::Float(value) if value.is_finite() => format!("{value:?}"),
        Default::Float(_) => return Err(wrong()),
        Default::Text(text) => text.clone(),
        Default::Now => {
            return match column.kind {
                // Not CURRENT_TIMESTAMP, which is in the zone of whoever inserts.
                Kind::DateTime | Kind::Timestamp => Ok("(UTC_TIMESTAMP(6))".to_owned()),
                Kind::Date => Ok("(UTC_DATE())".to_owned()),
                Kind::Time => Ok("(UTC_TIME(6))".to_owned()),
                _ => Err(wrong()),
            };
        }
    };
    let sql = match column.kind {
        Kind::Bool => match text.as_str() {
            "0" | "false" => Some("0".to_owned()),
            "1" | "true" => Some("1".to_owned()),
            _ => None,
        },
        Kind::Int16 | Kind::Int32 | Kind::Int64 | Kind::Duration => text.parse::<i64>().ok().map(|n| n.to_string()),
        Kind::Float64 => text.parse::<f64>().ok().filter(|n| n.is_finite()).map(|n| format!("{n:?}")),
        Kind::Decimal { .. } => Number::parse(&text).map(|n| n.to_string()),
        Kind::Text { max: Some(_) } => Some(string(&text)),
        // Columns without a limit take an expression only.
        Kind::Text { max: None } | Kind::Json => Some(format!("({})", string(&text))),
        Kind::Bytes => Some(format!("(UNHEX('{}'))", hex(text.as_bytes()))),
        Kind::Date => Date::parse(&text).map(|d| string(&d.to_iso())),
        Kind::Time => Time::parse(&text).map(|t| string(&t.to_iso())),
        Kind::DateTime | Kind::Timestamp => DateTime::parse(&text).map(|t| string(&t.to_iso())),
        Kind::Uuid => {
            let digits = text.replace('-', "").to_ascii_lowercase();
            let right = digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit());
            // As an expression, since the server shows a literal of bytes as broken text.
            right.then(|| format!("(UNHEX('{digits}'))"))
        }
    };
    sql.ok_or_else(wrong)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn primary_key(columns: &[String]) -> String {
    let columns: Vec<String> = columns.iter().map(|c| quote(c)).collect();
    format!("PRIMARY KEY ({})", columns.join(", "))
}

fn index_sql(index: &Index) -> String {
    let descending = |desc: &bool| if *desc { " DESC" } else { "" };
    let columns: Vec<String> = index.columns.iter().map(|(c, desc)| quote(c) + descending(desc)).collect();
    let word = if index.unique { "UNIQUE INDEX" } else { "INDEX" };
    format!("{word} {} ({})", quote(&index.name), columns.join(", "))
}

fn own_index(name: &str, column: &str) -> String {
    format!("INDEX {} ({})", quote(name), quote(column))
}

fn foreign_key(key: &ForeignKey) -> Result<String> {
    let on_delete = match key.on_delete {
        OnDelete::Cascade => "CASCADE",
        OnDelete::SetNull => "SET NULL",
        OnDelete::Restrict => "RESTRICT",
        OnDelete::NoAction => "NO ACTION",
        // MariaDB would take the words and forget them.
        OnDelete::SetDefault => {
            return Err(Error::unsupported(format!(
                "the foreign key `{}` sets a default on delete, which InnoDB cannot; use another `on_delete`",
                key.name
            )));
        }
    };
    Ok(format!(
        "CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {} ({}) ON DELETE {on_delete}",
        quote(&key.name),
        quote(&key.column),
        quote(&key.target),
        quote(&key.target_column)
    ))
}

fn drop_foreign_key(key: &ForeignKey) -> String {
    format!("DROP FOREIGN KEY {}", quote(&key.name))
}

fn check_name(table: &str, column: &str) -> String {
    quote(&name_of("ck", table, &[column]))
}

fn check_sql(table: &str, column: &Column) -> Option<String> {
    if column.check.is_empty() {
        return None;
    }
    let value = |v: &CheckValue| match v {
        CheckValue::Text(text) => string(text),
        CheckValue::Int(n) => n.to_string(),
    };
    let values: Vec<String> = column.check.iter().map(value).collect();
    let (rule, name) = (check_name(table, &column.name), quote(&column.name));
    Some(format!("CONSTRAINT {rule} CHECK ({name} IN ({}))", values.join(", ")))
}

fn drop_check(table: &str, column: &Column) -> Vec<String> {
    let there = !column.check.is_empty();
    there.then(|| format!("DROP CONSTRAINT {}", check_name(table, &column.name))).into_iter().collect()
}

/// Whether InnoDB can index the columns together.
fn fits<'a>(table: &Table, columns: impl Iterator<Item = &'a str>) -> Result<()> {
    let mut bytes = 0;
    let mut names = Vec::new();
    for column in columns.filter_map(|name| table.column(name)) {
        names.push(column.name.as_str());
        bytes += match column.kind {
            Kind::Text { max: Some(max) } => max.saturating_mul(4),
            Kind::Text { max: None } => {
                return Err(Error::migration(format!(
                    "`{}`.`{}` is text without a limit, which MySQL cannot index; give the field `#[orm(max_length = …)]`",
                    table.name, column.name
                )));
            }
            Kind::Bytes | Kind::Json => {
                return Err(Error::migration(format!(
                    "`{}`.`{}` holds {}, which MySQL cannot index",
                    table.name,
                    column.name,
                    column.kind.name()
                )));
            }
            Kind::Decimal { .. } => 30,
            Kind::Uuid => 16,
            Kind::Bool
            | Kind::Int16
            | Kind::Int32
            | Kind::Int64
            | Kind::Float64
            | Kind::Date
            | Kind::Time
            | Kind::DateTime
            | Kind::Timestamp
            | Kind::Duration => 8,
        };
    }
    if bytes > INDEX_BYTES {
        return Err(Error::migration(format!(
            "an index over `{}`.`{}` would take {bytes} bytes a row, and MySQL has {INDEX_BYTES}; a character takes 4, so lower `max_length`",
            table.name,
            names.join("`, `")
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, kind: Kind) -> Column {
        let (name, comment) = (name.to_owned(), String::new());
        Column { name, kind, null: false, default: None, increment: false, check: Vec::new(), comment }
    }

    fn table(columns: Vec<Column>) -> Table {
        Table {
            name: "books".to_owned(),
            columns,
            primary_key: vec!["id".to_owned()],
            indexes: Vec::new(),
            foreign_keys: Vec::new(),
            comment: String::new(),
        }
    }

    fn schema() -> Schema {
        let id = Column { increment: true, comment: "it's".to_owned(), ..column("id", Kind::Int64) };
        let mut books =
            table(vec![id, column("author_id", Kind::Int64), column("price", Kind::Decimal { digits: 5, places: 2 })]);
        books.foreign_keys.push(ForeignKey {
            name: "fk_books_author_id".to_owned(),
            column: "author_id".to_owned(),
            target: "authors".to_owned(),
            target_column: "id".to_owned(),
            on_delete: OnDelete::Cascade,
        });
        let mut schema = Schema::default();
        schema.add(books);
        schema
    }

    fn check(change: &SchemaChange, before: &Schema, expected: &[&str]) {
        let steps = plan(change, before).unwrap();
        assert_eq!(steps.iter().map(|s| s.sql.as_str()).collect::<Vec<_>>(), expected);
    }

    fn by_author() -> Index {
        Index { name: "ix_author".to_owned(), columns: vec![("author_id".to_owned(), true)], unique: false }
    }

    #[test]
    fn a_table_is_created_whole_with_an_index_for_each_foreign_key() {
        let books = schema().tables["books"].clone();
        check(
            &SchemaChange::CreateTable(books),
            &Schema::default(),
            &[
                "CREATE TABLE `books` (\n  `id` BIGINT NOT NULL AUTO_INCREMENT COMMENT 'it''s',\n  `author_id` BIGINT NOT NULL,\n  \
               `price` DECIMAL(5, 2) NOT NULL,\n  PRIMARY KEY (`id`),\n  INDEX `fk_books_author_id` (`author_id`),\n  \
               CONSTRAINT `fk_books_author_id` FOREIGN KEY (`author_id`) REFERENCES `authors` (`id`) ON DELETE CASCADE\n\
               ) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE /*M! utf8mb4_nopad_bin */ /*!80000 utf8mb4_0900_bin */",
            ],
        );
    }

    #[test]
    fn the_index_of_a_foreign_key_makes_way_for_another_and_comes_back() {
        let (table, index) = ("books".to_owned(), by_author());
        let create = SchemaChange::CreateIndex { table: table.clone(), index: index.clone() };
        let mut schema = schema();
        check(
            &create,
            &schema,
            &["ALTER TABLE `books` ADD INDEX `ix_author` (`author_id` DESC), DROP INDEX `fk_books_author_id`"],
        );
        schema.apply(&create).unwrap();
        check(
            &SchemaChange::DropIndex { table, index },
            &schema,
            &["ALTER TABLE `books` ADD INDEX `fk_books_author_id` (`author_id`), DROP INDEX `ix_author`"],
        );
    }

    #[test]
    fn a_changed_column_is_written_in_full_and_loses_nothing() {
        let schema = schema();
        let alter = |from: &Column, to: Column| SchemaChange::AlterColumn {
            table: "books".to_owned(),
            from: from.clone(),
            to,
            fill: None,
        };
        let [id, _, price] = schema.tables["books"].columns.as_slice() else { panic!() };
        check(
            &alter(id, Column { comment: "key".to_owned(), ..id.clone() }),
            &schema,
            &["ALTER TABLE `books` MODIFY COLUMN `id` BIGINT NOT NULL AUTO_INCREMENT COMMENT 'key'"],
        );
        check(
            &alter(price, Column { kind: Kind::Decimal { digits: 5, places: 1 }, ..price.clone() }),
            &schema,
            &[
                "SELECT '`books`.`price` holds values that a decimal cannot' FROM `books` WHERE `price` <> ROUND(`price`, 1) LIMIT 1",
                "ALTER TABLE `books` MODIFY COLUMN `price` DECIMAL(5, 1) NOT NULL",
            ],
        );
        let refused = plan(&alter(price, column("price", Kind::Uuid)), &schema).unwrap_err();
        assert!(refused.is_unsupported());
    }

    #[test]
    fn text_without_a_limit_is_never_a_key() {
        let refused = plan(&SchemaChange::CreateTable(table(vec![column("id", Kind::TEXT)])), &Schema::default());
        assert_eq!(
            refused.unwrap_err().message(),
            "`books`.`id` is text without a limit, which MySQL cannot index; give the field `#[orm(max_length = …)]`"
        );
    }
}
