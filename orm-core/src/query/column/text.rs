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
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().filter(Book.title.icontains("NIGHT"));
    /// assert!(query.sql("sqlite")?.contains(r#"WHERE (instr(orm_fold("books"."title"), ?) > 0)"#));
    /// assert_eq!(query.count(&db).await?, 1);
    /// # }
    /// ```
    pub fn icontains<V: Operand<String, P::Root>>(self, v: V) -> Q<P::Root>
    where
        P::Reach: Single,
        Base<F>: Text,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::IContains, self.untyped(), v.operand()))
    }

    /// It starts with the text.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().filter(Book.title.startswith("100%"));
    /// assert!(query.sql("postgres")?.contains(r#"WHERE ("books"."title" LIKE $1 ESCAPE '\')"#));
    /// assert_eq!(query.get(&db).await?.title, "100% Dunes");
    /// # }
    /// ```
    pub fn startswith<V: Operand<String, P::Root>>(self, v: V) -> Q<P::Root>
    where
        P::Reach: Single,
        Base<F>: Text,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::StartsWith, self.untyped(), v.operand()))
    }

    /// It starts with the text, whatever the case.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().filter(Book.title.istartswith("quiet"));
    /// assert!(query.sql("sqlite")?.contains(r#"WHERE (orm_fold("books"."title") GLOB ?)"#));
    /// assert_eq!(query.get(&db).await?.title, "Quiet Queries");
    /// # }
    /// ```
    pub fn istartswith<V: Operand<String, P::Root>>(self, v: V) -> Q<P::Root>
    where
        P::Reach: Single,
        Base<F>: Text,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::IStartsWith, self.untyped(), v.operand()))
    }

    /// It ends with the text.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Author::objects().filter(Author.email.endswith("@example.org"));
    /// assert!(query.sql("postgres")?.contains(r#"WHERE ("authors"."email" LIKE $1 ESCAPE '\')"#));
    /// assert_eq!(query.count(&db).await?, 3);
    /// # }
    /// ```
    pub fn endswith<V: Operand<String, P::Root>>(self, v: V) -> Q<P::Root>
    where
        P::Reach: Single,
        Base<F>: Text,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::EndsWith, self.untyped(), v.operand()))
    }

    /// It ends with the text, whatever the case.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().filter(Book.title.iendswith("DUNES"));
    /// assert!(query.sql("sqlite")?.contains(r#"WHERE (orm_fold("books"."title") GLOB ?)"#));
    /// assert_eq!(query.get(&db).await?.title, "100% Dunes");
    /// # }
    /// ```
    pub fn iendswith<V: Operand<String, P::Root>>(self, v: V) -> Q<P::Root>
    where
        P::Reach: Single,
        Base<F>: Text,
        V::Null: AcceptedBy<Never>,
    {
        Q::from_untyped(Cond::lookup(Lookup::IEndsWith, self.untyped(), v.operand()))
    }

    /// It equals the text, whatever the case.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Author::objects().filter(Author.email.ieq("Ann@Example.org"));
    /// assert!(query.sql("sqlite")?.contains(r#"WHERE (orm_fold("authors"."email") = ?)"#));
    /// assert_eq!(query.get(&db).await?.name, "Ann");
    /// # }
    /// ```
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
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Author::objects().values(Author.name.upper());
    /// assert_eq!(
    ///     query.sql("sqlite")?,
    ///     r#"SELECT orm_upper("authors"."name") FROM "authors" ORDER BY "authors"."name" ASC"#
    /// );
    /// assert_eq!(query.all(&db).await?, ["ANN", "BOB", "CLEO"]);
    /// # }
    /// ```
    pub fn upper(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<String>>
    where
        P::Reach: Single,
        Base<F>: Text,
    {
        Expr::from_expr(ast::Expr::func(Func::Upper, vec![self.untyped()]))
    }

    /// The text without blanks at both ends.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let tag = Tag::create(NewTag { name: "  go " }).save(&db).await?;
    /// let query = Tag::objects().filter(Tag.name.trim().eq("go"));
    /// assert!(query.sql("sqlite")?.contains(r#"WHERE trim("tags"."name") = ?"#));
    /// assert_eq!(query.get(&db).await?.id, tag.id);
    /// # }
    /// ```
    pub fn trim(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<String>>
    where
        P::Reach: Single,
        Base<F>: Text,
    {
        Expr::from_expr(ast::Expr::func(Func::Trim, vec![self.untyped()]))
    }

    /// How many characters it has.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Author::objects().filter(Author.name.length().gt(3));
    /// assert!(query.sql("sqlite")?.contains(r#"WHERE length("authors"."name") > ?"#));
    /// assert!(query.sql("mysql")?.contains("WHERE CHAR_LENGTH(`authors`.`name`) > ?"));
    /// assert_eq!(query.get(&db).await?.name, "Cleo");
    /// # }
    /// ```
    pub fn length(self) -> Expr<P::Root, <Seen<P, F> as SqlType>::Lift<i64>>
    where
        P::Reach: Single,
        Base<F>: Text,
    {
        Expr::from_expr(ast::Expr::func(Func::Length, vec![self.untyped()]))
    }

    /// The text with another behind it; NULL if one is NULL.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Author::objects().values(Author.name.concat(" <").concat(Author.email).concat(">"));
    /// assert!(query.sql("sqlite")?.starts_with(
    ///     r#"SELECT ((("authors"."name" || ?) || "authors"."email") || ?)"#
    /// ));
    /// assert_eq!(query.first(&db).await?.as_deref(), Some("Ann <ann@example.org>"));
    /// # }
    /// ```
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
