//! `lamarck replay`: a trace's candidates on another cluster.
//!
//! The trace's own study, as it was resolved, becomes the text of a study that may be swept; `--scheduler` and `--cache`
//! become its cases. So a replay is an ordinary study with an ordinary trace and report.

use super::analyze::{choices, component};
use super::report::{PAGE, shell_command};
use super::run::{folder_for, print_result, stopped, watched, with_broken};
use crate::args::ReplayArgs;
use crate::commit::commit;
use crate::exit::{Exit, usage};
use crate::progress::stop_on_signal;
use anyhow::Result;
use lamarck_runtime::engine::Progress;
use lamarck_runtime::host::{Registry, SearchPath};
use lamarck_runtime::pipeline::{Original, PipelineSettings, replay};
use lamarck_runtime::study::{Override, Source, Study, text_of, toml_inline};
use lamarck_runtime::trace::Trace;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

/// Runs `lamarck replay`.
pub(crate) fn run(args: &ReplayArgs, plugins: &[PathBuf]) -> Result<Exit> {
    let registry = Registry::discover(&SearchPath::standard(plugins, &[]))?;
    let trace = Trace::open(&args.trace)?;
    let point = point(args, &trace)?;
    let recorded = &trace.header().points[point as usize].study;
    let load = |name: &str, text: String, overrides| {
        Study::load(Source::new(name, text), overrides, &registry)
            .map_err(|error| with_broken(error, &registry))
    };
    if recorded.pointer("/space/plugin").is_none() {
        return Err(usage(format!(
            "`{}` was imported, and the log does not tell the search space: a replay needs the layers of every candidate \
             and how long each trained; `lamarck analyze {}` says what can be said without",
            args.trace.display(),
            args.trace.display()
        )));
    }
    let base = load("trace.json", text_of(recorded), Vec::new())?;
    let text = text(args, recorded, &registry)?;
    let study = load("replay.toml", text, overrides(args))?;
    let out = folder_for(args.out.as_ref(), false, args.overwrite, study.name())?;
    let settings = PipelineSettings {
        out: Some(out.clone()),
        jobs: args.jobs.map_or(0, usize::from),
        command: command(args, plugins),
        page: PAGE,
        commit: commit(),
        ..PipelineSettings::default()
    };
    let progress = Arc::new(Progress::default());
    stop_on_signal(&progress)?;
    let original = Original::new(&trace, point, &base, &registry)?;
    let rows = |run: &lamarck_runtime::trace::RunHeader| (run.key.point == point).then_some(run.candidates);
    let of_point: u64 = trace.header().runs.iter().filter_map(rows).sum();
    let total = Some(of_point * study.points().len() as u64);
    let (result, real) =
        watched(&progress, total, args.quiet, || replay(&original, &study, &registry, &settings, &progress));
    let result = result.map_err(|error| stopped(error, Some(&out)))?;
    print_result(&study, &result, real, args.quiet, args.json)
}

/// Which point of the trace is meant.
fn point(args: &ReplayArgs, trace: &Trace) -> Result<u32> {
    let points = &trace.header().points;
    let known = u32::try_from(points.len()).unwrap_or(u32::MAX);
    match args.point {
        Some(point) if point < known => Ok(point),
        None if known == 1 => Ok(0),
        None if known == 0 => Err(usage(format!(
            "`{}` was not made by a study, so that nothing is known of its search space; a replay needs the layers",
            args.trace.display()
        ))),
        wrong => {
            let mut text = match wrong {
                Some(point) => format!("there is no point {point}"),
                None => "the trace has several points; say which with --point".to_owned(),
            };
            for (number, point) in points.iter().enumerate() {
                // Writing to a String does not fail.
                let _ = write!(text, "\n {number}: {}", point.label);
            }
            Err(usage(text))
        }
    }
}

/// A variant of the cluster: what to call it, and the keys that it sets.
struct Variant {
    name: String,
    keys: Map<String, Value>,
}

/// The study of the replay.
fn text(args: &ReplayArgs, recorded: &Value, registry: &Registry) -> Result<String> {
    let mut study = recorded.clone();
    if let Some(section) = study.get_mut("study").and_then(Value::as_object_mut) {
        let name = section.get("name").and_then(Value::as_str).unwrap_or("trace");
        let name = format!("{name}-replay");
        section.insert("name".into(), name.into());
        section.insert("replay".into(), false.into());
    }
    if !args.schedulers.is_empty()
        && let Some(section) = study.get_mut("scheduler").and_then(Value::as_object_mut)
    {
        // Options of the scheduler that was are not those of the one that will be.
        section.retain(|key, _| matches!(key.as_str(), "plugin" | "lookahead"));
    }
    let asked = choices(&args.analyzers, registry)?;
    if !asked.is_empty() {
        let entries = asked.iter().map(|choice| {
            let mut entry = choice.component.options.clone();
            entry.insert("plugin".into(), choice.component.name.as_str().into());
            Value::Object(entry)
        });
        study["analyzers"] = entries.collect();
    }
    let schedulers: Vec<Variant> =
        args.schedulers.iter().map(|text| scheduler(text)).collect::<Result<_>>()?;
    let caches: Vec<Variant> = args.caches.iter().map(|text| cache(text)).collect::<Result<_>>()?;
    let mut text = text_of(&study);
    for variant in product(schedulers, caches) {
        text += &format!("\n[[sweep.case]]\nname = {}\n", toml_inline(&variant.name.as_str().into()));
        for (key, value) in &variant.keys {
            text += &format!("\"{key}\" = {}\n", toml_inline(value));
        }
    }
    Ok(text)
}

/// Every scheduler with every cache.
fn product(schedulers: Vec<Variant>, caches: Vec<Variant>) -> Vec<Variant> {
    if schedulers.is_empty() || caches.is_empty() {
        return schedulers.into_iter().chain(caches).collect();
    }
    let pair = |a: &Variant, b: &Variant| Variant {
        name: format!("{} + {}", a.name, b.name),
        keys: a.keys.iter().chain(&b.keys).map(|(key, value)| (key.clone(), value.clone())).collect(),
    };
    schedulers.iter().flat_map(|a| caches.iter().map(move |b| pair(a, b))).collect()
}

fn scheduler(text: &str) -> Result<Variant> {
    let (name, options) = component("--scheduler", text)?;
    let mut keys = Map::new();
    keys.insert("scheduler.plugin".into(), name.into());
    for (key, value) in options {
        keys.insert(format!("scheduler.{key}"), scalar(value));
    }
    Ok(Variant { name: text.trim().to_owned(), keys })
}

fn cache(text: &str) -> Result<Variant> {
    // Options of a policy have equals signs of their own: the size stands behind the last one.
    let (policy, gib) = text.rsplit_once('=').map_or((None, text), |(policy, gib)| (Some(policy), gib));
    let gib = gib.trim();
    let size: f64 = gib.parse().ok().filter(|size: &f64| size.is_finite()).ok_or_else(|| {
        usage(format!("--cache {text}: expected GiB or POLICY=GiB, as in 4 or s3-fifo=0.5, found `{gib}`"))
    })?;
    let policy = policy.unwrap_or("lru").trim();
    let keys = json!({ "cluster.node_cache_gib": size, "cluster.node_cache_policy": policy });
    let name = if size == 0.0 { "no cache".to_owned() } else { format!("{policy} {gib} GiB") };
    Ok(Variant { name, keys: keys.as_object().cloned().unwrap_or_default() })
}

/// What an option's value on the command line means; a word is text.
fn scalar(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}

fn overrides(args: &ReplayArgs) -> Vec<Override> {
    let mut overrides = Vec::new();
    if let Some(lookahead) = args.lookahead {
        overrides.push(Override::flag_for("--lookahead", "scheduler.lookahead", &lookahead.to_string()));
    }
    overrides.extend(args.set.iter().map(|set| Override::set(set)));
    overrides.extend(args.replicates.as_deref().map(Override::replicates));
    overrides
}

/// The command that gives the same report again.
fn command(args: &ReplayArgs, plugins: &[PathBuf]) -> String {
    let mut words = vec!["replay".to_owned(), args.trace.display().to_string()];
    let mut flag = |flag: &str, value: String| words.extend([flag.to_owned(), value]);
    if let Some(point) = args.point {
        flag("--point", point.to_string());
    }
    args.schedulers.iter().for_each(|value| flag("--scheduler", value.clone()));
    if let Some(lookahead) = args.lookahead {
        flag("--lookahead", lookahead.to_string());
    }
    args.caches.iter().for_each(|value| flag("--cache", value.clone()));
    args.set.iter().for_each(|value| flag("--set", value.clone()));
    if let Some(replicates) = &args.replicates {
        flag("--replicates", replicates.clone());
    }
    args.analyzers.iter().for_each(|value| flag("-a", value.clone()));
    shell_command(&words, plugins)
}
