//! `lamarck cache`.
//!
//! What the analyzer `caching` says of a study's accesses, of any trace of accesses. A file is a point with one run, so
//! that merging, printing and the page are those of every other report, and several files stand side by side as several
//! points do. They have no seed in common: nothing is subtracted in pairs.
//!
//! Files are read and measured one after another, and what is measured of one goes to all threads: two large traces in memory at
//! the same time would cost more than the cores could gain.

mod choices;
mod grid;
pub(super) mod parquet;
mod source;
mod threads;

use super::findings;
use super::report::{PAGE, shell_command};
use crate::args::CacheArgs;
use crate::exit::{Exit, usage};
use crate::output::{Out, bytes, grouped};
use anyhow::{Context, Result, anyhow};
use choices::Capacity;
use lamarck_cache::Trace;
use lamarck_caching::{CachingOptions, analyze_trace};
use lamarck_model::report::{PointReport, StudyReport};
use lamarck_runtime::report::{About, PointInfo, RunReports, SectionInfo, merge, write};
use source::{File, Source};
use std::path::{Path, PathBuf};
use threads::Threads;

/// Runs `lamarck cache`.
pub(crate) fn run(args: &CacheArgs, plugins: &[PathBuf]) -> Result<Exit> {
    // What can be said of the command line is said before gigabytes are read.
    let policies = choices::policies(&args.policies)?;
    let capacities = choices::capacities(&args.capacities)?;
    let source = Source::of(args)?;
    let threads = Threads::new(args.jobs)?;
    let names = names(&args.files);
    let (mut points, mut runs) = (Vec::new(), Vec::new());
    for (at, (path, name)) in args.files.iter().zip(&names).enumerate() {
        let file = source.load(path)?;
        let (options, mut notes) = options(&policies, &capacities, &file.trace);
        notes.insert(0, contents(&file));
        let report =
            analyze_trace(file.trace, &options, &threads).with_context(|| format!("`{}`", path.display()))?;
        let mut run = RunReports::new(at, 0, 0);
        run.add(0, report).map_err(|what| anyhow!("the report on `{}` {what}", path.display()))?;
        runs.push(run);
        let report = PointReport {
            label: name.clone(),
            space: String::new(),
            score: String::new(),
            unit: String::new(),
            synthetic: file.synthetic,
            notes,
            runs: 0,
            candidates: 0,
        };
        points.push(PointInfo { report, seed: None });
    }
    let about = About {
        title: names.join(", "),
        summary: match names.len() {
            1 => "caches over an access trace".to_owned(),
            several => format!("caches over {several} access traces side by side"),
        },
        command: shell_command(&words(args), plugins),
        study: String::new(),
    };
    let section = SectionInfo {
        heading: String::new(),
        analyzer: "caching".to_owned(),
        summary: lamarck_caching::SUMMARY.to_owned(),
    };
    let report = merge(&about, &points, &[section], &runs);
    let written = args.out.as_deref().map(|dir| write(&report, &runs, PAGE, None, dir)).transpose()?;
    let mut out = Out::new();
    if args.json {
        out.json(&report)?;
    } else {
        print_files_read(&mut out, &report)?;
        findings::print(&mut out, &report, findings::Depth::All)?;
        grid::print(&mut out, &report)?;
        if let Some(written) = &written {
            out.line("")?;
            findings::print_files(&mut out, written)?;
        }
    }
    out.finish()?;
    Ok(Exit::Done)
}

/// What was read, a line a file. Not the lines of other reports, which count runs and candidates.
fn print_files_read(out: &mut Out, report: &StudyReport) -> Result<()> {
    out.line(&report.summary)?;
    for (at, point) in report.points.iter().enumerate() {
        let number =
            if report.points.len() > 1 { format!("{:>3}  ", findings::number_of(at)) } else { String::new() };
        let (contents, notes) =
            point.notes.split_first().map_or(("", &[][..]), |(first, rest)| (first, rest));
        out.line(format!("  {number}{}: {contents}", point.label))?;
        for note in notes {
            out.line(format!("    note: {note}"))?;
        }
    }
    Ok(())
}

/// What is in a file.
fn contents(File { trace, format, synthetic }: &File) -> String {
    let count = |number: u64, what: &str| {
        format!("{} {what}{}", grouped(number.into()), if number == 1 { "" } else { "s" })
    };
    let deletions = trace.len() as u64 - trace.gets() - trace.puts();
    let mut accesses = vec![count(trace.gets(), "read")];
    for (number, what) in [(trace.puts(), "write"), (deletions, "deletion")] {
        if number > 0 {
            accesses.push(count(number, what));
        }
    }
    format!(
        "{format}, {} of {}, {}{}",
        accesses.join(", "),
        count(trace.sizes().len() as u64, "object"),
        bytes(trace.working_set()),
        if *synthetic { ", of a study with synthetic scores" } else { "" }
    )
}

/// The analyzer's options for one trace, and what is to be said of them.
fn options(policies: &str, capacities: &[Capacity], trace: &Trace) -> (CachingOptions, Vec<String>) {
    let mut options = CachingOptions { policies: policies.to_owned(), ..CachingOptions::default() };
    let mut notes = Vec::new();
    if !capacities.is_empty() {
        let footprint = trace.working_set();
        let mut shares: Vec<String> = Vec::new();
        for capacity in capacities {
            let share = capacity.share(footprint).to_string();
            if !shares.contains(&share) {
                shares.push(share);
            }
            if let Some(bigger) = capacity.beyond(footprint) {
                let (bigger, all) = (bytes(bigger), bytes(footprint));
                notes.push(format!("{bigger} hold all {all} there are, and stand as a cache of that size"));
            }
        }
        options.capacities = shares.join(" ");
    }
    (options, notes)
}

/// What to call files that stand side by side: their names, or their paths where two have one name.
fn names(files: &[PathBuf]) -> Vec<String> {
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let shown = |path: &PathBuf| {
        let own = name(path)
            .filter(|own| files.iter().filter(|other| name(other).as_ref() == Some(own)).count() == 1);
        own.unwrap_or_else(|| path.display().to_string())
    };
    files.iter().map(shown).collect()
}

/// The command, as far as the report depends on it.
fn words(args: &CacheArgs) -> Vec<String> {
    let mut words = vec!["cache".to_owned()];
    words.extend(args.files.iter().map(|file| file.display().to_string()));
    let mut option = |name: &str, value: String| words.extend([name.to_owned(), value]);
    for policies in &args.policies {
        option("--policies", policies.clone());
    }
    for capacities in &args.capacities {
        option("--capacities", capacities.clone());
    }
    if let Some(columns) = &args.columns {
        option("--columns", columns.clone());
    }
    for (name, value, default) in [
        ("--format", source::word(&args.format), "auto"),
        ("--changed-sizes", source::word(&args.changed_sizes), "refuse"),
    ] {
        if value != default {
            option(name, value);
        }
    }
    words
}

/// A mistake in an option of this command.
fn wrong(option: &str, what: impl std::fmt::Display) -> anyhow::Error {
    usage(format!("{option}: {what}"))
}
