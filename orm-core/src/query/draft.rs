//! Drafts: what is set beside the required fields, what goes along, and storing it all.

use super::operand::RowKey;
use super::{Sets, insert};
use crate::db::Executor;
use crate::error::{Error, Result};
use crate::meta::AnyRow;
use crate::model::{At, Draft, Draftable, Model, NewRow, Rel, Relation, Under};

impl<M: Model, D> Draft<M, D> {
    /// Sets optional fields, by constants: `.with((Book.subtitle.set("y"), Book.editor.set(&ed)))`.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let ann = Author::objects().filter(Author.name.eq("Ann")).get(&db).await?;
    /// let book = Book::create(NewBook { title: "Dune", author: &ann, published: day("2024-03-01"), price: 31 })
    ///     .with((Book.subtitle.set("A novel"), Book.status.set(Status::Published)))
    ///     .save(&db)
    ///     .await?;
    /// assert_eq!(book.subtitle.as_deref(), Some("A novel"));
    /// # }
    /// ```
    pub fn with(mut self, sets: impl Sets<M>) -> Self {
        sets.sets(&mut self.set);
        self
    }

    /// New rows on the other side of a relation, stored along with this one. They name it by [`Parent`](crate::model::Parent).
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let dora = Author::create(NewAuthor { name: "Dora", email: "dora@example.org" })
    ///     .add(Author.books, [NewBook { title: "One", author: Parent, published: day("2024-01-01"), price: 10 }])
    ///     .save(&db)
    ///     .await?;
    /// assert_eq!(dora.books().count(&db).await?, 1);
    /// # }
    /// ```
    pub fn add<F, C>(mut self, _relation: Rel<At<M>, F>, children: impl IntoIterator<Item = C>) -> Self
    where
        F: Relation<Owner = M>,
        C: Draftable<F::Target, Under<M>>,
    {
        let children = children.into_iter().map(|child| {
            let mut row = NewRow::new(<F::Target as Model>::META);
            child.give(&mut row);
            row
        });
        self.children.push((F::META, children.collect()));
        self
    }

    /// Links to rows that are there already, by a many-to-many relation: `.link(Book.tags, [&rust, &sql])`.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let tags = Tag::objects().all(&db).await?;
    /// let book = Book::create(NewBook { title: "Both", author: 1, published: day("2024-01-01"), price: 10 })
    ///     .link(Book.tags, &tags)
    ///     .save(&db)
    ///     .await?;
    /// assert_eq!(book.tags().count(&db).await?, 2);
    /// # }
    /// ```
    pub fn link<F, K>(mut self, _relation: Rel<At<M>, F>, rows: impl IntoIterator<Item = K>) -> Self
    where
        F: Relation<Owner = M>,
        K: RowKey<F::Target>,
    {
        self.links.push((F::META, rows.into_iter().map(RowKey::row_key).collect()));
        self
    }

    /// Stores the row and all that goes along, in one transaction, and gives it as the database has it.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// # let (db, sent) = counted(&db);
    /// let tag = Tag::create(NewTag { name: "go" }).save(&db).await?;
    /// assert!(sent.take()[0].starts_with(r#"INSERT INTO "tags" ("name") VALUES (?)"#));
    /// assert_eq!((tag.id, tag.name.as_str()), (3, "go"));
    /// let again = Tag::create(NewTag { name: "go" }).save(&db).await;
    /// assert!(again.unwrap_err().is_unique_violation());
    /// # }
    /// ```
    ///
    /// # Errors
    /// What the database refuses; then nothing is stored.
    pub async fn save(self, db: &dyn Executor) -> Result<M>
    where
        D: Draftable<M>,
    {
        insert::insert_one(db, self.into_row()).await
    }
}

/// A draft goes wherever its literal goes.
impl<M: Model, W, D: Draftable<M, W>> Draftable<M, W> for Draft<M, D> {
    fn give(self, to: &mut NewRow) {
        self.new.give(to);
        to.finish(self.set, self.children, self.links);
    }
}

/// The row as what it is.
pub(super) fn typed<M: Model>(row: AnyRow) -> Result<M> {
    match row.downcast::<M>() {
        Ok(row) => Ok(*row),
        Err(_) => Err(Error::decode(format!("a row was read that is not a `{}`", M::META.name))),
    }
}
