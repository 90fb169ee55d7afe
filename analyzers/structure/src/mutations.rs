//! Which decisions mutations change, and which mutations last.

use crate::spread::Spread;
use crate::value;
use lamarck_sdk::Origin;
use lamarck_sdk::prelude::*;

/// How far beyond the number of rows seen an id may be and still be followed. In a run of ours ids exceed it by the
/// candidates in flight only.
const AHEAD: u64 = 1 << 20;
/// Not a mutation, or counted as survived already.
const NOTHING: u16 = u16::MAX;
/// A mutation that did not change exactly one decision.
const OTHER: u16 = u16::MAX - 1;

/// Mutations of a run, or a point, by what they changed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    /// For each decision, mutations that changed it alone.
    pub(crate) single: Vec<u64>,
    /// Mutations that changed several decisions, or none, or whose change is not known.
    pub(crate) other: u64,
}

impl Tally {
    fn new(decisions: usize) -> Self {
        Self { single: vec![0; decisions], other: 0 }
    }

    fn count(&mut self, code: u16) {
        match self.single.get_mut(usize::from(code)) {
            Some(count) => *count += 1,
            None => self.other += 1,
        }
    }

    fn add(&mut self, other: &Self) {
        self.single.resize(other.single.len(), 0);
        for (sum, count) in self.single.iter_mut().zip(&other.single) {
            *sum += count;
        }
        self.other += other.other;
    }

    /// Mutations that changed exactly one decision.
    pub(crate) fn singles(&self) -> u64 {
        self.single.iter().sum()
    }

    /// All mutations.
    pub(crate) fn all(&self) -> u64 {
        self.singles() + self.other
    }
}

/// What the runs of a point have in common.
#[derive(Debug, Clone, Default)]
pub(crate) struct PointMutations {
    pub(crate) made: Tally,
    pub(crate) survived: Tally,
    /// For each decision, its share of the mutations that changed one decision, averaged over runs.
    pub(crate) shares: Vec<Spread>,
    /// For each decision, the share of its mutations that survived, averaged over runs.
    pub(crate) survival: Vec<Spread>,
    /// The share of all mutations that survived, averaged over runs.
    pub(crate) all_survival: Spread,
    /// Candidates whose parent is known.
    pub(crate) with_parent: u64,
    /// Mutations whose id was too far ahead to be followed.
    pub(crate) lost: u64,
}

/// The run that is coming in.
#[derive(Debug, Clone)]
pub(crate) struct RunMutations {
    rows: u64,
    /// What each candidate's mutation changed, by id; [`NOTHING`] once it has survived.
    changed: Vec<u16>,
    made: Tally,
    survived: Tally,
    with_parent: u64,
    lost: u64,
}

impl RunMutations {
    pub(crate) fn new(decisions: usize) -> Self {
        let tally = Tally::new(decisions);
        Self { rows: 0, changed: Vec::new(), made: tally.clone(), survived: tally, with_parent: 0, lost: 0 }
    }

    /// Adds a row.
    pub(crate) fn add(&mut self, batch: &Columns<'_>, row: usize) -> Result<()> {
        self.rows += 1;
        let parents = [value(batch.parent, row), value(batch.parent_b, row)];
        self.with_parent += u64::from(parents.iter().any(Option::is_some));
        for parent in parents.into_iter().flatten() {
            let parent = usize::try_from(parent).ok().and_then(|parent| self.changed.get_mut(parent));
            match parent {
                Some(changed) if *changed != NOTHING => {
                    self.survived.count(*changed);
                    *changed = NOTHING;
                }
                _ => {}
            }
        }
        if Origin::from_number(batch.origin[row]) != Some(Origin::Mutation) {
            return Ok(());
        }
        let code = value(batch.changed_decision, row).unwrap_or(OTHER);
        ensure!(
            code == OTHER || usize::from(code) < self.made.single.len(),
            "its mutation changed decision {code}, but the search space has {} decisions",
            self.made.single.len()
        );
        self.made.count(code);
        let id = batch.id[row];
        match usize::try_from(id) {
            Ok(index) if id < self.rows + AHEAD => {
                if self.changed.len() <= index {
                    self.changed.resize(index + 1, NOTHING);
                }
                self.changed[index] = code;
            }
            _ => self.lost += 1,
        }
        Ok(())
    }

    /// Ends the run.
    pub(crate) fn end(self, point: &mut PointMutations) {
        let decisions = self.made.single.len();
        point.made.add(&self.made);
        point.survived.add(&self.survived);
        point.with_parent += self.with_parent;
        point.lost += self.lost;
        point.shares.resize(decisions, Spread::default());
        point.survival.resize(decisions, Spread::default());
        let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
        // A mutation that is not followed can neither have survived nor not.
        let (all, singles) = (self.made.all() - self.lost, self.made.singles());
        if self.with_parent > 0
            && let Some(share) = share(self.survived.all(), all)
        {
            point.all_survival.add(share);
        }
        for decision in 0..decisions {
            let (made, survived) = (self.made.single[decision], self.survived.single[decision]);
            if let Some(share) = share(made, singles) {
                point.shares[decision].add(share);
            }
            if self.with_parent > 0
                && let Some(share) = share(survived, made)
            {
                point.survival[decision].add(share);
            }
        }
    }
}
