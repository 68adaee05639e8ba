//! Which statements take long: those run on a thread for blocking work, so that they do not hold up other tasks.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use tokio::runtime::Handle;

use super::super::url::Offload;

/// Steps of SQLite's machine from which on a statement is long: a millisecond or a few.
pub(super) const LONG: i32 = 100_000;
/// What was long and is below this is so no longer. The gap keeps a statement from going to and fro.
const SHORT: i32 = LONG / 4;
/// How many are remembered.
const MOST: usize = 4096;

/// The statements that took long when they last ran, by where their text is: a cached text stays where it is.
///
/// It is a guess, and no more: the first run of a statement is always where it is awaited.
#[derive(Debug, Default)]
pub(in super::super) struct LongStatements {
    some: AtomicBool,
    texts: RwLock<HashSet<usize>>,
}

fn place(text: &Arc<str>) -> usize {
    text.as_ptr().addr()
}

impl LongStatements {
    /// Whether a statement is to run on another thread.
    pub(super) fn elsewhere(&self, text: &Arc<str>, offload: Offload) -> bool {
        match offload {
            Offload::Always => true,
            Offload::Never => false,
            Offload::Long => self.some.load(Ordering::Relaxed) && self.has(text) && Handle::try_current().is_ok(),
        }
    }

    fn has(&self, text: &Arc<str>) -> bool {
        self.texts.read().unwrap_or_else(PoisonError::into_inner).contains(&place(text))
    }

    /// Takes down how many steps a statement took.
    pub(super) fn took(&self, text: &Arc<str>, steps: i32) {
        // A count beyond the range of the counter came round.
        let long = !(0..LONG).contains(&steps);
        if !long && !self.some.load(Ordering::Relaxed) {
            return;
        }
        let known = self.has(text);
        if long == known || (known && steps >= SHORT) {
            return;
        }
        let mut texts = self.texts.write().unwrap_or_else(PoisonError::into_inner);
        if long && texts.len() < MOST {
            texts.insert(place(text));
        } else {
            texts.remove(&place(text));
        }
        self.some.store(!texts.is_empty(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_statement_is_long_after_it_was_and_until_it_is_short_again() {
        let long = LongStatements::default();
        let (one, other): (Arc<str>, Arc<str>) = ("SELECT 1".into(), "SELECT 2".into());
        let elsewhere = |text| long.elsewhere(text, Offload::Long);
        assert!(!elsewhere(&one));
        long.took(&one, LONG - 1);
        assert!(!elsewhere(&one));
        long.took(&one, LONG);
        assert!(elsewhere(&one) && !elsewhere(&other));
        long.took(&one, SHORT);
        assert!(elsewhere(&one));
        long.took(&one, SHORT - 1);
        assert!(!elsewhere(&one));
        assert!(!long.some.load(Ordering::Relaxed));
        assert!(long.elsewhere(&one, Offload::Always) && !long.elsewhere(&one, Offload::Never));
    }

    #[test]
    fn without_a_runtime_nothing_is_moved() {
        let long = LongStatements::default();
        let text: Arc<str> = "SELECT 1".into();
        long.took(&text, -1);
        assert!(long.has(&text) && !long.elsewhere(&text, Offload::Long));
    }
}
