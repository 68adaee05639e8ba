//! The next definition of a table that is rebuilt: what the schema changes is written anew, all else stays as the table
//! has it, the parts included that were added by hand (`CHECK`, `COLLATE`, generated columns, `STRICT`…). What can
//! neither stay nor be meant to go is an error.

use super::super::tokens::tokens;
use super::parts::{Clause, ColumnParts, Parts, What, names, parse, same};

/// What a rebuild does to a table.
pub(in super::super) struct Change<'a> {
    /// The table's text as it is.
    pub(in super::super) live: &'a str,
    /// As the schema would write it before, and after.
    pub(in super::super) before: &'a str,
    pub(in super::super) after: &'a str,
    /// Columns that are others than those of the same name before.
    pub(in super::super) fresh: Vec<String>,
    /// Columns whose values are written in another form.
    pub(in super::super) converted: Vec<String>,
}

/// The text of the new table.
///
/// # Errors
/// Which part cannot be kept, and why.
pub(in super::super) fn carry(change: &Change<'_>) -> Result<String, String> {
    let unread = |words: String| format!("says `{words}`, which a rebuild might lose");
    let (live, before, after) = (
        parse(change.live).map_err(unread)?,
        parse(change.before).map_err(unread)?,
        parse(change.after).map_err(unread)?,
    );
    let fresh = |name: &str| change.fresh.iter().any(|f| f.eq_ignore_ascii_case(name));
    let gone = before.columns.iter().filter(|c| after.column(&c.name).is_none()).map(|c| c.name.as_str());
    let gone = gone.chain(change.fresh.iter().map(String::as_str)).collect();
    let converted = change.converted.iter().map(String::as_str).collect();
    let keeps_key = keeps_key(&live, &before, &after, &fresh)?;
    let mut carrier = Carrier { live: &live, before: &before, after: &after, gone, converted, keeps_key };
    let mut lines = Vec::new();
    for column in &after.columns {
        lines.push(match (live.column(&column.name), before.column(&column.name)) {
            (Some(had), Some(known)) if !fresh(&column.name) => carrier.column(had, known, column)?,
            (Some(_), None) => {
                return Err(format!("has a column `{}` already, which the schema does not know", column.name));
            }
            _ => column.text(),
        });
    }
    for column in &before.columns {
        if live.column(&column.name).is_none() {
            return Err(format!("has no column `{}`, which the schema knows", column.name));
        }
    }
    for column in live.columns.iter().filter(|c| before.column(&c.name).is_none()) {
        lines.push(carrier.unknown(column)?);
    }
    lines.extend(carrier.constraints()?);
    let options = options(&live, &after, &carrier)?;
    Ok(format!("{} (\n    {}\n){options}", after.head, lines.join(",\n    ")))
}

impl Parts {
    fn column(&self, name: &str) -> Option<&ColumnParts> {
        self.columns.iter().find(|c| c.name.eq_ignore_ascii_case(name))
    }

    /// The primary key's columns, and the column that it is written at.
    fn key(&self) -> (Vec<String>, Option<&str>) {
        for column in &self.columns {
            if column.clauses.iter().any(|c| c.what == What::PrimaryKey) {
                return (vec![column.name.to_lowercase()], Some(&column.name));
            }
        }
        let key = self.constraints.iter().find(|c| c.what == What::PrimaryKey);
        (key.map(|c| c.columns(None)).unwrap_or_default(), None)
    }
}

impl ColumnParts {
    fn text(&self) -> String {
        self.with(self.clauses.iter().map(|c| c.text.clone()))
    }

    fn with(&self, clauses: impl Iterator<Item = String>) -> String {
        std::iter::once(self.head.clone()).chain(clauses).collect::<Vec<_>>().join(" ")
    }

    fn has(&self, what: What) -> bool {
        self.clauses.iter().any(|c| c.what == what)
    }

    fn is_same(&self, other: &ColumnParts) -> bool {
        same(&tokens(&self.text()), &tokens(&other.text()))
    }
}

/// Whether the key stays as the table has it.
fn keeps_key(live: &Parts, before: &Parts, after: &Parts, fresh: &dyn Fn(&str) -> bool) -> Result<bool, String> {
    let ((has, at), (was, was_at), (becomes, becomes_at)) = (live.key(), before.key(), after.key());
    if was != becomes {
        return Ok(false);
    }
    if has != was {
        return Err(format!("has the primary key ({}), not ({})", has.join(", "), was.join(", ")));
    }
    let stays = |column: Option<&str>| {
        column.is_none_or(|name| {
            let both = before.column(name).zip(after.column(name));
            !fresh(name) && both.is_some_and(|(before, after)| before.is_same(after))
        })
    };
    Ok(was_at == becomes_at && stays(at) && stays(becomes_at))
}

struct Carrier<'a> {
    live: &'a Parts,
    before: &'a Parts,
    after: &'a Parts,
    gone: Vec<&'a str>,
    converted: Vec<&'a str>,
    keeps_key: bool,
}

impl Carrier<'_> {
    /// A column that stays.
    fn column(&self, had: &ColumnParts, known: &ColumnParts, becomes: &ColumnParts) -> Result<String, String> {
        let name = Some(had.name.as_str());
        let moves_key = !self.keeps_key && (had.has(What::PrimaryKey) || becomes.has(What::PrimaryKey));
        if known.is_same(becomes) && !moves_key {
            let mut kept = Vec::new();
            for clause in &had.clauses {
                if self.stays(clause, name)? {
                    kept.push(clause.text.clone());
                }
            }
            return Ok(had.with(kept.into_iter()));
        }
        let mut clauses: Vec<String> = becomes.clauses.iter().map(|c| c.text.clone()).collect();
        for clause in &had.clauses {
            let by_hand = match clause.what {
                What::NotNull => !known.has(What::NotNull) && !becomes.has(What::NotNull),
                What::Default => !known.has(What::Default) && !becomes.has(What::Default),
                What::Check => !known.clauses.iter().any(|k| same(&k.tokens, &clause.tokens)),
                What::Collate | What::Unique | What::ForeignKey => true,
                What::PrimaryKey => false,
                What::Generated => {
                    return Err(format!(
                        "generates `{}`: `{}`; a generated column does not change",
                        had.name, clause.text
                    ));
                }
            };
            if by_hand && self.stays(clause, name)? {
                clauses.push(clause.text.clone());
            } else if !by_hand {
                refuse_conflict(clause)?;
            }
        }
        Ok(becomes.with(clauses.into_iter()))
    }

    /// A column that the schema does not know.
    fn unknown(&self, column: &ColumnParts) -> Result<String, String> {
        for clause in &column.clauses {
            self.stays(clause, Some(&column.name))?;
        }
        Ok(column.text())
    }

    /// Whether a clause stays that no change of its column touches.
    fn stays(&self, clause: &Clause, owner: Option<&str>) -> Result<bool, String> {
        match clause.what {
            What::PrimaryKey => {
                if !self.keeps_key {
                    refuse_conflict(clause)?;
                }
                Ok(self.keeps_key)
            }
            What::NotNull | What::Default | What::Collate => Ok(true),
            What::Check | What::Generated => {
                self.refuse_if_it_reads(clause, &self.gone, "which goes; take it away first")?;
                let words = "whose values change their form; take it away first, and make it again after";
                self.refuse_if_it_reads(clause, &self.converted, words)?;
                Ok(true)
            }
            What::Unique | What::ForeignKey => {
                let alike = |known: &&Clause| is_same_constraint(known, clause, owner);
                if self.before.constraints.iter().any(|c| alike(&c)) {
                    let stays = self.after.constraints.iter().find(alike);
                    let before = self.before.constraints.iter().find(alike);
                    return Ok(stays.zip(before).is_some_and(|(a, b)| a.text == b.text));
                }
                self.refuse_if_it_reads(clause, &self.gone, "which goes; take it away first")?;
                Ok(true)
            }
        }
    }

    fn refuse_if_it_reads(&self, clause: &Clause, columns: &[&str], why: &str) -> Result<(), String> {
        match columns.iter().find(|c| clause.names(c)) {
            Some(column) => Err(format!("has `{}`, which reads `{column}`, {why}", clause.text)),
            None => Ok(()),
        }
    }

    /// The constraints of the table: those that it has and keeps, and those that are new.
    fn constraints(&mut self) -> Result<Vec<String>, String> {
        let mut out = Vec::new();
        let mut kept: Vec<(&Clause, Option<&str>)> = Vec::new();
        for clause in &self.live.constraints {
            if self.stays(clause, None)? {
                out.push(clause.text.clone());
                kept.push((clause, None));
            }
        }
        let of_columns =
            || self.live.columns.iter().flat_map(|c| c.clauses.iter().map(|clause| (clause, Some(c.name.as_str()))));
        for (clause, owner) in of_columns() {
            let column_goes = owner.is_some_and(|name| self.gone.iter().any(|g| g.eq_ignore_ascii_case(name)));
            if !column_goes && self.stays(clause, owner)? {
                kept.push((clause, owner));
            }
        }
        for clause in &self.after.constraints {
            let is_there = match clause.what {
                What::PrimaryKey => self.keeps_key,
                _ => kept.iter().any(|(k, owner)| is_same_constraint(clause, k, *owner)),
            };
            if is_there {
                continue;
            }
            // A foreign key that only changes its action keeps what else was said of it.
            let all = self.live.constraints.iter().map(|c| (c, None)).chain(of_columns());
            let had = all.filter(|(c, owner)| is_same_constraint(clause, c, *owner)).flat_map(|(c, _)| c.tail.clone());
            out.push(std::iter::once(clause.text.clone()).chain(had).collect::<Vec<_>>().join(" "));
        }
        Ok(out)
    }
}

fn refuse_conflict(clause: &Clause) -> Result<(), String> {
    if clause.says("CONFLICT") {
        return Err(format!("has `{}`, which the change would drop; take it away first", clause.text));
    }
    Ok(())
}

/// Whether a constraint that the schema wrote is the one that the table has.
fn is_same_constraint(known: &Clause, clause: &Clause, owner: Option<&str>) -> bool {
    let columns = |c: &Clause, owner| {
        let mut columns = c.columns(owner);
        if c.what == What::Unique {
            columns.sort_unstable();
        }
        columns
    };
    known.what == clause.what && columns(known, None) == columns(clause, owner) && known.target() == clause.target()
}

fn options(live: &Parts, after: &Parts, carrier: &Carrier<'_>) -> Result<String, String> {
    let words = tokens(&live.options);
    if words.iter().any(|t| t.is("STRICT")) {
        const TYPES: [&str; 6] = ["INT", "INTEGER", "REAL", "TEXT", "BLOB", "ANY"];
        let written = |c: &&ColumnParts| carrier.before.column(&c.name).is_none_or(|b| !b.is_same(c));
        if let Some(column) = after.columns.iter().filter(written).find(|c| !TYPES.contains(&c.declared.as_str())) {
            return Err(format!(
                "is STRICT and takes no column of type `{}`, which `{}` becomes",
                column.declared, column.name
            ));
        }
    }
    let counts = after.columns.iter().flat_map(|c| &c.clauses).any(|c| c.says("AUTOINCREMENT"));
    if counts && !carrier.keeps_key && words.iter().any(|t| t.is("WITHOUT")) {
        return Err("is WITHOUT ROWID and cannot count its key up".to_owned());
    }
    Ok(if words.is_empty() { String::new() } else { format!(" {}", live.options) })
}

/// Whether the text of an index names a column.
pub(in super::super) fn reads(sql: &str, column: &str) -> bool {
    names(&tokens(sql), column)
}

/// The names in a list of them, as a statement gives it.
pub(in super::super) fn list_of_names(list: &str) -> Vec<String> {
    tokens(list).iter().filter_map(|t| t.name().map(str::to_owned)).collect()
}
