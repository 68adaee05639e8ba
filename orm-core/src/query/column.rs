//! Columns: comparisons, functions, orders, aggregates and assignments. Each is one call into the untyped tree.

use super::class::{CanBeNull, HasDate, HasTime, IsRoot, Numeric, Ordered, Text};
use super::operand::{AcceptedBy, AggOf, Base, ListOf, Operand, Seen, StoredIn};
use super::{Order, Q, Set, Whole};
use crate::ast::{self, Cond, Direction, Func, Lookup, Part};
use crate::model::{Col, Expr, Field, FromExpr, Path, Reach, Relation, Single, Via};
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

    /// The year.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// assert_eq!(Book::objects().filter(Book.published.year().ge(2021)).count(&db).await?, 2);
    /// let months = Book::objects().values(Book.published.truncate(orm::query::Part::Month)).order_by(Book.published.asc());
    /// assert_eq!(months.first(&db).await?, Some(day("2019-09-01")));
    /// # }
    /// ```
    pub fn year(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<i64>>
    where
        P::Reach: Single,
        Base<F>: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Year), vec![self.untyped()]))
    }

    /// The quarter, 1 to 4.
    pub fn quarter(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<i64>>
    where
        P::Reach: Single,
        Base<F>: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Quarter), vec![self.untyped()]))
    }

    /// The month, 1 to 12.
    pub fn month(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<i64>>
    where
        P::Reach: Single,
        Base<F>: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Month), vec![self.untyped()]))
    }

    /// The week of ISO 8601, 1 to 53.
    pub fn week(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<i64>>
    where
        P::Reach: Single,
        Base<F>: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Week), vec![self.untyped()]))
    }

    /// The day of the month, 1 to 31.
    pub fn day(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<i64>>
    where
        P::Reach: Single,
        Base<F>: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Day), vec![self.untyped()]))
    }

    /// The day of the week of ISO 8601, 1 (Monday) to 7 (Sunday).
    pub fn weekday(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<i64>>
    where
        P::Reach: Single,
        Base<F>: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Weekday), vec![self.untyped()]))
    }

    /// The day of the year, 1 to 366.
    pub fn year_day(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<i64>>
    where
        P::Reach: Single,
        Base<F>: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::YearDay), vec![self.untyped()]))
    }

    /// The hour, 0 to 23.
    pub fn hour(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<i64>>
    where
        P::Reach: Single,
        Base<F>: HasTime,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Hour), vec![self.untyped()]))
    }

    /// The minute, 0 to 59.
    pub fn minute(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<i64>>
    where
        P::Reach: Single,
        Base<F>: HasTime,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Minute), vec![self.untyped()]))
    }

    /// The second, 0 to 59.
    pub fn second(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<i64>>
    where
        P::Reach: Single,
        Base<F>: HasTime,
    {
        Expr::from_expr(ast::Expr::func(Func::Part(Part::Second), vec![self.untyped()]))
    }

    /// The day of a date and time.
    pub fn date(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<<Base<F> as HasDate>::Day>>
    where
        P::Reach: Single,
        Base<F>: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::ToDate, vec![self.untyped()]))
    }

    /// The date or time, cut off below a part: `truncate(Part::Month)` is the first moment of its month.
    pub fn truncate(self, to: Part) -> Expr<P::Root, Seen<P, F>>
    where
        P::Reach: Single,
        Base<F>: HasDate,
    {
        Expr::from_expr(ast::Expr::func(Func::Truncate(to), vec![self.untyped()]))
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

    /// How many of the query's rows, or of each row's related rows have it (are not NULL).
    pub fn count(self) -> AggOf<P, i64> {
        self.aggregate(ast::Aggregate::Count, false)
    }

    /// How many different values it has in the rows.
    pub fn count_distinct(self) -> AggOf<P, i64> {
        self.aggregate(ast::Aggregate::Count, true)
    }

    /// The sum of the query's rows, or of each row's related rows; NULL of none.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// // Of the rows of the query.
    /// assert_eq!(Book::objects().aggregate(&db, Book.price.sum()).await?, Some(dec!(74.39)));
    /// // Of the related rows of each row.
    /// let earned = Author::objects().values((Author.name, Author.books.price.sum())).order_by(Author.name.asc());
    /// assert_eq!(earned.first(&db).await?, Some(("Ann".to_owned(), Some(dec!(64.40)))));
    /// # }
    /// ```
    pub fn sum<S: SqlType>(self) -> AggOf<P, S>
    where
        Base<F>: Numeric<Sum = S>,
    {
        self.aggregate(ast::Aggregate::Sum, false)
    }

    /// The average of the query's rows, or of each row's related rows; NULL of none.
    pub fn avg<A: SqlType>(self) -> AggOf<P, A>
    where
        Base<F>: Numeric<Avg = A>,
    {
        self.aggregate(ast::Aggregate::Avg, false)
    }

    /// The least of the query's rows, or of each row's related rows; NULL of none.
    pub fn min(self) -> AggOf<P, <F::Type as SqlType>::Nullable>
    where
        Base<F>: Ordered,
    {
        self.aggregate(ast::Aggregate::Min, false)
    }

    /// The greatest of the query's rows, or of each row's related rows; NULL of none.
    pub fn max(self) -> AggOf<P, <F::Type as SqlType>::Nullable>
    where
        Base<F>: Ordered,
    {
        self.aggregate(ast::Aggregate::Max, false)
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

    fn aggregate<A: FromExpr>(self, aggregate: ast::Aggregate, distinct: bool) -> A {
        let related = P::HOP.filter(|_| P::Reach::MANY);
        // What is asked of related rows has the related model as its root.
        let column = match related {
            Some(_) => ast::Expr::column(None, <F::Owner as crate::model::Model>::META, Self::meta(), false),
            None => self.untyped(),
        };
        A::from_expr(super::aggregate::of(related, aggregate, column, distinct))
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
