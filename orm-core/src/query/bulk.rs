//! Many new rows of one model: they are sent as they come, and nothing is read back.

use super::constraint;
use super::insert::{filled, insert_batch, is_filled, is_plain, no_value};
use super::run::{Ignore, into_sink};
use crate::db::{Executor, Plans, Tx};
use crate::dialect::Dialect;
use crate::error::Result;
use crate::meta::{FieldMeta, ModelMeta};
use crate::model::{Given, NewRow};
use crate::sql::{Columns, Rows, Statement};
use crate::value::Value;

/// Where one text serves all lengths, this bounds what a statement holds.
const LISTED: usize = 10_000;

/// How many rows a statement inserts at most.
pub(super) fn most_rows(dialect: &'static dyn Dialect, fields: usize) -> usize {
    let Some(fit) = dialect.max_parameters().checked_div(fields) else { return 1 };
    if dialect.insert_lists().is_some() { LISTED } else { rounded(dialect.most_rows().min(fit)) }
}

/// How many of the rows that are left the next statement inserts.
pub(super) fn next_chunk(rest: usize, dialect: &'static dyn Dialect, fields: usize) -> usize {
    let most = most_rows(dialect, fields);
    if dialect.insert_lists().is_some() { rest.min(most) } else { rounded(rest.min(most)) }
}

/// A number of rows, with its first four binary digits kept. A text serves one number of rows: of a thousand numbers
/// some sixty are used, and any other is a sum of two or three of them.
pub(super) fn rounded(rows: usize) -> usize {
    let shift = rows.max(1).ilog2().saturating_sub(3);
    rows.max(1) >> shift << shift
}

/// Rows on their way into one table. Only those of a statement or two are held at once.
pub struct Batch {
    model: &'static ModelMeta,
    dialect: &'static dyn Dialect,
    row: NewRow,
    groups: Vec<Group>,
    /// The group of the row before: most rows give the same fields.
    last: usize,
    /// Rows that bring others along.
    others: Vec<NewRow>,
    count: u64,
    /// How many rows to make room for.
    expected: usize,
    /// A full statement. It is sent when another follows, since a single one needs no transaction.
    waiting: Option<Statement>,
    tx: Option<Tx>,
}

/// Rows that give the same fields.
struct Group {
    /// The fields as drafts give them.
    given: Vec<&'static FieldMeta>,
    columns: Columns,
    /// For each column, which of those given it takes; none where the value is made here.
    sources: Vec<Option<usize>>,
    most: usize,
    rows: Rows,
}

impl Batch {
    /// No rows yet, and about how many there will be.
    pub fn new(model: &'static ModelMeta, dialect: &'static dyn Dialect, expected: usize) -> Batch {
        Batch {
            model,
            dialect,
            row: NewRow::new(model),
            groups: Vec::new(),
            last: 0,
            others: Vec::new(),
            count: 0,
            expected,
            waiting: None,
            tx: None,
        }
    }

    /// The next row, to be given its values and then pushed.
    pub fn row(&mut self) -> &mut NewRow {
        &mut self.row
    }

    /// Takes the row. Where that makes up a full statement, it is to be given to [`Batch::send`].
    ///
    /// # Errors
    /// A value that its column does not hold.
    pub fn push(&mut self, plans: &Plans) -> Result<Option<Statement>> {
        self.count += 1;
        if !is_plain(&self.row) {
            self.others.push(std::mem::replace(&mut self.row, NewRow::new(self.model)));
            return Ok(None);
        }
        if !self.groups.get(self.last).is_some_and(|group| group.takes(&self.row)) {
            self.last = match self.groups.iter().position(|group| group.takes(&self.row)) {
                Some(place) => place,
                None => {
                    self.groups.push(Group::of(self.model, &self.row, self.dialect, self.expected));
                    self.groups.len() - 1
                }
            };
        }
        let group = &mut self.groups[self.last];
        group.push(&mut self.row).map_err(|e| constraint::explained(e, self.model))?;
        self.row.fields.clear();
        if group.rows.count < group.most {
            return Ok(None);
        }
        let next = group.columns.rows(group.most);
        group.columns.statement(std::mem::replace(&mut group.rows, next), &[], plans).map(Some)
    }

    /// Stores the rows of a full statement, in a transaction with all others.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn send(&mut self, db: &dyn Executor, statement: Statement) -> Result<()> {
        let Some(before) = self.waiting.replace(statement) else { return Ok(()) };
        let model = self.model;
        let tx = self.transaction(db).await?;
        into_sink(tx, before, Ignore, model).await.map(drop)
    }

    async fn transaction(&mut self, db: &dyn Executor) -> Result<&Tx> {
        Ok(match &mut self.tx {
            Some(tx) => tx,
            none => none.insert(db.begin("insert").await?),
        })
    }

    /// Stores the rest of the rows; how many there were in all. After an error nothing is stored.
    ///
    /// # Errors
    /// The one given, or what the database refuses.
    pub async fn end(mut self, db: &dyn Executor, so_far: Result<()>) -> Result<u64> {
        let result = match so_far {
            Ok(()) => self.rest(db).await,
            Err(error) => Err(error),
        };
        match (self.tx, result) {
            (Some(tx), Ok(())) => tx.commit().await?,
            (Some(tx), Err(error)) => {
                // The error says why; that its connection is closed if this fails too is of no interest.
                let _ = tx.rollback().await;
                return Err(error);
            }
            (None, result) => result?,
        }
        Ok(self.count)
    }

    async fn rest(&mut self, db: &dyn Executor) -> Result<()> {
        let mut statements: Vec<Statement> = self.waiting.take().into_iter().collect();
        for group in std::mem::take(&mut self.groups) {
            group.rest(db, &mut statements)?;
        }
        let others = std::mem::take(&mut self.others);
        let model = self.model;
        if self.tx.is_none() && others.is_empty() && statements.len() <= 1 {
            for statement in statements {
                into_sink(db, statement, Ignore, model).await?;
            }
            return Ok(());
        }
        let tx = self.transaction(db).await?;
        for statement in statements {
            into_sink(tx, statement, Ignore, model).await?;
        }
        insert_batch(tx, others).await.map(drop)
    }
}

impl Group {
    fn of(model: &'static ModelMeta, row: &NewRow, dialect: &'static dyn Dialect, expected: usize) -> Group {
        let given: Vec<&'static FieldMeta> = row.fields.iter().map(|(field, _)| *field).collect();
        let mut fields = Vec::with_capacity(model.fields.len());
        let mut sources = Vec::with_capacity(model.fields.len());
        for field in model.fields {
            let source = given.iter().position(|g| std::ptr::eq(*g, field));
            if source.is_some() || is_filled(field) {
                fields.push(field);
                sources.push(source);
            }
        }
        let most = most_rows(dialect, fields.len());
        let columns = Columns::new(model, fields, dialect);
        Group { given, rows: columns.rows(expected.min(most)), columns, sources, most }
    }

    fn takes(&self, row: &NewRow) -> bool {
        self.given.len() == row.fields.len()
            && self.given.iter().zip(&row.fields).all(|(a, (b, _))| std::ptr::eq(*a, *b))
    }

    fn push(&mut self, row: &mut NewRow) -> Result<()> {
        self.columns.open(&mut self.rows);
        for (column, source) in self.sources.iter().enumerate() {
            let mut made;
            let value = match source {
                Some(place) => match &mut row.fields[*place].1 {
                    Given::Value(value) => value,
                    other => return Err(no_value(other, row.model, self.given[*place])),
                },
                None => {
                    made = filled(self.columns.fields()[column]).unwrap_or(Value::Null);
                    &mut made
                }
            };
            self.columns.set(&mut self.rows, column, value)?;
        }
        Ok(())
    }

    /// The statements of the rows that are left.
    fn rest(mut self, db: &dyn Executor, to: &mut Vec<Statement>) -> Result<()> {
        while self.rows.count > 0 {
            let size = next_chunk(self.rows.count, db.dialect(), self.columns.fields().len());
            let rest = self.columns.split_off(&mut self.rows, size);
            let rows = std::mem::replace(&mut self.rows, rest);
            to.push(self.columns.statement(rows, &[], db.plans())?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::rounded;

    #[test]
    fn few_numbers_of_rows_make_up_all() {
        for (rows, is) in [(0, 1), (1, 1), (10, 10), (16, 16), (17, 16), (127, 120), (1000, 960), (1024, 1024)] {
            assert_eq!(rounded(rows), is, "{rows}");
        }
        let parts = |mut rows: usize| {
            let mut parts = 0;
            while rows > 0 {
                rows -= rounded(rows);
                parts += 1;
            }
            parts
        };
        assert!((1..=1024).all(|rows| parts(rows) <= 3));
        let texts: std::collections::HashSet<usize> = (1..=1024).map(rounded).collect();
        assert_eq!(texts.len(), 64);
    }
}
