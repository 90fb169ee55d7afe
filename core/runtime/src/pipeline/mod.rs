//! A study from plan to trace: every point's components are made and checked first, then all runs go side by side,
//! then the analyzers read what was written, and their report is put beside it.
//!
//! **Everything that can be wrong is found before the first candidate**: plugins are loaded, options checked by the
//! components themselves, the folder created and the header written. A study that fails after an hour fails for a
//! reason that nobody could know.
//!
//! **Runs share nothing that changes.** Space, evaluator and mutators are shared between the runs of a point and
//! answer through `&self`; strategy and scheduler belong to one run. So results do not depend on the number of
//! threads. When a run fails the others stop soon, resumably, and the first failure in the order of the plan is told.

mod analyze;
mod error;
mod fit;
mod plan;
mod prepare;
mod replay;

pub use analyze::{Analysis, Subject, TraceSpace, about, analyze, space, subjects};
pub use error::{PipelineError, PipelineErrorKind};
pub use fit::{Fitting, fitting};
pub use plan::{Change, Forecast, Found, Measured, Pilot, Plan, PlannedPoint, Totals, makespan};
pub use replay::Original;

use crate::engine::{self, End, Output, Progress, Recorded, RunSummary, run};
use crate::host::Registry;
use crate::report::{PageWriter, Written};
use crate::study::{Override, Study, plan};
use crate::trace::{RunHeader, RunKey, RunStatus, RunTotals, RunWriter, Trace, TraceError, TraceHeader};
use lamarck_model::report::StudyReport;
use lamarck_model::{CandidateColumns, EvaluatorSpec, LayerColumns, SpaceSpec};
use prepare::Prepared;
use rayon::prelude::*;
use replay::Candidates;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

/// How a study is to be run.
#[derive(Debug, Clone, Default)]
pub struct PipelineSettings {
    /// The trace's folder; needed if the study writes its trace.
    pub out: Option<PathBuf>,
    /// Runs at the same time; 0 for as many as there are cores.
    pub jobs: usize,
    /// Whether to go on with the trace that is in `out`.
    pub resume: bool,
    /// Stop every run, resumably, after so many candidates.
    pub pause_after: Option<u64>,
    /// The command that makes it again, for the report.
    pub command: String,
    /// What writes the report as a page.
    pub page: Option<PageWriter>,
    /// The commit that the program was built from, for the header.
    pub commit: Option<String>,
}

/// What came of one run.
#[derive(Debug, Clone)]
pub struct RunResult {
    /// The run.
    pub key: RunKey,
    /// How it ended.
    pub end: End,
    /// Its summary.
    pub summary: RunSummary,
}

/// What came of one point.
#[derive(Debug, Clone)]
pub struct PointInfo {
    /// What sets it apart; empty without a sweep.
    pub label: String,
    /// Its search space.
    pub space: SpaceSpec,
    /// Its evaluator.
    pub evaluator: EvaluatorSpec,
}

/// What came of a study.
#[derive(Debug, Clone)]
pub struct StudyResult {
    /// The points.
    pub points: Vec<PointInfo>,
    /// Whether any run played candidates that another had found.
    pub is_replay: bool,
    /// The runs, in the order of the plan.
    pub runs: Vec<RunResult>,
    /// The trace's folder, if one was written.
    pub trace: Option<PathBuf>,
    /// What the analyzers found, if the study is complete, wrote its trace and has analyzers. It stands in the trace's
    /// folder as well.
    pub report: Option<StudyReport>,
    /// The report's files.
    pub files: Option<Written>,
}

impl StudyResult {
    /// Whether every run is complete.
    pub fn is_complete(&self) -> bool {
        self.runs.iter().all(|run| run.end == End::Complete)
    }
}

/// Runs a study.
pub fn execute(
    study: &Study,
    registry: &Registry,
    settings: &PipelineSettings,
    progress: &Progress,
) -> Result<StudyResult, PipelineError> {
    run_all(study, registry, settings, None, progress)
}

/// Plays the runs of a trace once more, under a study that makes the same candidates.
pub fn replay(
    original: &Original<'_>,
    study: &Study,
    registry: &Registry,
    settings: &PipelineSettings,
    progress: &Progress,
) -> Result<StudyResult, PipelineError> {
    original.check(study)?;
    run_all(study, registry, settings, Some(original), progress)
}

fn run_all(
    study: &Study,
    registry: &Registry,
    settings: &PipelineSettings,
    original: Option<&Original<'_>>,
    progress: &Progress,
) -> Result<StudyResult, PipelineError> {
    let prepared: Vec<Prepared<'_>> =
        study.points().iter().map(|point| Prepared::new(study, registry, point)).collect::<Result<_, _>>()?;
    let writes = prepared.iter().any(|point| point.settings().trace.write);
    let dir = settings.out.as_deref().filter(|_| writes);
    // Making the header reads and hashes every plugin's file, which only a trace has a use for.
    let mut written = dir
        .map(|dir| Ok::<_, PipelineError>((dir, header(study, &prepared, settings.commit.as_deref())?)))
        .transpose()?;
    if let (Some((_, header)), Some(original)) = (&mut written, original) {
        header.replay_of = Some(original.name().to_owned());
    }
    let recorded = match &written {
        Some((dir, header)) if settings.resume => Some(check_resume(dir, header)?),
        _ => None,
    };
    if let Some((dir, header)) = &written {
        // A trace that was complete stays marked so until a run of it is found not to be.
        if recorded.as_ref().is_none_or(|trace| !trace.header().complete) {
            header.write(dir)?;
        }
    }
    let leaders = replay::leaders(&prepared);
    let candidates = |point: usize| match original {
        Some(original) => Candidates::Recorded(original),
        None if leaders[point] == point => Candidates::Own,
        None => Candidates::Of(&prepared[leaders[point]]),
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(settings.jobs).build()?;
    let keys: Vec<RunKey> = plan(study);
    let results: Vec<Result<(RunResult, RunHeader), PipelineError>> = pool.install(|| {
        keys.par_iter()
            .map(|&key| {
                let point = &prepared[key.point as usize];
                let played = candidates(key.point as usize);
                let result = one(point, key, dir, settings, played, recorded.as_ref(), progress);
                if result.is_err() {
                    progress.stop.store(true, Ordering::Relaxed);
                }
                result
            })
            .collect()
    });
    let mut runs = Vec::with_capacity(results.len());
    let mut failure = None;
    for result in results {
        match result {
            Ok((run, entry)) => {
                if let Some((_, header)) = &mut written {
                    header.set_run(entry);
                }
                runs.push(run);
            }
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    if let Some((dir, header)) = &written {
        header.write(dir)?;
    }
    if let Some(error) = failure {
        return Err(error);
    }
    let points = prepared
        .iter()
        .zip(study.points())
        .map(|(prepared, point)| PointInfo {
            label: point.label.clone(),
            space: prepared.space.spec().clone(),
            evaluator: prepared.evaluator.spec(),
        })
        .collect();
    let is_replay = original.is_some() || leaders.iter().enumerate().any(|(point, leader)| *leader != point);
    let trace = dir.map(Path::to_owned);
    let mut result = StudyResult { points, is_replay, runs, trace, report: None, files: None };
    if let Some(dir) = dir
        && result.is_complete()
        && prepared.iter().any(|point| !point.settings().analyzers.is_empty())
    {
        let trace = Trace::open(dir)?;
        let about = about(&trace, &settings.command);
        let analysis = pool.install(|| analyze::analyze_here(&subjects(&trace, ""), registry, &about))?;
        result.files = Some(analysis.write(dir, settings.page)?);
        result.report = Some(analysis.report);
    }
    Ok(result)
}

/// The header that the study's trace would have: its components are made and its plugins hashed, and nothing is run.
pub fn describe(
    study: &Study,
    registry: &Registry,
    commit: Option<&str>,
) -> Result<TraceHeader, PipelineError> {
    let prepared: Vec<Prepared<'_>> =
        study.points().iter().map(|point| Prepared::new(study, registry, point)).collect::<Result<_, _>>()?;
    header(study, &prepared, commit)
}

fn header(
    study: &Study,
    prepared: &[Prepared<'_>],
    commit: Option<&str>,
) -> Result<TraceHeader, PipelineError> {
    // A study has at least one point.
    let first = prepared.first().map(|point| &point.settings().study);
    let (seed, replicates) = first.map_or((0, 0), |section| (section.seed, section.replicates));
    let mut header = TraceHeader::new(study.name(), study.source().text(), seed, replicates);
    header.commit = commit.map(str::to_owned);
    header.overrides = study.overrides().iter().filter_map(Override::assignment).collect();
    for (point, described) in prepared.iter().zip(study.points()) {
        let (space, evaluator) = (point.space.spec(), point.evaluator.spec());
        header.add_point(&described.label, point.settings().to_json(), space, &evaluator);
        for plugin in point.plugins()? {
            if !header.plugins.contains(&plugin) {
                header.plugins.push(plugin);
            }
        }
    }
    Ok(header)
}

/// Opens the trace to be resumed, and checks that it is this study's. Another commit of the same release may resume it:
/// whatever it changed, each recorded candidate is made again and held against its record.
fn check_resume(dir: &Path, now: &TraceHeader) -> Result<Trace, PipelineError> {
    let trace = Trace::open(dir)?;
    let then = trace.header();
    let differs = if then.lamarck != now.lamarck {
        Some(format!("it was written by lamarck {}, and this is {}", then.lamarck, now.lamarck))
    } else if then.plugins != now.plugins {
        let changed = now.plugins.iter().find(|plugin| !then.plugins.contains(plugin));
        Some(changed.or(then.plugins.first()).map_or_else(
            || "its plugins differ".to_owned(),
            |plugin| {
                format!("the plugin of the {} `{}` is not the one that wrote it", plugin.kind, plugin.name)
            },
        ))
    } else if (&then.points, then.seed, then.replicates) != (&now.points, now.seed, now.replicates) {
        Some("it is the trace of other settings".to_owned())
    } else if then.sources != now.sources {
        Some("the data behind the scores have changed".to_owned())
    } else {
        None
    };
    match differs {
        None => Ok(trace),
        Some(what) => Err(PipelineError::Resume {
            dir: dir.to_owned(),
            what: format!(
                "{what}; resume with what began it, or start anew with --overwrite or another --out"
            ),
        }),
    }
}

/// Runs one run.
fn one(
    point: &Prepared<'_>,
    key: RunKey,
    dir: Option<&Path>,
    settings: &PipelineSettings,
    candidates: Candidates<'_>,
    recorded: Option<&Trace>,
    progress: &Progress,
) -> Result<(RunResult, RunHeader), PipelineError> {
    let run_settings = point.run_settings(key, settings.pause_after);
    let components = point.components()?;
    let width = point.space.spec().decisions.len();
    let mut writer = match dir {
        Some(dir) if point.settings().trace.write => {
            let (rows, layers) = (run_settings.part_rows, run_settings.layers);
            Some(if settings.resume {
                RunWriter::resume(dir, key, width, rows, layers)?
            } else {
                RunWriter::create(dir, key, width, rows, layers)?
            })
        }
        _ => None,
    };
    let mut forget = Forget;
    let mut store = writer.as_mut().map(Store);
    let output: &mut dyn Output = match &mut store {
        Some(store) => store,
        None => &mut forget,
    };
    let result = match (candidates.script(key)?, recorded) {
        // Nobody was asked anything, so that there is nothing to hold against a record.
        (Some(script), _) => engine::replay(components, &run_settings, script, output, progress),
        (None, Some(trace)) => {
            let rows: Recorded<'_> = Box::new(trace.recorded(key));
            run(components, &run_settings, Some(rows), output, progress)
        }
        (None, None) => run(components, &run_settings, None, output, progress),
    };
    let (end, summary) = result.map_err(|source| PipelineError::Run { key, source })?;
    let totals = match (&writer, end) {
        (Some(writer), End::Complete) => writer.complete()?,
        (Some(writer), End::Interrupted) => writer.totals(),
        (None, _) => RunTotals::default(),
    };
    let entry = RunHeader {
        key,
        status: if end == End::Complete { RunStatus::Complete } else { RunStatus::Interrupted },
        candidates: totals.candidates,
        parts: totals.parts,
        layers: totals.layers,
        layer_parts: totals.layer_parts,
    };
    Ok((RunResult { key, end, summary }, entry))
}

/// Writes parts to the trace.
struct Store<'a>(&'a mut RunWriter);

impl Output for Store<'_> {
    fn candidates(&mut self, part: &mut CandidateColumns) -> Result<(), TraceError> {
        self.0.write_candidates(&part.view())
    }

    fn layers(&mut self, part: &mut LayerColumns) -> Result<(), TraceError> {
        self.0.write_layers(part)
    }
}

/// Writes nothing: `trace.write = false`.
struct Forget;

impl Output for Forget {
    fn candidates(&mut self, _: &mut CandidateColumns) -> Result<(), TraceError> {
        Ok(())
    }

    fn layers(&mut self, _: &mut LayerColumns) -> Result<(), TraceError> {
        Ok(())
    }
}
