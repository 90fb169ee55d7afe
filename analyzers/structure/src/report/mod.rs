//! The report: findings, tables and charts from what was counted.

mod charts;
mod findings;
mod shapes;
mod tables;

use crate::Structure;
use crate::composition::{Fixation, entropies, fixations, mean};
use crate::descent::Mutations;
use crate::theory;
use crate::windows::{Size, Window};
use lamarck_sdk::Report;

/// What several parts of the report need, computed once.
pub(crate) struct Facts<'a> {
    pub(crate) of: &'a Structure,
    pub(crate) windows: Vec<&'a Window>,
    /// The x of each window.
    pub(crate) ends: Vec<f64>,
    pub(crate) whole: Window,
    pub(crate) mutations: Mutations,
    pub(crate) fixations: Vec<Option<Fixation>>,
}

impl<'a> Facts<'a> {
    fn new(of: &'a Structure) -> Self {
        let windows = of.windows.shown();
        Self {
            fixations: fixations(&windows, &of.layout, of.settings.fixed),
            ends: of.windows.ends(),
            whole: of.windows.whole(),
            mutations: of.descent.tally(&of.layout),
            windows,
            of,
        }
    }

    /// Mean entropy over decisions.
    pub(crate) fn entropy(&self, window: &Window) -> Option<f64> {
        mean(&entropies(window, &self.of.layout))
    }

    /// What it would be, were the window drawn evenly.
    pub(crate) fn sampled_entropy(&self, candidates: u64) -> Option<f64> {
        let of = |options| theory::sampled_entropy(options, candidates as f64);
        self.even(mean(&self.of.layout.open_sizes().map(of).collect::<Vec<_>>()))
    }

    /// A value for even draws, which are not what sampling does in a constrained space.
    pub(crate) fn even(&self, value: Option<f64>) -> Option<f64> {
        value.filter(|_| !self.of.layout.constrained)
    }

    pub(crate) fn population(&self) -> f64 {
        self.of.settings.population as f64
    }

    /// The number of vectors; of a very large space, as near as a float comes.
    pub(crate) fn vectors(&self, decisions: usize) -> f64 {
        self.of.layout.spans.iter().take(decisions).map(|span| f64::from(span.options)).product()
    }

    /// Distinct prefixes of so many decisions in a population that was drawn evenly.
    pub(crate) fn sampled_distinct(&self, decisions: usize) -> Option<f64> {
        self.even(Some(theory::distinct(self.vectors(decisions), self.population())))
    }

    /// Mean distance of two vectors that were drawn evenly.
    pub(crate) fn sampled_distance(&self) -> Option<f64> {
        self.even(Some(self.of.layout.open_sizes().map(|k| 1.0 - 1.0 / k).sum()))
    }

    /// What a population without selection lets survive; unknown without a population.
    pub(crate) fn neutral_survival(&self) -> Option<f64> {
        self.of.settings.population_known.then(|| theory::neutral_survival(self.population()))
    }

    /// Whether anybody names a parent.
    pub(crate) fn has_parents(&self) -> bool {
        self.of.descent.with_parent > 0
    }

    /// What walks without selection come to after so many generations.
    pub(crate) fn walk(&self, generations: f64) -> Option<f64> {
        let sizes: Vec<f64> = self.of.layout.open_sizes().collect();
        self.of.settings.even_mutator.map(|noop| theory::walk(&sizes, noop, generations))
    }

    /// Median and 10th and 90th percentile of a size.
    pub(crate) fn size(&self, window: &Window, size: Size) -> Option<[f64; 3]> {
        let scale = match size {
            Size::Prefix => &self.of.donors.scale,
            other => &self.of.scales[other as usize],
        };
        window.size(size).quantiles([0.1, 0.5, 0.9], scale)
    }
}

/// The findings that answer the question, before those that say what it rests on.
const LEAD: &[&str] = &[
    "entropy-change",
    "entropy-last-window",
    "survived-mutations",
    "fixed-decisions",
    "distinct-end",
    "distance-end",
    "parent-layers",
    "donor-layers",
    "repeats",
    "distance-walked",
];

pub(crate) fn write(of: &Structure) -> Report {
    let facts = Facts::new(of);
    Report {
        analyzer: "structure".to_owned(),
        findings: findings::all(&facts),
        tables: tables::all(&facts),
        charts: charts::all(&facts),
    }
    .leading_with(LEAD)
}

/// A part of a whole; not a number where there is no whole.
pub(crate) fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { f64::NAN } else { part as f64 / whole as f64 }
}
