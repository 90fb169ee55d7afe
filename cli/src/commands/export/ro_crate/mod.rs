//! `lamarck export ro-crate`: a trace as a research object that can be archived and cited.
//!
//! An RO-Crate is a folder with a file of JSON-LD that says what everything in it is. Version 1.1 is written and not 1.2,
//! since the profile for what happened here, Process Run Crate 0.5 (a program ran, with this input, and made that output),
//! stands on 1.1, and so do most repositories and validators that read crates.
//!
//! **What is said comes from the trace**: its header and its files. Only what a trace does not know is asked for: authors,
//! licence, title and date. A crate says when a run ended; a trace does not know it, by design, so the crate does not
//! say it either.
//!
//! P. Sefton et al., "RO-Crate Metadata Specification 1.1", doi:10.5281/zenodo.4541002; S. Leo et al., "Recording
//! provenance of workflow runs with RO-Crate" (2024), doi:10.1371/journal.pone.0309210.

mod files;
mod graph;
mod people;
mod software;
mod zipped;

use crate::args::RoCrateArgs;
use crate::exit::{Exit, usage};
use crate::output::{Out, bytes};
use anyhow::{Context, Result};
use chrono::{DateTime, NaiveDate};
use files::{CrateFile, list};
use graph::{About, metadata};
use lamarck_runtime::trace::{Trace, TraceHeader};
use people::{Author, license};
use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// The file that makes a folder a crate.
const METADATA: &str = "ro-crate-metadata.json";
/// The study, which in the trace is a text inside of `trace.json`.
const STUDY: &str = "study.toml";

/// Runs `lamarck export ro-crate`.
pub(super) fn run(args: &RoCrateArgs) -> Result<Exit> {
    let trace = Trace::open(&args.trace)?;
    let header = trace.header();
    let about = About {
        title: args.title.clone().unwrap_or_else(|| format!("Trace of the study {}", header.name)),
        authors: args.authors.iter().map(|text| Author::parse(text)).collect::<Result<_>>()?,
        license: args.license.as_deref().map(license).transpose()?,
        date: date(args.date.as_deref())?,
    };
    let mut crate_files = list(&args.trace, args.zip.as_deref())?;
    // An imported trace has no study.
    let study = (!header.study.is_empty()).then(|| header.study.clone().into_bytes());
    if let Some(study) = &study {
        own_study(&args.trace, study)?;
        crate_files.retain(|file| file.name != STUDY);
        crate_files.push(CrateFile::of_bytes(STUDY, study));
        crate_files.sort_by(|a, b| a.name.cmp(&b.name));
    }
    let text = serde_json::to_string_pretty(&metadata(header, &about, &crate_files))? + "\n";
    let total: u64 = crate_files.iter().map(|file| file.size).sum();
    let mut out = Out::new();
    if let Some(target) = &args.zip {
        zipped::write(target, &args.trace, &crate_files, study.as_deref(), &text)?;
        out.line(format!("{}: {} files, {}", target.display(), crate_files.len() + 1, bytes(total)))?;
    } else {
        for (name, content) in [(STUDY, study.as_deref()), (METADATA, Some(text.as_bytes()))] {
            let Some(content) = content else { continue };
            let path = args.trace.join(name);
            fs::write(&path, content).with_context(|| {
                format!(
                    "cannot write `{}`, which belongs beside the trace; copy the trace to a folder of yours, or write the \
                     crate elsewhere with --zip",
                    path.display()
                )
            })?;
        }
        let metadata = args.trace.join(METADATA);
        out.line(format!("{}: {} files, {}", metadata.display(), crate_files.len(), bytes(total)))?;
    }
    if about.license.is_none() {
        out.line("no licence is stated, so that nobody may use it: give one with --license")?;
    }
    if about.authors.is_empty() {
        out.line("no author is named: name one with --author, so that it can be cited")?;
    }
    if !header.complete {
        out.line("the trace is not complete, and the crate says so")?;
    }
    out.finish()?;
    Ok(Exit::Done)
}

/// Removes what an export wrote into the folder of a trace that is about to be replaced. A `study.toml` that is not the
/// trace's own study was not written by it.
pub(crate) fn remove(dir: &Path) {
    let metadata = dir.join(METADATA);
    if !metadata.is_file() {
        return;
    }
    // What cannot be removed is overwritten by the next export, and no reason not to run a study.
    let _ = fs::remove_file(metadata);
    let study = dir.join(STUDY);
    let own = TraceHeader::read(dir)
        .is_ok_and(|header| fs::read(&study).is_ok_and(|text| text == header.study.as_bytes()));
    if own {
        let _ = fs::remove_file(study);
    }
}

/// Refuses to replace a file of somebody's own.
fn own_study(dir: &Path, study: &[u8]) -> Result<()> {
    let path = dir.join(STUDY);
    match fs::read(&path) {
        Ok(there) if there != study => Err(usage(format!(
            "`{}` is not the study in `trace.json`, whose place it takes in the crate; rename it",
            path.display()
        ))),
        _ => Ok(()),
    }
}

/// The day given, or today's in UTC.
fn date(given: Option<&str>) -> Result<String> {
    let day = match given {
        Some(text) => NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .ok()
            // Also `2026-1-2` is read, and is no date of ISO 8601.
            .filter(|day| day.to_string() == text)
            .ok_or_else(|| usage(format!("--date {text}: expected YYYY-MM-DD, as in 2026-01-31")))?,
        None => today(),
    };
    Ok(day.to_string())
}

#[expect(clippy::disallowed_methods, reason = "the day on which the user makes the crate")]
fn today() -> NaiveDate {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let seconds = i64::try_from(seconds).unwrap_or(0);
    DateTime::from_timestamp(seconds, 0).unwrap_or_default().date_naive()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_a_day_that_exists() {
        assert_eq!(date(Some("2024-02-29")).unwrap(), "2024-02-29");
        for wrong in ["2023-02-29", "2024-2-29", "24-02-29", "2024-02-29T00:00", "", "yesterday"] {
            assert!(date(Some(wrong)).is_err(), "{wrong}");
        }
    }
}
