//! A table rebuilt under its own name: new definition, rows copied, the old table dropped, the new one renamed.
//!
//! The order of the steps is that of <https://www.sqlite.org/lang_altertable.html#otheralter>. Views and other tables'
//! foreign keys and triggers name the table by text and stay as they are; the table's own triggers, and its indexes that
//! stay, are kept aside and made again. What its definition says beyond the schema is carried over (`carry`).

use super::{convert, create_index, definition, is_unnamed, list, literal, must_be_empty, quote, string};
use crate::error::{Error, Result};
use crate::schema::{Column, DdlRun, DdlStep, Default, Index, Schema, SchemaChange, Table};

/// Changes of one table that share a rebuild.
pub(super) struct Rebuild {
    before: Table,
    after: Table,
    /// What must hold before anything is copied, since the last time it was asked for.
    checks: Vec<DdlStep>,
    /// Whether there were any.
    checked: bool,
    /// What each column gets.
    values: Vec<(String, String)>,
    /// New columns under the names of old ones.
    fresh: Vec<String>,
    /// Columns whose values are written in another form.
    converted: Vec<String>,
}

impl Rebuild {
    /// Of a table that does not change yet.
    pub(super) fn new(table: &Table) -> Self {
        Rebuild {
            before: table.clone(),
            after: table.clone(),
            checks: Vec::new(),
            checked: false,
            values: table.columns.iter().map(|c| (c.name.clone(), quote(&c.name))).collect(),
            fresh: Vec::new(),
            converted: Vec::new(),
        }
    }

    /// Makes one more change of the table a part of this.
    pub(super) fn absorb(&mut self, change: &SchemaChange) -> Result<()> {
        apply(&mut self.after, change)?;
        match change {
            SchemaChange::AddColumn { column, fill, .. } => self.add_column(column, fill.as_ref()),
            SchemaChange::DropColumn { column, .. } => {
                let name = &column.name;
                self.values.retain(|(c, _)| c != name);
                self.after.indexes.retain(|i| !i.columns.iter().any(|(c, _)| c == name));
                self.after.foreign_keys.retain(|k| k.column != *name);
                self.after.primary_key.retain(|c| c != name);
                Ok(())
            }
            SchemaChange::AlterColumn { from, to, fill, .. } => self.alter_column(from, to, fill.as_ref()),
            SchemaChange::AlterPrimaryKey { .. }
            | SchemaChange::AddForeignKey { .. }
            | SchemaChange::DropForeignKey { .. }
            | SchemaChange::CreateIndex { .. }
            | SchemaChange::DropIndex { .. }
            | SchemaChange::CommentTable { .. } => Ok(()),
            SchemaChange::CreateTable(_)
            | SchemaChange::DropTable(_)
            | SchemaChange::RenameTable { .. }
            | SchemaChange::RenameColumn { .. } => Err(Error::migration("a rebuild does not do that")),
        }
    }

    /// Lets a name change before the rebuild instead of after what it has absorbed; whether that is the same.
    pub(super) fn renamed_first(&mut self, change: &SchemaChange) -> Result<bool> {
        let untouched = Rebuild::new(&self.before).values == self.values && !self.checked;
        let is_free = match change {
            SchemaChange::RenameTable { .. } => true,
            SchemaChange::RenameColumn { from, to, .. } => {
                self.before.column(from).is_some() && self.before.column(to).is_none()
            }
            _ => false,
        };
        if !untouched || !is_free || !self.fresh.is_empty() {
            return Ok(false);
        }
        apply(&mut self.before, change)?;
        apply(&mut self.after, change)?;
        self.values = Rebuild::new(&self.before).values;
        Ok(true)
    }

    /// The checks of what was absorbed since they were taken last.
    pub(super) fn take_checks(&mut self) -> Vec<DdlStep> {
        self.checked |= !self.checks.is_empty();
        std::mem::take(&mut self.checks)
    }

    fn set(&mut self, column: &str, value: String) {
        self.values.retain(|(c, _)| c != column);
        self.values.push((column.to_owned(), value));
    }

    fn add_column(&mut self, column: &Column, fill: Option<&Default>) -> Result<()> {
        if self.before.column(&column.name).is_some() {
            self.fresh.push(column.name.clone());
        }
        match fill.or(column.default.as_ref()) {
            Some(value) => self.set(&column.name, literal(&self.after, column, value)?),
            None if column.null => self.set(&column.name, "NULL".to_owned()),
            // A counting column fills itself.
            None if column.increment => {}
            None => {
                self.checks.push(must_be_empty(format!(
                    "SELECT {} FROM {} LIMIT 1",
                    string(&format!(
                        "the rows of `{}` need a value for `{}`, which takes no NULL",
                        self.after.name, column.name
                    )),
                    quote(&self.after.name)
                )));
                self.set(&column.name, "NULL".to_owned());
            }
        }
        Ok(())
    }

    fn alter_column(&mut self, from: &Column, to: &Column, fill: Option<&Default>) -> Result<()> {
        if *to == (Column { comment: to.comment.clone(), ..from.clone() }) {
            return Ok(());
        }
        let Some((_, source)) = self.values.iter().find(|(c, _)| *c == from.name).cloned() else {
            // A new column that counts has no rows to convert.
            return Ok(());
        };
        let place = format!("{}.{}", self.before.name, from.name);
        let table = quote(&self.before.name);
        let refuse = |words: &str, condition: String| {
            must_be_empty(format!(
                "SELECT {} || quote({source}) || {} FROM {table} WHERE {condition} LIMIT 1",
                string(&format!("`{place}` holds ")),
                string(words),
            ))
        };
        let mut value = source.clone();
        if from.kind != to.kind {
            let Some(conversion) = convert::conversion(from.kind, to.kind, &source) else {
                return Err(Error::unsupported(format!(
                    "`{place}` cannot change from {} to {} on SQLite; add another column and fill it from this one",
                    from.kind.name(),
                    to.kind.name()
                )));
            };
            let words = format!(", which does not become a {}", to.kind.name());
            for condition in conversion.refused {
                self.checks.push(refuse(&words, format!("{source} IS NOT NULL AND ({condition})")));
            }
            value = conversion.value;
            if value != source {
                self.converted.push(from.name.clone());
            }
        }
        match fill {
            Some(fill) => value = format!("coalesce({value}, {})", literal(&self.after, to, fill)?),
            None if from.null && !to.null => {
                let words = ", which it is not to hold any more";
                self.checks.push(refuse(words, format!("{source} IS NULL")));
            }
            None => {}
        }
        self.set(&to.name, value);
        Ok(())
    }

    /// The rebuild itself, to be run without foreign keys; its checks have been taken.
    pub(super) fn steps(self) -> Result<Vec<DdlStep>> {
        let (table, new) = (&self.after.name, format!("_orm_new_{}", self.after.name));
        let (old_name, new_name) = (string(table), string(&new));
        let mut steps = vec![must_be_empty(
            "SELECT 'foreign keys are enforced: dropping the old table would delete rows of others' \
             FROM pragma_foreign_keys WHERE foreign_keys <> 0"
                .to_owned(),
        )];
        let gone = self.before.columns.iter().map(|c| &c.name).filter(|c| self.after.column(c).is_none());
        let gone: Vec<&String> = gone.chain(&self.fresh).collect();
        let carried = self.carried(&new)?;
        steps.push(must_be_empty(format!(
            "SELECT {} || refused FROM (SELECT orm_refused({carried}) AS refused FROM {}) WHERE refused IS NOT NULL",
            string(&format!("`{table}` ")),
            of_table(table)
        )));
        steps.extend(self.indexes_that_read(&gone));
        steps.push(DdlStep::plain(format!(
            "CREATE TEMP TABLE _orm_kept AS SELECT sql FROM main.sqlite_schema \
             WHERE tbl_name = {old_name} COLLATE NOCASE AND sql IS NOT NULL \
             AND (type = 'trigger' OR type = 'index' AND name NOT IN ({})) ORDER BY rowid",
            list(self.replaced().map(|i| string(&i.name)))
        )));
        steps.push(DdlStep::plain(format!("CREATE TEMP TABLE _orm_orphans AS {}", orphans(&old_name))));
        steps.push(run_rows(format!("SELECT orm_carried({carried}) FROM {}", of_table(table))));
        steps.push(run_rows(self.copy(&new)));
        let counts = |t: &Table| t.columns.iter().any(|c| c.increment);
        if counts(&self.before) && counts(&self.after) {
            // Else the keys of rows that were deleted would be given out again. The table is there once a key was counted.
            let statements = [
                format!("DELETE FROM sqlite_sequence WHERE name = {new_name}"),
                format!(
                    "INSERT INTO sqlite_sequence (name, seq) SELECT {new_name}, seq FROM sqlite_sequence WHERE name = {old_name}"
                ),
            ];
            let rows = statements.map(|sql| format!("({})", string(&sql)));
            steps.push(run_rows(format!(
                "SELECT column1 FROM (VALUES {}) WHERE EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence')",
                rows.join(", ")
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
        let made = self.after.indexes.iter().filter(|i| !is_unnamed(i) && !self.before.indexes.contains(i));
        steps.extend(made.map(|index| create_index(table, index)));
        steps.push(run_rows("SELECT sql FROM temp._orm_kept ORDER BY rowid".to_owned()));
        if !gone.is_empty() {
            // Renaming any table makes SQLite read all views and triggers, and say which of them needs what is gone.
            let probe = [
                "CREATE TABLE _orm_probe (x)",
                "ALTER TABLE _orm_probe RENAME TO _orm_probed",
                "DROP TABLE _orm_probed",
            ];
            steps.extend(probe.map(DdlStep::plain));
        }
        steps.push(must_be_empty(format!(
            "SELECT 'rows of `' || now.child || '` point at rows of `' || now.parent || '` that do not exist' \
             FROM ({}) now LEFT JOIN temp._orm_orphans old ON old.child = now.child AND old.parent = now.parent \
             WHERE now.n > coalesce(old.n, 0)",
            orphans(&old_name)
        )));
        steps.push(DdlStep::plain("DROP TABLE temp._orm_kept"));
        steps.push(DdlStep::plain("DROP TABLE temp._orm_orphans"));
        Ok(steps)
    }

    /// The arguments of the functions that write the new definition.
    fn carried(&self, new: &str) -> Result<String> {
        let names = |columns: &[String]| string(&list(columns.iter().map(|c| quote(c))));
        Ok(format!(
            "sql, {}, {}, {}, {}",
            string(&definition(&self.before, new)?),
            string(&definition(&self.after, new)?),
            names(&self.fresh),
            names(&self.converted)
        ))
    }

    /// Known indexes that go, or are made anew.
    fn replaced(&self) -> impl Iterator<Item = &Index> {
        self.before.indexes.iter().filter(|i| !self.after.indexes.contains(i))
    }

    /// What stops the rebuild: indexes made by hand over what goes, and over expressions or some rows only, whose meaning
    /// would change with the form of values.
    fn indexes_that_read(&self, gone: &[&String]) -> Vec<DdlStep> {
        let table = string(&self.after.name);
        let known = list(self.before.indexes.iter().map(|i| string(&i.name)));
        let check = |column: &str, condition: String, words: &str| {
            must_be_empty(format!(
                "SELECT {} || i.name || {} FROM main.sqlite_schema s JOIN pragma_index_list({table}) i ON i.name = s.name \
                 WHERE s.type = 'index' AND orm_reads(s.sql, {}) AND {condition}",
                string(&format!("`{}` has the index `", self.after.name)),
                string(&format!("`, which reads `{column}`, {words}")),
                string(column)
            ))
        };
        let gone = gone
            .iter()
            .map(|column| check(column, format!("i.name NOT IN ({known})"), "which goes; take it away first"));
        let special =
            "(i.partial OR EXISTS (SELECT 1 FROM pragma_index_xinfo(i.name) x WHERE x.cid = -2 AND x.key))".to_owned();
        let words = "whose values change their form; take it away first, and make it again after";
        let converted = self.converted.iter().map(|column| check(column, special.clone(), words));
        gone.chain(converted).collect()
    }

    /// Gives the statement that copies the rows: columns of the schema as it says, others as they are; what is generated
    /// generates itself.
    fn copy(&self, new: &str) -> String {
        let pairs = self.values.iter().map(|(column, value)| format!("({}, {})", string(column), string(value)));
        let known = list(self.before.columns.iter().map(|c| string(&c.name)));
        let table = string(&self.after.name);
        format!(
            "SELECT {} || group_concat(column1, ', ') || ') SELECT ' || group_concat(column2, ', ') || {} FROM (\
             SELECT printf('\"%w\"', column1) AS column1, column2 FROM (VALUES {}) WHERE NOT EXISTS (\
             SELECT 1 FROM pragma_table_xinfo({table}) WHERE hidden IN (2, 3) AND name = column1 COLLATE NOCASE) \
             UNION ALL SELECT printf('\"%w\"', name), printf('\"%w\"', name) FROM pragma_table_xinfo({table}) \
             WHERE hidden = 0 AND name COLLATE NOCASE NOT IN ({known}))",
            string(&format!("INSERT INTO {} (", quote(new))),
            string(&format!(" FROM {}", quote(&self.after.name))),
            list(pairs),
        )
    }
}

fn run_rows(sql: String) -> DdlStep {
    DdlStep { sql, run: DdlRun::RunRows }
}

fn of_table(name: &str) -> String {
    format!("main.sqlite_schema WHERE type = 'table' AND name = {} COLLATE NOCASE", string(name))
}

fn apply(table: &mut Table, change: &SchemaChange) -> Result<()> {
    let mut schema = Schema::default();
    schema.add(table.clone());
    schema.apply(change).map_err(Error::migration)?;
    let changed = schema.tables.into_values().next();
    changed.map(|t| *table = t).ok_or_else(|| Error::migration("a rebuilt table does not go"))
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
