//! What can be asked of an expression that is text, and made of it.

use crate::ast::{self, Cond, Func, Lookup};
use crate::model::{Expr, FromExpr, Model};
use crate::query::Q;
use crate::query::class::Text;
use crate::query::operand::{AcceptedBy, Operand};
use crate::value::{Never, Nullness, SqlType};

impl<M: Model, T: SqlType> Expr<M, T> {
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
}
