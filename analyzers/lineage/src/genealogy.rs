//! Who descends from whom, as flat arrays.
//!
//! A **row** is a candidate's place in the order of finishing; everything is indexed by it. A parent is looked up among
//! the rows that came before its child's, so parents have lower rows than their children and the relation is a forest
//! by construction: a parent that an imported trace names too early, itself, or in a circle is not found, is counted,
//! and its child stands as a founder. Rows as the index are also what makes windows and populations (the last P rows)
//! ranges.

use crate::clock::Clock;
use lamarck_sdk::prelude::*;

/// No row.
pub(crate) const NONE: u32 = u32::MAX;

/// An id this far beyond the number of rows is not followed, so that wild ids cannot exhaust the memory.
const WILD: u64 = 1 << 20;

/// What did not fit.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Oddities {
    /// Children whose parent's row does not precede theirs.
    pub(crate) unknown_parents: u64,
    /// Rows whose id is far beyond the number of rows, or was there before.
    pub(crate) unfollowed_ids: u64,
}

/// All rows so far: 16 bytes each and a quarter.
#[derive(Debug, Clone, Default)]
pub(crate) struct Genealogy {
    /// By id.
    row_of: Vec<u32>,
    /// The parent's row.
    pub(crate) parent: Vec<u32>,
    /// Single precision, 24 bits, is more than any score has. Not a number for those without a score, minus infinity
    /// for those that were still running at the end, which no strategy was told of.
    score: Vec<f32>,
    pub(crate) clock: Clock,
    pub(crate) oddities: Oddities,
    /// The first row that has a parent, or at least names one.
    pub(crate) first_child: Option<usize>,
    /// Rows with a known parent.
    pub(crate) children: u64,
}

impl Genealogy {
    pub(crate) fn len(&self) -> usize {
        self.parent.len()
    }

    /// The row of a candidate that has finished before.
    #[inline]
    pub(crate) fn find(&self, id: CandidateId) -> Option<u32> {
        let row = *self.row_of.get(usize::try_from(id).ok()?)?;
        (row != NONE).then_some(row)
    }

    /// Appends a row and returns its parent's.
    #[inline]
    pub(crate) fn push(
        &mut self,
        id: CandidateId,
        parent: Option<CandidateId>,
        score: Option<f64>,
        told: bool,
        time: Option<u64>,
    ) -> Result<Option<u32>> {
        let row = u32::try_from(self.len()).ok().filter(|&row| row < NONE - 1);
        let row =
            row.context("a run of more than 4 billion candidates cannot be analyzed; cut it into parts")?;
        let from = parent.and_then(|parent| self.find(parent));
        if parent.is_some() {
            self.first_child.get_or_insert(self.parent.len());
            self.children += u64::from(from.is_some());
            self.oddities.unknown_parents += u64::from(from.is_none());
        }
        self.parent.push(from.unwrap_or(NONE));
        self.score.push(match score {
            _ if !told => f32::NEG_INFINITY,
            Some(score) => narrow(score),
            None => f32::NAN,
        });
        self.clock.push(time);
        self.enter(id, row);
        Ok(from)
    }

    #[inline]
    fn enter(&mut self, id: CandidateId, row: u32) {
        let at = match usize::try_from(id) {
            Ok(at) if id <= u64::from(row) + WILD => at,
            _ => return self.oddities.unfollowed_ids += 1,
        };
        if at >= self.row_of.len() {
            self.row_of.resize(at + 1, NONE);
        }
        if self.row_of[at] == NONE {
            self.row_of[at] = row;
        } else {
            self.oddities.unfollowed_ids += 1;
        }
    }

    /// The parent's row.
    #[inline]
    pub(crate) fn parent(&self, row: usize) -> Option<usize> {
        let parent = *self.parent.get(row)?;
        (parent != NONE).then_some(parent as usize)
    }

    /// The score, rounded to single precision.
    #[inline]
    pub(crate) fn score(&self, row: usize) -> Option<f64> {
        self.score.get(row).filter(|score| score.is_finite()).map(|&score| f64::from(score))
    }

    /// Whether a row became a member of the population.
    #[inline]
    pub(crate) fn is_member(&self, row: usize, failures_enter: bool) -> bool {
        let score = self.score[row];
        score.is_finite() || (failures_enter && score.is_nan())
    }

    /// From the founder to a row.
    pub(crate) fn ancestry(&self, row: usize) -> Vec<usize> {
        let mut line: Vec<usize> = std::iter::successors(Some(row), |&row| self.parent(row)).collect();
        line.reverse();
        line
    }

    /// The ids of some rows, in any order: one pass over all ids, which is cheaper than four bytes a candidate.
    pub(crate) fn ids(&self, rows: &[usize]) -> Vec<Option<CandidateId>> {
        let mut wanted = vec![0_u64; self.len().div_ceil(64)];
        for row in rows {
            if let Some(word) = wanted.get_mut(row / 64) {
                *word |= 1 << (row % 64);
            }
        }
        let mut found = std::collections::BTreeMap::new();
        for (id, &row) in (0_u64..).zip(&self.row_of) {
            let row = row as usize;
            if wanted.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1) {
                found.insert(row, id);
            }
        }
        rows.iter().map(|row| found.get(row).copied()).collect()
    }
}

/// In single precision; what is out of its range becomes its end.
#[expect(clippy::cast_possible_truncation, reason = "rounded on purpose, and clamped")]
fn narrow(score: f64) -> f32 {
    if score.is_finite() { score.clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32 } else { f32::NAN }
}
