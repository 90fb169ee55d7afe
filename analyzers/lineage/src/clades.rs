//! Which clades a Muller plot shows, and how they rise and fall.
//!
//! A clade is an ancestor and all its descendants. Every candidate founds one, nearly all of them invisible, and those
//! of a surviving line nest like onion skins. The rule, ancestors before descendants:
//!
//! > An ancestor's clade is shown when in some window it makes up at least `clade_share` of the candidates that
//! > finished, and at the same time leaves at least as much to the clade it is nested in. The outermost clades need
//! > the former only. While there are more than 30, the one that covers the least area of the plot (the younger of
//! > equals) is merged into the clade it is nested in.
//!
//! So a band that is shown was distinct from what surrounds it for at least a window, and in a long run, in which
//! thousands of ancestors took over in turn, about evenly spaced ones are left.

use crate::genealogy::{Genealogy, NONE};
use crate::windows::Windows;
use std::collections::{BTreeMap, BinaryHeap};

/// The most clades shown.
const MOST: usize = 30;
/// Not in any clade that is shown.
const OTHERS: u16 = u16::MAX;

/// A clade that is shown.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Clade {
    /// The ancestor's row.
    pub(crate) founder: usize,
    /// The clade it is nested in, an earlier one in the list.
    pub(crate) parent: Option<usize>,
    /// In each window, the share of candidates that belong to it and to no clade within it.
    pub(crate) own: Vec<f64>,
}

/// The clades that are shown, ancestors first, and the share of each window that belongs to none.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Clades {
    pub(crate) clades: Vec<Clade>,
    pub(crate) others: Vec<f64>,
}

impl Clades {
    pub(crate) fn new(genealogy: &Genealogy, windows: Windows, share: f64) -> Self {
        let large = Large::new(genealogy, windows, share);
        let mut clades: Vec<Clade> = Vec::new();
        // The clade of each row, by its number in the list.
        let mut clade_of: Vec<u16> = Vec::with_capacity(genealogy.len());
        let mut others = vec![0.0; windows.len()];
        let mut large_rows = large.shares.iter().peekable();
        for window in 0..windows.len() {
            let rows = windows.rows(window);
            let part = 1.0 / rows.len().max(1) as f64;
            for row in rows {
                let mut clade = genealogy.parent(row).map_or(OTHERS, |parent| clade_of[parent]);
                if let Some((_, shares)) = large_rows.next_if(|(large, _)| **large == row) {
                    let parent = clades.get(usize::from(clade));
                    let visible = |&(window, own): &(usize, f64)| {
                        parent.is_none_or(|parent| large.share(parent.founder, window) - own >= share)
                    };
                    if shares.iter().any(visible)
                        && let Some(next) = u16::try_from(clades.len()).ok().filter(|&next| next < OTHERS)
                    {
                        let parent = (clade != OTHERS).then_some(usize::from(clade));
                        clades.push(Clade { founder: row, parent, own: vec![0.0; windows.len()] });
                        clade = next;
                    }
                }
                clade_of.push(clade);
                let own = clades.get_mut(usize::from(clade)).map_or(&mut others, |clade| &mut clade.own);
                own[window] += part;
            }
        }
        let mut result = Self { clades, others };
        result.merge();
        result
    }

    /// Merges the smallest into what surrounds them until few enough are left.
    fn merge(&mut self) {
        let mut areas: Vec<Option<f64>> =
            self.clades.iter().map(|clade| Some(clade.own.iter().sum())).collect();
        let mut left = areas.len();
        while left > MOST {
            let smallest = |best: Option<(usize, f64)>, (at, area): (usize, &Option<f64>)| match (best, area)
            {
                (Some((_, least)), Some(area)) if *area > least => best,
                (_, Some(area)) => Some((at, *area)),
                (best, None) => best,
            };
            let Some((at, area)) = areas.iter().enumerate().fold(None, smallest) else { break };
            let own = std::mem::take(&mut self.clades[at].own);
            let parent = self.clades[at].parent;
            let into = parent.map_or(&mut self.others, |parent| &mut self.clades[parent].own);
            for (into, own) in into.iter_mut().zip(own) {
                *into += own;
            }
            if let Some(parent) = parent {
                areas[parent] = areas[parent].map(|other| other + area);
            }
            for clade in &mut self.clades[at + 1..] {
                if clade.parent == Some(at) {
                    clade.parent = parent;
                }
            }
            areas[at] = None;
            left -= 1;
        }
        let mut place = vec![0; self.clades.len()];
        let mut kept = Vec::with_capacity(left);
        for (at, mut clade) in std::mem::take(&mut self.clades).into_iter().enumerate() {
            if areas[at].is_some() {
                place[at] = kept.len();
                clade.parent = clade.parent.map(|parent| place[parent]);
                kept.push(clade);
            }
        }
        self.clades = kept;
    }

    /// In each window, the share of a clade with all clades within it.
    pub(crate) fn whole(&self, clade: usize) -> Vec<f64> {
        let mut inside = vec![false; self.clades.len()];
        let mut sum = vec![0.0; self.others.len()];
        for (at, other) in self.clades.iter().enumerate() {
            inside[at] = at == clade || other.parent.is_some_and(|parent| inside[parent]);
            if inside[at] {
                sum.iter_mut().zip(&other.own).for_each(|(sum, own)| *sum += own);
            }
        }
        sum
    }
}

/// The clades that reach a share in some window.
#[derive(Debug, Default)]
struct Large {
    /// By the ancestor's row: windows and shares. Of those above the lowest ancestor of a whole window only the founder
    /// is noted: all of them have everything, so none but the founder could stand out.
    shares: BTreeMap<usize, Vec<(usize, f64)>>,
}

impl Large {
    /// For each window, counts descendants from the last row up. Ancestors before the window are visited once each, the
    /// youngest first, which a heap sees to; it holds as many as there are lines left.
    fn new(genealogy: &Genealogy, windows: Windows, share: f64) -> Self {
        let mut result = Self::default();
        let mut counts = vec![0_u32; genealogy.len()];
        // The last lowest ancestor of a whole window and its founder.
        let mut line = (usize::MAX, 0);
        for window in 0..windows.len() {
            let rows = windows.rows(window);
            let (start, total) = (rows.start, rows.len() as f64);
            let mut inside = rows.rev();
            let mut before = BinaryHeap::new();
            let mut done = false;
            while let Some((row, itself)) =
                inside.next().map(|row| (row, 1)).or_else(|| before.pop().map(|row| (row, 0)))
            {
                let count = std::mem::take(&mut counts[row]) + itself;
                if done {
                    continue;
                }
                let part = f64::from(count) / total;
                if part >= share {
                    result.shares.entry(row).or_default().push((window, part));
                }
                let parent = genealogy.parent[row];
                done = f64::from(count) >= total;
                if done {
                    // Mostly a descendant of the last one, so that a line is walked once, not in every window.
                    let mut founder = row;
                    while founder != line.0
                        && let Some(parent) = genealogy.parent(founder)
                    {
                        founder = parent;
                    }
                    founder = if founder == line.0 { line.1 } else { founder };
                    line = (row, founder);
                    if founder != row {
                        result.shares.entry(founder).or_default().push((window, 1.0));
                    }
                }
                if parent != NONE && !done {
                    let parent = parent as usize;
                    if counts[parent] == 0 && parent < start {
                        before.push(parent);
                    }
                    counts[parent] += count;
                }
            }
        }
        result
    }

    /// An ancestor's share of a window in which a descendant of it has one that is noted.
    fn share(&self, row: usize, window: usize) -> f64 {
        let noted = self
            .shares
            .get(&row)
            .and_then(|shares| shares.binary_search_by_key(&window, |s| s.0).ok().map(|at| shares[at].1));
        noted.unwrap_or(1.0)
    }
}
