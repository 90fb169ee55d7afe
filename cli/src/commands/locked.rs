//! `lamarck run --locked`: a recorded study once more, under the same circumstances, or not at all.
//!
//! **All that differs is told before anything is run.** First what needs no plugin's code: release, commit, and the
//! plugins' own versions and hashes. A plugin that is another one is not loaded, unless that is allowed, so that a
//! recorded study does not run code that it was not recorded with. Then the components are made, and the header that the
//! new trace would have is held against the recorded one: settings, data, descriptions of space and evaluator.
//!
//! **Then it is run, and both traces are compared as files.** A locked run that is not the same is news: it says that
//! something decides about results that a header does not name.

use super::report::{PAGE, shell_command};
use super::run::{as_json, folder_for, overrides, print, stopped, total, watched, with_broken};
use crate::args::{LockedAllow, RunArgs};
use crate::commit::commit;
use crate::exit::{Exit, Refusal, usage};
use crate::output::{Out, grouped};
use crate::progress::stop_on_signal;
use anyhow::{Context, Result};
use lamarck_model::declaration::Kind;
use lamarck_runtime::engine::Progress;
use lamarck_runtime::host::{HostErrorKind, Registry, SearchPath};
use lamarck_runtime::pipeline::{PipelineSettings, describe, execute};
use lamarck_runtime::study::{Override, Source, Study};
use lamarck_runtime::trace::{
    Aspect, DiffReport, HeaderDifference, RunStatus, Trace, TraceHeader, diff, headers,
};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Runs `lamarck run --locked`.
pub(super) fn run(args: &RunArgs, recorded: &Path, plugins: &[PathBuf]) -> Result<Exit> {
    let trace = Trace::open(recorded)?;
    let then = trace.header();
    repeatable(recorded, then)?;
    let source = Source::new(format!("the study in {}", recorded.display()), then.study.clone());
    let mut changes: Vec<Override> = then.overrides.iter().map(|change| Override::set(change)).collect();
    // Of a trace from before these were recorded they can be said again; the comparison of the settings watches over it.
    changes.extend(overrides(args));
    // The study's own places are relative to a folder that nobody recorded; those that are here are looked into.
    let named: Vec<PathBuf> = Study::plugin_path(&source, &changes).into_iter().map(PathBuf::from).collect();
    let named: Vec<PathBuf> = named.into_iter().filter(|place| place.exists()).collect();
    let registry = Registry::discover(&SearchPath::standard(plugins, &named))?;

    let early = headers(then, &without_loading(then, &registry)?);
    if early.iter().any(|difference| difference.aspect == Aspect::Plugin && !allowed(args, difference)) {
        let left = "settings, data and descriptions were not compared: that takes the plugins";
        return Err(refusal(args, recorded, &early, left));
    }
    let study = Study::load(source, changes, &registry).map_err(|error| with_broken(error, &registry));
    let study = study.context("the recorded study is none of this lamarck's")?;
    let out = folder_for(args.out.as_ref(), false, false, study.name())?;
    let settings = PipelineSettings {
        out: Some(out.clone()),
        jobs: args.jobs.map_or(0, usize::from),
        command: shell_command(
            &["run".to_owned(), "--locked".to_owned(), recorded.display().to_string()],
            plugins,
        ),
        page: PAGE,
        commit: commit(),
        ..PipelineSettings::default()
    };
    let differences = headers(then, &describe(&study, &registry, commit().as_deref())?);
    if differences.iter().any(|difference| !allowed(args, difference)) {
        return Err(refusal(args, recorded, &differences, ""));
    }

    let progress = Arc::new(Progress::default());
    stop_on_signal(&progress)?;
    let work = || execute(&study, &registry, &settings, &progress);
    let (result, real) = watched(&progress, total(&study), args.quiet, work);
    let result = result.map_err(|error| stopped(error, Some(&out)))?;
    let mut printed = Out::new();
    if !result.is_complete() {
        if !args.quiet {
            print(&mut printed, &study, &result, real)?;
        }
        printed.finish()?;
        return Ok(Exit::Interrupted);
    }
    let comparison = Comparison::new(&trace, &Trace::open(&out)?)?;
    if args.json {
        let mut summary = as_json(&study, &result, real);
        summary["locked"] = comparison.as_json(recorded);
        printed.json(&summary)?;
    } else if !args.quiet {
        print(&mut printed, &study, &result, real)?;
        printed.line(comparison.text(recorded))?;
    }
    printed.finish()?;
    Ok(if comparison.same_candidates() { Exit::Done } else { Exit::Different })
}

/// Refuses traces of which there is nothing to run again.
fn repeatable(dir: &Path, header: &TraceHeader) -> Result<()> {
    let dir = dir.display();
    if let Some(of) = &header.replay_of {
        return Err(usage(format!(
            "`{dir}` is a replay of a trace of `{of}`: its candidates were not searched, so that its study alone does not \
             make them; run `lamarck replay` on that trace into another folder, and compare with `lamarck trace diff`"
        )));
    }
    if header.points.is_empty() || header.study.trim().is_empty() || header.plugins.is_empty() {
        return Err(usage(format!(
            "`{dir}` was not made by a study (an imported log has none), so that there is nothing to run again"
        )));
    }
    if let Some(run) = header.runs.iter().find(|run| run.status != RunStatus::Complete) {
        return Err(usage(format!(
            "`{dir}` is not complete ({} is {}), so that it cannot be compared; finish it first with `lamarck run \
             --resume`",
            run.key,
            run.status.as_str()
        )));
    }
    Ok(())
}

/// The recorded header with what this program is, and with the plugins that are here, as far as they can be known without
/// running any of their code.
fn without_loading(then: &TraceHeader, registry: &Registry) -> Result<TraceHeader> {
    let mut now = then.clone();
    now.lamarck = TraceHeader::new("", "", 0, 0).lamarck;
    now.commit = commit();
    now.plugins.clear();
    for plugin in &then.plugins {
        let kind = Kind::ALL.iter().find(|kind| kind.as_str() == plugin.kind);
        match kind.map(|kind| registry.plugin_header(*kind, &plugin.name)) {
            Some(Ok(found)) => now.plugins.push(found),
            // It is told as absent.
            Some(Err(error)) if error.kind() == HostErrorKind::NotFound => {}
            Some(Err(error)) => return Err(error.into()),
            None => {}
        }
    }
    Ok(now)
}

fn allowed(args: &RunArgs, difference: &HeaderDifference) -> bool {
    flag_for(difference.aspect).is_some_and(|(flag, _)| args.locked_allow.contains(&flag))
}

/// What lets an aspect differ.
fn flag_for(aspect: Aspect) -> Option<(LockedAllow, &'static str)> {
    match aspect {
        Aspect::Lamarck => Some((LockedAllow::Lamarck, "lamarck")),
        Aspect::Commit => Some((LockedAllow::Commit, "commit")),
        Aspect::Plugin => Some((LockedAllow::Plugins, "plugins")),
        Aspect::Data => Some((LockedAllow::Data, "data")),
        _ => None,
    }
}

/// Everything that differs, as a list.
fn refusal(args: &RunArgs, recorded: &Path, differences: &[HeaderDifference], left: &str) -> anyhow::Error {
    let (allowed, refused): (Vec<_>, Vec<_>) =
        differences.iter().partition(|difference| allowed(args, difference));
    let things =
        if refused.len() == 1 { "1 thing differs" } else { &format!("{} things differ", refused.len()) };
    let mut text = format!("`{}` was not run again, since {things}", recorded.display());
    for HeaderDifference { field, points, a, b, .. } in &refused {
        text += &format!("\n  {field}");
        if !points.is_empty() {
            let points: Vec<String> = points.iter().map(ToString::to_string).collect();
            text += &format!(" (of points {})", points.join(", "));
        }
        text += &format!("\n    was {a}\n    is  {b}");
    }
    if !allowed.is_empty() {
        let fields: Vec<&str> = allowed.iter().map(|difference| difference.field.as_str()).collect();
        text += &format!("\n differing, and allowed: {}", fields.join(", "));
    }
    if !left.is_empty() {
        text += &format!("\n {left}");
    }
    let mut flags: Vec<&str> =
        refused.iter().filter_map(|difference| Some(flag_for(difference.aspect)?.1)).collect();
    flags.dedup();
    if !flags.is_empty() {
        text += &format!(
            "\n help: with --locked-allow {} it is run all the same, and compared; a plugin that lies elsewhere is named \
             with --plugin-path",
            flags.join(",")
        );
    }
    if refused.iter().any(|difference| difference.aspect == Aspect::Settings) {
        text +=
            "\n help: a trace from before changes of the command line were recorded needs its --set again";
    }
    let plugin = refused.iter().any(|difference| difference.aspect == Aspect::Plugin);
    let exit = if plugin { Exit::Plugin } else { Exit::Data };
    Refusal { exit, text }.into()
}

/// How the new trace compares with the recorded one.
struct Comparison {
    report: DiffReport,
    /// Files of both, and how many candidates these hold.
    files: usize,
    candidates: u64,
    /// Files that are not the same, byte by byte.
    differing: Vec<String>,
}

impl Comparison {
    fn new(then: &Trace, now: &Trace) -> Result<Self> {
        let report = diff(then, now)?;
        let (of_then, of_now) = (files(then.dir())?, files(now.dir())?);
        let mut differing = Vec::new();
        for (name, path) in &of_then {
            let same = match of_now.get(name) {
                Some(other) => read(path)? == read(other)?,
                None => false,
            };
            if !same {
                differing.push(name.clone());
            }
        }
        differing.extend(of_now.keys().filter(|name| !of_then.contains_key(*name)).cloned());
        let candidates = then.header().runs.iter().map(|run| run.candidates).sum();
        Ok(Self { report, files: of_then.len(), candidates, differing })
    }

    /// Whether every part is the same, whatever the header says.
    fn same_candidates(&self) -> bool {
        self.report.runs.is_empty() && self.differing.iter().all(|name| name == HEADER)
    }

    fn text(&self, recorded: &Path) -> String {
        let recorded = recorded.display();
        let (files, candidates) = (self.files, grouped(self.candidates.into()));
        if self.differing.is_empty() {
            return format!(
                "locked: the same as `{recorded}`, to the byte: {candidates} candidates, {files} files"
            );
        }
        if self.same_candidates() {
            let fields: Vec<&str> =
                self.report.header.iter().map(|difference| difference.field.as_str()).collect();
            let what = if fields.is_empty() {
                "in form only".to_owned()
            } else {
                format!("in {}", fields.join(", "))
            };
            return format!(
                "locked: the same candidates as in `{recorded}`, to the byte: {candidates}; the header differs {what}"
            );
        }
        if self.report.runs.is_empty() {
            let differing = self.differing.join(", ");
            return format!("locked: the same candidates as in `{recorded}`, in other bytes: {differing}");
        }
        format!("locked: not the same as `{recorded}`, which is the first trace here\n{}", self.report)
    }

    fn as_json(&self, recorded: &Path) -> serde_json::Value {
        json!({
            "trace": recorded,
            "same_to_the_byte": self.differing.is_empty(),
            "same_candidates": self.same_candidates(),
            "differing_files": self.differing,
            "diff": self.report,
        })
    }
}

const HEADER: &str = "trace.json";

/// The files of a trace, by their names in it.
fn files(dir: &Path) -> Result<BTreeMap<String, PathBuf>> {
    let mut files = BTreeMap::from([(HEADER.to_owned(), dir.join(HEADER))]);
    for table in ["candidates", "layers"] {
        let folder = dir.join(table);
        if !folder.is_dir() {
            continue;
        }
        let unread = || format!("cannot read `{}`", folder.display());
        for entry in fs::read_dir(&folder).with_context(unread)? {
            let path = entry.with_context(unread)?.path();
            if path.extension().is_some_and(|extension| extension == "parquet") {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                files.insert(format!("{table}/{name}"), path.clone());
            }
        }
    }
    Ok(files)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))
}
