//! What is remembered of each candidate until its children turn up: what its mutation chose, whether it became a
//! parent, and which founder it comes from.
//!
//! Twelve bytes a candidate, in an array by id. Forgetting those that left the population would need less, but the trace
//! does not say how long a strategy remembers. An id more than [`AHEAD`] beyond the number of rows seen is not followed,
//! so that a trace with wild ids cannot exhaust the memory.

use crate::layout::Layout;
use lamarck_sdk::Origin;
use lamarck_sdk::model::candidate::value_at;
use lamarck_sdk::prelude::*;

/// How far beyond the number of rows seen an id may be. In a run of ours, ids exceed it by the candidates in flight.
const AHEAD: u64 = 1 << 20;
/// Choices of founders that are kept: 32 MB.
const FOUNDERS: usize = 1 << 24;
/// Set in a code once the candidate is somebody's parent.
const PARENT: u32 = 1 << 31;
/// Codes that are no option.
const UNSEEN: u32 = PARENT - 1;
const NO_MUTATION: u32 = PARENT - 2;
const OTHER_MUTATION: u32 = PARENT - 3;
const NO_FOUNDER: u32 = u32::MAX;

#[derive(Debug, Clone, Copy)]
struct State {
    /// The option that a mutation chose, or one of the codes, and whether the candidate became a parent.
    code: u32,
    founder: u32,
    depth: u32,
}

const UNKNOWN: State = State { code: UNSEEN, founder: NO_FOUNDER, depth: 0 };

/// Mutations by the option that they chose.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Mutations {
    /// For each option, mutations that changed one decision, to it.
    pub(crate) made: Vec<u64>,
    /// Of these, those that have been a member of the population for as long as members are.
    pub(crate) judged: Vec<u64>,
    /// Of these, those whose child became a parent.
    pub(crate) survived: Vec<u64>,
    /// The same three for mutations that changed several decisions or none, or it is not known which.
    pub(crate) other: [u64; 3],
}

/// Sums over candidates of one depth.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Walk {
    pub(crate) distance: u64,
    pub(crate) n: u64,
}

/// All candidates of a run, by id.
#[derive(Debug, Clone)]
pub(crate) struct Descent {
    rows: u64,
    states: Vec<State>,
    /// Vectors of founders, one after the other.
    founders: Vec<Choice>,
    most_founders: usize,
    /// The last candidates, up to twice as many as needed: those that are still being judged.
    recent: Vec<u64>,
    unjudged: usize,
    /// By [`bin`] of depth.
    pub(crate) walks: Vec<Walk>,
    /// Candidates that name a parent.
    pub(crate) with_parent: u64,
    /// Of these, those whose parent had not finished, or was not followed, so that their founder is not known.
    pub(crate) orphans: u64,
    /// Mutations, followed or not.
    pub(crate) mutations: u64,
    /// Candidates whose ids are out of reach.
    pub(crate) lost: u64,
}

impl Descent {
    /// Candidates count as judged when `unjudged` more have finished.
    pub(crate) fn new(layout: &Layout, unjudged: u64) -> Self {
        Self {
            rows: 0,
            states: Vec::new(),
            founders: Vec::new(),
            most_founders: FOUNDERS / layout.width(),
            recent: Vec::new(),
            // Populations and workers are millions at most.
            unjudged: usize::try_from(unjudged.min(1 << 22)).unwrap_or(1 << 22),
            walks: Vec::new(),
            with_parent: 0,
            orphans: 0,
            mutations: 0,
            lost: 0,
        }
    }

    /// Where a candidate's state stands, unless its id is out of reach.
    #[inline]
    fn slot(&mut self, id: u64) -> Option<&mut State> {
        if id >= self.states.len() as u64 {
            if id >= self.rows + AHEAD {
                return None;
            }
            self.grow(usize::try_from(id).ok()? + 1);
        }
        self.states.get_mut(usize::try_from(id).ok()?)
    }

    /// Grows by an eighth at least: doubling would double what ten million candidates take.
    #[cold]
    fn grow(&mut self, len: usize) {
        if len > self.states.capacity() {
            self.states.reserve_exact((len - self.states.len()).max(self.states.len() / 8).max(4096));
        }
        // Up to the capacity, so that this is called seldom.
        self.states.resize(self.states.capacity().max(len), UNKNOWN);
    }

    /// Marks a candidate's parents as such, and returns the first one's state.
    #[inline]
    pub(crate) fn mark_parents(&mut self, batch: &Columns<'_>, row: usize) -> Option<(u32, u32)> {
        if let Some(state) = value_at(batch.parent_b, row).and_then(|parent| self.slot(parent)) {
            state.code |= PARENT;
        }
        let state = self.slot(value_at(batch.parent, row)?)?;
        state.code |= PARENT;
        Some((state.founder, state.depth))
    }

    /// Takes in a finished candidate, whose vector is in range. Returns in how many decisions it differs from its
    /// founder, if it is a descendant of one.
    #[inline]
    pub(crate) fn add(
        &mut self,
        batch: &Columns<'_>,
        row: usize,
        vector: &[Choice],
        layout: &Layout,
    ) -> Result<Option<u32>> {
        self.rows += 1;
        let parent = self.mark_parents(batch, row);
        let mutated = batch.origin[row] == Origin::Mutation as u8;
        let changed = value_at(batch.changed_decision, row);
        let code = match changed {
            Some(changed) if mutated || batch.origin[row] == Origin::Import as u8 => {
                let position = usize::from(changed);
                let (Some(span), Some(&choice)) = (layout.spans.get(position), vector.get(position)) else {
                    bail!(
                        "its mutation changed decision {changed}, but the search space has {} decisions; was the trace \
                         written with another space?",
                        layout.width()
                    );
                };
                span.start + u32::from(choice)
            }
            _ if mutated => OTHER_MUTATION,
            _ => NO_MUTATION,
        };
        self.mutations += u64::from(code != NO_MUTATION);

        let (mut founder, mut depth, mut distance) = (NO_FOUNDER, 0, None);
        if value_at(batch.parent, row).is_some() {
            self.with_parent += 1;
            match parent {
                Some((known, generations)) if known != NO_FOUNDER => {
                    (founder, depth) = (known, generations.saturating_add(1));
                    let start = founder as usize * vector.len();
                    let origin = self.founders.get(start..start + vector.len()).unwrap_or_default();
                    let differing = origin.iter().zip(vector).map(|(a, b)| u32::from(a != b)).sum::<u32>();
                    let bin = bin(depth);
                    if self.walks.len() <= bin {
                        self.walks.resize(bin + 1, Walk::default());
                    }
                    let walk = &mut self.walks[bin];
                    walk.distance += u64::from(differing);
                    walk.n += 1;
                    distance = Some(differing);
                }
                _ => self.orphans += 1,
            }
        } else if code == NO_MUTATION && batch.origin[row] != Origin::Recombination as u8 {
            let number = self.founders.len() / vector.len().max(1);
            if number < self.most_founders {
                self.founders.extend_from_slice(vector);
                founder = u32::try_from(number).unwrap_or(NO_FOUNDER);
            }
        }
        match self.slot(batch.id[row]) {
            // A child's row may have come first and said that this is a parent.
            Some(state) => *state = State { code: code | (state.code & PARENT), founder, depth },
            None => self.lost += 1,
        }
        Ok(distance)
    }

    /// Remembers which candidates finished last.
    pub(crate) fn finished(&mut self, ids: &[u64]) {
        let ids = &ids[ids.len().saturating_sub(self.unjudged)..];
        let total = self.recent.len() + ids.len();
        if total > 2 * self.unjudged {
            self.recent.drain(..(total - self.unjudged).min(self.recent.len()));
        }
        self.recent.extend_from_slice(ids);
    }

    /// Whether a candidate became a parent.
    pub(crate) fn is_parent(&self, id: u64) -> bool {
        let state = usize::try_from(id).ok().and_then(|id| self.states.get(id));
        state.is_some_and(|state| state.code & PARENT != 0)
    }

    /// The decision that a candidate's mutation changed, if it changed exactly one.
    pub(crate) fn changed(&self, id: u64, layout: &Layout) -> Option<usize> {
        let state = usize::try_from(id).ok().and_then(|id| self.states.get(id))?;
        let option = state.code & !PARENT;
        let decision = layout.spans.partition_point(|span| span.start <= option).checked_sub(1)?;
        ((option as usize) < layout.total).then_some(decision)
    }

    /// All mutations by the option that they chose.
    pub(crate) fn tally(&self, layout: &Layout) -> Mutations {
        let none = vec![0; layout.total];
        let mut tally = Mutations { made: none.clone(), judged: none.clone(), survived: none, other: [0; 3] };
        for state in &self.states {
            tally.count(state.code);
        }
        let unjudged = &self.recent[self.recent.len().saturating_sub(self.unjudged)..];
        // An id that was given twice has one state, and must not be taken back twice.
        let mut unjudged = unjudged.to_vec();
        unjudged.sort_unstable();
        unjudged.dedup();
        tally.judged.clone_from(&tally.made);
        tally.other[1] = tally.other[0];
        for id in unjudged {
            let Some(state) = usize::try_from(id).ok().and_then(|id| self.states.get(id)) else { continue };
            let option = (state.code & !PARENT) as usize;
            let survived = u64::from(state.code & PARENT != 0);
            if option < layout.total {
                tally.judged[option] -= 1;
                tally.survived[option] -= survived;
            } else if state.code & !PARENT == OTHER_MUTATION {
                tally.other[1] -= 1;
                tally.other[2] -= survived;
            }
        }
        tally
    }
}

impl Mutations {
    fn count(&mut self, code: u32) {
        let (option, survived) = (code & !PARENT, u64::from(code & PARENT != 0));
        if let Some(made) = self.made.get_mut(option as usize) {
            *made += 1;
            self.survived[option as usize] += survived;
        } else if option == OTHER_MUTATION {
            self.other[0] += 1;
            self.other[2] += survived;
        }
    }

    /// Mutations made, judged and survived, over all options and other mutations.
    pub(crate) fn totals(&self) -> [u64; 3] {
        let sum = |counts: &[u64]| counts.iter().sum::<u64>();
        [
            sum(&self.made) + self.other[0],
            sum(&self.judged) + self.other[1],
            sum(&self.survived) + self.other[2],
        ]
    }
}

/// The bin of a depth: its own below 16, eight an octave from there on.
pub(crate) fn bin(depth: u32) -> usize {
    if depth < 16 {
        return depth as usize;
    }
    let octave = depth.ilog2();
    16 + (octave as usize - 4) * 8 + ((depth >> (octave - 3)) & 7) as usize
}

/// The first depth of a bin, and how many depths it has.
pub(crate) fn depths(bin: usize) -> (f64, f64) {
    if bin < 16 {
        return (bin as f64, 1.0);
    }
    let step = (((bin - 16) / 8 + 1) as f64).exp2();
    ((8 + (bin - 16) % 8) as f64 * step, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depths_fall_into_the_bins_that_name_them() {
        assert_eq!((bin(1), bin(15), bin(16), bin(17), bin(18)), (1, 15, 16, 16, 17));
        for depth in (0..5000).chain([u32::MAX, u32::MAX / 3]) {
            let (first, count) = depths(bin(depth));
            assert!((first..first + count).contains(&f64::from(depth)), "{depth}: {first} + {count}");
        }
    }

    #[test]
    fn ids_beyond_reach_are_not_followed() {
        let layout = Layout::new(&lamarck_sdk::testing::space(&[2])).unwrap();
        let mut descent = Descent::new(&layout, 0);
        assert!(descent.slot(u64::MAX - 1).is_none() && descent.slot(AHEAD).is_none());
        assert!(descent.slot(AHEAD - 1).is_some());
    }
}
