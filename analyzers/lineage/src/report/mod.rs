//! From what was found to what is said.

mod ancestry;
mod charts;
mod findings;
mod tables;

use crate::Pairs;
use crate::clades::Clades;
use crate::descent::{Coalescence, Founders};
use crate::details::Details;
use crate::genealogy::Genealogy;
use crate::offspring::Offspring;
use crate::settings::Settings;
use crate::theory::{self, Draw};
use crate::windows::Windows;
use lamarck_sdk::Report;

/// Everything that was worked out.
struct Results<'a> {
    settings: &'a Settings,
    genealogy: &'a Genealogy,
    details: &'a Details,
    pairs: &'a Pairs,
    windows: Windows,
    founders: Founders,
    coalescence: Coalescence,
    offspring: Offspring,
    clades: Clades,
}

impl Results<'_> {
    /// Why nothing can be said about descent, if so.
    fn no_descent(&self) -> Option<&'static str> {
        if self.genealogy.len() == 0 {
            Some("the trace has no candidates")
        } else if self.genealogy.children > 0 {
            None
        } else if self.genealogy.oddities.unknown_parents > 0 {
            Some("no parent's row comes before its child's")
        } else {
            Some("no candidate names its parent")
        }
    }

    /// Why there is no population to speak of, if so.
    fn no_population(&self) -> Option<&'static str> {
        let full = self.coalescence.full;
        self.no_descent().or((!full).then_some("the run ended before the population was full"))
    }

    /// A closed form for the population under an even draw; only where somebody said how large it is.
    fn even(&self, form: impl FnOnce(usize, usize) -> Option<f64>) -> Option<f64> {
        let Settings { population, workers, population_known, .. } = *self.settings;
        if population_known { form(population, workers) } else { None }
    }

    /// The expected number of founders left under an even draw once so many candidates have finished.
    fn even_founders(&self, finished: f64) -> Option<f64> {
        let first_child = self.genealogy.first_child? as f64;
        let pair = self.even(theory::pair_coalescence)?;
        let members = finished.min(self.settings.population as f64);
        let time = (finished - first_child).max(0.0) / pair;
        // A population that is not full yet has as many founders as members; counts are far below 2^53.
        Some(if time > 0.0 { theory::lineages_left(self.settings.population, time) } else { members })
    }

    /// The probability of each rank of a parent.
    fn rank_probabilities(&self) -> Result<Vec<f64>, &'static str> {
        if let Some(why) = self.settings.no_ranks {
            return Err(why);
        }
        let draw =
            Draw::of(self.settings.selection).ok_or("how the strategy selects parents is not known")?;
        Ok(theory::rank_probabilities(self.settings.population, draw))
    }

    /// Where each window stands, in finished candidates.
    fn positions(&self) -> Vec<f64> {
        self.windows.positions()
    }
}

/// The findings that answer the question, before those that say what it rests on.
const LEAD: &[&str] = &[
    "common-ancestor-age",
    "takeovers",
    "founders-left",
    "depth",
    "generation-length",
    "heritability-parent",
    "champion-offspring",
    "best-ancestors",
];

/// Works out everything and writes the report.
pub(crate) fn write(settings: &Settings, genealogy: &Genealogy, details: &Details, pairs: &Pairs) -> Report {
    let windows = Windows::new(settings.window, genealogy.len());
    let results = Results {
        settings,
        genealogy,
        details,
        pairs,
        windows,
        founders: Founders::new(genealogy, settings, windows),
        coalescence: Coalescence::new(genealogy, settings, windows),
        offspring: Offspring::new(genealogy, settings),
        clades: Clades::new(genealogy, windows, settings.clade_share),
    };
    let best = ancestry::Best::new(&results);
    Report {
        analyzer: "lineage".into(),
        findings: findings::write(&results, &best),
        tables: tables::write(&results, &best),
        charts: charts::write(&results, &best),
    }
    .leading_with(LEAD)
}

/// Microseconds as seconds.
fn seconds(us: u64) -> f64 {
    us as f64 / 1e6
}
