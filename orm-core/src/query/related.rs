//! Which related rows come along: those that a row points at in the same statement, others in one of their own.

use super::RelQuery;
use super::operand::SameRoot;
use crate::ast::{self, Cond, Select};
use crate::meta::Hop;
use crate::model::{Col, Model, Path, Rel, Relation, Single, Via};

/// What `select_related` takes: a foreign key or one-to-one, or several in a tuple. The steps before it come along.
///
/// ```
/// # orm_blog::example! { db =>
/// // The steps before the last come along.
/// let book = Book::objects().select_related((Book.author, Book.editor)).first(&db).await?.expect("there are books");
/// assert_eq!((book.author.get()?.name.as_str(), book.editor.is_none()), ("Ann", true));
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`select_related` on `{M}` takes foreign keys and one-to-ones",
    label = "not a foreign key of `{M}`",
    note = "a relation to many rows is loaded by `prefetch_related`"
)]
pub trait Related<M> {
    /// Adds the steps.
    #[doc(hidden)]
    fn related(self, to: &mut Vec<&'static Hop>);
}
impl<M, P: Path, F: Relation<Owner = P::To>> Related<M> for Col<P, F>
where
    P::Root: SameRoot<M>,
    P::Reach: Single,
{
    fn related(self, to: &mut Vec<&'static Hop>) {
        to.push(Via::<P, F>::STEP);
    }
}

/// What `prefetch_related` takes: a relation, which may be narrowed, ordered and limited, or several in a tuple.
///
/// ```
/// # orm_blog::example! { db =>
/// let recent = Author.books.filter(Book.published.year().ge(2020)).prefetch_related(Book.tags);
/// let authors = Author::objects().prefetch_related((recent, Author.edited)).all(&db).await?;
/// assert_eq!((authors[0].books.get()?.len(), authors[1].edited.get()?.len()), (2, 1));
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`prefetch_related` on `{M}` takes relations of `{M}`",
    label = "not a relation of `{M}`"
)]
pub trait PrefetchRelated<M> {
    /// Adds what is loaded.
    #[doc(hidden)]
    fn prefetch(self, to: &mut Vec<ast::Prefetch>);
}
impl<M, P: Path, F: Relation<Owner = P::To>> PrefetchRelated<M> for Rel<P, F>
where
    P::Root: SameRoot<M>,
{
    fn prefetch(self, to: &mut Vec<ast::Prefetch>) {
        to.push(prefetch(Via::<P, F>::STEP, Select::new(<F::Target as Model>::META)));
    }
}
impl<M, P: Path, F: Relation<Owner = P::To>> PrefetchRelated<M> for Col<P, F>
where
    P::Root: SameRoot<M>,
{
    fn prefetch(self, to: &mut Vec<ast::Prefetch>) {
        to.push(prefetch(Via::<P, F>::STEP, Select::new(<F::Target as Model>::META)));
    }
}
impl<M, P: Path, F: Relation<Owner = P::To>> PrefetchRelated<M> for RelQuery<P, F>
where
    P::Root: SameRoot<M>,
{
    fn prefetch(self, to: &mut Vec<ast::Prefetch>) {
        to.push(prefetch(Via::<P, F>::STEP, self.select));
    }
}

fn prefetch(hop: &'static Hop, mut query: Select) -> ast::Prefetch {
    // Rows are loaded into a field; a relation that is walked back has none.
    if hop.chain().iter().any(|step| step.backwards) {
        query.filter.push(Cond::refused(
            "`rev(..)` has no field that rows could be loaded into; declare the other side on the model",
        ));
    }
    ast::Prefetch { hop, query }
}
