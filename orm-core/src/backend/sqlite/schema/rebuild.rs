//! A table rebuilt under its own name: new definition, rows copied, the old table dropped, the new one renamed.
//!
//! The order of the steps is that of <https://www.sqlite.org/lang_altertable.html#otheralter>. Views and other tables'
//! foreign keys and triggers name the table by text and stay as they are; the table's own triggers, and indexes that the
//! schema does not know, are kept aside and made again.

use super::{create_index, definition, list, must_be_empty, quote, string};
use crate::error::Result;
use crate::schema::{DdlRun, DdlStep, Table};

pub(super) struct Rebuild<'a> {
    before: &'a Table,
    after: &'a Table,
    checks: Vec<DdlStep>,
    values: Vec<(String, String)>,
}

impl<'a> Rebuild<'a> {
    /// From one definition to another; columns that both have are copied.
    pub(super) fn new(before: &'a Table, after: &'a Table) -> Self {
        let kept = after.columns.iter().filter(|c| before.column(&c.name).is_some());
        let values = kept.map(|c| (c.name.clone(), quote(&c.name))).collect();
        Rebuild { before, after, checks: Vec::new(), values }
    }

    /// Gives a column another value than the one it had.
    pub(super) fn set(&mut self, column: &str, value: String) {
        self.values.retain(|(c, _)| c != column);
        self.values.push((column.to_owned(), value));
    }

    /// Adds what must hold before anything is copied.
    pub(super) fn check(&mut self, step: DdlStep) {
        self.checks.push(step);
    }

    pub(super) fn steps(self) -> Result<Vec<DdlStep>> {
        let (table, new) = (&self.after.name, format!("_orm_new_{}", self.after.name));
        let (old_name, new_name) = (string(table), string(&new));
        let mut steps = vec![
            must_be_empty(
                "SELECT 'foreign keys are enforced: dropping the old table would delete rows of others' \
                 FROM pragma_foreign_keys WHERE foreign_keys <> 0"
                    .to_owned(),
            ),
            must_be_empty(format!(
                "SELECT {} || name || '`, which the schema does not know and a rebuild would lose' \
                 FROM pragma_table_xinfo({old_name}) WHERE name NOT IN ({})",
                string(&format!("`{table}` has a column `")),
                list(self.before.columns.iter().map(|c| string(&c.name)))
            )),
        ];
        steps.extend(self.checks);
        let known = list(self.before.indexes.iter().map(|i| string(&i.name)));
        let plain = [
            format!(
                "CREATE TEMP TABLE _orm_kept AS SELECT sql FROM main.sqlite_schema \
                 WHERE tbl_name = {old_name} COLLATE NOCASE AND sql IS NOT NULL \
                 AND (type = 'trigger' OR type = 'index' AND name NOT IN ({known})) ORDER BY rowid"
            ),
            format!("CREATE TEMP TABLE _orm_orphans AS {}", orphans(&old_name)),
            definition(self.after, &new)?,
            format!(
                "INSERT INTO {} ({}) SELECT {} FROM {}",
                quote(&new),
                list(self.values.iter().map(|(column, _)| quote(column))),
                list(self.values.iter().map(|(_, value)| value.clone())),
                quote(table)
            ),
        ];
        steps.extend(plain.map(DdlStep::plain));
        let counts = |t: &Table| t.columns.iter().any(|c| c.increment);
        if counts(self.before) && counts(self.after) {
            // Else the keys of rows that were deleted would be given out again.
            steps.push(DdlStep::plain(format!("DELETE FROM sqlite_sequence WHERE name = {new_name}")));
            steps.push(DdlStep::plain(format!(
                "INSERT INTO sqlite_sequence (name, seq) SELECT {new_name}, seq FROM sqlite_sequence WHERE name = {old_name}"
            )));
        }
        let plain = [
            format!("DROP TABLE {}", quote(table)),
            // Else the new name would be refused because of views that name the table, which is not there right now.
            "PRAGMA legacy_alter_table = ON".to_owned(),
            format!("ALTER TABLE {} RENAME TO {}", quote(&new), quote(table)),
            "PRAGMA legacy_alter_table = OFF".to_owned(),
        ];
        steps.extend(plain.map(DdlStep::plain));
        steps.extend(self.after.indexes.iter().map(|index| create_index(table, index)));
        steps.push(DdlStep { sql: "SELECT sql FROM temp._orm_kept ORDER BY rowid".to_owned(), run: DdlRun::RunRows });
        steps.push(must_be_empty(format!(
            "SELECT 'rows of `' || now.child || '` point at rows of `' || now.parent || '` that do not exist' \
             FROM ({}) now LEFT JOIN temp._orm_orphans old ON old.child = now.child AND old.parent = now.parent \
             WHERE now.n > coalesce(old.n, 0)",
            orphans(&old_name)
        )));
        steps.push(DdlStep::plain("DROP TABLE temp._orm_kept"));
        steps.push(DdlStep::plain("DROP TABLE temp._orm_orphans"));
        Ok(without_foreign_keys(steps))
    }
}

/// How many rows of the table, and of those that point at it, point at nothing: before and after, since rows that were
/// wrong before are none of the change's business.
fn orphans(table: &str) -> String {
    format!(
        "SELECT c.\"table\" AS child, c.parent AS parent, count(*) AS n FROM main.sqlite_schema s, \
         pragma_foreign_key_check(s.name) c WHERE s.type = 'table' AND (s.name = {table} COLLATE NOCASE OR EXISTS \
         (SELECT 1 FROM pragma_foreign_key_list(s.name) f WHERE f.\"table\" = {table} COLLATE NOCASE)) GROUP BY 1, 2"
    )
}

/// Steps during which no foreign key is enforced, so that dropping a table touches no other.
pub(super) fn without_foreign_keys(steps: Vec<DdlStep>) -> Vec<DdlStep> {
    let outside = |sql: &str| DdlStep { sql: sql.to_owned(), run: DdlRun::OutsideTransaction };
    let mut all = vec![outside("PRAGMA foreign_keys = OFF")];
    all.extend(steps);
    all.push(outside("PRAGMA foreign_keys = ON"));
    all
}
