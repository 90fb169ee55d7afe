//! How a parent is chosen from the population.

use crate::population::Population;
use lamarck_sdk::Rng;

/// A rule that chooses a parent.
pub trait Selection: Send + 'static {
    /// The slot of the chosen member. `population` is never empty.
    fn select(&mut self, population: &Population, rng: &mut Rng) -> usize;
}

/// Every member with equal chance: no selection. One draw: `below(members)` is the slot.
#[derive(Debug, Clone, Copy, Default)]
pub struct Evenly;

impl Selection for Evenly {
    #[inline]
    fn select(&mut self, population: &Population, rng: &mut Rng) -> usize {
        rng.index(population.len())
    }
}

/// The best of a sample.
///
/// With replacement: one `below(members)` a draw. Without: Floyd's algorithm, which needs one draw a member too and
/// never rejects one: for `j` from `members - sample` up to `members - 1` draw `t = below(j + 1)` and take slot `t`,
/// or slot `j` if `t` was taken. It yields every set with equal chance, though not every order, and the best of a set
/// does not depend on its order.
///
/// Of a population smaller than the sample everybody takes part (without replacement).
#[derive(Debug, Clone)]
pub struct Tournament {
    sample: usize,
    replacement: bool,
    /// One bit a slot: whether it was drawn. All zero between calls.
    drawn: Vec<u64>,
}

impl Tournament {
    /// Tournaments of `sample` members, at least one, from a population of at most `capacity`.
    pub fn new(sample: u32, replacement: bool, capacity: usize) -> Self {
        let sample = usize::try_from(sample).unwrap_or(usize::MAX).max(1);
        Self { sample, replacement, drawn: vec![0; capacity.div_ceil(64)] }
    }

    /// Marks a slot as drawn; whether it was before.
    #[inline]
    fn mark(&mut self, slot: usize) -> bool {
        let (word, bit) = (&mut self.drawn[slot / 64], 1 << (slot % 64));
        let was = *word & bit != 0;
        *word |= bit;
        was
    }
}

impl Selection for Tournament {
    #[inline]
    fn select(&mut self, population: &Population, rng: &mut Rng) -> usize {
        let members = population.len();
        if self.replacement {
            let mut best = rng.index(members);
            for _ in 1..self.sample {
                let slot = rng.index(members);
                if population.is_better(slot, best) {
                    best = slot;
                }
            }
            return best;
        }
        let first = members - self.sample.min(members);
        let mut best = rng.index(first + 1);
        self.mark(best);
        for last in first + 1..members {
            let mut slot = rng.index(last + 1);
            if self.mark(slot) {
                slot = last;
                self.mark(slot);
            }
            if population.is_better(slot, best) {
                best = slot;
            }
        }
        self.drawn.fill(0);
        best
    }
}
