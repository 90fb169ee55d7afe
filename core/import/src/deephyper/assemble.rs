//! Files become logs: values are numbered, scores judged, rows put in order.

use super::file::{File, Row, stem};
use super::{FORMAT, ImportError, Log, ReadOptions};
use crate::decisions::{Continuous, Options, Value};
use crate::log::Evaluation;
use crate::score::FailureValues;
use crate::space::drawn_anew;
use lamarck_model::{Decision, Status};
use std::collections::BTreeMap;

/// One log a file, in the order of the files.
pub(super) fn logs(files: Vec<File>, options: &ReadOptions) -> Result<Vec<Log>, ImportError> {
    let studies = studies(&files);
    let mut spaces: Vec<Space> = Vec::with_capacity(studies.len());
    for members in &studies {
        let of_study: Vec<&File> = members.iter().map(|at| &files[*at]).collect();
        spaces.push(Space::of(&of_study, options)?);
    }
    let study_of = |file: usize| studies.iter().position(|members| members.contains(&file));
    let places: Vec<Option<usize>> = (0..files.len()).map(study_of).collect();
    let mut logs = Vec::with_capacity(files.len());
    for (file, place) in files.into_iter().zip(places) {
        // Every file is in one study.
        if let Some(space) = place.and_then(|place| spaces.get(place)) {
            logs.push(log(file, space, options)?);
        }
    }
    Ok(logs)
}

/// Which files are runs of one study: those with the same decisions, score and problem.
fn studies(files: &[File]) -> Vec<Vec<usize>> {
    let mut studies: Vec<Vec<usize>> = Vec::new();
    for (at, file) in files.iter().enumerate() {
        let same = |other: &File| {
            (&other.names, other.named, &other.problem, &other.score)
                == (&file.names, file.named, &file.problem, &file.score)
        };
        match studies.iter_mut().find(|members| members.first().is_some_and(|first| same(&files[*first]))) {
            Some(members) => members.push(at),
            None => studies.push(vec![at]),
        }
    }
    studies
}

/// What the files of a study have in common.
struct Space {
    /// The place of each decision's value in a row, and its options.
    chosen: Vec<(usize, Options)>,
    decisions: Vec<Decision>,
    failures: FailureValues,
    notes: Vec<String>,
}

impl Space {
    fn of(files: &[&File], options: &ReadOptions) -> Result<Self, ImportError> {
        let Some(first) = files.first() else {
            return Ok(Self {
                chosen: Vec::new(),
                decisions: Vec::new(),
                failures: FailureValues::default(),
                notes: Vec::new(),
            });
        };
        let (mut chosen, mut constant, mut continuous) = (Vec::new(), Vec::new(), Vec::new());
        for (at, name) in first.names.iter().enumerate() {
            let values: Vec<&Value> =
                files.iter().flat_map(|file| &file.rows).filter_map(|row| row.values.get(at)).collect();
            let seen = if !first.named {
                Options::all_seen(values.into_iter())
            } else if drawn_anew(&values) {
                Err(Continuous { distinct: values.len() })
            } else {
                Options::seen(values.into_iter())
            };
            match seen {
                Ok(options) if first.named && options.len() < 2 => constant.push((at, options)),
                Ok(options) => chosen.push((at, options)),
                Err(seen) => continuous.push((name.as_str(), seen)),
            }
        }
        let name = |at: usize| first.names.get(at).map_or("", String::as_str);
        let mut notes = Vec::new();
        if !first.named && !continuous.is_empty() {
            return Err(too_many(first, &continuous));
        }
        if !continuous.is_empty() {
            let names: Vec<String> = continuous
                .iter()
                .map(|(name, seen)| format!("`{name}` ({} values)", seen.distinct))
                .collect();
            notes.push(format!("left out, since continuous: {}", names.join(", ")));
        }
        if chosen.is_empty() {
            chosen = constant;
        } else if !constant.is_empty() {
            let names: Vec<String> = constant.iter().map(|(at, _)| format!("`{}`", name(*at))).collect();
            notes.push(format!("left out, since the same in all evaluations: {}", names.join(", ")));
        }
        if chosen.is_empty() {
            return Err(too_many(first, &continuous));
        }
        let decisions: Vec<Decision> =
            chosen.iter().map(|(at, options)| options.decision(name(*at))).collect();
        if !first.named {
            notes.push(
                "the options of a decision are the values that were seen; the space may have more".to_owned(),
            );
        }
        let scores = || files.iter().flat_map(|file| &file.rows).filter_map(|row| row.outcome.1);
        let failures = if let Some(values) = &options.failure_values {
            FailureValues(values.clone())
        } else {
            let guessed = FailureValues::guess(scores());
            for value in &guessed.0 {
                #[expect(clippy::float_cmp, reason = "failures are exact numbers")]
                let count = scores().filter(|score| score == value).count();
                notes.push(format!(
                        "{count} scores of exactly {value} are taken for failures, since no other score is near; say \
                         otherwise with --failure-value"
                    ));
            }
            guessed
        };
        Ok(Self { chosen, decisions, failures, notes })
    }
}

/// The error of a file of which nothing is a decision.
fn too_many(file: &File, continuous: &[(&str, Continuous)]) -> ImportError {
    let names: Vec<String> = continuous
        .iter()
        .take(4)
        .map(|(name, seen)| format!("`{name}` takes {} values", seen.distinct))
        .collect();
    ImportError::Format {
        path: file.path.clone(),
        format: FORMAT,
        reason: format!("no parameter is a choice among options: {}", names.join(", ")),
    }
}

fn log(file: File, space: &Space, options: &ReadOptions) -> Result<Log, ImportError> {
    let File { path, rows, mut notes, place, column, begun, .. } = file;
    notes.extend(space.notes.iter().cloned());
    let negated = options.minimize.unwrap_or(false);
    let without = rows.iter().filter(|row| row.finished.is_none()).count();
    if without > 0 && without < rows.len() {
        notes.push(format!("{without} evaluations have no time of their end: they stand last"));
    }
    let zero = rows
        .iter()
        .flat_map(|row| [row.submitted, row.started, row.finished])
        .chain([begun])
        .flatten()
        .min()
        .unwrap_or(0);
    let mut evaluations = Vec::with_capacity(rows.len());
    let mut workers = BTreeMap::new();
    for row in rows {
        let choices = space.chosen.iter().map(|(at, options)| options.choice(row.values.get(*at)?));
        let Some(choices) = choices.collect::<Option<Vec<_>>>() else {
            // Options are the union of what was seen, this row included.
            return Err(ImportError::Row {
                path,
                place,
                row: row.at,
                column,
                reason: "a value that is none of the options seen".to_owned(),
            });
        };
        evaluations.push(evaluation(&row, choices, space, negated, zero, &mut workers));
    }
    let moved = order(&mut evaluations);
    if moved > 0 {
        notes.push(format!("{moved} rows did not stand in the order of their ends; they were put into it"));
    }
    Ok(Log {
        format: file.format,
        name: stem(&path),
        decisions: space.decisions.clone(),
        score: file.score,
        negated,
        evaluations,
        workers: file.workers,
        notes,
    })
}

fn evaluation(
    row: &Row,
    choices: Vec<u16>,
    space: &Space,
    negated: bool,
    zero: i64,
    workers: &mut BTreeMap<u64, u32>,
) -> Evaluation {
    let outcome = match row.outcome {
        (Status::Ok, Some(score)) => space.failures.of_number(score),
        other => other,
    };
    let (status, score) = outcome;
    let since = |time: Option<i64>| time.map(|time| time.abs_diff(zero));
    let next = u32::try_from(workers.len()).unwrap_or(u32::MAX);
    Evaluation {
        submitted_us: since(row.submitted),
        started_us: since(row.started),
        finished_us: since(row.finished),
        train_us: row.train_us,
        worker: row.worker.map(|worker| *workers.entry(worker).or_insert(next)),
        ..Evaluation::new(row.at, choices, (status, score.map(|score| if negated { -score } else { score })))
    }
}

/// Sorts by the end, what has none last and equals as they stand. Returns how many rows another was put before although it
/// stood after them.
fn order(evaluations: &mut [Evaluation]) -> usize {
    let key = |evaluation: &Evaluation| (evaluation.finished_us.is_none(), evaluation.finished_us);
    let mut latest = None;
    let mut moved = 0;
    for evaluation in evaluations.iter() {
        let now = key(evaluation);
        if latest.is_some_and(|latest| now < latest) {
            moved += 1;
        } else {
            latest = Some(now);
        }
    }
    evaluations.sort_by_key(key);
    moved
}
