//! The server's and the driver's errors as the library's. Bound values never get into them: DETAIL is read for the names of
//! columns only, and messages about values are cut.

use sqlx::postgres::{PgDatabaseError, PgSeverity};

use crate::error::{Error, ErrorKind};

/// What went wrong on the wire or on the server.
pub(super) struct Fault {
    /// The error.
    pub error: Error,
    /// Whether the connection still stands.
    pub usable: bool,
    /// Whether the prepared statement was to blame, so that preparing it anew may help.
    pub stale: bool,
}

/// What became of a statement.
pub(super) fn fault(error: sqlx::Error, sql: Option<&str>) -> Fault {
    let mut fault = match error {
        sqlx::Error::Database(refusal) => match refusal.try_downcast_ref::<PgDatabaseError>() {
            Some(refusal) => refused(refusal),
            None => alive(Error::database(refusal.message().to_owned())),
        },
        sqlx::Error::Encode(cause) => alive(Error::invalid_value(format!("a value cannot be sent: {cause}"))),
        other => {
            let error = Error::new(ErrorKind::ConnectionLost, format!("the connection to PostgreSQL broke: {other}"));
            Fault { error: error.with_source(other), usable: false, stale: false }
        }
    };
    if let Some(sql) = sql {
        fault.error = fault.error.with_sql(sql);
    }
    fault
}

/// Why no connection came about.
pub(super) fn connect(error: sqlx::Error, location: &str) -> Error {
    let code = error.as_database_error().and_then(|e| e.code()).map(|c| c.into_owned());
    let words = match error.as_database_error() {
        Some(refusal) => refusal.message().to_owned(),
        None => error.to_string(),
    };
    let made = Error::new(ErrorKind::Connect, format!("cannot connect to {location}: {words}")).with_source(error);
    match code {
        Some(code) => made.with_code(code),
        None => made,
    }
}

/// The words of an error about options, without the frame around them.
pub(super) fn configuration(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Configuration(cause) => cause.to_string().replace("error with configuration: ", ""),
        other => other.to_string(),
    }
}

fn alive(error: Error) -> Fault {
    Fault { error, usable: true, stale: false }
}

fn refused(refusal: &PgDatabaseError) -> Fault {
    let code = refusal.code();
    let fatal = matches!(refusal.severity(), PgSeverity::Fatal | PgSeverity::Panic);
    let stale = matches!(code, "26000" | "42P05") || code == "0A000" && is_stale_plan(refusal);
    let kind = match kind_of(code) {
        ErrorKind::Database if fatal => ErrorKind::ConnectionLost,
        kind => kind,
    };
    let words = match code {
        "08P01" => "the values given do not fit the placeholders of the statement".to_owned(),
        _ => without_values(code, refusal.message()),
    };
    let mut error = Error::new(kind, words).with_code(code);
    if let Some(constraint) = refusal.constraint() {
        error = error.with_constraint(constraint);
    }
    for field in fields_of(refusal) {
        error = error.with_field(field);
    }
    let usable = !fatal && kind != ErrorKind::ConnectionLost;
    Fault { error, usable, stale }
}

fn is_stale_plan(refusal: &PgDatabaseError) -> bool {
    // Servers that speak another language still name the routine.
    refusal.routine() == Some("RevalidateCachedQuery") || refusal.message().contains("cached plan must not change")
}

/// The class of an SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html
fn kind_of(code: &str) -> ErrorKind {
    match code {
        "23505" => ErrorKind::UniqueViolation,
        "23503" | "23001" => ErrorKind::ForeignKeyViolation,
        "23502" => ErrorKind::NotNullViolation,
        "23514" => ErrorKind::CheckViolation,
        "40001" | "40P01" | "55P03" => ErrorKind::Conflict,
        // Whether the statement took effect is unknown.
        "40003" => ErrorKind::ConnectionLost,
        "57014" => ErrorKind::Cancelled,
        "25P02" | "3B001" => ErrorKind::Transaction,
        "53300" => ErrorKind::Connect,
        "42P01" | "42703" | "42883" | "42704" | "3F000" | "3D000" => ErrorKind::MissingObject,
        // The number of values does not fit the statement.
        "08P01" => ErrorKind::InvalidQuery,
        "25P03" | "57P01" | "57P02" | "57P03" | "57P04" | "57P05" => ErrorKind::ConnectionLost,
        _ if code.starts_with("08") => ErrorKind::ConnectionLost,
        _ if code.starts_with("22") => ErrorKind::InvalidValue,
        _ => ErrorKind::Database,
    }
}

/// Messages of the class "data exception" quote the value; what stands between the first and the last quote goes.
fn without_values(code: &str, message: &str) -> String {
    match (message.find('"'), message.rfind('"')) {
        (Some(first), Some(last)) if code.starts_with("22") && first < last => {
            format!("{}…{}", &message[..first], &message[last + 1..])
        }
        _ => message.to_owned(),
    }
}

fn fields_of(refusal: &PgDatabaseError) -> Vec<String> {
    match refusal.code() {
        "23505" | "23503" | "23001" => refusal.detail().map(key_columns).unwrap_or_default(),
        "23502" => refusal.column().map(str::to_owned).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// The columns of `Key (a, b)=(1, 2) already exists`, whatever the language around it.
fn key_columns(detail: &str) -> Vec<String> {
    let Some((before, _)) = detail.split_once(")=(") else { return Vec::new() };
    let Some((_, names)) = before.split_once('(') else { return Vec::new() };
    names.split(", ").filter_map(plain_name).collect()
}

/// A column's name without quotes; nothing for an expression.
fn plain_name(text: &str) -> Option<String> {
    match text.strip_prefix('"').and_then(|t| t.strip_suffix('"')) {
        Some(quoted) => Some(quoted.replace("\"\"", "\"")),
        None => (!text.contains(['(', ')', ':', ' '])).then(|| text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_give_names_and_never_values() {
        assert_eq!(key_columns("Key (email)=(a@b.c) already exists."), ["email"]);
        assert_eq!(key_columns("Key (a, \"B c\")=(1, x)=(y) already exists."), ["a", "B c"]);
        assert_eq!(key_columns("Schlüssel »(a)=(1)« existiert bereits."), ["a"]);
        assert!(key_columns("Key (lower(a))=(x) already exists.").is_empty());
        assert!(key_columns("no key here").is_empty());
    }

    #[test]
    fn messages_about_values_are_cut() {
        let check = |code, message, expected| assert_eq!(without_values(code, message), expected);
        check("22P02", "invalid input syntax for type uuid: \"s\"3\"", "invalid input syntax for type uuid: …");
        check("22003", "value \"99999\" is out of range for type integer", "value … is out of range for type integer");
        check("22001", "value too long for type character varying(5)", "value too long for type character varying(5)");
        check("42P01", "relation \"x\" does not exist", "relation \"x\" does not exist");
    }
}
