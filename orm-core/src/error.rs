//! The one error of the library: what went wrong, for which model, field, constraint and statement.

use std::borrow::Cow;
use std::fmt;

/// What every fallible call of the library returns.
///
/// ```
/// # orm_blog::example! { db =>
/// async fn newest(db: &Db) -> orm::Result<Option<Book>> {
///     Book::objects().order_by(Book.published.desc()).first(db).await
/// }
/// assert!(newest(&db).await?.is_some());
/// # }
/// ```
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The class of an [`Error`]; match on it to decide what to do.
///
/// ```
/// # orm_blog::example! { db =>
/// let error = Book::objects().get(&db).await.unwrap_err();
/// let status = match error.kind() {
///     ErrorKind::NotFound => 404,
///     ErrorKind::UniqueViolation | ErrorKind::MultipleFound => 409,
///     ErrorKind::PoolTimeout | ErrorKind::Conflict => 503,
///     _ => 500,
/// };
/// assert_eq!(status, 409);
/// # }
/// ```
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
    ///
    /// ```
    /// # orm_blog::example! {
    /// let error = Error::new(ErrorKind::InvalidValue, "a price is never negative");
    /// assert_eq!(error.to_string(), "a price is never negative");
    /// # }
    /// ```
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
    ///
    /// ```
    /// # orm_blog::example! {
    /// let error = Error::invalid_value("a price is never negative").with_model("Book");
    /// assert_eq!(error.to_string(), "`Book`: a price is never negative");
    /// # }
    /// ```
    #[must_use]
    pub fn with_model(mut self, model: impl Into<Cow<'static, str>>) -> Self {
        self.0.model.get_or_insert(model.into());
        self
    }

    /// The same, about a field; may be called for several.
    ///
    /// ```
    /// # orm_blog::example! {
    /// let error = Error::invalid_value("is never negative").with_model("Book").with_field("price");
    /// assert_eq!(error.to_string(), "`Book.price`: is never negative");
    /// # }
    /// ```
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
    ///
    /// ```
    /// # orm_blog::example! {
    /// let error = Error::new(ErrorKind::CheckViolation, "the row is refused").with_constraint("books_price_check");
    /// assert_eq!(error.constraint(), Some("books_price_check"));
    /// # }
    /// ```
    #[must_use]
    pub fn with_constraint(mut self, constraint: impl Into<String>) -> Self {
        self.0.constraint = Some(constraint.into());
        self
    }

    /// The same, raised by a statement.
    ///
    /// ```
    /// # orm_blog::example! {
    /// let error = Error::database("it is refused").with_sql("DELETE FROM books");
    /// assert_eq!(error.sql(), Some("DELETE FROM books"));
    /// # }
    /// ```
    #[must_use]
    pub fn with_sql(mut self, sql: impl Into<String>) -> Self {
        self.0.sql.get_or_insert(sql.into());
        self
    }

    /// The same, with the code that the database gave (SQLSTATE or number).
    ///
    /// ```
    /// # orm_blog::example! {
    /// let error = Error::database("it is refused").with_code("42501");
    /// assert_eq!(error.code(), Some("42501"));
    /// # }
    /// ```
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.0.code = Some(code.into());
        self
    }

    /// The same, caused by another error.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use std::error::Error as _;
    /// let cause = "x".parse::<i64>().unwrap_err();
    /// let error = Error::decode("this is not a number").with_source(cause);
    /// assert!(error.source().is_some());
    /// # }
    /// ```
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The same with other words; kind and context stay.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let error = Author::objects().get(&db).await.unwrap_err().with_message("say which author");
    /// assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::MultipleFound, "`Author`: say which author"));
    /// # }
    /// ```
    #[must_use]
    pub fn with_message(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.0.message = message.into();
        self
    }

    /// The class of the error.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let error = Book::objects().filter(Book.id.eq(99)).get(&db).await.unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::NotFound);
    /// # }
    /// ```
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What went wrong, without the context.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let error = Book::objects().filter(Book.id.eq(99)).get(&db).await.unwrap_err();
    /// assert_eq!((error.message(), error.to_string().as_str()), ("no such row", "`Book`: no such row"));
    /// # }
    /// ```
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The model concerned.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let error = Book::objects().filter(Book.id.eq(99)).get(&db).await.unwrap_err();
    /// assert_eq!(error.model(), Some("Book"));
    /// # }
    /// ```
    pub fn model(&self) -> Option<&str> {
        self.0.model.as_deref()
    }

    /// The fields concerned (several for a constraint over several columns).
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let error = Tag::create(NewTag { name: "rust" }).save(&db).await.unwrap_err();
    /// assert_eq!(error.fields(), ["name"]);
    /// # }
    /// ```
    pub fn fields(&self) -> &[String] {
        &self.0.fields
    }

    /// The constraint that refused a row.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let error = Tag::create(NewTag { name: "rust" }).save(&db).await.unwrap_err();
    /// assert_eq!(error.constraint(), Some("uq_tags_name"));
    /// # }
    /// ```
    pub fn constraint(&self) -> Option<&str> {
        self.0.constraint.as_deref()
    }

    /// The statement that failed, with placeholders, never with values.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let error = Tag::create(NewTag { name: "rust" }).save(&db).await.unwrap_err();
    /// assert!(error.sql().is_some_and(|sql| sql.starts_with("INSERT INTO") && !sql.contains("rust")));
    /// # }
    /// ```
    pub fn sql(&self) -> Option<&str> {
        self.0.sql.as_deref()
    }

    /// The database's own code: an SQLSTATE or a number.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let error = Tag::create(NewTag { name: "rust" }).save(&db).await.unwrap_err();
    /// // SQLITE_CONSTRAINT_UNIQUE; PostgreSQL says 23505, MySQL 1062.
    /// assert_eq!(error.code(), Some("2067"));
    /// # }
    /// ```
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// No row matched where one was needed.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let error = Book::objects().filter(Book.id.eq(99)).get(&db).await.unwrap_err();
    /// assert!(error.is_not_found());
    /// # }
    /// ```
    pub fn is_not_found(&self) -> bool {
        self.0.kind == ErrorKind::NotFound
    }

    /// A unique constraint refused the row.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let error = Tag::create(NewTag { name: "rust" }).save(&db).await.unwrap_err();
    /// assert!(error.is_unique_violation());
    /// # }
    /// ```
    pub fn is_unique_violation(&self) -> bool {
        self.0.kind == ErrorKind::UniqueViolation
    }

    /// A foreign key refused the row.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let draft = NewBook { title: "Orphan", author: 99, published: day("2024-05-01"), price: 1 };
    /// assert!(Book::create(draft).save(&db).await.unwrap_err().is_foreign_key_violation());
    /// # }
    /// ```
    pub fn is_foreign_key_violation(&self) -> bool {
        self.0.kind == ErrorKind::ForeignKeyViolation
    }

    /// Running the whole transaction again may succeed.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// assert!(Error::new(ErrorKind::Conflict, "a deadlock").is_retryable());
    /// let error = Book::objects().filter(Book.id.eq(99)).get(&db).await.unwrap_err();
    /// assert!(!error.is_retryable());
    /// # }
    /// ```
    pub fn is_retryable(&self) -> bool {
        self.0.kind == ErrorKind::Conflict
    }

    /// No connection became free in time.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// # let _ = &db;
    /// let wait = std::time::Duration::from_millis(5);
    /// let db = Db::options("sqlite::memory:").acquire_timeout(wait).connect().await?;
    /// let tx = db.begin("holds the only connection").await?;
    /// assert!(Tag::objects().count(&db).await.unwrap_err().is_pool_timeout());
    /// # drop(tx);
    /// # }
    /// ```
    pub fn is_pool_timeout(&self) -> bool {
        self.0.kind == ErrorKind::PoolTimeout
    }

    /// The construct does not exist on this database; nothing was sent.
    ///
    /// ```
    /// # orm_blog::example! {
    /// let error = Error::unsupported("this database has no such function");
    /// assert!(error.is_unsupported());
    /// # }
    /// ```
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
    ///
    /// ```
    /// # use orm::prelude::*;
    /// assert_eq!(Error::invalid_value("why").kind(), ErrorKind::InvalidValue);
    /// ```
    invalid_value = InvalidValue;
    /// An [`ErrorKind::InvalidQuery`].
    ///
    /// ```
    /// # use orm::prelude::*;
    /// assert_eq!(Error::invalid_query("why").kind(), ErrorKind::InvalidQuery);
    /// ```
    invalid_query = InvalidQuery;
    /// An [`ErrorKind::Unsupported`].
    ///
    /// ```
    /// # use orm::prelude::*;
    /// assert_eq!(Error::unsupported("why").kind(), ErrorKind::Unsupported);
    /// ```
    unsupported = Unsupported;
    /// An [`ErrorKind::Decode`].
    ///
    /// ```
    /// # use orm::prelude::*;
    /// assert_eq!(Error::decode("why").kind(), ErrorKind::Decode);
    /// ```
    decode = Decode;
    /// An [`ErrorKind::Configuration`].
    ///
    /// ```
    /// # use orm::prelude::*;
    /// assert_eq!(Error::configuration("why").kind(), ErrorKind::Configuration);
    /// ```
    configuration = Configuration;
    /// An [`ErrorKind::Transaction`].
    ///
    /// ```
    /// # use orm::prelude::*;
    /// assert_eq!(Error::transaction("why").kind(), ErrorKind::Transaction);
    /// ```
    transaction = Transaction;
    /// An [`ErrorKind::Migration`].
    ///
    /// ```
    /// # use orm::prelude::*;
    /// assert_eq!(Error::migration("why").kind(), ErrorKind::Migration);
    /// ```
    migration = Migration;
    /// An [`ErrorKind::Database`].
    ///
    /// ```
    /// # use orm::prelude::*;
    /// assert_eq!(Error::database("why").kind(), ErrorKind::Database);
    /// ```
    database = Database;
}
