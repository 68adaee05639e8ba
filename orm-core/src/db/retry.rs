//! `retry`: a transaction that others got in the way of runs again, from the start.

use std::time::Duration;

use tokio::time::sleep;

use crate::db::{Db, Tx, jitter};
use crate::error::{Error, Result};

/// How often a transaction is tried, and how long it waits in between.
///
/// ```
/// # orm_blog::example! { db =>
/// use orm::db::RetryPolicy;
/// let patient = RetryPolicy { attempts: 20, ..RetryPolicy::default() };
/// let count = db.retry(patient, || async |tx: Tx| Book::objects().count(&tx).await).await?;
/// assert_eq!(count, 3);
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How often it runs at most, the first time included.
    pub attempts: u32,
    /// About how long it waits after the first conflict; twice as long after each further one.
    pub base_delay: Duration,
    /// The longest wait.
    pub max_delay: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        RetryPolicy { attempts: 10, base_delay: Duration::from_millis(10), max_delay: Duration::from_secs(1) }
    }
}

impl RetryPolicy {
    /// The wait after a number of failed attempts: between half and all of it, so that rivals part ways.
    fn delay(&self, failed: u32) -> Duration {
        let factor = 1_u32.checked_shl(failed.saturating_sub(1)).unwrap_or(u32::MAX);
        jitter::between(self.base_delay.saturating_mul(factor).min(self.max_delay), 0.5, 1.0)
    }
}

impl Db {
    /// Runs a transaction as [`Db::atomic`] does, and again if it failed because of another one (a deadlock, a
    /// serialization failure, a busy database; see [`Error::is_retryable`]). Takes a closure that makes closures, as
    /// each attempt needs a new one. Whatever an attempt does besides its statements is done again too:
    /// put such things into [`Tx::on_commit`].
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// use orm::db::RetryPolicy;
    /// db.retry(RetryPolicy::default(), || async |tx: Tx| {
    ///     let mut ann = Author::objects().filter(Author.name.eq("Ann")).get(&tx).await?;
    ///     ann.visits += 1;
    ///     ann.save(&tx).await
    /// })
    /// .await?;
    /// # }
    /// ```
    ///
    /// # Errors
    /// The last attempt's.
    pub async fn retry<T, G, F>(&self, policy: RetryPolicy, mut attempt: G) -> Result<T>
    where
        G: FnMut() -> F,
        F: AsyncFnOnce(Tx) -> Result<T, Error>,
    {
        let mut failed = 0;
        loop {
            let error = match self.atomic(attempt()).await {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            failed += 1;
            if !error.is_retryable() || failed >= policy.attempts {
                return Err(error);
            }
            sleep(policy.delay(failed)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_twice_as_long_each_time_up_to_the_longest() {
        let policy = RetryPolicy::default();
        let check = |failed, least, most| {
            let delay = policy.delay(failed).as_millis();
            assert!((least..=most).contains(&delay), "{delay} after {failed}");
        };
        check(1, 5, 10);
        check(2, 10, 20);
        check(7, 320, 640);
        check(8, 500, 1000);
        check(u32::MAX, 500, 1000);
    }
}
