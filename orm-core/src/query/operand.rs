//! What a column can be compared with or set to, and what has a type of its own.
//!
//! The argument's side always stands as `Self` of a bound: as an associated type of another trait, rustc would infer
//! it first and then complain of a type mismatch (E0271) instead of giving the sentence written here.

use super::QuerySet;
use crate::ast;
use crate::model::{BaseOf, Col, Expr, Field, FromExpr, Given, Id, Key, Link, Model, Path, Reach, Single};
use crate::value::{Never, Nullness, Perhaps, SqlType, Value};

/// The type that a column is seen as at the end of a path.
pub type Seen<P, F> = <<P as Path>::Reach as Reach>::See<<F as Field>::Type>;
/// The type of a column without `Option`.
pub type Base<F> = <<F as Field>::Type as SqlType>::Base;
/// An aggregate of a column: of the query's rows, or of a row's related rows.
pub type AggOf<P, T> = <<P as Path>::Reach as Reach>::Agg<<P as Path>::Root, T>;

/// What a column of class `T` can be compared with or set to, in a query of `M`.
///
/// It knows two facts about NULL: whether it is a Rust `Option`, which `eq` looks at, and whether SQL may see NULL
/// (an `Option` or a nullable column), which `set` looks at.
///
/// ```
/// # orm_blog::example! {
/// let by_value = Book.title.eq("Dune");
/// let by_column = Book.title.eq(Book.subtitle);
/// let by_expression = Book.title.eq(Book.subtitle.coalesce("").upper());
/// let query = Book::objects().filter(by_value | by_column | by_expression);
/// assert!(query.sql("sqlite")?.contains(
///     r#"WHERE ("books"."title" = ? OR "books"."title" = "books"."subtitle" OR "books"."title" = orm_upper(coalesce("books"."subtitle", ?)))"#
/// ));
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "cannot compare or set a `{T}` column with a `{Self}`",
    label = "expected a `{T}` value, column or expression of `{M}`"
)]
pub trait Operand<T, M> {
    /// [`Perhaps`] for an `Option`.
    type Null: Nullness;
    /// [`Perhaps`] for what may be NULL in SQL.
    type Nulls: Nullness;
    /// The untyped expression.
    #[doc(hidden)]
    fn operand(self) -> ast::Expr;
}

/// What has a type of its own, in a query of `M`: operands of arithmetic, values of `when(..)`.
///
/// Exactly one integer type is a `Term`: with two, the `2` of `Book.price * 2` would fall back to `i32`.
///
/// ```
/// # orm_blog::example! {
/// fn doubled(price: impl orm::query::Term<Book, Type = Decimal>) -> Expr<Book, Option<Decimal>> {
///     when(Book.status.eq(Status::Published), price).or_null()
/// }
/// let query = Book::objects().values((doubled(Book.price), doubled(Book.price * 2)));
/// assert!(query.sql("sqlite")?.starts_with(
///     r#"SELECT CASE WHEN "books"."status" = ? THEN "books"."price" END, CASE WHEN "books"."status" = ? THEN ("books"."price" * ?) END"#
/// ));
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a value, column or expression of `{M}`",
    label = "expected a value, column or expression of `{M}`"
)]
pub trait Term<M> {
    /// Its type.
    type Type: SqlType;
    /// The untyped expression.
    #[doc(hidden)]
    fn term(self) -> ast::Expr;
}

/// A column or expression of `M`, not a plain value: what generic code takes as a parameter.
///
/// ```
/// # orm_blog::example! {
/// fn in_order<T>(of: impl Expression<Book, Type = T>) -> QuerySet<Book>
/// where
///     T: orm::value::SqlType,
/// {
///     Book::objects().order_by(of.expr().asc())
/// }
/// assert!(in_order(Book.title).sql("sqlite")?.ends_with(r#"ORDER BY "books"."title" ASC"#));
/// assert!(in_order(Book.price * 2).sql("sqlite")?.ends_with(r#"ORDER BY ("books"."price" * ?) ASC"#));
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a column or expression of `{M}`",
    label = "expected a column or expression of `{M}`"
)]
pub trait Expression<M>: Term<M> + Sized {
    /// The expression, with all lookups on it.
    ///
    /// ```
    /// # orm_blog::example! {
    /// fn positive(number: impl Expression<Book, Type = Decimal>) -> Q<Book> {
    ///     number.expr().gt(0)
    /// }
    /// let query = Book::objects().filter(positive(Book.price - 20));
    /// assert!(query.sql("sqlite")?.contains(r#"WHERE ("books"."price" - ?) > ?"#));
    /// # }
    /// ```
    fn expr(self) -> Expr<M, Self::Type> {
        Expr::from_expr(self.term())
    }
}

/// A model that is the root of the query: itself.
#[diagnostic::on_unimplemented(
    message = "this belongs to a query of `{Self}`, not of `{M}`",
    label = "a path from `{Self}`",
    note = "start the path at `{M}`; inside a subquery, name the row outside with `outer(..)`"
)]
pub trait SameRoot<M> {}
impl<M: Model> SameRoot<M> for M {}

/// A type or class that can be compared with a column of class `C`.
#[diagnostic::on_unimplemented(message = "cannot compare a `{C}` column with a `{Self}`", label = "expected `{C}`")]
pub trait Fits<C> {}
impl<T: SqlType> Fits<T> for T {}
impl<T: Model> Fits<Key<T>> for T {}
#[diagnostic::do_not_recommend]
impl<T: 'static> Fits<Key<T>> for Key<T> {}

/// Whether a column of nullability `N` can be compared with an `Option` or a plain value.
#[diagnostic::on_unimplemented(
    message = "this column is never NULL, so it takes no `Option`",
    label = "may be `None`",
    note = "unwrap the option first; `filter` takes an `Option<Q>`, so a condition that was not given is `wanted.map(|w| column.eq(w))`"
)]
pub trait AcceptedBy<N> {}
#[diagnostic::do_not_recommend]
impl AcceptedBy<Never> for Never {}
#[diagnostic::do_not_recommend]
impl AcceptedBy<Perhaps> for Never {}
#[diagnostic::do_not_recommend]
impl AcceptedBy<Perhaps> for Perhaps {}

/// Whether a column of nullability `N` can be set to what may or may not be NULL.
#[diagnostic::on_unimplemented(
    message = "this column is never NULL, and what it is set to may be",
    label = "may be NULL",
    note = "give it something to fall back on: `.coalesce(..)`"
)]
pub trait StoredIn<N> {}
#[diagnostic::do_not_recommend]
impl StoredIn<Never> for Never {}
#[diagnostic::do_not_recommend]
impl StoredIn<Perhaps> for Never {}
#[diagnostic::do_not_recommend]
impl StoredIn<Perhaps> for Perhaps {}

/// A row of `T`, or its key.
///
/// ```
/// # orm_blog::example! { db =>
/// let book = Book::objects().first(&db).await?.expect("there are books");
/// let tags = Tag::objects().all(&db).await?;
/// book.tags().set(&db, &tags).await?;
/// book.tags().remove(&db, [tags[0].id]).await?;
/// assert_eq!(book.tags().count(&db).await?, 1);
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a `{T}` nor its key",
    label = "expected a `&{T}` or its key"
)]
pub trait RowKey<T> {
    /// The key to bind.
    #[doc(hidden)]
    fn row_key(self) -> Value;
}

// ---- columns and expressions

// Errors about other operands quote the heads of these impls, so each is one line.
#[rustfmt::skip]
impl<M, C, P: Path<Root: SameRoot<M>, Reach: Single>, F: Field<Owner = P::To, Class: Fits<C>>> Operand<C, M> for Col<P, F> {
    type Null = Never;
    type Nulls = <Seen<P, F> as SqlType>::Nulls;
    fn operand(self) -> ast::Expr {
        self.untyped()
    }
}
impl<M, C, N: Model + SameRoot<M>, T: SqlType<Base: Fits<C>>> Operand<C, M> for Expr<N, T> {
    type Null = Never;
    type Nulls = T::Nulls;
    fn operand(self) -> ast::Expr {
        self.expr
    }
}
#[diagnostic::do_not_recommend]
impl<M, C, N: Model, T: SqlType> Operand<C, M> for &Expr<N, T>
where
    N: SameRoot<M>,
    T::Base: Fits<C>,
{
    type Null = Never;
    type Nulls = T::Nulls;
    fn operand(self) -> ast::Expr {
        self.expr.clone()
    }
}
impl<M, P: Path, F: Field<Owner = P::To>> Term<M> for Col<P, F>
where
    P::Root: SameRoot<M>,
    P::Reach: Single,
{
    type Type = Seen<P, F>;
    fn term(self) -> ast::Expr {
        self.untyped()
    }
}
#[diagnostic::do_not_recommend]
impl<M, T: SqlType> Term<M> for Expr<M, T> {
    type Type = T;
    fn term(self) -> ast::Expr {
        self.expr
    }
}
#[diagnostic::do_not_recommend]
impl<M, T: SqlType> Term<M> for &Expr<M, T> {
    type Type = T;
    fn term(self) -> ast::Expr {
        self.expr.clone()
    }
}
impl<M, P: Path, F: Field<Owner = P::To>> Expression<M> for Col<P, F>
where
    P::Root: SameRoot<M>,
    P::Reach: Single,
{
}
impl<M, T: SqlType> Expression<M> for Expr<M, T> {}
impl<M, T: SqlType> Expression<M> for &Expr<M, T> {}

// ---- plain values

/// Makes a type an operand of its own columns. With `term`, also a [`Term`].
macro_rules! operands {
    (term $($t:ty),*) => { $(
        operands!($t);
        #[diagnostic::do_not_recommend]
        impl<M> Term<M> for $t {
            type Type = $t;
            fn term(self) -> ast::Expr {
                ast::Expr::typed(self.encode(), <$t as SqlType>::KIND)
            }
        }
    )* };
    ($($t:ty),*) => { $(
        #[diagnostic::do_not_recommend]
        impl<M> Operand<$t, M> for $t {
            type Null = Never;
            type Nulls = Never;
            #[inline]
            fn operand(self) -> ast::Expr {
                value_of(self)
            }
        }
        #[diagnostic::do_not_recommend]
        impl<M> Operand<$t, M> for &$t {
            type Null = Never;
            type Nulls = Never;
            fn operand(self) -> ast::Expr {
                value(self)
            }
        }
    )* };
}

/// Makes plain values of one type operands of another's columns.
macro_rules! converts {
    ($($from:ty => $to:ty, |$v:ident| $value:expr;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<M> Operand<$to, M> for $from {
            type Null = Never;
            type Nulls = Never;
            fn operand(self) -> ast::Expr {
                let $v = self;
                ast::Expr::value($value)
            }
        }
    )* };
}

/// A value to bind. A decimal keeps its own places, so that it is compared exactly and not cut to the column's.
#[inline]
fn value<T: SqlType>(value: &T) -> ast::Expr {
    bound::<T>(value.encode())
}

#[inline]
fn value_of<T: SqlType>(value: T) -> ast::Expr {
    bound::<T>(value.into_value())
}

#[inline]
fn bound<T: SqlType>(value: Value) -> ast::Expr {
    match value {
        decimal @ Value::Decimal(_) => ast::Expr::typed(decimal, T::KIND),
        other => ast::Expr::value(other),
    }
}

operands!(term i64, f64, bool, String, Vec<u8>);
operands!(i32, i16);
converts! {
    &str => String, |v| Value::Text(v.into());
    &[u8] => Vec<u8>, |v| Value::Bytes(v.to_owned());
    i64 => f64, |v| Value::Float(v as f64);
}
#[diagnostic::do_not_recommend]
impl<M> Term<M> for &str {
    type Type = String;
    fn term(self) -> ast::Expr {
        ast::Expr::typed(Value::Text(self.into()), String::KIND)
    }
}
#[cfg(feature = "rust_decimal")]
mod decimal {
    use super::*;
    operands!(term rust_decimal::Decimal);
    converts! { i64 => rust_decimal::Decimal, |v| Value::Decimal(v.into()); }
    // Never true; it is here for what its bound says of a float literal.
    #[rustfmt::skip]
    impl<M> Operand<rust_decimal::Decimal, M> for f64 where for<'a> &'a f64: crate::model::Exact {
        type Null = Never;
        type Nulls = Never;
        fn operand(self) -> ast::Expr {
            value(&self)
        }
    }
}
#[cfg(feature = "uuid")]
operands!(term uuid::Uuid);
#[cfg(feature = "chrono")]
operands!(term chrono::NaiveDate, chrono::NaiveTime, chrono::NaiveDateTime, chrono::DateTime<chrono::Utc>, chrono::TimeDelta);
#[cfg(feature = "time")]
operands!(term time::Date, time::Time, time::PrimitiveDateTime, time::OffsetDateTime, time::Duration);
#[cfg(feature = "json")]
mod json {
    use super::*;
    use crate::value::Json;
    operands!(term serde_json::Value);
    #[diagnostic::do_not_recommend]
    impl<M, T> Operand<Json<T>, M> for Json<T>
    where
        Json<T>: SqlType,
    {
        type Null = Never;
        type Nulls = Never;
        fn operand(self) -> ast::Expr {
            value(&self)
        }
    }
}
#[diagnostic::do_not_recommend]
impl<M, T: SqlType<Base = T, Nullable = Option<T>>> Operand<T, M> for Option<T> {
    type Null = Perhaps;
    type Nulls = Perhaps;
    fn operand(self) -> ast::Expr {
        self.map_or_else(|| ast::Expr::value(Value::Null), value_of)
    }
}

// ---- keys

/// The key of a row, as a value to bind.
fn key_of(model: &'static crate::meta::ModelMeta, value: impl FnOnce(usize) -> Value) -> ast::Expr {
    match model.primary_key {
        [one] => ast::Expr::value(value(*one)),
        _ => {
            ast::Expr::refused("a row whose primary key is composite cannot be compared as a whole; compare its fields")
        }
    }
}

#[diagnostic::do_not_recommend]
impl<M, T: Model> Operand<Key<T>, M> for &T {
    type Null = Never;
    type Nulls = Never;
    fn operand(self) -> ast::Expr {
        key_of(T::META, |field| self.value(field))
    }
}
#[diagnostic::do_not_recommend]
impl<M, T: Model> Operand<Key<T>, M> for T {
    type Null = Never;
    type Nulls = Never;
    fn operand(self) -> ast::Expr {
        key_of(T::META, |field| self.value(field))
    }
}
#[diagnostic::do_not_recommend]
impl<T: Model> RowKey<T> for &T {
    fn row_key(self) -> Value {
        T::META.primary_key.first().map_or(Value::Null, |field| self.value(*field))
    }
}

macro_rules! keys {
    ($($t:ty $(, $borrowed:ty => |$v:ident| $value:expr)?;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<M, T: Model<Key = $t>> Operand<Key<T>, M> for $t {
            type Null = Never;
            type Nulls = Never;
            fn operand(self) -> ast::Expr {
                value(&self)
            }
        }
        #[diagnostic::do_not_recommend]
        impl<M, T: Model<Key = $t>> Operand<Key<T>, M> for &$t {
            type Null = Never;
            type Nulls = Never;
            fn operand(self) -> ast::Expr {
                value(self)
            }
        }
        #[diagnostic::do_not_recommend]
        impl<M, T: Model<Key = $t>> Operand<Key<T>, M> for Option<$t> {
            type Null = Perhaps;
            type Nulls = Perhaps;
            fn operand(self) -> ast::Expr {
                self.map_or_else(|| ast::Expr::value(Value::Null), |v| value(&v))
            }
        }
        #[diagnostic::do_not_recommend]
        impl<T: Model<Key = $t>> Fits<Key<T>> for $t {}
        #[diagnostic::do_not_recommend]
        impl<T: Model<Key = $t>, W> Link<T, W> for $t {
            fn link(self) -> Given {
                Given::Value(self.encode())
            }
        }
        #[diagnostic::do_not_recommend]
        impl<T: Model<Key = $t>> RowKey<T> for $t {
            fn row_key(self) -> Value {
                self.encode()
            }
        }
        #[diagnostic::do_not_recommend]
        impl<T: Model<Key = $t>> RowKey<T> for &$t {
            fn row_key(self) -> Value {
                self.encode()
            }
        }
        $(
            #[diagnostic::do_not_recommend]
            impl<M, T: Model<Key = $t>> Operand<Key<T>, M> for $borrowed {
                type Null = Never;
                type Nulls = Never;
                fn operand(self) -> ast::Expr {
                    let $v = self;
                    ast::Expr::value($value)
                }
            }
            #[diagnostic::do_not_recommend]
            impl<T: Model<Key = $t>, W> Link<T, W> for $borrowed {
                fn link(self) -> Given {
                    let $v = self;
                    Given::Value($value)
                }
            }
            #[diagnostic::do_not_recommend]
            impl<T: Model<Key = $t>> RowKey<T> for $borrowed {
                fn row_key(self) -> Value {
                    let $v = self;
                    $value
                }
            }
        )?
    )* };
}
keys! {
    i64;
    i32;
    i16;
    String, &str => |v| Value::Text(v.into());
}
#[cfg(feature = "uuid")]
keys! { uuid::Uuid; }

#[diagnostic::do_not_recommend]
impl<M, T: Model<Key = Id<T>>> Operand<Key<T>, M> for Id<T> {
    type Null = Never;
    type Nulls = Never;
    fn operand(self) -> ast::Expr {
        value(&self)
    }
}
#[diagnostic::do_not_recommend]
impl<M, T: Model<Key = Id<T>>> Operand<Key<T>, M> for Option<Id<T>> {
    type Null = Perhaps;
    type Nulls = Perhaps;
    fn operand(self) -> ast::Expr {
        self.map_or_else(|| ast::Expr::value(Value::Null), |v| value(&v))
    }
}
#[diagnostic::do_not_recommend]
impl<T: Model<Key = Id<T>>> Fits<Key<T>> for Id<T> {}
#[diagnostic::do_not_recommend]
impl<T: Model<Key = Id<T>>, W> Link<T, W> for Id<T> {
    fn link(self) -> Given {
        Given::Value(self.encode())
    }
}
#[diagnostic::do_not_recommend]
impl<T: Model<Key = Id<T>>> RowKey<T> for Id<T> {
    fn row_key(self) -> Value {
        self.encode()
    }
}

// ---- lists

/// The right side of `is_in`: a list or a subquery.
#[doc(hidden)]
pub enum Members {
    /// Operands.
    List(Vec<ast::Expr>),
    /// A query of one column.
    Query(Box<ast::Select>),
}

impl Members {
    /// `left` is one of them.
    pub(crate) fn hold(self, left: ast::Expr) -> ast::Cond {
        let list = match self {
            Members::Query(select) => return ast::Cond::is_in(left, ast::Expr::subquery(*select)),
            Members::List(list) => list,
        };
        if list.iter().all(|e| matches!(e.node, ast::ExprNode::Value(_))) {
            let values = list.into_iter().filter_map(|e| match e.node {
                ast::ExprNode::Value(value) => Some(value),
                _ => None,
            });
            return ast::Cond::is_in(left, ast::Expr::value(Value::List(values.collect())));
        }
        ast::Cond::any_of(list.into_iter().map(|e| ast::Cond::lookup(ast::Lookup::Eq, left.clone(), e)))
    }
}

/// What `is_in` takes: a list of operands, or a query of one column or of whole rows.
///
/// ```
/// # orm_blog::example! { db =>
/// let ids = vec![1, 2];
/// assert_eq!(Book::objects().filter(Book.id.is_in(&ids)).count(&db).await?, 2);
/// let short = Author::objects().filter(Author.name.length().eq(3)).values(Author.id);
/// assert_eq!(Book::objects().filter(Book.author.is_in(short)).count(&db).await?, 3);
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "this is not a list, a subquery or a set of `{C}`",
    label = "expected several `{C}`, or a query of them"
)]
pub trait ListOf<C, M> {
    /// The untyped members.
    #[doc(hidden)]
    fn members(self) -> Members;
}
impl<C, M, V: Operand<C, M>, const N: usize> ListOf<C, M> for [V; N]
where
    V::Null: AcceptedBy<Never>,
{
    fn members(self) -> Members {
        Members::List(self.into_iter().map(Operand::operand).collect())
    }
}
impl<C, M, V: Operand<C, M>> ListOf<C, M> for Vec<V>
where
    V::Null: AcceptedBy<Never>,
{
    fn members(self) -> Members {
        Members::List(self.into_iter().map(Operand::operand).collect())
    }
}
#[diagnostic::do_not_recommend]
impl<'a, C, M, V> ListOf<C, M> for &'a [V]
where
    &'a V: Operand<C, M>,
{
    fn members(self) -> Members {
        Members::List(self.iter().map(Operand::operand).collect())
    }
}
#[diagnostic::do_not_recommend]
impl<'a, C, M, V> ListOf<C, M> for &'a Vec<V>
where
    &'a V: Operand<C, M>,
{
    fn members(self) -> Members {
        Members::List(self.iter().map(Operand::operand).collect())
    }
}
#[diagnostic::do_not_recommend]
impl<C, M, N: Model, O: BaseOf> ListOf<C, M> for QuerySet<N, O>
where
    O::Base: Fits<C>,
{
    fn members(self) -> Members {
        Members::Query(Box::new(self.select))
    }
}
