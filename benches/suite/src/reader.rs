//! The row that every contender reads and stores.

use orm::prelude::*;

/// A reader of a library.
#[derive(Model, Debug, Clone, PartialEq)]
#[orm(table = "readers")]
pub struct Reader {
    /// The key.
    pub id: i64,
    /// A short text.
    pub name: String,
    /// Another.
    pub email: String,
    /// A text that is NULL in every other row.
    pub note: Option<String>,
    /// A number.
    pub visits: i64,
    /// A truth value.
    pub active: bool,
    /// A floating-point number.
    pub score: f64,
}

/// The columns without the key.
pub const COLUMNS: usize = 6;

impl Reader {
    /// The row of a number; each differs, since a database may skip writing what is equal.
    pub fn numbered(id: usize) -> Reader {
        Reader {
            id: id as i64,
            name: format!("Reader {id}"),
            email: format!("reader{id}@example.org"),
            note: id.is_multiple_of(2).then(|| format!("likes the number {id}")),
            visits: (id % 97) as i64,
            active: !id.is_multiple_of(3),
            score: id as f64 / 8.0,
        }
    }

    /// The rows from 1 to a number.
    pub fn first(count: usize) -> Vec<Reader> {
        (1..=count).map(Reader::numbered).collect()
    }
}
