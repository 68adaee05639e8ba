//! What users write, without running it: that it compiles is the test.

use super::models::*;
use crate::Result;
use crate::db::Executor;
use crate::model::{Expr, Field, Id, Model, Parent, Path, Single};
use crate::query::*;
use crate::value::Row;
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;

async fn order(db: &dyn Executor) -> Result<()> {
    Book::objects().order_by((Book.author.name.asc(), Book.tags.count().desc(), Book.price.desc())).all(db).await?;
    Book::objects().order_by(Book.price.desc().nulls_last()).all(db).await?;
    Book::objects().order_by([Book.price.desc(), Book.author.name.asc()]).all(db).await?;
    let mut keys = vec![Book.price.desc()];
    keys.push(author_books_desc());
    Book::objects().order_by(keys).all(db).await?;
    Book::objects().order_by(()).order_by(random()).reverse().all(db).await?;
    Ok(())
}
fn author_books_desc() -> Order<Book> {
    Book.author.books.count().desc()
}

async fn nullable(db: &dyn Executor, author: &Author, owned: Author, s: Option<String>, k: Option<i64>) -> Result<()> {
    let qs = Book::objects;
    let _ = qs().filter(
        Book.editor.eq(author)
            & Book.author.eq(owned)
            & Book.editor.eq(None)
            & Book.editor.eq(k)
            & Book.author.eq(3)
            & Book.editor.eq(3),
    );
    let _ = qs().filter(
        Book.subtitle.eq(None)
            & Book.subtitle.eq(s.clone())
            & Book.subtitle.eq("x")
            & Book.subtitle.eq(s)
            & Book.editor.name.eq(None),
    );
    let _ = qs().filter(
        Book.title.eq(Book.subtitle)
            & Book.subtitle.eq(Book.title)
            & Book.title.eq(Book.editor.name)
            & Book.editor.country.name.is_null()
            & Book.editor.eq(Book.author),
    );
    let _ = qs().filter(
        Book.editor.country.is_null()
            | Book.author.profile.id.is_null()
            | Book.author.profile.bio.eq("x")
            | Book.author.profile.author.name.is_not_null(),
    );
    let _ = qs().filter(
        Book.author.id.eq(3)
            & Book.author.is_in([1, 2])
            & Book.author.is_in(Author::objects().filter(Author.name.eq("x")))
            & Book.author.is_in(Author::objects().values(Author.id))
            & Book.author.not_in(vec![author]),
    );
    let _ = qs().filter(
        Book.title.is_in(["a", "b"])
            & Book.editor.is_in(Book::objects().values(Book.author))
            & Book.title.is_in(Author::objects().values(Author.nick)),
    );
    let _: Vec<(Option<String>, Option<String>, Option<i64>, i64)> =
        qs().values((Book.editor.country.name, Book.author.profile.bio, Book.editor, Book.author)).all(db).await?;
    Ok(())
}

async fn many(db: &dyn Executor) -> Result<()> {
    let a = Author::objects;
    let _: Vec<(Author, (i64, Option<Decimal>, i64, Option<i64>, Option<Decimal>))> = a()
        .annotate((
            Author.books.filter(Book.price.gt(30)).count(),
            Author.books.filter(Book.price.gt(30)).sum(Book.price),
            Author.books.tags.id.count(),
            Author.books.filter(Book.price.gt(3)).sum(Book.tags.count()),
            Author.books.sum(Book.price * Book.copies),
        ))
        .all(db)
        .await?;
    let _ = a().filter(
        Author.books.all(Book.price.gt(3))
            & Author.books.none(Book.tags.any(Tag.name.eq("x")))
            & Author.books.author.books.any(Book.title.eq("x")),
    );
    let _: Vec<(Option<String>, i64)> =
        Book::objects().values((Book.tags.each().name, Book.tags.each().books.count())).all(db).await?;
    let _: Vec<(Option<String>, Option<String>)> =
        a().values((Author.books.each().title, Author.books.each().editor.country.name)).all(db).await?;
    let _: Vec<(Author, Option<String>)> =
        a().annotate(Author.books.order_by(Book.published.desc()).first(Book.title)).all(db).await?;
    let _: Vec<(Option<String>, i64)> =
        a().group_by(Author.books.tags.each().name).annotate(Author.books.each().id.count()).all(db).await?;
    let _: (Option<f64>, Option<i64>) =
        a().aggregate(db, (Author.books.count().avg(), Author.books.count().sum())).await?;
    let _: Vec<(Author, (i64, Option<Decimal>, i64))> = a()
        .filter(rev(Book.author).any(Book.price.gt(3)) & rev(Book.tags).exists_in_tags())
        .annotate((rev(Book.editor).count(), rev(Book.author).price.sum(), rev(Book.author).tags.count()))
        .all(db)
        .await?;
    let _: Option<Decimal> = a().aggregate(db, Author.books.price.sum().avg()).await?;
    Ok(())
}
trait InTags {
    fn exists_in_tags(self) -> Q<Author>;
}
impl InTags for crate::model::Rel<crate::model::At<Tag>, crate::model::Rev<book::tags>> {
    fn exists_in_tags(self) -> Q<Author> {
        Author.books.tags.any(self.exists())
    }
}

async fn loading(db: &dyn Executor) -> Result<()> {
    Author::objects()
        .prefetch_related(
            Author
                .books
                .filter(Book.price.gt(3))
                .order_by(Book.published.desc())
                .limit(3)
                .prefetch_related(Book.tags)
                .select_related(Book.editor),
        )
        .all(db)
        .await?;
    Author::objects()
        .prefetch_related((Author.books.tags, Author.edited.filter(Book.editor.name.eq("x")), Author.country))
        .all(db)
        .await?;
    Book::objects()
        .select_related((Book.author, Book.editor.country))
        .prefetch_related(Book.author.books)
        .all(db)
        .await?;
    Node::objects()
        .prefetch_related(Node.children.prefetch_related(Node.children))
        .select_related(Node.parent.parent)
        .all(db)
        .await?;
    Ok(())
}

async fn whole(db: &dyn Executor) -> Result<()> {
    let _: Vec<(Book, Author, Option<Author>, String)> =
        Book::objects().values((Book, *Book.author, *Book.editor, Book.title)).all(db).await?;
    let _: Vec<(Book, Author, Option<Author>, String)> =
        Book::objects().values((Book, Book.author.row(), Book.editor.row(), Book.title)).all(db).await?;
    let _: Vec<(Option<Tag>, i64)> = Book::objects().values((*Book.tags.each(), Book.author)).all(db).await?;
    let _: Vec<Author> = Book::objects().values(*Book.author).all(db).await?;
    let _: Vec<Option<Profile>> = Author::objects().values(Author.profile.row()).all(db).await?;
    Ok(())
}

async fn annotated(db: &dyn Executor) -> Result<()> {
    let n = Author.books.count();
    let _: Vec<(Author, i64)> =
        Author::objects().annotate(&n).filter(n.gt(3)).order_by((n.desc(), Author.name.asc())).all(db).await?;
    fn spent() -> Expr<Author, Option<Decimal>> {
        Author.books.filter(Book.price.gt(3)).sum(Book.price)
    }
    let _: Vec<(Author, Option<Decimal>)> =
        Author::objects().annotate(spent()).filter(spent().gt(100)).order_by(spent().desc()).all(db).await?;
    let total = Book.price.sum();
    let _: Vec<(String, Option<Decimal>)> = Book::objects()
        .group_by(Book.author.name)
        .having(total.gt(100))
        .annotate(&total)
        .order_by((total.desc(), Book.author.name.asc()))
        .all(db)
        .await?;
    let _: Vec<(String, (Option<Decimal>, i64))> = Book::objects()
        .group_by(Book.author.name)
        .annotate((Book.price.max() - Book.price.min(), count_rows()))
        .all(db)
        .await?;
    Ok(())
}

async fn updates(db: &dyn Executor, author: &Author, key: i64) -> Result<()> {
    Book::objects().update(db, Book.price.set(Book.price * 2)).await?;
    Author::objects()
        .update(
            db,
            (
                Author.email.set("x"),
                Author.visits.set(Author.visits + 1),
                Author.age.set(Author.age + 1),
                Author.nick.set(None),
                Author.nick.set("x"),
            ),
        )
        .await?;
    Book::objects()
        .update(
            db,
            (
                Book.author.set(author),
                Book.author.set(key),
                Book.editor.set(None),
                Book.editor.set(author),
                Book.editor.set(Book.author),
                Book.status.set(Status::Live),
            ),
        )
        .await?;
    Book::objects().filter(Book.title.eq("x")).delete(db).await?;
    Ok(())
}

async fn arithmetic(db: &dyn Executor, isbn: &Isbn, node: Id<Node>, day: NaiveDate) -> Result<()> {
    let _: Vec<(Decimal, f64, i64, Option<i64>, Option<i64>, Option<Decimal>)> = Book::objects()
        .values((
            Book.price * 2 + Book.price,
            Book.rating * 1.5 + 1,
            Book.author.visits + 1,
            Book.editor.visits * Book.copies,
            Book.copies / 2,
            Book.price % 3,
        ))
        .all(db)
        .await?;
    let _ = Book::objects().filter(
        Book.views.gt(3_000_000_000)
            & Book.rating.gt(1)
            & Book.rating.gte(1.5)
            & Book.author.age.gt(3)
            & Book.price.gt(30)
            & Book.published.gt(day)
            & Book.price.gt(Book.price * 2)
            & Book.published.year().ge(2020)
            & Book.published.range(day, day)
            & Book.author.created_at.hour().le(3),
    );
    let _ = Book::objects().filter(
        Book.isbn.eq(isbn)
            & Book.isbn.eq(Isbn("x".into()))
            & Book.status.eq(Status::Live)
            & Book.status.is_in([Status::Live, Status::Draft]),
    );
    let _ = Node::objects().filter(Node.id.eq(node) & Node.parent.is_null());
    let _ = Node.parent.is_in(Node::objects());
    let _: Vec<(Decimal, f64, Decimal, Decimal, Option<f64>, i64, Option<i64>)> = Book::objects()
        .values((
            2 * Book.price,
            1.5 * Book.rating,
            Decimal::from(3) * Book.price * 2,
            Book.price * Decimal::from(1),
            1 / Book.rating,
            3 - Book.copies,
            7 % (Book.copies + 1),
        ))
        .all(db)
        .await?;
    let x: i64 = 2 * 3;
    let y = 2.0 * 1.5f64;
    let z: f64 = [1.0, 2.0].iter().map(|a| 2.0 * a).sum();
    let w = Decimal::from(2) * Decimal::from(3) + Decimal::ONE;
    let _ = (x, y, z, w);
    let _: Vec<(String, Option<String>, Option<i64>, Option<String>, NaiveDate, NaiveDate)> = Book::objects()
        .values((
            Book.title.lower().concat("x"),
            Book.title.concat(Book.subtitle),
            Book.subtitle.length(),
            Book.title.nullif(""),
            Book.author.created_at.date(),
            Book.published.truncate(Part::Month),
        ))
        .all(db)
        .await?;
    Ok(())
}

async fn generic(db: &dyn Executor) -> Result<()> {
    async fn page<M: Model>(qs: QuerySet<M>, db: &dyn Executor) -> Result<Vec<M>> {
        qs.limit(3).all(db).await
    }
    page(Book::objects().filter(Book.title.eq("x")), db).await?;
    trait HasCreated: Model {
        fn created() -> Expr<Self, DateTime<Utc>>;
    }
    impl HasCreated for Author {
        fn created() -> Expr<Author, DateTime<Utc>> {
            Author.created_at.expr()
        }
    }
    fn recent<M: HasCreated>(since: DateTime<Utc>) -> QuerySet<M> {
        QuerySet::new().filter(M::created().gt(since)).order_by(M::created().desc())
    }
    recent::<Author>(DateTime::UNIX_EPOCH).all(db).await?;
    fn by(col: impl Expression<Book, Type = String>) -> Q<Book> {
        col.expr().icontains("x")
    }
    let conds: Vec<Q<Book>> = vec![by(Book.title), by(Book.author.name), Book.price.gt(3)];
    let mut all = Q::all_of(conds.clone());
    all &= Book.title.eq("x");
    all |= Q::any_of(conds);
    let _ = Book::objects().filter(all);
    let _ = ["a", "b"].iter().map(|w| Book.title.icontains(*w)).reduce(|a, b| a | b);
    fn newest<M: Model, P: Path<Root = M>, F: Field<Owner = P::To>>(c: crate::model::Col<P, F>) -> Order<M>
    where
        P::Reach: Single,
    {
        c.desc()
    }
    let _ = newest(Book.author.name);
    Ok(())
}

fn odd_places() {
    mod shop {
        pub mod a {
            crate::query::tests::models::model!(pub struct Order OrderFields order as Order {
                id: i64; pub self_: String, secret: super::b::Hidden; pub next: super::b::Line, One = i64; ;
            });
            pub fn f() {
                let _ = Order::objects().filter(Order.next.order.secret.eq(super::b::Hidden(3)));
            }
        }
        pub mod b {
            #[derive(Debug, Clone)]
            pub struct Hidden(pub i64);
            crate::query::tests::models::sql_value!(Hidden, i64, |n| Ok(Hidden(n)), |h| h.0);
            crate::query::tests::models::model!(pub struct Line LineFields line as Line {
                id: i64; pub n: i64; pub order: super::a::Order, One = i64; ;
            });
        }
    }
    crate::query::tests::models::model!(@[pub(super)] struct Local LocalFields local as Local {
        id: i64; n: i64; up: Local, Maybe = Option<i64>; ;
        kids: Local = crate::meta::RelationKind::Reverse { of: || &<Local as Model>::META.relations[0], unique: false }
    });
    let _ = Local::objects().filter(Local.up.up.n.eq(3) & Local.kids.any(Local.n.gt(3)));
    let _ = (Author.eq.eq("x") & Author.r#type.eq("x"), Book.author.eq.eq("x") & Book.author.eq(3));
}

async fn cases(db: &dyn Executor) -> Result<()> {
    let size = when(Book.price.lt(10), "cheap").when(Book.price.lt(50), "fair").otherwise("dear");
    let _: Vec<(String, Option<i64>, String, Option<String>, Decimal, Option<String>)> = Book::objects()
        .values((
            &size,
            when(Book.price.lt(1), 1).or_null(),
            Book.editor.name.coalesce("none"),
            Book.editor.name.coalesce(Book.subtitle),
            Book.author.books.price.sum().coalesce(0),
            when(Book.price.lt(1), "x").otherwise(Book.subtitle),
        ))
        .order_by(size.asc())
        .all(db)
        .await?;
    let _: Vec<(String, i64)> =
        Book::objects().group_by(&size).annotate(Book.id.count().filter(Book.price.gt(3))).all(db).await?;
    Ok(())
}

async fn subqueries(db: &dyn Executor) -> Result<()> {
    let newest = || {
        Book::objects()
            .filter(Book.author.eq(outer(Author.id)))
            .order_by(Book.published.desc())
            .values(Book.title)
            .limit(1)
            .scalar()
    };
    let _: Vec<(Author, Option<String>)> = Author::objects().annotate(newest()).all(db).await?;
    let _ = Author::objects().filter(Author.name.eq(newest()) & Author.id.eq(3));
    let _ = Author::objects().filter(exists(Book::objects().filter(Book.author.eq(outer(Author.id)))));
    let _ = Author::objects().filter(!exists(Book::objects()) | Author.name.eq("x"));
    let average: Expr<Book, _> = Book::objects().filter(Book.copies.gt(0)).scalar_of(Book.price.avg());
    let _ = Book::objects().filter(Book.price.gt(&average)).values((Book.title, Book.price - average));
    let _ = Author::objects().filter(Author.books.any(Book.tags.any(Tag.name.eq(outer(outer(Author.name))))));
    let _ = Author::objects().filter(Author.books.any(Book.editor.eq(outer(Author.id)) & Book.title.eq("x")));
    Ok(())
}

async fn drafts(db: &dyn Executor, author: &Author, tag: &Tag, day: NaiveDate) -> Result<()> {
    let _: Book = Book::create(NewBook { title: "x", published: day, author })
        .with((Book.subtitle.set("y"), Book.price.set(3)))
        .link(Book.tags, [tag])
        .link(Book.tags, vec![1, 2])
        .save(db)
        .await?;
    let _ = Book::create(NewBook { title: "x", published: day, author: 3 }).save(db).await?;
    let _: Author = Author::create(NewAuthor { name: "x", email: "y".to_owned() })
        .with(Author.nick.set("z"))
        .add(
            Author.books,
            [
                NewBook { title: "a", published: day, author: Parent }.draft().with(Book.price.set(3)),
                NewBook { title: "b", published: day, author: Parent }.draft(),
            ],
        )
        .add(Author.books, [NewBook { title: "c", published: day, author: Parent }])
        .save(db)
        .await?;
    let new = Author::create(NewAuthor { name: "x", email: "y" });
    let _ = Book::create(NewBook { title: "x", published: day, author: new }).save(db).await?;
    let drafts = ["a", "b"].map(|t| Book::create(NewBook { title: t, published: day, author }));
    let _: Vec<Book> = Book::objects().bulk_create(db, drafts).await?;
    let _: Vec<Book> = Book::objects().bulk_create(db, vec![NewBook { title: "x", published: day, author: 3 }]).await?;
    Ok(())
}

async fn rows(db: &dyn Executor, mut author: Author, book: &Book, rust: &Tag, day: NaiveDate) -> Result<()> {
    author.email = "x".to_owned();
    author.save(db).await?;
    author.update(db, (Author.email.set("x"), Author.visits.set(Author.visits + 1))).await?;
    author.refresh(db).await?;
    let _: Vec<Book> = author.books().filter(Book.price.gt(30)).order_by(Book.price.asc()).all(db).await?;
    let _: (u64, bool) = (author.books().count(db).await?, author.books().exists(db).await?);
    let _: Book = author.books().create(db, NewBook { title: "x", published: day, author: Parent }).await?;
    book.tags().add(db, [rust]).await?;
    book.tags().remove(db, vec![rust]).await?;
    book.tags().set(db, [1, 2]).await?;
    book.tags().clear(db).await?;
    author.delete(db).await
}

struct BookRow {
    title: String,
    editor: Option<String>,
    sold: i64,
}
impl Projection for BookRow {
    type Of = Book;
    fn outputs(to: &mut Vec<crate::ast::Output>) {
        project::<Book, String, _>(Book.title, to);
        project::<Book, Option<String>, _>(Book.editor.name, to);
        project::<Book, i64, _>(Book.author.books.count(), to);
    }
    fn decode(row: &mut Row<'_>) -> Result<Self> {
        Ok(BookRow {
            title: projected::<Book, String, _>(|| Book.title, row)?,
            editor: projected::<Book, Option<String>, _>(|| Book.editor.name, row)?,
            sold: projected::<Book, i64, _>(|| Book.author.books.count(), row)?,
        })
    }
}

async fn more(db: &dyn Executor, wanted: Option<String>) -> Result<()> {
    let _: Vec<BookRow> = Book::objects().project::<BookRow>().filter(Book.title.eq("x")).all(db).await?;
    Book::objects().filter(wanted.map(|w| Book.title.icontains(w))).update(db, Book.price.set(2 * Book.price)).await?;
    let _: std::collections::HashMap<i64, Book> = Book::objects().in_bulk(db, [1, 2]).await?;
    let _: Option<Book> = Book::objects().distinct().offset(3).last(db).await?;
    let _: Book = Book::objects().exclude(Book.title.eq("x")).get(db).await?;
    let _ = Book::objects().none().clone().stream(db);
    fn sendable<T: Send>(_: T) {}
    sendable(Book::objects().all(db));
    sendable(Book::objects().group_by(Book.title).annotate(Book.price.avg()).all(db));
    sendable(Book::objects().stream(db));
    sendable(Book::objects().aggregate(db, Book.price.avg()));
    sendable(Book::create(NewBook { title: "x", published: NaiveDate::MIN, author: 3 }).save(db));
    sendable(drafts(db, &Author::objects().get(db).await?, &Tag::objects().get(db).await?, NaiveDate::MIN));
    sendable(rows(
        db,
        Author::objects().get(db).await?,
        &Book::objects().get(db).await?,
        &Tag::objects().get(db).await?,
        NaiveDate::MIN,
    ));
    Ok(())
}
