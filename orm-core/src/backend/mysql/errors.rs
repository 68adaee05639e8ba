//! What the server refuses, in the library's terms. Values that it quotes never get into a message.

use sqlx::mysql::MySqlDatabaseError;

use crate::error::{Error, ErrorKind};

/// What an error leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Damage {
    /// The statement did nothing; the connection is well.
    Statement,
    /// The server rolled the whole transaction back.
    Transaction,
    /// The connection must not be used again.
    Connection,
}

/// The library's error for one of the driver, and what it leaves behind.
pub(super) fn of_driver(error: sqlx::Error, sql: &str) -> (Error, Damage) {
    let refused = match &error {
        sqlx::Error::Database(inner) => inner.try_downcast_ref::<MySqlDatabaseError>(),
        _ => None,
    };
    let Some(refused) = refused else {
        return (lost(error).with_sql(sql), Damage::Connection);
    };
    let (number, state, message) = (refused.number(), refused.code().unwrap_or_default(), refused.message());
    (of_server(number, state, message).with_sql(sql), damage(number))
}

fn lost(error: sqlx::Error) -> Error {
    if let sqlx::Error::Protocol(words) = &error
        && words.starts_with("prepared statement expected")
    {
        // The driver would wait for an answer that never comes.
        return Error::invalid_query("the statement has another number of placeholders than of values");
    }
    let words = "the connection to the database broke; whether the statement took effect is unknown";
    Error::new(ErrorKind::ConnectionLost, words).with_source(error)
}

/// The error for what the server said.
pub(super) fn of_server(number: u16, state: &str, message: &str) -> Error {
    let kind = kind(number, state);
    let error = match kind {
        ErrorKind::UniqueViolation => match unique_name(message) {
            Some(name) => {
                Error::new(kind, format!("a row with this value is there already (`{name}`)")).with_constraint(name)
            }
            None => Error::new(kind, "a row with this value is there already"),
        },
        ErrorKind::ForeignKeyViolation => {
            let words = match number {
                1451 | 1217 => "other rows still point at this row",
                _ => "there is no row with this key to point at",
            };
            match between(message, "CONSTRAINT `", "`") {
                Some(name) => Error::new(kind, format!("{words} (`{name}`)")).with_constraint(name),
                None => Error::new(kind, words),
            }
        }
        ErrorKind::NotNullViolation => match between(message, "'", "'") {
            Some(column) => Error::new(kind, format!("the column `{column}` must have a value")).with_field(column),
            None => Error::new(kind, "a column must have a value"),
        },
        ErrorKind::CheckViolation => {
            let name = between(message, "CONSTRAINT `", "`").or_else(|| between(message, "'", "'"));
            match name {
                Some(name) => Error::new(kind, format!("the row breaks the rule `{name}`"))
                    .with_constraint(name.rsplit('.').next().unwrap_or(name)),
                None => Error::new(kind, "the row breaks a CHECK constraint"),
            }
        }
        _ => Error::new(kind, without_values(number, message)),
    };
    error.with_code(number.to_string())
}

fn kind(number: u16, state: &str) -> ErrorKind {
    match number {
        1022 | 1062 | 1169 | 1586 | 1859 => ErrorKind::UniqueViolation,
        1216 | 1217 | 1451 | 1452 => ErrorKind::ForeignKeyViolation,
        1048 | 1364 => ErrorKind::NotNullViolation,
        3819 => ErrorKind::CheckViolation,
        // MySQL has another error of this number.
        4025 if state == "23000" => ErrorKind::CheckViolation,
        // Too long, out of range, no such value, no number, no date, no JSON, a divisor of zero.
        1264 | 1265 | 1292 | 1365 | 1366 | 1367 | 1406 | 1411 | 1441 | 1525 | 1690 | 3140 | 4038 => {
            ErrorKind::InvalidValue
        }
        1049 | 1051 | 1054 | 1091 | 1109 | 1146 | 1176 | 1305 => ErrorKind::MissingObject,
        1020 | 1205 | 1213 | 1412 | 1614 | 3101 | 3572 => ErrorKind::Conflict,
        1317 | 1969 | 3024 => ErrorKind::Cancelled,
        1047 | 1053 | 1153 | 1156..=1161 | 1184 | 1927 | 2006 | 2013 | 3169 | 4031 => ErrorKind::ConnectionLost,
        1040 | 1044 | 1045 | 1129 | 1130 | 1203 | 1226 | 1251 | 1698 | 3118 => ErrorKind::Connect,
        _ => ErrorKind::Database,
    }
}

fn damage(number: u16) -> Damage {
    match number {
        // MariaDB's 1020 (another transaction changed the row since the snapshot) rolls back too.
        1020 | 1213 | 1614 | 3101 => Damage::Transaction,
        1047 | 1053 | 1153 | 1156..=1161 | 1184 | 1927 | 2006 | 2013 | 3169 | 4031 => Damage::Connection,
        _ => Damage::Statement,
    }
}

/// `Duplicate entry '…' for key 'name'`; MySQL says `table.name`. The value comes first and may hold anything.
fn unique_name(message: &str) -> Option<&str> {
    let (_, name) = message.rsplit_once("for key '")?;
    let name = name.strip_suffix('\'')?;
    Some(name.rsplit_once('.').map_or(name, |(_, name)| name))
}

fn between<'a>(message: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = message.split_once(before)?;
    rest.split_once(after).map(|(name, _)| name)
}

/// The server's words, without what may be a value. Quoted names stay where the number says that it is a name.
fn without_values(number: u16, message: &str) -> String {
    let names_only = matches!(
        number,
        1040 | 1044..=1046 | 1049..=1052 | 1054 | 1061 | 1064 | 1068 | 1071 | 1091 | 1109 | 1146 | 1176 | 1205 | 1213 | 1264 | 1305 | 1406
    );
    if names_only {
        return message.to_owned();
    }
    let message = match (message.find('\''), message.rfind('\'')) {
        (Some(first), Some(last)) if first < last => format!("{}'…'{}", &message[..first], &message[last + 1..]),
        _ => message.to_owned(),
    };
    // Rows are counted from the value list, and say nothing of it.
    match message.split_once(": ") {
        Some((words, _)) if matches!(number, 1292 | 1366) => words.to_owned(),
        _ => message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(number: u16, message: &str, kind: ErrorKind, words: &str, constraint: Option<&str>) {
        let error = of_server(number, "23000", message);
        assert_eq!((error.kind(), error.message(), error.constraint()), (kind, words, constraint));
    }

    #[test]
    fn refusals_name_the_constraint_and_never_the_value() {
        let there = "a row with this value is there already (`uq_a_b`)";
        let entry = "Duplicate entry 'secret' for key 'x' for key 'uq_a_b'";
        check(1062, entry, ErrorKind::UniqueViolation, there, Some("uq_a_b"));
        check(1062, "Duplicate entry 's' for key 'a.uq_a_b'", ErrorKind::UniqueViolation, there, Some("uq_a_b"));
        check(
            1452,
            "Cannot add or update a child row: a foreign key constraint fails (`d`.`c`, CONSTRAINT `fk_c_p` FOREIGN KEY (`p`) REFERENCES `p` (`id`))",
            ErrorKind::ForeignKeyViolation,
            "there is no row with this key to point at (`fk_c_p`)",
            Some("fk_c_p"),
        );
        let rule = "the row breaks the rule `ck_a`";
        check(4025, "CONSTRAINT `ck_a` failed for `d`.`a`", ErrorKind::CheckViolation, rule, Some("ck_a"));
        check(3819, "Check constraint 'ck_a' is violated.", ErrorKind::CheckViolation, rule, Some("ck_a"));
        let incorrect = "Incorrect integer value: 'it's a secret' for column `d`.`a`.`n` at row 1";
        check(1366, incorrect, ErrorKind::InvalidValue, "Incorrect integer value", None);
        check(9999, "Odd 'secret' thing", ErrorKind::Database, "Odd '…' thing", None);
        assert_eq!(damage(1213), Damage::Transaction);
    }
}
