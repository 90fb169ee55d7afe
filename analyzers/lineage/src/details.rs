//! What the ancestors of the best candidate were like.
//!
//! The whole row of every candidate would be too much to remember, and which will be the best's ancestors is not known
//! before the end. But lines of descent merge quickly: of the candidates older than a few populations, those that can
//! still become ancestors of anything are the ancestors of the recent ones, little more than one a generation. So rows
//! are collected, and now and then all are forgotten that are neither recent, nor the best so far, nor ancestors of
//! such. That is a mark and sweep over rows in order, in which parents come before children: one pass from the end.
//! Reference counts, the alternative, would have to bring back the dead whenever a child finishes late.
//!
//! A child that finishes later than the horizon finds its parent's row forgotten; the line of descent itself, scores
//! and times come from the flat arrays and stay exact, and only these details are missing.

use crate::genealogy::{Genealogy, NONE};

/// Rows that count as recent, beside those of the population and of the workers.
const HORIZON: usize = 1 << 16;

/// What is shown of a candidate beside its genealogy; "not known" as in the columns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Detail {
    pub(crate) donor: u64,
    pub(crate) bytes: u64,
    pub(crate) score: f64,
    pub(crate) row: u32,
    pub(crate) prefix_layers: u32,
    pub(crate) changed: u16,
    pub(crate) decision: u16,
    pub(crate) from: u16,
    pub(crate) to: u16,
}

/// Details of recent rows and of their ancestors.
#[derive(Debug, Clone)]
pub(crate) struct Details {
    entries: Vec<Detail>,
    horizon: usize,
    limit: usize,
    /// The row with the best score so far, and the score; of equals the first to finish.
    best: Option<(u32, f64)>,
}

impl Details {
    pub(crate) fn new(population: usize, workers: usize) -> Self {
        Self::with_horizon(population.saturating_add(workers).saturating_mul(2).saturating_add(HORIZON))
    }

    fn with_horizon(horizon: usize) -> Self {
        Self { entries: Vec::new(), horizon, limit: horizon.saturating_mul(2), best: None }
    }

    /// Adds the row that the genealogy has just taken in.
    #[inline]
    pub(crate) fn push(&mut self, detail: Detail, genealogy: &Genealogy) {
        if detail.score.is_finite() && self.best.is_none_or(|(_, best)| detail.score > best) {
            self.best = Some((detail.row, detail.score));
        }
        self.entries.push(detail);
        if self.entries.len() >= self.limit {
            self.sweep(genealogy);
        }
    }

    /// The best row.
    pub(crate) fn best(&self) -> Option<usize> {
        self.best.map(|(row, _)| row as usize)
    }

    /// What is remembered of a row.
    pub(crate) fn get(&self, row: usize) -> Option<&Detail> {
        let at = self.entries.binary_search_by_key(&row, |entry| entry.row as usize).ok()?;
        self.entries.get(at)
    }

    fn sweep(&mut self, genealogy: &Genealogy) {
        let recent = genealogy.len().saturating_sub(self.horizon);
        // Recent rows stand at the end and all stay.
        let old = self.entries.partition_point(|entry| (entry.row as usize) < recent);
        let mut keep = vec![false; old];
        let mark = |row: u32, before: &[Detail], keep: &mut [bool]| {
            // Where nobody between a parent and its child is forgotten yet, rows say how far apart they stand; where all
            // are, they stand next to each other.
            let is = |at: &usize| before[*at].row == row;
            let last = before.len().checked_sub(1);
            let apart =
                last.and_then(|last| last.checked_sub((before[last].row.saturating_sub(row)) as usize));
            let found = last.filter(is).or_else(|| apart.filter(is));
            let found = found.or_else(|| before.binary_search_by_key(&row, |entry| entry.row).ok());
            if let Some(at) = found {
                keep[at] = true;
            }
        };
        if let Some((best, _)) = self.best {
            mark(best, &self.entries[..old], &mut keep);
        }
        for &parent in genealogy.parent.get(recent..).unwrap_or_default() {
            if (parent as usize) < recent {
                mark(parent, &self.entries[..old], &mut keep);
            }
        }
        for at in (0..old).rev() {
            if !keep[at] {
                continue;
            }
            let parent = genealogy.parent[self.entries[at].row as usize];
            if parent != NONE {
                mark(parent, &self.entries[..at], &mut keep);
            }
        }
        let mut kept = 0;
        for at in (0..old).filter(|&at| keep[at]) {
            self.entries[kept] = self.entries[at];
            kept += 1;
        }
        self.entries.drain(kept..old);
        // As many new rows as there are recent ones, and as many as there are others: a sweep looks at each row a few
        // times.
        self.limit =
            self.entries.len().saturating_add(self.horizon).max(self.entries.len().saturating_mul(2));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamarck_sdk::{Nullable, Rng};

    fn detail(row: u32, score: f64) -> Detail {
        let (none, known) = (u16::NONE, u32::NONE);
        Detail {
            donor: 0,
            bytes: 0,
            score,
            row,
            prefix_layers: known,
            changed: 1,
            decision: none,
            from: 0,
            to: 0,
        }
    }

    #[test]
    fn the_ancestors_of_the_best_are_never_forgotten_and_others_are() {
        let mut rng = Rng::from_seed(3);
        let mut genealogy = Genealogy::default();
        let mut details = Details::with_horizon(20);
        for row in 0..5000_u32 {
            let back = 1 + rng.below(10);
            let parent = u64::from(row).checked_sub(back).filter(|_| row >= 10);
            let score = rng.uniform() * f64::from(row.min(2000));
            genealogy.push(row.into(), parent, Some(score), true, None).unwrap();
            details.push(detail(row, score), &genealogy);
            let best = details.best().unwrap();
            for ancestor in genealogy.ancestry(best) {
                assert_eq!(details.get(ancestor).map(|d| d.row as usize), Some(ancestor), "{row}");
            }
        }
        // A line of descent has about a row in 5.5.
        assert!(details.entries.len() < 2500, "{}", details.entries.len());
    }
}
