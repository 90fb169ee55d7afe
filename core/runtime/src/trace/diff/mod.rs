//! Where two traces part.
//!
//! Two runs of one study are equal to the byte, so a comparison of files would say *that* something changed; this
//! says *what*, in the order in which one thing leads to another: the parts of the headers that determine runs; for each
//! run the first event in virtual time that differs, explained; and how far the runs part from there on. All that comes
//! after the first event follows from it, so it is counted and not listed.
//!
//! `header` compares what traces say of themselves (a locked run asks the same question), `points` says which point is
//! which, `rows` finds the first row that differs, `event` the event behind it, `explain` puts it into words, and
//! `spread` follows both runs to their ends.

mod event;
mod explain;
mod header;
mod points;
mod rows;
mod spread;
mod words;

pub use event::{ColumnDifference, EventKind};
pub use explain::{Cause, Divergence};
pub use header::{Aspect, HeaderDifference, headers};
pub use spread::Spread;

use super::error::TraceError;
use super::layout::{RunKey, Table};
use super::reader::Trace;
use explain::{Known, explain};
use lamarck_model::CandidateId;
use points::{Pair, pairs};
use serde::Serialize;

/// What a comparison found.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct DiffReport {
    /// What differs in the headers.
    pub header: Vec<HeaderDifference>,
    /// The first difference of each run that has one, in the order of the runs.
    pub runs: Vec<RunDifference>,
    /// Runs that both have.
    pub compared_runs: u64,
    /// Candidates that are equal in both.
    pub equal_candidates: u64,
}

/// How a run differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunDifference {
    /// Which run: as the first trace counts, or as the second does where only that has it.
    pub key: RunKey,
    /// Which run of the second trace it is, where it counts its points differently.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_b: Option<RunKey>,
    /// Rows of candidates that are equal at the beginning of both.
    pub equal: u64,
    /// Until when, in microseconds of virtual time, both runs' finished candidates are equal.
    pub equal_until_us: Option<u64>,
    /// The first difference in the order of the rows.
    pub first: FirstDifference,
    /// The first difference in virtual time; `None` where only the layers differ, or only one trace has the run.
    pub event: Option<Divergence>,
    /// How far the runs part afterwards.
    pub spread: Option<Spread>,
}

/// The first difference of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "what")]
pub enum FirstDifference {
    /// Only one of the traces has the run.
    Absent {
        /// Which has not.
        from: Side,
    },
    /// A row differs.
    Row {
        /// Of which table.
        table: Table,
        /// Its number in the run, from 0, in the order in which candidates finished.
        row: u64,
        /// The candidate there in the first trace.
        candidate: CandidateId,
        /// The first column that differs.
        column: &'static str,
        /// What the first trace has there.
        a: String,
        /// What the second has.
        b: String,
    },
    /// One of the traces ends where the other goes on; all rows up to there are equal.
    Shorter {
        /// Which ends.
        side: Side,
        /// In which table.
        table: Table,
        /// Its rows.
        rows: u64,
    },
}

/// One of the two traces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The first.
    A,
    /// The second.
    B,
}

impl DiffReport {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.header.is_empty() && self.runs.is_empty()
    }
}

/// Compares two traces, both read batch by batch.
///
/// # Errors
/// Whatever reading either of them says.
pub fn diff(a: &Trace, b: &Trace) -> Result<DiffReport, TraceError> {
    let mut report = DiffReport { header: headers(a.header(), b.header()), ..DiffReport::default() };
    let (runs_a, runs_b) = (a.runs(), b.runs());
    for pair in pairs(a.header(), b.header()) {
        // A point that only one trace has is told with the headers, once for all of its runs.
        let Pair::Both(point_a, point_b) = pair else { continue };
        let replicates = |runs: &[RunKey], point: u32| -> Vec<u32> {
            runs.iter().filter(|run| run.point == point).map(|run| run.replicate).collect()
        };
        let (in_a, in_b) = (replicates(&runs_a, point_a), replicates(&runs_b, point_b));
        let mut all: Vec<u32> = in_a.iter().chain(&in_b).copied().collect();
        all.sort_unstable();
        all.dedup();
        for replicate in all {
            let (key_a, key_b) = (RunKey { point: point_a, replicate }, RunKey { point: point_b, replicate });
            let found = match (in_a.contains(&replicate), in_b.contains(&replicate)) {
                (true, true) => {
                    report.compared_runs += 1;
                    one((a, key_a), (b, key_b), &mut report)?
                }
                (false, _) => Some(absent(key_a, key_b, Side::A)),
                (_, false) => Some(absent(key_a, key_b, Side::B)),
            };
            report.runs.extend(found);
        }
    }
    Ok(report)
}

fn absent(key: RunKey, key_b: RunKey, from: Side) -> RunDifference {
    RunDifference {
        key,
        key_b: (key != key_b).then_some(key_b),
        equal: 0,
        equal_until_us: None,
        first: FirstDifference::Absent { from },
        event: None,
        spread: None,
    }
}

/// Compares a run that both traces have.
fn one(
    a: (&Trace, RunKey),
    b: (&Trace, RunKey),
    report: &mut DiffReport,
) -> Result<Option<RunDifference>, TraceError> {
    let mut equal = 0;
    let first = rows::candidates(a, b, &mut equal)?;
    report.equal_candidates += equal;
    let key_b = (a.1 != b.1).then_some(b.1);
    let Some(first) = first else {
        let difference = |first| RunDifference {
            key: a.1,
            key_b,
            equal,
            equal_until_us: None,
            first,
            event: None,
            spread: None,
        };
        return Ok(rows::layers(a, b)?.map(difference));
    };
    let rest = spread::rest(a, b, equal)?;
    let known = Known { a: (a.0.header(), a.1.point), b: (b.0.header(), b.1.point), header: &report.header };
    Ok(Some(RunDifference {
        key: a.1,
        key_b,
        equal,
        equal_until_us: rest.equal_until_us,
        first,
        event: rest.first.map(|event| explain(event, &known)),
        spread: Some(rest.spread),
    }))
}
