//! The FIFO population.

use lamarck_sdk::CandidateId;
use std::collections::VecDeque;

/// A member: better ones are less.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Member {
    /// Larger is better; minus infinity for a failure. Never not-a-number.
    score: f64,
    id: CandidateId,
}

impl Member {
    /// Higher score, then lower id.
    #[inline]
    fn is_better(self, other: Self) -> bool {
        #[expect(clippy::float_cmp, reason = "only scores that are the same number tie")]
        let tie = self.score == other.score;
        #[expect(
            clippy::needless_bitwise_bool,
            reason = "in a binary search a branch is a coin toss, mispredicted half the time"
        )]
        let better = (self.score > other.score) | (tie & (self.id < other.id));
        better
    }
}

/// The last so many finished candidates.
///
/// Members stand twice: in the order in which they entered, and in the order of their ranks. Keeping the second is
/// two binary searches and a short move of memory for each candidate that enters; in return a rank is a position, and
/// a tournament is a matter of positions alone. The alternative, counting the better members each time a parent is
/// chosen, took four times as many instructions for a hundred members and grew with their number.
#[derive(Debug, Clone)]
pub struct Population {
    entered: VecDeque<Member>,
    ranked: Vec<Member>,
    capacity: usize,
}

impl Population {
    /// An empty population for `capacity` candidates; at least one.
    pub fn new(capacity: u32) -> Self {
        let capacity = usize::try_from(capacity).unwrap_or(usize::MAX).max(1);
        // Memory follows the members: a capacity of billions is no reason to ask for it at once.
        let first = capacity.min(1 << 16);
        Self { entered: VecDeque::with_capacity(first), ranked: Vec::with_capacity(first), capacity }
    }

    /// How many candidates it can hold.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// How many candidates it holds.
    #[inline]
    pub fn len(&self) -> usize {
        self.ranked.len()
    }

    /// Whether it holds none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.ranked.is_empty()
    }

    /// Whether the next candidate to enter displaces the oldest.
    #[inline]
    pub fn is_full(&self) -> bool {
        self.len() == self.capacity
    }

    /// Takes in a candidate, and returns the one that left for it.
    pub fn enter(&mut self, id: CandidateId, score: Option<f64>) -> Option<CandidateId> {
        let score = score.filter(|score| !score.is_nan()).unwrap_or(f64::NEG_INFINITY);
        let new = Member { score, id };
        let to = self.ranked.partition_point(|member| member.is_better(new));
        let left = if self.is_full() { self.entered.pop_front() } else { None };
        self.entered.push_back(new);
        let Some(left) = left else {
            self.ranked.insert(to, new);
            return None;
        };
        // The one that left is among the ranked, at the place that its own rank says.
        let from = self.ranked.partition_point(|member| member.is_better(left));
        if to <= from {
            self.ranked.copy_within(to..from, to + 1);
            self.ranked[to] = new;
        } else {
            self.ranked.copy_within(from + 1..to, from);
            self.ranked[to - 1] = new;
        }
        Some(left.id)
    }

    /// The member of a rank, 0 the best: higher score, then lower id. Panics when there is none.
    #[inline]
    pub fn ranked(&self, rank: usize) -> CandidateId {
        self.ranked[rank].id
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
        assert_eq!([0, 1, 2].map(|rank| population.ranked(rank)), [9, 10, 11]);
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
        let order: Vec<CandidateId> = (0..6).map(|rank| population.ranked(rank)).collect();
        assert_eq!(order, [7, 3, 5, 8, 2, 9]);
    }

    #[test]
    fn the_order_is_that_of_sorting() {
        let mut population = Population::new(17);
        let mut naive: VecDeque<Member> = VecDeque::new();
        let mut rng = lamarck_sdk::Rng::from_seed(3);
        for id in 0..2000 {
            // Few distinct scores, so that ties are the rule, and ids out of order.
            let (id, score) = (id ^ 5, Some(rng.below(6) as f64).filter(|&score| score > 0.0));
            let left = population.enter(id, score);
            naive.push_back(Member { id, score: score.unwrap_or(f64::NEG_INFINITY) });
            let naive_left = if naive.len() > 17 { naive.pop_front() } else { None };
            assert_eq!(left, naive_left.map(|member| member.id));
            let mut sorted: Vec<Member> = naive.iter().copied().collect();
            sorted.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.id.cmp(&b.id)));
            let order: Vec<CandidateId> = (0..population.len()).map(|rank| population.ranked(rank)).collect();
            assert_eq!(order, sorted.iter().map(|member| member.id).collect::<Vec<_>>());
        }
    }
}
