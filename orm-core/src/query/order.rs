//! Orders of rows and of groups.

use std::fmt;
use std::marker::PhantomData;

use crate::ast::{self, Direction, Func, Nulls};
use crate::meta::ModelMeta;

/// One key of an order of rows of `M`: `Book.price.desc()`.
///
/// ```
/// # orm_blog::example! {
/// let newest_first: orm::query::Order<Book> = Book.published.desc();
/// let query = Book::objects().order_by(newest_first).values(Book.title);
/// assert!(query.sql("sqlite")?.ends_with(r#"ORDER BY "books"."published" DESC"#));
/// # }
/// ```
#[must_use = "an order does nothing until `.order_by(..)` takes it"]
pub struct Order<M> {
    pub(crate) order: ast::Order,
    model: PhantomData<fn() -> M>,
}

/// One key of an order of groups of rows of `M`: an aggregate's `.asc()` or `.desc()`.
///
/// ```
/// # orm_blog::example! {
/// let groups = Book::objects().group_by(Book.status).annotate(count_rows()).order_by(count_rows().desc());
/// assert!(groups.sql("sqlite")?.ends_with("ORDER BY 2 DESC"));
/// # }
/// ```
#[must_use = "an order does nothing until `.order_by(..)` takes it"]
pub struct GroupOrder<M> {
    pub(crate) order: ast::Order,
    model: PhantomData<fn() -> M>,
}

/// Rows in an order that is another each time.
///
/// The order is drawn by the database for every row, so it costs as much as sorting them all.
///
/// ```
/// # orm_blog::example! { db =>
/// let query = Book::objects().order_by(random());
/// assert!(query.sql("sqlite")?.ends_with("ORDER BY (abs(random() / 2) / 4611686018427387904.0) ASC"));
/// assert!(query.sql("mysql")?.ends_with("ORDER BY RAND() ASC"));
/// assert_eq!(query.all(&db).await?.len(), 3);
/// # }
/// ```
pub fn random<M>() -> Order<M> {
    Order::new(ast::Expr::func(Func::Random, Vec::new()), Direction::Asc)
}

macro_rules! order {
    ($($t:ident),*) => { $(
        impl<M> $t<M> {
            pub(crate) fn new(expr: ast::Expr, direction: Direction) -> Self {
                $t { order: ast::Order { expr, direction, nulls: None }, model: PhantomData }
            }

            /// NULLs come before the rest.
            ///
            /// ```
            /// # orm_blog::example! {
            /// let query = Book::objects().order_by(Book.subtitle.desc().nulls_first());
            /// assert!(query.sql("postgres")?.ends_with(r#"ORDER BY "books"."subtitle" DESC NULLS FIRST"#));
            /// assert!(query.sql("mysql")?.ends_with(
            ///     "ORDER BY (`books`.`subtitle` IS NULL) DESC, `books`.`subtitle` DESC"
            /// ));
            /// # }
            /// ```
            pub fn nulls_first(mut self) -> Self {
                self.order.nulls = Some(Nulls::First);
                self
            }

            /// NULLs come after the rest.
            ///
            /// ```
            /// # orm_blog::example! { db =>
            /// let query = Book::objects().order_by(Book.subtitle.asc().nulls_last()).values(Book.title);
            /// assert!(query.sql("postgres")?.ends_with(r#"ORDER BY "books"."subtitle" ASC NULLS LAST"#));
            /// assert_eq!(query.first(&db).await?.as_deref(), Some("100% Dunes"));
            /// # }
            /// ```
            pub fn nulls_last(mut self) -> Self {
                self.order.nulls = Some(Nulls::Last);
                self
            }
        }
        impl<M> Clone for $t<M> {
            fn clone(&self) -> Self {
                $t { order: self.order.clone(), model: PhantomData }
            }
        }
        impl<M> fmt::Debug for $t<M> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.order.fmt(f)
            }
        }
    )* };
}
order!(Order, GroupOrder);

/// What `order_by` of rows takes: one order, several in a tuple, array or `Vec`, or `()` for none at all.
///
/// ```
/// # orm_blog::example! {
/// let mut orders = vec![Book.author.name.asc()];
/// orders.push(Book.price.desc());
/// let query = Book::objects().order_by(orders);
/// assert!(query.sql("sqlite")?.ends_with(r#"ORDER BY "t1"."name" ASC, "books"."price" DESC"#));
/// assert!(!Book::objects().order_by(()).sql("sqlite")?.contains("ORDER BY"));
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "rows of `{M}` cannot be ordered by this",
    label = "not an ordering of `{M}`",
    note = "write `.asc()` or `.desc()` on a column or expression of `{M}`, or several in a tuple"
)]
pub trait Orders<M> {
    /// Adds the untyped orders.
    #[doc(hidden)]
    fn orders(self, to: &mut Vec<ast::Order>);
}
#[diagnostic::do_not_recommend]
impl<M> Orders<M> for Order<M> {
    fn orders(self, to: &mut Vec<ast::Order>) {
        to.push(self.order);
    }
}
#[diagnostic::do_not_recommend]
impl<M> Orders<M> for Vec<Order<M>> {
    fn orders(self, to: &mut Vec<ast::Order>) {
        to.extend(self.into_iter().map(|o| o.order));
    }
}
#[diagnostic::do_not_recommend]
impl<M, const N: usize> Orders<M> for [Order<M>; N] {
    fn orders(self, to: &mut Vec<ast::Order>) {
        to.extend(self.into_iter().map(|o| o.order));
    }
}
#[diagnostic::do_not_recommend]
impl<M> Orders<M> for () {
    fn orders(self, _: &mut Vec<ast::Order>) {}
}

/// What `order_by` of groups takes: orders of keys and of aggregates.
///
/// ```
/// # orm_blog::example! {
/// let groups = Book::objects().group_by(Book.author.name).annotate(count_rows());
/// let groups = groups.order_by((count_rows().desc(), Book.author.name.asc()));
/// assert!(groups.sql("sqlite")?.ends_with("ORDER BY 2 DESC, 1 ASC"));
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "groups of `{M}` cannot be ordered by this",
    label = "not an ordering of groups of `{M}`",
    note = "order groups by a key or an aggregate, with `.asc()` or `.desc()`"
)]
pub trait GroupOrders<M> {
    /// Adds the untyped orders.
    #[doc(hidden)]
    fn group_orders(self, to: &mut Vec<ast::Order>);
}
#[diagnostic::do_not_recommend]
impl<M> GroupOrders<M> for GroupOrder<M> {
    fn group_orders(self, to: &mut Vec<ast::Order>) {
        to.push(self.order);
    }
}
#[diagnostic::do_not_recommend]
impl<M> GroupOrders<M> for Order<M> {
    fn group_orders(self, to: &mut Vec<ast::Order>) {
        to.push(self.order);
    }
}
#[diagnostic::do_not_recommend]
impl<M> GroupOrders<M> for Vec<GroupOrder<M>> {
    fn group_orders(self, to: &mut Vec<ast::Order>) {
        to.extend(self.into_iter().map(|o| o.order));
    }
}

/// The orders of any that `order_by` takes.
pub(crate) fn list<M>(orders: impl Orders<M>) -> Vec<ast::Order> {
    let mut list = Vec::new();
    orders.orders(&mut list);
    list
}

/// The order that a model says for itself; its primary key if it says none.
pub(crate) fn own(model: &'static ModelMeta) -> Vec<ast::Order> {
    let key = || model.primary_key.iter().map(|field| (*field, Direction::Asc));
    let said = model.ordering.iter().map(|o| (o.field, if o.descending { Direction::Desc } else { Direction::Asc }));
    let fields: Vec<_> = if model.ordering.is_empty() { key().collect() } else { said.collect() };
    let order = |(field, direction): (usize, Direction)| {
        let expr = ast::Expr::column(None, model, &model.fields[field], false);
        ast::Order { expr, direction, nulls: None }
    };
    fields.into_iter().map(order).collect()
}

/// The same rows from last to first.
pub(crate) fn reversed(mut orders: Vec<ast::Order>) -> Vec<ast::Order> {
    for order in &mut orders {
        order.direction = match order.direction {
            Direction::Asc => Direction::Desc,
            Direction::Desc => Direction::Asc,
        };
        order.nulls = order.nulls.map(|nulls| match nulls {
            Nulls::First => Nulls::Last,
            Nulls::Last => Nulls::First,
        });
    }
    orders
}
