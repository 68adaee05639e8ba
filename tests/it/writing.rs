//! Rows are made, changed and deleted: one by one, in bulk, and by what they are.

use chrono::{DateTime, Utc};
use orm::prelude::*;
use rust_decimal::{Decimal, dec};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use crate::counted::counted;
use crate::harness::Outcome;
use crate::suite;

#[derive(Model, Debug, Clone, Serialize, PartialEq)]
#[orm(table = "authors", ordering = "name")]
struct Author {
    id: i64,
    #[orm(max_length = 100)]
    name: String,
    #[orm(max_length = 100, unique)]
    email: String,
    #[orm(default)]
    visits: i64,
    #[orm(default = 18)]
    age: Option<i32>,
    #[orm(auto_now_add)]
    created_at: DateTime<Utc>,
    #[orm(auto_now)]
    changed_at: DateTime<Utc>,
    books: HasMany<Book>,
    #[orm(via = editor)]
    edited: HasMany<Book>,
}

#[derive(Choices, Debug, Clone, Copy, PartialEq, Eq, Serialize)]
enum Status {
    Draft,
    Published,
}

#[derive(Model, Debug, Clone, Serialize, PartialEq)]
#[orm(table = "books", ordering = "id", draft(Debug, Clone, Deserialize), unique(fields = "author, title"))]
struct Book {
    id: i64,
    #[orm(max_length = 40)]
    title: String,
    #[orm(max_length = 40)]
    subtitle: Option<String>,
    #[orm(on_delete = Cascade)]
    author: ForeignKey<Author>,
    #[orm(on_delete = SetNull)]
    editor: Option<ForeignKey<Author>>,
    #[orm(on_delete = Restrict)]
    publisher: Option<ForeignKey<Publisher>>,
    #[orm(max_digits = 7, decimal_places = 2)]
    price: Decimal,
    #[orm(default = Status::Draft)]
    status: Status,
    #[orm(db_default = 1)]
    copies: i64,
    tags: ManyToMany<Tag>,
}

#[derive(Model, Debug, Clone, Serialize, PartialEq)]
#[orm(table = "tags", ordering = "name")]
struct Tag {
    id: i64,
    #[orm(max_length = 40, unique)]
    name: String,
    #[orm(via = tags)]
    books: ManyToMany<Book>,
}

#[derive(Model, Debug, Clone, Serialize, PartialEq)]
#[orm(table = "publishers")]
struct Publisher {
    #[orm(primary_key, auto = false, max_length = 10)]
    code: String,
    #[orm(max_length = 40)]
    name: String,
}

#[derive(Model, Debug, Clone, PartialEq)]
#[orm(table = "tokens")]
struct Token {
    id: Uuid,
    #[orm(max_length = 40)]
    label: String,
    uses: Option<i64>,
}

#[derive(Model, Debug, Clone, PartialEq)]
#[orm(table = "seats", primary_key = "line, number")]
struct Seat {
    #[orm(max_length = 2)]
    line: String,
    number: i32,
    #[orm(max_length = 40)]
    holder: Option<String>,
}

#[derive(Model, Debug, Clone, PartialEq)]
#[orm(table = "loans")]
struct Loan {
    id: i64,
    #[orm(on_delete = Restrict)]
    book: ForeignKey<Book>,
}

suite!([Author, Publisher, Book, Tag, Token, Seat, Loan];
    a_draft_gets_its_defaults,
    keys_of_every_kind,
    what_goes_along_with_a_draft,
    a_draft_comes_from_json,
    parents_come_first,
    as_few_statements_as_tables,
    many_rows_come_back_in_their_order,
    many_rows_of_every_key,
    many_rows_without_reading_them,
    a_row_is_saved_whole,
    a_row_is_updated_and_refreshed,
    a_row_that_is_gone_is_an_error,
    rows_are_updated_by_what_they_are,
    rows_are_deleted_by_what_they_are,
    deletions_reach_other_rows,
    unique_violations_name_constraint_and_fields,
    foreign_key_violations_name_constraint_and_fields,
    null_is_refused,
    values_that_do_not_fit_are_refused,
    many_to_many_from_both_sides,
    rows_are_managers_of_their_relations,
    rows_become_json,
    a_foreign_key_is_fetched,
);

fn now() -> DateTime<Utc> {
    std::time::SystemTime::now().into()
}

async fn author(db: &dyn Executor, name: &str) -> orm::Result<Author> {
    Author::create(NewAuthor { name, email: format!("{name}@example.org") }).save(db).await
}

async fn book(db: &dyn Executor, title: &str, author: &Author) -> orm::Result<Book> {
    Book::create(NewBook { title, author, price: dec!(10) }).save(db).await
}

async fn tag(db: &dyn Executor, name: &str) -> orm::Result<Tag> {
    Tag::create(NewTag { name }).save(db).await
}

async fn titles(db: &dyn Executor, condition: impl Into<Option<Q<Book>>>) -> orm::Result<Vec<String>> {
    Book::objects().filter(condition.into()).order_by(Book.title.asc()).values(Book.title).all(db).await
}

async fn a_draft_gets_its_defaults(db: Db) -> Outcome {
    let before = now() - chrono::TimeDelta::seconds(1);
    let ann = author(&db, "ann").await?;
    assert_eq!((ann.visits, ann.age), (0, Some(18)));
    assert!(ann.created_at > before && ann.created_at <= now());
    assert_eq!(ann.created_at.timestamp() / 10, ann.changed_at.timestamp() / 10);
    assert_eq!(Author::objects().get(&db).await?, ann);

    let dune = book(&db, "Dune", &ann).await?;
    assert_eq!((dune.status, dune.copies, dune.price), (Status::Draft, 1, dec!(10)));
    assert_eq!((&dune.subtitle, &dune.editor, &dune.publisher), (&None, &None, &None));

    let more = Book::create(NewBook { title: "More", author: ann.id, price: 7 })
        .with((Book.subtitle.set("of it"), Book.editor.set(&ann), Book.status.set(Status::Published)))
        .with(Book.copies.set(3))
        .save(&db)
        .await?;
    assert_eq!(more.subtitle.as_deref(), Some("of it"));
    assert_eq!(more.editor.as_ref().map(|e| *e.key()), Some(ann.id));
    assert_eq!((more.status, more.copies, more.price), (Status::Published, 3, dec!(7)));
    assert_eq!(Book::objects().get_by(&db, more.id).await?, more);

    // Optional fields may be set to NULL, whatever their default; and the last assignment counts.
    let bob = Author::create(NewAuthor { name: "bob", email: "b" })
        .with((Author.age.set(3), Author.age.set(None), Author.visits.set(5)))
        .save(&db)
        .await?;
    assert_eq!((bob.age, bob.visits), (None, 5));

    let error = Author::create(NewAuthor { name: "x", email: "x" })
        .with(Author.visits.set(Author.visits + 1))
        .save(&db)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidQuery);
    assert!(error.to_string().starts_with("`Author.visits`: "), "{error}");
    Ok(())
}

trait GetBy<M: Model> {
    async fn get_by(self, db: &Db, id: i64) -> orm::Result<Book>;
}
impl GetBy<Book> for QuerySet<Book> {
    async fn get_by(self, db: &Db, id: i64) -> orm::Result<Book> {
        self.filter(Book.id.eq(id)).get(db).await
    }
}

async fn keys_of_every_kind(db: Db) -> Outcome {
    let penguin = Publisher::create(NewPublisher { code: "PNG", name: "Penguin" }).save(&db).await?;
    assert_eq!(penguin.code, "PNG");
    let ann = author(&db, "ann").await?;
    let dune = Book::create(NewBook { title: "Dune", author: &ann, price: 1 })
        .with(Book.publisher.set(&penguin))
        .save(&db)
        .await?;
    assert_eq!(dune.publisher.as_ref().map(|p| p.key().as_str()), Some("PNG"));
    assert_eq!(Book::objects().filter(Book.publisher.eq("PNG")).count(&db).await?, 1);

    let made = Token::create(NewToken { label: "made here" }).save(&db).await?;
    let given_id = Uuid::from_u128(7);
    let given = Token::create(NewToken { label: "given" }).with(Token.id.set(given_id)).save(&db).await?;
    assert_ne!(made.id, Uuid::nil());
    assert_eq!(given.id, given_id);
    assert_eq!(Token::objects().filter(Token.id.eq(made.id)).get(&db).await?, made);

    let seat = Seat::create(NewSeat { line: "A", number: 3 }).with(Seat.holder.set("ann")).save(&db).await?;
    Seat::create(NewSeat { line: "A", number: 4 }).save(&db).await?;
    assert_eq!(seat.key(), ("A".to_owned(), 3));
    let mut same = Seat::objects().filter(Seat.line.eq("A") & Seat.number.eq(3)).get(&db).await?;
    assert_eq!(same, seat);
    same.update(&db, Seat.holder.set("bob")).await?;
    assert_eq!(same.holder.as_deref(), Some("bob"));
    same.delete(&db).await?;
    assert_eq!(Seat::objects().values(Seat.number).all(&db).await?, [4]);
    Ok(())
}

async fn what_goes_along_with_a_draft(db: Db) -> Outcome {
    let (rust, sql) = (tag(&db, "rust").await?, tag(&db, "sql").await?);
    let ann = Author::create(NewAuthor { name: "ann", email: "a" })
        .add(
            Author.books,
            [
                NewBook { title: "One", author: Parent, price: 1 }.draft().link(Book.tags, [&rust, &sql]),
                NewBook { title: "Two", author: Parent, price: 2 }.draft().with(Book.copies.set(2)),
            ],
        )
        .save(&db)
        .await?;
    assert!(ann.books.get().is_err(), "what went along is not loaded");
    let books = ann.books().prefetch_related(Book.tags).all(&db).await?;
    assert_eq!(books.iter().map(|b| (b.title.as_str(), b.copies)).collect::<Vec<_>>(), [("One", 1), ("Two", 2)]);
    assert_eq!(books[0].tags.get()?.iter().map(|t| t.name.as_str()).collect::<Vec<_>>(), ["rust", "sql"]);
    assert!(books[1].tags.get()?.is_empty());

    // The child fails, so the parent is not there either.
    let error = Author::create(NewAuthor { name: "bob", email: "b" })
        .add(
            Author.books,
            [NewBook { title: "Same", author: Parent, price: 1 }, NewBook { title: "Same", author: Parent, price: 1 }],
        )
        .save(&db)
        .await
        .unwrap_err();
    assert!(error.is_unique_violation(), "{error:?}");
    assert_eq!(Author::objects().count(&db).await?, 1);
    Ok(())
}

async fn a_draft_comes_from_json(db: Db) -> Outcome {
    let ann = author(&db, "ann").await?;
    let new: NewBook = serde_json::from_value(json!({"title": "Dune", "author": ann.id, "price": "9.50"}))?;
    let dune = Book::create(new.clone()).with(Book.copies.set(2)).save(&db).await?;
    assert_eq!((dune.title.as_str(), *dune.author.key(), dune.price), ("Dune", ann.id, dec!(9.50)));
    let wrong = serde_json::from_value::<NewBook>(json!({"title": "Dune", "price": "1"})).unwrap_err();
    assert_eq!(wrong.to_string(), "missing field `author`");
    Ok(())
}

async fn parents_come_first(db: Db) -> Outcome {
    let dune = Book::create(NewBook {
        title: "Dune",
        author: NewAuthor { name: "frank", email: "f" }.draft().with(Author.age.set(65)),
        price: dec!(1.25),
    })
    .save(&db)
    .await?;
    let frank = dune.author.fetch(&db).await?;
    assert_eq!((frank.name.as_str(), frank.age), ("frank", Some(65)));

    let drafts = (0..5).map(|i| NewBook {
        title: format!("book {i}"),
        author: NewAuthor { name: format!("author {i}"), email: format!("{i}") }.draft(),
        price: i,
    });
    let (db, log) = counted(&db);
    let books = Book::objects().bulk_create(&db, drafts).await?;
    // Two tables, and MySQL reads what it stored.
    let expected = if db.dialect().name() == "mysql" { 4 } else { 2 };
    let statements = log.take();
    assert_eq!(statements.len(), expected, "{statements:#?}");
    for (i, book) in books.iter().enumerate() {
        assert_eq!(book.title, format!("book {i}"));
        assert_eq!(book.author.fetch(&db).await?.name, format!("author {i}"));
    }
    Ok(())
}

async fn as_few_statements_as_tables(db: Db) -> Outcome {
    let (rust, sql) = (tag(&db, "rust").await?, tag(&db, "sql").await?);
    let (db, log) = counted(&db);
    // MySQL gives nothing back, so that the rows are read afterwards.
    let reads = usize::from(db.dialect().name() == "mysql");

    let mut ann = author(&db, "ann").await?;
    assert_eq!(log.count(), 1 + reads);
    ann.update(&db, Author.visits.set(Author.visits + 1)).await?;
    assert_eq!(log.count(), 1 + reads);
    ann.save(&db).await?;
    assert_eq!(log.count(), 1 + reads);
    let dune = Book::create(NewBook { title: "Dune", author: &ann, price: 1 })
        .link(Book.tags, [&rust, &sql])
        .save(&db)
        .await?;
    assert_eq!(log.count(), 2 + reads, "the book, and its links");
    dune.tags().add(&db, [&rust]).await?;
    assert_eq!(log.count(), 1);
    dune.delete(&db).await?;
    assert_eq!(log.count(), 1);

    let drafts: Vec<_> = (0..10).map(|i| NewTag { name: format!("tag {i}") }).collect();
    Tag::objects().bulk_create(&db, drafts).await?;
    assert_eq!(log.count(), 1 + reads);
    let drafts: Vec<_> = (0..1000).map(|i| NewTag { name: format!("more {i}") }).collect();
    Tag::objects().bulk_create(&db, drafts).await?;
    let chunks = match db.dialect().name() {
        "sqlite" => 21,
        "mysql" => 2,
        _ => 1,
    };
    assert_eq!(log.count(), chunks * (1 + reads));

    let parent = |i: usize| {
        NewAuthor { name: format!("author {i}"), email: format!("e{i}") }.draft().add(
            Author.books,
            (0..10).map(|b| NewBook { title: format!("{i}.{b}"), author: Parent, price: 1 }).collect::<Vec<_>>(),
        )
    };
    Author::objects().bulk_create(&db, (0..10).map(parent)).await?;
    let chunks = match db.dialect().name() {
        "sqlite" => 3,
        "mysql" => 2,
        _ => 1,
    };
    assert_eq!(log.count(), (1 + chunks) * (1 + reads), "ten authors, and their hundred books");
    assert_eq!(Book::objects().count(&db).await?, 100);

    log.take();
    let tagged = (0..10).map(|i| {
        // The same tag twice is one tag.
        NewBook { title: format!("tagged {i}"), author: &ann, price: 1 }.draft().link(Book.tags, [&rust, &sql, &rust])
    });
    let tagged = Book::objects().bulk_create(&db, tagged).await?;
    assert_eq!(log.count(), 2 + reads, "ten books, and their twenty links");
    for book in &tagged {
        assert_eq!(book.tags().count(&db).await?, 2);
    }
    Ok(())
}

async fn many_rows_come_back_in_their_order(db: Db) -> Outcome {
    let ann = author(&db, "ann").await?;
    for count in [1_i64, 10, 999, 2_500] {
        let drafts = (0..count).map(|i| {
            let draft = NewBook { title: format!("{count}/{i}"), author: &ann, price: i }.draft();
            match i % 3 {
                0 => draft,
                1 => draft.with(Book.copies.set(i)),
                _ => draft.with((Book.subtitle.set("s"), Book.status.set(Status::Published))),
            }
        });
        let books = Book::objects().bulk_create(&db, drafts).await?;
        assert_eq!(books.len() as i64, count);
        for (i, book) in (0..).zip(&books) {
            assert_eq!((book.title.as_str(), book.price), (format!("{count}/{i}").as_str(), i.into()));
            assert_eq!(book.copies, if i % 3 == 1 { i } else { 1 });
            assert_eq!(book.subtitle.as_deref(), (i % 3 == 2).then_some("s"));
        }
        let stored: Vec<(i64, String)> = Book::objects()
            .filter(Book.title.startswith(format!("{count}/")))
            .values((Book.id, Book.title))
            .all(&db)
            .await?;
        let mut given: Vec<_> = books.into_iter().map(|b| (b.id, b.title)).collect();
        given.sort();
        assert_eq!(stored, given);
    }
    let none = Book::objects().bulk_create(&db, Vec::<NewBook>::new()).await?;
    assert!(none.is_empty());
    Ok(())
}

async fn many_rows_of_every_key(db: Db) -> Outcome {
    let tokens = Token::objects().bulk_create(&db, (0..25).map(|i| NewToken { label: format!("{i}") })).await?;
    assert!(tokens.iter().enumerate().all(|(i, t)| t.label == i.to_string()));
    let drafts = (0..25).rev().map(|i| NewPublisher { code: format!("{i}"), name: format!("n{i}") });
    let publishers = Publisher::objects().bulk_create(&db, drafts).await?;
    assert!(publishers.iter().zip((0..25).rev()).all(|(p, i)| p.name == format!("n{i}")));
    let drafts = (0..25).rev().map(|i| NewSeat { line: format!("{}", i % 3), number: i });
    let seats = Seat::objects().bulk_create(&db, drafts).await?;
    assert!(seats.iter().zip((0..25).rev()).all(|(s, i)| s.number == i && s.line == format!("{}", i % 3)));
    // Keys of integers may be given too.
    let drafts = [30, 10, 20].map(|id| NewTag { name: format!("t{id}") }.draft().with(Tag.id.set(id)));
    let tags = Tag::objects().bulk_create(&db, drafts).await?;
    assert_eq!(tags.iter().map(|t| t.id).collect::<Vec<_>>(), [30, 10, 20]);
    Ok(())
}

async fn many_rows_without_reading_them(db: Db) -> Outcome {
    let ann = author(&db, "ann").await?;
    let (counting, log) = counted(&db);
    let drafts = |range: std::ops::Range<i64>| {
        let ann = ann.id;
        range.map(move |i| NewBook { title: format!("book {i}"), author: ann, price: i })
    };
    assert_eq!(Book::objects().bulk_insert(&counting, drafts(0..1000)).await?, 1000);
    let statements = match db.dialect().name() {
        "sqlite" => 21,
        "mysql" => 2,
        _ => 1,
    };
    assert_eq!(log.count(), statements);
    assert_eq!(Book::objects().bulk_insert(&counting, drafts(1000..3_500)).await?, 2_500);
    assert_eq!(Book::objects().count(&db).await?, 3_500);
    assert_eq!(Book::objects().bulk_insert(&db, drafts(0..0)).await?, 0);
    // Nothing of it is stored if any is refused.
    let error = Book::objects().bulk_insert(&db, drafts(3_490..5_000)).await.unwrap_err();
    assert!(error.is_unique_violation());
    assert_eq!(Book::objects().count(&db).await?, 3_500);
    Ok(())
}

async fn a_row_is_saved_whole(db: Db) -> Outcome {
    let mut ann = author(&db, "ann").await?;
    let stored = ann.clone();
    ann.name = "Ann".to_owned();
    ann.age = None;
    ann.visits = 9;
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    ann.save(&db).await?;
    let read = Author::objects().get(&db).await?;
    assert_eq!((read.name.as_str(), read.age, read.visits), ("Ann", None, 9));
    assert_eq!(read.created_at, stored.created_at);
    assert!(read.changed_at > stored.changed_at);
    // Saving what is stored already is no error, though nothing changes.
    ann.save(&db).await?;
    ann.save(&db).await?;
    Publisher::create(NewPublisher { code: "P", name: "x" }).save(&db).await?.save(&db).await?;
    Ok(())
}

async fn a_row_is_updated_and_refreshed(db: Db) -> Outcome {
    let mut ann = author(&db, "ann").await?;
    Author::objects().update(&db, Author.visits.set(40)).await?;
    assert_eq!(ann.visits, 0);
    ann.update(&db, (Author.visits.set(Author.visits + 2), Author.name.set(Author.name.concat("!")))).await?;
    assert_eq!((ann.visits, ann.name.as_str()), (42, "ann!"));
    Author::objects().update(&db, Author.visits.set(1)).await?;
    ann.refresh(&db).await?;
    assert_eq!(ann.visits, 1);
    ann.update(&db, Author.age.set(None)).await?;
    ann.update(&db, Author.age.set(None)).await?;
    assert_eq!(ann.age, None);
    // Nothing to set: the row is read.
    Author::objects().update(&db, Author.visits.set(7)).await?;
    ann.update(&db, Vec::<orm::query::Set<Author>>::new()).await?;
    assert_eq!(ann.visits, 7);

    // The key itself may change.
    let mut publisher = Publisher::create(NewPublisher { code: "A", name: "x" }).save(&db).await?;
    publisher.update(&db, Publisher.code.set("B")).await?;
    assert_eq!(publisher.code, "B");
    assert_eq!(Publisher::objects().get(&db).await?, publisher);
    Ok(())
}

async fn a_row_that_is_gone_is_an_error(db: Db) -> Outcome {
    let mut ann = author(&db, "ann").await?;
    ann.delete(&db).await?;
    let errors = [
        ann.save(&db).await.unwrap_err(),
        ann.update(&db, Author.visits.set(1)).await.unwrap_err(),
        ann.delete(&db).await.unwrap_err(),
        ann.refresh(&db).await.unwrap_err(),
        Author::objects().get(&db).await.unwrap_err(),
    ];
    for error in errors {
        assert!(error.is_not_found());
        assert_eq!(error.model(), Some("Author"));
        assert!(error.to_string().contains("Author"), "{error}");
    }
    Ok(())
}

async fn rows_are_updated_by_what_they_are(db: Db) -> Outcome {
    let (ann, bob) = (author(&db, "ann").await?, author(&db, "bob").await?);
    for (title, by, price) in [("a", &ann, 1), ("b", &ann, 2), ("c", &bob, 3), ("d", &bob, 4)] {
        Book::create(NewBook { title, author: by, price }).save(&db).await?;
    }
    let prices = async || Book::objects().order_by(Book.title.asc()).values(Book.price).all(&db).await;
    let doubled = Book::objects().filter(Book.price.gt(2)).update(&db, Book.price.set(Book.price * 2)).await?;
    assert_eq!(doubled, 2);
    assert_eq!(prices().await?, [dec!(1), dec!(2), dec!(6), dec!(8)]);

    let ann_s = Book::objects().filter(Book.author.name.eq("ann"));
    assert_eq!(ann_s.update(&db, (Book.price.set(0), Book.editor.set(Book.author))).await?, 2);
    assert_eq!(prices().await?, [dec!(0), dec!(0), dec!(6), dec!(8)]);
    assert_eq!(titles(&db, Book.editor.eq(&ann)).await?, ["a", "b"]);

    let busy = Author::objects().filter(Author.books.any(Book.price.gt(7)));
    assert_eq!(busy.update(&db, Author.visits.set(100)).await?, 1);
    assert_eq!(Author::objects().filter(Author.visits.eq(100)).values(Author.name).all(&db).await?, ["bob"]);

    let two = Book::objects().order_by(Book.title.desc()).limit(2);
    assert_eq!(two.update(&db, Book.copies.set(9)).await?, 2);
    assert_eq!(titles(&db, Book.copies.eq(9)).await?, ["c", "d"]);

    let counted = Author::objects().update(&db, Author.visits.set(Author.books.count())).await?;
    assert_eq!(counted, 2);
    assert_eq!(Author::objects().values(Author.visits).all(&db).await?, [2, 2]);

    assert_eq!(Book::objects().none().update(&db, Book.price.set(1)).await?, 0);
    assert_eq!(Book::objects().filter(Book.title.eq("z")).update(&db, Book.price.set(1)).await?, 0);
    // Rows that have the value already count as well.
    assert_eq!(Book::objects().filter(Book.copies.eq(9)).update(&db, Book.copies.set(9)).await?, 2);
    Ok(())
}

async fn rows_are_deleted_by_what_they_are(db: Db) -> Outcome {
    let (ann, bob) = (author(&db, "ann").await?, author(&db, "bob").await?);
    let rust = tag(&db, "rust").await?;
    for (title, by) in [("a", &ann), ("b", &ann), ("c", &bob), ("d", &bob), ("e", &bob)] {
        book(&db, title, by).await?;
    }
    let a = Book::objects().filter(Book.title.eq("a")).get(&db).await?;
    a.tags().add(&db, [&rust]).await?;
    assert_eq!(Book::objects().filter(Book.tags.any(Tag.name.eq("rust"))).delete(&db).await?, 1);
    assert_eq!(titles(&db, None).await?, ["b", "c", "d", "e"]);
    assert_eq!(Book::objects().filter(Book.author.name.eq("ann")).delete(&db).await?, 1);
    assert_eq!(Book::objects().order_by(Book.title.desc()).limit(2).delete(&db).await?, 2);
    assert_eq!(titles(&db, None).await?, ["c"]);
    assert_eq!(Book::objects().none().delete(&db).await?, 0);
    assert_eq!(Book::objects().delete(&db).await?, 1);
    assert_eq!(Tag::objects().count(&db).await?, 1);
    Ok(())
}

async fn deletions_reach_other_rows(db: Db) -> Outcome {
    let (ann, bob) = (author(&db, "ann").await?, author(&db, "bob").await?);
    let tag = tag(&db, "rust").await?;
    let mine = Book::create(NewBook { title: "mine", author: &ann, price: 1 })
        .with(Book.editor.set(&bob))
        .link(Book.tags, [&tag])
        .save(&db)
        .await?;
    bob.delete(&db).await?;
    let mut mine_now = mine.clone();
    mine_now.refresh(&db).await?;
    assert_eq!(mine_now.editor, None);
    ann.delete(&db).await?;
    assert!(mine_now.refresh(&db).await.unwrap_err().is_not_found());
    assert_eq!(tag.books().count(&db).await?, 0);
    Ok(())
}

async fn unique_violations_name_constraint_and_fields(db: Db) -> Outcome {
    let ann = author(&db, "ann").await?;
    let error = Author::create(NewAuthor { name: "x", email: "ann@example.org" }).save(&db).await.unwrap_err();
    assert!(error.is_unique_violation());
    assert_eq!((error.model(), error.constraint()), (Some("Author"), Some("uq_authors_email")));
    assert_eq!(error.fields(), ["email"]);
    assert!(error.to_string().starts_with("`Author.email`: "), "{error}");
    assert!(!format!("{error:?}").contains("ann@"), "{error:?}");

    book(&db, "Dune", &ann).await?;
    let error = book(&db, "Dune", &ann).await.unwrap_err();
    assert_eq!(error.constraint(), Some("uq_books_author_id_title"));
    assert_eq!((error.model(), error.fields()), (Some("Book"), ["author".to_owned(), "title".to_owned()].as_slice()));

    let bob = author(&db, "bob").await?;
    let mut other = book(&db, "Dune", &bob).await?;
    let error = other.update(&db, Book.author.set(&ann)).await.unwrap_err();
    assert_eq!(error.fields(), ["author", "title"]);
    let error = Author::objects().update(&db, Author.email.set("same")).await.unwrap_err();
    assert_eq!((error.constraint(), error.fields()), (Some("uq_authors_email"), ["email".to_owned()].as_slice()));

    Publisher::create(NewPublisher { code: "P", name: "x" }).save(&db).await?;
    let error = Publisher::create(NewPublisher { code: "P", name: "y" }).save(&db).await.unwrap_err();
    assert!(error.is_unique_violation());
    assert_eq!((error.model(), error.fields()), (Some("Publisher"), ["code".to_owned()].as_slice()));
    let key = if db.dialect().name() == "postgres" { "pk_publishers" } else { "PRIMARY" };
    assert_eq!(error.constraint(), Some(key));
    Seat::create(NewSeat { line: "A", number: 1 }).save(&db).await?;
    let error = Seat::create(NewSeat { line: "A", number: 1 }).save(&db).await.unwrap_err();
    assert_eq!(error.fields(), ["line", "number"]);
    let error = Tag::objects().bulk_create(&db, ["a", "b", "a"].map(|name| NewTag { name })).await.unwrap_err();
    assert_eq!((error.constraint(), error.fields()), (Some("uq_tags_name"), ["name".to_owned()].as_slice()));
    assert_eq!(Tag::objects().count(&db).await?, 0);
    Ok(())
}

async fn foreign_key_violations_name_constraint_and_fields(db: Db) -> Outcome {
    let check = |error: orm::Error, constraint: &str, model: &str, field: &str| {
        assert!(error.is_foreign_key_violation(), "{error:?}");
        assert_eq!(error.constraint(), Some(constraint), "{error:?}");
        assert_eq!((error.model(), error.fields()), (Some(model), [field.to_owned()].as_slice()), "{error:?}");
    };
    let error = Book::create(NewBook { title: "x", author: 77, price: 1 }).save(&db).await.unwrap_err();
    check(error, "fk_books_author_id", "Book", "author");

    let ann = author(&db, "ann").await?;
    let error = Book::create(NewBook { title: "x", author: &ann, price: 1 })
        .with(Book.editor.set(77))
        .save(&db)
        .await
        .unwrap_err();
    check(error, "fk_books_editor_id", "Book", "editor");
    let mut dune = book(&db, "Dune", &ann).await?;
    let error = dune.update(&db, Book.publisher.set("nobody")).await.unwrap_err();
    check(error, "fk_books_publisher_id", "Book", "publisher");
    dune.editor = Some(ForeignKey::new(55));
    check(dune.save(&db).await.unwrap_err(), "fk_books_editor_id", "Book", "editor");
    dune.refresh(&db).await?;
    assert_eq!(dune.editor, None);

    // A row that others point at, where that restricts its deletion.
    let publisher = Publisher::create(NewPublisher { code: "P", name: "x" }).save(&db).await?;
    dune.update(&db, Book.publisher.set(&publisher)).await?;
    check(publisher.delete(&db).await.unwrap_err(), "fk_books_publisher_id", "Book", "publisher");
    check(Publisher::objects().delete(&db).await.unwrap_err(), "fk_books_publisher_id", "Book", "publisher");

    // And at the end of a row of deletions.
    Loan::create(NewLoan { book: &dune }).save(&db).await?;
    check(ann.clone().delete(&db).await.unwrap_err(), "fk_loans_book_id", "Loan", "book");
    check(
        Author::objects().filter(Author.name.eq("ann")).delete(&db).await.unwrap_err(),
        "fk_loans_book_id",
        "Loan",
        "book",
    );
    check(dune.clone().delete(&db).await.unwrap_err(), "fk_loans_book_id", "Loan", "book");

    // In a transaction as well, which goes on after a savepoint.
    db.atomic(async |tx: Tx| {
        let error = tx.atomic(async |tx: Tx| publisher.delete(&tx).await).await.unwrap_err();
        check(error, "fk_books_publisher_id", "Book", "publisher");
        author(&tx, "bob").await
    })
    .await?;
    assert_eq!(Author::objects().count(&db).await?, 2);

    let error = dune.tags().add(&db, [99]).await.unwrap_err();
    assert!(error.is_foreign_key_violation());
    assert_eq!(error.constraint(), Some("fk_books_tags_tag_id"));
    Ok(())
}

async fn null_is_refused(db: Db) -> Outcome {
    let error = db.execute("INSERT INTO tags (name) VALUES (NULL)").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotNullViolation);
    assert_eq!(error.fields(), ["name"]);
    Ok(())
}

async fn values_that_do_not_fit_are_refused(db: Db) -> Outcome {
    let check = |error: orm::Error, field: &str| {
        assert_eq!(error.kind(), ErrorKind::InvalidValue, "{error:?}");
        assert_eq!(error.fields(), [field]);
    };
    let ann = author(&db, "ann").await?;
    check(tag(&db, &"x".repeat(41)).await.unwrap_err(), "name");
    check(tag(&db, "a\0b").await.unwrap_err(), "name");
    let dear = NewBook { title: "x", author: &ann, price: dec!(100000.00) };
    check(Book::create(dear).save(&db).await.unwrap_err(), "price");
    let fine = NewBook { title: "x", author: &ann, price: dec!(99999.99) };
    assert_eq!(Book::create(fine).save(&db).await?.price, dec!(99999.99));
    assert_eq!(tag(&db, &"ü".repeat(40)).await?.name, "ü".repeat(40));
    let mut ann = ann;
    check(ann.update(&db, Author.name.set("n".repeat(101))).await.unwrap_err(), "name");
    Ok(())
}

async fn many_to_many_from_both_sides(db: Db) -> Outcome {
    let ann = author(&db, "ann").await?;
    let (a, b) = (book(&db, "a", &ann).await?, book(&db, "b", &ann).await?);
    let (x, y, z) = (tag(&db, "x").await?, tag(&db, "y").await?, tag(&db, "z").await?);
    let names = async |book: &Book| {
        let tags = book.tags().all(&db).await?;
        Ok::<_, orm::Error>(tags.into_iter().map(|t| t.name).collect::<Vec<_>>().join(""))
    };
    assert_eq!(a.tags().add(&db, [&x, &y]).await?, 2);
    a.tags().add(&db, [&y, &y, &z]).await?;
    assert_eq!(names(&a).await?, "xyz");
    assert_eq!(names(&b).await?, "");
    assert_eq!(a.tags().remove(&db, [&x]).await?, 1);
    assert_eq!(a.tags().remove(&db, [&x]).await?, 0);
    assert_eq!(names(&a).await?, "yz");
    a.tags().set(&db, [&x, &z]).await?;
    assert_eq!(names(&a).await?, "xz");
    a.tags().set(&db, [x.id]).await?;
    assert_eq!(names(&a).await?, "x");
    a.tags().set(&db, Vec::<i64>::new()).await?;
    assert_eq!(names(&a).await?, "");

    assert_eq!(x.books().add(&db, [&a, &b]).await?, 2);
    x.books().add(&db, [&a]).await?;
    assert_eq!((names(&a).await?, names(&b).await?), ("x".to_owned(), "x".to_owned()));
    assert_eq!(x.books().filter(Book.title.eq("b")).count(&db).await?, 1);
    x.books().set(&db, [&b]).await?;
    assert_eq!((names(&a).await?, names(&b).await?), (String::new(), "x".to_owned()));
    assert_eq!(x.books().clear(&db).await?, 1);
    assert_eq!(x.books().count(&db).await?, 0);
    assert_eq!(Book::objects().count(&db).await?, 2, "unlinking deletes nothing");

    let w = b.tags().create(&db, NewTag { name: "w" }).await?;
    assert_eq!(names(&b).await?, "w");
    assert!(w.books().filter(Book.id.eq(b.id)).exists(&db).await?);
    Ok(())
}

async fn rows_are_managers_of_their_relations(db: Db) -> Outcome {
    let (ann, bob) = (author(&db, "ann").await?, author(&db, "bob").await?);
    let cheap = ann.books().create(&db, NewBook { title: "cheap", author: Parent, price: 1 }).await?;
    let dear = NewBook { title: "dear", author: Parent, price: 50 }.draft().with(Book.editor.set(&bob));
    ann.books().create(&db, dear).await?;
    book(&db, "other", &bob).await?;
    assert_eq!(*cheap.author.key(), ann.id);
    assert_eq!(ann.books().count(&db).await?, 2);
    assert!(ann.books().exists(&db).await?);
    let dear = ann.books().filter(Book.price.gt(30)).get(&db).await?;
    assert_eq!(dear.title, "dear");
    assert_eq!(ann.books().exclude(Book.price.gt(30)).all(&db).await?, std::slice::from_ref(&cheap));
    assert_eq!(ann.books().order_by(Book.price.desc()).first(&db).await?, Some(dear.clone()));
    assert_eq!(bob.edited().all(&db).await?, [dear]);
    assert_eq!(ann.books().filter(Book.price.lt(30)).update(&db, Book.price.set(2)).await?, 1);
    assert_eq!(ann.books().query().delete(&db).await?, 2);
    assert_eq!(titles(&db, None).await?, ["other"]);

    let error = ann.books().add(&db, [cheap.id]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidQuery);
    Ok(())
}

async fn rows_become_json(db: Db) -> Outcome {
    let ann = author(&db, "ann").await?;
    let rust = tag(&db, "rust").await?;
    let dune = Book::create(NewBook { title: "Dune", author: &ann, price: dec!(9.5) })
        .link(Book.tags, [&rust])
        .save(&db)
        .await?;
    let plain = serde_json::to_value(&dune)?;
    assert_eq!(plain["author"], json!(ann.id));
    assert_eq!((&plain["editor"], &plain["tags"]), (&json!(null), &json!(null)));
    assert_eq!((&plain["price"], &plain["status"]), (&json!("9.50"), &json!("Draft")));

    let loaded = Book::objects().select_related(Book.author).prefetch_related(Book.tags).get(&db).await?;
    let nested = serde_json::to_value(&loaded)?;
    assert_eq!(nested["author"]["name"], json!("ann"));
    assert_eq!(nested["author"]["books"], json!(null));
    assert_eq!(nested["tags"], json!([{"id": rust.id, "name": "rust", "books": null}]));

    let ann = Author::objects().prefetch_related(Author.books.prefetch_related(Book.tags)).get(&db).await?;
    let nested = serde_json::to_value(&ann)?;
    assert_eq!(nested["books"][0]["title"], json!("Dune"));
    assert_eq!(nested["books"][0]["author"], json!(ann.id));
    assert_eq!(nested["books"][0]["tags"][0]["name"], json!("rust"));
    assert_eq!(nested["edited"], json!(null));
    Ok(())
}

async fn a_foreign_key_is_fetched(db: Db) -> Outcome {
    let ann = author(&db, "ann").await?;
    let dune = book(&db, "Dune", &ann).await?;
    assert_eq!(dune.author.get().unwrap_err().kind(), ErrorKind::NotLoaded);
    assert_eq!(*dune.author.fetch(&db).await?, ann);
    let (db, log) = counted(&db);
    let loaded = Book::objects().select_related(Book.author).get(&db).await?;
    assert_eq!(loaded.author.fetch(&db).await?.name, "ann");
    assert_eq!(log.count(), 1, "what a query loaded is not read again");
    let gone: ForeignKey<Author> = ForeignKey::new(999);
    assert_eq!(gone.fetch(&db).await.unwrap_err().model(), Some("Author"));
    Ok(())
}
