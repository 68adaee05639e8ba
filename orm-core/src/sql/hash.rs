//! A hash of shapes that takes a few nanoseconds: they are looked up once a query, where the standard one would be
//! among the dearest steps. Seeded at random, since strings from outside may become part of a shape.

use std::hash::{BuildHasher, Hasher, RandomState};

/// Makes the hashers of one table.
#[derive(Debug, Clone)]
pub(super) struct Seeded(u64);

impl Default for Seeded {
    fn default() -> Self {
        Seeded(RandomState::new().hash_one(0u8))
    }
}

impl BuildHasher for Seeded {
    type Hasher = Folded;

    fn build_hasher(&self) -> Folded {
        Folded(self.0)
    }
}

/// Folds the 128-bit product of what came before and what comes next.
pub(super) struct Folded(u64);

const ODD: u64 = 0x9e37_79b9_7f4a_7c15;

fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    #[allow(clippy::cast_possible_truncation)]
    let halves = (product as u64, (product >> 64) as u64);
    halves.0 ^ halves.1
}

impl Folded {
    fn add(&mut self, word: u64) {
        // The second factor is never zero, whatever the word.
        self.0 = fold(self.0 ^ word, ODD).wrapping_add(word.rotate_left(32));
    }
}

impl Hasher for Folded {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.add(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.add(u64::from_le_bytes(last));
    }

    fn write_usize(&mut self, number: usize) {
        self.add(number as u64);
    }

    fn finish(&self) -> u64 {
        fold(self.0, ODD)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn keys_that_differ_in_a_bit_hash_apart() {
        let seeded = Seeded::default();
        let mut seen = HashSet::new();
        for length in 0..40 {
            seen.insert(seeded.hash_one(vec![0u8; length].as_slice()));
        }
        for bit in 0..40 * 8 {
            let mut key = [0u8; 40];
            key[bit / 8] |= 1 << (bit % 8);
            seen.insert(seeded.hash_one(&key[..]));
        }
        assert_eq!(seen.len(), 40 + 40 * 8);
    }
}
