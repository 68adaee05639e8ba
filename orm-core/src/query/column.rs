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
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().filter(Book.subtitle.ne("A novel"));
    /// assert!(query.sql("sqlite")?.contains(r#"WHERE (("books"."subtitle" = ?) IS NOT TRUE)"#));
    /// assert_eq!(query.count(&db).await?, 2);
    /// # }
    /// ```
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
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().filter(Book.published.ge(day("2021-05-01")));
    /// assert!(query.sql("sqlite")?.contains(r#"WHERE "books"."published" >= ?"#));
    /// assert_eq!(query.count(&db).await?, 2);
    /// # }
    /// ```
    pub fn ge<V: Operand<F::Class, P::Root>>(self, v: V) -> Q<P::Root>
    where
        P::Reach: Single,
        Base<F>: Ordered,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::Ge, self.untyped(), v.operand()))
    }

    /// It is greater than or equal: another name of `ge`.
    ///
    /// ```
    /// # orm_blog::example! {
    /// let (gte, ge) = (Book::objects().filter(Book.id.gte(2)), Book::objects().filter(Book.id.ge(2)));
    /// assert_eq!(gte.sql("sqlite")?, ge.sql("sqlite")?);
    /// # }
    /// ```
    pub fn gte<V: Operand<F::Class, P::Root>>(self, v: V) -> Q<P::Root>
    where
        P::Reach: Single,
        Base<F>: Ordered,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::Ge, self.untyped(), v.operand()))
    }

    /// It is less than this.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().filter(Book.price.lt(dec!(24.50)));
    /// assert!(query.sql("sqlite")?.contains(r#"WHERE "books"."price" < ?"#));
    /// assert_eq!(query.count(&db).await?, 1);
    /// # }
    /// ```
    pub fn lt<V: Operand<F::Class, P::Root>>(self, v: V) -> Q<P::Root>
    where
        P::Reach: Single,
        Base<F>: Ordered,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::Lt, self.untyped(), v.operand()))
    }

    /// It is less than or equal to this.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().filter(Book.price.le(dec!(24.50)));
    /// assert!(query.sql("sqlite")?.contains(r#"WHERE "books"."price" <= ?"#));
    /// assert_eq!(query.count(&db).await?, 2);
    /// # }
    /// ```
    pub fn le<V: Operand<F::Class, P::Root>>(self, v: V) -> Q<P::Root>
    where
        P::Reach: Single,
        Base<F>: Ordered,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::Le, self.untyped(), v.operand()))
    }

    /// It is less than or equal: another name of `le`.
    ///
    /// ```
    /// # orm_blog::example! {
    /// let (lte, le) = (Book::objects().filter(Book.id.lte(2)), Book::objects().filter(Book.id.le(2)));
    /// assert_eq!(lte.sql("sqlite")?, le.sql("sqlite")?);
    /// # }
    /// ```
    pub fn lte<V: Operand<F::Class, P::Root>>(self, v: V) -> Q<P::Root>
    where
        P::Reach: Single,
        Base<F>: Ordered,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::Le, self.untyped(), v.operand()))
    }

    /// It lies between two bounds, both included.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().filter(Book.published.range(day("2021-01-01"), day("2021-12-31")));
    /// assert!(query.sql("sqlite")?.contains(r#"WHERE ("books"."published" BETWEEN ? AND ?)"#));
    /// assert_eq!(query.get(&db).await?.title, "Rust by Night");
    /// # }
    /// ```
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
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Tag::objects().filter(Tag.name.not_in(["rust", "go"]));
    /// assert!(query.sql("postgres")?.contains(r#"WHERE (NOT ("tags"."name" = ANY($1)))"#));
    /// assert_eq!(query.get(&db).await?.name, "sql");
    /// # }
    /// ```
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
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().filter(Book.subtitle.is_not_null());
    /// assert!(query.sql("sqlite")?.contains(r#"WHERE ("books"."subtitle" IS NOT NULL)"#));
    /// assert_eq!(query.get(&db).await?.title, "100% Dunes");
    /// # }
    /// ```
    pub fn is_not_null(self) -> Q<P::Root>
    where
        P::Reach: Single,
        Seen<P, F>: CanBeNull,
    {
        !Q::from_untyped(Cond::is_null(self.untyped()))
    }

    /// The absolute value.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().values((Book.price - 30).abs()).order_by(Book.id.asc());
    /// assert!(query.sql("sqlite")?.starts_with(r#"SELECT abs(("books"."price" - ?))"#));
    /// assert_eq!(query.first(&db).await?, Some(dec!(9.90)));
    /// assert_eq!(Author::objects().filter(Author.visits.abs().gt(0)).count(&db).await?, 0);
    /// # }
    /// ```
    pub fn abs(self) -> Expr<P::Root, Seen<P, F>>
    where
        P::Reach: Single,
        Base<F>: Numeric,
    {
        Expr::from_expr(ast::Expr::func(Func::Abs, vec![self.untyped()]))
    }

    /// Rounded to whole numbers, half away from zero.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().values(Book.price.round()).order_by(Book.id.asc());
    /// assert_eq!(query.all(&db).await?, [dec!(40), dec!(25), dec!(10)]);
    /// # }
    /// ```
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
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Author::objects().values(Author.visits.nullif(0));
    /// assert!(query.sql("sqlite")?.starts_with(r#"SELECT nullif("authors"."visits", ?)"#));
    /// assert_eq!(query.first(&db).await?, Some(None));
    /// # }
    /// ```
    pub fn nullif<V: Operand<F::Class, P::Root>>(self, v: V) -> Expr<P::Root, <Seen<P, F> as SqlType>::Nullable>
    where
        P::Reach: Single,
    {
        Expr::from_expr(ast::Expr::func(Func::NullIf, vec![self.untyped(), v.operand()]))
    }

    /// The greater of this and another; NULL if one is NULL.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().values(Book.price.greatest(20)).order_by(Book.id.asc());
    /// assert!(query.sql("sqlite")?.starts_with(r#"SELECT max("books"."price", ?)"#));
    /// assert_eq!(query.all(&db).await?, [dec!(39.90), dec!(24.50), dec!(20)]);
    /// # }
    /// ```
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
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().values(Book.price.least(20)).order_by(Book.id.asc());
    /// assert!(query.sql("sqlite")?.starts_with(r#"SELECT min("books"."price", ?)"#));
    /// assert_eq!(query.all(&db).await?, [dec!(20), dec!(20), dec!(9.99)]);
    /// # }
    /// ```
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
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().order_by((Book.author.name.asc(), Book.title.asc())).values(Book.title);
    /// assert!(query.sql("sqlite")?.ends_with(r#"ORDER BY "t1"."name" ASC, "books"."title" ASC"#));
    /// assert_eq!(query.all(&db).await?, ["Quiet Queries", "Rust by Night", "100% Dunes"]);
    /// # }
    /// ```
    pub fn asc(self) -> Order<P::Root>
    where
        P::Reach: Single,
    {
        Order::new(self.untyped(), Direction::Asc)
    }

    /// Greatest first.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().order_by(Book.price.desc()).values(Book.title);
    /// assert!(query.sql("sqlite")?.ends_with(r#"ORDER BY "books"."price" DESC"#));
    /// assert_eq!(query.all(&db).await?, ["Rust by Night", "Quiet Queries", "100% Dunes"]);
    /// # }
    /// ```
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
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// fn is_blank(text: Expr<Book, Option<String>>) -> Q<Book> {
    ///     text.is_null() | text.trim().eq("")
    /// }
    /// assert_eq!(Book::objects().filter(is_blank(Book.subtitle.expr())).count(&db).await?, 2);
    /// # }
    /// ```
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
