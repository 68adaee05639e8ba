//! Columns: comparisons, functions, orders and assignments. Each is one call into the untyped tree.

mod aggregate;
mod date;
mod text;

use super::class::{CanBeNull, IsRoot, Numeric, Ordered};
use super::operand::{AcceptedBy, Base, ListOf, Operand, Seen, StoredIn};
use super::{Order, Q, Set, Whole};
use crate::ast::{self, Cond, Direction, Func, Lookup};
use crate::model::{Col, Expr, Field, FromExpr, Path, Relation, Single, Via};
use crate::value::{Never, Nullness, SqlType};

impl<P: Path, F: Field<Owner = P::To>> Col<P, F> {
    /// It equals: a value, another column or expression, or `None` for NULL.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let ann = Author::objects().filter(Author.name.eq("Ann")).get(&db).await?;
    /// assert_eq!(Book::objects().filter(Book.author.eq(&ann)).count(&db).await?, 2);
    /// assert_eq!(Book::objects().filter(Book.subtitle.eq(None)).count(&db).await?, 2);
    /// assert_eq!(Book::objects().filter(Book.editor.eq(Book.author)).count(&db).await?, 0);
    /// # }
    /// ```
    ///
    /// SQL: `"books"."author_id" = ?`, and `IS NULL` for `None`.
    pub fn eq<V: Operand<F::Class, P::Root>>(self, v: V) -> Q<P::Root>
    where
        P::Reach: Single,
        V::Null: AcceptedBy<<Seen<P, F> as SqlType>::Nulls>,
    {
        Q::from_untyped(Cond::lookup(Lookup::Eq, self.untyped(), v.operand()))
    }

    /// It does not equal: `!eq`, so a NULL differs from every value.
    pub fn ne<V: Operand<F::Class, P::Root>>(self, v: V) -> Q<P::Root>
    where
        P::Reach: Single,
        V::Null: AcceptedBy<<Seen<P, F> as SqlType>::Nulls>,
    {
        !Q::from_untyped(Cond::lookup(Lookup::Eq, self.untyped(), v.operand()))
    }

    /// It is greater than this.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let recent = Book.published.ge(day("2021-01-01")) & Book.price.range(20, 40);
    /// assert_eq!(Book::objects().filter(recent).count(&db).await?, 2);
    /// # }
    /// ```
    ///
    /// SQL: `"books"."price" > ?`
    pub fn gt<V: Operand<F::Class, P::Root>>(self, v: V) -> Q<P::Root>
    where
        P::Reach: Single,
        Base<F>: Ordered,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::Gt, self.untyped(), v.operand()))
    }

    /// It is greater than or equal to this.
    pub fn ge<V: Operand<F::Class, P::Root>>(self, v: V) -> Q<P::Root>
    where
        P::Reach: Single,
        Base<F>: Ordered,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::Ge, self.untyped(), v.operand()))
    }

    /// It is greater than or equal: another name of `ge`.
    pub fn gte<V: Operand<F::Class, P::Root>>(self, v: V) -> Q<P::Root>
    where
        P::Reach: Single,
        Base<F>: Ordered,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::Ge, self.untyped(), v.operand()))
    }

    /// It is less than this.
    pub fn lt<V: Operand<F::Class, P::Root>>(self, v: V) -> Q<P::Root>
    where
        P::Reach: Single,
        Base<F>: Ordered,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::Lt, self.untyped(), v.operand()))
    }

    /// It is less than or equal to this.
    pub fn le<V: Operand<F::Class, P::Root>>(self, v: V) -> Q<P::Root>
    where
        P::Reach: Single,
        Base<F>: Ordered,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::Le, self.untyped(), v.operand()))
    }

    /// It is less than or equal: another name of `le`.
    pub fn lte<V: Operand<F::Class, P::Root>>(self, v: V) -> Q<P::Root>
    where
        P::Reach: Single,
        Base<F>: Ordered,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::Le, self.untyped(), v.operand()))
    }

    /// It lies between two bounds, both included.
    pub fn range<V: Operand<F::Class, P::Root>, W: Operand<F::Class, P::Root>>(self, low: V, high: W) -> Q<P::Root>
    where
        P::Reach: Single,
        Base<F>: Ordered,
        V::Null: AcceptedBy<Never>,
        W::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::range(self.untyped(), low.operand(), high.operand()))
    }

    /// It is one of a list, or of the rows of a query. NULLs among them are ignored.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// assert_eq!(Book::objects().filter(Book.id.is_in([1, 3, 5])).count(&db).await?, 2);
    /// let short = Author::objects().filter(Author.name.length().le(3));
    /// assert_eq!(Book::objects().filter(Book.author.is_in(short)).count(&db).await?, 3);
    /// # }
    /// ```
    ///
    /// SQL: the list is one parameter on SQLite (`IN (SELECT value FROM json_each(?))`) and PostgreSQL (`= ANY($1)`).
    pub fn is_in<L: ListOf<F::Class, P::Root>>(self, list: L) -> Q<P::Root>
    where
        P::Reach: Single,
    {
        Q::from_untyped(list.members().hold(self.untyped()))
    }

    /// It is none of a list, nor of the rows of a query: `!is_in`.
    pub fn not_in<L: ListOf<F::Class, P::Root>>(self, list: L) -> Q<P::Root>
    where
        P::Reach: Single,
    {
        !Q::from_untyped(list.members().hold(self.untyped()))
    }

    /// It is NULL.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// assert_eq!(Book::objects().filter(Book.editor.is_null()).count(&db).await?, 2);
    /// # }
    /// ```
    pub fn is_null(self) -> Q<P::Root>
    where
        P::Reach: Single,
        Seen<P, F>: CanBeNull,
    {
        Q::from_untyped(Cond::is_null(self.untyped()))
    }

    /// It is not NULL.
    pub fn is_not_null(self) -> Q<P::Root>
    where
        P::Reach: Single,
        Seen<P, F>: CanBeNull,
    {
        !Q::from_untyped(Cond::is_null(self.untyped()))
    }

    /// The absolute value.
    pub fn abs(self) -> Expr<P::Root, Seen<P, F>>
    where
        P::Reach: Single,
        Base<F>: Numeric,
    {
        Expr::from_expr(ast::Expr::func(Func::Abs, vec![self.untyped()]))
    }

    /// Rounded to whole numbers, half away from zero.
    pub fn round(self) -> Expr<P::Root, Seen<P, F>>
    where
        P::Reach: Single,
        Base<F>: Numeric,
    {
        Expr::from_expr(ast::Expr::func(Func::Round, vec![self.untyped()]))
    }

    /// The value, or where it is NULL what is given here.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let subtitles: Vec<String> = Book::objects().values(Book.subtitle.coalesce("none")).order_by(Book.id.asc()).all(&db).await?;
    /// assert_eq!(subtitles, ["none", "none", "A novel"]);
    /// # }
    /// ```
    ///
    /// SQL: `coalesce("books"."subtitle", ?)`
    pub fn coalesce<V: Operand<F::Class, P::Root>>(self, v: V) -> Expr<P::Root, <V::Nulls as Nullness>::Of<Base<F>>>
    where
        P::Reach: Single,
        Seen<P, F>: CanBeNull,
    {
        Expr::from_expr(ast::Expr::func(Func::Coalesce, vec![self.untyped(), v.operand()]))
    }

    /// The value, or NULL where it equals what is given here.
    pub fn nullif<V: Operand<F::Class, P::Root>>(self, v: V) -> Expr<P::Root, <Seen<P, F> as SqlType>::Nullable>
    where
        P::Reach: Single,
    {
        Expr::from_expr(ast::Expr::func(Func::NullIf, vec![self.untyped(), v.operand()]))
    }

    /// The greater of this and another; NULL if one is NULL.
    pub fn greatest<V: Operand<F::Class, P::Root>>(
        self,
        v: V,
    ) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<<V::Nulls as Nullness>::Of<Base<F>>>>
    where
        P::Reach: Single,
        Base<F>: Ordered,
    {
        Expr::from_expr(ast::Expr::func(Func::Greatest, vec![self.untyped(), v.operand()]))
    }

    /// The lesser of this and another; NULL if one is NULL.
    pub fn least<V: Operand<F::Class, P::Root>>(
        self,
        v: V,
    ) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<<V::Nulls as Nullness>::Of<Base<F>>>>
    where
        P::Reach: Single,
        Base<F>: Ordered,
    {
        Expr::from_expr(ast::Expr::func(Func::Least, vec![self.untyped(), v.operand()]))
    }

    /// Least first.
    pub fn asc(self) -> Order<P::Root>
    where
        P::Reach: Single,
    {
        Order::new(self.untyped(), Direction::Asc)
    }

    /// Greatest first.
    pub fn desc(self) -> Order<P::Root>
    where
        P::Reach: Single,
    {
        Order::new(self.untyped(), Direction::Desc)
    }

    /// Sets it: to a value, or to an expression of the same row.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// Book::objects().update(&db, (Book.price.set(Book.price * 2), Book.subtitle.set("Second edition"))).await?;
    /// # }
    /// ```
    ///
    /// A column that is never NULL takes nothing that may be; `.coalesce(..)` gives that something to fall back on.
    pub fn set<V: Operand<F::Class, P::Root>>(self, v: V) -> Set<P::Root>
    where
        P: IsRoot,
        V::Nulls: StoredIn<<F::Type as SqlType>::Nulls>,
    {
        Set::new(Self::meta(), v.operand())
    }

    /// The column as an expression, as generic code wants it.
    pub fn expr(self) -> Expr<P::Root, Seen<P, F>>
    where
        P::Reach: Single,
    {
        Expr::from_expr(self.untyped())
    }
}

impl<P: Path, F: Relation<Owner = P::To>> Col<P, F> {
    /// The whole related row.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let pairs: Vec<(String, Author, Option<Author>)> =
    ///     Book::objects().values((Book.title, Book.author.row(), Book.editor.row())).all(&db).await?;
    /// assert!(pairs.iter().any(|(_, author, editor)| author.name == "Ann" && editor.is_none()));
    /// # }
    /// ```
    pub fn row(self) -> Whole<Via<P, F>> {
        Whole::NEW
    }
}
