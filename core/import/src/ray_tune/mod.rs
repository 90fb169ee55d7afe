//! Ray Tune: the table of all trials, or what each trial left in its folder.
//!
//! Facts of the format are from the package ray 2.60.0: `ray/tune/result.py` (the tool's own columns),
//! `ray/tune/analysis/experiment_analysis.py` (`dataframe`, which `ResultGrid.get_dataframe` returns),
//! `ray/tune/logger/csv.py` and `json.py` (`progress.csv`, `result.json`, `params.json`), and runs of it.
//!
//! What may be given:
//! - a CSV file of `ResultGrid.get_dataframe()`: one row a trial, its last report, with columns `config/NAME`;
//! - trials' files, `result.json` or `progress.csv` (with `params.json` beside it), together one run;
//! - a folder of such files, or the experiment's folder with a folder for each trial. `result.json` is preferred: it
//!   has every value, where `progress.csv` has the columns of the first report only.
//!
//! | Ray Tune | here |
//! |---|---|
//! | `trial_id` | an evaluation: its last report, by `training_iteration` |
//! | `config/NAME`, or the configuration in a trial's files | a decision with the values seen; `cell/width` for a table in a table |
//! | the only column that is neither the tool's nor counts reports, or the one asked for | the score |
//! | `done` and `training_iteration` | how it ended, see [`reports`](crate::reports) |
//! | `error.txt` beside a trial's file | failed |
//! | `timestamp` | finished, in whole seconds |
//! | `timestamp` less `time_total_s` | started, unless the trial was restored in between |
//! | `time_total_s` | train time |
//!
//! **`done` does not mean that a trial completed.** It is true where a scheduler or a stop criterion ended it. A function
//! that returns leaves `false` in its last row, and so does one that raises; trials without any report are not in the
//! table. Only a trial's folder tells a failure, by its `error.txt`.
//!
//! **The mode is not recorded.** A metric with `loss`, `error`, `mse` or `mae` in its name is taken as minimised, any other
//! as maximised; a note says so unless it was asked for.
//!
//! Not recorded: workers (each trial has a process of its own), submissions, parents.

mod files;
mod record;

use crate::decisions::Value;
use crate::draft::{Draft, Order, counted, settle};
use crate::moment;
use crate::reports::{Ending, metric, sounds_minimized, statuses};
use crate::score::FailureValues;
use crate::space::{Parameter, check_size, space};
use crate::{ImportError, Log, ReadOptions};
use lamarck_model::Status;
use record::Record;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const FORMAT: &str = "Ray Tune";

pub(crate) fn read(paths: &[PathBuf], options: &ReadOptions) -> Result<Vec<Log>, ImportError> {
    let found = files::find(paths)?;
    let mut logs = Vec::new();
    for path in &found.tables {
        let bytes = files::bytes(path)?;
        logs.push(parse(path, &bytes, options)?);
    }
    if !found.trials.is_empty() {
        let mut records = Vec::new();
        for file in &found.trials {
            let beside = file.params.as_ref().map(|(path, bytes)| (path.as_path(), bytes.as_slice()));
            let of_file = record::of_trial(&file.path, &file.bytes, beside)?;
            records.extend(of_file.into_iter().map(|record| Record { failed: file.failed, ..record }));
        }
        let mut log = log(&found.trials[0].path, &found.name, records, options)?;
        if found.silent > 0 {
            let silent = counted(found.silent, "trial", "trials");
            log.notes.push(format!("left out: {silent} without any report"));
        }
        logs.push(log);
    } else if let (Some(path), true) = (paths.first(), found.silent > 0) {
        return Err(ImportError::Empty { path: path.clone(), hint: ": no trial reported anything".into() });
    }
    Ok(logs)
}

/// The run in the bytes of a table of trials, or of one trial's `result.json`; `path` is for messages and the name.
pub(crate) fn parse(path: &Path, bytes: &[u8], options: &ReadOptions) -> Result<Log, ImportError> {
    let records = if bytes.trim_ascii_start().starts_with(b"{") {
        record::of_trial(path, bytes, None)?
    } else {
        record::of_table(path, bytes)?
    };
    let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    log(path, &name, records, options)
}

fn wrong(path: &Path, reason: impl Into<String>) -> ImportError {
    ImportError::Format { path: path.to_owned(), format: FORMAT, reason: reason.into() }
}

/// The last report of each trial, in the order of the trials' names.
fn last_reports(records: Vec<Record>) -> Vec<Record> {
    let mut trials: BTreeMap<Order, Record> = BTreeMap::new();
    for record in records {
        let key = |record: &Record| (record.iteration, record.timestamp.unwrap_or(i64::MIN));
        match trials.entry(Order::of(&record.trial)) {
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(record);
            }
            std::collections::btree_map::Entry::Occupied(mut entry) if key(entry.get()) <= key(&record) => {
                entry.insert(record);
            }
            std::collections::btree_map::Entry::Occupied(_) => {}
        }
    }
    trials.into_values().collect()
}

fn log(path: &Path, name: &str, records: Vec<Record>, options: &ReadOptions) -> Result<Log, ImportError> {
    if records.is_empty() {
        return Err(ImportError::Empty {
            path: path.to_owned(),
            hint: ": no trial reported anything".into(),
        });
    }
    // A metric that is the number of the report in all of them is none.
    let mut candidates: BTreeSet<&str> = BTreeSet::new();
    for record in &records {
        candidates.extend(
            record.metrics.iter().filter(|(_, value)| !record.counts(value)).map(|(name, _)| name.as_str()),
        );
    }
    let candidates: Vec<String> = candidates.into_iter().map(str::to_owned).collect();
    let score = metric(options.objective.as_deref(), &candidates).map_err(|reason| wrong(path, reason))?;
    let mut notes = Vec::new();
    let negated = options.minimize.unwrap_or_else(|| {
        let minimized = sounds_minimized(&score);
        let word = if minimized { "minimised" } else { "maximised" };
        notes.push(format!("whether `{score}` is to be small is not recorded: taken as {word}, by its name"));
        minimized
    });
    let trials = last_reports(records);
    let endings: Vec<(Ending, u64)> = trials.iter().map(|trial| (trial.ending(), trial.iteration)).collect();
    let statuses = statuses(&endings, &mut notes);
    let parameters = parameters(&trials).map_err(|reason| wrong(path, reason))?;
    let mut made = space(&parameters, trials.len())
        .map_err(|stranger| wrong(path, format!("`{}`: {}", stranger.name, stranger.reason)))?;
    notes.append(&mut made.notes);
    if made.decisions.is_empty() {
        return Err(wrong(
            path,
            format!("nothing of its configurations is a decision; {}", notes.join("; ")),
        ));
    }
    let failures = FailureValues(options.failure_values.clone().unwrap_or_default());
    let mut drafts = Vec::with_capacity(trials.len());
    for ((trial, choices), status) in trials.iter().zip(made.vectors).zip(statuses) {
        let outcome = match (status, trial.metrics.get(&score)) {
            (Status::Ok, None) => (Status::Failed, None),
            (Status::Ok, Some(value)) => {
                failures.of_objective_text(value, negated).map_err(|reason| trial.wrong(&score, reason))?
            }
            (other, _) => (other, None),
        };
        let finished = trial.timestamp;
        drafts.push(Draft {
            row: trial.row,
            order: Order::of(&trial.trial),
            choices,
            outcome,
            submitted: None,
            started: finished
                .zip(trial.total.filter(|_| !trial.restored))
                .map(|(end, ran)| end.saturating_sub(ran)),
            finished,
            train_us: trial.total.and_then(|total| u64::try_from(total).ok()),
            worker: None,
            parent: None,
        });
    }
    let evaluations = settle(drafts, &mut notes);
    Ok(Log {
        format: "ray-tune".into(),
        name: name.to_owned(),
        decisions: made.decisions,
        score,
        negated,
        evaluations,
        workers: None,
        notes,
    })
}

/// Every parameter that any trial has, by name: the columns of a table stand in the order of its first trial's
/// configuration, the keys of `params.json` by name, so only the names are an order of both.
fn parameters(trials: &[Record]) -> Result<Vec<Parameter>, String> {
    let names: BTreeSet<&str> =
        trials.iter().flat_map(|trial| trial.config.keys().map(String::as_str)).collect();
    check_size(names.len(), trials.len())?;
    let of = |name: &str| Parameter {
        name: name.to_owned(),
        listed: None,
        values: trials.iter().map(|trial| trial.config.get(name).cloned().unwrap_or(Value::Absent)).collect(),
    };
    Ok(names.into_iter().map(of).collect())
}

/// A number of seconds as microseconds.
fn micros(seconds: f64) -> Option<i64> {
    moment::micros(seconds, 1e6)
}
