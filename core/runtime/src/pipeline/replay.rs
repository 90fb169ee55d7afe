//! Candidates that have been, on other clusters.
//!
//! What would another scheduler, another cache or a slower network have done? A second *search* answers with other candidates,
//! because other completions lead to other parents, and luck drowns what was asked. A replay keeps the candidates and changes
//! what happens to them (`engine::Script` says what exactly). There are two ways to it:
//!
//! - a study with `study.replay = true`: of its points that differ only in cluster, scheduler and retention, the first
//!   searches, and the others play what it found. So a sweep over schedulers compares them on the same candidates;
//! - [`replay`](super::replay): the runs of a trace, under another study.
//!
//! The search is made again for every point that plays it, in memory, rather than kept for them: it costs less than
//! writing and reading it, runs stay independent of each other, and resuming needs nothing new.

use super::error::PipelineError;
use super::prepare::Prepared;
use crate::engine::{Recorded, Script};
use crate::host::Registry;
use crate::study::{Settings, Study};
use crate::trace::{RunKey, RunStatus, Trace};
use serde_json::Value;

/// A point of a trace, to be played again.
pub struct Original<'a> {
    trace: &'a Trace,
    point: u32,
    prepared: Prepared<'a>,
}

impl<'a> Original<'a> {
    /// Makes the components that searched. `study` is that of the point, as the trace has it, and has one point.
    ///
    /// # Errors
    /// When a plugin is missing, or a run of the point is not complete.
    pub fn new(
        trace: &'a Trace,
        point: u32,
        study: &'a Study,
        registry: &'a Registry,
    ) -> Result<Self, PipelineError> {
        let unfinished = trace
            .header()
            .runs
            .iter()
            .find(|run| run.key.point == point && run.status != RunStatus::Complete);
        if let Some(run) = unfinished {
            let what = format!(
                "{} is {}; finish it first with `lamarck run --resume`",
                run.key,
                run.status.as_str()
            );
            return Err(PipelineError::Replay { what });
        }
        let Some(first) = study.points().first() else {
            return Err(PipelineError::Replay { what: "the study has no points".into() });
        };
        Ok(Self { trace, point, prepared: Prepared::new(study, registry, first)? })
    }

    /// Refuses a study that would need other candidates than the recorded ones.
    pub(super) fn check(&self, study: &Study) -> Result<(), PipelineError> {
        let recorded = self.prepared.settings();
        for point in study.points() {
            if let Some((key, then, now)) = difference(&fixed(recorded), &fixed(&point.settings), "") {
                let what = format!(
                    "`{key}` was {then} and would be {now}, which makes other candidates; a replay may change \
                     [scheduler], [cluster] and how [transfer] retains, and for the rest `lamarck run` makes a new search"
                );
                return Err(PipelineError::Replay { what });
            }
            let replicates = point.settings.study.replicates;
            if replicates > recorded.study.replicates {
                let what = format!(
                    "the trace has {} replicates, and {replicates} are asked for",
                    recorded.study.replicates
                );
                return Err(PipelineError::Replay { what });
            }
        }
        Ok(())
    }

    /// The name of the trace's study.
    pub(super) fn name(&self) -> &str {
        &self.trace.header().name
    }
}

/// Whose candidates a point plays.
#[derive(Clone, Copy)]
pub(super) enum Candidates<'a> {
    /// Its own: it searches.
    Own,
    /// Those that another point of the study finds.
    Of(&'a Prepared<'a>),
    /// Those of a trace.
    Recorded(&'a Original<'a>),
}

impl Candidates<'_> {
    /// The script of a run; `None` for a run that searches.
    pub(super) fn script(self, key: RunKey) -> Result<Option<Script>, PipelineError> {
        self.script_of(key, None)
    }

    /// The script of the first so many candidates of a run.
    pub(super) fn script_of(
        self,
        key: RunKey,
        candidates: Option<u64>,
    ) -> Result<Option<Script>, PipelineError> {
        let (prepared, rows): (_, Option<Recorded<'_>>) = match self {
            Self::Own => return Ok(None),
            Self::Of(prepared) => (prepared, None),
            Self::Recorded(original) => {
                let of = RunKey { point: original.point, replicate: key.replicate };
                (&original.prepared, Some(Box::new(original.trace.recorded(of))))
            }
        };
        let mut settings = prepared.run_settings(key, None);
        settings.candidates = candidates.or(settings.candidates);
        let script = Script::read(prepared.components()?, &settings, rows)
            .map_err(|source| PipelineError::Run { key, source })?;
        Ok(Some(script))
    }
}

/// For each point of a study the point whose candidates it plays, itself if it searches.
pub(super) fn leaders(points: &[Prepared<'_>]) -> Vec<usize> {
    let fixed: Vec<Value> = points.iter().map(|point| fixed(point.settings())).collect();
    let leader = |position: usize| {
        let plays = points[position].settings().study.replay;
        let first = fixed.iter().position(|other| *other == fixed[position]);
        first.filter(|_| plays).unwrap_or(position)
    };
    (0..points.len()).map(leader).collect()
}

/// The settings on which candidates depend: all but where they are placed, what is kept of them and what is asked later.
fn fixed(settings: &Settings) -> Value {
    let mut json = settings.to_json();
    if let Some(sections) = json.as_object_mut() {
        for section in ["cluster", "scheduler", "analyzers", "trace", "plugins"] {
            sections.remove(section);
        }
        for (section, keys) in [
            ("study", &["name", "summary", "replicates", "replay"][..]),
            ("transfer", &["retention", "window", "missing"]),
        ] {
            if let Some(section) = sections.get_mut(section).and_then(Value::as_object_mut) {
                section.retain(|key, _| !keys.contains(&key.as_str()));
            }
        }
    }
    json
}

/// The first key in which two settings differ, with both values as text.
fn difference(a: &Value, b: &Value, path: &str) -> Option<(String, String, String)> {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            let mut keys: Vec<&String> = a.keys().chain(b.keys()).collect();
            keys.sort_unstable();
            keys.dedup();
            keys.into_iter().find_map(|key| {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                difference(a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null), &path)
            })
        }
        _ if a == b => None,
        _ => Some((path.to_owned(), a.to_string(), b.to_string())),
    }
}
