//! How a parent is chosen from the population.

use lamarck_sdk::Rng;

/// A rule that chooses a parent by rank.
pub trait Selection: Send + 'static {
    /// The rank of the chosen one among so many members, 0 the best. `members` is at least 1.
    fn select(&mut self, members: usize, rng: &mut Rng) -> usize;
}

/// Every member with equal chance: no selection. One draw: `below(members)` is the rank.
#[derive(Debug, Clone, Copy, Default)]
pub struct Evenly;

impl Selection for Evenly {
    #[inline]
    fn select(&mut self, members: usize, rng: &mut Rng) -> usize {
        rng.index(members)
    }
}

/// The best of a sample.
///
/// Ranks are drawn instead of members, which is the same thing (a random set of members has a random set of ranks)
/// and makes the winner the least of them.
///
/// With replacement: one `below(members)` a draw. Without: Floyd's algorithm, which needs one draw a member too and
/// never rejects one: for `j` from `members - sample` up to `members - 1` draw `t = below(j + 1)` and take rank `t`,
/// or rank `j` if `t` was taken. It yields every set with equal chance, though not every order, and the least of a
/// set does not depend on its order.
///
/// Of a population smaller than the sample everybody takes part (without replacement), and the best wins.
#[derive(Debug, Clone)]
pub struct Tournament {
    sample: usize,
    replacement: bool,
}

impl Tournament {
    /// Tournaments of `sample` members, at least one.
    pub fn new(sample: u32, replacement: bool) -> Self {
        Self { sample: usize::try_from(sample).unwrap_or(usize::MAX).max(1), replacement }
    }
}

impl Selection for Tournament {
    #[inline]
    fn select(&mut self, members: usize, rng: &mut Rng) -> usize {
        let mut best = usize::MAX;
        if self.replacement {
            for _ in 0..self.sample {
                best = best.min(rng.index(members));
            }
            return best;
        }
        // Which ranks were taken need not be remembered: Floyd takes `j` instead of a rank that is in the sample
        // already, and `j` is larger than all of them, so neither changes the least.
        for last in members - self.sample.min(members)..members {
            best = best.min(rng.index(last + 1));
        }
        best
    }
}
