//! The text of a `CREATE TABLE` taken apart: columns, the clauses of each, constraints of the table, options. What cannot
//! be read is an error, never left out. The grammar is that of <https://www.sqlite.org/lang_createtable.html>.

use std::ops::Range;

use super::super::tokens::{Token, spanned};

/// A table's text in parts.
pub(super) struct Parts {
    /// What stands before the parentheses.
    pub(super) head: String,
    pub(super) columns: Vec<ColumnParts>,
    pub(super) constraints: Vec<Clause>,
    /// What stands after the last parenthesis: `STRICT`, `WITHOUT ROWID`.
    pub(super) options: String,
}

pub(super) struct ColumnParts {
    pub(super) name: String,
    /// Name and type, as written.
    pub(super) head: String,
    /// The declared type in capitals.
    pub(super) declared: String,
    pub(super) clauses: Vec<Clause>,
}

/// One clause of a column, or constraint of a table.
#[derive(Clone)]
pub(super) struct Clause {
    pub(super) what: What,
    /// Its words, without the name of the constraint.
    pub(super) tokens: Vec<Token>,
    /// As written, with the name.
    pub(super) text: String,
    /// What a foreign key says besides `ON DELETE`, as written.
    pub(super) tail: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    PrimaryKey,
    NotNull,
    Unique,
    Check,
    Default,
    Collate,
    ForeignKey,
    Generated,
}

type Spanned = (Token, Range<usize>);

/// Takes a text apart.
///
/// # Errors
/// The words that were not understood.
pub(super) fn parse(sql: &str) -> Result<Parts, String> {
    let all = spanned(sql);
    let open = all.iter().position(|(t, _)| *t == Token::Symbol('(')).ok_or("no parenthesis")?;
    let close = closing(&all, open).ok_or("no closing parenthesis")?;
    let (head, options) = (text(sql, &all[..open]), text(sql, &all[close + 1..]));
    let mut parts = Parts { head, columns: Vec::new(), constraints: Vec::new(), options };
    for item in split(&all[open + 1..close]) {
        let Some((first, _)) = item.first() else { return Err("an empty part".to_owned()) };
        if ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"].iter().any(|word| first.is(word)) {
            parts.constraints.extend(clauses(sql, item)?);
        } else {
            parts.columns.push(column(sql, item)?);
        }
    }
    Ok(parts)
}

fn column(sql: &str, item: &[Spanned]) -> Result<ColumnParts, String> {
    const STARTS: [&str; 10] =
        ["CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE", "REFERENCES", "GENERATED"];
    let name = match &item[0].0 {
        // An old habit that SQLite allows.
        Token::Text(name) => name.clone(),
        other => other.name().ok_or_else(|| text(sql, item))?.to_owned(),
    };
    let starts = |(t, _): &Spanned| STARTS.iter().any(|word| t.is(word)) || t.is("AS");
    let end = item.iter().skip(1).position(starts).map_or(item.len(), |at| at + 1);
    Ok(ColumnParts {
        name,
        head: text(sql, &item[..end]),
        declared: text(sql, &item[1..end]).to_ascii_uppercase(),
        clauses: clauses(sql, &item[end..])?,
    })
}

fn clauses(sql: &str, mut rest: &[Spanned]) -> Result<Vec<Clause>, String> {
    let mut out = Vec::new();
    while !rest.is_empty() {
        let named = if rest[0].0.is("CONSTRAINT") { 2 } else { 0 };
        let words = rest.get(named..).filter(|w| !w.is_empty()).ok_or_else(|| text(sql, rest))?;
        let mut reader = Reader { words, at: 0, tail: Vec::new() };
        let what = reader.clause().ok_or_else(|| text(sql, rest))?;
        let length = reader.at;
        if let Some(what) = what {
            out.push(Clause {
                what,
                tokens: words[..length].iter().map(|(t, _)| t.clone()).collect(),
                text: text(sql, &rest[..named + length]),
                tail: reader.tail.iter().map(|part| text(sql, &words[part.clone()])).collect(),
            });
        }
        rest = &rest[named + length..];
    }
    Ok(out)
}

/// Reads one clause, word by word.
struct Reader<'a> {
    words: &'a [Spanned],
    at: usize,
    tail: Vec<Range<usize>>,
}

impl Reader<'_> {
    fn is(&self, word: &str) -> bool {
        self.words.get(self.at).is_some_and(|(t, _)| t.is(word))
    }

    fn eat(&mut self, word: &str) -> bool {
        let found = self.is(word);
        self.at += usize::from(found);
        found
    }

    fn any(&mut self) -> Option<()> {
        self.words.get(self.at)?;
        self.at += 1;
        Some(())
    }

    fn parentheses(&mut self) -> Option<()> {
        if self.words.get(self.at)?.0 != Token::Symbol('(') {
            return None;
        }
        self.at = closing(self.words, self.at)? + 1;
        Some(())
    }

    fn maybe_parentheses(&mut self) {
        let _ = self.parentheses();
    }

    /// `None` for what is not understood, `Some(None)` for what says nothing (`NULL`).
    fn clause(&mut self) -> Option<Option<What>> {
        let what = if self.eat("PRIMARY") {
            self.eat("KEY").then_some(())?;
            self.maybe_parentheses();
            let _ = self.eat("ASC") || self.eat("DESC");
            self.conflict()?;
            self.eat("AUTOINCREMENT");
            What::PrimaryKey
        } else if self.eat("NOT") {
            self.eat("NULL").then_some(())?;
            self.conflict()?;
            What::NotNull
        } else if self.eat("NULL") {
            self.conflict()?;
            return Some(None);
        } else if self.eat("UNIQUE") {
            self.maybe_parentheses();
            self.conflict()?;
            What::Unique
        } else if self.eat("CHECK") {
            self.parentheses()?;
            self.conflict()?;
            What::Check
        } else if self.eat("DEFAULT") {
            if self.parentheses().is_none() {
                let sign = [Token::Symbol('-'), Token::Symbol('+')];
                self.at += usize::from(self.words.get(self.at).is_some_and(|(t, _)| sign.contains(t)));
                let blob = self.is("X");
                // `1e-7` is three tokens.
                let number =
                    |t: &Token| t.name().is_some_and(|n| n.starts_with(|c: char| c.is_ascii_digit() || c == '.'));
                let power = self
                    .words
                    .get(self.at)
                    .is_some_and(|(t, _)| number(t) && t.name().is_some_and(|n| n.ends_with(['e', 'E'])));
                self.any()?;
                if power && self.words.get(self.at).is_some_and(|(t, _)| sign.contains(t)) {
                    self.at += 1;
                    self.any()?;
                }
                self.at += usize::from(blob && matches!(self.words.get(self.at), Some((Token::Text(_), _))));
            }
            What::Default
        } else if self.eat("COLLATE") {
            self.any()?;
            What::Collate
        } else if self.eat("FOREIGN") {
            self.eat("KEY").then_some(())?;
            self.parentheses()?;
            self.eat("REFERENCES").then_some(())?;
            self.reference()?;
            What::ForeignKey
        } else if self.eat("REFERENCES") {
            self.reference()?;
            What::ForeignKey
        } else if self.eat("GENERATED") || self.is("AS") {
            self.eat("ALWAYS");
            self.eat("AS").then_some(())?;
            self.parentheses()?;
            let _ = self.eat("STORED") || self.eat("VIRTUAL");
            What::Generated
        } else {
            return None;
        };
        Some(Some(what))
    }

    fn conflict(&mut self) -> Option<()> {
        if self.eat("ON") {
            self.eat("CONFLICT").then_some(())?;
            self.any()?;
        }
        Some(())
    }

    fn reference(&mut self) -> Option<()> {
        self.any()?;
        self.maybe_parentheses();
        loop {
            let start = self.at;
            if self.eat("ON") {
                let delete = self.eat("DELETE");
                if !delete {
                    self.eat("UPDATE").then_some(())?;
                }
                let _ = self.eat("SET") || self.eat("NO");
                self.any()?;
                if !delete {
                    self.tail.push(start..self.at);
                }
            } else if self.eat("MATCH") {
                self.any()?;
                self.tail.push(start..self.at);
            } else if self.is("DEFERRABLE")
                || self.is("NOT") && self.words.get(self.at + 1).is_some_and(|(t, _)| t.is("DEFERRABLE"))
            {
                self.eat("NOT");
                self.eat("DEFERRABLE");
                if self.eat("INITIALLY") {
                    self.any()?;
                }
                self.tail.push(start..self.at);
            } else {
                return Some(());
            }
        }
    }
}

impl Clause {
    /// The columns that a key or constraint is over, in small letters: those in its parentheses, else its column.
    pub(super) fn columns(&self, owner: Option<&str>) -> Vec<String> {
        if let Some(owner) = owner {
            return vec![owner.to_lowercase()];
        }
        let Some(open) = self.tokens.iter().position(|t| *t == Token::Symbol('(')) else { return Vec::new() };
        let items = super::super::tokens::items(&self.tokens[open + 1..]);
        items.iter().filter_map(|item| item.first()?.name()).map(str::to_lowercase).collect()
    }

    /// The table that a foreign key points into, in small letters.
    pub(super) fn target(&self) -> Option<String> {
        let at = self.tokens.iter().position(|t| t.is("REFERENCES"))?;
        self.tokens.get(at + 1)?.name().map(str::to_lowercase)
    }

    /// Whether a column is named in it.
    pub(super) fn names(&self, column: &str) -> bool {
        names(&self.tokens, column)
    }

    pub(super) fn says(&self, word: &str) -> bool {
        self.tokens.iter().any(|t| t.is(word))
    }
}

/// Whether tokens hold a name; `table.column` is one word.
pub(super) fn names(tokens: &[Token], column: &str) -> bool {
    let last = |name: &str| name.rsplit('.').next().is_some_and(|n| n.eq_ignore_ascii_case(column));
    tokens.iter().any(|t| match t {
        Token::Word(_, name) => last(name),
        Token::Quoted(name) => name.eq_ignore_ascii_case(column),
        Token::Text(_) | Token::Symbol(_) => false,
    })
}

/// Whether two runs of tokens are the same, however names are quoted.
pub(super) fn same(a: &[Token], b: &[Token]) -> bool {
    a.len() == b.len()
        && a.iter().zip(b).all(|(a, b)| match (a.name(), b.name()) {
            (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
            _ => a == b,
        })
}

/// The source of some tokens, from the first to the last.
fn text(sql: &str, tokens: &[Spanned]) -> String {
    match (tokens.first(), tokens.last()) {
        (Some((_, first)), Some((_, last))) => sql[first.start..last.end].to_owned(),
        _ => String::new(),
    }
}

fn closing(tokens: &[Spanned], open: usize) -> Option<usize> {
    let mut depth = 0;
    for (at, (token, _)) in tokens.iter().enumerate().skip(open) {
        match token {
            Token::Symbol('(') => depth += 1,
            Token::Symbol(')') if depth == 1 => return Some(at),
            Token::Symbol(')') => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The parts between commas that stand in no parentheses.
fn split(tokens: &[Spanned]) -> Vec<&[Spanned]> {
    let (mut out, mut start, mut depth) = (Vec::new(), 0, 0);
    for (at, (token, _)) in tokens.iter().enumerate() {
        match token {
            Token::Symbol('(') => depth += 1,
            Token::Symbol(')') => depth -= 1,
            Token::Symbol(',') if depth == 0 => {
                out.push(&tokens[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    out.push(&tokens[start..]);
    out
}
