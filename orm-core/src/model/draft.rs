//! Drafts: what is not stored yet. The derive makes `NewBook`, a struct of the required fields, generic over what is given.

use std::marker::PhantomData;

use super::Model;
use crate::ast::{Assignment, ExprNode};
use crate::meta::{FieldMeta, ModelMeta, RelationMeta};
use crate::value::{SqlType, Value};

/// A row to be inserted, with the rows that go along.
#[derive(Debug, Clone)]
#[doc(hidden)]
pub struct NewRow {
    /// Of which model.
    pub model: &'static ModelMeta,
    /// The fields that are given.
    pub fields: Vec<(&'static FieldMeta, Given)>,
    /// New rows on the other side of reverse relations; their foreign key is [`Given::Parent`].
    pub children: Vec<(&'static RelationMeta, Vec<NewRow>)>,
    /// Keys of rows on the other side of many-to-many relations.
    pub links: Vec<(&'static RelationMeta, Vec<Value>)>,
}

/// What a field of a new row is given.
#[derive(Debug, Clone)]
#[doc(hidden)]
pub enum Given {
    /// A value.
    Value(Value),
    /// The key of a row that is new as well.
    New(Box<NewRow>),
    /// The key of the row that this one is added to.
    Parent,
    /// An expression over columns, which a row that is not stored yet cannot have; inserting refuses it.
    Expression,
}

impl NewRow {
    /// A row with nothing given.
    pub fn new(model: &'static ModelMeta) -> NewRow {
        NewRow { model, fields: Vec::with_capacity(model.fields.len()), children: Vec::new(), links: Vec::new() }
    }

    /// Adds what was set beside the required fields.
    pub(crate) fn finish(
        &mut self,
        set: Vec<Assignment>,
        children: Vec<(&'static RelationMeta, Vec<NewRow>)>,
        links: Vec<(&'static RelationMeta, Vec<Value>)>,
    ) {
        for assignment in set {
            let given = match assignment.value.node {
                ExprNode::Value(value) => Given::Value(value),
                _ => Given::Expression,
            };
            self.put(assignment.field, given);
        }
        self.children = children;
        self.links = links;
    }

    /// Gives a field (by index) its value. Each is given once.
    #[inline]
    pub fn give(&mut self, field: usize, given: Given) {
        self.fields.push((&self.model.fields[field], given));
    }

    fn put(&mut self, field: &'static FieldMeta, given: Given) {
        match self.fields.iter_mut().find(|(f, _)| std::ptr::eq(*f, field)) {
            Some((_, before)) => *before = given,
            None => self.fields.push((field, given)),
        }
    }
}

/// A value for a field of type `T` in a draft.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a value for a `{T}` field", label = "expected a `{T}`")]
#[doc(hidden)]
pub trait ValueFor<T> {
    /// The value to bind.
    #[doc(hidden)]
    fn value(self) -> Value;
}
#[diagnostic::do_not_recommend]
impl<T: SqlType> ValueFor<T> for T {
    #[inline]
    fn value(self) -> Value {
        self.into_value()
    }
}
#[diagnostic::do_not_recommend]
impl ValueFor<String> for &str {
    #[inline]
    fn value(self) -> Value {
        Value::Text(self.into())
    }
}
#[diagnostic::do_not_recommend]
impl ValueFor<String> for &String {
    #[inline]
    fn value(self) -> Value {
        Value::Text(self.into())
    }
}
#[cfg(feature = "rust_decimal")]
#[diagnostic::do_not_recommend]
impl ValueFor<rust_decimal::Decimal> for i64 {
    #[inline]
    fn value(self) -> Value {
        Value::Decimal(self.into())
    }
}

// Never true; it is here for what its bound says of a float literal.
#[cfg(feature = "rust_decimal")]
#[rustfmt::skip]
impl ValueFor<rust_decimal::Decimal> for f64 where for<'a> &'a f64: Exact {
    #[inline]
    fn value(self) -> Value {
        self.encode()
    }
}

/// A number that is what its digits say. No float is.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a float is only near to a decimal number",
    label = "not exact",
    note = "write a decimal, as `dec!(9.99)` of `rust_decimal`, or an integer"
)]
pub trait Exact {}

/// What a foreign key to `T` takes in a draft: a row, its key, or a draft of it.
///
/// ```
/// # orm_blog::example! { db =>
/// let ann = Author::objects().first(&db).await?.expect("there are authors");
/// let day = day("2024-05-01");
/// Book::create(NewBook { title: "By a row", author: &ann, published: day, price: 1 }).save(&db).await?;
/// Book::create(NewBook { title: "By a key", author: ann.id, published: day, price: 1 }).save(&db).await?;
/// let dora = Author::create(NewAuthor { name: "Dora", email: "dora@example.org" });
/// Book::create(NewBook { title: "By a draft", author: dora, published: day, price: 1 }).save(&db).await?;
/// assert_eq!(Author::objects().count(&db).await?, 4);
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not stand for a `{T}`",
    label = "expected a `&{T}`, its key or a draft of it",
    note = "`Parent` is only for drafts inside `.add(..)`"
)]
pub trait Link<T, W = Top> {
    /// What the field is given.
    #[doc(hidden)]
    fn link(self) -> Given;
}
#[diagnostic::do_not_recommend]
impl<T: Model, W> Link<T, W> for &T
where
    T::Key: SqlType,
{
    #[inline]
    fn link(self) -> Given {
        Given::Value(self.key().encode())
    }
}
#[diagnostic::do_not_recommend]
impl<T: Model, W, D: Draftable<T>> Link<T, W> for Draft<T, D> {
    #[inline]
    fn link(self) -> Given {
        Given::New(Box::new(self.into_row()))
    }
}

/// Stands for the row that a nested draft is added to.
///
/// ```
/// # orm_blog::example! { db =>
/// let books = [NewBook { title: "First", author: Parent, published: day("2024-05-01"), price: 12 }];
/// let dora = NewAuthor { name: "Dora", email: "dora@example.org" };
/// let dora = Author::create(dora).add(Author.books, books).save(&db).await?;
/// assert_eq!(dora.books().get(&db).await?.title, "First");
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Parent;

#[diagnostic::do_not_recommend]
impl<T: Model> Link<T, Under<T>> for Parent {
    #[inline]
    fn link(self) -> Given {
        Given::Parent
    }
}

/// Where a draft stands: on its own.
pub struct Top;
/// Where a draft stands: added to a row of `M`, so that its link to it may be [`Parent`].
pub struct Under<M>(PhantomData<fn() -> M>);

/// The required fields of a new row of `M`.
///
/// ```
/// # orm_blog::example! { db =>
/// async fn store(db: &Db, drafts: impl IntoIterator<Item: orm::model::Draftable<Tag>>) -> orm::Result<Vec<Tag>> {
///     Tag::objects().bulk_create(db, drafts).await
/// }
/// assert_eq!(store(&db, [NewTag { name: "go" }]).await?[0].name, "go");
/// # }
/// ```
#[diagnostic::on_unimplemented(message = "this is not a draft of `{M}`", label = "expected a draft of `{M}`")]
pub trait Draftable<M, W = Top> {
    /// Writes what is given.
    #[doc(hidden)]
    fn give(self, to: &mut NewRow);
}

/// What is not stored yet: the required fields, and what was added to them.
///
/// Made by `Book::create(NewBook { .. })`; stored by `.save(&db)`.
///
/// ```
/// # orm_blog::example! { db =>
/// let draft = Tag::create(NewTag { name: "go" });
/// assert_eq!(draft.save(&db).await?.name, "go");
/// # }
/// ```
#[must_use = "a draft is stored by `.save(&db).await`"]
pub struct Draft<M, D> {
    pub(crate) new: D,
    pub(crate) set: Vec<Assignment>,
    pub(crate) children: Vec<(&'static RelationMeta, Vec<NewRow>)>,
    pub(crate) links: Vec<(&'static RelationMeta, Vec<Value>)>,
    model: PhantomData<fn() -> M>,
}

/// A draft of the required fields.
#[doc(hidden)]
pub fn draft<M: Model, D>(new: D) -> Draft<M, D> {
    Draft { new, set: Vec::new(), children: Vec::new(), links: Vec::new(), model: PhantomData }
}

impl<M: Model, D: Draftable<M>> Draft<M, D> {
    /// The untyped row.
    pub(crate) fn into_row(self) -> NewRow {
        let mut row = NewRow::new(M::META);
        self.new.give(&mut row);
        row.finish(self.set, self.children, self.links);
        row
    }
}
