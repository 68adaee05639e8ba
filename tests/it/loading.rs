//! Related rows: which statement loads them, and what is there afterwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use orm::db::{BoxFuture, Done, Sink, Statement};
use orm::dialect::Dialect;
use orm::prelude::*;

use crate::harness::Outcome;
use crate::shop::{Author, Book, Country, NewNode, Node, Profile, Tag, fill};
use crate::suite;

suite!([Country, Author, Profile, Tag, Book, Node];
    rows_that_are_pointed_at_come_along, the_far_side_of_a_one_to_one_comes_along, relations_to_many_are_prefetched,
    a_prefetch_is_narrowed_ordered_and_limited, prefetches_nest, many_to_many_from_both_sides, a_model_that_points_at_itself,
    a_prefetch_through_a_foreign_key, what_is_not_loaded_says_so, fetching_afterwards, two_relations_to_one_model,
    annotated_rows_take_related_ones, many_parents_at_once,
);

/// Runs on another executor, and counts the statements.
struct Counting {
    inner: Box<dyn Executor>,
    statements: Arc<AtomicUsize>,
}

impl Counting {
    fn new(db: &Db) -> Counting {
        Counting { inner: db.handle(), statements: Arc::default() }
    }

    /// How many there were since the last call.
    fn taken(&self) -> usize {
        self.statements.swap(0, Ordering::Relaxed)
    }
}

impl Executor for Counting {
    fn dialect(&self) -> &'static dyn Dialect {
        self.inner.dialect()
    }
    fn run<'a>(
        &'a self,
        statement: Statement,
        sink: Box<dyn Sink>,
        label: &'static str,
    ) -> BoxFuture<'a, (Box<dyn Sink>, orm::Result<Done>)> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        self.inner.run(statement, sink, label)
    }
    fn begin<'a>(&'a self, label: &'static str) -> BoxFuture<'a, orm::Result<Tx>> {
        self.inner.begin(label)
    }
    fn handle(&self) -> Box<dyn Executor> {
        Box::new(Counting { inner: self.inner.handle(), statements: self.statements.clone() })
    }
    fn plans(&self) -> &orm::db::Plans {
        self.inner.plans()
    }
}

fn titles(books: &[Book]) -> Vec<&str> {
    books.iter().map(|b| b.title.as_str()).collect()
}

async fn rows_that_are_pointed_at_come_along(db: Db) -> Outcome {
    fill(&db).await?;
    let db = Counting::new(&db);
    let books = Book::objects().select_related((Book.author.country, Book.editor)).all(&db).await?;
    assert_eq!(db.taken(), 1);
    assert_eq!(books[0].author.get()?.name, "Ann");
    assert_eq!(books[0].author.get()?.country.as_ref().ok_or("no country")?.get()?.name, "Norway");
    assert_eq!(books[0].editor.as_ref().ok_or("no editor")?.get()?.name, "Bob");
    assert!(books[1].editor.is_none());
    assert_eq!(books[2].author.get()?.name, "Bob");
    assert!(books[2].author.get()?.country.is_none());
    let none = Book::objects().select_related(Book.editor.country).filter(Book.editor.is_null()).all(&db).await?;
    assert_eq!(titles(&none), ["A2"]);
    let norse = Book::objects().select_related(Book.editor.country).filter(Book.title.eq("B1")).get(&db).await?;
    assert_eq!(norse.editor.ok_or("no editor")?.get()?.country.as_ref().ok_or("no country")?.get()?.name, "Norway");
    let first = Book::objects().select_related(Book.author).first(&db).await?.ok_or("no row")?;
    assert!(first.author.is_loaded());
    Ok(())
}

async fn the_far_side_of_a_one_to_one_comes_along(db: Db) -> Outcome {
    fill(&db).await?;
    let db = Counting::new(&db);
    let authors = Author::objects().select_related(Author.profile).all(&db).await?;
    assert_eq!(db.taken(), 1);
    assert_eq!(authors[0].profile.get()?.ok_or("no profile")?.bio, "Sails");
    assert!(authors[1].profile.get()?.is_none());
    let authors = Author::objects().prefetch_related(Author.profile).all(&db).await?;
    assert_eq!(db.taken(), 2);
    assert_eq!(authors[0].profile.get()?.ok_or("no profile")?.bio, "Sails");
    assert!(authors[1].profile.get()?.is_none());
    let profile = Profile::objects().select_related(Profile.author.country).get(&db).await?;
    assert_eq!(profile.author.get()?.name, "Ann");
    let books = Book::objects().select_related(Book.author.profile).all(&db).await?;
    assert_eq!(books[0].author.get()?.profile.get()?.ok_or("no profile")?.bio, "Sails");
    assert!(books[2].author.get()?.profile.get()?.is_none());
    Ok(())
}

async fn relations_to_many_are_prefetched(db: Db) -> Outcome {
    fill(&db).await?;
    let db = Counting::new(&db);
    let authors = Author::objects().prefetch_related(Author.books).all(&db).await?;
    assert_eq!(db.taken(), 2);
    assert_eq!(titles(authors[0].books.get()?), ["A1", "A2"]);
    assert_eq!(titles(authors[1].books.get()?), ["B1"]);
    assert!(authors[2].books.get()?.is_empty());
    // Nobody to load for, nothing to ask.
    Author::objects().filter(Author.name.eq("Zoe")).prefetch_related(Author.books).all(&db).await?;
    assert_eq!(db.taken(), 1);
    Author::objects().none().prefetch_related(Author.books).all(&db).await?;
    assert_eq!(db.taken(), 0);
    let author = Author::objects().prefetch_related(Author.books).filter(Author.name.eq("Bob")).get(&db).await?;
    assert_eq!(titles(author.books.get()?), ["B1"]);
    Ok(())
}

async fn a_prefetch_is_narrowed_ordered_and_limited(db: Db) -> Outcome {
    fill(&db).await?;
    let db = Counting::new(&db);
    let of = async |query: QuerySet<Author>| -> Result<Vec<Vec<String>>, Box<dyn std::error::Error + Send + Sync>> {
        let rows = query.all(&db).await?;
        assert_eq!(db.taken(), 2);
        rows.iter().map(|a| Ok(a.books.get()?.iter().map(|b| b.title.clone()).collect())).collect()
    };
    let q = Author::objects;
    assert_eq!(
        of(q().prefetch_related(Author.books.filter(Book.price.gt(15)))).await?,
        [vec!["A2"], vec!["B1"], vec![]]
    );
    assert_eq!(
        of(q().prefetch_related(Author.books.order_by(Book.price.desc()))).await?,
        [vec!["A2", "A1"], vec!["B1"], vec![]]
    );
    assert_eq!(
        of(q().prefetch_related(Author.books.order_by(Book.price.desc()).limit(1))).await?,
        [vec!["A2"], vec!["B1"], vec![]]
    );
    assert_eq!(of(q().prefetch_related(Author.books.limit(1))).await?, [vec!["A1"], vec!["B1"], vec![]]);
    assert_eq!(of(q().prefetch_related(Author.books.order_by(Book.author.name.asc()).limit(5))).await?[0].len(), 2);
    assert_eq!(
        of(q().prefetch_related(Author.books.filter(Book.tags.any(Tag.name.eq("y"))))).await?,
        [vec!["A1"], vec![], vec![]]
    );
    assert_eq!(
        of(q().prefetch_related(Author.books.filter(Book.editor.name.eq("Bob")).limit(3))).await?,
        [vec!["A1"], vec![], vec![]]
    );
    assert_eq!(
        of(q().order_by(Author.name.desc()).limit(2).prefetch_related(Author.books)).await?,
        [vec![], vec!["B1"]]
    );
    let rows = q()
        .prefetch_related(Author.books.select_related(Book.editor).order_by(Book.editor.name.asc().nulls_last()))
        .all(&db)
        .await?;
    assert_eq!(db.taken(), 2);
    assert_eq!(rows[0].books.get()?[0].editor.as_ref().ok_or("no editor")?.get()?.name, "Bob");
    let rows = q().prefetch_related(Author.books.filter(Book.id.is_in(Vec::<i64>::new()))).all(&db).await?;
    assert_eq!(db.taken(), 1);
    assert!(rows[0].books.get()?.is_empty());
    Ok(())
}

async fn prefetches_nest(db: Db) -> Outcome {
    fill(&db).await?;
    let db = Counting::new(&db);
    let check = |authors: &[Author]| -> Outcome {
        let tags: Vec<&str> = authors[0].books.get()?[0].tags.get()?.iter().map(|t| t.name.as_str()).collect();
        assert_eq!(tags, ["x", "y"]);
        assert_eq!(authors[0].books.get()?[1].tags.get()?.len(), 1);
        assert!(authors[2].books.get()?.is_empty());
        Ok(())
    };
    check(&Author::objects().prefetch_related(Author.books.prefetch_related(Book.tags)).all(&db).await?)?;
    assert_eq!(db.taken(), 3);
    check(&Author::objects().prefetch_related(Author.books.tags).all(&db).await?)?;
    assert_eq!(db.taken(), 3);
    check(&Author::objects().prefetch_related((Author.books, Author.books.tags)).all(&db).await?)?;
    assert_eq!(db.taken(), 3);
    check(&Author::objects().prefetch_related((Author.books.tags, Author.edited, Author.country)).all(&db).await?)?;
    assert_eq!(db.taken(), 5);
    Ok(())
}

async fn many_to_many_from_both_sides(db: Db) -> Outcome {
    fill(&db).await?;
    let tags = Tag::objects().prefetch_related(Tag.books.order_by(Book.title.desc())).all(&db).await?;
    let found: Vec<(&str, Vec<&str>)> =
        tags.iter().map(|t| Ok((t.name.as_str(), titles(t.books.get()?)))).collect::<orm::Result<_>>()?;
    assert_eq!(found, [("w", vec![]), ("x", vec!["A2", "A1"]), ("y", vec!["A1"]), ("z", vec!["B1"])]);
    let tags = Tag::objects().prefetch_related(Tag.books.order_by(Book.title.desc()).limit(1)).all(&db).await?;
    assert_eq!(titles(tags[1].books.get()?), ["A2"]);
    let books = Book::objects().prefetch_related(Book.tags.books.author).all(&db).await?;
    assert_eq!(books[0].tags.get()?[0].books.get()?[1].author.get()?.name, "Ann");
    let book = &books[0];
    assert_eq!(book.tags().count(&db).await?, 2);
    let w = Tag::objects().filter(Tag.name.eq("w")).get(&db).await?;
    book.tags().add(&db, [&w]).await?;
    book.tags().add(&db, [&w]).await?;
    assert_eq!(book.tags().values_of(&db).await?, ["w", "x", "y"]);
    assert_eq!(w.books().count(&db).await?, 1);
    w.books().clear(&db).await?;
    assert_eq!(book.tags().values_of(&db).await?, ["x", "y"]);
    book.tags().set(&db, [&w]).await?;
    assert_eq!(book.tags().values_of(&db).await?, ["w"]);
    book.tags().remove(&db, [&w]).await?;
    assert!(!book.tags().exists(&db).await?);
    Ok(())
}

trait ValuesOf {
    async fn values_of(&self, db: &Db) -> orm::Result<Vec<String>>;
}
impl<F: orm::model::Relation<Owner = Book, Target = Tag>> ValuesOf for orm::query::RelatedManager<Book, F> {
    async fn values_of(&self, db: &Db) -> orm::Result<Vec<String>> {
        self.query().values(Tag.name).all(db).await
    }
}

async fn a_model_that_points_at_itself(db: Db) -> Outcome {
    let root = Node::create(NewNode { name: "root" }).save(&db).await?;
    let a = Node::create(NewNode { name: "a" }).with(Node.parent.set(&root)).save(&db).await?;
    Node::create(NewNode { name: "b" }).with(Node.parent.set(&a)).save(&db).await?;
    let nodes = Node::objects()
        .prefetch_related(Node.children.prefetch_related(Node.children))
        .select_related(Node.parent.parent)
        .all(&db)
        .await?;
    let of = |name: &str| nodes.iter().find(|n| n.name == name).ok_or("no node");
    assert_eq!(of("root")?.children.get()?[0].children.get()?[0].name, "b");
    assert!(of("b")?.children.get()?.is_empty());
    assert_eq!(
        of("b")?.parent.as_ref().ok_or("no parent")?.get()?.parent.as_ref().ok_or("no parent")?.get()?.name,
        "root"
    );
    assert!(of("root")?.parent.is_none());
    Ok(())
}

async fn a_prefetch_through_a_foreign_key(db: Db) -> Outcome {
    fill(&db).await?;
    let db = Counting::new(&db);
    let books = Book::objects().prefetch_related((Book.author.books, Book.editor)).all(&db).await?;
    assert_eq!(db.taken(), 4);
    assert_eq!(titles(books[0].author.get()?.books.get()?), ["A1", "A2"]);
    assert_eq!(books[0].editor.as_ref().ok_or("no editor")?.get()?.name, "Bob");
    assert!(books[1].editor.is_none());
    Ok(())
}

async fn what_is_not_loaded_says_so(db: Db) -> Outcome {
    fill(&db).await?;
    let author = Author::objects().filter(Author.name.eq("Ann")).get(&db).await?;
    let book = author.books().first(&db).await?.ok_or("no book")?;
    let error = author.books.get().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotLoaded);
    assert!(error.to_string().contains("`Book`") && error.to_string().contains("prefetch_related"), "{error}");
    let error = book.author.get().unwrap_err();
    assert!(error.to_string().contains("`Author`") && error.to_string().contains("select_related"), "{error}");
    let error = book.tags.get().unwrap_err();
    assert!(error.to_string().contains("`Tag`") && error.to_string().contains("prefetch_related"), "{error}");
    let error = author.profile.get().unwrap_err();
    assert!(error.to_string().contains("`Profile`") && error.to_string().contains("select_related"), "{error}");
    let error = Author::objects().prefetch_related(rev(Book.editor)).all(&db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidQuery, "{error}");
    Ok(())
}

async fn fetching_afterwards(db: Db) -> Outcome {
    fill(&db).await?;
    let book = Book::objects().filter(Book.title.eq("A1")).get(&db).await?;
    assert_eq!(book.author.fetch(&db).await?.name, "Ann");
    assert_eq!(book.editor.as_ref().ok_or("no editor")?.fetch(&db).await?.name, "Bob");
    let counting = Counting::new(&db);
    let loaded = Book::objects().select_related(Book.author).first(&db).await?.ok_or("no book")?;
    assert_eq!(loaded.author.fetch(&counting).await?.name, "Ann");
    assert_eq!(counting.taken(), 0, "it is there already");
    Ok(())
}

async fn two_relations_to_one_model(db: Db) -> Outcome {
    fill(&db).await?;
    let authors = Author::objects().prefetch_related((Author.books, Author.edited)).all(&db).await?;
    assert_eq!(titles(authors[0].books.get()?), ["A1", "A2"]);
    assert_eq!(titles(authors[0].edited.get()?), ["B1"]);
    assert_eq!(titles(authors[1].edited.get()?), ["A1"]);
    Ok(())
}

async fn annotated_rows_take_related_ones(db: Db) -> Outcome {
    fill(&db).await?;
    let rows = Author::objects()
        .select_related(Author.country)
        .prefetch_related(Author.books)
        .annotate(Author.books.count())
        .all(&db)
        .await?;
    for (author, count) in &rows {
        assert_eq!(author.books.get()?.len() as i64, *count);
    }
    assert_eq!(rows[0].0.country.as_ref().ok_or("no country")?.get()?.name, "Norway");
    Ok(())
}

async fn many_parents_at_once(db: Db) -> Outcome {
    let count = 3000;
    Node::objects().bulk_create(&db, (0..count).map(|i| NewNode { name: format!("{i:06}") })).await?;
    let parents = Node::objects().all(&db).await?;
    let drafts =
        parents.iter().map(|p| Node::create(NewNode { name: format!("child of {}", p.name) }).with(Node.parent.set(p)));
    Node::objects().bulk_create(&db, drafts).await?;
    let counting = Counting::new(&db);
    let parents = Node::objects().filter(Node.parent.is_null()).prefetch_related(Node.children).all(&counting).await?;
    assert_eq!(counting.taken(), 2);
    assert_eq!(parents.len(), count);
    for parent in &parents {
        assert_eq!(parent.children.get()?[0].name, format!("child of {}", parent.name));
    }
    Ok(())
}
