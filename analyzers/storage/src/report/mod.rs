//! The report: findings, tables and charts from what was counted.

mod charts;
mod findings;
mod tables;

use crate::Storage;
use crate::replay::Replay;
use crate::survival::Lifetimes;
use crate::table::Table;
use crate::windows::Window;
use lamarck_sdk::Report;

/// A microsecond.
pub(crate) const SECOND: f64 = 1e6;

/// What several parts of the report need, computed once.
pub(crate) struct Facts<'a> {
    of: &'a Storage,
    whole: Window,
    windows: &'a [Window],
    /// The x of each window.
    ends: Vec<f64>,
    /// What the layers table told, or why it told nothing.
    layers: Result<(&'a Replay, &'a Table), &'static str>,
}

/// Why nothing is said about members.
const NO_POPULATION: &str =
    "nobody says how many of the last candidates are members; set option `population`";

impl<'a> Facts<'a> {
    fn new(of: &'a Storage) -> Self {
        let layers = match (&of.replay, &of.table) {
            (_, None) => Err("the `layers` table was not read; set option `layers`"),
            (Some(replay), Some(table)) if replay.rows > replay.oddities.strays => Ok((replay, table)),
            (Some(replay), _) if replay.rows > 0 => {
                Err("no row of the `layers` table is of a candidate of this run that ended well")
            }
            _ => Err(
                "the trace has no `layers` table; record one with `trace.layers = true` (an imported trace has none)",
            ),
        };
        Self { whole: of.windows.whole(), windows: of.windows.shown(), ends: of.windows.ends(), layers, of }
    }

    /// The same, for what needs to know who is a member.
    fn members(&self) -> Result<(&'a Replay, &'a Table), &'static str> {
        let known = self.of.settings.population.is_some();
        self.layers.and_then(|layers| if known { Ok(layers) } else { Err(NO_POPULATION) })
    }

    fn population(&self) -> Option<f64> {
        self.of.settings.population.map(|population| population as f64)
    }

    /// Bytes of a stored model, on average.
    fn mean_model(&self) -> Option<f64> {
        let whole = self.whole;
        (whole.sized > 0).then(|| whole.whole as f64 / whole.sized as f64)
    }

    /// Bytes that were written: what the candidates say, else what the layers do.
    fn written(&self) -> Result<(f64, u64), String> {
        if self.whole.storing > 0 {
            return Ok((self.whole.stored as f64, self.whole.storing));
        }
        match self.layers {
            Ok((replay, _)) if replay.oddities.unmapped == 0 => {
                Ok((replay.kept[0].live as f64, self.whole.models))
            }
            _ if self.of.settings.no_transfer => {
                Err("the study transfers no weights, so every model is stored whole".into())
            }
            _ => Err("the trace does not tell what candidates stored".into()),
        }
    }

    /// Bytes that a candidate writes, on average over all that finished.
    fn written_each(&self) -> Option<f64> {
        let (bytes, _) = self.written().ok()?;
        (self.whole.rows > 0).then(|| bytes / self.whole.rows as f64)
    }

    /// Promised layers that a rule had deleted, and their bytes: from the maps, and for the rule in force what candidates
    /// trained again (such layers are theirs in the map), of which the bytes are not told.
    fn missed(&self, replay: &Replay, rule: usize) -> (f64, Option<f64>) {
        let kept = &replay.kept[rule];
        let again = if self.of.settings.in_force == Some(rule) { self.whole.missed } else { 0 };
        (kept.missed as f64 + again as f64, (again == 0).then_some(kept.missed_bytes as f64))
    }

    /// A sum over slots, on average.
    fn per_slot(&self, sum: f64) -> f64 {
        if self.whole.rows == 0 { f64::NAN } else { sum / self.whole.rows as f64 }
    }
}

/// The findings that answer the question, before those that say what it rests on.
const LEAD: &[&str] = &[
    "saved-share",
    "owners-mean",
    "peak-bytes-all",
    "peak-bytes-reachable",
    "peak-bytes-population",
    "missed-layers-population",
    "delay-for-references",
    "lifetime-median",
];

pub(crate) fn write(of: &Storage) -> Report {
    let facts = Facts::new(of);
    Report {
        analyzer: "storage".to_owned(),
        findings: findings::all(&facts),
        tables: tables::all(&facts),
        charts: charts::all(&facts),
    }
    .leading_with(LEAD)
}

/// Lifetimes at which survival is shown: four an octave, whole numbers, up to the length of the run.
fn ages(rows: u64) -> Vec<u64> {
    let mut ages: Vec<u64> = (0..128_u32)
        .map(|i| (f64::from(i) / 4.0).exp2().round())
        .take_while(|&age| age <= rows as f64)
        .map(|age| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "from 1 to 2^32, and rounded"
            )]
            let age = age as u64;
            age
        })
        .collect();
    ages.dedup();
    ages
}

/// The 10th, 50th and 90th percentile, and the mean of those that died.
fn quantiles(of: &Lifetimes) -> [Option<f64>; 4] {
    let quantile = |share| of.quantile(crate::survival::Weight::Layers, share);
    [quantile(0.1), quantile(0.5), quantile(0.9), of.mean()]
}
