//! Relation fields: the key, and what a query loaded of the other side.
//!
//! Loaded rows are held type-erased, and nothing here calls the target's own `Debug`, `Serialize` or `Deserialize`:
//! rings of models would make the compiler instantiate each for all.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Model;
use crate::error::{Error, ErrorKind, Result};
use crate::meta::Loaded;

/// A foreign key: the key of a row of `T`, and that row if a query loaded it.
///
/// `book.author.key()` is always there; `book.author.get()?` after `select_related(Book.author)` or
/// `prefetch_related(Book.author)`.
///
/// ```
/// # orm_blog::example! { db =>
/// let book = Book::objects().filter(Book.price.gt(30)).get(&db).await?;
/// assert_eq!(*book.author.key(), 1);
/// assert_eq!(book.author.get().unwrap_err().kind(), ErrorKind::NotLoaded);
/// assert_eq!(book.author.fetch(&db).await?.name, "Ann");
/// # }
/// ```
pub struct ForeignKey<T: Model> {
    key: T::Key,
    loaded: Option<Loaded>,
}
/// A one-to-one relation: a unique foreign key.
///
/// ```
/// # orm_blog::example! { db =>
/// #[derive(Model, Debug)]
/// struct Account {
///     id: i64,
///     #[orm(on_delete = Cascade)]
///     author: OneToOne<Author>,
/// }
/// orm::migrate::sync_models(&db, orm::models![Author, Book, Tag, Account]).await?;
/// let account = Account::create(NewAccount { author: 1 }).save(&db).await?;
/// assert_eq!(account.author.fetch(&db).await?.name, "Ann");
/// assert!(Account::create(NewAccount { author: 1 }).save(&db).await.unwrap_err().is_unique_violation());
/// # }
/// ```
pub struct OneToOne<T: Model> {
    key: T::Key,
    loaded: Option<Loaded>,
}
/// The other side of a [`OneToOne`]: the row that points here, if there is one and a query loaded it.
///
/// ```
/// # orm_blog::example! { db =>
/// #[derive(Model)]
/// struct Member {
///     id: i64,
///     card: HasOne<Card>,
/// }
/// #[derive(Model)]
/// struct Card {
///     id: i64,
///     #[orm(on_delete = Cascade)]
///     member: OneToOne<Member>,
///     #[orm(max_length = 20)]
///     number: String,
/// }
/// orm::migrate::sync_models(&db, orm::models![Member, Card]).await?;
/// let member = Member::create(NewMember {}).save(&db).await?;
/// Card::create(NewCard { member: &member, number: "7" }).save(&db).await?;
/// let member = Member::objects().select_related(Member.card).get(&db).await?;
/// assert_eq!(member.card.get()?.map(|card| card.number.as_str()), Some("7"));
/// # }
/// ```
pub struct HasOne<T> {
    loaded: Option<Option<Loaded>>,
    target: PhantomData<fn() -> T>,
}
/// The other side of a [`ForeignKey`]: the rows that point here, if a query loaded them.
///
/// ```
/// # orm_blog::example! { db =>
/// let ann = Author::objects().prefetch_related(Author.books).first(&db).await?.expect("an author");
/// assert_eq!(ann.books.get()?.len(), 2);
/// assert!(!ann.edited.is_loaded());
/// # }
/// ```
pub struct HasMany<T> {
    loaded: Option<Loaded>,
    target: PhantomData<fn() -> T>,
}
/// A many-to-many relation: the rows on the other side, if a query loaded them.
///
/// ```
/// # orm_blog::example! { db =>
/// let books = Book::objects().prefetch_related(Book.tags).all(&db).await?;
/// assert_eq!(books[0].tags.get()?.len(), 2);
/// // Both sides have a field, and either leads to the other.
/// let tag = Tag::objects().filter(Tag.books.any(Book.price.gt(30))).get(&db).await?;
/// assert_eq!(tag.name, "rust");
/// # }
/// ```
pub struct ManyToMany<T> {
    loaded: Option<Loaded>,
    target: PhantomData<fn() -> T>,
}

const SELECT: &str = "add `.select_related(..)` to the query, or call `.fetch(&db).await`";
const PREFETCH: &str = "add `.prefetch_related(..)` to the query, or ask for the rows by the \
                        method of its name, as in `author.books().all(&db).await`";
const SELECT_ONLY: &str = "add `.select_related(..)` to the query";

fn not_loaded(what: &str, target: &str, how: &str) -> Error {
    Error::new(ErrorKind::NotLoaded, format!("this {what} to `{target}` has not been loaded; {how}"))
}

fn short_name<T>() -> &'static str {
    let full = std::any::type_name::<T>();
    full.rsplit("::").next().unwrap_or(full)
}

macro_rules! to_one {
    ($name:ident, $what:literal) => {
        impl<T: Model> $name<T> {
            /// A relation to the row of a key.
            ///
            /// ```
            /// # orm_blog::example! {
            /// let author = ForeignKey::<Author>::new(7);
            /// assert_eq!((*author.key(), author.is_loaded()), (7, false));
            /// # }
            /// ```
            pub fn new(key: T::Key) -> Self {
                $name { key, loaded: None }
            }
            /// The key of the other side.
            ///
            /// ```
            /// # orm_blog::example! { db =>
            /// let book = Book::objects().filter(Book.author.name.eq("Ann")).first(&db).await?.expect("she has books");
            /// assert_eq!(*book.author.key(), 1);
            /// # }
            /// ```
            pub fn key(&self) -> &T::Key {
                &self.key
            }
            /// The row on the other side.
            ///
            /// ```
            /// # orm_blog::example! { db =>
            /// let book = Book::objects().select_related(Book.author).first(&db).await?.expect("there are books");
            /// assert_eq!(book.author.get()?.name, "Ann");
            /// # }
            /// ```
            ///
            /// # Errors
            /// [`ErrorKind::NotLoaded`] if no query loaded it.
            pub fn get(&self) -> Result<&T> {
                self.loaded
                    .as_ref()
                    .and_then(|l| l.downcast_ref())
                    .ok_or_else(|| not_loaded($what, short_name::<T>(), SELECT))
            }
            /// Whether a query loaded the row.
            ///
            /// ```
            /// # orm_blog::example! { db =>
            /// let book = Book::objects().first(&db).await?.expect("there are books");
            /// assert!(!book.author.is_loaded());
            /// # }
            /// ```
            pub fn is_loaded(&self) -> bool {
                self.loaded.is_some()
            }
            #[doc(hidden)]
            pub fn put(&mut self, loaded: Loaded) {
                self.loaded = Some(loaded);
            }
            pub(crate) fn loaded(&self) -> Option<&(dyn Any + Send + Sync)> {
                self.loaded.as_deref()
            }
            pub(crate) fn shared(&self) -> Option<Loaded> {
                self.loaded.clone()
            }
        }
        impl<T: Model> Clone for $name<T> {
            fn clone(&self) -> Self {
                $name { key: self.key.clone(), loaded: self.loaded.clone() }
            }
        }
        /// Relations are equal if their keys are.
        impl<T: Model> PartialEq for $name<T> {
            fn eq(&self, other: &Self) -> bool {
                self.key == other.key
            }
        }
        impl<T: Model> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({:?}){}", short_name::<T>(), self.key, if self.is_loaded() { " loaded" } else { "" })
            }
        }
        impl<T: Model> Serialize for $name<T>
        where
            T::Key: Serialize,
        {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self.loaded().and_then(|row| crate::model::relation::nested(T::META, row)) {
                    Some(json) => json.serialize(serializer),
                    None => self.key.serialize(serializer),
                }
            }
        }
        impl<'de, T: Model> Deserialize<'de> for $name<T>
        where
            T::Key: Deserialize<'de>,
        {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                T::Key::deserialize(deserializer).map(Self::new)
            }
        }
    };
}
to_one!(ForeignKey, "foreign key");
to_one!(OneToOne, "one-to-one relation");

macro_rules! to_many {
    ($name:ident, $what:literal) => {
        impl<T: Model> $name<T> {
            /// The rows on the other side.
            ///
            /// ```
            /// # orm_blog::example! { db =>
            /// let books = Book::objects().prefetch_related(Book.tags).all(&db).await?;
            /// assert_eq!(books[0].tags.get()?.len(), 2);
            /// # }
            /// ```
            ///
            /// # Errors
            /// [`ErrorKind::NotLoaded`] if no query loaded them; that is never an empty list.
            pub fn get(&self) -> Result<&[T]> {
                self.loaded
                    .as_ref()
                    .and_then(|l| l.downcast_ref::<Vec<T>>())
                    .map(Vec::as_slice)
                    .ok_or_else(|| not_loaded($what, short_name::<T>(), PREFETCH))
            }
            /// Whether a query loaded the rows.
            ///
            /// ```
            /// # orm_blog::example! { db =>
            /// let author = Author::objects().prefetch_related(Author.books).first(&db).await?.expect("there are authors");
            /// assert!(author.books.is_loaded() && !author.edited.is_loaded());
            /// # }
            /// ```
            pub fn is_loaded(&self) -> bool {
                self.loaded.is_some()
            }
            #[doc(hidden)]
            pub fn put(&mut self, loaded: Loaded) {
                self.loaded = Some(loaded);
            }
        }
        impl<T> Default for $name<T> {
            fn default() -> Self {
                $name { loaded: None, target: PhantomData }
            }
        }
        impl<T> Clone for $name<T> {
            fn clone(&self) -> Self {
                $name { loaded: self.loaded.clone(), target: PhantomData }
            }
        }
        /// What is loaded says nothing of the row, so all are equal.
        impl<T> PartialEq for $name<T> {
            fn eq(&self, _: &Self) -> bool {
                true
            }
        }
        impl<T: Model> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.get() {
                    Ok(rows) => write!(f, "[{} × {}]", rows.len(), short_name::<T>()),
                    Err(_) => f.write_str("not loaded"),
                }
            }
        }
        impl<T: Model> Serialize for $name<T> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self.get() {
                    Ok(rows) => {
                        serializer.collect_seq(rows.iter().map(|row| crate::model::relation::nested(T::META, row)))
                    }
                    Err(_) => serializer.serialize_none(),
                }
            }
        }
        impl<'de, T: Model> Deserialize<'de> for $name<T> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                serde::de::IgnoredAny::deserialize(deserializer)?;
                Ok(Self::default())
            }
        }
    };
}
to_many!(HasMany, "relation");
to_many!(ManyToMany, "many-to-many relation");

impl<T: Model> HasOne<T> {
    /// The row on the other side, if there is one.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// #[derive(Model)]
    /// struct Member {
    ///     id: i64,
    ///     card: HasOne<Card>,
    /// }
    /// #[derive(Model)]
    /// struct Card {
    ///     id: i64,
    ///     #[orm(on_delete = Cascade)]
    ///     member: OneToOne<Member>,
    /// }
    /// # orm::migrate::sync_models(&db, orm::models![Member, Card]).await?;
    /// let member = Member::create(NewMember {}).save(&db).await?;
    /// assert_eq!(member.card.get().err().map(|e| e.kind()), Some(ErrorKind::NotLoaded));
    /// let member = Member::objects().select_related(Member.card).get(&db).await?;
    /// assert!(member.card.get()?.is_none());
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::NotLoaded`] if no query loaded it.
    pub fn get(&self) -> Result<Option<&T>> {
        match &self.loaded {
            Some(row) => Ok(row.as_ref().and_then(|l| l.downcast_ref())),
            None => Err(not_loaded("one-to-one relation", short_name::<T>(), SELECT_ONLY)),
        }
    }
    /// Whether a query looked for the row.
    ///
    /// ```
    /// # orm_blog::example! {
    /// assert!(!HasOne::<Author>::default().is_loaded());
    /// # }
    /// ```
    pub fn is_loaded(&self) -> bool {
        self.loaded.is_some()
    }
    #[doc(hidden)]
    pub fn put(&mut self, loaded: Loaded) {
        // A relation that was looked for and not found is given as the unit.
        self.loaded = Some((!(*loaded).is::<()>()).then_some(loaded));
    }
}
impl<T> Default for HasOne<T> {
    fn default() -> Self {
        HasOne { loaded: None, target: PhantomData }
    }
}
impl<T> Clone for HasOne<T> {
    fn clone(&self) -> Self {
        HasOne { loaded: self.loaded.clone(), target: PhantomData }
    }
}
/// What is loaded says nothing of the row, so all are equal.
impl<T> PartialEq for HasOne<T> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
impl<T: Model> fmt::Debug for HasOne<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.get() {
            Ok(Some(_)) => write!(f, "{} loaded", short_name::<T>()),
            Ok(None) => f.write_str("none"),
            Err(_) => f.write_str("not loaded"),
        }
    }
}
impl<T: Model> Serialize for HasOne<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.get() {
            Ok(Some(row)) => nested(T::META, row).serialize(serializer),
            _ => serializer.serialize_none(),
        }
    }
}
impl<'de, T: Model> Deserialize<'de> for HasOne<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(deserializer)?;
        Ok(Self::default())
    }
}

/// A loaded row as JSON, through the pointer that its model registered at link time; nothing if the model takes no `Serialize`.
///
/// The pointer must not be reachable from the model's static metadata: serializing would then be instantiated for
/// each model of a ring inside that of the one before.
pub(crate) fn nested(
    meta: &'static crate::meta::ModelMeta,
    row: &(dyn Any + Send + Sync),
) -> Option<serde_json::Value> {
    use std::collections::HashMap;
    use std::sync::OnceLock;
    type ToJson = fn(&(dyn Any + Send + Sync)) -> Option<serde_json::Value>;
    static BY_MODEL: OnceLock<HashMap<usize, ToJson>> = OnceLock::new();
    let address = |meta: &'static crate::meta::ModelMeta| std::ptr::from_ref(meta).addr();
    let by_model = BY_MODEL.get_or_init(|| {
        inventory::iter::<crate::meta::Registered>.into_iter().map(|r| (address(r.meta), r.to_json)).collect()
    });
    by_model.get(&address(meta)).and_then(|to_json| to_json(row))
}

/// A key that knows whose it is: `pub id: Id<Author>`.
///
/// ```
/// # orm_blog::example! { db =>
/// #[derive(Model)]
/// struct Shelf {
///     id: Id<Shelf>,
///     #[orm(max_length = 40)]
///     room: String,
/// }
/// orm::migrate::sync_models(&db, orm::models![Shelf]).await?;
/// let shelf = Shelf::create(NewShelf { room: "attic" }).save(&db).await?;
/// let id: Id<Shelf> = shelf.id;
/// assert_eq!(Shelf::objects().filter(Shelf.id.eq(id)).get(&db).await?.room, "attic");
/// # }
/// ```
pub struct Id<M>(pub i64, PhantomData<fn() -> M>);

impl<M> Id<M> {
    /// The key of a number.
    ///
    /// ```
    /// # orm_blog::example! {
    /// let id: Id<Author> = Id::new(7);
    /// assert_eq!((id.0, id.to_string().as_str()), (7, "7"));
    /// # }
    /// ```
    pub const fn new(id: i64) -> Self {
        Id(id, PhantomData)
    }
}
impl<M> Clone for Id<M> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<M> Copy for Id<M> {}
impl<M> PartialEq for Id<M> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<M> Eq for Id<M> {}
impl<M> std::hash::Hash for Id<M> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<M> fmt::Debug for Id<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
impl<M> fmt::Display for Id<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
impl<M> Serialize for Id<M> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
impl<'de, M> Deserialize<'de> for Id<M> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        i64::deserialize(deserializer).map(Id::new)
    }
}
#[diagnostic::do_not_recommend]
impl<M: 'static> crate::value::SqlType for Id<M> {
    type Nulls = crate::value::Never;
    type Base = Self;
    type Nullable = Option<Self>;
    type Lift<X: crate::value::SqlType> = X;
    const KIND: crate::value::Kind = crate::value::Kind::Int64;
    fn decode(cell: crate::value::Cell<'_>) -> Result<Self> {
        i64::decode(cell).map(Id::new)
    }
    fn encode(&self) -> crate::value::Value {
        crate::value::Value::Int(self.0)
    }
}

/// An `Arc` that stands for "looked for, and there is none".
#[doc(hidden)]
pub fn nothing() -> Loaded {
    Arc::new(())
}
