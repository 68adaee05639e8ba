//! What went wrong in SQLite, as the library's errors.

use rusqlite::{Connection, ErrorCode, ffi};

use crate::error::{Error, ErrorKind};

/// A failure on the way through a statement, before it is told whether to try again.
pub(super) enum Failure {
    Sqlite(rusqlite::Error),
    Ours(Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Failure::Sqlite(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Ours(error)
    }
}

impl Failure {
    /// Whether another connection holds the lock that was needed, so that waiting may help. A transaction that read
    /// before another one wrote (517) can only begin anew.
    pub(super) fn is_busy(&self) -> bool {
        matches!(self.codes(), Some((ErrorCode::DatabaseBusy, extended)) if extended != ffi::SQLITE_BUSY_SNAPSHOT)
    }

    /// Whether the connection should not be used again: the file behind it is damaged or out of reach.
    pub(super) fn is_fatal(&self) -> bool {
        matches!(
            self.codes(),
            Some((
                ErrorCode::SystemIoFailure
                    | ErrorCode::DatabaseCorrupt
                    | ErrorCode::NotADatabase
                    | ErrorCode::OutOfMemory,
                _
            ))
        )
    }

    fn codes(&self) -> Option<(ErrorCode, i32)> {
        match self {
            Failure::Sqlite(
                rusqlite::Error::SqliteFailure(error, _) | rusqlite::Error::SqlInputError { error, .. },
            ) => Some((error.code, error.extended_code)),
            _ => None,
        }
    }

    pub(super) fn into_error(self, db: &Connection, sql: &str) -> Error {
        match self {
            Failure::Ours(error) => error.with_sql(sql),
            Failure::Sqlite(error) => error_of(error, Some(db)).with_sql(sql),
        }
    }
}

/// The library's error for one of SQLite. With a connection, the constraint's name is looked up.
pub(super) fn error_of(error: rusqlite::Error, db: Option<&Connection>) -> Error {
    let (code, extended, message) = match &error {
        rusqlite::Error::SqliteFailure(e, message) => {
            (e.code, e.extended_code, message.clone().unwrap_or_else(|| e.to_string()))
        }
        rusqlite::Error::SqlInputError { error: e, msg, .. } => (e.code, e.extended_code, msg.clone()),
        rusqlite::Error::MultipleStatement => {
            return Error::invalid_query("the text holds more than one statement").with_source(error);
        }
        rusqlite::Error::NulError(_) => {
            return Error::invalid_query("the statement holds a NUL character").with_source(error);
        }
        other => return Error::database(other.to_string()).with_source(error),
    };
    let mapped = match code {
        ErrorCode::ConstraintViolation => constraint(extended, &message, db),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            Error::new(ErrorKind::Conflict, "the database is in use by another transaction")
        }
        ErrorCode::OperationInterrupted => Error::new(ErrorKind::Cancelled, "the statement was interrupted"),
        ErrorCode::TooBig => Error::invalid_value("a text or a list of bytes is larger than SQLite holds"),
        ErrorCode::TypeMismatch => Error::invalid_value(message),
        ErrorCode::CannotOpen => Error::new(ErrorKind::Connect, message),
        ErrorCode::Unknown => of_words(message),
        _ => Error::database(message),
    };
    mapped.with_code(extended.to_string()).with_source(error)
}

/// `RESTRICT` is told as a trigger's doing; only the words tell it from a trigger of the table's own.
pub(super) fn is_foreign_key(extended: i32, message: &str) -> bool {
    extended == ffi::SQLITE_CONSTRAINT_FOREIGNKEY
        || (extended == ffi::SQLITE_CONSTRAINT_TRIGGER && message == "FOREIGN KEY constraint failed")
}

fn constraint(extended: i32, message: &str, db: Option<&Connection>) -> Error {
    let names = message.split_once("constraint failed: ").map(|(_, names)| names);
    if is_foreign_key(extended, message) {
        return Error::new(
            ErrorKind::ForeignKeyViolation,
            "a foreign key would point at a row that does not exist (SQLite does not say which)",
        );
    }
    match extended {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
            let error = Error::new(ErrorKind::UniqueViolation, "another row holds the same value");
            let error = unique(error, names.unwrap_or_default(), db);
            // It has no name of its own; this is what MySQL calls it.
            if extended == ffi::SQLITE_CONSTRAINT_UNIQUE { error } else { error.with_constraint("PRIMARY") }
        }
        ffi::SQLITE_CONSTRAINT_NOTNULL => {
            let error = Error::new(ErrorKind::NotNullViolation, "the column takes no NULL");
            names.and_then(|n| n.rsplit_once('.')).into_iter().fold(error, |e, (_, column)| e.with_field(column))
        }
        ffi::SQLITE_CONSTRAINT_CHECK => {
            let error = Error::new(ErrorKind::CheckViolation, "a check refuses the row");
            names.into_iter().fold(error, |e, name| e.with_constraint(name))
        }
        ffi::SQLITE_CONSTRAINT_DATATYPE => Error::invalid_value(message.to_owned()),
        _ => Error::database(message.to_owned()),
    }
}

/// `t.a, t.b`, or `index 'name'` for an index over expressions.
fn unique(error: Error, names: &str, db: Option<&Connection>) -> Error {
    if let Some(index) = names.strip_prefix("index '").and_then(|n| n.strip_suffix('\'')) {
        return error.with_constraint(index);
    }
    let parts: Vec<(&str, &str)> = names.split(", ").filter_map(|n| n.rsplit_once('.')).collect();
    let error = parts.iter().fold(error, |e, (_, column)| e.with_field(*column));
    let Some((table, _)) = parts.first() else { return error };
    let columns: Vec<&str> = parts.iter().map(|(_, column)| *column).collect();
    match db.and_then(|db| unique_index(db, table, &columns).ok().flatten()) {
        Some(index) => error.with_constraint(index),
        None => error,
    }
}

/// The unique index of a table over these columns; not the unnamed one of its key.
fn unique_index(db: &Connection, table: &str, columns: &[&str]) -> rusqlite::Result<Option<String>> {
    let mut statement = db.prepare_cached(
        "SELECT i.name, group_concat(x.name, char(0)) FROM pragma_index_list(?1) i, pragma_index_info(i.name) x \
         WHERE i.\"unique\" AND i.origin <> 'pk' GROUP BY i.name",
    )?;
    let mut rows = statement.query([table])?;
    while let Some(row) = rows.next()? {
        if row.get_ref(1)?.as_str_or_null().ok().flatten().is_some_and(|c| c.split('\0').eq(columns.iter().copied())) {
            return row.get(0).map(Some);
        }
    }
    Ok(None)
}

/// SQLite gives one code for all that it finds out while it reads a statement; only the words tell.
fn of_words(message: String) -> Error {
    let kind = if message.contains("no such savepoint") || message.contains("transaction") {
        ErrorKind::Transaction
    } else if message.starts_with("no such") || message.contains("has no column named") {
        ErrorKind::MissingObject
    } else if ["integer overflow", "malformed JSON", "pattern too complex", "is stored as", "is not UTF-8"]
        .iter()
        .any(|words| message.contains(words))
    {
        ErrorKind::InvalidValue
    } else if message.contains("Expression tree is too large") || message.contains("too many") {
        ErrorKind::InvalidQuery
    } else {
        ErrorKind::Database
    };
    Error::new(kind, message)
}
