//! Assignments: what an update or a draft sets.

use std::fmt;
use std::marker::PhantomData;

use crate::ast::{self, Assignment};
use crate::meta::FieldMeta;

/// A column of `M` and what it is set to: `Book.price.set(3)`.
///
/// ```
/// # orm_blog::example! { db =>
/// let set: orm::query::Set<Book> = Book.price.set(Book.price - 1);
/// assert_eq!(Book::objects().filter(Book.price.gt(30)).update(&db, set).await?, 1);
/// # }
/// ```
#[must_use = "an assignment does nothing until `.update(..)` or `.with(..)` takes it"]
pub struct Set<M> {
    pub(crate) assignment: Assignment,
    model: PhantomData<fn() -> M>,
}

impl<M> Set<M> {
    #[inline]
    pub(crate) fn new(field: &'static FieldMeta, value: ast::Expr) -> Self {
        Set { assignment: Assignment { field, value: value.or_kind(Some(field.kind)) }, model: PhantomData }
    }
}
impl<M> Clone for Set<M> {
    fn clone(&self) -> Self {
        Set { assignment: self.assignment.clone(), model: PhantomData }
    }
}
impl<M> fmt::Debug for Set<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.assignment.fmt(f)
    }
}

/// What `update` and `with` take: one assignment, or several in a tuple, array or `Vec`.
///
/// ```
/// # orm_blog::example! { db =>
/// let cheaper: Option<i64> = Some(5);
/// let mut sets = vec![Book.status.set(Status::Published)];
/// sets.extend(cheaper.map(|by| Book.price.set(Book.price - by)));
/// assert_eq!(Book::objects().update(&db, sets).await?, 3);
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "this does not set columns of `{M}`",
    label = "expected `{M}.column.set(..)`, or several in a tuple"
)]
pub trait Sets<M> {
    /// Adds the untyped assignments.
    #[doc(hidden)]
    fn sets(self, to: &mut Vec<Assignment>);
}
#[diagnostic::do_not_recommend]
impl<M> Sets<M> for Set<M> {
    fn sets(self, to: &mut Vec<Assignment>) {
        to.push(self.assignment);
    }
}
#[diagnostic::do_not_recommend]
impl<M> Sets<M> for Vec<Set<M>> {
    fn sets(self, to: &mut Vec<Assignment>) {
        to.extend(self.into_iter().map(|s| s.assignment));
    }
}
#[diagnostic::do_not_recommend]
impl<M, const N: usize> Sets<M> for [Set<M>; N] {
    fn sets(self, to: &mut Vec<Assignment>) {
        to.extend(self.into_iter().map(|s| s.assignment));
    }
}

/// The assignments of any that `update` takes.
pub(crate) fn list<M>(sets: impl Sets<M>) -> Vec<Assignment> {
    let mut list = Vec::new();
    sets.sets(&mut list);
    list
}
