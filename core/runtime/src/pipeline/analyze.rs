//! Analyzers over traces: over the one that a study has just written, or over any that are there.
//!
//! **A batch is decoded once** and shown to all analyzers of the run; while they look at it, the next one is decoded.
//! Runs go side by side, and so do the analyzers of a run. A run's rows are never held, only the open batch is, so
//! memory is what analyzers keep, whatever the length of the run.
//!
//! **What an analyzer is told comes from the trace's header**, also right after the study: what it says of a trace
//! does not depend on who asks it, and `lamarck report` gives the bytes that `lamarck run` gave.

use super::error::PipelineError;
use crate::host::Registry;
use crate::report::{
    About, PageSource, PageWriter, PointInfo, ReportError, RunReports, SectionInfo, Written, merge, write,
};
use crate::study::{AnalyzerChoice, ComponentChoice};
use crate::trace::{CandidateBatch, RunKey, RunStatus, Trace};
use lamarck_model::declaration::Kind;
use lamarck_model::report::{PointReport, Report, StudyReport};
use lamarck_model::{Analyzer, Context, LayerColumns, SearchSpace};
use rayon::prelude::*;
use serde_json::Value;
use std::path::Path;

/// A point of a trace, and what is to be asked about its runs.
#[derive(Debug, Clone)]
pub struct Subject<'a> {
    /// The trace.
    pub trace: &'a Trace,
    /// The point in the trace.
    pub point: u32,
    /// What sets it apart from the other subjects; may be empty.
    pub label: String,
    /// The analyzers, with complete options.
    pub analyzers: Vec<AnalyzerChoice>,
}

/// The points of a trace, with the analyzers of the study that wrote it. Where several traces stand side by side,
/// `name` says which one this is.
pub fn subjects<'a>(trace: &'a Trace, name: &str) -> Vec<Subject<'a>> {
    let header = trace.header();
    let known = u32::try_from(header.points.len()).unwrap_or(u32::MAX);
    // An imported trace may have runs of points of which nothing is written.
    let points = trace.runs().iter().map(|run| run.point.saturating_add(1)).fold(known, u32::max);
    (0..points)
        .map(|point| {
            let described = header.points.get(point as usize);
            let own = described.map_or("", |described| described.label.as_str());
            let label = match (name, own) {
                ("", own) => own.to_owned(),
                (name, "") if points == 1 => name.to_owned(),
                (name, "") => format!("{name}: point {point}"),
                (name, own) => format!("{name}: {own}"),
            };
            let analyzers = described.map_or_else(Vec::new, |described| recorded(&described.study));
            Subject { trace, point, label, analyzers }
        })
        .collect()
}

/// The analyzers in a study's settings.
fn recorded(study: &Value) -> Vec<AnalyzerChoice> {
    let entries = study.get("analyzers").and_then(Value::as_array);
    let choice = |entry: &Value| {
        let mut options = entry.as_object()?.clone();
        let mut word = |key: &str| Some(options.remove(key)?.as_str()?.to_owned());
        let (name, heading) = (word("plugin")?, word("heading").unwrap_or_default());
        Some(AnalyzerChoice { component: ComponentChoice { name, options }, heading })
    };
    entries.map_or_else(Vec::new, |entries| entries.iter().filter_map(choice).collect())
}

/// What the header of a trace says for the top of its report.
pub fn about(trace: &Trace, command: impl Into<String>) -> About {
    let header = trace.header();
    let summary = header.points.first().and_then(|point| point.study.get("study")?.get("summary")?.as_str());
    About {
        title: header.name.clone(),
        summary: summary.unwrap_or_default().to_owned(),
        command: command.into(),
        study: header.study.clone(),
    }
}

/// What analyzers found: merged, and run by run.
pub struct Analysis<'a> {
    /// The report.
    pub report: StudyReport,
    runs: Vec<RunReports>,
    source: Option<PageSource<'a>>,
}

impl Analysis<'_> {
    /// Writes the report's files into a folder.
    pub fn write(&self, dir: &Path, page: Option<PageWriter>) -> Result<Written, ReportError> {
        write(&self.report, &self.runs, page, self.source, dir)
    }
}

/// Analyses every run of these points, with so many threads (0 for as many as there are cores).
pub fn analyze<'a>(
    subjects: &[Subject<'a>],
    registry: &'a Registry,
    about: &About,
    jobs: usize,
) -> Result<Analysis<'a>, PipelineError> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).build()?;
    pool.install(|| analyze_here(subjects, registry, about))
}

/// The same, on the threads of the caller.
pub(super) fn analyze_here<'a>(
    subjects: &[Subject<'a>],
    registry: &'a Registry,
    about: &About,
) -> Result<Analysis<'a>, PipelineError> {
    let mut jobs: Vec<(usize, RunKey)> = Vec::new();
    for (point, subject) in subjects.iter().enumerate() {
        let runs = subject.trace.runs().into_iter().filter(|run| run.point == subject.point);
        jobs.extend(runs.map(|run| (point, run)));
    }
    let (sections, places) = sections(subjects, registry)?;
    let results: Vec<Result<RunReports, PipelineError>> = jobs
        .into_par_iter()
        .map(|(point, key)| one(&subjects[point], registry, point, key, &places[point]))
        .collect();
    // Not collected into a result by rayon, which would tell any of several errors: the first of the plan is told.
    let runs: Vec<RunReports> = results.into_iter().collect::<Result<_, _>>()?;
    let points: Vec<PointInfo> = subjects.iter().map(point_info).collect();
    let report = merge(about, &points, &sections, &runs);
    let source = subjects.first().map(|subject| PageSource { trace: subject.trace, registry });
    Ok(Analysis { report, runs, source })
}

/// A space that was made for a trace.
pub struct TraceSpace {
    /// The space.
    pub space: Box<dyn SearchSpace>,
    /// The level of the trace's layer graphs.
    pub level: String,
}

/// The space of a trace's point, made anew from what the trace says of itself. `None`
/// where the trace does not name a space, as an imported one may not.
pub fn space(trace: &Trace, point: u32, registry: &Registry) -> Result<Option<TraceSpace>, PipelineError> {
    let subject = Subject { trace, point, label: String::new(), analyzers: Vec::new() };
    let context = context(&subject);
    let Some(mut options) = context.study.get("space").and_then(Value::as_object).cloned() else {
        return Ok(None);
    };
    let Some(Value::String(name)) = options.remove("plugin") else { return Ok(None) };
    let space = registry.search_space(&name, &options, &context)?;
    let named = context.study.get("transfer").and_then(|transfer| transfer.get("level")?.as_str());
    let level = named.filter(|level| !level.is_empty()).map(str::to_owned);
    let level = level.or_else(|| space.spec().levels.first().cloned()).unwrap_or_default();
    Ok(Some(TraceSpace { space, level }))
}

/// The context that the study gave its components.
fn context(subject: &Subject<'_>) -> Context {
    let header = subject.trace.header();
    let study = header.points.get(subject.point as usize).map_or(Value::Null, |point| point.study.clone());
    let cluster = |key: &str| {
        let number = study.get("cluster").and_then(|cluster| cluster.get(key)?.as_u64());
        number.and_then(|number| u32::try_from(number).ok()).filter(|number| *number > 0)
    };
    let workers = cluster("workers").unwrap_or(1);
    Context {
        space: header.space(subject.point).cloned(),
        workers,
        nodes: workers.div_ceil(cluster("workers_per_node").unwrap_or(1)),
        synthetic: header.evaluator(subject.point).is_some_and(|evaluator| evaluator.synthetic),
        study,
        ..Context::bare()
    }
}

fn point_info(subject: &Subject<'_>) -> PointInfo {
    let header = subject.trace.header();
    let evaluator = header.evaluator(subject.point);
    let mut notes = evaluator.map_or_else(Vec::new, |evaluator| evaluator.notes.clone());
    let unfinished = |status: RunStatus| {
        let runs = header.runs.iter().filter(|run| run.key.point == subject.point);
        runs.filter(|run| run.status == status).count()
    };
    for (status, what) in
        [(RunStatus::Interrupted, "interrupted"), (RunStatus::Running, "cut off, or still running")]
    {
        let (count, all) = (unfinished(status), unfinished(RunStatus::Complete));
        if count > 0 {
            let (verb, of) = if count == 1 { ("was", "its") } else { ("were", "their") };
            notes.push(format!(
                "{count} of {} runs {verb} {what}: {of} candidates so far are analysed",
                all + unfinished(RunStatus::Interrupted) + unfinished(RunStatus::Running)
            ));
        }
    }
    let seed = header.points.get(subject.point as usize).map(|point| {
        let swept = point.study.get("study").and_then(|study| study.get("seed")?.as_u64());
        swept.unwrap_or(header.seed)
    });
    PointInfo {
        report: PointReport {
            label: subject.label.clone(),
            space: header.space(subject.point).map_or_else(String::new, |space| space.name.clone()),
            score: evaluator.map_or_else(String::new, |evaluator| evaluator.score.clone()),
            unit: evaluator.map_or_else(String::new, |evaluator| evaluator.unit.clone()),
            synthetic: evaluator.is_some_and(|evaluator| evaluator.synthetic),
            notes,
            runs: 0,
            candidates: 0,
        },
        seed,
    }
}

/// The sections of all points, and for each point the section of each of its analyzers. What has the same name is
/// the same section at every point; the second of a name at a point is another section.
fn sections(
    subjects: &[Subject<'_>],
    registry: &Registry,
) -> Result<(Vec<SectionInfo>, Vec<Vec<usize>>), PipelineError> {
    let mut found: Vec<(usize, &AnalyzerChoice)> = Vec::new();
    let mut places = Vec::new();
    for subject in subjects {
        let mut of_point = Vec::new();
        for (position, choice) in subject.analyzers.iter().enumerate() {
            let same = |other: &AnalyzerChoice| other.component.name == choice.component.name;
            let before = subject.analyzers[..position].iter().filter(|other| same(other)).count();
            let known = found.iter().position(|(nth, other)| *nth == before && same(other));
            of_point.push(known.unwrap_or_else(|| {
                found.push((before, choice));
                found.len() - 1
            }));
        }
        places.push(of_point);
    }
    let mut sections: Vec<SectionInfo> = Vec::new();
    for (nth, AnalyzerChoice { component: choice, heading }) in &found {
        let (_, component) = registry.find(Kind::Analyzer, &choice.name)?;
        let namesakes: Vec<&ComponentChoice> = found
            .iter()
            .map(|(_, other)| &other.component)
            .filter(|other| other.name == choice.name)
            .collect();
        let differing = choice
            .options
            .iter()
            .filter(|(key, value)| namesakes.iter().any(|other| other.options.get(*key) != Some(value)));
        let differing: Vec<String> = differing.map(|(key, value)| format!("{key}={value}")).collect();
        let mut analyzer = choice.name.clone();
        if !differing.is_empty() {
            analyzer += &format!(" ({})", differing.join(", "));
        }
        if sections.iter().any(|other| other.analyzer == analyzer) {
            analyzer += &format!(" #{}", nth + 1);
        }
        sections.push(SectionInfo { heading: heading.clone(), analyzer, summary: component.summary.clone() });
    }
    Ok((sections, places))
}

/// Shows one run to its analyzers.
fn one(
    subject: &Subject<'_>,
    registry: &Registry,
    point: usize,
    key: RunKey,
    sections: &[usize],
) -> Result<RunReports, PipelineError> {
    let context = context(subject);
    let mut analyzers: Vec<Box<dyn Analyzer>> = Vec::with_capacity(sections.len());
    for AnalyzerChoice { component: choice, .. } in &subject.analyzers {
        analyzers.push(registry.analyzer(&choice.name, &choice.options, &context)?);
    }
    let mut candidates = 0;
    let mut batches = subject.trace.candidates(key)?;
    let mut next = batches.next();
    while let Some(batch) = next {
        let batch: CandidateBatch = batch?;
        candidates += batch.view().rows as u64;
        let (decoded, shown) = rayon::join(
            || batches.next(),
            || each(&mut analyzers, |analyzer| analyzer.candidates(&batch.view())),
        );
        shown?;
        next = decoded;
    }
    let mut wanting: Vec<&mut Box<dyn Analyzer>> =
        analyzers.iter_mut().filter(|analyzer| analyzer.wants_layers()).collect();
    if !wanting.is_empty() {
        let mut batches = subject.trace.layers(key)?;
        let mut next = batches.next();
        while let Some(batch) = next {
            let batch: LayerColumns = batch?;
            let (decoded, shown) =
                rayon::join(|| batches.next(), || each(&mut wanting, |analyzer| analyzer.layers(&batch)));
            shown?;
            next = decoded;
        }
    }
    let finished: Vec<anyhow::Result<Report>> =
        analyzers.par_iter_mut().map(|analyzer| analyzer.finish()).collect();
    let mut run = RunReports::new(point, key.replicate, candidates);
    for ((report, section), choice) in finished.into_iter().zip(sections).zip(&subject.analyzers) {
        let choice = &choice.component;
        let report = report.map_err(|source| PipelineError::Analyzer { source })?;
        run.add(*section, report).map_err(|what| PipelineError::Analyzer {
            source: anyhow::anyhow!("the report of analyzer `{}` is malformed: it {what}", choice.name),
        })?;
    }
    Ok(run)
}

/// Does something with each analyzer side by side; of several errors, the first analyzer's is told.
fn each<A: Send>(
    analyzers: &mut [A],
    what: impl Fn(&mut A) -> anyhow::Result<()> + Send + Sync,
) -> Result<(), PipelineError> {
    let done: Vec<anyhow::Result<()>> = analyzers.par_iter_mut().map(what).collect();
    done.into_iter().collect::<anyhow::Result<()>>().map_err(|source| PipelineError::Analyzer { source })
}
