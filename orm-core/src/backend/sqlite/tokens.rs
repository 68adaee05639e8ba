//! SQL text in tokens: as much as it takes to read the text of a `CREATE TABLE`.

use std::ops::Range;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A bare word, in capitals, with how it was written.
    Word(String, String),
    /// A quoted name.
    Quoted(String),
    Text(String),
    Symbol(char),
}

impl Token {
    pub(super) fn is(&self, word: &str) -> bool {
        matches!(self, Token::Word(found, _) if found == word)
    }

    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Token::Word(_, name) | Token::Quoted(name) => Some(name),
            Token::Text(_) | Token::Symbol(_) => None,
        }
    }
}

/// The parts between commas, up to the parenthesis that closes the table.
pub(super) fn items(tokens: &[Token]) -> Vec<&[Token]> {
    let (mut items, mut start, mut depth) = (Vec::new(), 0, 0);
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Symbol('(') => depth += 1,
            Token::Symbol(')') if depth == 0 => {
                items.push(&tokens[start..at]);
                return items;
            }
            Token::Symbol(')') => depth -= 1,
            Token::Symbol(',') if depth == 0 => {
                items.push(&tokens[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    items
}

pub(super) fn tokens(sql: &str) -> Vec<Token> {
    spanned(sql).into_iter().map(|(token, _)| token).collect()
}

/// The tokens, each with its place in the text. Comments are none.
pub(super) fn spanned(sql: &str) -> Vec<(Token, Range<usize>)> {
    let mut tokens = Vec::new();
    let mut rest = sql;
    while let Some(c) = rest.chars().next() {
        let start = sql.len() - rest.len();
        let mut found = |token, length: usize| {
            tokens.push((token, start..start + length));
            length
        };
        let length = match c {
            '\'' | '"' | '`' | '[' => {
                let (text, length) = quoted(rest, if c == '[' { ']' } else { c });
                found(if c == '\'' { Token::Text(text) } else { Token::Quoted(text) }, length)
            }
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest[2..].find("*/").map_or(rest.len(), |end| end + 4),
            c if is_word(c) => {
                let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                found(Token::Word(rest[..length].to_ascii_uppercase(), rest[..length].to_owned()), length)
            }
            c if c.is_whitespace() => c.len_utf8(),
            c => found(Token::Symbol(c), c.len_utf8()),
        };
        rest = &rest[length..];
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '.')
}

/// A quoted text with its length in the source; the quote stands in it twice for itself.
fn quoted(source: &str, close: char) -> (String, usize) {
    let mut text = String::new();
    let mut chars = source.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c != close {
            text.push(c);
        } else if close != ']' && chars.peek().is_some_and(|(_, next)| *next == close) {
            chars.next();
            text.push(c);
        } else {
            return (text, at + c.len_utf8());
        }
    }
    (text, source.len())
}
