//! Tables as they are, read from SQLite's own tables and from the text of their definitions (which alone has the names of
//! constraints and the values of checks).

mod definition;
#[cfg(test)]
mod tests;

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::schema::declared;
use crate::db::{Connection, Flow, Sink, Statement};
use crate::error::{Error, Result};
use crate::meta::OnDelete;
use crate::schema::{Column, ForeignKey, Index, Schema, Table, name_of};
use crate::value::{Cursor, Kind, Value};
use definition::Definition;

pub(super) async fn introspect(connection: Box<dyn Connection>) -> (Option<Box<dyn Connection>>, Result<Schema>) {
    let mut reader = Reader { connection: Some(connection) };
    let result = reader.schema().await;
    (reader.connection, result)
}

/// The name of the foreign key over a column, from the text of its table.
pub(super) fn foreign_key_name(definition: &str, column: &str) -> Option<String> {
    Definition::parse(definition).foreign_key_name(column).map(str::to_owned)
}

const TABLES: &str = "SELECT t.name, s.sql FROM pragma_table_list t \
     JOIN main.sqlite_schema s ON s.type = 'table' AND s.name = t.name \
     WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

struct Reader {
    connection: Option<Box<dyn Connection>>,
}

impl Reader {
    async fn schema(&mut self) -> Result<Schema> {
        let mut schema = Schema::default();
        let mut definitions = BTreeMap::new();
        for row in self.rows(TABLES, "tt").await? {
            let [Value::Text(name), Value::Text(sql)] = &row[..] else { return Err(unexpected()) };
            definitions.insert(name.to_string(), Definition::parse(sql));
            schema.add(Table {
                name: name.to_string(),
                columns: Vec::new(),
                primary_key: Vec::new(),
                indexes: Vec::new(),
                foreign_keys: Vec::new(),
                comment: String::new(),
            });
        }
        self.columns(&mut schema, &definitions).await?;
        self.indexes(&mut schema).await?;
        self.foreign_keys(&mut schema, &definitions).await?;
        Ok(schema)
    }

    async fn columns(&mut self, schema: &mut Schema, definitions: &BTreeMap<String, Definition>) -> Result<()> {
        let sql = "SELECT t.name, c.name, c.type, c.\"notnull\", c.dflt_value, c.pk, t.wr FROM pragma_table_list t \
             JOIN pragma_table_xinfo(t.name) c WHERE t.schema = 'main' AND t.type = 'table' AND c.hidden <> 1 \
             ORDER BY t.name, c.cid";
        let mut keys: BTreeMap<String, BTreeMap<i64, String>> = BTreeMap::new();
        for row in self.rows(sql, "tttitii").await? {
            let [
                Value::Text(table),
                Value::Text(name),
                Value::Text(declared),
                Value::Int(not_null),
                default,
                Value::Int(key),
                Value::Int(without_rowid),
            ] = &row[..]
            else {
                return Err(unexpected());
            };
            let definition = definitions.get(table.as_str()).and_then(|d| d.column(name));
            // The row's own number, which counts up by itself.
            let rowid = *key == 1 && declared.eq_ignore_ascii_case("INTEGER") && *without_rowid == 0;
            let bound = definition.and_then(|d| d.bound);
            let kind = if rowid { counting_kind(bound) } else { declared::kind_of(declared) };
            if *key > 0 {
                keys.entry(table.to_string()).or_default().insert(*key, name.to_string());
            }
            let Some(found) = schema.tables.get_mut(table.as_str()) else { continue };
            found.columns.push(Column {
                name: name.to_string(),
                kind,
                null: *not_null == 0 && *key == 0,
                default: match default {
                    Value::Text(text) => declared::default_of(text, kind),
                    _ => None,
                },
                increment: rowid,
                check: definition.map(|d| d.values.clone()).unwrap_or_default(),
                comment: String::new(),
            });
        }
        for (name, key) in keys {
            let Some(table) = schema.tables.get_mut(&name) else { continue };
            table.primary_key = key.into_values().collect();
            if table.primary_key.len() > 1 {
                // Only a key of one column is the row's number.
                for column in table.columns.iter_mut().filter(|c| c.increment) {
                    column.increment = false;
                }
            }
        }
        Ok(())
    }

    async fn indexes(&mut self, schema: &mut Schema) -> Result<()> {
        // Indexes over expressions (`cid` -2) and over some rows only are more than an index is here. The greatest
        // `seq` is the oldest.
        let sql = "SELECT t.name, i.name, i.\"unique\", x.name, x.\"desc\", x.cid FROM pragma_table_list t \
             JOIN pragma_index_list(t.name) i JOIN pragma_index_xinfo(i.name) x \
             WHERE t.schema = 'main' AND t.type = 'table' AND i.origin <> 'pk' AND NOT i.partial AND x.key \
             ORDER BY t.name, i.seq DESC, x.seqno";
        let mut found: Vec<(String, Index, bool)> = Vec::new();
        for row in self.rows(sql, "ttitii").await? {
            let [
                Value::Text(table),
                Value::Text(name),
                Value::Int(unique),
                column,
                Value::Int(descending),
                Value::Int(cid),
            ] = &row[..]
            else {
                return Err(unexpected());
            };
            if found.last().is_none_or(|(t, i, _)| *table != t.as_str() || *name != i.name.as_str()) {
                let index = Index { name: name.to_string(), columns: Vec::new(), unique: *unique == 1 };
                found.push((table.to_string(), index, true));
            }
            let Some((_, index, plain)) = found.last_mut() else { continue };
            match column {
                Value::Text(column) if *cid >= 0 => index.columns.push((column.to_string(), *descending == 1)),
                _ => *plain = false,
            }
        }
        for (table, index, plain) in found {
            if let (true, Some(table)) = (plain, schema.tables.get_mut(&table)) {
                table.indexes.push(index);
            }
        }
        Ok(())
    }

    async fn foreign_keys(&mut self, schema: &mut Schema, definitions: &BTreeMap<String, Definition>) -> Result<()> {
        // Of several columns there is no foreign key here. The greatest `id` is the first that was declared.
        let sql = "SELECT t.name, f.\"from\", f.\"table\", f.\"to\", f.on_delete FROM pragma_table_list t \
             JOIN pragma_foreign_key_list(t.name) f WHERE t.schema = 'main' AND t.type = 'table' \
             AND NOT EXISTS (SELECT 1 FROM pragma_foreign_key_list(t.name) g WHERE g.id = f.id AND g.seq > 0) \
             ORDER BY t.name, f.id DESC";
        for row in self.rows(sql, "ttttt").await? {
            let [Value::Text(name), Value::Text(column), Value::Text(target), to, Value::Text(on_delete)] = &row[..]
            else {
                return Err(unexpected());
            };
            let target_column = match to {
                Value::Text(to) => to.to_string(),
                // Without a column it is the key of the other table.
                _ => match schema.tables.get(target.as_str()).map(|t| &t.primary_key[..]) {
                    Some([key]) => key.clone(),
                    _ => continue,
                },
            };
            let named = definitions.get(name.as_str()).and_then(|d| d.foreign_key_name(column));
            let Some(table) = schema.tables.get_mut(name.as_str()) else { continue };
            table.foreign_keys.push(ForeignKey {
                name: named.map_or_else(|| name_of("fk", name, &[column]), str::to_owned),
                column: column.to_string(),
                target: target.to_string(),
                target_column,
                on_delete: match on_delete.as_str() {
                    "CASCADE" => OnDelete::Cascade,
                    "SET NULL" => OnDelete::SetNull,
                    "SET DEFAULT" => OnDelete::SetDefault,
                    "RESTRICT" => OnDelete::Restrict,
                    _ => OnDelete::NoAction,
                },
            });
        }
        Ok(())
    }

    /// The rows of a query; `kinds` has a letter for each column: `t` for text, `i` for an integer.
    async fn rows(&mut self, sql: &str, kinds: &str) -> Result<Vec<Vec<Value>>> {
        let Some(connection) = self.connection.take() else {
            return Err(Error::new(crate::ErrorKind::ConnectionLost, "the connection broke while tables were read"));
        };
        let columns: Arc<[Kind]> = kinds.chars().map(|k| if k == 'i' { Kind::Int64 } else { Kind::TEXT }).collect();
        let statement = Statement { sql: sql.into(), params: Vec::new(), columns, persistent: false };
        let ran = connection.run(statement, Box::new(Rows::default())).await;
        self.connection = ran.connection;
        ran.result?;
        let sink: Box<dyn Any> = ran.sink;
        sink.downcast::<Rows>().map(|rows| rows.0).map_err(|_| unexpected())
    }
}

fn counting_kind(bound: Option<i64>) -> Kind {
    [Kind::Int16, Kind::Int32]
        .into_iter()
        .find(|k| bound.is_some() && declared::counting_bound(*k) == Some(bound))
        .unwrap_or(Kind::Int64)
}

fn unexpected() -> Error {
    Error::database("SQLite describes its tables in a way that this library does not know")
}

#[derive(Default)]
struct Rows(Vec<Vec<Value>>);

impl Sink for Rows {
    fn row(&mut self, cursor: &mut dyn Cursor, columns: &[Kind]) -> Result<Flow> {
        let row: Result<Vec<Value>> =
            columns.iter().enumerate().map(|(i, kind)| cursor.cell(i, *kind).map(|c| c.to_value())).collect();
        self.0.push(row?);
        Ok(Flow::More)
    }
}
