//! `atomic`: a closure runs in a transaction that commits if it ends with `Ok`, and in every other case rolls back.

use crate::db::{Db, Executor, Tx};
use crate::error::{Error, Result};

impl Db {
    /// Runs a closure in a transaction: `Ok` commits, `Err` rolls back, and so do a panic and a future that is dropped.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let author = db
    ///     .atomic(async |tx: Tx| {
    ///         let author = Author::create(NewAuthor { name: "Dora", email: "dora@example.org" }).save(&tx).await?;
    ///         Book::objects().filter(Book.author.name.eq("Bob")).update(&tx, Book.author.set(&author)).await?;
    ///         Ok::<_, orm::Error>(author)
    ///     })
    ///     .await?;
    /// assert_eq!(author.books().count(&db).await?, 1);
    /// # }
    /// ```
    ///
    /// # Errors
    /// That of the closure; else why it could not begin or commit.
    /// [`ErrorKind::Transaction`](crate::ErrorKind::Transaction) if the closure ended with `Ok` though a statement in it
    /// had failed: nothing was committed then.
    pub async fn atomic<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: AsyncFnOnce(Tx) -> Result<T, E>,
        E: From<Error>,
    {
        within(self.begin("atomic").await?, f).await
    }
}

impl Tx {
    /// Runs a closure in a savepoint: `Ok` keeps what it did, anything else undoes that and leaves the rest of the
    /// transaction as it was.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// db.atomic(async |tx: Tx| {
    ///     let again = tx.atomic(async |tx: Tx| Tag::create(NewTag { name: "rust" }).save(&tx).await).await;
    ///     assert!(again.unwrap_err().is_unique_violation());
    ///     // The transaction goes on, as if that had not been tried.
    ///     Tag::create(NewTag { name: "go" }).save(&tx).await
    /// })
    /// .await?;
    /// assert_eq!(Tag::objects().count(&db).await?, 3);
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Db::atomic`].
    pub async fn atomic<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: AsyncFnOnce(Tx) -> Result<T, E>,
        E: From<Error>,
    {
        within(self.begin("atomic").await?, f).await
    }
}

async fn within<T, E, F>(tx: Tx, f: F) -> Result<T, E>
where
    F: AsyncFnOnce(Tx) -> Result<T, E>,
    E: From<Error>,
{
    let scope = Scope(tx);
    match f(scope.0.clone()).await {
        Ok(value) => {
            scope.0.clone().commit().await?;
            Ok(value)
        }
        Err(error) => {
            // The closure's error is the one that matters; what is not rolled back here, `Scope` abandons.
            let _ = scope.0.clone().rollback().await;
            Err(error)
        }
    }
}

/// Ends the transaction with the call, even where a clone of the handle lives on elsewhere.
struct Scope(Tx);

impl Drop for Scope {
    fn drop(&mut self) {
        self.0.abandon();
    }
}
