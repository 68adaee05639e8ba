//! From a row to its related rows: `author.books()`.

use std::marker::PhantomData;

use super::insert;
use super::link::{self, LinkChange};
use super::operand::RowKey;
use super::{Condition, Orders, PrefetchRelated, QuerySet, Related};
use crate::ast::{Cond, Expr, Lookup, Quantifier, Select};
use crate::db::Executor;
use crate::error::{Error, Result};
use crate::meta::{Hop, ModelMeta, RelationKind, RelationMeta};
use crate::model::{At, Draftable, Given, Model, NewRow, Relation, Rev, Under, Via};
use crate::value::Value;

/// The related rows of one row of `M`, by the relation `F`: what `author.books()` gives.
///
/// ```
/// # orm_blog::example! { db =>
/// let ann = Author::objects().filter(Author.name.eq("Ann")).get(&db).await?;
/// let book = ann.books().filter(Book.price.gt(30)).get(&db).await?;
/// let sql = Tag::objects().filter(Tag.name.eq("sql")).get(&db).await?;
/// book.tags().add(&db, [&sql]).await?;
/// assert_eq!(book.tags().count(&db).await?, 2);
/// book.tags().clear(&db).await?;
/// # }
/// ```
#[must_use = "related rows are read by `.all(&db).await`"]
pub struct RelatedManager<M, F> {
    key: Value,
    relation: PhantomData<fn() -> (M, F)>,
}

type Target<F> = <F as Relation>::Target;

impl<M: Model, F: Relation<Owner = M>> RelatedManager<M, F> {
    /// The related rows of a row.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let ann = Author::objects().first(&db).await?.expect("there are authors");
    /// assert_eq!(ann.books().count(&db).await?, 2);
    /// # }
    /// ```
    pub fn new(row: &M) -> Self {
        RelatedManager { key: row.row_key(), relation: PhantomData }
    }

    /// All of them, as a query.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let ann = Author::objects().first(&db).await?.expect("there are authors");
    /// let books = ann.books().query().values(Book.title);
    /// assert!(books.sql("sqlite")?.contains(r#"WHERE "books"."author_id" = ?"#));
    /// assert_eq!(books.all(&db).await?, ["Quiet Queries", "Rust by Night"]);
    /// # }
    /// ```
    pub fn query(&self) -> QuerySet<Target<F>> {
        QuerySet::from_select(related_to(F::META, Via::<At<Target<F>>, Rev<F>>::STEP, self.key.clone()))
    }

    /// Only those for which the condition is true.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let ann = Author::objects().first(&db).await?.expect("there are authors");
    /// assert_eq!(ann.books().filter(Book.price.gt(30)).get(&db).await?.title, "Rust by Night");
    /// # }
    /// ```
    pub fn filter(&self, condition: impl Condition<Target<F>>) -> QuerySet<Target<F>> {
        self.query().filter(condition)
    }

    /// Only those for which the condition is not true.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let ann = Author::objects().first(&db).await?.expect("there are authors");
    /// assert_eq!(ann.books().exclude(Book.price.gt(30)).get(&db).await?.title, "Quiet Queries");
    /// # }
    /// ```
    pub fn exclude(&self, condition: impl Condition<Target<F>>) -> QuerySet<Target<F>> {
        self.query().exclude(condition)
    }

    /// They in an order.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let ann = Author::objects().first(&db).await?.expect("there are authors");
    /// let titles = ann.books().order_by(Book.title.desc()).values(Book.title).all(&db).await?;
    /// assert_eq!(titles, ["Rust by Night", "Quiet Queries"]);
    /// # }
    /// ```
    pub fn order_by(&self, orders: impl Orders<Target<F>>) -> QuerySet<Target<F>> {
        self.query().order_by(orders)
    }

    /// They with the rows that they point at.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let ann = Author::objects().first(&db).await?.expect("there are authors");
    /// let books = ann.books().select_related(Book.author).all(&db).await?;
    /// assert_eq!(books[0].author.get()?.name, "Ann");
    /// # }
    /// ```
    pub fn select_related(&self, relations: impl Related<Target<F>>) -> QuerySet<Target<F>> {
        self.query().select_related(relations)
    }

    /// They with relations of theirs loaded.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let ann = Author::objects().first(&db).await?.expect("there are authors");
    /// let books = ann.books().prefetch_related(Book.tags).all(&db).await?;
    /// assert_eq!(books[0].tags.get()?.len(), 2);
    /// # }
    /// ```
    pub fn prefetch_related(&self, relations: impl PrefetchRelated<Target<F>>) -> QuerySet<Target<F>> {
        self.query().prefetch_related(relations)
    }

    /// All of them.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let ann = Author::objects().first(&db).await?.expect("there are authors");
    /// assert_eq!(ann.books().all(&db).await?[0].title, "Quiet Queries");
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`QuerySet::all`].
    pub async fn all(&self, db: &dyn Executor) -> Result<Vec<Target<F>>> {
        self.query().all(db).await
    }

    /// The only one.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let bob = Author::objects().filter(Author.name.eq("Bob")).get(&db).await?;
    /// assert_eq!(bob.books().get(&db).await?.title, "100% Dunes");
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`QuerySet::get`].
    pub async fn get(&self, db: &dyn Executor) -> Result<Target<F>> {
        self.query().get(db).await
    }

    /// The first of them, if there is one.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let ann = Author::objects().first(&db).await?.expect("there are authors");
    /// assert_eq!(ann.books().first(&db).await?.map(|book| book.title).as_deref(), Some("Quiet Queries"));
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`QuerySet::first`].
    pub async fn first(&self, db: &dyn Executor) -> Result<Option<Target<F>>> {
        self.query().first(db).await
    }

    /// How many there are.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let book = Book::objects().first(&db).await?.expect("there are books");
    /// assert_eq!(book.tags().count(&db).await?, 2);
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`QuerySet::count`].
    pub async fn count(&self, db: &dyn Executor) -> Result<u64> {
        self.query().count(db).await
    }

    /// Whether there is one.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let cleo = Author::objects().filter(Author.name.eq("Cleo")).get(&db).await?;
    /// assert!(!cleo.books().exists(&db).await?);
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`QuerySet::exists`].
    pub async fn exists(&self, db: &dyn Executor) -> Result<bool> {
        self.query().exists(db).await
    }

    /// Stores a new one: a draft whose link to this row is [`Parent`](crate::model::Parent), or, of a many-to-many
    /// relation that is declared on both sides, any draft.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let cleo = Author::objects().filter(Author.name.eq("Cleo")).get(&db).await?;
    /// let book = NewBook { title: "First", author: Parent, published: day("2024-05-01"), price: 12 };
    /// let book = cleo.books().create(&db, book).await?;
    /// book.tags().create(&db, NewTag { name: "debut" }).await?;
    /// assert_eq!((*book.author.key(), book.tags().count(&db).await?), (cleo.id, 1));
    /// # }
    /// ```
    ///
    /// # Errors
    /// What the database refuses; [`ErrorKind::InvalidQuery`](crate::ErrorKind::InvalidQuery) if the draft does not
    /// name this row by `Parent`.
    pub async fn create<D: Draftable<Target<F>, Under<M>>>(&self, db: &dyn Executor, draft: D) -> Result<Target<F>> {
        let mut row = NewRow::new(<F::Target as Model>::META);
        draft.give(&mut row);
        let row = adopt(row, F::META, &self.key)?;
        insert::insert_one(db, row).await
    }

    /// Links rows that are not linked yet (many-to-many).
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let dunes = Book::objects().filter(Book.title.eq("100% Dunes")).get(&db).await?;
    /// let tags = Tag::objects().all(&db).await?;
    /// # let (db, sent) = counted(&db);
    /// assert_eq!(dunes.tags().add(&db, &tags).await?, 2);
    /// assert!(sent.take()[0].starts_with(r#"INSERT INTO "books_tags" ("book_id", "tag_id") VALUES "#));
    /// // They are linked already.
    /// assert_eq!(dunes.tags().add(&db, [tags[0].id]).await?, 0);
    /// # }
    /// ```
    ///
    /// # Errors
    /// What the database refuses; [`ErrorKind::InvalidQuery`](crate::ErrorKind::InvalidQuery) if the relation is not
    /// many-to-many.
    pub async fn add<K: RowKey<Target<F>>>(&self, db: &dyn Executor, rows: impl IntoIterator<Item = K>) -> Result<u64> {
        let others = rows.into_iter().map(RowKey::row_key).collect();
        link(db, F::META, self.key.clone(), LinkChange::Add, others).await
    }

    /// Unlinks rows (many-to-many); the rows themselves stay.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let book = Book::objects().first(&db).await?.expect("there are books");
    /// let sql = Tag::objects().filter(Tag.name.eq("sql")).get(&db).await?;
    /// # let (db, sent) = counted(&db);
    /// assert_eq!(book.tags().remove(&db, [&sql]).await?, 1);
    /// assert_eq!(
    ///     sent.take(),
    ///     [r#"DELETE FROM "books_tags" WHERE "book_id" = ? AND "tag_id" IN (SELECT value FROM json_each(?))"#]
    /// );
    /// assert_eq!(book.tags().get(&db).await?.name, "rust");
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`RelatedManager::add`].
    pub async fn remove<K: RowKey<Target<F>>>(
        &self,
        db: &dyn Executor,
        rows: impl IntoIterator<Item = K>,
    ) -> Result<u64> {
        let others = rows.into_iter().map(RowKey::row_key).collect();
        link(db, F::META, self.key.clone(), LinkChange::Remove, others).await
    }

    /// Links exactly these rows (many-to-many).
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let book = Book::objects().first(&db).await?.expect("there are books");
    /// let sql = Tag::objects().filter(Tag.name.eq("sql")).get(&db).await?;
    /// # let (db, sent) = counted(&db);
    /// book.tags().set(&db, [&sql]).await?;
    /// assert!(sent.take()[0].starts_with(r#"DELETE FROM "books_tags" WHERE "book_id" = ? AND NOT ("tag_id" IN "#));
    /// assert_eq!(book.tags().get(&db).await?.name, "sql");
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`RelatedManager::add`].
    pub async fn set<K: RowKey<Target<F>>>(&self, db: &dyn Executor, rows: impl IntoIterator<Item = K>) -> Result<u64> {
        let others = rows.into_iter().map(RowKey::row_key).collect();
        link(db, F::META, self.key.clone(), LinkChange::Set, others).await
    }

    /// Unlinks all rows (many-to-many); the rows themselves stay.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let book = Book::objects().first(&db).await?.expect("there are books");
    /// # let (db, sent) = counted(&db);
    /// assert_eq!(book.tags().clear(&db).await?, 2);
    /// assert_eq!(sent.take(), [r#"DELETE FROM "books_tags" WHERE "book_id" = ?"#]);
    /// assert_eq!(Tag::objects().count(&db).await?, 2);
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`RelatedManager::add`].
    pub async fn clear(&self, db: &dyn Executor) -> Result<u64> {
        link(db, F::META, self.key.clone(), LinkChange::Clear, Vec::new()).await
    }
}

/// The rows that a relation leads to from one row. `back` leads from such a row to that one.
fn related_to(relation: &'static RelationMeta, back: &'static Hop, key: Value) -> Select {
    let mut select = Select::new(relation.target());
    let equals = |column: Expr| Cond::lookup(Lookup::Eq, column, Expr::value(key.clone()));
    let owner = relation.owner();
    let cond = match (relation.kind, owner.single_key()) {
        (RelationKind::Reverse { of, .. }, _) => match of().column() {
            Some(field) => equals(Expr::column(None, select.model, field, false)),
            None => Cond::refused("the other side of this relation is not a foreign key"),
        },
        (RelationKind::Many { .. } | RelationKind::ManyReverse { .. } | RelationKind::Forward { .. }, Some(field)) => {
            let cond = equals(Expr::column(None, owner, field, false));
            Cond::quantified(Quantifier::Any, back, Vec::new(), Some(cond))
        }
        (_, None) => Cond::refused("a row with a composite primary key has no many-to-many relations"),
    };
    select.filter.push(cond);
    select
}

/// A new row on the other side of a relation, made to belong to the row of a key.
fn adopt(mut row: NewRow, relation: &'static RelationMeta, key: &Value) -> Result<NewRow> {
    match relation.kind {
        RelationKind::Reverse { of, .. } => {
            let field = of().column().ok_or_else(|| not_many(relation))?;
            match row.fields.iter_mut().find(|(f, _)| std::ptr::eq(*f, field)) {
                None => row.fields.push((field, Given::Value(key.clone()))),
                Some((_, given @ Given::Parent)) => *given = Given::Value(key.clone()),
                Some(_) => {
                    return Err(Error::invalid_query(format!(
                        "`{}` names the row that this one is created under; write `{}: Parent`",
                        field.name, field.name
                    ))
                    .with_model(row.model.name));
                }
            }
        }
        RelationKind::Many { .. } | RelationKind::ManyReverse { .. } => {
            let back = other_side(row.model, relation).ok_or_else(|| {
                Error::invalid_query(format!(
                    "`{}` has no field for the other side of `{}`; save the row, then `.add(..)` it",
                    row.model.name, relation.name
                ))
            })?;
            row.links.push((back, vec![key.clone()]));
        }
        RelationKind::Forward { .. } => return Err(not_many(relation)),
    }
    Ok(row)
}

/// The same many-to-many relation as its target declares it.
fn other_side(target: &'static ModelMeta, relation: &'static RelationMeta) -> Option<&'static RelationMeta> {
    match relation.kind {
        RelationKind::ManyReverse { of } => Some(of()),
        RelationKind::Many { .. } => target
            .relations
            .iter()
            .find(|r| matches!(r.kind, RelationKind::ManyReverse { of } if std::ptr::eq(of(), relation))),
        RelationKind::Forward { .. } | RelationKind::Reverse { .. } => None,
    }
}

async fn link(
    db: &dyn Executor,
    relation: &'static RelationMeta,
    owner: Value,
    change: LinkChange,
    others: Vec<Value>,
) -> Result<u64> {
    match relation.kind {
        RelationKind::Many { .. } | RelationKind::ManyReverse { .. } => {
            link::link(db, relation, owner, change, others).await
        }
        RelationKind::Forward { .. } | RelationKind::Reverse { .. } => Err(not_many(relation)),
    }
}

fn not_many(relation: &'static RelationMeta) -> Error {
    let words =
        "is not a many-to-many relation, so rows are not linked by it; update the foreign key of the other side";
    Error::invalid_query(format!("`{}` {words}", relation.name)).with_model(relation.owner().name)
}
