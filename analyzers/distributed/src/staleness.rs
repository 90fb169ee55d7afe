//! How old parents are when they are chosen, when their children start, and when these finish.
//!
//! A parent's **age** is the number of completions since its own. When its child has finished, that one
//! included, it is the distance between their rows; when it was chosen, `parent_age`. A parent has left the
//! population when as many members as there is room for have joined after it.
//!
//! The trace tells times of starts, not after which completion they were. A child that starts when its
//! worker finishes something does so after that; one that starts when it is submitted, after the same
//! completion as that; else all that had finished by then count, so that of completions in the same
//! microsecond some may be counted that were still to come.

use crate::histogram::Histogram;
use crate::moments::{Moments, Whole};
use crate::nodes::Nodes;
use crate::rows::Rows;
use crate::settings::Settings;

/// Members that are compared for one rank; in larger populations only one child in several gets one, so that
/// the cost of a child stays the same.
const COMPARED: u64 = 64;

/// A child that finishes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Child {
    pub(crate) row: u32,
    pub(crate) parent: u32,
    pub(crate) parent_age: Option<u64>,
    pub(crate) submitted: Option<u64>,
    pub(crate) started: Option<u64>,
    pub(crate) finished: Option<u64>,
    pub(crate) worker: Option<u32>,
}

/// A part of children.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Share {
    pub(crate) hits: u64,
    pub(crate) n: u64,
}

impl Share {
    #[inline]
    fn add(&mut self, hit: bool) {
        self.hits += u64::from(hit);
        self.n += 1;
    }

    pub(crate) fn value(self) -> Option<f64> {
        (self.n > 0).then(|| self.hits as f64 / self.n as f64)
    }
}

/// What is known of all children.
#[derive(Debug, Clone, Default)]
pub(crate) struct Staleness {
    /// Ages when chosen, when the child started and when it finished; in completions.
    pub(crate) chosen: Histogram,
    pub(crate) started: Histogram,
    pub(crate) finished: Histogram,
    /// Completions from submission to start, and to the child's own finish.
    pub(crate) waiting: Whole,
    pub(crate) delay: Whole,
    /// Seconds from the parent's finish to the child's.
    pub(crate) seconds: Moments,
    /// Children whose parent had left by then.
    pub(crate) gone_chosen: Share,
    pub(crate) gone_started: Share,
    pub(crate) gone_finished: Share,
    /// The same as expected from the ages at choice: had each child waited L, and taken D, completions.
    pub(crate) expected_started: Share,
    pub(crate) expected_finished: Share,
    /// The parent's rank when the child finished.
    pub(crate) rank: Whole,
    until_ranked: u64,
}

impl Staleness {
    #[inline]
    pub(crate) fn add(&mut self, child: &Child, rows: &Rows, nodes: &Nodes, settings: &Settings) {
        let Child { row, parent, .. } = *child;
        let after = parent + 1;
        let age = row - parent;
        self.finished.add(u64::from(age));
        if let Some((finished, before)) = child.finished.zip(rows.finished(parent)) {
            self.seconds.add(finished.saturating_sub(before) as f64 / 1e6);
        }
        let recorded = child.parent_age.and_then(|age| u32::try_from(age).ok()?.checked_add(after));
        let submitted = recorded
            .filter(|&at| at <= row)
            .or_else(|| child.submitted.map(|time| rows.finished_by(time).clamp(after, row)));
        let started = child.started.zip(submitted).map(|(time, earliest)| {
            let at_once = || (child.submitted == Some(time)).then_some(earliest);
            let at = nodes.idle_since(child.worker, time).or_else(at_once);
            at.unwrap_or_else(|| rows.finished_by(time)).clamp(earliest, row)
        });
        if let Some(at) = submitted {
            self.chosen.add(u64::from(at - after));
            self.delay.add(row + 1 - at);
        }
        if let Some((from, at)) = submitted.zip(started) {
            self.started.add(u64::from(at - after));
            self.waiting.add(at - from);
        }
        let Some(population) = settings.population else { return };
        // The parent itself joined, if it is one that does.
        let gone = |at: u32| rows.joined(after, at) >= population;
        self.gone_finished.add(gone(row + 1));
        if let Some(at) = submitted {
            self.gone_chosen.add(gone(at));
            if let Some(flight) = settings.in_flight() {
                let age = rows.joined(after, at);
                self.expected_finished.add(age.saturating_add(flight) >= population);
                self.expected_started.add(age.saturating_add(settings.lookahead) >= population);
            }
        }
        if let Some(at) = started {
            self.gone_started.add(gone(at));
        }
        self.rank(child, rows, population, settings);
    }

    /// The parent's rank among the members when its child finishes, whether it still is one or not. Of equal
    /// scores the one that finished first is better, which is as good as always the lower id.
    #[inline]
    fn rank(&mut self, child: &Child, rows: &Rows, population: u64, settings: &Settings) {
        // Where failures do not join, members are not the last rows.
        if self.until_ranked > 0 || !settings.failures_enter {
            self.until_ranked = self.until_ranked.saturating_sub(1);
            return;
        }
        self.until_ranked = population.div_ceil(COMPARED) - 1;
        let (row, parent) = (child.row as usize, child.parent as usize);
        let oldest = row.saturating_sub(usize::try_from(population).unwrap_or(usize::MAX));
        let score = rows.score[parent];
        let earlier = rows.score.get(oldest..parent).unwrap_or_default();
        let later = rows.score.get(oldest.max(parent + 1)..row).unwrap_or_default();
        let better = earlier.iter().filter(|&&other| other >= score).count()
            + later.iter().filter(|&&other| other > score).count();
        self.rank.add(u32::try_from(better + 1).unwrap_or(u32::MAX));
    }
}
