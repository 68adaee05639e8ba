//! The routes: requests become queries and drafts, rows become JSON, errors become status codes.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use chrono::NaiveDate;
use orm::prelude::*;
use orm::query::{Order, Set};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Who writes.
#[derive(Model, Debug, Clone, Serialize)]
#[orm(draft(Debug, Deserialize))]
pub struct Author {
    pub id: i64,
    #[orm(max_length = 100, unique)]
    pub name: String,
    pub books: HasMany<Book>,
}

/// What is written. A request body becomes a `NewBook`.
#[derive(Model, Debug, Clone, Serialize)]
#[orm(ordering = "id", unique(fields = "author, title"), draft(Debug, Deserialize))]
pub struct Book {
    pub id: i64,
    #[orm(max_length = 200)]
    pub title: String,
    #[orm(on_delete = Restrict)]
    pub author: ForeignKey<Author>,
    pub published: Option<NaiveDate>,
    #[orm(max_digits = 7, decimal_places = 2)]
    pub price: Decimal,
}

/// All routes, over a database that has the tables.
pub fn router(db: Db) -> Router {
    Router::new()
        .route("/authors", get(authors).post(create_author))
        .route("/books", get(books).post(create_book))
        .route("/books/{id}", get(book).patch(update_book).delete(delete_book))
        .with_state(db)
}

/// What a handler fails with.
pub struct Failure(orm::Error);

impl From<orm::Error> for Failure {
    fn from(error: orm::Error) -> Self {
        Failure(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let error = self.0;
        let status = match error.kind() {
            ErrorKind::NotFound => StatusCode::NOT_FOUND,
            ErrorKind::UniqueViolation | ErrorKind::ForeignKeyViolation => StatusCode::CONFLICT,
            ErrorKind::InvalidQuery | ErrorKind::InvalidValue => StatusCode::BAD_REQUEST,
            ErrorKind::NotNullViolation | ErrorKind::CheckViolation => StatusCode::UNPROCESSABLE_ENTITY,
            ErrorKind::Conflict | ErrorKind::PoolTimeout => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        if status.is_server_error() {
            // What is wrong inside is for the log, not for the client.
            eprintln!("{error:?}");
            return (status, Json(json!({ "error": "something went wrong here" }))).into_response();
        }
        (status, Json(json!({ "error": error.message(), "fields": error.fields() }))).into_response()
    }
}

type Answer<T> = Result<T, Failure>;

async fn authors(State(db): State<Db>) -> Answer<Json<Vec<Author>>> {
    let authors = Author::objects().prefetch_related(Author.books).order_by(Author.name.asc()).all(&db).await?;
    Ok(Json(authors))
}

async fn create_author(State(db): State<Db>, Json(new): Json<NewAuthor>) -> Answer<(StatusCode, Json<Author>)> {
    Ok((StatusCode::CREATED, Json(Author::create(new).save(&db).await?)))
}

/// What a client may filter by, with any lookup after it.
const FILTERS: [&str; 5] = ["title", "price", "published", "author", "author__name"];
/// How many books a page has.
const PAGE: u64 = 50;

/// `?title__icontains=dune&price__gte=5&ordering=-price&page=2`
async fn books(State(db): State<Db>, Query(asked): Query<Vec<(String, String)>>) -> Answer<Json<Vec<Book>>> {
    let mut books = Book::objects().select_related(Book.author);
    let mut lookups = Vec::new();
    let mut page = 1;
    for (name, value) in &asked {
        match name.as_str() {
            "ordering" => books = books.order_by((ordering(value)?, Book.id.asc())),
            "page" => page = value.parse().map_err(|_| Error::invalid_query("`page` is a number from 1 on"))?,
            _ if is_allowed(name) => lookups.push((name.as_str(), value.as_str())),
            _ => return Err(Error::invalid_query(format!("books are not filtered by `{name}`")).into()),
        }
    }
    let skipped = u64::saturating_sub(page, 1).saturating_mul(PAGE);
    Ok(Json(books.filter(Q::parse_all::<Book>(lookups)?).offset(skipped).limit(PAGE).all(&db).await?))
}

fn is_allowed(lookup: &str) -> bool {
    let transforms = ["exact", "iexact", "contains", "icontains", "gt", "gte", "lt", "lte", "in", "year", "isnull"];
    FILTERS.iter().any(|path| match lookup.strip_prefix(path) {
        Some("") => true,
        Some(rest) => rest.strip_prefix("__").is_some_and(|name| transforms.contains(&name)),
        None => false,
    })
}

fn ordering(by: &str) -> orm::Result<Order<Book>> {
    Ok(match by {
        "title" => Book.title.asc(),
        "-title" => Book.title.desc(),
        "price" => Book.price.asc(),
        "-price" => Book.price.desc(),
        "author" => Book.author.name.asc(),
        _ => return Err(Error::invalid_query("`ordering` is one of `title`, `-title`, `price`, `-price`, `author`")),
    })
}

async fn book(State(db): State<Db>, Path(id): Path<i64>) -> Answer<Json<Book>> {
    Ok(Json(Book::objects().select_related(Book.author).filter(Book.id.eq(id)).get(&db).await?))
}

async fn create_book(State(db): State<Db>, Json(new): Json<NewBook>) -> Answer<(StatusCode, Json<Book>)> {
    Ok((StatusCode::CREATED, Json(Book::create(new).save(&db).await?)))
}

/// What a client may change; what it leaves out stays.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Changes {
    title: Option<String>,
    author: Option<i64>,
    published: Option<NaiveDate>,
    price: Option<Decimal>,
}

impl Changes {
    fn sets(self) -> Vec<Set<Book>> {
        let sets = [
            self.title.map(|title| Book.title.set(title)),
            self.author.map(|author| Book.author.set(author)),
            self.published.map(|day| Book.published.set(day)),
            self.price.map(|price| Book.price.set(price)),
        ];
        sets.into_iter().flatten().collect()
    }
}

async fn update_book(State(db): State<Db>, Path(id): Path<i64>, Json(changes): Json<Changes>) -> Answer<Json<Book>> {
    let book = db
        .atomic(async |tx: Tx| {
            let mut book = Book::objects().filter(Book.id.eq(id)).get(&tx).await?;
            book.update(&tx, changes.sets()).await?;
            Ok::<_, Error>(book)
        })
        .await?;
    Ok(Json(book))
}

async fn delete_book(State(db): State<Db>, Path(id): Path<i64>) -> Answer<StatusCode> {
    match Book::objects().filter(Book.id.eq(id)).delete(&db).await? {
        0 => Err(Error::new(ErrorKind::NotFound, "there is no such book").into()),
        _ => Ok(StatusCode::NO_CONTENT),
    }
}
