//! `lamarck import`: the logs of other tools as a trace.
//!
//! Everything is read and checked before anything is written, and the trace is made in a hidden folder beside its place and
//! renamed: a trace is there whole or not at all.

pub(super) mod parents;
mod summary;
mod trace;

use crate::args::{ImportArgs, ImportFormat};
use crate::exit::{Exit, usage};
use crate::output::Out;
use anyhow::{Context, Result};
use lamarck_import::parents::{Inferred, Settings, Summary, infer, summarize};
use lamarck_import::rows::workers_of;
use lamarck_import::{Format, Log, ReadOptions, read};
use lamarck_runtime::report::remove;
use lamarck_runtime::trace::{RunKey, TraceHeader};
use std::fs;
use std::path::Path;

/// One log, and what was found out about it.
struct Run {
    key: RunKey,
    log: Log,
    workers: Option<u32>,
    /// Where parents were looked for.
    found: Option<(Inferred, Summary)>,
}

impl Run {
    /// Whether the tool recorded parents itself.
    fn has_parents(&self) -> bool {
        self.log.evaluations.iter().any(|evaluation| evaluation.parent.is_some())
    }
}

/// Runs `lamarck import`.
pub(crate) fn run(args: &ImportArgs) -> Result<Exit> {
    let options = options(args)?;
    free(&args.out, args.overwrite)?;
    let logs = read(format(args.format), &args.files, &options)?;
    let runs: Vec<Run> =
        keys(&logs).into_iter().zip(logs).map(|(key, log)| examined(key, log, args)).collect();
    let header = trace::header(args, &runs)?;
    write(args, &header, &runs)?;
    let mut out = Out::new();
    if args.json {
        out.json(&summary::as_json(args, &header, &runs))?;
    } else {
        summary::print(&mut out, args, &header, &runs)?;
    }
    out.finish()?;
    Ok(Exit::Done)
}

fn format(format: ImportFormat) -> Format {
    match format {
        ImportFormat::Deephyper => Format::DeepHyper,
        ImportFormat::Optuna => Format::Optuna,
        ImportFormat::SyneTune => Format::SyneTune,
        ImportFormat::RayTune => Format::RayTune,
        ImportFormat::Csv => Format::Csv,
    }
}

fn options(args: &ImportArgs) -> Result<ReadOptions> {
    if args.format == ImportFormat::Csv && args.mapping.is_none() {
        return Err(usage("`csv` needs --mapping FILE, which says what the columns are"));
    }
    let mut failures = Vec::new();
    for text in args.failure_value.iter().filter(|text| *text != "none") {
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => failures.push(number),
            _ => return Err(usage(format!("--failure-value {text}: expected a number, or `none`"))),
        }
    }
    Ok(ReadOptions {
        failure_values: (!args.failure_value.is_empty()).then_some(failures),
        minimize: (args.minimize || args.maximize).then_some(args.minimize),
        objective: args.objective.clone(),
        study: args.study.clone(),
        mapping: args.mapping.clone(),
    })
}

/// Which point and replicate each log is: those with the same decisions and score are replicates of one point.
fn keys(logs: &[Log]) -> Vec<RunKey> {
    let mut points: Vec<(&Log, u32)> = Vec::new();
    let mut keys = Vec::with_capacity(logs.len());
    for log in logs {
        let same = |other: &Log| {
            (&other.decisions, &other.score, other.negated) == (&log.decisions, &log.score, log.negated)
        };
        let point = points.iter().position(|(first, _)| same(first)).unwrap_or_else(|| {
            points.push((log, 0));
            points.len() - 1
        });
        let replicate = points[point].1;
        points[point].1 += 1;
        keys.push(RunKey { point: u32::try_from(point).unwrap_or(u32::MAX), replicate });
    }
    keys
}

/// Looks for parents, where that is asked for and the tool recorded none.
fn examined(key: RunKey, log: Log, args: &ImportArgs) -> Run {
    let workers = match args.workers {
        Some(0) => None,
        Some(workers) => Some(workers),
        None => workers_of(&log),
    };
    let mut run = Run { key, log, workers, found: None };
    if args.infer_parents && !run.has_parents() {
        let default = Settings::default();
        let size = |given: Option<u32>, default: usize| given.map_or(default, |given| given as usize);
        let settings = Settings {
            distance: args.distance.into(),
            population: size(args.population, default.population),
            sample: size(args.sample, default.sample),
            in_flight: workers,
            random_phase: args.random_phase,
            ..default
        };
        let inferred = infer(&run.log, &settings);
        // Replicates of all points are told apart by their place among all.
        let summary =
            summarize(&run.log, &inferred, &settings, key.point.wrapping_mul(1 << 16) ^ key.replicate);
        run.found = Some((inferred, summary));
    }
    run
}

/// Whether there is anything at the target that may not be replaced.
fn free(target: &Path, overwrite: bool) -> Result<()> {
    let shown = target.display();
    if target.file_name().is_none() {
        return Err(usage(format!("--out {shown}: expected the name of a new folder")));
    }
    if fs::symlink_metadata(target).is_err() {
        return Ok(());
    }
    let Ok(mut entries) = fs::read_dir(target) else {
        return Err(usage(format!("`{shown}` is there and no folder; name another with --out")));
    };
    if entries.next().is_none() {
        return Ok(());
    }
    match (overwrite, target.join("trace.json").is_file()) {
        (true, true) => Ok(()),
        (true, false) => {
            Err(usage(format!("`{shown}` is not empty and holds no trace; --overwrite only replaces traces")))
        }
        (false, _) => Err(usage(format!(
            "`{shown}` is not empty; replace its trace with --overwrite, or name another folder"
        ))),
    }
}

/// Moves what is neither part of a trace nor of its report from a replaced trace to the new one.
fn keep_others(replaced: &Path, target: &Path) -> Result<()> {
    remove(replaced);
    let cannot = || format!("cannot keep what else was in `{}`", target.display());
    for entry in fs::read_dir(replaced).with_context(cannot)? {
        let name = entry.with_context(cannot)?.file_name();
        let own = ["trace.json", "candidates", "layers", parents::FILE].iter().any(|own| name == *own);
        if !own && !target.join(&name).exists() {
            fs::rename(replaced.join(&name), target.join(&name)).with_context(cannot)?;
        }
    }
    Ok(())
}

/// Makes the trace in a hidden folder and moves it to its place.
fn write(args: &ImportArgs, header: &TraceHeader, runs: &[Run]) -> Result<()> {
    let target = std::path::absolute(&args.out).unwrap_or_else(|_| args.out.clone());
    let parent = target.parent().unwrap_or(Path::new("."));
    let cannot = |path: &Path| format!("cannot write into `{}`", path.display());
    fs::create_dir_all(parent).with_context(|| cannot(parent))?;
    let hidden = tempfile::Builder::new()
        .prefix(".lamarck-import-")
        .tempdir_in(parent)
        .with_context(|| cannot(parent))?;
    // A folder in it, since the temporary one itself is readable by its owner only.
    let made = hidden.path().join("trace");
    trace::write(&made, header, runs)?;
    parents::write(&made, runs)?;
    let moved = |from: &Path, to: &Path| {
        fs::rename(from, to).with_context(|| format!("cannot move the trace to `{}`", to.display()))
    };
    if target.join("trace.json").is_file() {
        // The old one goes only once the new one stands beside it, whole; what else was in its folder stays.
        let replaced = hidden.path().join("replaced");
        moved(&target, &replaced)?;
        moved(&made, &target)?;
        return keep_others(&replaced, &target);
    } else if target.is_dir() {
        fs::remove_dir(&target).with_context(|| cannot(&target))?;
    }
    moved(&made, &target)
}
