//! Which foreign key refused a statement: SQLite does not say, so it is looked up afterwards, in the rows concerned.

use rusqlite::Connection;
use rusqlite::types::{Value, ValueRef};

use super::bind;
use super::failure::{Failure, error_of, is_foreign_key};
use crate::backend::sqlite::introspect::foreign_key_name;
use crate::db::Statement;

/// A foreign key as the database lists it.
struct Key {
    table: String,
    column: String,
    target: String,
    target_column: String,
    /// The text of the table that has it.
    definition: String,
}

/// A failure, with the foreign key that it is about if it is about one.
pub(super) fn name(failure: Failure, db: &Connection, statement: &Statement) -> Failure {
    let Failure::Sqlite(error) = failure else { return failure };
    let about = match &error {
        rusqlite::Error::SqliteFailure(e, Some(words)) => is_foreign_key(e.extended_code, words),
        _ => false,
    };
    if !about {
        return Failure::Sqlite(error);
    }
    let Ok(Some(key)) = broken(db, statement) else { return Failure::Sqlite(error) };
    let words = if statement.sql.starts_with("DELETE") {
        "other rows still point at this row"
    } else {
        "there is no row with this key to point at"
    };
    let named = error_of(error, None).with_message(words).with_field(&*key.column);
    Failure::Ours(match foreign_key_name(&key.definition, &key.column) {
        Some(name) => named.with_constraint(name),
        None => named,
    })
}

fn broken(db: &Connection, statement: &Statement) -> Result<Option<Key>, Failure> {
    let sql = &*statement.sql;
    if let Some(rest) = sql.strip_prefix("DELETE FROM ") {
        let Some((table, wheres)) = quoted(rest) else { return Ok(None) };
        return pointing_at(db, statement, &table, wheres);
    }
    let Some((table, _)) = sql.strip_prefix("INSERT INTO ").or_else(|| sql.strip_prefix("UPDATE ")).and_then(quoted)
    else {
        return Ok(None);
    };
    pointing_nowhere(db, statement, &table)
}

/// The quoted name that a text begins with, and the rest of it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut from = 1;
    text.strip_prefix('"')?;
    loop {
        let end = from + text.get(from..)?.find('"')?;
        if !text[end + 1..].starts_with('"') {
            return Some((text[1..end].replace("\"\"", "\""), &text[end + 1..]));
        }
        from = end + 2;
    }
}

fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn keys(db: &Connection, condition: &str, table: &str) -> rusqlite::Result<Vec<Key>> {
    let mut list = db.prepare(&format!(
        "SELECT t.name, f.\"from\", f.\"table\", f.\"to\", t.sql FROM sqlite_schema t, pragma_foreign_key_list(t.name) f \
         WHERE t.type = 'table' AND f.\"to\" IS NOT NULL AND {condition}"
    ))?;
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Key {
            table: row.get(0)?,
            column: row.get(1)?,
            target: row.get(2)?,
            target_column: row.get(3)?,
            definition: row.get(4)?,
        })
    };
    list.query_map([table], read)?.collect()
}

fn bound(statement: &mut rusqlite::Statement<'_>, of: &Statement) -> Result<(), Failure> {
    for (i, param) in of.params.iter().enumerate() {
        statement.raw_bind_parameter(i + 1, bind::bound(&param.value, param.kind)?)?;
    }
    Ok(())
}

/// The foreign key of a row that points at one that was to go, also along those that delete the rows that point.
fn pointing_at(db: &Connection, statement: &Statement, table: &str, wheres: &str) -> Result<Option<Key>, Failure> {
    let mut reached = vec![(table.to_owned(), wheres.to_owned(), 0)];
    while let Some((table, wheres, depth)) = reached.pop() {
        let rows = |key: &Key| {
            let (column, target) = (quote(&key.column), quote(&key.target_column));
            format!("{column} IN (SELECT {target} FROM {}{wheres})", quote(&table))
        };
        let to_here = "f.\"table\" = ?1 COLLATE NOCASE";
        for key in keys(db, &format!("{to_here} AND f.on_delete IN ('RESTRICT', 'NO ACTION')"), &table)? {
            let mut found = db.prepare(&format!("SELECT 1 FROM {} WHERE {} LIMIT 1", quote(&key.table), rows(&key)))?;
            bound(&mut found, statement)?;
            if found.raw_query().next()?.is_some() {
                return Ok(Some(key));
            }
        }
        if depth < MOST_CASCADES {
            for key in keys(db, &format!("{to_here} AND f.on_delete = 'CASCADE'"), &table)? {
                let wheres = format!(" WHERE {}", rows(&key));
                reached.insert(0, (key.table, wheres, depth + 1));
            }
        }
    }
    Ok(None)
}

/// How many deletions in a chain are followed. Rings of tables have no end, and the number of chains may double with each.
const MOST_CASCADES: usize = 6;

/// The foreign key of a row that was to point at one which is not there: the statement runs again in a savepoint that
/// puts such questions off, and is undone.
fn pointing_nowhere(db: &Connection, statement: &Statement, table: &str) -> Result<Option<Key>, Failure> {
    let keys = keys(db, "t.name = ?1 COLLATE NOCASE", table)?;
    if keys.is_empty() {
        return Ok(None);
    }
    db.execute_batch("SAVEPOINT orm_probe; PRAGMA defer_foreign_keys = 1")?;
    let found = first_missing(db, statement, &keys);
    db.execute_batch("ROLLBACK TO orm_probe; RELEASE orm_probe; PRAGMA defer_foreign_keys = 0")?;
    Ok(found?.and_then(|at| keys.into_iter().nth(at)))
}

fn first_missing(db: &Connection, statement: &Statement, keys: &[Key]) -> Result<Option<usize>, Failure> {
    let sql = &*statement.sql;
    let sql = sql.rsplit_once(" RETURNING ").map_or(sql, |(start, _)| start);
    let columns: Vec<String> = keys.iter().map(|key| quote(&key.column)).collect();
    let mut again = db.prepare(&format!("{sql} RETURNING {}", columns.join(", ")))?;
    bound(&mut again, statement)?;
    let mut given: Vec<Vec<Value>> = vec![Vec::new(); keys.len()];
    let mut rows = again.raw_query();
    while let Some(row) = rows.next()? {
        for (at, values) in given.iter_mut().enumerate() {
            match row.get_ref(at)? {
                ValueRef::Null => {}
                value => values.push(value.try_into().map_err(rusqlite::Error::from)?),
            }
        }
    }
    drop(rows);
    for (at, (key, values)) in keys.iter().zip(given).enumerate() {
        let sql = format!("SELECT 1 FROM {} WHERE {} = ?1", quote(&key.target), quote(&key.target_column));
        let mut target = db.prepare(&sql)?;
        for value in values {
            if !target.exists([value])? {
                return Ok(Some(at));
            }
        }
    }
    Ok(None)
}
