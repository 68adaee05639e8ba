//! One table as it was and as it becomes, to the changes between: exactly, names included.

use orm_core::error::{Error, Result};
use orm_core::schema::{Column, Default, Schema, SchemaChange, Table};

/// The changes that make one table of another. `renamed` are columns that get another name; `fill` is what existing
/// rows get in a column that is new or refuses NULL from now on.
///
/// What names a column goes before the column is touched and comes back after: keys and indexes are named after their
/// columns, and no database lets all of them be renamed.
///
/// # Errors
/// If `renamed` names columns that are not there.
pub fn changes(
    from: &Table,
    to: &Table,
    renamed: &[(&str, &str)],
    fill: &dyn Fn(&Column) -> Option<Default>,
) -> Result<Vec<SchemaChange>> {
    let renames = renames(from, to, renamed);
    let kept = renamed_table(from, to, &renames)?;
    let mut out = Vec::new();
    for (old, new) in from.foreign_keys.iter().zip(&kept.foreign_keys) {
        if !to.foreign_keys.contains(new) {
            out.push(SchemaChange::DropForeignKey { table: from.name.clone(), key: old.clone() });
        }
    }
    for (old, new) in from.indexes.iter().zip(&kept.indexes) {
        if !to.indexes.contains(new) {
            out.push(SchemaChange::DropIndex { table: from.name.clone(), index: old.clone() });
        }
    }
    out.extend(renames);
    let table = || to.name.clone();
    for column in &to.columns {
        match kept.column(&column.name) {
            None => {
                out.push(SchemaChange::AddColumn { table: table(), column: column.clone(), fill: fill(column) });
            }
            Some(old) if old != column => out.push(SchemaChange::AlterColumn {
                table: table(),
                from: old.clone(),
                to: column.clone(),
                fill: if old.null && !column.null { fill(column).or_else(|| column.default.clone()) } else { None },
            }),
            Some(_) => {}
        }
    }
    if kept.primary_key != to.primary_key {
        let (from, to) = (kept.primary_key.clone(), to.primary_key.clone());
        out.push(SchemaChange::AlterPrimaryKey { table: table(), from, to });
    }
    for column in kept.columns.iter().filter(|c| to.column(&c.name).is_none()) {
        out.push(SchemaChange::DropColumn { table: table(), column: column.clone() });
    }
    for index in to.indexes.iter().filter(|i| !kept.indexes.contains(i)) {
        out.push(SchemaChange::CreateIndex { table: table(), index: index.clone() });
    }
    for key in to.foreign_keys.iter().filter(|k| !kept.foreign_keys.contains(k)) {
        out.push(SchemaChange::AddForeignKey { table: table(), key: key.clone() });
    }
    if kept.comment != to.comment {
        let (from, to) = (kept.comment.clone(), to.comment.clone());
        out.push(SchemaChange::CommentTable { table: table(), from, to });
    }
    Ok(out)
}

fn renames(from: &Table, to: &Table, renamed: &[(&str, &str)]) -> Vec<SchemaChange> {
    let mut out = Vec::new();
    if from.name != to.name {
        out.push(SchemaChange::RenameTable { from: from.name.clone(), to: to.name.clone() });
    }
    for (old, new) in renamed.iter().filter(|(old, new)| old != new) {
        let (from, name) = ((*old).to_owned(), (*new).to_owned());
        out.push(SchemaChange::RenameColumn { table: to.name.clone(), from, to: name });
    }
    out
}

fn renamed_table(from: &Table, to: &Table, renames: &[SchemaChange]) -> Result<Table> {
    let mut schema = Schema::default();
    schema.add(from.clone());
    for change in renames {
        schema.apply(change).map_err(Error::migration)?;
    }
    schema.tables.remove(&to.name).ok_or_else(|| Error::migration(format!("there is no table `{}`", to.name)))
}
