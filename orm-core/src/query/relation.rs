//! Relations to many rows: what can be said and asked of all of them, without repeating a row of the query.

use std::marker::PhantomData;

use super::class::{Numeric, Ordered};
use super::operand::Term;
use super::{Condition, Orders, PrefetchRelated, Q, QuerySet, Related, order};
use crate::ast::{self, Aggregate, Cond, Quantifier, RelatedValue, Select};
use crate::meta::Hop;
use crate::model::{At, Col, ConstRef, Each, Expr, FromExpr, Model, Path, Rel, Relation, Rev, Via};
use crate::value::SqlType;

/// The model at the end of a relation.
pub type Target<F> = <F as Relation>::Target;
type BaseType<T> = <T as SqlType>::Base;

/// A relation to many rows, narrowed, ordered or limited: `Author.books.filter(..)`.
///
/// ```
/// # orm_blog::example! { db =>
/// let dear = Author.books.filter(Book.price.gt(20)).order_by(Book.price.desc());
/// let query = Author::objects().values((Author.name, dear.clone().count(), dear.first(Book.title)));
/// assert_eq!(query.first(&db).await?, Some(("Ann".to_owned(), 2, Some("Rust by Night".to_owned()))));
/// # }
/// ```
#[must_use = "related rows are only looked at by a query"]
pub struct RelQuery<P, F> {
    pub(super) select: Select,
    relation: PhantomData<fn() -> (P, F)>,
}

/// Walks a relation back to the rows that have it: `rev(Book.author)` leads from an author to the books.
///
/// For where no field is declared on the other side, as across crates.
///
/// ```
/// # orm_blog::example! { db =>
/// let query = Author::objects().filter(rev(Book.editor).any(Book.price.gt(30)));
/// assert_eq!(query.values(Author.name).all(&db).await?, ["Bob"]);
/// # }
/// ```
pub fn rev<R: Reversible>(_relation: R) -> Rel<At<Target<R::Relation>>, Rev<R::Relation>> {
    Rel::NEW
}

/// A relation of a model itself, at the root: what [`rev`] takes.
///
/// ```
/// # orm_blog::example! {
/// // `Tag.books` is declared, so both of these say the same.
/// let (back, declared) = (rev(Book.tags).count(), Tag.books.count());
/// assert_eq!(Tag::objects().values(back).sql("sqlite")?, Tag::objects().values(declared).sql("sqlite")?);
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "this is not a relation that can be walked back",
    label = "expected a relation of a model itself, as in `rev(Book.author)`"
)]
pub trait Reversible {
    /// The relation.
    type Relation: Relation;
}
impl<F: Relation> Reversible for Col<At<F::Owner>, F> {
    type Relation = F;
}
impl<F: Relation> Reversible for Rel<At<F::Owner>, F> {
    type Relation = F;
}

impl<P: Path, F: Relation<Owner = P::To>> Rel<P, F> {
    fn query(self) -> RelQuery<P, F> {
        RelQuery { select: Select::new(<F::Target as Model>::META), relation: PhantomData }
    }

    /// The condition is true of at least one related row.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Author::objects().filter(Author.books.any(Book.price.gt(30) & Book.tags.any(Tag.name.eq("rust"))));
    /// assert_eq!(query.values(Author.name).all(&db).await?, ["Ann"]);
    /// # }
    /// ```
    ///
    /// SQL: `EXISTS (SELECT 1 FROM "books" AS "t1" WHERE "t1"."author_id" = "authors"."id" AND …)`. What stands inside speaks of the same row.
    pub fn any(self, condition: impl Condition<Target<F>>) -> Q<P::Root> {
        self.query().any(condition)
    }

    /// There is no related row of which the condition is not true.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Author::objects().filter(Author.books.all(Book.published.year().ge(2020)) & Author.books.exists());
    /// assert_eq!(query.values(Author.name).all(&db).await?, ["Ann"]);
    /// # }
    /// ```
    ///
    /// It is true where there is no related row at all.
    pub fn all(self, condition: impl Condition<Target<F>>) -> Q<P::Root> {
        self.query().all(condition)
    }

    /// The condition is true of no related row.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Author::objects().filter(Author.books.none(Book.price.gt(30)));
    /// assert!(query.sql("sqlite")?.contains(
    ///     r#"WHERE NOT EXISTS (SELECT 1 FROM "books" AS "t1" WHERE "t1"."author_id" = "authors"."id" AND "t1"."price" > ?)"#
    /// ));
    /// assert_eq!(query.values(Author.name).all(&db).await?, ["Bob", "Cleo"]);
    /// # }
    /// ```
    pub fn none(self, condition: impl Condition<Target<F>>) -> Q<P::Root> {
        self.query().none(condition)
    }

    /// There is a related row.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Author::objects().filter(!Author.books.exists());
    /// assert!(query.sql("sqlite")?.contains(
    ///     r#"WHERE (NOT (EXISTS (SELECT 1 FROM "books" AS "t1" WHERE "t1"."author_id" = "authors"."id")))"#
    /// ));
    /// assert_eq!(query.get(&db).await?.name, "Cleo");
    /// # }
    /// ```
    pub fn exists(self) -> Q<P::Root> {
        self.query().exists()
    }

    /// How many related rows there are.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let busy = Author::objects().filter(Author.books.count().gt(1)).values((Author.name, Author.books.tags.count()));
    /// assert_eq!(busy.all(&db).await?, [("Ann".to_owned(), 3)]);
    /// # }
    /// ```
    ///
    /// SQL: `(SELECT COUNT(*) FROM "books" AS "t1" WHERE "t1"."author_id" = "authors"."id")`, so that counts never multiply each other.
    pub fn count(self) -> Expr<P::Root, i64> {
        self.query().count()
    }

    /// The sum of an expression of the related rows; NULL of none.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Author::objects().values(Author.books.sum(Book.price * 2));
    /// assert!(query.sql("sqlite")?.starts_with(
    ///     r#"SELECT (SELECT SUM(("t1"."price" * ?)) FROM "books" AS "t1" WHERE "t1"."author_id" = "authors"."id")"#
    /// ));
    /// assert_eq!(query.all(&db).await?, [Some(dec!(128.80)), Some(dec!(19.98)), None]);
    /// # }
    /// ```
    pub fn sum<V: Term<Target<F>>>(self, v: V) -> Expr<P::Root, <BaseType<V::Type> as Numeric>::Sum>
    where
        BaseType<V::Type>: Numeric,
    {
        self.query().sum(v)
    }

    /// The average of an expression of the related rows; NULL of none.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Author::objects().values(Author.books.avg(Book.title.length()));
    /// assert!(query.sql("sqlite")?.starts_with(
    ///     r#"SELECT (SELECT AVG(length("t1"."title")) FROM "books" AS "t1" WHERE "t1"."author_id" = "authors"."id")"#
    /// ));
    /// assert_eq!(query.all(&db).await?, [Some(13.0), Some(10.0), None]);
    /// # }
    /// ```
    pub fn avg<V: Term<Target<F>>>(self, v: V) -> Expr<P::Root, <BaseType<V::Type> as Numeric>::Avg>
    where
        BaseType<V::Type>: Numeric,
    {
        self.query().avg(v)
    }

    /// The least of an expression of the related rows; NULL of none.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Author::objects().values(Author.books.min(Book.published));
    /// assert!(query.sql("sqlite")?.starts_with(
    ///     r#"SELECT (SELECT MIN("t1"."published") FROM "books" AS "t1" WHERE "t1"."author_id" = "authors"."id")"#
    /// ));
    /// assert_eq!(query.first(&db).await?, Some(Some(day("2021-05-01"))));
    /// # }
    /// ```
    pub fn min<V: Term<Target<F>>>(self, v: V) -> Expr<P::Root, <V::Type as SqlType>::Nullable>
    where
        BaseType<V::Type>: Ordered,
    {
        self.query().min(v)
    }

    /// The greatest of an expression of the related rows; NULL of none.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Author::objects().filter(Author.books.max(Book.price).lt(20));
    /// assert!(query.sql("sqlite")?.contains(
    ///     r#"WHERE (SELECT MAX("t1"."price") FROM "books" AS "t1" WHERE "t1"."author_id" = "authors"."id") < ?"#
    /// ));
    /// assert_eq!(query.get(&db).await?.name, "Bob");
    /// # }
    /// ```
    pub fn max<V: Term<Target<F>>>(self, v: V) -> Expr<P::Root, <V::Type as SqlType>::Nullable>
    where
        BaseType<V::Type>: Ordered,
    {
        self.query().max(v)
    }

    /// A value of the first related row, in the order of its model; NULL where there is none.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let newest = Author.books.order_by(Book.published.desc()).first(Book.title);
    /// let rows = Author::objects().values((Author.name, newest)).order_by(Author.name.asc());
    /// assert_eq!(rows.first(&db).await?, Some(("Ann".to_owned(), Some("Quiet Queries".to_owned()))));
    /// # }
    /// ```
    pub fn first<V: Term<Target<F>>>(self, v: V) -> Expr<P::Root, <V::Type as SqlType>::Nullable> {
        self.query().first(v)
    }

    /// A row for each related row, so that a row of the query may come more than once.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let rows = Book::objects().values((Book.title, Book.tags.each().name));
    /// assert_eq!(rows.all(&db).await?.len(), 4);
    /// # }
    /// ```
    ///
    /// SQL: a LEFT JOIN.
    pub fn each(self) -> &'static <F::Target as Model>::Fields<Each<Via<P, F>>> {
        ConstRef::REF
    }

    /// Only related rows for which the condition is true.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let recent = Author.books.filter(Book.published.year().ge(2022));
    /// let rows = Author::objects().filter(recent.clone().exists()).values((Author.name, recent.sum(Book.price)));
    /// assert_eq!(rows.all(&db).await?, [("Ann".to_owned(), Some(dec!(24.50)))]);
    /// # }
    /// ```
    pub fn filter(self, condition: impl Condition<Target<F>>) -> RelQuery<P, F> {
        self.query().filter(condition)
    }

    /// Only related rows for which the condition is not true.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let untitled = Author.books.exclude(Book.subtitle.is_not_null());
    /// let query = Author::objects().values((Author.name, untitled.count()));
    /// assert_eq!(query.first(&db).await?, Some(("Ann".to_owned(), 2)));
    /// # }
    /// ```
    pub fn exclude(self, condition: impl Condition<Target<F>>) -> RelQuery<P, F> {
        self.query().exclude(condition)
    }

    /// The related rows in an order.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let oldest = Author.books.order_by(Book.published.asc()).first(Book.title);
    /// assert!(Author::objects().values(oldest.clone()).sql("sqlite")?.starts_with(
    ///     r#"SELECT (SELECT "t1"."title" FROM "books" AS "t1" WHERE "t1"."author_id" = "authors"."id" ORDER BY "t1"."published" ASC LIMIT 1)"#
    /// ));
    /// assert_eq!(Author::objects().values(oldest).first(&db).await?, Some(Some("Rust by Night".to_owned())));
    /// # }
    /// ```
    pub fn order_by(self, orders: impl Orders<Target<F>>) -> RelQuery<P, F> {
        self.query().order_by(orders)
    }

    /// At most so many related rows of each row.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let authors = Author::objects().prefetch_related(Author.books.limit(1)).all(&db).await?;
    /// assert_eq!(authors[0].books.get()?.len(), 1);
    /// # }
    /// ```
    pub fn limit(self, rows: u64) -> RelQuery<P, F> {
        self.query().limit(rows)
    }

    /// The related rows with relations of theirs loaded.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let with_tags = Author.books.prefetch_related(Book.tags);
    /// let authors = Author::objects().prefetch_related(with_tags).all(&db).await?;
    /// assert_eq!(authors[0].books.get()?[0].tags.get()?[0].name, "rust");
    /// # }
    /// ```
    pub fn prefetch_related(self, relations: impl PrefetchRelated<Target<F>>) -> RelQuery<P, F> {
        self.query().prefetch_related(relations)
    }

    /// The related rows with the rows that they point at.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let with_editor = Author.books.filter(Book.editor.is_not_null()).select_related(Book.editor);
    /// let authors = Author::objects().prefetch_related(with_editor).all(&db).await?;
    /// let editor = authors[0].books.get()?[0].editor.as_ref().expect("it has one");
    /// assert_eq!(editor.get()?.name, "Bob");
    /// # }
    /// ```
    pub fn select_related(self, relations: impl Related<Target<F>>) -> RelQuery<P, F> {
        self.query().select_related(relations)
    }
}

impl<P: Path, F: Relation<Owner = P::To>> RelQuery<P, F> {
    fn queryset(self) -> QuerySet<Target<F>> {
        QuerySet::from_select(self.select)
    }

    fn of(queryset: QuerySet<Target<F>>) -> Self {
        RelQuery { select: queryset.select, relation: PhantomData }
    }

    fn aggregate(self, aggregate: Aggregate, of: ast::Expr) -> ast::Expr {
        related(Via::<P, F>::STEP, self.select, RelatedValue::Aggregate(aggregate, Some(of), false))
    }

    fn quantified(self, quantifier: Quantifier, condition: impl Condition<Target<F>>) -> Q<P::Root> {
        Q::from_untyped(quantified(quantifier, Via::<P, F>::STEP, self.select, condition.condition()))
    }

    /// The condition is true of at least one of these rows.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let recent = Author.books.filter(Book.published.year().ge(2021));
    /// let query = Author::objects().filter(recent.any(Book.price.lt(30)));
    /// assert_eq!(query.get(&db).await?.name, "Ann");
    /// # }
    /// ```
    pub fn any(self, condition: impl Condition<Target<F>>) -> Q<P::Root> {
        self.quantified(Quantifier::Any, condition)
    }

    /// There is none of these rows of which the condition is not true.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let recent = Author.books.filter(Book.published.year().ge(2021));
    /// let query = Author::objects().filter(recent.all(Book.price.gt(30))).values(Author.name);
    /// assert_eq!(query.all(&db).await?, ["Bob", "Cleo"]);
    /// # }
    /// ```
    pub fn all(self, condition: impl Condition<Target<F>>) -> Q<P::Root> {
        self.quantified(Quantifier::All, condition)
    }

    /// The condition is true of none of these rows.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let recent = Author.books.filter(Book.published.year().ge(2021));
    /// let query = Author::objects().filter(recent.none(Book.price.gt(30))).values(Author.name);
    /// assert_eq!(query.all(&db).await?, ["Bob", "Cleo"]);
    /// # }
    /// ```
    pub fn none(self, condition: impl Condition<Target<F>>) -> Q<P::Root> {
        self.quantified(Quantifier::None, condition)
    }

    /// There is such a row.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let recent = Author.books.filter(Book.published.year().ge(2021));
    /// assert_eq!(Author::objects().filter(recent.exists()).get(&db).await?.name, "Ann");
    /// # }
    /// ```
    pub fn exists(self) -> Q<P::Root> {
        self.quantified(Quantifier::Any, None::<Q<Target<F>>>)
    }

    /// How many such rows there are.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Author::objects().values(Author.books.filter(Book.price.lt(30)).count());
    /// assert!(query.sql("sqlite")?.starts_with(
    ///     r#"SELECT (SELECT COUNT(*) FROM "books" AS "t1" WHERE "t1"."author_id" = "authors"."id" AND "t1"."price" < ?)"#
    /// ));
    /// assert_eq!(query.all(&db).await?, [1, 1, 0]);
    /// # }
    /// ```
    pub fn count(self) -> Expr<P::Root, i64> {
        let value = RelatedValue::Aggregate(Aggregate::Count, None, false);
        Expr::from_expr(related(Via::<P, F>::STEP, self.select, value))
    }

    /// The sum of an expression of these rows; NULL of none.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Author::objects().values(Author.books.filter(Book.price.lt(30)).sum(Book.price));
    /// assert!(query.sql("sqlite")?.starts_with(
    ///     r#"SELECT (SELECT SUM("t1"."price") FROM "books" AS "t1" WHERE "t1"."author_id" = "authors"."id" AND "t1"."price" < ?)"#
    /// ));
    /// assert_eq!(query.first(&db).await?, Some(Some(dec!(24.50))));
    /// # }
    /// ```
    pub fn sum<V: Term<Target<F>>>(self, v: V) -> Expr<P::Root, <BaseType<V::Type> as Numeric>::Sum>
    where
        BaseType<V::Type>: Numeric,
    {
        Expr::from_expr(self.aggregate(Aggregate::Sum, v.term()))
    }

    /// The average of an expression of these rows; NULL of none.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Author::objects().values(Author.books.filter(Book.price.lt(30)).avg(Book.price));
    /// assert_eq!(query.first(&db).await?, Some(Some(dec!(24.50))));
    /// # }
    /// ```
    pub fn avg<V: Term<Target<F>>>(self, v: V) -> Expr<P::Root, <BaseType<V::Type> as Numeric>::Avg>
    where
        BaseType<V::Type>: Numeric,
    {
        Expr::from_expr(self.aggregate(Aggregate::Avg, v.term()))
    }

    /// The least of an expression of these rows; NULL of none.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Author::objects().values(Author.books.filter(Book.price.gt(30)).min(Book.published));
    /// assert_eq!(query.all(&db).await?, [Some(day("2021-05-01")), None, None]);
    /// # }
    /// ```
    pub fn min<V: Term<Target<F>>>(self, v: V) -> Expr<P::Root, <V::Type as SqlType>::Nullable>
    where
        BaseType<V::Type>: Ordered,
    {
        Expr::from_expr(self.aggregate(Aggregate::Min, v.term()))
    }

    /// The greatest of an expression of these rows; NULL of none.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Author::objects().values(Author.books.filter(Book.price.lt(30)).max(Book.published));
    /// assert_eq!(query.all(&db).await?, [Some(day("2023-02-09")), Some(day("2019-09-30")), None]);
    /// # }
    /// ```
    pub fn max<V: Term<Target<F>>>(self, v: V) -> Expr<P::Root, <V::Type as SqlType>::Nullable>
    where
        BaseType<V::Type>: Ordered,
    {
        Expr::from_expr(self.aggregate(Aggregate::Max, v.term()))
    }

    /// A value of the first of these rows; NULL where there is none.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let cheapest = Author.books.order_by(Book.price.asc()).first(Book.title);
    /// assert_eq!(Author::objects().values(cheapest).first(&db).await?, Some(Some("Quiet Queries".to_owned())));
    /// # }
    /// ```
    pub fn first<V: Term<Target<F>>>(self, v: V) -> Expr<P::Root, <V::Type as SqlType>::Nullable> {
        Expr::from_expr(related(Via::<P, F>::STEP, self.select, RelatedValue::First(v.term())))
    }

    /// Only rows for which the condition is true.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let both = Author.books.filter(Book.price.gt(20)).filter(Book.published.year().eq(2023));
    /// assert_eq!(Author::objects().values(both.count()).all(&db).await?, [1, 0, 0]);
    /// # }
    /// ```
    pub fn filter(self, condition: impl Condition<Target<F>>) -> Self {
        Self::of(self.queryset().filter(condition))
    }

    /// Only rows for which the condition is not true.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let left = Author.books.filter(Book.price.gt(20)).exclude(Book.published.year().eq(2023));
    /// assert_eq!(Author::objects().values(left.first(Book.title)).first(&db).await?, Some(Some("Rust by Night".to_owned())));
    /// # }
    /// ```
    pub fn exclude(self, condition: impl Condition<Target<F>>) -> Self {
        Self::of(self.queryset().exclude(condition))
    }

    /// The rows in an order.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let cheap_first = Author.books.filter(Book.price.gt(20)).order_by(Book.price.asc());
    /// let authors = Author::objects().prefetch_related(cheap_first).all(&db).await?;
    /// assert_eq!(authors[0].books.get()?[0].title, "Quiet Queries");
    /// # }
    /// ```
    pub fn order_by(self, orders: impl Orders<Target<F>>) -> Self {
        Self::of(self.queryset().order_by(orders))
    }

    /// At most so many rows of each row of the query.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let dearest = Author.books.order_by(Book.price.desc()).limit(1);
    /// let authors = Author::objects().prefetch_related(dearest).all(&db).await?;
    /// assert_eq!(authors[0].books.get()?[0].title, "Rust by Night");
    /// # }
    /// ```
    pub fn limit(self, rows: u64) -> Self {
        Self::of(self.queryset().limit(rows))
    }

    /// The rows with relations of theirs loaded.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let dear = Author.books.filter(Book.price.gt(30)).prefetch_related(Book.tags);
    /// let authors = Author::objects().prefetch_related(dear).all(&db).await?;
    /// assert_eq!(authors[0].books.get()?[0].tags.get()?.len(), 1);
    /// # }
    /// ```
    pub fn prefetch_related(self, relations: impl PrefetchRelated<Target<F>>) -> Self {
        Self::of(self.queryset().prefetch_related(relations))
    }

    /// The rows with the rows that they point at.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let dear = Author.books.filter(Book.price.gt(30)).select_related(Book.author);
    /// let authors = Author::objects().prefetch_related(dear).all(&db).await?;
    /// assert_eq!(authors[0].books.get()?[0].author.get()?.name, "Ann");
    /// # }
    /// ```
    pub fn select_related(self, relations: impl Related<Target<F>>) -> Self {
        Self::of(self.queryset().select_related(relations))
    }
}

impl<P, F> Clone for RelQuery<P, F> {
    fn clone(&self) -> Self {
        RelQuery { select: self.select.clone(), relation: PhantomData }
    }
}

fn related(hop: &'static Hop, rows: Select, value: RelatedValue) -> ast::Expr {
    let sorted = rows.limit.is_some() || matches!(value, RelatedValue::First(_));
    let order = match rows.order {
        Some(order) if !order.is_empty() => order,
        _ => order::own(rows.model),
    };
    let order = if sorted { order } else { Vec::new() };
    ast::Expr::related(ast::Related { hop, filter: rows.filter, order, limit: rows.limit, value })
}

fn quantified(quantifier: Quantifier, hop: &'static Hop, rows: Select, cond: Cond) -> Cond {
    if rows.limit.is_some() {
        return Cond::refused("`any`, `all` and `none` look at all related rows, so they cannot follow `limit`");
    }
    let cond = Some(cond).filter(|c| c.as_constant() != Some(true));
    Cond::quantified(quantifier, hop, rows.filter, cond)
}
