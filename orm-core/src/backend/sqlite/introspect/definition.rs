//! What only the text of a `CREATE TABLE` says: the values that a check allows, and the names of foreign keys.

use super::super::tokens::{Token, items, tokens};
use crate::schema::CheckValue;

/// The parts of a `CREATE TABLE` that interest us.
#[derive(Debug, Default)]
pub(super) struct Definition {
    columns: Vec<(String, ColumnText)>,
    /// Column and name.
    foreign_keys: Vec<(String, String)>,
}

#[derive(Debug, Default)]
pub(super) struct ColumnText {
    /// The values of `CHECK (column IN (…))`.
    pub(super) values: Vec<CheckValue>,
    /// The number of `CHECK (column <= …)`.
    pub(super) bound: Option<i64>,
}

impl Definition {
    pub(super) fn parse(sql: &str) -> Definition {
        let tokens = tokens(sql);
        let mut definition = Definition::default();
        let Some(open) = tokens.iter().position(|t| *t == Token::Symbol('(')) else { return definition };
        for item in items(&tokens[open + 1..]) {
            definition.read(item);
        }
        definition
    }

    pub(super) fn column(&self, name: &str) -> Option<&ColumnText> {
        self.columns.iter().find(|(column, _)| column == name).map(|(_, text)| text)
    }

    pub(super) fn foreign_key_name(&self, column: &str) -> Option<&str> {
        self.foreign_keys.iter().find(|(c, _)| c == column).map(|(_, name)| name.as_str())
    }

    fn read(&mut self, item: &[Token]) {
        let Some(first) = item.first() else { return };
        let of_table = ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"].iter().any(|word| first.is(word));
        let owner = if of_table { None } else { first.name() };
        if let Some(name) = owner {
            self.columns.push((name.to_owned(), ColumnText::default()));
        }
        let mut constraint = None;
        for (at, token) in item.iter().enumerate() {
            let rest = &item[at + 1..];
            if token.is("CONSTRAINT") {
                constraint = rest.first().and_then(Token::name);
            } else if token.is("CHECK") {
                self.check(rest);
            } else if token.is("FOREIGN") {
                // FOREIGN KEY ( column )
                self.foreign_key(constraint.take(), rest.get(2).and_then(Token::name));
            } else if token.is("REFERENCES") && owner.is_some() {
                self.foreign_key(constraint.take(), owner);
            }
        }
    }

    fn foreign_key(&mut self, name: Option<&str>, column: Option<&str>) {
        if let (Some(name), Some(column)) = (name, column) {
            self.foreign_keys.push((column.to_owned(), name.to_owned()));
        }
    }

    /// `( column IN ( … ) )` and `( column <= … )`; other checks say nothing that a column could hold here.
    fn check(&mut self, tokens: &[Token]) {
        let [Token::Symbol('('), column, operator, rest @ ..] = tokens else { return };
        let Some((_, text)) = column.name().and_then(|c| self.columns.iter_mut().find(|(name, _)| name == c)) else {
            return;
        };
        match (operator, rest) {
            (Token::Symbol('<'), [Token::Symbol('='), Token::Word(number, _), Token::Symbol(')'), ..]) => {
                text.bound = number.parse().ok();
            }
            (operator, [Token::Symbol('('), list @ ..]) if operator.is("IN") => {
                text.values = values(list).unwrap_or_default();
            }
            _ => {}
        }
    }
}

/// Literals up to the closing parenthesis.
fn values(mut tokens: &[Token]) -> Option<Vec<CheckValue>> {
    let mut values = Vec::new();
    loop {
        let (value, rest) = match tokens {
            [Token::Text(text), rest @ ..] => (CheckValue::Text(text.clone()), rest),
            [Token::Symbol('-'), Token::Word(number, _), rest @ ..] => {
                (CheckValue::Int(format!("-{number}").parse().ok()?), rest)
            }
            [Token::Word(number, _), rest @ ..] => (CheckValue::Int(number.parse().ok()?), rest),
            _ => return None,
        };
        values.push(value);
        tokens = match rest {
            [Token::Symbol(','), rest @ ..] => rest,
            [Token::Symbol(')'), Token::Symbol(')'), ..] => return Some(values),
            _ => return None,
        };
    }
}
