//! The report as a page: what the drawing crate needs from a trace.

use lamarck_model::candidate::Nullable;
use lamarck_model::report::StudyReport;
use lamarck_model::{CandidateId, CandidateRecord, LayerGraph, SpaceSpec};
use lamarck_page::{Census, Explorer, ExplorerBuilder, KeepRule};
use lamarck_runtime::pipeline::space;
use lamarck_runtime::report::PageSource;
use lamarck_runtime::trace::{RunKey, Trace};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::io::{self, Write};

/// Longer runs get a page without the lineage explorer, which reads a run twice and holds some 40 bytes a candidate.
const LONGEST: u64 = 2_000_000;
/// Donors that are offered by name: those that lent most often.
const DONORS: usize = 20;

/// Writes a report as a page, with the explorer of the first run if there is a trace.
pub(crate) fn write(
    report: &StudyReport,
    source: Option<PageSource<'_>>,
    to: &mut dyn Write,
) -> io::Result<()> {
    let explorer = match source {
        Some(source) => explorer(report, source).map_err(|error| io::Error::other(format!("{error:#}")))?,
        None => None,
    };
    lamarck_page::write(report, explorer.as_ref(), to).map_err(io::Error::other)
}

/// The first run's candidates. `None` where there are none, or far too many.
fn explorer(report: &StudyReport, source: PageSource<'_>) -> anyhow::Result<Option<Explorer>> {
    let trace = source.trace;
    let Some(key) = trace.runs().into_iter().min_by_key(|run| (run.point, run.replicate)) else {
        return Ok(None);
    };
    let rows = trace.info(key)?.candidates.rows;
    if rows == 0 || rows > LONGEST {
        return Ok(None);
    }
    // Without the plugin of its space a trace can still be read: its architectures are then not drawn.
    let made = space(trace, key.point, source.registry).ok().flatten();
    let unnamed = SpaceSpec {
        name: String::new(),
        decisions: Vec::new(),
        constrained: false,
        levels: Vec::new(),
        class: None,
    };
    let spec = trace.header().space(key.point).cloned().unwrap_or(unnamed);

    let (mut census, mut donations) = (Census::new(), Donations::default());
    let mut records = trace.candidates(key)?.records();
    let mut record = CandidateRecord::default();
    while records.read(&mut record)? {
        census.add(&record);
        donations.add(&record);
    }
    let kept = census.keep(&donations.most(), population(trace, key), &KeepRule::default());
    let (score, unit) = report.points.first().map_or(("score", ""), |point| (&point.score, &point.unit));
    let mut builder = ExplorerBuilder::new(name(report, key), &spec, score, unit, kept);
    let mut records = trace.candidates(key)?.records();
    while records.read(&mut record)? {
        if !builder.wants(record.id) {
            continue;
        }
        let graph: Option<LayerGraph> = match &made {
            Some(made) if builder.wants_graph(record.id) => {
                made.space.build(&record.choices, &made.level).ok()
            }
            _ => None,
        };
        builder.add_candidate(&record, graph.as_ref());
    }
    Ok(Some(builder.finish()))
}

fn name(report: &StudyReport, key: RunKey) -> String {
    match report.points.first().map_or("", |point| point.label.as_str()) {
        "" => format!("replicate {}", key.replicate),
        label => format!("{label}, replicate {}", key.replicate),
    }
}

/// The population's size, for the candidates that were alive at the end.
fn population(trace: &Trace, key: RunKey) -> usize {
    let study = trace.header().points.get(key.point as usize).map(|point| &point.study);
    let size = study.and_then(|study| study.get("strategy")?.get("population")?.as_u64());
    size.and_then(|size| usize::try_from(size).ok()).unwrap_or(100)
}

/// Who lends how often.
#[derive(Default)]
struct Donations(HashMap<CandidateId, u64>);

impl Donations {
    fn add(&mut self, record: &CandidateRecord) {
        if let Some(donor) = record.donor.known() {
            *self.0.entry(donor).or_default() += 1;
        }
    }

    /// Those that lent most often, of equals the earlier.
    fn most(self) -> Vec<CandidateId> {
        let mut donors: Vec<(u64, CandidateId)> =
            self.0.into_iter().map(|(donor, donations)| (donations, donor)).collect();
        donors.sort_unstable_by_key(|(donations, donor)| (Reverse(*donations), *donor));
        donors.into_iter().take(DONORS).map(|(_, donor)| donor).collect()
    }
}
