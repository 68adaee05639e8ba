//! Arithmetic: `+ - * / %` on columns, expressions and aggregates, with a number on either side.
//!
//! One table says which types go together. Division and remainder give an `Option`: of a zero divisor, NULL.

use std::ops::{Add, Div, Mul, Rem, Sub};

use super::aggregate::AggregateTerm;
use super::operand::{Base, Seen, Term};
use crate::ast::{self, Arith};
use crate::model::{Aggregate, Col, Expr, Field, FromExpr, Model, Path, Single};
use crate::value::SqlType;

macro_rules! traits {
    ($($(#[$doc:meta])* $Tr:ident $message:literal)*) => { $(
        $(#[$doc])*
        #[diagnostic::on_unimplemented(message = $message, label = "not for a `{L}` and a `{Self}`")]
        pub trait $Tr<L> {
            /// The type of the result.
            type Out: SqlType;
        }
    )* };
}
traits! {
    /// What can be added to an `L`.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().values((Book.price + 1, 1 + Book.price)).order_by(Book.id.asc());
    /// assert!(query.sql("sqlite")?.starts_with(r#"SELECT ("books"."price" + ?), (? + "books"."price")"#));
    /// assert_eq!(query.first(&db).await?, Some((dec!(40.90), dec!(40.90))));
    /// # }
    /// ```
    Plus "cannot add `{Self}` to `{L}`"
    /// What can be taken from an `L`.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().values(Book.price - dec!(0.90)).order_by(Book.id.asc());
    /// assert!(query.sql("sqlite")?.starts_with(r#"SELECT ("books"."price" - ?)"#));
    /// assert_eq!(query.first(&db).await?, Some(dec!(39)));
    /// # }
    /// ```
    Minus "cannot take `{Self}` from `{L}`"
    /// What an `L` can be multiplied by.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().values(Book.price * 2).order_by(Book.id.asc());
    /// assert!(query.sql("sqlite")?.starts_with(r#"SELECT ("books"."price" * ?)"#));
    /// assert_eq!(query.first(&db).await?, Some(dec!(79.80)));
    /// # }
    /// ```
    Times "cannot multiply `{L}` by `{Self}`"
    /// What an `L` can be divided by; NULL where that is zero.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let query = Book::objects().values((Book.id / 2, Book.id / 0)).order_by(Book.id.desc());
    /// assert_eq!(query.first(&db).await?, Some((Some(1), None)));
    /// # }
    /// ```
    Over "cannot divide `{L}` by `{Self}`"
    /// What an `L` can be divided by for the remainder; NULL where that is zero.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let even = Book::objects().filter((Book.id % 2).eq(0));
    /// assert_eq!(even.get(&db).await?.id, 2);
    /// # }
    /// ```
    Modulo "cannot take the remainder of `{L}` by `{Self}`"
}

// A column that is smaller than `i64` takes an `i64`, so that `Author.age + 1` works: the literal is an `i64`.
macro_rules! table {
    ($($l:ty, $r:ty => $out:ty;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl Plus<$l> for $r { type Out = $out; }
        #[diagnostic::do_not_recommend]
        impl Minus<$l> for $r { type Out = $out; }
        #[diagnostic::do_not_recommend]
        impl Times<$l> for $r { type Out = $out; }
        #[diagnostic::do_not_recommend]
        impl Over<$l> for $r { type Out = Option<$out>; }
        #[diagnostic::do_not_recommend]
        impl Modulo<$l> for $r { type Out = Option<$out>; }
    )* };
}
table! {
    i64, i64 => i64;
    i64, i32 => i64;
    i64, i16 => i64;
    i32, i64 => i32;
    i32, i32 => i32;
    i32, i16 => i32;
    i16, i64 => i16;
    i16, i32 => i32;
    i16, i16 => i16;
    f64, f64 => f64;
    f64, i64 => f64;
    f64, i32 => f64;
    f64, i16 => f64;
    i64, f64 => f64;
    i32, f64 => f64;
    i16, f64 => f64;
}
#[cfg(feature = "rust_decimal")]
mod decimal {
    use super::{Minus, Modulo, Over, Plus, Times};
    use rust_decimal::Decimal;
    table! {
        Decimal, Decimal => Decimal;
        Decimal, i64 => Decimal;
        Decimal, i32 => Decimal;
        Decimal, i16 => Decimal;
        i64, Decimal => Decimal;
        i32, Decimal => Decimal;
        i16, Decimal => Decimal;
    }
}

/// What stands beside a column of reach `R`: anything, if there is a single value.
///
/// As a bound on the column alone, it would make rustc say that there is no such operator, and not why.
#[doc(hidden)]
pub trait Beside<R> {}
impl<V, R: Single> Beside<R> for V {}

/// `X`, nullable if one of the two sides is.
type NullOf<A, B, X> = <A as SqlType>::Lift<<B as SqlType>::Lift<X>>;

macro_rules! arith {
    (Rem) => {
        Arith::Mod
    };
    ($Op:ident) => {
        Arith::$Op
    };
}
macro_rules! operators {
    ($($Op:ident $op:ident $Tr:ident),*) => { $(
        impl<P: Path, F: Field<Owner = P::To>, V: Term<P::Root> + Beside<P::Reach>> $Op<V> for Col<P, F>
        where
            <V::Type as SqlType>::Base: $Tr<Base<F>>,
        {
            type Output =
                Expr<P::Root, NullOf<Seen<P, F>, V::Type, <<V::Type as SqlType>::Base as $Tr<Base<F>>>::Out>>;
            fn $op(self, v: V) -> Self::Output {
                Expr::from_expr(ast::Expr::arith(arith!($Op), self.untyped(), v.term()))
            }
        }
        impl<M, T: SqlType, V: Term<M>> $Op<V> for Expr<M, T>
        where
            <V::Type as SqlType>::Base: $Tr<T::Base>,
        {
            type Output = Expr<M, NullOf<T, V::Type, <<V::Type as SqlType>::Base as $Tr<T::Base>>::Out>>;
            fn $op(self, v: V) -> Self::Output {
                Expr::from_expr(ast::Expr::arith(arith!($Op), self.expr, v.term()))
            }
        }
        impl<M, T: SqlType, V: Term<M>> $Op<V> for &Expr<M, T>
        where
            <V::Type as SqlType>::Base: $Tr<T::Base>,
        {
            type Output = Expr<M, NullOf<T, V::Type, <<V::Type as SqlType>::Base as $Tr<T::Base>>::Out>>;
            fn $op(self, v: V) -> Self::Output {
                Expr::from_expr(ast::Expr::arith(arith!($Op), self.expr.clone(), v.term()))
            }
        }
        impl<M, T: SqlType, V: AggregateTerm<M>> $Op<V> for Aggregate<M, T>
        where
            <V::Type as SqlType>::Base: $Tr<T::Base>,
        {
            type Output = Aggregate<M, NullOf<T, V::Type, <<V::Type as SqlType>::Base as $Tr<T::Base>>::Out>>;
            fn $op(self, v: V) -> Self::Output {
                Aggregate::from_expr(ast::Expr::arith(arith!($Op), self.expr, v.term()))
            }
        }
        impl<M, T: SqlType, V: AggregateTerm<M>> $Op<V> for &Aggregate<M, T>
        where
            <V::Type as SqlType>::Base: $Tr<T::Base>,
        {
            type Output = Aggregate<M, NullOf<T, V::Type, <<V::Type as SqlType>::Base as $Tr<T::Base>>::Out>>;
            fn $op(self, v: V) -> Self::Output {
                Aggregate::from_expr(ast::Expr::arith(arith!($Op), self.expr.clone(), v.term()))
            }
        }
        left!($Op $op $Tr i64);
        left!($Op $op $Tr f64);
        #[cfg(feature = "rust_decimal")]
        left!($Op $op $Tr rust_decimal::Decimal);
    )* };
}

/// A number on the left.
macro_rules! left {
    ($Op:ident $op:ident $Tr:ident $t:ty) => {
        #[diagnostic::do_not_recommend]
        impl<P: Path, F: Field<Owner = P::To>> $Op<Col<P, F>> for $t
        where
            P::Reach: Single,
            Base<F>: $Tr<$t>,
        {
            type Output = Expr<P::Root, <Seen<P, F> as SqlType>::Lift<<Base<F> as $Tr<$t>>::Out>>;
            fn $op(self, column: Col<P, F>) -> Self::Output {
                Expr::from_expr(ast::Expr::arith(arith!($Op), number(&self), column.untyped()))
            }
        }
        #[diagnostic::do_not_recommend]
        impl<M: Model, T: SqlType> $Op<Expr<M, T>> for $t
        where
            T::Base: $Tr<$t>,
        {
            type Output = Expr<M, T::Lift<<T::Base as $Tr<$t>>::Out>>;
            fn $op(self, expr: Expr<M, T>) -> Self::Output {
                Expr::from_expr(ast::Expr::arith(arith!($Op), number(&self), expr.expr))
            }
        }
    };
}
operators!(Add add Plus, Sub sub Minus, Mul mul Times, Div div Over, Rem rem Modulo);

fn number<T: SqlType>(number: &T) -> ast::Expr {
    ast::Expr::typed(number.encode(), T::KIND)
}
