//! A REST service over books, with axum.
//!
//! `cargo run --example rest-api` serves a database in memory on port 3000; `DATABASE_URL` names another. Then:
//!
//! ```text
//! curl localhost:3000/authors -H 'content-type: application/json' -d '{"name": "Frank Herbert"}'
//! curl localhost:3000/books -H 'content-type: application/json' -d '{"title": "Dune", "author": 1, "price": "9.99"}'
//! curl 'localhost:3000/books?title__icontains=dune&price__gte=5&ordering=-price'
//! ```

mod api;

use orm::prelude::*;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite::memory:".to_owned());
    let db = Db::connect(&url).await?;
    orm::migrate::sync(&db).await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("books of {} on http://{}", db.location(), listener.local_addr()?);
    axum::serve(listener, api::router(db)).await?;
    Ok(())
}
