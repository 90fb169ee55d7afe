//! The population as a run's rows imply it: ranks, and the children that ranks alone let expect.
//!
//! # The closed form
//!
//! Each completion in a full population of P draws one child, whose parent is the member of rank r (1 the best) with
//! probability C(P-r, S-1) / C(P, S) (tournaments of S without replacement), ((P-r+1)^S - (P-r)^S) / P^S (with
//! replacement), or 1/P (no selection). So a member expects the sum of these over the draws of its life. Draws are
//! known from the strategy's rule and not from the rows of children: a child's row comes some `workers` completions
//! after its draw.
//!
//! # How the sums are kept
//!
//! Adding each rank's probability to each member at each draw takes P additions a candidate. Instead, with D draws so
//! far, a member of rank r stores its expectation **less p(r) D**. While its rank stays, nothing changes. When
//! it goes from rank r to r + 1 the stored number changes by (p(r) - p(r+1)) D, and only members between the place of the
//! one that enters and the place of the one that leaves change ranks, by one each: a third of the population on average,
//! in one vectorised pass over memory that must be moved anyway. Numbers up to D cancel, so the error is some 10^-16 D a
//! step: below 10^-8 after ten million candidates.

use std::collections::VecDeque;
use std::hint::select_unpredictable;

/// How parents are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Draw {
    /// The best of so many, drawn without replacement.
    Tournament(usize),
    /// The best of so many, drawn with replacement.
    Replacing(usize),
    /// Any member with equal chance.
    Evenly,
}

impl Draw {
    /// The probability of each rank, the best first, in a population of so many.
    pub(crate) fn chances(self, population: usize) -> Vec<f64> {
        let p = population as f64;
        match self {
            Self::Evenly => vec![1.0 / p; population],
            Self::Replacing(sample) => {
                let at_least = |rank: usize| ((population - rank) as f64 / p).powf(sample as f64);
                (0..population).map(|rank| at_least(rank) - at_least(rank + 1)).collect()
            }
            Self::Tournament(sample) => {
                let s = sample.min(population) as f64;
                let mut chance = s / p;
                let mut chances = Vec::with_capacity(population);
                for rank in 1..=population {
                    chances.push(chance);
                    let worse = p - rank as f64;
                    // The next: C(P-r-1, S-1) = C(P-r, S-1) (P-r-S+1) / (P-r).
                    chance *= if worse > 0.0 { (worse - s + 1.0).max(0.0) / worse } else { 0.0 };
                }
                chances
            }
        }
    }
}

/// A member: better ones are less. Failures have minus infinity.
#[derive(Debug, Clone, Copy)]
struct Member {
    score: f64,
    id: u32,
}

impl Member {
    /// Higher score, then lower id: the strategies' rule.
    #[inline]
    fn is_better(self, other: Self) -> bool {
        #[expect(clippy::float_cmp, reason = "only scores that are the same number tie")]
        let tie = self.score == other.score;
        #[expect(
            clippy::needless_bitwise_bool,
            reason = "a branch in a binary search is mispredicted half the time"
        )]
        let better = (self.score > other.score) | (tie & (self.id < other.id));
        better
    }
}

/// What happened when a candidate entered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Entered {
    /// Its rank, 1 the best.
    pub(crate) rank: u32,
    /// Who left, with the children that it expected.
    pub(crate) left: Option<(u32, f64)>,
}

/// The members by age and by rank.
#[derive(Debug, Clone)]
pub(crate) struct Population {
    capacity: usize,
    entered: VecDeque<Member>,
    ranked: Vec<Member>,
    /// By rank: expected children so far, less chance times draws.
    offsets: Vec<f64>,
    /// By rank: the probability of being drawn, and what a step to the next rank loses. All 0 if nobody knows.
    chances: Vec<f64>,
    steps: Vec<f64>,
    draws: f64,
    /// Draws of the moment when the population is full for the first time.
    first_draws: f64,
}

impl Population {
    /// An empty population. `first_draws` children are drawn at once when it is full for the first time.
    pub(crate) fn new(capacity: usize, draw: Option<Draw>, first_draws: u32) -> Self {
        let capacity = capacity.max(1);
        let chances = draw.map_or_else(|| vec![0.0; capacity], |draw| draw.chances(capacity));
        let steps = chances.windows(2).map(|pair| pair[0] - pair[1]).collect();
        Self {
            capacity,
            entered: VecDeque::new(),
            ranked: Vec::new(),
            offsets: Vec::new(),
            chances,
            steps,
            draws: 0.0,
            first_draws: f64::from(first_draws),
        }
    }

    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }

    /// The probability that the member of a rank, 0 the best, is drawn.
    pub(crate) fn chance(&self, rank: usize) -> f64 {
        self.chances.get(rank).copied().unwrap_or(0.0)
    }

    /// Children drawn so far.
    #[cfg(test)]
    pub(crate) fn draws(&self) -> f64 {
        self.draws
    }

    /// Takes in a candidate (`score` is not a number if it failed), and counts the draw that follows.
    #[inline]
    pub(crate) fn enter(&mut self, id: u32, score: f64) -> Entered {
        let new = Member { score: if score.is_nan() { f64::NEG_INFINITY } else { score }, id };
        let was_full = self.ranked.len() == self.capacity;
        let oldest = if was_full { self.entered.pop_front() } else { None };
        self.entered.push_back(new);
        let [to, from] = self.places([new, oldest.unwrap_or(new)]);
        let (rank, left) = match oldest {
            None => {
                // No draws yet, so ranks may shift without a settlement.
                self.ranked.insert(to, new);
                self.offsets.insert(to, 0.0);
                (to, None)
            }
            Some(oldest) => {
                let expected = self.offsets[from] + self.chances[from] * self.draws;
                let rank = self.exchange(from, to);
                self.ranked[rank] = new;
                self.offsets[rank] = -self.chances[rank] * self.draws;
                (rank, Some((oldest.id, expected)))
            }
        };
        if self.ranked.len() == self.capacity {
            self.draws += if was_full { 1.0 } else { self.first_draws };
        }
        Entered { rank: u32::try_from(rank + 1).unwrap_or(u32::MAX - 1), left }
    }

    /// How many members are better than each of two.
    ///
    /// Two binary searches in step: each waits for memory and comparisons at every halving, and together they wait once.
    #[inline]
    fn places(&self, of: [Member; 2]) -> [usize; 2] {
        let (mut at, mut size) = ([0; 2], self.ranked.len());
        if size == 0 {
            return at;
        }
        while size > 1 {
            let half = size / 2;
            for (at, of) in at.iter_mut().zip(of) {
                let middle = *at + half;
                // A branch would be mispredicted half the time.
                *at = select_unpredictable(self.ranked[middle].is_better(of), middle, *at);
            }
            size -= half;
        }
        for (at, of) in at.iter_mut().zip(of) {
            *at += usize::from(self.ranked[*at].is_better(of));
        }
        at
    }

    /// Moves everybody between the place that becomes free and the place that is needed; returns the free one.
    #[inline]
    fn exchange(&mut self, from: usize, to: usize) -> usize {
        let draws = self.draws;
        if to <= from {
            self.ranked.copy_within(to..from, to + 1);
            self.offsets.copy_within(to..from, to + 1);
            for (offset, step) in self.offsets[to + 1..=from].iter_mut().zip(&self.steps[to..from]) {
                *offset += step * draws;
            }
            to
        } else {
            self.ranked.copy_within(from + 1..to, from);
            self.offsets.copy_within(from + 1..to, from);
            for (offset, step) in self.offsets[from..to - 1].iter_mut().zip(&self.steps[from..to - 1]) {
                *offset -= step * draws;
            }
            to - 1
        }
    }

    /// The rank of a member, 1 the best.
    pub(crate) fn rank(&self, id: u32) -> Option<usize> {
        self.ranked.iter().position(|member| member.id == id).map(|rank| rank + 1)
    }

    /// Members with the children they expected so far, the best first.
    #[cfg(test)]
    fn members(&self) -> Vec<(u32, f64)> {
        let expected =
            self.offsets.iter().zip(&self.chances).map(|(offset, chance)| offset + chance * self.draws);
        self.ranked.iter().map(|member| member.id).zip(expected).collect()
    }
}

#[cfg(test)]
#[expect(clippy::cast_possible_truncation, clippy::float_cmp, reason = "small whole numbers")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn choose(n: u64, k: u64) -> f64 {
        if k > n { 0.0 } else { (0..k).map(|i| (n - i) as f64 / (k - i) as f64).product() }
    }

    #[test]
    fn chances_are_the_closed_form() {
        for (p, s) in [(1_u64, 1_u64), (5, 1), (5, 5), (10, 3), (64, 32), (100, 10)] {
            let chances = Draw::Tournament(s as usize).chances(p as usize);
            for (rank, chance) in (1..=p).zip(&chances) {
                assert!((chance - choose(p - rank, s - 1) / choose(p, s)).abs() < 1e-12, "{p} {s} {rank}");
            }
            for draw in [Draw::Tournament(s as usize), Draw::Replacing(s as usize), Draw::Evenly] {
                assert!((draw.chances(p as usize).iter().sum::<f64>() - 1.0).abs() < 1e-12);
            }
        }
        // Two draws of three members with replacement: 5, 3 and 1 of nine.
        let expected = [5.0 / 9.0, 3.0 / 9.0, 1.0 / 9.0];
        let chances = Draw::Replacing(2).chances(3);
        assert!(chances.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12));
    }

    proptest! {
        /// Against adding each rank's probability to each member at each draw.
        #[test]
        fn expectations_are_those_of_adding_at_every_draw(
            scores in prop::collection::vec(prop::option::weighted(0.9, 0_u8..8), 0..120),
            capacity in 1_usize..12,
            sample in 1_usize..12,
            first in 1_u32..4,
        ) {
            let draw = Draw::Tournament(sample.min(capacity));
            let chances = draw.chances(capacity);
            let mut population = Population::new(capacity, Some(draw), first);
            let mut naive: VecDeque<(f64, u32, f64)> = VecDeque::new();
            let (mut gone, mut draws) = (0.0, 0.0);
            for (id, score) in scores.into_iter().enumerate() {
                // Ids out of order, ties, failures.
                let id = (id as u32) ^ 5;
                let score = score.map_or(f64::NAN, f64::from);
                let entered = population.enter(id, score);
                naive.push_back((if score.is_nan() { f64::NEG_INFINITY } else { score }, id, 0.0));
                let was_full = naive.len() > capacity;
                let left = if was_full { naive.pop_front() } else { None };
                gone += left.map_or(0.0, |of| of.2);
                prop_assert_eq!(entered.left.map(|of| of.0), left.map(|of| of.1));
                prop_assert!((entered.left.map_or(0.0, |of| of.1) - left.map_or(0.0, |of| of.2)).abs() < 1e-9);
                let mut order: Vec<usize> = (0..naive.len()).collect();
                order.sort_by(|&a, &b| naive[b].0.total_cmp(&naive[a].0).then(naive[a].1.cmp(&naive[b].1)));
                prop_assert_eq!(population.rank(id), Some(entered.rank as usize));
                prop_assert_eq!(naive[order[entered.rank as usize - 1]].1, id);
                if naive.len() == capacity {
                    let children = if was_full { 1.0 } else { f64::from(first) };
                    draws += children;
                    for (&member, chance) in order.iter().zip(&chances) {
                        naive[member].2 += chance * children;
                    }
                }
                for (&member, of) in order.iter().zip(population.members()) {
                    prop_assert_eq!(naive[member].1, of.0);
                    prop_assert!((naive[member].2 - of.1).abs() < 1e-9);
                }
            }
            // The expectations of all, gone or not, add up to the children drawn.
            let members: f64 = population.members().iter().map(|of| of.1).sum();
            prop_assert_eq!(population.draws(), draws);
            prop_assert!((gone + members - draws).abs() < 1e-9);
        }
    }
}
