//! What a study would do, without doing it: `lamarck run --dry-run`.
//!
//! **A plan is made by the code that runs the study.** [`Plan::new`] makes every component of every point as a run does, so what
//! a plan accepts a run accepts, and errors read the same. A checker of its own would drift.
//!
//! **Estimates are measured.** How long a candidate takes and how many bytes it leaves depends on the space, the cluster, the
//! transfer and the plugins; a formula for it would be wrong in every second study. So a [pilot](Plan::pilot) runs the first candidates
//! of a point in memory, encodes their rows as the trace would, and shows them to the point's analyzers. Two pilots of different
//! lengths tell what is once (components, dictionaries, footers) from what is for each candidate; [`Forecast`] is the line through both.
//! What grows faster than the number of candidates (an index of all stored models, say) is thus underestimated where the
//! budget is many times the pilot, and whoever shows an estimate says how long its pilot was. A pilot that is as long as
//! the budget is no estimate: it has done what the run will do.
//!
//! The clock is the caller's: a library reads none, and a pilot that takes too long is stopped through [`Progress`].

mod changes;
mod forecast;
mod pilot;

pub use changes::Change;
pub use forecast::{Forecast, Measured, Totals, makespan};
pub use pilot::Pilot;

use super::error::PipelineError;
use super::prepare::Prepared;
use super::{check_resume, header, replay};
use crate::host::Registry;
use crate::study::{Point, Study};
use crate::trace::{RunStatus, Trace, TraceError};
use lamarck_model::{EvaluatorSpec, SpaceSpec};
use std::fs;
use std::path::Path;

/// A study whose components were made and checked, and of which nothing has run.
pub struct Plan<'a> {
    study: &'a Study,
    prepared: Vec<Prepared<'a>>,
    leaders: Vec<usize>,
    changes: Vec<Vec<Change>>,
    commit: Option<String>,
}

/// One point of a plan.
#[derive(Debug, Clone, Copy)]
pub struct PlannedPoint<'p> {
    /// The point and its settings.
    pub point: &'p Point,
    /// Its space.
    pub space: &'p SpaceSpec,
    /// The point whose candidates it plays, in a study that replays them (`study.replay`).
    pub plays: Option<usize>,
    /// What is set in it otherwise than by default, and its components.
    pub changes: &'p [Change],
}

/// What stands in a folder in which a trace is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// Something that is no trace.
    NoTrace,
    /// A trace that cannot be gone on with; why not.
    Other(String),
    /// A trace of this study.
    Trace {
        /// Runs that are complete.
        complete: usize,
        /// Runs that were begun and are not complete.
        begun: usize,
        /// Candidates on disk, over all runs.
        candidates: u64,
    },
}

impl<'a> Plan<'a> {
    /// Makes all components of all points. `commit` is what the program was built from, as for
    /// [`PipelineSettings`](super::PipelineSettings).
    ///
    /// # Errors
    /// As [`execute`](super::execute) before its first candidate.
    pub fn new(
        study: &'a Study,
        registry: &'a Registry,
        commit: Option<String>,
    ) -> Result<Self, PipelineError> {
        let prepared: Vec<Prepared<'a>> = study
            .points()
            .iter()
            .map(|point| Prepared::new(study, registry, point))
            .collect::<Result<_, _>>()?;
        let leaders = replay::leaders(&prepared);
        let inventory = registry.inventory();
        let changes = study.points().iter().map(|point| changes::of(&point.settings, &inventory)).collect();
        Ok(Self { study, prepared, leaders, changes, commit })
    }

    /// The study.
    pub fn study(&self) -> &'a Study {
        self.study
    }

    /// The points, in the order of the study.
    pub fn points(&self) -> impl ExactSizeIterator<Item = PlannedPoint<'_>> {
        self.study.points().iter().enumerate().map(|(at, point)| PlannedPoint {
            point,
            space: self.prepared[at].space.spec(),
            plays: Some(self.leaders[at]).filter(|leader| *leader != at),
            changes: &self.changes[at],
        })
    }

    /// What the evaluator of a point says of its scores.
    pub fn evaluator(&self, point: usize) -> Option<EvaluatorSpec> {
        Some(self.prepared.get(point)?.evaluator.spec())
    }

    /// Bytes of the header, `trace.json`, before the first run.
    ///
    /// # Errors
    /// When a plugin's file cannot be read.
    pub fn header_bytes(&self) -> Result<u64, PipelineError> {
        let header = header(self.study, &self.prepared, self.commit.as_deref())?;
        // A header is a plain struct, which serde_json cannot fail on.
        Ok(serde_json::to_vec_pretty(&header).unwrap_or_default().len() as u64)
    }

    /// What stands in the folder of the trace. Nothing in it is changed.
    ///
    /// # Errors
    /// When a plugin's file cannot be read.
    pub fn found(&self, dir: &Path) -> Result<Found, PipelineError> {
        let mut entries = match fs::read_dir(dir) {
            Ok(entries) => entries,
            // A file, or a folder of somebody else: the run will say so in its own words.
            Err(_) if dir.symlink_metadata().is_ok() => return Ok(Found::NoTrace),
            Err(_) => return Ok(Found::Nothing),
        };
        if entries.next().is_none() {
            return Ok(Found::Nothing);
        }
        let trace = match Trace::open(dir) {
            Ok(trace) => trace,
            Err(TraceError::NotATrace { .. }) => return Ok(Found::NoTrace),
            Err(error) => return Ok(Found::Other(error.to_string())),
        };
        match check_resume(dir, &header(self.study, &self.prepared, self.commit.as_deref())?) {
            Ok(_) => {}
            Err(PipelineError::Resume { what, .. }) => return Ok(Found::Other(what)),
            Err(error) => return Ok(Found::Other(error.to_string())),
        }
        let mut found = (0, 0, 0_u64);
        for key in trace.runs() {
            let complete = trace.header().run(key).is_some_and(|run| run.status == RunStatus::Complete);
            if complete {
                found.0 += 1;
            } else {
                found.1 += 1;
            }
            match trace.info(key) {
                Ok(info) => found.2 = found.2.saturating_add(info.candidates.rows),
                Err(error) => return Ok(Found::Other(error.to_string())),
            }
        }
        Ok(Found::Trace { complete: found.0, begun: found.1, candidates: found.2 })
    }
}
