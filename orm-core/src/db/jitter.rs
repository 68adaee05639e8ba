//! Chance for waiting times, so that what began together does not end together.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

/// A duration between two shares of a whole (`0.8..1.0`: the last fifth).
pub(super) fn between(whole: Duration, from: f64, to: f64) -> Duration {
    // The standard library keys every hasher differently; that is chance enough here, and no dependency.
    let share = RandomState::new().build_hasher().finish() as f64 / u64::MAX as f64;
    let seconds = whole.as_secs_f64() * (from + (to - from) * share);
    Duration::try_from_secs_f64(seconds).unwrap_or(whole).min(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_between_the_shares_and_varies() {
        let second = Duration::from_secs(1);
        let drawn: Vec<_> = (0..100).map(|_| between(second, 0.8, 1.0)).collect();
        assert!(drawn.iter().all(|d| *d >= second.mul_f64(0.799) && *d <= second));
        assert!(drawn.iter().any(|d| *d != drawn[0]));
        assert!(between(Duration::MAX, 0.5, 1.0) >= Duration::MAX.mul_f64(0.49));
    }
}
