//! What can be asked of a column of text, and made of it.

use crate::ast::{self, Cond, Func, Lookup};
use crate::model::{Col, Expr, Field, FromExpr, Path, Single};
use crate::query::Q;
use crate::query::class::Text;
use crate::query::operand::{AcceptedBy, Base, Operand, Seen};
use crate::value::{Never, Nullness, SqlType};

impl<P: Path, F: Field<Owner = P::To>> Col<P, F> {
    /// It holds the text.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// assert_eq!(Book::objects().filter(Book.title.contains("Night") | Book.title.startswith("100%")).count(&db).await?, 2);
    /// assert_eq!(Book::objects().filter(Book.title.icontains("QUEries")).count(&db).await?, 1);
    /// # }
    /// ```
    ///
    /// The text is taken literally: `%` and `_` are characters like any other.
    pub fn contains<V: Operand<String, P::Root>>(self, v: V) -> Q<P::Root>
    where
        P::Reach: Single,
        Base<F>: Text,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::Contains, self.untyped(), v.operand()))
    }

    /// It holds the text, whatever the case.
    pub fn icontains<V: Operand<String, P::Root>>(self, v: V) -> Q<P::Root>
    where
        P::Reach: Single,
        Base<F>: Text,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::IContains, self.untyped(), v.operand()))
    }

    /// It starts with the text.
    pub fn startswith<V: Operand<String, P::Root>>(self, v: V) -> Q<P::Root>
    where
        P::Reach: Single,
        Base<F>: Text,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::StartsWith, self.untyped(), v.operand()))
    }

    /// It starts with the text, whatever the case.
    pub fn istartswith<V: Operand<String, P::Root>>(self, v: V) -> Q<P::Root>
    where
        P::Reach: Single,
        Base<F>: Text,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::IStartsWith, self.untyped(), v.operand()))
    }

    /// It ends with the text.
    pub fn endswith<V: Operand<String, P::Root>>(self, v: V) -> Q<P::Root>
    where
        P::Reach: Single,
        Base<F>: Text,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::EndsWith, self.untyped(), v.operand()))
    }

    /// It ends with the text, whatever the case.
    pub fn iendswith<V: Operand<String, P::Root>>(self, v: V) -> Q<P::Root>
    where
        P::Reach: Single,
        Base<F>: Text,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::IEndsWith, self.untyped(), v.operand()))
    }

    /// It equals the text, whatever the case.
    pub fn ieq<V: Operand<String, P::Root>>(self, v: V) -> Q<P::Root>
    where
        P::Reach: Single,
        Base<F>: Text,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::IEq, self.untyped(), v.operand()))
    }

    /// The text in lower case.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let initials = Author::objects().values((Author.name.lower(), Author.name.length())).order_by(Author.name.asc());
    /// assert_eq!(initials.first(&db).await?, Some(("ann".to_owned(), 3)));
    /// # }
    /// ```
    pub fn lower(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<String>>
    where
        P::Reach: Single,
        Base<F>: Text,
    {
        Expr::from_expr(ast::Expr::func(Func::Lower, vec![self.untyped()]))
    }

    /// The text in upper case.
    pub fn upper(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<String>>
    where
        P::Reach: Single,
        Base<F>: Text,
    {
        Expr::from_expr(ast::Expr::func(Func::Upper, vec![self.untyped()]))
    }

    /// The text without blanks at both ends.
    pub fn trim(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<String>>
    where
        P::Reach: Single,
        Base<F>: Text,
    {
        Expr::from_expr(ast::Expr::func(Func::Trim, vec![self.untyped()]))
    }

    /// How many characters it has.
    pub fn length(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<i64>>
    where
        P::Reach: Single,
        Base<F>: Text,
    {
        Expr::from_expr(ast::Expr::func(Func::Length, vec![self.untyped()]))
    }

    /// The text with another behind it; NULL if one is NULL.
    pub fn concat<V: Operand<String, P::Root>>(
        self,
        v: V,
    ) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<<V::Nulls as Nullness>::Of<String>>>
    where
        P::Reach: Single,
        Base<F>: Text,
    {
        Expr::from_expr(ast::Expr::func(Func::Concat, vec![self.untyped(), v.operand()]))
    }
}
