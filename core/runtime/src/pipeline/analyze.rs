//! The study's analyzers over the trace that it has just written.

use super::error::PipelineError;
use super::prepare::Prepared;
use crate::trace::Trace;
use lamarck_model::report::Report;
use rayon::prelude::*;
use std::path::Path;

/// Runs every analyzer of the study over the whole trace, side by side. The points of a sweep share their analyzers;
/// they are made once, with the context of the first point.
pub(super) fn analyze(prepared: &[Prepared<'_>], dir: &Path) -> Result<Vec<Report>, PipelineError> {
    let Some(first) = prepared.first() else { return Ok(Vec::new()) };
    let count = first.settings().analyzers.len();
    (0..count).into_par_iter().map(|position| one(first, position, dir)).collect()
}

fn one(point: &Prepared<'_>, position: usize, dir: &Path) -> Result<Report, PipelineError> {
    let trace = Trace::open(dir)?;
    let mut analyzer = point.analyzer(position)?;
    let failed = |source| PipelineError::Analyzer { source };
    for key in trace.runs() {
        analyzer.begin_run(key.point, key.replicate).map_err(failed)?;
        for batch in trace.candidates(key)? {
            analyzer.candidates(&batch?.view()).map_err(failed)?;
        }
        for batch in trace.layers(key)? {
            analyzer.layers(&batch?).map_err(failed)?;
        }
    }
    analyzer.finish().map_err(failed)
}
