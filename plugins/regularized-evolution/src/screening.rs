//! Turning duplicates away.

use crate::options::{Duplicates, ScreeningOptions};
use lamarck_sdk::{Choice, SpaceSpec};
use rustc_hash::FxHashSet;
use xxhash_rust::xxh3::Xxh3;

/// The vectors that were submitted, and the rule for one that was before.
///
/// A duplicate is rejected, and the strategy asked again: all of the proposal is drawn anew, the parent too, since a
/// parent whose neighbours have all been tried could not be mutated into anything new. So rejection moves selection
/// towards parents with untried neighbours. After `max_redraws` rejections in a row the next vector is accepted
/// whatever it is, and once every vector of an unconstrained space has been submitted all are: a search must not hang
/// because its space is exhausted.
///
/// Memory: 16 bytes (times the load of a hash set) for each vector submitted. A vector is known by its position in
/// the space where that fits 128 bits, which is exact; in a larger space by XXH3-128 of its choices, where two among
/// n vectors collide with probability below n^2 / 2^129.
#[derive(Debug, Clone)]
pub(crate) struct Screening {
    seen: FxHashSet<u128>,
    /// Options of each decision, when the space's size fits 128 bits.
    radices: Option<Vec<u128>>,
    /// The number of valid vectors, when known.
    size: Option<u128>,
    rejected: u32,
    max_redraws: u32,
}

impl Screening {
    /// `None` when duplicates are kept.
    pub(crate) fn new(options: ScreeningOptions, space: &SpaceSpec) -> Option<Self> {
        if options.duplicates == Duplicates::Keep {
            return None;
        }
        let size = space.size();
        Some(Self {
            seen: FxHashSet::default(),
            radices: size.map(|_| space.decisions.iter().map(|d| d.options.len() as u128).collect()),
            size: size.filter(|_| !space.constrained),
            rejected: 0,
            max_redraws: options.max_redraws,
        })
    }

    /// Whether a vector is to be submitted. If so it counts as submitted.
    pub(crate) fn accept(&mut self, choices: &[Choice]) -> bool {
        let exhausted = self.size.is_some_and(|size| self.seen.len() as u128 >= size);
        let new = self.seen.insert(self.key(choices));
        let accepted = new || exhausted || self.rejected >= self.max_redraws;
        self.rejected = if accepted { 0 } else { self.rejected + 1 };
        accepted
    }

    fn key(&self, choices: &[Choice]) -> u128 {
        if let Some(radices) = &self.radices {
            // The whole product fits, so no step overflows while choices are in range, which the engine sees to.
            let step = |key: u128, (&radix, &choice): (&u128, &Choice)| {
                key.wrapping_mul(radix).wrapping_add(u128::from(choice))
            };
            return radices.iter().zip(choices).fold(0, step);
        }
        let mut hash = Xxh3::new();
        for choice in choices {
            hash.update(&choice.to_le_bytes());
        }
        hash.digest128()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamarck_sdk::testing::space;

    fn screening(max_redraws: u32, options: &[usize]) -> Screening {
        let duplicates = Duplicates::Reject;
        Screening::new(ScreeningOptions { duplicates, max_redraws }, &space(options)).unwrap()
    }

    #[test]
    fn a_duplicate_is_accepted_after_so_many_rejections_in_a_row() {
        let mut screening = screening(2, &[3, 3]);
        assert!(screening.accept(&[1, 2]));
        assert!(!screening.accept(&[1, 2]));
        assert!(screening.accept(&[2, 1]), "a new vector starts the count afresh");
        assert!(!screening.accept(&[1, 2]));
        assert!(!screening.accept(&[2, 1]));
        assert!(screening.accept(&[1, 2]));
        assert!(!screening.accept(&[1, 2]));
    }

    #[test]
    fn an_exhausted_space_rejects_nothing() {
        let mut screening = screening(1000, &[2, 1, 2]);
        for vector in [[0, 0, 0], [0, 0, 1], [1, 0, 0], [1, 0, 1]] {
            assert!(screening.accept(&vector));
        }
        assert!(screening.accept(&[1, 0, 1]));
    }

    #[test]
    fn vectors_of_a_space_beyond_128_bits_are_told_apart_too() {
        let mut screening = screening(1000, &[65_536; 9]);
        assert!(screening.radices.is_none());
        assert!(screening.accept(&[1, 2, 3, 4, 5, 6, 7, 8, 9]));
        assert!(screening.accept(&[1, 2, 3, 4, 5, 6, 7, 9, 8]));
        assert!(!screening.accept(&[1, 2, 3, 4, 5, 6, 7, 8, 9]));
    }
}
