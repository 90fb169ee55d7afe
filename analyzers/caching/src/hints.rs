//! What a lineage-aware policy is told, computed from the trace as it was known at each moment.
//!
//! | policy | value of an object |
//! |---|---|
//! | `population` | 0 once no member has it in its map and no child in flight was promised it, 1 otherwise |
//! | `descendants` | for each member that holds it, that member and its living descendants; and the children in flight that inherit it |
//! | `next-donor` | reads to be expected: for each member that holds it, the chance of its rank times the choices it has left; for each child in flight that inherits it 1 for what it is about to read, and 1 for what it will be chosen for |
//!
//! **Nothing here knows the future.** A member's descendants are counted along first parents, among members only: who can no
//! longer be chosen brings nobody to read anything. The 1 of a child in flight is what a member is chosen for in its
//! life on average, its rank not being known yet.
//!
//! **Values are kept near, not exact.** Every completion moves all ranks and ages. Those are worked out anew after every eighth
//! of a population, and the value of an object (under `descendants` too) is told again when it is off by a quarter of
//! what was told, or becomes 0. Exact values would be population x layers hints for each candidate.
//!
//! With donors by best match the donor need not be the member that was chosen. Descent and choice are then those of the
//! parent, whose layers the donor shares more often than not.

use crate::stream::{Now, Stream, Visitor};
use lamarck_cache::Hint;
use std::collections::VecDeque;

/// How the strategy draws a parent from the population.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selection {
    /// The best of so many members.
    Tournament {
        /// Members drawn.
        sample: usize,
        /// Whether a member may be drawn more than once.
        replacement: bool,
    },
    /// Every member alike.
    Even,
}

impl Selection {
    /// The chance of each rank, the best first.
    pub fn chances(self, population: usize) -> Vec<f64> {
        let p = population as f64;
        match self {
            Self::Even => vec![1.0 / p; population],
            Self::Tournament { sample, replacement: true } => {
                // All draws at this rank or below, less all draws below it.
                let below = |rank: usize| ((population - rank) as f64 / p).powf(sample as f64);
                (0..population).map(|rank| below(rank) - below(rank + 1)).collect()
            }
            Self::Tournament { sample, replacement: false } => {
                // C(P - r, S - 1) / C(P, S), each from the one before it.
                let sample = sample.min(population) as f64;
                let next = |(rank, chance): (f64, f64)| {
                    let left = p - rank;
                    let factor = if left > 0.0 { (left - sample + 1.0) / left } else { 0.0 };
                    (rank + 1.0, chance * factor.max(0.0))
                };
                std::iter::successors(Some((1.0, sample / p)), |&state| Some(next(state)))
                    .map(|(_, chance)| chance)
                    .take(population)
                    .collect()
            }
        }
    }
}

/// What was said last of each object, and what is true.
struct Values {
    said: Vec<f64>,
    /// Objects whose value may have changed in this step.
    touched: Vec<u32>,
    hints: Vec<Hint>,
}

impl Values {
    fn new(objects: usize) -> Self {
        // An object that nobody spoke of has the value 1.
        Self { said: vec![1.0; objects], touched: Vec::new(), hints: Vec::new() }
    }

    /// Says what has changed by more than a share of what was said.
    fn say(&mut self, before: u32, tolerance: f64, value: impl Fn(u32) -> f64) {
        for object in self.touched.drain(..) {
            let (said, value) = (&mut self.said[object as usize], value(object));
            let gone = value <= 0.0 && *said > 0.0;
            if gone || (value - *said).abs() > tolerance * *said {
                *said = value;
                self.hints.push(Hint { before, object, value });
            }
        }
    }
}

/// Hints for `population`.
pub(crate) fn population(stream: &Stream) -> Vec<Hint> {
    let objects = stream.object_count();
    let mut hints = InPopulation { stream, holders: vec![0; objects], values: Values::new(objects) };
    stream.walk(&mut hints);
    hints.values.hints
}

struct InPopulation<'a> {
    stream: &'a Stream,
    holders: Vec<u32>,
    values: Values,
}

impl InPopulation<'_> {
    fn say(&mut self, now: Now) {
        let holders = &self.holders;
        self.values.say(now.access, 0.0, |object| f64::from(u8::from(holders[object as usize] > 0)));
    }
}

impl Visitor for InPopulation<'_> {
    fn promised(&mut self, row: u32, now: Now) {
        for object in self.stream.inherited(row) {
            self.holders[object as usize] += 1;
            self.values.touched.push(object);
        }
        self.say(now);
    }

    fn writes(&mut self, row: u32, _now: Now) {
        self.stream.inherited(row).for_each(|object| self.holders[object as usize] -= 1);
        self.values.touched.extend_from_slice(self.stream.map(row));
    }

    fn joins(&mut self, row: u32, _now: Now) {
        self.stream.map(row).iter().for_each(|&object| self.holders[object as usize] += 1);
    }

    fn leaves(&mut self, row: u32, _now: Now) {
        self.stream.map(row).iter().for_each(|&object| self.holders[object as usize] -= 1);
        self.values.touched.extend_from_slice(self.stream.map(row));
    }

    fn finished(&mut self, _row: u32, now: Now) {
        self.say(now);
    }
}

/// Hints for `descendants`.
pub(crate) fn descendants(stream: &Stream) -> Vec<Hint> {
    let objects = stream.object_count();
    let mut hints = Descendants {
        stream,
        alive: vec![None; stream.candidate_count()],
        count: vec![0; objects],
        values: Values::new(objects),
    };
    stream.walk(&mut hints);
    hints.values.hints
}

struct Descendants<'a> {
    stream: &'a Stream,
    /// Of each member how many of its descendants are members.
    alive: Vec<Option<u64>>,
    count: Vec<u64>,
    values: Values,
}

impl Descendants<'_> {
    /// The members that a candidate descends from, as far as the line is unbroken: members leave in the order in which they
    /// came, so who is above one that has left has left too.
    fn ancestors(&self, row: u32) -> Vec<u32> {
        let above = |&row: &u32| {
            let ancestor = self.stream.candidates.ancestor(row)?;
            self.alive[ancestor as usize].map(|_| ancestor)
        };
        std::iter::successors(above(&row), above).collect()
    }

    fn add(&mut self, row: u32, by: u64) {
        for &object in self.stream.map(row) {
            self.count[object as usize] += by;
            self.values.touched.push(object);
        }
    }

    fn subtract(&mut self, row: u32, by: u64) {
        for &object in self.stream.map(row) {
            self.count[object as usize] -= by;
            self.values.touched.push(object);
        }
    }

    fn say(&mut self, now: Now) {
        let count = &self.count;
        self.values.say(now.access, TOLERANCE, |object| count[object as usize] as f64);
    }
}

impl Visitor for Descendants<'_> {
    fn promised(&mut self, row: u32, now: Now) {
        for object in self.stream.inherited(row) {
            self.count[object as usize] += 1;
            self.values.touched.push(object);
        }
        self.say(now);
    }

    fn writes(&mut self, row: u32, _now: Now) {
        for object in self.stream.inherited(row) {
            self.count[object as usize] -= 1;
            self.values.touched.push(object);
        }
    }

    fn joins(&mut self, row: u32, _now: Now) {
        self.alive[row as usize] = Some(0);
        self.add(row, 1);
        for ancestor in self.ancestors(row) {
            if let Some(below) = &mut self.alive[ancestor as usize] {
                *below += 1;
            }
            self.add(ancestor, 1);
        }
    }

    fn leaves(&mut self, row: u32, _now: Now) {
        // Only where rows are not in the order of finishing can there be any.
        for ancestor in self.ancestors(row) {
            if let Some(below) = self.alive[ancestor as usize].as_mut().filter(|below| **below > 0) {
                *below -= 1;
                self.subtract(ancestor, 1);
            }
        }
        let below = self.alive[row as usize].take().unwrap_or(0);
        self.subtract(row, 1 + below);
    }

    fn finished(&mut self, _row: u32, now: Now) {
        self.say(now);
    }
}

/// How far a value may be off before it is told again.
const TOLERANCE: f64 = 0.25;

/// Hints for `next-donor`.
pub(crate) fn next_donor(stream: &Stream, selection: Selection, population: usize) -> Vec<Hint> {
    let objects = stream.object_count();
    let mut hints = NextDonor {
        stream,
        chances: selection.chances(population),
        members: VecDeque::new(),
        ranking: Vec::new(),
        expected: vec![0.0; stream.candidate_count()],
        holders: vec![0; objects],
        value: vec![0.0; objects],
        until_refresh: 0,
        values: Values::new(objects),
    };
    stream.walk(&mut hints);
    hints.values.hints
}

struct NextDonor<'a> {
    stream: &'a Stream,
    /// By rank.
    chances: Vec<f64>,
    members: VecDeque<u32>,
    /// The members at the last refresh, the best first.
    ranking: Vec<u32>,
    /// What each member contributes to its objects.
    expected: Vec<f64>,
    /// Members and children in flight that hold an object: without any its value is 0, whatever rounding left.
    holders: Vec<u32>,
    value: Vec<f64>,
    until_refresh: usize,
    values: Values,
}

impl NextDonor<'_> {
    /// Whether `a` is better: the higher score, then the lower id.
    fn better(&self, a: u32, b: u32) -> std::cmp::Ordering {
        let candidates = &self.stream.candidates;
        let score = candidates.score(b).total_cmp(&candidates.score(a));
        score.then(candidates.id[a as usize].cmp(&candidates.id[b as usize]))
    }

    fn chance(&self, rank: usize) -> f64 {
        self.chances.get(rank).or(self.chances.last()).copied().unwrap_or(0.0)
    }

    fn expect(&mut self, row: u32, expected: f64) {
        let change = expected - std::mem::replace(&mut self.expected[row as usize], expected);
        for &object in self.stream.map(row) {
            self.value[object as usize] += change;
            self.values.touched.push(object);
        }
    }

    fn refresh(&mut self) {
        let mut ranking: Vec<u32> = self.members.iter().copied().collect();
        ranking.sort_unstable_by(|&a, &b| self.better(a, b));
        let mut chance = vec![0.0; ranking.len()];
        // Where each member stands: places are found by row, which the ring is not sorted by in odd traces.
        let mut places: Vec<(u32, usize)> = self.members.iter().copied().zip(0..).collect();
        places.sort_unstable();
        for (rank, row) in ranking.iter().enumerate() {
            if let Ok(found) = places.binary_search_by_key(row, |&(row, _)| row) {
                chance[places[found].1] = self.chance(rank);
            }
        }
        let missing = self.chances.len().saturating_sub(self.members.len());
        for (age, (row, chance)) in self.members.clone().into_iter().zip(chance).enumerate() {
            // The oldest leaves first; while the population is not full everybody stays longer.
            self.expect(row, chance * (age + missing + 1) as f64);
        }
        self.ranking = ranking;
    }

    fn say(&mut self, now: Now) {
        let (value, holders) = (&self.value, &self.holders);
        self.values.say(now.access, TOLERANCE, |object| {
            let o = object as usize;
            if holders[o] == 0 { 0.0 } else { value[o].max(0.0) }
        });
    }

    fn inherit(&mut self, row: u32, change: f64) {
        for object in self.stream.inherited(row) {
            self.value[object as usize] += change;
            self.values.touched.push(object);
        }
    }
}

impl Visitor for NextDonor<'_> {
    fn promised(&mut self, row: u32, now: Now) {
        self.stream.inherited(row).for_each(|object| self.holders[object as usize] += 1);
        self.inherit(row, 2.0);
        self.say(now);
    }

    fn reads(&mut self, row: u32, now: Now) {
        self.inherit(row, -1.0);
        self.say(now);
    }

    fn writes(&mut self, row: u32, _now: Now) {
        self.inherit(row, -1.0);
        self.stream.inherited(row).for_each(|object| self.holders[object as usize] -= 1);
    }

    fn joins(&mut self, row: u32, _now: Now) {
        self.stream.map(row).iter().for_each(|&object| self.holders[object as usize] += 1);
        self.members.push_back(row);
        let rank = self.ranking.partition_point(|&other| self.better(other, row).is_lt());
        self.expect(row, self.chance(rank) * self.chances.len() as f64);
    }

    fn leaves(&mut self, row: u32, _now: Now) {
        self.members.pop_front();
        self.expect(row, 0.0);
        self.stream.map(row).iter().for_each(|&object| self.holders[object as usize] -= 1);
    }

    fn finished(&mut self, _row: u32, now: Now) {
        self.until_refresh = self.until_refresh.saturating_sub(1);
        if self.until_refresh == 0 {
            self.refresh();
            self.until_refresh = (self.chances.len() / 8).max(1);
        }
        self.say(now);
    }
}

#[cfg(test)]
mod tests;
