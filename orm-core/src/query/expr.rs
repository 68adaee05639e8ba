//! Expressions of a row: the same comparisons, functions, orders and aggregates as columns have.
//!
//! They take `&self`, so that an expression named once by `let` can be used in several clauses.

mod aggregate;
mod date;
mod text;

use super::class::{CanBeNull, Numeric, Ordered};
use super::operand::{AcceptedBy, ListOf, Operand};
use super::{Order, Q};
use crate::ast::{self, Cond, Direction, Func, Lookup};
use crate::model::{Expr, FromExpr, Model};
use crate::value::{Never, Nullness, SqlType};

impl<M: Model, T: SqlType> Expr<M, T> {
    /// It equals: a value, another column or expression, or `None` for NULL.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Author::objects().filter(Author.books.count().eq(0));
    /// assert!(query.sql("sqlite")?.contains(
    ///     r#"WHERE (SELECT COUNT(*) FROM "books" AS "t1" WHERE "t1"."author_id" = "authors"."id") = ?"#
    /// ));
    /// assert_eq!(query.get(&db).await?.name, "Cleo");
    /// let query = Book::objects().filter(Book.title.lower().eq("quiet queries"));
    /// # }
    /// ```
    pub fn eq<V: Operand<T::Base, M>>(&self, v: V) -> Q<M>
    where
        V::Null: AcceptedBy<T::Nulls>,
    {
        Q::from_untyped(Cond::lookup(Lookup::Eq, self.expr.clone(), v.operand()))
    }

    /// It does not equal: `!eq`, so a NULL differs from every value.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().filter(Book.published.year().ne(2021));
    /// assert!(query.sql("postgres")?.contains(
    ///     r#"WHERE (NOT (CAST(EXTRACT(YEAR FROM "books"."published") AS bigint) = $1))"#
    /// ));
    /// assert_eq!(query.count(&db).await?, 2);
    /// # }
    /// ```
    pub fn ne<V: Operand<T::Base, M>>(&self, v: V) -> Q<M>
    where
        V::Null: AcceptedBy<T::Nulls>,
    {
        !Q::from_untyped(Cond::lookup(Lookup::Eq, self.expr.clone(), v.operand()))
    }

    /// It is greater than this.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Author::objects().filter(Author.books.count().gt(1));
    /// assert!(query.sql("sqlite")?.contains(
    ///     r#"WHERE (SELECT COUNT(*) FROM "books" AS "t1" WHERE "t1"."author_id" = "authors"."id") > ?"#
    /// ));
    /// assert_eq!(query.get(&db).await?.name, "Ann");
    /// # }
    /// ```
    pub fn gt<V: Operand<T::Base, M>>(&self, v: V) -> Q<M>
    where
        T::Base: Ordered,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::Gt, self.expr.clone(), v.operand()))
    }

    /// It is greater than or equal to this.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().filter((Book.price * 2).ge(49));
    /// assert!(query.sql("sqlite")?.contains(r#"WHERE ("books"."price" * ?) >= ?"#));
    /// assert_eq!(query.count(&db).await?, 2);
    /// # }
    /// ```
    pub fn ge<V: Operand<T::Base, M>>(&self, v: V) -> Q<M>
    where
        T::Base: Ordered,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::Ge, self.expr.clone(), v.operand()))
    }

    /// It is greater than or equal: another name of `ge`.
    ///
    /// ```
    /// # orm_blog::example! {
    /// let (gte, ge) = ((Book.price * 2).gte(49), (Book.price * 2).ge(49));
    /// assert_eq!(Book::objects().filter(gte).sql("sqlite")?, Book::objects().filter(ge).sql("sqlite")?);
    /// # }
    /// ```
    pub fn gte<V: Operand<T::Base, M>>(&self, v: V) -> Q<M>
    where
        T::Base: Ordered,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::Ge, self.expr.clone(), v.operand()))
    }

    /// It is less than this.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().filter(Book.title.length().lt(11));
    /// assert!(query.sql("sqlite")?.contains(r#"WHERE length("books"."title") < ?"#));
    /// assert_eq!(query.get(&db).await?.title, "100% Dunes");
    /// # }
    /// ```
    pub fn lt<V: Operand<T::Base, M>>(&self, v: V) -> Q<M>
    where
        T::Base: Ordered,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::Lt, self.expr.clone(), v.operand()))
    }

    /// It is less than or equal to this.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().filter((Book.price + 1).le(dec!(25.50)));
    /// assert!(query.sql("sqlite")?.contains(r#"WHERE ("books"."price" + ?) <= ?"#));
    /// assert_eq!(query.count(&db).await?, 2);
    /// # }
    /// ```
    pub fn le<V: Operand<T::Base, M>>(&self, v: V) -> Q<M>
    where
        T::Base: Ordered,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::Le, self.expr.clone(), v.operand()))
    }

    /// It is less than or equal: another name of `le`.
    ///
    /// ```
    /// # orm_blog::example! {
    /// let (lte, le) = ((Book.price + 1).lte(25), (Book.price + 1).le(25));
    /// assert_eq!(Book::objects().filter(lte).sql("sqlite")?, Book::objects().filter(le).sql("sqlite")?);
    /// # }
    /// ```
    pub fn lte<V: Operand<T::Base, M>>(&self, v: V) -> Q<M>
    where
        T::Base: Ordered,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::Le, self.expr.clone(), v.operand()))
    }

    /// It lies between two bounds, both included.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().filter(Book.published.year().range(2020, 2022));
    /// assert!(query.sql("postgres")?.contains(
    ///     r#"WHERE (CAST(EXTRACT(YEAR FROM "books"."published") AS bigint) BETWEEN $1 AND $2)"#
    /// ));
    /// assert_eq!(query.get(&db).await?.title, "Rust by Night");
    /// # }
    /// ```
    pub fn range<V: Operand<T::Base, M>, W: Operand<T::Base, M>>(&self, low: V, high: W) -> Q<M>
    where
        T::Base: Ordered,
        V::Null: AcceptedBy<Never>,
        W::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::range(self.expr.clone(), low.operand(), high.operand()))
    }

    /// It is one of a list, or of the rows of a query. NULLs among them are ignored.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().filter(Book.published.month().is_in([2, 5]));
    /// assert!(query.sql("postgres")?.contains(
    ///     r#"WHERE CAST(EXTRACT(MONTH FROM "books"."published") AS bigint) = ANY($1)"#
    /// ));
    /// assert_eq!(query.count(&db).await?, 2);
    /// # }
    /// ```
    pub fn is_in<L: ListOf<T::Base, M>>(&self, list: L) -> Q<M> {
        Q::from_untyped(list.members().hold(self.expr.clone()))
    }

    /// It is none of a list, nor of the rows of a query: `!is_in`.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().filter(Book.title.lower().not_in(["quiet queries"]));
    /// assert!(query.sql("postgres")?.contains(
    ///     r#"WHERE (NOT ((lower(("books"."title") COLLATE "und-x-icu") COLLATE "C") = ANY($1)))"#
    /// ));
    /// assert_eq!(query.count(&db).await?, 2);
    /// # }
    /// ```
    pub fn not_in<L: ListOf<T::Base, M>>(&self, list: L) -> Q<M> {
        !Q::from_untyped(list.members().hold(self.expr.clone()))
    }

    /// It is NULL.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Author::objects().filter(Author.books.first(Book.title).is_null());
    /// assert!(query.sql("sqlite")?.contains(
    ///     r#"WHERE ((SELECT "t1"."title" FROM "books" AS "t1" WHERE "t1"."author_id" = "authors"."id""#
    /// ));
    /// assert_eq!(query.get(&db).await?.name, "Cleo");
    /// let query = Book::objects().filter(Book.subtitle.upper().is_null());
    /// # }
    /// ```
    pub fn is_null(&self) -> Q<M>
    where
        T: CanBeNull,
    {
        Q::from_untyped(Cond::is_null(self.expr.clone()))
    }

    /// It is not NULL.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().filter(Book.subtitle.nullif("").is_not_null());
    /// assert!(query.sql("sqlite")?.contains(r#"WHERE (nullif("books"."subtitle", ?) IS NOT NULL)"#));
    /// assert_eq!(query.get(&db).await?.title, "100% Dunes");
    /// # }
    /// ```
    pub fn is_not_null(&self) -> Q<M>
    where
        T: CanBeNull,
    {
        !Q::from_untyped(Cond::is_null(self.expr.clone()))
    }

    /// The absolute value.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().values((Book.price - 30).abs()).order_by(Book.id.asc());
    /// assert!(query.sql("sqlite")?.starts_with(r#"SELECT abs(("books"."price" - ?))"#));
    /// assert_eq!(query.all(&db).await?, [dec!(9.90), dec!(5.50), dec!(20.01)]);
    /// # }
    /// ```
    pub fn abs(&self) -> Expr<M, T>
    where
        T::Base: Numeric,
    {
        Expr::from_expr(ast::Expr::func(Func::Abs, vec![self.expr.clone()]))
    }

    /// Rounded to whole numbers, half away from zero.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().values((Book.price * 2).round()).order_by(Book.id.asc());
    /// assert_eq!(query.all(&db).await?, [dec!(80), dec!(49), dec!(20)]);
    /// # }
    /// ```
    pub fn round(&self) -> Expr<M, T>
    where
        T::Base: Numeric,
    {
        Expr::from_expr(ast::Expr::func(Func::Round, vec![self.expr.clone()]))
    }

    /// The value, or where it is NULL what is given here.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let earned = Author.books.sum(Book.price).coalesce(0);
    /// assert_eq!(Author::objects().filter(earned.eq(0)).get(&db).await?.name, "Cleo");
    /// let query = Book::objects().values(Book.subtitle.upper().coalesce("-"));
    /// assert!(query.sql("sqlite")?.starts_with(r#"SELECT coalesce(orm_upper("books"."subtitle"), ?)"#));
    /// # }
    /// ```
    pub fn coalesce<V: Operand<T::Base, M>>(&self, v: V) -> Expr<M, <V::Nulls as Nullness>::Of<T::Base>>
    where
        T: CanBeNull,
    {
        Expr::from_expr(ast::Expr::func(Func::Coalesce, vec![self.expr.clone(), v.operand()]))
    }

    /// The value, or NULL where it equals what is given here.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let books = Author.books.count().nullif(0);
    /// assert_eq!(Author::objects().values(books).all(&db).await?, [Some(2), Some(1), None]);
    /// # }
    /// ```
    pub fn nullif<V: Operand<T::Base, M>>(&self, v: V) -> Expr<M, T::Nullable> {
        Expr::from_expr(ast::Expr::func(Func::NullIf, vec![self.expr.clone(), v.operand()]))
    }

    /// The greater of this and another; NULL if one is NULL.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().values((Book.price - 20).greatest(0)).order_by(Book.id.asc());
    /// assert!(query.sql("sqlite")?.starts_with(r#"SELECT max(("books"."price" - ?), ?)"#));
    /// assert_eq!(query.all(&db).await?, [dec!(19.90), dec!(4.50), dec!(0)]);
    /// # }
    /// ```
    pub fn greatest<V: Operand<T::Base, M>>(&self, v: V) -> Expr<M, T::Lift<<V::Nulls as Nullness>::Of<T::Base>>>
    where
        T::Base: Ordered,
    {
        Expr::from_expr(ast::Expr::func(Func::Greatest, vec![self.expr.clone(), v.operand()]))
    }

    /// The lesser of this and another; NULL if one is NULL.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().values((Book.price * 2).least(50)).order_by(Book.id.asc());
    /// assert!(query.sql("sqlite")?.starts_with(r#"SELECT min(("books"."price" * ?), ?)"#));
    /// assert_eq!(query.all(&db).await?, [dec!(50), dec!(49), dec!(19.98)]);
    /// # }
    /// ```
    pub fn least<V: Operand<T::Base, M>>(&self, v: V) -> Expr<M, T::Lift<<V::Nulls as Nullness>::Of<T::Base>>>
    where
        T::Base: Ordered,
    {
        Expr::from_expr(ast::Expr::func(Func::Least, vec![self.expr.clone(), v.operand()]))
    }

    /// Least first.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Author::objects().order_by(Author.books.count().asc()).values(Author.name);
    /// assert!(query.sql("sqlite")?.ends_with(
    ///     r#"ORDER BY (SELECT COUNT(*) FROM "books" AS "t1" WHERE "t1"."author_id" = "authors"."id") ASC"#
    /// ));
    /// assert_eq!(query.all(&db).await?, ["Cleo", "Bob", "Ann"]);
    /// let query = Book::objects().order_by(Book.title.length().asc());
    /// # }
    /// ```
    pub fn asc(&self) -> Order<M> {
        Order::new(self.expr.clone(), Direction::Asc)
    }

    /// Greatest first.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Author::objects().order_by(Author.books.count().desc()).values(Author.name);
    /// assert!(query.sql("sqlite")?.ends_with(
    ///     r#"ORDER BY (SELECT COUNT(*) FROM "books" AS "t1" WHERE "t1"."author_id" = "authors"."id") DESC"#
    /// ));
    /// assert_eq!(query.all(&db).await?, ["Ann", "Bob", "Cleo"]);
    /// let query = Book::objects().order_by(Book.title.length().desc());
    /// # }
    /// ```
    pub fn desc(&self) -> Order<M> {
        Order::new(self.expr.clone(), Direction::Desc)
    }
}

/// The time of the transaction or statement, as the database has it.
///
/// ```
/// # orm_blog::example! { db =>
/// let query = Book::objects().filter(Book.published.lt(now::<Book>().date()));
/// assert!(query.sql("sqlite")?.contains(
///     r#"WHERE "books"."published" < substr(rtrim(rtrim(strftime('%Y-%m-%d %H:%M:%f', 'now'), '0'), '.'), 1, 10)"#
/// ));
/// assert!(query.sql("mysql")?.contains("WHERE `books`.`published` < DATE(UTC_TIMESTAMP(6))"));
/// assert_eq!(query.count(&db).await?, 3);
/// let query = Author::objects().filter(Author.created_at.le(now::<Author>()));
/// # }
/// ```
#[cfg(feature = "chrono")]
pub fn now<M>() -> Expr<M, chrono::DateTime<chrono::Utc>> {
    Expr::from_expr(ast::Expr::func(Func::Now, Vec::new()))
}
