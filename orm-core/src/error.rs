//! The one error of the library: what went wrong, for which model, field, constraint and statement.

use std::borrow::Cow;
use std::fmt;

/// What every fallible call of the library returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The class of an [`Error`]; match on it to decide what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No row matched where one was needed.
    NotFound,
    /// More than one row matched where one was needed.
    MultipleFound,
    /// A unique constraint or primary key already holds the value.
    UniqueViolation,
    /// A foreign key names a row that does not exist, or a row that others still name was to go.
    ForeignKeyViolation,
    /// NULL was given to a column that refuses it.
    NotNullViolation,
    /// A CHECK constraint refused the row.
    CheckViolation,
    /// A value cannot be held by its column: too long, too large, not a number, a NUL in text…
    InvalidValue,
    /// A query that cannot mean anything: an unknown name, an outer reference without its outer query, too many terms…
    InvalidQuery,
    /// The database lacks what the query asks for; nothing was sent.
    Unsupported,
    /// The models contradict each other or themselves.
    InvalidModel,
    /// The database holds a value that the field's type cannot.
    Decode,
    /// A relation was read that no query loaded.
    NotLoaded,
    /// The connection settings are wrong.
    Configuration,
    /// The server could not be reached, or refused the login.
    Connect,
    /// The connection broke while a statement ran; whether it took effect is unknown.
    ConnectionLost,
    /// No connection became free in time.
    PoolTimeout,
    /// The transaction is over, doomed by an earlier error, or was rolled back instead of committed.
    Transaction,
    /// Another transaction was in the way (deadlock, serialization failure, lock time-out, busy database); running it again may succeed.
    Conflict,
    /// A table, column or other object that the statement names does not exist.
    MissingObject,
    /// The database ended the statement (time-out or cancellation).
    Cancelled,
    /// A migration cannot be made, found or applied.
    Migration,
    /// Any other refusal by the database.
    Database,
}

/// An error, with what it concerns.
///
/// Values never appear in it unless the error is about that very value.
///
/// ```
/// # orm_blog::example! { db =>
/// let error = Author::create(NewAuthor { name: "Ann", email: "ann@example.org" }).save(&db).await.unwrap_err();
/// assert!(error.is_unique_violation());
/// assert_eq!((error.model(), error.fields()), (Some("Author"), &["email".to_owned()][..]));
/// assert_eq!(error.to_string(), "`Author.email`: another row holds the same value");
/// # }
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: Cow<'static, str>,
    model: Option<Cow<'static, str>>,
    fields: Vec<String>,
    constraint: Option<String>,
    sql: Option<String>,
    code: Option<String>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error of a kind, with a message in lower case and no full stop.
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Error(Box::new(Inner {
            kind,
            message: message.into(),
            model: None,
            fields: Vec::new(),
            constraint: None,
            sql: None,
            code: None,
            source: None,
        }))
    }

    /// The same, about a model.
    #[must_use]
    pub fn with_model(mut self, model: impl Into<Cow<'static, str>>) -> Self {
        self.0.model.get_or_insert(model.into());
        self
    }

    /// The same, about a field; may be called for several.
    #[must_use]
    pub fn with_field(mut self, field: impl Into<String>) -> Self {
        self.0.fields.push(field.into());
        self
    }

    /// The same, about these fields and no others.
    #[must_use]
    pub(crate) fn with_fields(mut self, fields: Vec<String>) -> Self {
        self.0.fields = fields;
        self
    }

    /// The same, about a named constraint.
    #[must_use]
    pub fn with_constraint(mut self, constraint: impl Into<String>) -> Self {
        self.0.constraint = Some(constraint.into());
        self
    }

    /// The same, raised by a statement.
    #[must_use]
    pub fn with_sql(mut self, sql: impl Into<String>) -> Self {
        self.0.sql.get_or_insert(sql.into());
        self
    }

    /// The same, with the code that the database gave (SQLSTATE or number).
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.0.code = Some(code.into());
        self
    }

    /// The same, caused by another error.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The same with other words; kind and context stay.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.0.message = message.into();
        self
    }

    /// The class of the error.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What went wrong, without the context.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The model concerned.
    pub fn model(&self) -> Option<&str> {
        self.0.model.as_deref()
    }

    /// The fields concerned (several for a constraint over several columns).
    pub fn fields(&self) -> &[String] {
        &self.0.fields
    }

    /// The constraint that refused a row.
    pub fn constraint(&self) -> Option<&str> {
        self.0.constraint.as_deref()
    }

    /// The statement that failed, with placeholders, never with values.
    pub fn sql(&self) -> Option<&str> {
        self.0.sql.as_deref()
    }

    /// The database's own code: an SQLSTATE or a number.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// No row matched where one was needed.
    pub fn is_not_found(&self) -> bool {
        self.0.kind == ErrorKind::NotFound
    }

    /// A unique constraint refused the row.
    pub fn is_unique_violation(&self) -> bool {
        self.0.kind == ErrorKind::UniqueViolation
    }

    /// A foreign key refused the row.
    pub fn is_foreign_key_violation(&self) -> bool {
        self.0.kind == ErrorKind::ForeignKeyViolation
    }

    /// Running the whole transaction again may succeed.
    pub fn is_retryable(&self) -> bool {
        self.0.kind == ErrorKind::Conflict
    }

    /// No connection became free in time.
    pub fn is_pool_timeout(&self) -> bool {
        self.0.kind == ErrorKind::PoolTimeout
    }

    /// The construct does not exist on this database; nothing was sent.
    pub fn is_unsupported(&self) -> bool {
        self.0.kind == ErrorKind::Unsupported
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(model) = &self.0.model {
            write!(f, "`{model}")?;
            for (i, field) in self.0.fields.iter().enumerate() {
                write!(f, "{}{field}", if i == 0 { "." } else { ", " })?;
            }
            f.write_str("`: ")?;
        }
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {self}", self.0.kind)?;
        if let Some(constraint) = &self.0.constraint {
            write!(f, "\n  constraint: {constraint}")?;
        }
        if let Some(code) = &self.0.code {
            write!(f, "\n  code: {code}")?;
        }
        if let Some(sql) = &self.0.sql {
            write!(f, "\n  sql: {sql}")?;
        }
        if let Some(source) = &self.0.source {
            write!(f, "\n  cause: {source}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|e| e as &(dyn std::error::Error + 'static))
    }
}

macro_rules! constructors {
    ($($(#[$doc:meta])* $name:ident = $kind:ident;)*) => { impl Error { $(
        $(#[$doc])*
        pub fn $name(message: impl Into<Cow<'static, str>>) -> Self {
            Error::new(ErrorKind::$kind, message)
        }
    )* } };
}
constructors! {
    /// An [`ErrorKind::InvalidValue`].
    invalid_value = InvalidValue;
    /// An [`ErrorKind::InvalidQuery`].
    invalid_query = InvalidQuery;
    /// An [`ErrorKind::Unsupported`].
    unsupported = Unsupported;
    /// An [`ErrorKind::Decode`].
    decode = Decode;
    /// An [`ErrorKind::Configuration`].
    configuration = Configuration;
    /// An [`ErrorKind::Transaction`].
    transaction = Transaction;
    /// An [`ErrorKind::Migration`].
    migration = Migration;
    /// An [`ErrorKind::Database`].
    database = Database;
}
