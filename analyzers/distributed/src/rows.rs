//! What is remembered of every candidate, as flat arrays.
//!
//! A **row** is a candidate's place in the order of finishing, from 0, without those that were still running
//! at the end. A parent is looked up among the rows before its child's: one that comes later, is its own
//! child or descends from it is not found, and the child counts as one whose parent is not known.

use crate::order::NONE;
use lamarck_sdk::Nullable;
use lamarck_sdk::prelude::*;

/// An id this far beyond the number of rows is not followed, so that wild ids cannot exhaust the memory.
const WILD: u64 = 1 << 20;

/// All rows so far: 28 bytes each.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rows {
    /// By id.
    pub(crate) row_of: Vec<u32>,
    /// When it finished, in microseconds; the sentinel where nobody knows.
    finished: Vec<u64>,
    /// Minus infinity where there is none.
    pub(crate) score: Vec<f64>,
    /// Generations from the candidate without a known parent.
    pub(crate) generation: Vec<u32>,
    node: Vec<u32>,
    /// Members that had joined the population before each row and, last, now; empty while all rows are
    /// members.
    joined: Vec<u32>,
    /// Rows whose id occurs twice or is far beyond the number of rows.
    pub(crate) unfollowed: u64,
}

/// A row that finishes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub(crate) id: CandidateId,
    pub(crate) parent: Option<u32>,
    pub(crate) finished: Option<u64>,
    pub(crate) score: Option<f64>,
    pub(crate) node: Option<u32>,
    /// Whether it becomes a member of the population.
    pub(crate) member: bool,
}

impl Rows {
    pub(crate) fn len(&self) -> usize {
        self.finished.len()
    }

    /// The row of a candidate that has finished before.
    #[inline]
    pub(crate) fn find(&self, id: CandidateId) -> Option<u32> {
        let row = *self.row_of.get(usize::try_from(id).ok()?)?;
        (row != NONE).then_some(row)
    }

    /// Appends a row and returns it.
    #[inline]
    pub(crate) fn push(&mut self, row: Row) -> Result<u32> {
        let here = u32::try_from(self.len()).ok().filter(|&here| here < NONE - 1);
        let here =
            here.context("a run of more than 4 billion candidates cannot be analyzed; cut it into parts")?;
        self.finished.push(row.finished.unwrap_or(u64::NONE));
        self.score.push(row.score.unwrap_or(f64::NEG_INFINITY));
        self.generation.push(row.parent.map_or(0, |parent| self.generation[parent as usize] + 1));
        self.node.push(row.node.unwrap_or(u32::NONE));
        if !row.member && self.joined.is_empty() {
            self.joined.extend(0..=here);
        }
        if let Some(&joined) = self.joined.last() {
            self.joined.push(joined + u32::from(row.member));
        }
        match usize::try_from(row.id) {
            Ok(at) if row.id <= u64::from(here) + WILD => {
                if at >= self.row_of.len() {
                    self.row_of.resize(at + 1, NONE);
                }
                if self.row_of[at] == NONE {
                    self.row_of[at] = here;
                } else {
                    self.unfollowed += 1;
                }
            }
            _ => self.unfollowed += 1,
        }
        Ok(here)
    }

    #[inline]
    pub(crate) fn finished(&self, row: u32) -> Option<u64> {
        self.finished.get(row as usize).copied().and_then(Nullable::known)
    }

    #[inline]
    pub(crate) fn node(&self, row: u32) -> Option<u32> {
        self.node.get(row as usize).copied().and_then(Nullable::known)
    }

    /// When rows finished, those that say so.
    pub(crate) fn times(&self) -> impl Iterator<Item = u64> + '_ {
        self.finished.iter().copied().filter_map(Nullable::known)
    }

    /// How many joined the population from one row on to before another.
    #[inline]
    pub(crate) fn joined(&self, from: u32, to: u32) -> u64 {
        match (self.joined.get(from as usize), self.joined.get(to as usize)) {
            (Some(from), Some(to)) => u64::from(to.saturating_sub(*from)),
            _ => u64::from(to.saturating_sub(from)),
        }
    }

    /// How many rows had finished at a time, those of that time included, if rows are in order of time.
    ///
    /// The search goes back from the end in growing steps: what is asked for is as recent as a candidate
    /// takes to train.
    pub(crate) fn finished_by(&self, time: u64) -> u32 {
        let after = |row: usize| self.finished[row] != u64::NONE && self.finished[row] > time;
        let (mut step, mut high) = (1, self.len());
        while let Some(row) = high.checked_sub(step) {
            if !after(row) {
                break;
            }
            high = row;
            step *= 2;
        }
        let low = high.saturating_sub(step);
        let part = self.finished.get(low..high).unwrap_or_default();
        let found = low + part.partition_point(|&finished| finished == u64::NONE || finished <= time);
        // Rows are counted in 32 bits.
        u32::try_from(found).unwrap_or(NONE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn finished_by_counts(mut times in prop::collection::vec(0_u64..60, 0..90), at in 0_u64..70) {
            times.sort_unstable();
            let mut rows = Rows::default();
            for (id, &time) in (0..).zip(&times) {
                let row = Row { id, parent: None, finished: Some(time), score: None, node: None, member: true };
                rows.push(row).unwrap();
            }
            let expected = times.iter().filter(|&&time| time <= at).count();
            prop_assert_eq!(rows.finished_by(at) as usize, expected);
        }

        #[test]
        fn members_are_counted(members in prop::collection::vec(any::<bool>(), 1..50), from in 0_usize..50, to in 0_usize..50) {
            let mut rows = Rows::default();
            for (id, &member) in (0..).zip(&members) {
                let row = Row { id, parent: None, finished: None, score: None, node: None, member };
                rows.push(row).unwrap();
            }
            let (from, to) = (from.min(members.len()), to.min(members.len()));
            let expected = members.get(from..to).unwrap_or_default().iter().filter(|&&member| member).count();
            let joined = rows.joined(u32::try_from(from).unwrap(), u32::try_from(to).unwrap());
            prop_assert_eq!(joined, expected as u64);
        }
    }
}
