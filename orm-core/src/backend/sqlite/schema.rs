//! Changes of tables as SQLite's statements. What `ALTER TABLE` cannot do is done by a new table that takes the old
//! one's place (`rebuild`).

pub(super) mod carry;
mod convert;
pub(super) mod declared;
mod parts;
mod rebuild;
#[cfg(test)]
mod tests;
mod together;

use super::DIALECT;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::meta::OnDelete;
use crate::schema::{
    CheckValue, Column, DdlRun, DdlStep, Default, ForeignKey, Index, Schema, SchemaChange, Table, name_of,
};
pub use together::plan_all;

/// The statements of a change. `before` is the schema as it is before the change.
///
/// # Errors
/// [`ErrorKind::Migration`](crate::ErrorKind::Migration) if the change does not fit the schema,
/// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) if SQLite cannot make it.
pub fn plan(change: &SchemaChange, before: &Schema) -> Result<Vec<DdlStep>> {
    let groups = plan_all(std::slice::from_ref(change), before).map_err(|(_, error)| error)?;
    Ok(groups.into_iter().flat_map(|group| group.changes).flatten().collect())
}

/// The statements of a change that need no rebuild of its table; `None` if one is needed.
fn native(change: &SchemaChange, before: &Schema) -> Result<Option<Vec<DdlStep>>> {
    let mut after = before.clone();
    after.apply(change).map_err(Error::migration)?;
    let one = |sql: String| Ok(Some(vec![DdlStep::plain(sql)]));
    match change {
        SchemaChange::CreateTable(table) => create_table(table).map(Some),
        SchemaChange::DropTable(table) => drop_table(table, before).map(Some),
        SchemaChange::RenameTable { from, to } => one(format!("ALTER TABLE {} RENAME TO {}", quote(from), quote(to))),
        SchemaChange::RenameColumn { table, from, to } => {
            one(format!("ALTER TABLE {} RENAME COLUMN {} TO {}", quote(table), quote(from), quote(to)))
        }
        SchemaChange::AddColumn { table, column, fill } => add_column(table_in(&after, table)?, column, fill.as_ref()),
        SchemaChange::DropColumn { table, column } => drop_column(before, table_in(before, table)?, &column.name),
        // SQLite has no comments.
        SchemaChange::AlterColumn { from, to, .. } => {
            Ok((*to == Column { comment: to.comment.clone(), ..from.clone() }).then(Vec::new))
        }
        SchemaChange::CommentTable { .. } => Ok(Some(Vec::new())),
        SchemaChange::AlterPrimaryKey { .. }
        | SchemaChange::AddForeignKey { .. }
        | SchemaChange::DropForeignKey { .. } => Ok(None),
        SchemaChange::CreateIndex { table, index } => Ok(Some(vec![create_index(table, index)])),
        // The index of a constraint goes only with the constraint.
        SchemaChange::DropIndex { index, .. } if is_unnamed(index) => Ok(None),
        SchemaChange::DropIndex { index, .. } => one(format!("DROP INDEX {}", quote(&index.name))),
    }
}

fn quote(name: &str) -> String {
    DIALECT.quote(name)
}

/// A text as a literal.
fn string(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn table_in<'a>(schema: &'a Schema, name: &str) -> Result<&'a Table> {
    schema.tables.get(name).ok_or_else(|| Error::migration(format!("there is no table `{name}`")))
}

fn must_be_empty(sql: String) -> DdlStep {
    DdlStep { sql, run: DdlRun::MustBeEmpty }
}

fn create_table(table: &Table) -> Result<Vec<DdlStep>> {
    let mut steps = vec![DdlStep::plain(definition(table, &table.name)?)];
    steps.extend(table.indexes.iter().filter(|i| !is_unnamed(i)).map(|index| create_index(&table.name, index)));
    Ok(steps)
}

/// `CREATE TABLE` under a name.
fn definition(table: &Table, name: &str) -> Result<String> {
    let mut lines = Vec::new();
    for column in &table.columns {
        lines.push(column_definition(table, column)?);
    }
    let key_column = table.columns.iter().any(|c| c.increment);
    if !key_column && !table.primary_key.is_empty() {
        lines.push(format!("PRIMARY KEY ({})", list(table.primary_key.iter().map(|c| quote(c)))));
    }
    for index in table.indexes.iter().filter(|i| is_unnamed(i)) {
        lines.push(format!("UNIQUE ({})", list(index.columns.iter().map(|(c, _)| quote(c)))));
    }
    lines.extend(table.foreign_keys.iter().map(foreign_key));
    Ok(format!("CREATE TABLE {} (\n    {}\n)", quote(name), lines.join(",\n    ")))
}

fn list(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

fn column_definition(table: &Table, column: &Column) -> Result<String> {
    let name = quote(&column.name);
    if column.increment {
        return counting_column(table, column, &name);
    }
    let mut text = format!("{name} {}", declared::type_of(column.kind));
    if !column.null {
        text.push_str(" NOT NULL");
    }
    if let Some(default) = &column.default {
        text.push_str(&format!(" DEFAULT {}", default_literal(table, column, default)?));
    }
    if !column.check.is_empty() {
        let constraint = name_of("ck", &table.name, &[&column.name]);
        let values = list(column.check.iter().map(|v| match v {
            CheckValue::Text(v) => string(v),
            CheckValue::Int(v) => v.to_string(),
        }));
        text.push_str(&format!(" CONSTRAINT {} CHECK ({name} IN ({values}))", quote(&constraint)));
    }
    Ok(text)
}

/// Keys are never given out twice, and stay within what the model's field holds.
fn counting_column(table: &Table, column: &Column, name: &str) -> Result<String> {
    if table.primary_key != [column.name.clone()] {
        return Err(Error::unsupported(format!(
            "on SQLite only the primary key counts up; `{}.{}` is not it, or not all of it",
            table.name, column.name
        )));
    }
    let check = match declared::counting_bound(column.kind) {
        Some(Some(bound)) => format!(" CHECK ({name} <= {bound})"),
        Some(None) => String::new(),
        None => {
            return Err(Error::unsupported(format!(
                "a column that counts up holds integers; `{}.{}` holds a {}",
                table.name,
                column.name,
                column.kind.name()
            )));
        }
    };
    Ok(format!("{name} INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT{check}"))
}

/// A default as `DEFAULT` takes it.
fn default_literal(table: &Table, column: &Column, default: &Default) -> Result<String> {
    let literal = literal(table, column, default)?;
    Ok(if *default == Default::Now { format!("({literal})") } else { literal })
}

/// A default as an expression.
fn literal(table: &Table, column: &Column, default: &Default) -> Result<String> {
    declared::literal(default, column.kind)
        .map_err(|words| Error::migration(format!("the default of `{}.{}` {words}", table.name, column.name)))
}

fn foreign_key(key: &ForeignKey) -> String {
    let action = match key.on_delete {
        OnDelete::Cascade => " ON DELETE CASCADE",
        OnDelete::SetNull => " ON DELETE SET NULL",
        OnDelete::SetDefault => " ON DELETE SET DEFAULT",
        OnDelete::Restrict => " ON DELETE RESTRICT",
        OnDelete::NoAction => "",
    };
    format!(
        "CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {} ({}){action}",
        quote(&key.name),
        quote(&key.column),
        quote(&key.target),
        quote(&key.target_column)
    )
}

fn create_index(table: &str, index: &Index) -> DdlStep {
    let columns = list(index.columns.iter().map(|(c, descending)| quote(c) + if *descending { " DESC" } else { "" }));
    let unique = if index.unique { "UNIQUE " } else { "" };
    let name = if is_unnamed(index) {
        let names: Vec<&str> = index.columns.iter().map(|(c, _)| c.as_str()).collect();
        name_of("uq", table, &names)
    } else {
        index.name.clone()
    };
    DdlStep::plain(format!("CREATE {unique}INDEX {} ON {} ({columns})", quote(&name), quote(table)))
}

/// The index of a `UNIQUE` constraint, which SQLite names itself.
fn is_unnamed(index: &Index) -> bool {
    index.name.starts_with("sqlite_autoindex_")
}

fn drop_table(table: &Table, before: &Schema) -> Result<Vec<DdlStep>> {
    let name = &table.name;
    let points_here = |t: &&Table| t.name != *name && t.foreign_keys.iter().any(|k| k.target == *name);
    if let Some(other) = before.tables.values().find(points_here) {
        return Err(Error::migration(format!(
            "`{name}` cannot be dropped while a foreign key of `{}` points at it",
            other.name
        )));
    }
    // Tables that the schema does not know may point here too; SQLite would delete their rows, or refuse, without a word why.
    let mut steps = vec![must_be_empty(format!(
        "SELECT 'a foreign key of `' || s.name || '` points at `' || f.\"table\" || '`' \
         FROM sqlite_schema s, pragma_foreign_key_list(s.name) f \
         WHERE s.type = 'table' AND f.\"table\" = {0} COLLATE NOCASE AND s.name <> {0} COLLATE NOCASE",
        string(name)
    ))];
    steps.push(DdlStep::plain(format!("DROP TABLE {}", quote(name))));
    if table.foreign_keys.iter().any(|k| k.target == *name) {
        // Dropping a table deletes its rows first, and a foreign key to the table itself may refuse that.
        return Ok(rebuild::without_foreign_keys(steps));
    }
    Ok(steps)
}

fn add_column(after: &Table, column: &Column, fill: Option<&Default>) -> Result<Option<Vec<DdlStep>>> {
    let constant = column.default.as_ref().is_none_or(|d| *d != Default::Now);
    let filled_by_default = column.null || column.default.is_some() && fill.is_none();
    if !constant || !filled_by_default || column.increment || after.primary_key.contains(&column.name) {
        return Ok(None);
    }
    let definition = column_definition(after, column)?;
    let mut steps = vec![DdlStep::plain(format!("ALTER TABLE {} ADD COLUMN {definition}", quote(&after.name)))];
    if let Some(fill) = fill {
        steps.push(DdlStep::plain(format!(
            "UPDATE {} SET {} = {}",
            quote(&after.name),
            quote(&column.name),
            literal(after, column, fill)?
        )));
    }
    Ok(Some(steps))
}

fn drop_column(schema: &Schema, before: &Table, name: &str) -> Result<Option<Vec<DdlStep>>> {
    let points_here = |k: &ForeignKey| k.target == before.name && k.target_column == name;
    let other = schema.tables.values().find(|t| t.foreign_keys.iter().any(|k| k.column != name && points_here(k)));
    if let Some(other) = other {
        return Err(Error::migration(format!(
            "`{}.{name}` cannot be dropped while a foreign key of `{}` points at it",
            before.name, other.name
        )));
    }
    let indexed = before.indexes.iter().any(|i| i.columns.iter().any(|(c, _)| c == name));
    let key = before.foreign_keys.iter().any(|k| k.column == name);
    if indexed || key || before.primary_key.iter().any(|c| c == name) {
        return Ok(None);
    }
    Ok(Some(vec![DdlStep::plain(format!("ALTER TABLE {} DROP COLUMN {}", quote(&before.name), quote(name)))]))
}
