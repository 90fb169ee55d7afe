//! Findings, tables and charts from what was counted.

mod charts;
mod findings;
mod tables;

use crate::hazard::Fit;
use crate::lives::NONE;
use crate::ranks::{Explained, explained};
use crate::rising::{CONDITIONS, Effect, Groups};
use crate::run::{Lenders, Run};
use crate::setting::Span;
use crate::window::{ARCHITECTURES, Donor, MODELS};
use lamarck_sdk::Report;

/// What several parts of the report speak of.
struct Facts<'a> {
    run: &'a Run,
    /// Why there are no donations.
    no_donations: Option<&'static str>,
    /// Why nothing can be said of windows, nor of who led in them.
    no_windows: Option<&'static str>,
    /// Why nothing can be said of leaders.
    no_leaders: Option<&'static str>,
    effects: [(u64, Result<Effect, &'static str>); CONDITIONS],
    hazard: Fit,
    ranks: Result<Explained, &'static str>,
}

/// The findings that answer the question, before those that say what it rests on.
const LEAD: &[&str] = &[
    "donors-first",
    "donors-effective",
    "leaders",
    "leader-rise",
    "leader-duration",
    "fall-lost-longest-match",
    "fall-unrelated",
    "rank-explains",
    "rise-rank",
    "rise-score",
];

pub(crate) fn write(run: &Run) -> Report {
    let no_donations = if run.rows == 0 {
        Some("the trace holds no candidates")
    } else if run.lenders == Lenders::Nobody {
        Some("the trace names neither donors nor parents")
    } else if run.donations == 0 {
        Some("all donors have ids that are too large to be followed")
    } else {
        None
    };
    let timeless = matches!(run.setting.span, Span::Time(_)) && !run.timed;
    let untimed = timeless.then_some("windows of virtual time were asked for, and the trace has no times");
    let no_windows = no_donations
        .or(untimed)
        .or((run.closed == 0).then_some("the run is shorter than a window; choose a smaller `window`"));
    let no_leaders = no_donations.or(untimed).or(run
        .leaders
        .all
        .is_empty()
        .then_some("no donor had as many donations in a window as a leader needs"));
    let facts = Facts {
        run,
        no_donations,
        no_windows,
        no_leaders,
        effects: effects(run),
        hazard: run.hazard.fit(),
        ranks: explained(run),
    };
    Report {
        analyzer: "popularity".to_owned(),
        findings: findings::write(&facts),
        tables: tables::write(&facts),
        charts: charts::write(&facts),
    }
    .leading_with(LEAD)
}

fn is_leader(donor: &Donor) -> bool {
    donor.leader != NONE
}

/// How donors that led differ from those that never did.
fn effects(run: &Run) -> [(u64, Result<Effect, &'static str>); CONDITIONS] {
    let led = run.leaders.all.len();
    let mut groups: [Groups; CONDITIONS] = std::array::from_fn(|_| Groups::new(led, run.donors.len() - led));
    for donor in &run.donors {
        for (group, value) in groups.iter_mut().zip(characteristics(run, donor)) {
            group.add(is_leader(donor), value);
        }
    }
    groups.map(|group| (group.n(), group.effect()))
}

/// The characteristics of a donor, in the order of [`NAMES`](crate::rising::NAMES); not a number if not known.
fn characteristics(run: &Run, donor: &Donor) -> [f64; CONDITIONS] {
    let Some(life) = run.lives.known(donor.id) else { return [f64::NAN; CONDITIONS] };
    let architecture = run.vectors.get(life.architecture);
    let if_parents = |value| if run.children > 0 { value } else { f64::NAN };
    [
        if life.rank == NONE { f64::NAN } else { f64::from(life.rank) },
        f64::from(life.score),
        if_parents(f64::from(life.depth())),
        donor.layers(),
        architecture.map_or(f64::NAN, |of| f64::from(of.layers)),
        architecture.map_or(f64::NAN, |of| f64::from(of.bytes)),
        f64::from(life.row) / f64::from(run.rows.max(1)),
        if_parents(f64::from(u8::from(life.is_derived()))),
        f64::from(donor.first) - f64::from(life.row),
    ]
}

impl Facts<'_> {
    /// A leader's donor.
    fn donor(&self, slot: u32) -> Option<&Donor> {
        self.run.donors.get(slot as usize)
    }

    /// All keys of a sphere that ever donated, with their donations.
    fn totals(&self, sphere: usize) -> Box<dyn Iterator<Item = (u32, u64)> + '_> {
        let all: Box<dyn Iterator<Item = u64>> = match sphere {
            MODELS => Box::new(self.run.donors.iter().map(|donor| u64::from(donor.total))),
            ARCHITECTURES => Box::new(self.run.vectors.donations()),
            _ => Box::new(self.run.vectors.donations_by_prefix().into_iter()),
        };
        Box::new((0..).zip(all).filter(|of| of.1 > 0))
    }
}

/// `1,0,3`.
fn choices(vector: &[lamarck_sdk::Choice]) -> String {
    vector.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}
