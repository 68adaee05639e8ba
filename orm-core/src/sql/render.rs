//! From sea-query's statements to text: the only place that names its builders. Parameters travel as marks in the
//! text, so that pieces can be put together in any order, and become placeholders at the very end.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;

use sea_query::{
    MysqlQueryBuilder, PostgresQueryBuilder, QueryBuilder, SelectStatement, SqlWriter, SqliteQueryBuilder,
};

use super::{Bind, Plan};
use crate::dialect::{Dialect, Syntax};
use crate::error::{Error, Result};
use crate::value::Kind;

/// Starts and ends a mark; identifiers with control characters never get here.
const MARK: char = '\u{1}';

/// The mark of a bind.
pub(super) fn mark(bind: usize) -> String {
    format!("{MARK}{bind}{MARK}")
}

/// A writer that leaves a mark for each parameter; the parameter's value is the number of its bind. The builder is given
/// values only for `LIMIT` and `OFFSET`, and `before` stands before those.
#[derive(Debug)]
struct Marked {
    text: String,
    before: &'static str,
}

impl Write for Marked {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.text.push_str(text);
        Ok(())
    }
}

impl std::fmt::Display for Marked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl SqlWriter for Marked {
    fn push_param<T: QueryBuilder>(&mut self, value: sea_query::Value, _: &T) {
        if let sea_query::Value::BigUnsigned(Some(bind)) = value {
            let _ = write!(self.text, "{}{MARK}{bind}{MARK}", self.before);
        }
    }

    fn as_writer(&mut self) -> &mut dyn Write {
        self
    }
}

/// The text of a select, with marks.
pub(super) fn select(statement: &SelectStatement, dialect: &'static dyn Dialect) -> String {
    let mut text = Marked { text: String::with_capacity(256), before: dialect.before_limit() };
    match dialect.syntax() {
        Syntax::Numbered => statement.build_collect_any_into(&PostgresQueryBuilder, &mut text),
        Syntax::Backtick => statement.build_collect_any_into(&MysqlQueryBuilder, &mut text),
        Syntax::Question => statement.build_collect_any_into(&SqliteQueryBuilder, &mut text),
    }
    text.text
}

/// Fills `{0}`, `{1}`… of a template.
pub(super) fn fill(template: &str, operands: &[&str]) -> String {
    let mut out = String::with_capacity(template.len() + operands.iter().map(|o| o.len()).sum::<usize>());
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        let tail = &rest[at + 1..];
        match tail.find('}').and_then(|end| Some((end, tail[..end].parse::<usize>().ok()?))) {
            Some((end, index)) => {
                out.push_str(operands.get(index).copied().unwrap_or_default());
                rest = &tail[end + 1..];
            }
            None => {
                out.push('{');
                rest = tail;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Marks to placeholders, binds into their order.
pub(super) fn finish(marked: &str, binds: &[Bind], columns: Vec<Kind>, dialect: &'static dyn Dialect) -> Result<Plan> {
    let mut sql = String::with_capacity(marked.len());
    let mut order: Vec<usize> = Vec::new();
    let mut numbers: HashMap<usize, usize> = HashMap::new();
    for (i, piece) in marked.split(MARK).enumerate() {
        if i % 2 == 0 {
            sql.push_str(piece);
            continue;
        }
        let bind: usize = piece.parse().map_err(|_| Error::invalid_query("a name holds a control character"))?;
        if dialect.syntax() == Syntax::Numbered {
            let number = *numbers.entry(bind).or_insert_with(|| {
                order.push(bind);
                order.len()
            });
            let _ = write!(sql, "${number}");
        } else {
            order.push(bind);
            sql.push('?');
        }
    }
    if sql.contains('\0') {
        return Err(Error::invalid_query("a name holds a NUL character"));
    }
    if order.len() > dialect.max_parameters() {
        return Err(Error::invalid_query(format!(
            "the statement binds {} values, and {} takes {} at most",
            order.len(),
            dialect.name(),
            dialect.max_parameters()
        )));
    }
    let binds = order.into_iter().map(|b| binds[b].clone()).collect();
    Ok(Plan { sql: Arc::from(sql), binds, columns: columns.into() })
}
