//! Conditions: on a row, and on a group of rows.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{BitAnd, BitAndAssign, BitOr, BitOrAssign, BitXor, Not};

use crate::ast::{self, Cond};
use crate::error::Result;
use crate::model::{Expr, FromExpr, Model};

/// A condition on a row of `M`. Combine with `&`, `|`, `^` (exactly one) and `!`.
///
/// `!q` is "q is not true": it keeps the rows for which q is unknown because of a NULL.
///
/// ```
/// # orm_blog::example! { db =>
/// fn cheap() -> Q<Book> {
///     Book.price.lt(25)
/// }
/// assert_eq!(Book::objects().filter(cheap() & !Book.author.name.eq("Ann")).count(&db).await?, 1);
/// assert_eq!(Book::objects().filter(cheap() ^ Book.title.icontains("rust")).count(&db).await?, 3);
/// # }
/// ```
#[must_use = "a condition does nothing until a query takes it, as `.filter(..)` does"]
pub struct Q<M> {
    pub(crate) cond: Cond,
    model: PhantomData<fn() -> M>,
}

/// A condition on a group of rows of `M`.
///
/// ```
/// # orm_blog::example! { db =>
/// let busy = count_rows().gt(1) & Book.price.sum().gt(50);
/// let query = Book::objects().group_by(Book.author.name).having(busy | count_rows().eq(7)).annotate(count_rows());
/// assert!(query.sql("sqlite")?.ends_with(
///     r#"HAVING ((COUNT(*) > ? AND SUM("books"."price") > ?) OR COUNT(*) = ?)"#
/// ));
/// assert_eq!(query.all(&db).await?, [("Ann".to_owned(), 2)]);
/// # }
/// ```
#[must_use = "a condition on groups does nothing until `.having(..)` takes it"]
pub struct Having<M> {
    pub(crate) cond: Cond,
    model: PhantomData<fn() -> M>,
}

/// What `filter` takes: a [`Q`], or an `Option` of one (without one, nothing is asked).
///
/// ```
/// # orm_blog::example! { db =>
/// let wanted: Option<&str> = None;
/// let query = Tag::objects().filter(wanted.map(|name| Tag.name.eq(name)));
/// assert_eq!(query.count(&db).await?, 2);
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a condition on a row of `{M}`",
    label = "expected a `Q<{M}>`",
    note = "a condition on an aggregate of the rows goes to `.group_by(..).having(..)`; a condition on related rows is written `relation.any(..)`"
)]
pub trait Condition<M> {
    /// The untyped condition.
    #[doc(hidden)]
    fn condition(self) -> Cond;
}
#[diagnostic::do_not_recommend]
impl<M> Condition<M> for Q<M> {
    fn condition(self) -> Cond {
        self.cond
    }
}
#[diagnostic::do_not_recommend]
impl<M> Condition<M> for &Q<M> {
    fn condition(self) -> Cond {
        self.cond.clone()
    }
}
#[diagnostic::do_not_recommend]
impl<M> Condition<M> for Option<Q<M>> {
    fn condition(self) -> Cond {
        self.map_or(Cond::constant(true), |q| q.cond)
    }
}

impl<M> Q<M> {
    /// The condition of an untyped one, whose root must be `M`.
    #[doc(hidden)]
    pub fn from_untyped(cond: Cond) -> Q<M> {
        Q { cond, model: PhantomData }
    }

    /// The untyped condition.
    #[doc(hidden)]
    pub fn untyped(&self) -> &Cond {
        &self.cond
    }

    /// All are true; of none given, that is so.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let words = ["quiet", "queries"];
    /// let query = Book::objects().filter(Q::all_of(words.map(|word| Book.title.icontains(word))));
    /// assert!(query.sql("sqlite")?.contains(
    ///     r#"WHERE ((instr(orm_fold("books"."title"), ?) > 0) AND (instr(orm_fold("books"."title"), ?) > 0))"#
    /// ));
    /// assert_eq!(query.count(&db).await?, 1);
    /// assert_eq!(Book::objects().filter(Q::all_of([])).count(&db).await?, 3);
    /// # }
    /// ```
    pub fn all_of(list: impl IntoIterator<Item = Q<M>>) -> Q<M> {
        Q::from_untyped(Cond::all_of(list.into_iter().map(|q| q.cond)))
    }

    /// One is true; of none given, that is never so.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let words = ["quiet", "rust"];
    /// let query = Book::objects().filter(Q::any_of(words.map(|word| Book.title.icontains(word))));
    /// assert!(query.sql("sqlite")?.contains(
    ///     r#"WHERE ((instr(orm_fold("books"."title"), ?) > 0) OR (instr(orm_fold("books"."title"), ?) > 0))"#
    /// ));
    /// assert_eq!(query.count(&db).await?, 2);
    /// assert_eq!(Book::objects().filter(Q::any_of([])).count(&db).await?, 0);
    /// # }
    /// ```
    pub fn any_of(list: impl IntoIterator<Item = Q<M>>) -> Q<M> {
        Q::from_untyped(Cond::any_of(list.into_iter().map(|q| q.cond)))
    }

    /// It is neither true nor false, because of a NULL.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().filter(Book.subtitle.eq("A novel").is_unknown());
    /// assert!(query.sql("postgres")?.contains(r#"WHERE (("books"."subtitle" = $1) IS NULL)"#));
    /// assert_eq!(query.count(&db).await?, 2);
    /// # }
    /// ```
    pub fn is_unknown(self) -> Q<M> {
        Q::from_untyped(self.cond.is_unknown())
    }

    /// The condition as a value of the row: true, false, or NULL where it is unknown.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().values((Book.title, Book.price.lt(10).as_value())).order_by(Book.price.asc());
    /// assert!(query.sql("sqlite")?.starts_with(r#"SELECT "books"."title", ("books"."price" < ?)"#));
    /// assert_eq!(query.first(&db).await?, Some(("100% Dunes".to_owned(), Some(true))));
    /// # }
    /// ```
    pub fn as_value(&self) -> Expr<M, Option<bool>> {
        Expr::from_expr(ast::Expr::cond(self.cond.clone()))
    }
}

impl Q<()> {
    /// The condition of a lookup in text, as it comes from outside: `Q::parse::<Book>("author__name__icontains", "jo")`.
    ///
    /// The path is matched against the models; the value is read as the column's type and bound. A to-many relation in
    /// the path means that one of its rows fits.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let q = Q::parse::<Book>("author__name__istartswith", "a")?;
    /// assert_eq!(Book::objects().filter(q).count(&db).await?, 2);
    /// let error = Q::parse::<Book>("athor__name", "a").unwrap_err();
    /// assert_eq!(error.to_string(), "model `Book` has no field path `athor__name`; did you mean `author`?");
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidQuery`](crate::ErrorKind::InvalidQuery) for a path that the model does not have, with the
    /// nearest name; [`ErrorKind::InvalidValue`](crate::ErrorKind::InvalidValue) for a value that is not of the
    /// column's type.
    pub fn parse<M: Model>(path: &str, value: &str) -> Result<Q<M>> {
        crate::parse::lookup(M::META, path, value).map(Q::from_untyped)
    }

    /// Several lookups, all of them true. Those that go through the same to-many relation speak of the same row.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let asked = [("price__lt", "30"), ("author__name", "Ann")];
    /// let query = Book::objects().filter(Q::parse_all::<Book>(asked)?);
    /// assert!(query.sql("sqlite")?.contains(r#"WHERE ("books"."price" < ? AND "t1"."name" = ?)"#));
    /// assert_eq!(query.get(&db).await?.title, "Quiet Queries");
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Q::parse`].
    pub fn parse_all<'a, M: Model>(lookups: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Q<M>> {
        crate::parse::lookups(M::META, lookups).map(Q::from_untyped)
    }
}

impl<M> Having<M> {
    pub(crate) fn from_untyped(cond: Cond) -> Having<M> {
        Having { cond, model: PhantomData }
    }
}

macro_rules! logic {
    ($($t:ident),*) => { $(
        impl<M> Clone for $t<M> {
            fn clone(&self) -> Self {
                Self::from_untyped(self.cond.clone())
            }
        }
        impl<M> fmt::Debug for $t<M> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.cond.fmt(f)
            }
        }
        impl<M> BitAnd for $t<M> {
            type Output = Self;
            fn bitand(self, other: Self) -> Self {
                Self::from_untyped(self.cond.and(other.cond))
            }
        }
        impl<M> BitOr for $t<M> {
            type Output = Self;
            fn bitor(self, other: Self) -> Self {
                Self::from_untyped(self.cond.or(other.cond))
            }
        }
        impl<M> BitXor for $t<M> {
            type Output = Self;
            fn bitxor(self, other: Self) -> Self {
                Self::from_untyped(self.cond.xor(other.cond))
            }
        }
        impl<M> BitAndAssign for $t<M> {
            fn bitand_assign(&mut self, other: Self) {
                let own = std::mem::replace(&mut self.cond, Cond::constant(true));
                self.cond = own.and(other.cond);
            }
        }
        impl<M> BitOrAssign for $t<M> {
            fn bitor_assign(&mut self, other: Self) {
                let own = std::mem::replace(&mut self.cond, Cond::constant(false));
                self.cond = own.or(other.cond);
            }
        }
        impl<M> Not for $t<M> {
            type Output = Self;
            fn not(self) -> Self {
                Self::from_untyped(self.cond.not())
            }
        }
    )* };
}
logic!(Q, Having);
