//! The population's lines of descent over time: founders left, common ancestor, takeovers, depth.
//!
//! All of it is worked out after the last row, from the flat arrays, one pass for each question: the windows are known
//! then, the passes share no state, and each array lives no longer than its pass.

use crate::genealogy::Genealogy;
use crate::ladder::{CommonAncestor, Ladder, node};
use crate::moments::Whole;
use crate::settings::Settings;
use crate::windows::Windows;
use std::collections::BTreeSet;

/// How many founders the population descends from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Founders {
    /// Rows without a parent.
    pub(crate) total: u64,
    /// Founders that are members or have members among their descendants, at each window's end.
    pub(crate) left: Vec<u64>,
    /// The row with which all members of a full population first descended from one founder.
    pub(crate) one_left: Option<usize>,
}

impl Founders {
    pub(crate) fn new(genealogy: &Genealogy, settings: &Settings, windows: Windows) -> Self {
        let mut result = Self::default();
        let mut founder_of: Vec<u32> = Vec::with_capacity(genealogy.len());
        // Members by founder, where the founder's own row is the index.
        let mut members: Vec<u32> = vec![0; genealogy.len()];
        let mut queue = Members::default();
        let mut left = 0_u64;
        for row in 0..genealogy.len() {
            let founder = if let Some(parent) = genealogy.parent(row) {
                founder_of[parent]
            } else {
                result.total += 1;
                // A genealogy has fewer rows than there are u32s.
                u32::try_from(row).unwrap_or_default()
            };
            founder_of.push(founder);
            if genealogy.is_member(row, settings.failures_enter) {
                let count = &mut members[founder as usize];
                *count += 1;
                left += u64::from(*count == 1);
                if let Some(old) = queue.enter(row, settings, genealogy) {
                    let count = &mut members[founder_of[old] as usize];
                    *count -= 1;
                    left -= u64::from(*count == 0);
                }
                if queue.len == settings.population && left == 1 {
                    result.one_left.get_or_insert(row);
                }
            }
            if windows.ends_with(row) {
                result.left.push(left);
            }
        }
        result
    }
}

/// The population as the last P rows that are members, without a list of them.
#[derive(Debug, Clone, Default)]
struct Members {
    len: usize,
    oldest: usize,
}

impl Members {
    /// Takes in a row, and returns the row that leaves for it.
    #[inline]
    fn enter(&mut self, row: usize, settings: &Settings, genealogy: &Genealogy) -> Option<usize> {
        if self.len == 0 {
            self.oldest = row;
        }
        if self.len < settings.population {
            self.len += 1;
            return None;
        }
        let left = self.oldest;
        self.oldest += 1;
        while self.oldest < row && !genealogy.is_member(self.oldest, settings.failures_enter) {
            self.oldest += 1;
        }
        Some(left)
    }
}

/// One ancestor's descendants fill the population.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Takeover {
    /// The ancestor's row.
    pub(crate) ancestor: usize,
    /// Generations from its founder.
    pub(crate) depth: u32,
    /// The row with which the last member went that did not descend from it.
    pub(crate) at: usize,
}

/// The population at a window's end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sample {
    /// The row of the members' most recent common ancestor and its depth; `None` while they have none, or while the
    /// population is not full.
    pub(crate) ancestor: Option<(usize, u32)>,
    /// The members' mean depth.
    pub(crate) depth: Option<f64>,
    /// What an even draw would have led to.
    pub(crate) expected_depth: Option<f64>,
}

/// The members' most recent common ancestor over time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Coalescence {
    pub(crate) samples: Vec<Sample>,
    /// Each ancestor's first time, in order.
    pub(crate) takeovers: Vec<Takeover>,
    /// How often the common ancestor became an older one, because a child of another line finished late.
    pub(crate) reversals: u64,
    /// The age of the common ancestor in completions, over all completions at which there was one.
    pub(crate) age: Whole,
    /// Whether the population was ever full.
    pub(crate) full: bool,
}

impl Coalescence {
    pub(crate) fn new(genealogy: &Genealogy, settings: &Settings, windows: Windows) -> Self {
        let mut result = Self::default();
        let mut ladder = Ladder::new(&genealogy.parent);
        let mut common = CommonAncestor::default();
        let mut queue = Members::default();
        let mut seen = BTreeSet::new();
        let (mut depths, mut now) = (0_u64, 0_u32);
        let mut expected = genealogy.first_child.map(|first_child| {
            crate::theory::ExpectedDepth::new(settings.population, settings.workers, first_child)
        });
        for row in 0..genealogy.len() {
            let here = ladder.push();
            if let Some(expected) = &mut expected {
                expected.step();
            }
            if genealogy.is_member(row, settings.failures_enter) {
                common.enter(here, &ladder);
                depths += u64::from(ladder.depth(here) - 1);
                if let Some(old) = queue.enter(row, settings, genealogy) {
                    common.leave(&ladder);
                    depths -= u64::from(ladder.depth(node(u32::try_from(old).unwrap_or_default())) - 1);
                }
                result.full |= queue.len == settings.population;
                let before = now;
                now = if result.full { common.get(&ladder).unwrap_or(0) } else { 0 };
                if now < before {
                    result.reversals += 1;
                } else if now > before && seen.insert(now) {
                    let takeover =
                        Takeover { ancestor: now as usize - 1, depth: ladder.depth(now) - 1, at: row };
                    result.takeovers.push(takeover);
                }
            }
            if now > 0 {
                result.age.add(here - now);
            }
            if windows.ends_with(row) {
                result.samples.push(Sample {
                    ancestor: (now > 0).then(|| (now as usize - 1, ladder.depth(now) - 1)),
                    depth: (queue.len > 0).then(|| depths as f64 / queue.len as f64),
                    expected_depth: expected.as_ref().map(crate::theory::ExpectedDepth::population_mean),
                });
            }
        }
        result
    }
}

/// A row's rank among the members of the population that it entered, 1 the best; of equals the older is better. `None`
/// for a row that never was a member.
pub(crate) fn rank_at_birth(genealogy: &Genealogy, settings: &Settings, row: usize) -> Option<u64> {
    if !genealogy.is_member(row, settings.failures_enter) {
        return None;
    }
    let members = (0..row).rev().filter(|&row| genealogy.is_member(row, settings.failures_enter));
    let score = |row| genealogy.score(row).unwrap_or(f64::NEG_INFINITY);
    let own = score(row);
    Some(1 + members.take(settings.population - 1).filter(|&other| score(other) >= own).count() as u64)
}
