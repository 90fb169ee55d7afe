//! The trace's header and rows.

use super::Run;
use crate::args::ImportArgs;
use anyhow::{Context, Result};
use lamarck_import::rows::rows;
use lamarck_model::{CandidateColumns, DataSource, EvaluatorSpec, SpaceSpec};
use lamarck_runtime::trace::{RunHeader, RunKey, RunStatus, RunWriter, TraceHeader};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use xxhash_rust::xxh3::Xxh3;

/// Rows of a part.
const PART_ROWS: usize = 1 << 16;

/// The header. Its runs count what will be written.
pub(super) fn header(args: &ImportArgs, runs: &[Run]) -> Result<TraceHeader> {
    let first = runs.first().map_or("import", |run| run.log.name.as_str());
    let name = args.name.clone().unwrap_or_else(|| first.to_owned());
    let sources = sources(args, runs)?;
    let points = runs.iter().map(|run| run.key.point + 1).max().unwrap_or(0);
    let of = |point: u32| runs.iter().filter(move |run| run.key.point == point);
    let replicates = (0..points).map(|point| of(point).count()).max().unwrap_or(0);
    let replicates = u32::try_from(replicates).unwrap_or(u32::MAX);
    let mut header = TraceHeader::new(&name, "", 0, replicates);
    for point in 0..points {
        let members: Vec<&Run> = of(point).collect();
        let Some(first) = members.first() else { continue };
        let label = match (points, members.as_slice()) {
            (1, _) => String::new(),
            (_, [only]) => only.log.name.clone(),
            (_, [first, rest @ ..]) => format!("{} and {} more", first.log.name, rest.len()),
            (_, []) => continue,
        };
        let space = SpaceSpec {
            name: first.log.format.clone(),
            decisions: first.log.decisions.clone(),
            constrained: false,
            // No layer graph can be built, and every space has a level.
            levels: vec!["unknown".to_owned()],
            class: None,
        };
        let evaluator = EvaluatorSpec {
            score: if first.log.negated { format!("-{}", first.log.score) } else { first.log.score.clone() },
            unit: args.unit.clone(),
            best_known: None,
            near: None,
            synthetic: false,
            deterministic: false,
            sources: sources.clone(),
            notes: notes(&members),
        };
        header.add_point(label, study(args, &name, &members), &space, &evaluator);
    }
    for run in runs {
        let candidates = run.log.evaluations.len();
        let parts = u32::try_from(candidates.div_ceil(PART_ROWS)).unwrap_or(u32::MAX);
        header.set_run(RunHeader {
            key: run.key,
            status: RunStatus::Complete,
            candidates: candidates as u64,
            parts,
            layers: 0,
            layer_parts: 0,
        });
    }
    // Points may have different numbers of runs here, and whatever the files have is complete.
    header.complete = true;
    Ok(header)
}

/// The files, as the data behind the scores.
fn sources(args: &ImportArgs, runs: &[Run]) -> Result<Vec<DataSource>> {
    let format = runs.first().map_or("", |run| run.log.format.as_str());
    args.files
        .iter()
        .chain(&args.mapping)
        .map(|path| {
            let shown = path.display().to_string();
            let mut sum = Xxh3::new();
            add(&mut sum, path).with_context(|| format!("cannot read `{shown}`"))?;
            let checksum = format!("xxh3:{:032x}", sum.digest128());
            let name = path.file_name().map_or(shown, |name| name.to_string_lossy().into_owned());
            let (origin, license) = (format!("imported, {format}"), "licence not stated".to_owned());
            Ok(DataSource { name, origin, license, checksum })
        })
        .collect()
}

/// Adds a file's bytes to a checksum; of a folder, as Ray Tune has, those of all files below it, each after its name and
/// in the order of their names.
fn add(sum: &mut Xxh3, path: &Path) -> std::io::Result<()> {
    if !path.is_dir() {
        sum.update(&fs::read(path)?);
        return Ok(());
    }
    let mut entries: Vec<_> = fs::read_dir(path)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        sum.update(entry.file_name().as_encoded_bytes());
        add(sum, &entry.path())?;
    }
    Ok(())
}

/// What a point's readers must know. What is said of several runs is said once; what is said of one of several, with its
/// name.
fn notes(runs: &[&Run]) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    let mut add = |note: String| {
        if !notes.contains(&note) {
            notes.push(note);
        }
    };
    if runs.iter().any(|run| run.log.negated) {
        add("scores were minimised by the search; their sign is turned here, so that larger is better"
            .to_owned());
    }
    for run in runs {
        for note in &run.log.notes {
            let shared = runs.iter().all(|other| other.log.notes.contains(note));
            add(if shared { note.clone() } else { format!("{}: {note}", run.log.name) });
        }
        if run.log.evaluations.iter().any(|evaluation| evaluation.finished_us.is_some()) {
            add("times are those of the log, from its earliest: what reports call virtual time is real time here".to_owned());
        }
        if let Some((_, found)) = run.found.as_ref().filter(|(_, found)| found.after.explained == 0) {
            add(format!(
                "{}: nobody has a possible parent within {} of {} before: the search does not seem to mutate",
                run.log.name,
                decisions(found.distance),
                found.population,
            ));
        } else if let Some((_, found)) = &run.found {
            let explained = found.after.share().unwrap_or(0.0) * 100.0;
            let chance = found.chance.map_or_else(String::new, |chance| {
                format!(", {:.1} % by chance in shuffled order", chance.mean * 100.0)
            });
            add(format!(
                "{}: parents are inferred, not recorded: each is the most probable of the candidates within {} in a \
                 population of {}; {explained:.1} % of {} candidates after the random phase have one{chance}",
                run.log.name,
                decisions(found.distance),
                found.population,
                found.after.candidates,
            ));
            add(format!(
                "a parent's rank and age are those in a population of {}{}; where several are possible, the \
                 better rank was preferred, so that ranks of parents cannot be tested with them",
                found.population,
                found
                    .in_flight
                    .map_or_else(String::new, |n| format!(", {n} completions before its child's end")),
            ));
        } else if run.has_parents() {
            add("parents are as the tool recorded them".to_owned());
        } else {
            add("the files do not say who was whose parent".to_owned());
        }
    }
    notes
}

/// `1 decision`, `2 decisions`.
pub(super) fn decisions(count: usize) -> String {
    format!("{count} {}", if count == 1 { "decision" } else { "decisions" })
}

/// What is known of the study, in the places where a study has it, and how it was imported.
fn study(args: &ImportArgs, name: &str, runs: &[&Run]) -> Value {
    let Some(first) = runs.first() else { return Value::Null };
    let names: Vec<&str> = runs.iter().map(|run| run.log.name.as_str()).collect();
    let mut study = json!({
        "study": { "name": name, "summary": format!("Imported from {}.", first.log.format) },
        "import": {
            "format": first.log.format,
            "runs": names,
            "negated": first.log.negated,
            "infer_parents": first.found.as_ref().map(|(_, found)| json!({
                "distance": found.distance,
                "population": found.population,
                "sample": found.sample,
                "in_flight": found.in_flight,
            })),
        },
    });
    let mut workers = runs.iter().map(|run| run.workers);
    if let Some(Some(known)) = workers.next()
        && workers.all(|other| other == Some(known))
    {
        study["cluster"] = json!({ "workers": known });
    }
    for (key, given) in [("population", args.population), ("sample", args.sample)] {
        if let Some(given) = given {
            study["strategy"][key] = given.into();
        }
    }
    study
}

/// Writes header and rows into a new folder.
pub(super) fn write(dir: &Path, header: &TraceHeader, runs: &[Run]) -> Result<()> {
    header.write(dir)?;
    for run in runs {
        candidates(dir, run.key, run)?;
    }
    Ok(())
}

fn candidates(dir: &Path, key: RunKey, run: &Run) -> Result<()> {
    let width = run.log.decisions.len();
    let records = rows(&run.log, run.found.as_ref().map(|(inferred, _)| inferred));
    let mut writer = RunWriter::create(dir, key, width, PART_ROWS, false)?;
    for part in records.chunks(PART_ROWS) {
        let mut columns = CandidateColumns::with_capacity(width, part.len());
        for record in part {
            columns.push(record);
        }
        writer.write_candidates(&columns.view())?;
    }
    writer.complete()?;
    Ok(())
}
