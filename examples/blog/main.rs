//! A blog about books: creates a database, migrates it, fills it, and asks it a dozen questions.
//!
//! `cargo run --example blog` works on the file `blog.sqlite`; `DATABASE_URL=postgres://…` or `mysql://…` runs the same
//! on a server.

mod migrations;
mod models;

use chrono::{Datelike, NaiveDate};
use models::{Author, Book, NewAuthor, NewBook, NewTag, Status, Tag};
use orm::migrate::{Options, Target};
use orm::prelude::*;
use rust_decimal::Decimal;
use rust_decimal::dec;

/// Prints a query as it stands here, its SQL, and its rows.
macro_rules! show {
    ($db:ident, $question:literal, $query:expr) => {{
        let query = $query;
        println!("\n{}\n  {}", $question, squeeze(stringify!($query)));
        println!("  {}", query.sql($db.dialect().name())?);
        let rows = query.all(&$db).await?;
        for row in &rows {
            println!("    {row:?}");
        }
        rows
    }};
}

fn squeeze(code: &str) -> String {
    code.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::main]
async fn main() -> orm::Result<()> {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite:blog.sqlite".to_owned());
    let db = Db::connect(&url).await?;
    println!("on {}", db.location());
    let apps = [migrations::APP];
    for step in orm::migrate::migrate(db.backend().clone(), &apps, &Target::Latest, Options::default()).await? {
        println!("migrated by {}", step.migration.label());
    }
    // The example may run again on the same database: it starts from nothing.
    Author::objects().delete(&db).await?;
    Tag::objects().delete(&db).await?;
    fill(&db).await?;
    questions(&db).await
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

async fn fill(db: &Db) -> orm::Result<()> {
    db.atomic(async |tx: Tx| {
        let rust = Tag::create(NewTag { name: "rust" }).save(&tx).await?;
        let sql = Tag::create(NewTag { name: "sql" }).save(&tx).await?;
        let fiction = Tag::create(NewTag { name: "fiction" }).save(&tx).await?;

        let ann = Author::create(NewAuthor { name: "Ann", email: "ann@example.org" }).save(&tx).await?;
        // Children go along with their parent.
        let bob = Author::create(NewAuthor { name: "Bob", email: "bob@example.org" })
            .add(
                Author.books,
                [
                    NewBook { title: "Rust by Night", author: Parent, published: day(2021, 5, 1), price: dec!(39.90) },
                    NewBook { title: "Quiet Queries", author: Parent, published: day(2023, 2, 9), price: dec!(24.50) },
                ],
            )
            .save(&tx)
            .await?;
        let cleo = Author::create(NewAuthor { name: "Cleo", email: "cleo@example.org" }).save(&tx).await?;

        let dunes =
            Book::create(NewBook { title: "100% Dunes", author: &ann, published: day(2019, 9, 30), price: dec!(9.99) })
                .with((Book.subtitle.set("A novel"), Book.editor.set(&bob), Book.status.set(Status::Published)))
                .save(&tx)
                .await?;
        let ferris =
            Book::create(NewBook { title: "Ferris at Sea", author: &ann, published: day(2022, 7, 4), price: 31 })
                .with((Book.editor.set(&cleo), Book.status.set(Status::Published)))
                .save(&tx)
                .await?;
        dunes.tags().add(&tx, [&fiction]).await?;
        ferris.tags().add(&tx, [&fiction, &rust]).await?;
        for book in bob.books().all(&tx).await? {
            book.tags().add(&tx, [if book.published.year() < 2022 { &rust } else { &sql }]).await?;
        }
        Ok::<_, orm::Error>(())
    })
    .await
}

/// A row with names.
#[derive(Projection, Debug)]
#[orm(of = Book)]
#[allow(dead_code)]
struct BookRow {
    title: String,
    #[orm(Book.author.name)]
    author: String,
    #[orm(Book.editor.name)]
    editor: Option<String>,
}

fn cheap() -> Q<Book> {
    Book.price.lt(25)
}

async fn questions(db: &Db) -> orm::Result<()> {
    let db = db.clone();
    show!(
        db,
        "Books with rust in the title that an author other than Unknown wrote",
        Book::objects()
            .filter(Book.title.icontains("RUST") & !Book.author.name.eq("Unknown"))
            .order_by((Book.author.name.asc(), Book.price.desc()))
            .select_related(Book.author)
    );
    show!(
        db,
        "Titles with their editors; a book without one stays",
        Book::objects().values((Book.title, Book.editor.name)).order_by(Book.title.asc())
    );
    show!(
        db,
        "A percent sign is just a character",
        Book::objects().filter(Book.title.startswith("100%")).values(Book.title)
    );
    show!(
        db,
        "Authors of something dear about rust",
        Author::objects()
            .filter(Author.books.any(Book.price.gt(30) & Book.tags.any(Tag.name.eq("rust"))))
            .values(Author.name)
    );
    let written = Author.books.count();
    show!(
        db,
        "Authors with how much they wrote, sold since 2020, and tagged; no count multiplies another",
        Author::objects()
            .annotate((
                &written,
                Author.books.filter(Book.published.year().ge(2020)).sum(Book.price),
                Author.books.tags.count(),
            ))
            .order_by((written.desc(), Author.name.asc()))
    );
    show!(
        db,
        "Revenue per author with more than one book",
        Book::objects()
            .group_by(Book.author.name)
            .having(Book.id.count().gt(1))
            .annotate((Book.id.count(), Book.price.avg()))
            .order_by(Book.author.name.asc())
    );
    show!(
        db,
        "The newest title of each author",
        Author::objects()
            .values((Author.name, Author.books.order_by(Book.published.desc()).first(Book.title)))
            .order_by(Author.name.asc())
    );
    show!(
        db,
        "Cheap books or drafts",
        Book::objects().filter(cheap() | Book.status.eq(Status::Draft)).values((Book.title, Book.price))
    );
    show!(db, "Books that nobody edited", Book::objects().filter(Book.editor.is_null()).project::<BookRow>());
    show!(
        db,
        "Pairs of whole rows",
        Book::objects().values((Book.title, Book.author.row(), Book.editor.row())).limit(1)
    );
    show!(
        db,
        "How often each tag is used",
        Book::objects().group_by(Book.tags.each().name).annotate(Book.id.count()).order_by(Book.tags.each().name.asc())
    );
    let authors = show!(
        db,
        "Authors with their two newest books, and the tags of those",
        Author::objects()
            .prefetch_related(Author.books.order_by(Book.published.desc()).limit(2).prefetch_related(Book.tags))
    );
    for author in &authors {
        for book in author.books.get()? {
            let tags: Vec<&str> = book.tags.get()?.iter().map(|t| t.name.as_str()).collect();
            println!("    {}: {} {tags:?}", author.name, book.title);
        }
    }
    show!(
        db,
        "What a form asked for",
        Book::objects().filter(Q::parse::<Book>("author__name__istartswith", "b")?).values(Book.title)
    );

    let (count, average): (i64, Option<Decimal>) =
        Book::objects().aggregate(&db, (Book.id.count(), Book.price.avg())).await?;
    println!("\n{count} books, {} on average", average.unwrap_or_default());
    let raised = Book::objects().filter(cheap()).update(&db, Book.price.set(Book.price + 1)).await?;
    println!("{raised} cheap books got dearer");
    Ok(())
}
