//! Expressions of a row: the same comparisons, functions, orders and aggregates as columns have.
//!
//! They take `&self`, so that an expression named once by `let` can be used in several clauses.

use super::class::{CanBeNull, HasDate, HasTime, Numeric, Ordered, Text};
use super::operand::{AcceptedBy, ListOf, Operand};
use super::{Order, Q};
use crate::ast::{self, Cond, Direction, Func, Lookup, Part};
use crate::model::{Aggregate, Expr, FromExpr, Model};
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

    /// It holds the text.
    ///
    /// ```
    /// # orm_blog::example! {
    /// let query = Author::objects().filter(Author.name.concat(Author.email).contains("nnan"));
    /// assert!(query.sql("sqlite")?.contains(r#"WHERE (instr(("authors"."name" || "authors"."email"), ?) > 0)"#));
    /// # }
    /// ```
    pub fn contains<V: Operand<String, M>>(&self, v: V) -> Q<M>
    where
        T::Base: Text,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::Contains, self.expr.clone(), v.operand()))
    }

    /// It holds the text, whatever the case.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Author::objects().filter(Author.name.concat(Author.email).icontains("nNAn"));
    /// assert!(query.sql("sqlite")?.contains(
    ///     r#"WHERE (instr(orm_fold(("authors"."name" || "authors"."email")), ?) > 0)"#
    /// ));
    /// assert_eq!(query.get(&db).await?.name, "Ann");
    /// # }
    /// ```
    pub fn icontains<V: Operand<String, M>>(&self, v: V) -> Q<M>
    where
        T::Base: Text,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::IContains, self.expr.clone(), v.operand()))
    }

    /// It starts with the text.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().filter(Book.title.trim().startswith("100%"));
    /// assert!(query.sql("postgres")?.contains(r#"WHERE (btrim("books"."title") LIKE $1 ESCAPE '\')"#));
    /// assert_eq!(query.get(&db).await?.title, "100% Dunes");
    /// # }
    /// ```
    pub fn startswith<V: Operand<String, M>>(&self, v: V) -> Q<M>
    where
        T::Base: Text,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::StartsWith, self.expr.clone(), v.operand()))
    }

    /// It starts with the text, whatever the case.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().filter(Book.title.trim().istartswith("QUIET"));
    /// assert!(query.sql("sqlite")?.contains(r#"WHERE (orm_fold(trim("books"."title")) GLOB ?)"#));
    /// assert_eq!(query.get(&db).await?.title, "Quiet Queries");
    /// # }
    /// ```
    pub fn istartswith<V: Operand<String, M>>(&self, v: V) -> Q<M>
    where
        T::Base: Text,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::IStartsWith, self.expr.clone(), v.operand()))
    }

    /// It ends with the text.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().filter(Book.title.trim().endswith("Night"));
    /// assert!(query.sql("postgres")?.contains(r#"WHERE (btrim("books"."title") LIKE $1 ESCAPE '\')"#));
    /// assert_eq!(query.get(&db).await?.title, "Rust by Night");
    /// # }
    /// ```
    pub fn endswith<V: Operand<String, M>>(&self, v: V) -> Q<M>
    where
        T::Base: Text,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::EndsWith, self.expr.clone(), v.operand()))
    }

    /// It ends with the text, whatever the case.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().filter(Book.title.trim().iendswith("NIGHT"));
    /// assert!(query.sql("sqlite")?.contains(r#"WHERE (orm_fold(trim("books"."title")) GLOB ?)"#));
    /// assert_eq!(query.get(&db).await?.title, "Rust by Night");
    /// # }
    /// ```
    pub fn iendswith<V: Operand<String, M>>(&self, v: V) -> Q<M>
    where
        T::Base: Text,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::IEndsWith, self.expr.clone(), v.operand()))
    }

    /// It equals the text, whatever the case.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().filter(Book.title.trim().ieq("quiet QUERIES"));
    /// assert!(query.sql("sqlite")?.contains(r#"WHERE (orm_fold(trim("books"."title")) = ?)"#));
    /// assert_eq!(query.count(&db).await?, 1);
    /// # }
    /// ```
    pub fn ieq<V: Operand<String, M>>(&self, v: V) -> Q<M>
    where
        T::Base: Text,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::IEq, self.expr.clone(), v.operand()))
    }

    /// The text in lower case.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Author::objects().values(Author.name.concat("!").lower());
    /// assert!(query.sql("sqlite")?.starts_with(r#"SELECT orm_fold(("authors"."name" || ?))"#));
    /// assert_eq!(query.all(&db).await?, ["ann!", "bob!", "cleo!"]);
    /// # }
    /// ```
    pub fn lower(&self) -> Expr<M, T::Lift<String>>
    where
        T::Base: Text,
    {
        Expr::from_expr(ast::Expr::func(Func::Lower, vec![self.expr.clone()]))
    }

    /// The text in upper case.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Author::objects().values(Author.name.concat("!").upper());
    /// assert!(query.sql("sqlite")?.starts_with(r#"SELECT orm_upper(("authors"."name" || ?))"#));
    /// assert_eq!(query.all(&db).await?, ["ANN!", "BOB!", "CLEO!"]);
    /// # }
    /// ```
    pub fn upper(&self) -> Expr<M, T::Lift<String>>
    where
        T::Base: Text,
    {
        Expr::from_expr(ast::Expr::func(Func::Upper, vec![self.expr.clone()]))
    }

    /// The text without blanks at both ends.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().values(Book.subtitle.coalesce(" ").trim()).order_by(Book.id.asc());
    /// assert!(query.sql("sqlite")?.starts_with(r#"SELECT trim(coalesce("books"."subtitle", ?))"#));
    /// assert_eq!(query.all(&db).await?, ["", "", "A novel"]);
    /// # }
    /// ```
    pub fn trim(&self) -> Expr<M, T::Lift<String>>
    where
        T::Base: Text,
    {
        Expr::from_expr(ast::Expr::func(Func::Trim, vec![self.expr.clone()]))
    }

    /// How many characters it has.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().values(Book.subtitle.coalesce("").length()).order_by(Book.id.asc());
    /// assert!(query.sql("sqlite")?.starts_with(r#"SELECT length(coalesce("books"."subtitle", ?))"#));
    /// assert_eq!(query.all(&db).await?, [0, 0, 7]);
    /// # }
    /// ```
    pub fn length(&self) -> Expr<M, T::Lift<i64>>
    where
        T::Base: Text,
    {
        Expr::from_expr(ast::Expr::func(Func::Length, vec![self.expr.clone()]))
    }

    /// The text with another behind it; NULL if one is NULL.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Author::objects().values(Author.name.upper().concat(": ").concat(Author.email));
    /// assert!(query.sql("sqlite")?.starts_with(
    ///     r#"SELECT ((orm_upper("authors"."name") || ?) || "authors"."email")"#
    /// ));
    /// assert_eq!(query.first(&db).await?.as_deref(), Some("ANN: ann@example.org"));
    /// # }
    /// ```
    pub fn concat<V: Operand<String, M>>(&self, v: V) -> Expr<M, T::Lift<<V::Nulls as Nullness>::Of<String>>>
    where
        T::Base: Text,
    {
        Expr::from_expr(ast::Expr::func(Func::Concat, vec![self.expr.clone(), v.operand()]))
    }

    /// The year.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let debut = Author.books.min(Book.published);
    /// let query = Author::objects().values((Author.name, debut.year()));
    /// assert_eq!(query.first(&db).await?, Some(("Ann".to_owned(), Some(2021))));
    /// # }
    /// ```
    pub fn year(&self) -> Expr<M, T::Lift<i64>>
    where
        T::Base: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Year), vec![self.expr.clone()]))
    }

    /// The quarter, 1 to 4.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let debut = Author.books.min(Book.published);
    /// assert_eq!(Author::objects().filter(debut.quarter().eq(3)).get(&db).await?.name, "Bob");
    /// # }
    /// ```
    pub fn quarter(&self) -> Expr<M, T::Lift<i64>>
    where
        T::Base: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Quarter), vec![self.expr.clone()]))
    }

    /// The month, 1 to 12.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let latest = Author.books.max(Book.published);
    /// assert_eq!(Author::objects().filter(latest.month().eq(2)).get(&db).await?.name, "Ann");
    /// # }
    /// ```
    pub fn month(&self) -> Expr<M, T::Lift<i64>>
    where
        T::Base: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Month), vec![self.expr.clone()]))
    }

    /// The week of ISO 8601, 1 to 53.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let latest = Author.books.max(Book.published);
    /// assert_eq!(Author::objects().values(latest.week()).all(&db).await?, [Some(6), Some(40), None]);
    /// # }
    /// ```
    pub fn week(&self) -> Expr<M, T::Lift<i64>>
    where
        T::Base: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Week), vec![self.expr.clone()]))
    }

    /// The day of the month, 1 to 31.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let latest = Author.books.max(Book.published);
    /// assert_eq!(Author::objects().values(latest.day()).all(&db).await?, [Some(9), Some(30), None]);
    /// # }
    /// ```
    pub fn day(&self) -> Expr<M, T::Lift<i64>>
    where
        T::Base: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Day), vec![self.expr.clone()]))
    }

    /// The day of the week of ISO 8601, 1 (Monday) to 7 (Sunday).
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let latest = Author.books.max(Book.published);
    /// // A Thursday, and a Monday.
    /// assert_eq!(Author::objects().values(latest.weekday()).all(&db).await?, [Some(4), Some(1), None]);
    /// # }
    /// ```
    pub fn weekday(&self) -> Expr<M, T::Lift<i64>>
    where
        T::Base: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Weekday), vec![self.expr.clone()]))
    }

    /// The day of the year, 1 to 366.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let latest = Author.books.max(Book.published);
    /// assert_eq!(Author::objects().values(latest.year_day()).all(&db).await?, [Some(40), Some(273), None]);
    /// # }
    /// ```
    pub fn year_day(&self) -> Expr<M, T::Lift<i64>>
    where
        T::Base: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::YearDay), vec![self.expr.clone()]))
    }

    /// The hour, 0 to 23.
    ///
    /// ```
    /// # orm_blog::example! {
    /// let query = Author::objects().filter(Author.created_at.expr().hour().ge(12));
    /// assert!(query.sql("postgres")?.contains(
    ///     r#"WHERE CAST(EXTRACT(HOUR FROM "authors"."created_at") AS bigint) >= $1"#
    /// ));
    /// # }
    /// ```
    pub fn hour(&self) -> Expr<M, T::Lift<i64>>
    where
        T::Base: HasTime,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Hour), vec![self.expr.clone()]))
    }

    /// The minute, 0 to 59.
    ///
    /// ```
    /// # orm_blog::example! {
    /// let query = Author::objects().filter(Author.created_at.expr().minute().lt(30));
    /// assert!(query.sql("postgres")?.contains(
    ///     r#"WHERE CAST(EXTRACT(MINUTE FROM "authors"."created_at") AS bigint) < $1"#
    /// ));
    /// # }
    /// ```
    pub fn minute(&self) -> Expr<M, T::Lift<i64>>
    where
        T::Base: HasTime,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Minute), vec![self.expr.clone()]))
    }

    /// The second, 0 to 59.
    ///
    /// ```
    /// # orm_blog::example! {
    /// let query = Author::objects().filter(Author.created_at.expr().second().eq(0));
    /// assert!(query.sql("postgres")?.contains(
    ///     r#"WHERE CAST(trunc(EXTRACT(SECOND FROM "authors"."created_at")) AS bigint) = $1"#
    /// ));
    /// # }
    /// ```
    pub fn second(&self) -> Expr<M, T::Lift<i64>>
    where
        T::Base: HasTime,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Second), vec![self.expr.clone()]))
    }

    /// The day of a date and time.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let joined_today = Author::objects().filter(Author.created_at.date().eq(now::<Author>().date()));
    /// assert!(joined_today.sql("postgres")?.contains(
    ///     r#"WHERE CAST("authors"."created_at" AS date) = CAST(now() AS date)"#
    /// ));
    /// assert_eq!(joined_today.count(&db).await?, 3);
    /// # }
    /// ```
    pub fn date(&self) -> Expr<M, T::Lift<<T::Base as HasDate>::Day>>
    where
        T::Base: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::ToDate, vec![self.expr.clone()]))
    }

    /// The date or time, cut off below a part: `truncate(Part::Month)` is the first moment of its month.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// use orm::query::Part;
    /// let latest = Author.books.max(Book.published);
    /// let years = Author::objects().values(latest.truncate(Part::Year)).all(&db).await?;
    /// assert_eq!(years, [Some(day("2023-01-01")), Some(day("2019-01-01")), None]);
    /// # }
    /// ```
    pub fn truncate(&self, to: Part) -> Expr<M, T>
    where
        T::Base: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Truncate(to), vec![self.expr.clone()]))
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

    /// How many of the query's rows have it (are not NULL).
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let cheap = when(Book.price.lt(30), Book.id).otherwise(None);
    /// assert_eq!(Book::objects().aggregate(&db, cheap.count()).await?, 2);
    /// # }
    /// ```
    pub fn count(&self) -> Aggregate<M, i64> {
        Aggregate::from_expr(ast::Expr::aggregate(ast::Aggregate::Count, Some(self.expr.clone()), false, None))
    }

    /// How many different values it has in the rows.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().group_by(Book.author.name).annotate(Book.published.year().count_distinct());
    /// assert!(query.sql("postgres")?.starts_with(
    ///     r#"SELECT "t1"."name", COUNT(DISTINCT CAST(EXTRACT(YEAR FROM "books"."published") AS bigint))"#
    /// ));
    /// assert_eq!(query.all(&db).await?, [("Ann".to_owned(), 2), ("Bob".to_owned(), 1)]);
    /// # }
    /// ```
    pub fn count_distinct(&self) -> Aggregate<M, i64> {
        Aggregate::from_expr(ast::Expr::aggregate(ast::Aggregate::Count, Some(self.expr.clone()), true, None))
    }

    /// The sum of the query's rows; NULL of none.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let with_tax = Book.price * dec!(1.1);
    /// assert_eq!(Book::objects().aggregate(&db, with_tax.sum()).await?, Some(dec!(81.829)));
    /// # }
    /// ```
    pub fn sum(&self) -> Aggregate<M, <T::Base as Numeric>::Sum>
    where
        T::Base: Numeric,
    {
        Aggregate::from_expr(ast::Expr::aggregate(ast::Aggregate::Sum, Some(self.expr.clone()), false, None))
    }

    /// The average of the query's rows; NULL of none.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let letters = Book::objects().filter(Book.author.name.eq("Ann")).aggregate(&db, Book.title.length().avg()).await?;
    /// assert_eq!(letters, Some(13.0));
    /// # }
    /// ```
    pub fn avg(&self) -> Aggregate<M, <T::Base as Numeric>::Avg>
    where
        T::Base: Numeric,
    {
        Aggregate::from_expr(ast::Expr::aggregate(ast::Aggregate::Avg, Some(self.expr.clone()), false, None))
    }

    /// The least of the query's rows; NULL of none.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().group_by(Book.author.name).annotate(Book.title.length().min());
    /// assert!(query.sql("sqlite")?.starts_with(r#"SELECT "t1"."name", MIN(length("books"."title"))"#));
    /// assert_eq!(query.first(&db).await?, Some(("Ann".to_owned(), Some(13))));
    /// # }
    /// ```
    pub fn min(&self) -> Aggregate<M, T::Nullable>
    where
        T::Base: Ordered,
    {
        Aggregate::from_expr(ast::Expr::aggregate(ast::Aggregate::Min, Some(self.expr.clone()), false, None))
    }

    /// The greatest of the query's rows; NULL of none.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().group_by(Book.author.name).annotate((Book.price * 2).max());
    /// assert!(query.sql("sqlite")?.starts_with(r#"SELECT "t1"."name", MAX(("books"."price" * ?))"#));
    /// assert_eq!(query.first(&db).await?, Some(("Ann".to_owned(), Some(dec!(79.80)))));
    /// # }
    /// ```
    pub fn max(&self) -> Aggregate<M, T::Nullable>
    where
        T::Base: Ordered,
    {
        Aggregate::from_expr(ast::Expr::aggregate(ast::Aggregate::Max, Some(self.expr.clone()), false, None))
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
