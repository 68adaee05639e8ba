//! Paths from a root through relations, with how many rows they reach in their type. All of it is zero-sized.

use std::marker::PhantomData;
use std::ops::Deref;

use super::{Field, Follow, Model, Relation, Side};
use crate::ast::Expr;
use crate::meta::{FieldMeta, Hop, RelationMeta};
use crate::value::SqlType;

/// How many rows of its table a path reaches from one row of its root.
pub trait Reach: 'static {
    /// How a column's type is seen at the end of the path.
    type See<T: SqlType>: SqlType<Base = T::Base>;
    /// The reach of a nullable step after this one.
    type AsMaybe: Reach;
    /// The reach of another path appended.
    type Then<R: Reach>: Reach;
    /// What an aggregate of a column there is: of the query's rows, or a value of each row.
    type Agg<M, T: SqlType>: FromExpr;
    /// Whether a column there may be NULL though its field never is.
    const NULL: bool;
    /// Whether there may be more than one row.
    const MANY: bool;
}
/// Exactly one row.
pub struct One;
/// One row or none.
pub struct Maybe;
/// Any number of rows.
pub struct Many;
impl Reach for One {
    type See<T: SqlType> = T;
    type AsMaybe = Maybe;
    type Then<R: Reach> = R;
    type Agg<M, T: SqlType> = super::Aggregate<M, T>;
    const NULL: bool = false;
    const MANY: bool = false;
}
impl Reach for Maybe {
    type See<T: SqlType> = T::Nullable;
    type AsMaybe = Maybe;
    type Then<R: Reach> = R::AsMaybe;
    type Agg<M, T: SqlType> = super::Aggregate<M, T>;
    const NULL: bool = true;
    const MANY: bool = false;
}
impl Reach for Many {
    type See<T: SqlType> = T;
    type AsMaybe = Many;
    type Then<R: Reach> = Many;
    type Agg<M, T: SqlType> = super::Expr<M, T>;
    const NULL: bool = true;
    const MANY: bool = true;
}

/// A typed expression around an untyped one.
#[doc(hidden)]
pub trait FromExpr {
    /// Wraps it.
    #[doc(hidden)]
    fn from_expr(expr: Expr) -> Self;
}

/// A path that reaches at most one row.
///
/// ```
/// # orm_blog::example! { db =>
/// // `Book.author.name` is one value; `Author.books.title` are many, which need an aggregate or `each`.
/// let query = Author::objects().values((Author.name, Author.books.title.min()));
/// assert_eq!(query.first(&db).await?, Some(("Ann".to_owned(), Some("Quiet Queries".to_owned()))));
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "this path reaches many rows, so it has no single value",
    label = "reaches many rows",
    note = "aggregate it (`.count()`, `.sum()`), put it in `.any(..)`, or ask for a row each with `.each()`"
)]
pub trait Single {}
impl Single for One {}
impl Single for Maybe {}

/// How a whole row is seen at the end of a path.
pub trait SeeRow {
    /// The row, or an `Option` of it.
    type Row<T>;
}
impl SeeRow for One {
    type Row<T> = T;
}
impl SeeRow for Maybe {
    type Row<T> = Option<T>;
}
impl SeeRow for Many {
    type Row<T> = T;
}

/// The steps from a root to a model.
pub trait Path: 'static {
    /// Where it starts.
    type Root: Model;
    /// Where it leads.
    type To: Model;
    /// How many rows it reaches.
    type Reach: Reach;
    /// The last step; `None` at the root.
    const HOP: Option<&'static Hop>;
}

/// The path of no steps: the root itself.
pub struct At<M>(PhantomData<fn() -> M>);
/// A path, and one relation more.
pub struct Via<P, F>(PhantomData<fn() -> (P, F)>);
/// A path to many rows that asks for a row each.
pub struct Each<P>(PhantomData<fn() -> P>);
/// A relation walked back, from its target to its owner: `rev(Book.author)`.
pub struct Rev<F>(PhantomData<fn() -> F>);

#[diagnostic::do_not_recommend]
impl<F: Relation> Relation for Rev<F> {
    type Owner = F::Target;
    type Target = F::Owner;
    type Reach = Many;
    const RELATION: usize = F::RELATION;
    const META: &'static RelationMeta = F::META;
    const BACKWARDS: bool = !F::BACKWARDS;
}

impl<M: Model> Path for At<M> {
    type Root = M;
    type To = M;
    type Reach = One;
    const HOP: Option<&'static Hop> = None;
}

impl<P: Path, F: Relation> Via<P, F> {
    /// The last step.
    pub(crate) const STEP: &'static Hop =
        &Hop { parent: P::HOP, relation: F::META, backwards: F::BACKWARDS, each: false };
}
struct EachStep<P>(PhantomData<P>);
impl<P: Path> EachStep<P> {
    const HOP: Hop = match P::HOP {
        Some(hop) => Hop { parent: hop.parent, relation: hop.relation, backwards: hop.backwards, each: true },
        None => panic!("`each` needs a relation"),
    };
}

impl<P: Path, F: Relation<Owner = P::To>> Path for Via<P, F> {
    type Root = P::Root;
    type To = F::Target;
    type Reach = <P::Reach as Reach>::Then<F::Reach>;
    const HOP: Option<&'static Hop> = Some(Self::STEP);
}
impl<P: Path> Path for Each<P> {
    type Root = P::Root;
    type To = P::To;
    type Reach = Maybe;
    const HOP: Option<&'static Hop> = Some(&EachStep::<P>::HOP);
}

/// A zero-sized value that lies in a static.
#[doc(hidden)]
pub trait ConstRef: 'static {
    /// It.
    const REF: &'static Self;
}

/// A column at the end of a path. A foreign key's derefs to the columns of its target.
///
/// ```
/// # orm_blog::example! { db =>
/// let title = Book.title;
/// assert_eq!(Book::objects().filter(title.contains("Rust")).values(title).all(&db).await?, ["Rust by Night"]);
/// // A path: the columns of the author are behind `Book.author`.
/// assert!(Book::objects().filter(Book.author.name.eq("Ann")).sql("sqlite")?.contains(r#"WHERE "t1"."name" = ?"#));
/// # }
/// ```
pub struct Col<P, F>(PhantomData<fn() -> (P, F)>);
/// A relation to many rows at the end of a path. It derefs to the columns of its target.
///
/// ```
/// # orm_blog::example! { db =>
/// let authors = Author::objects().filter(Author.books.any(Book.price.gt(30))).all(&db).await?;
/// assert_eq!(authors[0].name, "Ann");
/// // Columns behind it have many values, so they are aggregated.
/// assert!(Author::objects().values(Author.books.price.max()).sql("sqlite")?.starts_with(
///     r#"SELECT (SELECT MAX("t1"."price") FROM "books" AS "t1" WHERE "t1"."author_id" = "authors"."id")"#
/// ));
/// # }
/// ```
pub struct Rel<P, F>(PhantomData<fn() -> (P, F)>);
impl<P, F> Col<P, F> {
    #[doc(hidden)]
    pub const NEW: Self = Col(PhantomData);
}
impl<P, F> Rel<P, F> {
    #[doc(hidden)]
    pub const NEW: Self = Rel(PhantomData);
}
impl<P, F> Clone for Col<P, F> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<P, F> Copy for Col<P, F> {}
impl<P, F> Clone for Rel<P, F> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<P, F> Copy for Rel<P, F> {}

impl<P: Path, F: Follow<P>> Deref for Col<P, F> {
    type Target = F::Fields;
    fn deref(&self) -> &Self::Target {
        ConstRef::REF
    }
}
impl<P: Path, F: Relation<Owner = P::To>> Deref for Rel<P, F> {
    type Target = <F::Target as Model>::Fields<Via<P, F>>;
    fn deref(&self) -> &Self::Target {
        ConstRef::REF
    }
}

impl<P: Path, F: Field<Owner = P::To>> Col<P, F> {
    /// The column as an untyped expression.
    #[doc(hidden)]
    pub fn untyped(self) -> Expr {
        Expr::column(P::HOP, <F::Owner as Model>::META, Self::meta(), P::Reach::NULL)
    }

    /// What the column is, as data.
    #[doc(hidden)]
    pub fn meta() -> &'static FieldMeta {
        &<F::Owner as Model>::META.fields[F::INDEX]
    }
}

/// A column or relation at the end of a path, for [`reverse`].
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this is not a relation",
    note = "say which field of the other side it is: `#[orm(via = field)]`"
)]
pub trait Handle {
    /// The field's marker.
    type Marker;
}
impl<P, F> Handle for Col<P, F> {
    type Marker = F;
}
impl<P, F> Handle for Rel<P, F> {
    type Marker = F;
}

/// A model that is `M`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this relation leads to `{Self}`, not to `{M}`",
    label = "does not point at `{M}`",
    note = "say which field of the other side it is: `#[orm(via = field)]`"
)]
pub trait Leads<M> {}
impl<M> Leads<M> for M {}

/// The index of the relation of which a field of `M` is the other side.
///
/// # Panics
/// If the two sides do not fit. The derive calls it in constants, so that is an error of the compiler.
#[doc(hidden)]
pub const fn reverse<M, H>(_: &H, expected: Side) -> usize
where
    H: Handle<Marker: Relation<Target: Leads<M>>>,
{
    let relation = H::Marker::RELATION;
    match (expected, H::Marker::SIDE) {
        (Side::ForeignKey, Side::ForeignKey)
        | (Side::OneToOne, Side::OneToOne)
        | (Side::ManyToMany, Side::ManyToMany) => relation,
        (Side::ForeignKey, Side::OneToOne) => panic!("the other side of a `OneToOne` is a `HasOne`, not a `HasMany`"),
        (Side::OneToOne, Side::ForeignKey) => panic!("the other side of a `ForeignKey` is a `HasMany`, not a `HasOne`"),
        (Side::ManyToMany, Side::ManyReverse) => {
            panic!("one side of a many-to-many relation owns the table between: leave out `via` on the other side")
        }
        (Side::ForeignKey, _) => panic!("`HasMany` is the other side of a `ForeignKey`"),
        (Side::OneToOne, _) => panic!("`HasOne` is the other side of a `OneToOne`"),
        (_, _) => panic!("`via` on a `ManyToMany` names the `ManyToMany` field of the other side"),
    }
}
