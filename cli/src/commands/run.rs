//! `lamarck run`.

use super::dry_run;
use super::findings;
use super::overview;
use super::report::{PAGE, shell_command};
use super::studies::{BuiltIn, unknown};
use super::transfers;
use super::usage;
use crate::args::RunArgs;
use crate::commit::commit;
use crate::exit::{self, Exit};
use crate::output::{Out, duration, grouped, table};
use crate::progress::{Watch, stop_on_signal};
use anyhow::{Context, Result};
use lamarck_runtime::engine::{Progress, RunSummary};
use lamarck_runtime::host::{Registry, SearchPath};
use lamarck_runtime::pipeline::{
    PipelineError, PipelineSettings, PointInfo, RunResult, StudyResult, execute,
};
use lamarck_runtime::report::remove;
use lamarck_runtime::study::{IssueKind, Override, Settings, Source, Study, StudyError, TransferSection};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The study's text, and the folder that paths in it are relative to.
pub(super) fn source(name: &str) -> Result<(Source, PathBuf)> {
    let path = Path::new(name);
    let looks_like_a_file = path.extension().is_some() || name.contains(std::path::MAIN_SEPARATOR);
    if path.is_file() || looks_like_a_file {
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        return Ok((Source::read(path)?, folder));
    }
    let study = BuiltIn::find(name).ok_or_else(|| unknown(name))?;
    Ok((Source::new(format!("{name}.toml"), study.text), PathBuf::new()))
}

pub(super) fn overrides(args: &RunArgs) -> Vec<Override> {
    let mut overrides: Vec<Override> = args.set.iter().map(|set| Override::set(set)).collect();
    overrides.extend(args.seed.as_deref().map(Override::seed));
    overrides.extend(args.replicates.as_deref().map(Override::replicates));
    overrides
}

/// A component that is not found may be in a plugin that cannot be used.
pub(super) fn with_broken(error: StudyError, registry: &Registry) -> anyhow::Error {
    let unknown = error.issues().iter().any(|issue| issue.kind() == IssueKind::UnknownComponent);
    if !unknown || registry.problems().is_empty() {
        return error.into();
    }
    exit::usage(format!("{}{}", error.to_string().trim_end(), unusable(registry)))
}

/// The plugins that cannot be used, a line each.
pub(super) fn unusable(registry: &Registry) -> String {
    registry.problems().iter().fold(String::new(), |text, problem| text + &format!("\n unusable: {problem}"))
}

/// The command that gives the same report again: what decides about results, and nothing else.
fn command(args: &RunArgs, plugins: &[PathBuf]) -> String {
    let mut words = vec!["run".to_owned(), args.study.clone()];
    for set in &args.set {
        words.extend(["--set".to_owned(), set.clone()]);
    }
    for (flag, value) in [("--seed", &args.seed), ("--replicates", &args.replicates)] {
        words.extend(value.iter().flat_map(|value| [flag.to_owned(), value.clone()]));
    }
    shell_command(&words, plugins)
}

/// Runs `lamarck run`.
pub(crate) fn run(args: &RunArgs, plugins: &[PathBuf]) -> Result<Exit> {
    if let Some(trace) = &args.locked {
        return super::locked::run(args, trace, plugins);
    }
    let (source, folder) = source(&args.study)?;
    let overrides = overrides(args);
    let named = Study::plugin_path(&source, &overrides);
    let named: Vec<PathBuf> = named.into_iter().map(|place| folder.join(place)).collect();
    let registry = Registry::discover(&SearchPath::standard(plugins, &named).lock_of(&folder))?;
    let study = Study::load(source, overrides, &registry).map_err(|error| with_broken(error, &registry))?;
    let writes = study.points().iter().any(|point| point.settings.trace.write);
    if args.dry_run {
        // What is there is looked at and left alone.
        let out = match &args.out {
            Some(out) => out.clone(),
            None => folder_for(None, false, false, study.name())?,
        };
        return dry_run::run(args, &study, &registry, Some(out.as_path()).filter(|_| writes));
    }
    let out = if writes {
        Some(folder_for(args.out.as_ref(), args.resume, args.overwrite, study.name())?)
    } else {
        None
    };
    let settings = PipelineSettings {
        out: out.clone(),
        jobs: args.jobs.map_or(0, usize::from),
        resume: args.resume,
        pause_after: args.pause_after,
        command: command(args, plugins),
        page: PAGE,
        commit: commit(),
    };
    let progress = Arc::new(Progress::default());
    stop_on_signal(&progress)?;
    let total = total(&study);
    let (result, real) =
        watched(&progress, total, args.quiet, || execute(&study, &registry, &settings, &progress));
    let result = result.map_err(|error| stopped(error, out.as_deref()))?;
    print_result(&study, &result, real, args.quiet, args.json)
}

/// So many candidates will there be, if the budget says so.
pub(super) fn total(study: &Study) -> Option<u64> {
    let of_point = |settings: &Settings| {
        Some(settings.budget.candidates?.saturating_mul(u64::from(settings.study.replicates)))
    };
    study.points().iter().map(|point| of_point(&point.settings)).sum()
}

/// Does something with a progress bar beside it, and says how long it took.
pub(super) fn watched<T>(
    progress: &Arc<Progress>,
    total: Option<u64>,
    quiet: bool,
    work: impl FnOnce() -> T,
) -> (T, Duration) {
    let _watch = Watch::new(progress, total, quiet);
    let started = now();
    let result = work();
    (result, started.elapsed())
}

/// What to say when a study stopped: where that is which was finished.
pub(super) fn stopped(error: PipelineError, out: Option<&Path>) -> anyhow::Error {
    // Only a run that had begun has left anything.
    let begun = matches!(
        error,
        PipelineError::Run { .. } | PipelineError::Analyzer { .. } | PipelineError::Report(_)
    );
    match out.filter(|out| begun && out.join("trace.json").exists()) {
        Some(out) => anyhow::Error::new(error)
            .context(format!("the study stopped; what was finished is in `{}`", out.display())),
        None => error.into(),
    }
}

/// Prints what came of a study.
pub(super) fn print_result(
    study: &Study,
    result: &StudyResult,
    real: Duration,
    quiet: bool,
    json: bool,
) -> Result<Exit> {
    if !quiet {
        let mut out = Out::new();
        if json {
            out.json(&as_json(study, result, real))?;
        } else {
            print(&mut out, study, result, real)?;
        }
        out.finish()?;
    }
    Ok(if result.is_complete() { Exit::Done } else { Exit::Interrupted })
}

/// The real clock: only what is told of times reads it.
#[expect(clippy::disallowed_methods, reason = "how long something took in the user's own time")]
pub(super) fn now() -> Instant {
    Instant::now()
}

/// Chooses and prepares the trace's folder.
pub(super) fn folder_for(
    out: Option<&PathBuf>,
    resume: bool,
    overwrite: bool,
    name: &str,
) -> Result<PathBuf> {
    let Some(out) = out else {
        let base = Path::new("lamarck-out");
        let mut numbered =
            (1..).map(|n| base.join(if n == 1 { name.to_owned() } else { format!("{name}-{n}") }));
        // The iterator never ends.
        return Ok(numbered.find(|folder| !folder.exists()).unwrap_or_default());
    };
    if resume {
        return Ok(out.clone());
    }
    let taken = fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some());
    if taken && overwrite {
        let is_trace = out.join("trace.json").is_file();
        if !is_trace {
            return Err(exit::usage(format!(
                "`{}` is not empty and holds no trace; --overwrite only replaces traces",
                out.display()
            )));
        }
        for part in ["candidates", "layers"] {
            let folder = out.join(part);
            if folder.is_dir() {
                fs::remove_dir_all(&folder)
                    .with_context(|| format!("cannot remove `{}`", folder.display()))?;
            }
        }
        remove(out);
        let parents = out.join(super::import::parents::FILE);
        if parents.is_file() {
            fs::remove_file(&parents).with_context(|| format!("cannot remove `{}`", parents.display()))?;
        }
        super::export::ro_crate::remove(out);
        let header = out.join("trace.json");
        fs::remove_file(&header).with_context(|| format!("cannot remove `{}`", header.display()))?;
    } else if taken {
        return Err(exit::usage(format!(
            "`{}` is not empty; go on with its trace with --resume, replace it with --overwrite, or name another \
             folder",
            out.display()
        )));
    }
    Ok(out.clone())
}

pub(super) fn as_json(study: &Study, result: &StudyResult, real: Duration) -> serde_json::Value {
    let runs: Vec<_> = result
        .runs
        .iter()
        .map(|run| {
            json!({
                "point": run.key.point,
                "label": result.points[run.key.point as usize].label,
                "replicate": run.key.replicate,
                "complete": run.end == lamarck_runtime::engine::End::Complete,
                "summary": run.summary,
            })
        })
        .collect();
    let candidates: u64 = result.runs.iter().map(|run| run.summary.candidates).sum();
    json!({
        "study": study.name(),
        "trace": result.trace,
        "runs": runs,
        "report": result.report,
        "candidates": candidates,
        "real_seconds": real.as_secs_f64(),
    })
}

pub(super) fn print(out: &mut Out, study: &Study, result: &StudyResult, real: Duration) -> Result<()> {
    // Points of a sweep mostly score alike; what is to be known of the scores is told once.
    let mut told: Vec<&str> = Vec::new();
    let many = result.runs.len() > overview::MANY_RUNS || result.is_replay;
    if many && result.points.len() > 1 {
        overview::print(out, study, result)?;
        for point in &result.points {
            print_notes(out, point, &mut told)?;
        }
    } else {
        for (index, point) in result.points.iter().enumerate() {
            let runs: Vec<&RunResult> =
                result.runs.iter().filter(|run| run.key.point as usize == index).collect();
            let settings = &study.points()[index].settings;
            print_point(out, study, point, &settings.transfer, &runs)?;
            usage::print(out, settings.cluster.workers, &runs)?;
            print_notes(out, point, &mut told)?;
        }
    }
    if let Some(report) = &result.report {
        findings::print(out, report, findings::Depth::Lead)?;
    }
    let candidates: u64 = result.runs.iter().map(|run| run.summary.candidates).sum();
    let rate = candidates as f64 / real.as_secs_f64().max(1e-9);
    out.line(format!(
        "\n{} candidates in {:.2} s real time, {:.0} a second{}",
        grouped(candidates.into()),
        real.as_secs_f64(),
        rate,
        if result.trace.is_some() { ", trace written" } else { "" },
    ))?;
    if let Some(trace) = &result.trace {
        out.line(format!("trace: {}", trace.display()))?;
        if let Some(files) = &result.files {
            findings::print_files(out, files)?;
        }
        if !result.is_complete() {
            out.line("interrupted; go on with the same command, --out naming this folder, and --resume")?;
        }
    }
    Ok(())
}

fn print_notes<'a>(out: &mut Out, point: &'a PointInfo, told: &mut Vec<&'a str>) -> Result<()> {
    for note in &point.evaluator.notes {
        if !told.contains(&note.as_str()) {
            out.line(format!("note: {note}"))?;
            told.push(note);
        }
    }
    Ok(())
}

fn print_point(
    out: &mut Out,
    study: &Study,
    point: &PointInfo,
    transfer: &TransferSection,
    runs: &[&RunResult],
) -> Result<()> {
    let evaluator = &point.evaluator;
    let synthetic = if evaluator.synthetic { " (synthetic)" } else { "" };
    let label = if point.label.is_empty() { String::new() } else { format!(" [{}]", point.label) };
    out.line(format!("\n{}{label}: {}{synthetic}", study.name(), evaluator.score))?;
    if let Some(best) = evaluator.best_known {
        out.line(format!("best known {best:.4}{}", unit(&evaluator.unit)))?;
    }
    let near = evaluator.near.map_or_else(|| "near best".to_owned(), |near| format!("within {near}"));
    let header = [
        "replicate",
        "best",
        "regret",
        &near,
        "distinct",
        "classes",
        "repeats",
        "of a class",
        "random phase",
        "closed form",
        "not ok",
        "virtual time",
    ];
    let mut rows = table(&header, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    for run in runs {
        let mut cells = vec![run.key.replicate.to_string()];
        cells.extend(cells_of(&run.summary));
        rows.add_row(cells);
    }
    out.table(&rows)?;
    if let Some(class) = &point.space.class {
        out.line(format!(
            "classes: {class}; regret and `{near}` go by the score without the noise of a training seed"
        ))?;
    }
    let regrets: Vec<f64> = runs.iter().filter_map(|run| run.summary.regret).collect();
    if regrets.len() == runs.len() && !regrets.is_empty() {
        let reached = regrets.iter().filter(|regret| **regret <= 0.0).count();
        let mean = regrets.iter().sum::<f64>() / regrets.len() as f64;
        out.line(format!(
            "{reached} of {} replicates reached the best known; mean regret {mean:.4}{}",
            regrets.len(),
            unit(&evaluator.unit)
        ))?;
    }
    transfers::print(out, transfer, runs)
}

fn unit(unit: &str) -> String {
    if unit.is_empty() { String::new() } else { format!(" {unit}") }
}

fn cells_of(summary: &RunSummary) -> [String; 11] {
    let or_dash = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
    let count = |value: u64| grouped(value.into());
    [
        or_dash(summary.best.as_ref().map(|best| format!("{:.4}", best.score))),
        or_dash(summary.regret.map(|regret| format!("{regret:.4}"))),
        or_dash(summary.near_after.map(count)),
        format!("{}{}", if summary.distinct_at_least { ">=" } else { "" }, count(summary.distinct)),
        or_dash(summary.classes.map(count)),
        count(summary.repeats()),
        or_dash(summary.class_repeats().map(count)),
        or_dash(summary.random_phase.map(count)),
        or_dash(summary.random_phase_expected.map(count)),
        count(summary.candidates - summary.ok()),
        duration(summary.virtual_us),
    ]
}
