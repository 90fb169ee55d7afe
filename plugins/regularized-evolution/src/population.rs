//! The FIFO population.

use lamarck_sdk::CandidateId;

/// The last so many finished candidates.
///
/// Members stand in slots numbered from 0; the k-th candidate to enter (from 0) takes slot k modulo the capacity,
/// and so the slot of the oldest. Scores and ids are arrays of their own, because ranks are found by running
/// through all scores.
#[derive(Debug, Clone)]
pub struct Population {
    /// Larger is better; minus infinity for a failure. Never not-a-number.
    scores: Vec<f64>,
    ids: Vec<CandidateId>,
    /// The slot that the next candidate takes.
    next: usize,
    capacity: usize,
}

impl Population {
    /// An empty population for `capacity` candidates; at least one.
    pub fn new(capacity: u32) -> Self {
        let capacity = usize::try_from(capacity).unwrap_or(usize::MAX).max(1);
        Self { scores: Vec::with_capacity(capacity), ids: Vec::with_capacity(capacity), next: 0, capacity }
    }

    /// How many candidates it can hold.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// How many candidates it holds.
    #[inline]
    pub fn len(&self) -> usize {
        self.scores.len()
    }

    /// Whether it holds none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.scores.is_empty()
    }

    /// Whether the next candidate to enter displaces the oldest.
    #[inline]
    pub fn is_full(&self) -> bool {
        self.len() == self.capacity
    }

    /// Takes in a candidate, and returns the one that left for it.
    #[inline]
    pub fn enter(&mut self, id: CandidateId, score: Option<f64>) -> Option<CandidateId> {
        let score = score.filter(|score| !score.is_nan()).unwrap_or(f64::NEG_INFINITY);
        let slot = self.next;
        self.next = if slot + 1 == self.capacity { 0 } else { slot + 1 };
        if self.is_full() {
            self.scores[slot] = score;
            Some(std::mem::replace(&mut self.ids[slot], id))
        } else {
            self.scores.push(score);
            self.ids.push(id);
            None
        }
    }

    /// The member in a slot. Panics when there is none.
    #[inline]
    pub fn id(&self, slot: usize) -> CandidateId {
        self.ids[slot]
    }

    /// Whether the member in slot `a` is better than the one in slot `b`: higher score, then lower id. Panics when
    /// either slot is empty.
    #[inline]
    pub fn is_better(&self, a: usize, b: usize) -> bool {
        let (mine, theirs) = (self.scores[a], self.scores[b]);
        #[expect(clippy::float_cmp, reason = "only scores that are the same number tie")]
        let tie = mine == theirs;
        #[expect(
            clippy::needless_bitwise_bool,
            reason = "a branch on what is a coin toss is mispredicted half the time"
        )]
        let better = (mine > theirs) | (tie & (self.ids[a] < self.ids[b]));
        better
    }

    /// The rank of the member in a slot, 1 the best. Panics when there is none.
    #[inline]
    pub fn rank(&self, slot: usize) -> u32 {
        let (score, id) = (self.scores[slot], self.ids[slot]);
        // A counter as wide as the scores, and the sign of a difference for "lower id" (ids are far below 2^63), are
        // what lets this become vector code on every x86-64 and Arm.
        let mut above = 0_u64;
        for (&other, &theirs) in self.scores.iter().zip(&self.ids) {
            #[expect(clippy::float_cmp, reason = "only scores that are the same number tie")]
            let tie = u64::from(other == score);
            above += u64::from(other > score) + (tie & (theirs.wrapping_sub(id) >> 63));
        }
        u32::try_from(above).unwrap_or(u32::MAX - 1) + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_leaves_whatever_its_score() {
        let mut population = Population::new(3);
        assert_eq!(population.enter(4, Some(9.0)), None);
        assert_eq!(population.enter(1, Some(1.0)), None);
        assert!(!population.is_full());
        assert_eq!(population.enter(7, None), None);
        assert_eq!(population.enter(8, Some(0.0)), Some(4));
        assert_eq!(population.enter(9, Some(0.0)), Some(1));
        assert_eq!(population.enter(10, Some(0.0)), Some(7));
        assert_eq!(population.enter(11, Some(0.0)), Some(8));
        assert_eq!(population.len(), 3);
    }

    #[test]
    fn ranks_break_ties_by_id_and_put_failures_last() {
        let mut population = Population::new(6);
        for (id, score) in [
            (5, Some(1.0)),
            (3, Some(1.0)),
            (9, None),
            (2, Some(f64::NAN)),
            (7, Some(2.0)),
            (8, Some(-1e300)),
        ] {
            population.enter(id, score);
        }
        let ranks: Vec<u32> = (0..6).map(|slot| population.rank(slot)).collect();
        assert_eq!(ranks, [3, 2, 6, 5, 1, 4]);
        for a in 0..6 {
            for b in 0..6 {
                assert_eq!(population.is_better(a, b), ranks[a] < ranks[b], "{a} {b}");
            }
        }
    }
}
