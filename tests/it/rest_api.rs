//! The service of `examples/rest-api`, driven without a network.

#[path = "../../examples/rest-api/api.rs"]
mod api;

use api::{Author, Book};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use orm::prelude::*;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::harness::Outcome;
use crate::suite;

suite!([Author, Book]; books_come_and_go, books_are_listed, what_is_wrong_is_told);

async fn send(db: &Db, method: &str, path: &str, body: Value) -> (StatusCode, Value) {
    let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    let response = api::router(db.clone()).oneshot(request.body(body).unwrap()).await.unwrap();
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

async fn books_come_and_go(db: Db) -> Outcome {
    let (status, ann) = send(&db, "POST", "/authors", json!({"name": "ann"})).await;
    assert_eq!((status, &ann["name"]), (StatusCode::CREATED, &json!("ann")));
    let new = json!({"title": "Dune", "author": ann["id"], "price": "9.50"});
    let (status, dune) = send(&db, "POST", "/books", new).await;
    assert_eq!(status, StatusCode::CREATED, "{dune}");
    let at = format!("/books/{}", dune["id"]);

    let (status, found) = send(&db, "GET", &at, Value::Null).await;
    assert_eq!((status, &found["author"]["name"]), (StatusCode::OK, &json!("ann")));
    let (status, changed) = send(&db, "PATCH", &at, json!({"price": "12.00", "published": "1965-08-01"})).await;
    assert_eq!(status, StatusCode::OK, "{changed}");
    assert_eq!((&changed["price"], &changed["published"]), (&json!("12.00"), &json!("1965-08-01")));
    assert_eq!(changed["title"], json!("Dune"));
    let (_, authors) = send(&db, "GET", "/authors", Value::Null).await;
    assert_eq!(authors[0]["books"][0]["title"], json!("Dune"));

    assert_eq!(send(&db, "DELETE", &at, Value::Null).await.0, StatusCode::NO_CONTENT);
    assert_eq!(send(&db, "DELETE", &at, Value::Null).await.0, StatusCode::NOT_FOUND);
    assert_eq!(send(&db, "GET", &at, Value::Null).await.0, StatusCode::NOT_FOUND);
    assert_eq!(send(&db, "PATCH", &at, json!({})).await.0, StatusCode::NOT_FOUND);
    Ok(())
}

async fn books_are_listed(db: Db) -> Outcome {
    let (_, ann) = send(&db, "POST", "/authors", json!({"name": "ann"})).await;
    for (title, price) in [("Dune", "9.50"), ("Dune Messiah", "4.00"), ("Emma", "7.25")] {
        let (status, _) =
            send(&db, "POST", "/books", json!({"title": title, "author": ann["id"], "price": price})).await;
        assert_eq!(status, StatusCode::CREATED);
    }
    let titles = async |query: &str| {
        let (status, books) = send(&db, "GET", &format!("/books?{query}"), Value::Null).await;
        assert_eq!(status, StatusCode::OK, "{books}");
        books.as_array().unwrap().iter().map(|b| b["title"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(titles("").await, ["Dune", "Dune Messiah", "Emma"]);
    assert_eq!(titles("title__icontains=DUNE&price__gte=5").await, ["Dune"]);
    assert_eq!(titles("ordering=-price").await, ["Dune", "Emma", "Dune Messiah"]);
    assert_eq!(titles("author__name=ann&ordering=title&page=1").await.len(), 3);
    assert!(titles("page=2").await.is_empty());
    assert!(titles("author__name=ann'+OR+1=1").await.is_empty());
    Ok(())
}

async fn what_is_wrong_is_told(db: Db) -> Outcome {
    let (_, ann) = send(&db, "POST", "/authors", json!({"name": "ann"})).await;
    let check = async |method: &str, path: &str, body: Value, status: u16, words: &str| {
        let (found, answer) = send(&db, method, path, body).await;
        assert_eq!(found.as_u16(), status, "{answer}");
        let text = answer.to_string();
        assert!(text.contains(words), "{text}");
    };
    check("POST", "/authors", json!({"name": "ann"}), 409, r#""fields":["name"]"#).await;
    check("POST", "/authors", json!({"name": "x".repeat(101)}), 400, r#""fields":["name"]"#).await;
    check("POST", "/books", json!({"title": "x", "price": "1"}), 422, "missing field `author`").await;
    check("POST", "/books", json!({"title": "x", "price": "1", "author": 99}), 409, r#""fields":["author"]"#).await;
    check("POST", "/books", json!({"title": "x", "price": "123456.7", "author": ann["id"]}), 400, "price").await;
    check("GET", "/books?price__gte=cheap", Value::Null, 400, "cheap").await;
    check("GET", "/books?author__books__title=x", Value::Null, 400, "not filtered by").await;
    check("GET", "/books?ordering=id;drop", Value::Null, 400, "`ordering` is one of").await;
    Ok(())
}
