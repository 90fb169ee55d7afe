//! The study's analyzers over the trace that it has just written.

use super::error::PipelineError;
use super::prepare::Prepared;
use crate::trace::{RunKey, Trace};
use lamarck_model::report::Report;
use rayon::prelude::*;
use std::path::Path;

/// Runs every analyzer of the study over each run of the trace, runs side by side.
pub(super) fn analyze(prepared: &[Prepared<'_>], dir: &Path) -> Result<Vec<Report>, PipelineError> {
    let trace = Trace::open(dir)?;
    let runs: Vec<_> = trace.runs();
    let reports: Result<Vec<Vec<Report>>, _> = runs
        .into_par_iter()
        .map(|key| {
            let point = &prepared[key.point as usize];
            (0..point.settings().analyzers.len()).map(|position| one(&trace, point, key, position)).collect()
        })
        .collect();
    Ok(reports?.into_iter().flatten().collect())
}

fn one(trace: &Trace, point: &Prepared<'_>, key: RunKey, position: usize) -> Result<Report, PipelineError> {
    let mut analyzer = point.analyzer(position)?;
    let failed = |source| PipelineError::Analyzer { source };
    for batch in trace.candidates(key)? {
        analyzer.candidates(&batch?.view()).map_err(failed)?;
    }
    if analyzer.wants_layers() {
        for batch in trace.layers(key)? {
            analyzer.layers(&batch?).map_err(failed)?;
        }
    }
    analyzer.finish().map_err(failed)
}
