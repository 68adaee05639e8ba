//! What can be done with a row that is there: save, update, delete, refresh.

use std::any::Any;
use std::future::Future;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use super::queryset::{by_key, not_found};
use super::run::{self, Shape};
use super::{Sets, draft, set};
use crate::ast::{Assignment, Delete, Expr};
use crate::db::Executor;
use crate::error::Result;
use crate::meta::{AnyRow, Auto, FieldMeta, ModelMeta};
use crate::model::{ForeignKey, Model, OneToOne};
use crate::value::{DateTime, Kind, SqlType, Value};

/// What can be done with any row.
///
/// ```
/// # orm_blog::example! { db =>
/// let mut tag = Tag::create(NewTag { name: "go" }).save(&db).await?;
/// tag.name = "golang".to_owned();
/// # let (db, sent) = counted(&db);
/// tag.save(&db).await?;
/// assert_eq!(
///     sent.take(),
///     [r#"UPDATE "tags" SET "name" = ? WHERE "tags"."id" = ? RETURNING "tags"."id", "tags"."name""#]
/// );
/// tag.delete(&db).await?;
/// # }
/// ```
pub trait RowExt: Model {
    /// Writes all fields of the row, except its key. Fields of `auto_now` get the present time in the database.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let mut ann = Author::objects().filter(Author.name.eq("Ann")).get(&db).await?;
    /// ann.name = "Anna".to_owned();
    /// ann.save(&db).await?;
    /// assert!(Author::objects().filter(Author.name.eq("Anna")).exists(&db).await?);
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the row is gone; what the database refuses.
    fn save(&self, db: &dyn Executor) -> impl Future<Output = Result<()>> + Send {
        let (key, set) = (key(Self::META, self), all_fields(Self::META, self));
        async move {
            write(db, Self::META, key, set).await?;
            Ok(())
        }
    }

    /// Sets columns of the row, and reads it back. What was loaded of its relations is forgotten.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let mut ann = Author::objects().filter(Author.name.eq("Ann")).get(&db).await?;
    /// ann.update(&db, (Author.name.set("Anna"), Author.visits.set(Author.visits + 1))).await?;
    /// assert_eq!((ann.name.as_str(), ann.visits), ("Anna", 1));
    /// # }
    /// ```
    ///
    /// SQL: `UPDATE "authors" SET "name" = ?, "visits" = ("authors"."visits" + ?) WHERE "authors"."id" = ? RETURNING …`; where there
    /// is no `RETURNING`, a SELECT follows.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the row is gone; what the database refuses.
    fn update(&mut self, db: &dyn Executor, sets: impl Sets<Self>) -> impl Future<Output = Result<()>> + Send {
        let (key, set) = (key(Self::META, self), with_now(Self::META, set::list(sets)));
        async move {
            *self = draft::typed(write(db, Self::META, key, set).await?)?;
            Ok(())
        }
    }

    /// Deletes the row.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let tag = Tag::objects().filter(Tag.name.eq("sql")).get(&db).await?;
    /// # let (db, sent) = counted(&db);
    /// tag.delete(&db).await?;
    /// assert_eq!(sent.take(), [r#"DELETE FROM "tags" WHERE "tags"."id" = ?"#]);
    /// assert!(tag.delete(&db).await.unwrap_err().is_not_found());
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the row is gone; what the database refuses.
    fn delete(&self, db: &dyn Executor) -> impl Future<Output = Result<()>> + Send {
        remove(db, Self::META, key(Self::META, self))
    }

    /// Reads the row again. What was loaded of its relations is forgotten.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let mut ann = Author::objects().first(&db).await?.expect("there are authors");
    /// Author::objects().update(&db, Author.visits.set(Author.visits + 1)).await?;
    /// # let (db, sent) = counted(&db);
    /// ann.refresh(&db).await?;
    /// assert_eq!(
    ///     sent.take(),
    ///     [r#"SELECT "authors"."id", "authors"."name", "authors"."email", "authors"."visits", "authors"."created_at" FROM "authors" WHERE "authors"."id" = ?"#]
    /// );
    /// assert_eq!(ann.visits, 1);
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the row is gone.
    fn refresh(&mut self, db: &dyn Executor) -> impl Future<Output = Result<()>> + Send {
        let key = key(Self::META, self);
        async move {
            *self = one(db, key).await?;
            Ok(())
        }
    }
}
impl<M: Model> RowExt for M {}

macro_rules! fetch {
    ($($t:ident),*) => { $(
        impl<T: Model> $t<T>
        where
            T::Key: SqlType,
        {
            /// The row on the other side: what a query loaded, or else read now.
            ///
            /// ```
            /// # orm_blog::example! { db =>
            /// let book = Book::objects().first(&db).await?.expect("there are books");
            /// assert_eq!(book.author.fetch(&db).await?.name, "Ann");
            /// # }
            /// ```
            ///
            /// # Errors
            /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such row.
            pub async fn fetch(&self, db: &dyn Executor) -> Result<Arc<T>> {
                if let Some(row) = self.shared().and_then(|row| row.downcast().ok()) {
                    return Ok(row);
                }
                one(db, vec![self.key().encode()]).await.map(Arc::new)
            }
        }
    )* };
}
fetch!(ForeignKey, OneToOne);

/// The row of a key.
async fn one<M: Model>(db: &dyn Executor, key: Vec<Value>) -> Result<M> {
    let shape = Shape { decode: M::decode, root: |row| Some(row) };
    let mut rows = run::all(db, by_key(M::META, key), shape).await?;
    rows.pop().ok_or_else(|| not_found(M::META))
}

async fn write(db: &dyn Executor, model: &'static ModelMeta, key: Vec<Value>, set: Vec<Assignment>) -> Result<AnyRow> {
    run::update_row(db, model, key, set).await?.ok_or_else(|| not_found(model))
}

async fn remove(db: &dyn Executor, model: &'static ModelMeta, key: Vec<Value>) -> Result<()> {
    match run::delete(db, Delete { rows: by_key(model, key) }).await? {
        0 => Err(not_found(model)),
        _ => Ok(()),
    }
}

fn key(model: &'static ModelMeta, row: &dyn Any) -> Vec<Value> {
    model.primary_key.iter().map(|field| (model.ops.value)(row, *field)).collect()
}

fn all_fields(model: &'static ModelMeta, row: &dyn Any) -> Vec<Assignment> {
    let fields = model.fields.iter().enumerate().filter(|(index, _)| !model.primary_key.contains(index));
    let set = fields.filter(|(_, field)| field.auto != Auto::Now);
    with_now(model, set.map(|(index, field)| assign(field, (model.ops.value)(row, index))).collect())
}

/// Adds the present time for the fields that every save stamps, unless they are set to something else.
fn with_now(model: &'static ModelMeta, mut set: Vec<Assignment>) -> Vec<Assignment> {
    for field in model.fields.iter().filter(|field| field.auto == Auto::Now) {
        if !set.iter().any(|a| std::ptr::eq(a.field, field)) {
            set.push(assign(field, now(field.kind)));
        }
    }
    set
}

fn assign(field: &'static FieldMeta, value: Value) -> Assignment {
    Assignment { field, value: Expr::value(value).or_kind(Some(field.kind)) }
}

/// The present time (UTC) as a column of a kind holds it.
fn now(kind: Kind) -> Value {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = DateTime(i64::try_from(since.as_micros()).unwrap_or(i64::MAX));
    match kind {
        Kind::Date => Value::Date(now.date()),
        Kind::Time => Value::Time(now.time()),
        _ => Value::DateTime(now),
    }
}
