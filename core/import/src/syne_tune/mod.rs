//! Syne Tune: `results.csv.zip` of an experiment, or the CSV file in it.
//!
//! Facts of the format are from the package syne-tune 0.16.0: `syne_tune/results_callback.py` (the rows),
//! `syne_tune/constants.py` (the names of columns), `syne_tune/report.py` (what a worker adds to a report),
//! `syne_tune/backend/trial_status.py` (words of `st_status`), `syne_tune/optimizer/scheduler.py` (words of `st_decision`),
//! `syne_tune/tuner.py` and `syne_tune/config_space.py` (`metadata.json`).
//!
//! | Syne Tune | here |
//! |---|---|
//! | `trial_id` | an evaluation: its last report, by `st_tuner_time` |
//! | `config_NAME` | a decision; its options are those of `metadata.json`, else the values seen |
//! | a `Float` of the configuration space | left out as continuous |
//! | a constant of the configuration space | left out |
//! | `metric_names`, `metric_mode` of `metadata.json` | the score; without the file the only metric there is, minimised, which is the tool's default |
//! | `st_status`, `st_decision` of the last report | how it ended, see [`reports`](crate::reports) |
//! | `st_tuner_time` | finished: when the tuner heard of the last report |
//! | `st_tuner_time` less `st_worker_time` of the first report | started |
//! | `st_worker_time` | train time; that of all its processes if it was paused |
//!
//! **`st_status` is the status before the report**, so it is `InProgress` in nearly every row, and a trial that failed
//! has no row that says so. Hence the rule by the number of reports.
//!
//! **Times** are as exact as the tuner's polling (`sleep_time`, 5 s by default). The clocks of workers
//! (`st_worker_timestamp`) are not mixed in: simulated experiments have simulated times in `st_tuner_time` alone.
//!
//! Not recorded: workers, submissions, parents.

mod metadata;

use crate::decisions::Value;
use crate::draft::{Draft, Order, settle};
use crate::moment;
use crate::reports::{Ending, metric, statuses};
use crate::score::FailureValues;
use crate::space::{Parameter, space};
use crate::table::Table;
use crate::{ImportError, Log, ReadOptions};
use lamarck_model::Status;
use metadata::Metadata;
use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

const FORMAT: &str = "Syne Tune";

/// The largest CSV file that is taken out of an archive; a million reports are some 200 MB.
const MOST_BYTES: u64 = 1 << 31;

pub(crate) fn read(paths: &[PathBuf], options: &ReadOptions) -> Result<Vec<Log>, ImportError> {
    let mut logs = Vec::new();
    for path in paths {
        let bytes = fs::read(path).map_err(ImportError::unreadable(path))?;
        let beside = path.with_file_name("metadata.json");
        let metadata = match fs::read(&beside) {
            Ok(bytes) => Some((beside.as_path(), bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(ImportError::unreadable(&beside)(error)),
        };
        let metadata = metadata.as_ref().map(|(path, bytes)| (*path, bytes.as_slice()));
        logs.push(parse(path, &bytes, metadata, options)?);
    }
    Ok(logs)
}

/// The experiment in the bytes of `results.csv` or `results.csv.zip`, with those of `metadata.json` where it is there;
/// paths are for messages and the name.
pub(crate) fn parse(
    path: &Path,
    bytes: &[u8],
    metadata: Option<(&Path, &[u8])>,
    options: &ReadOptions,
) -> Result<Log, ImportError> {
    let metadata = match metadata {
        Some((path, bytes)) => Metadata::parse(path, bytes)?,
        None => Metadata::default(),
    };
    let table = if bytes.starts_with(b"PK") {
        Table::parse(path, &unzipped(path, bytes)?, FORMAT)?
    } else {
        Table::parse(path, bytes, FORMAT)?
    };
    log(&table, &metadata, options)
}

fn wrong(path: &Path, reason: impl Into<String>) -> ImportError {
    ImportError::Format { path: path.to_owned(), format: FORMAT, reason: reason.into() }
}

fn unzipped(path: &Path, bytes: &[u8]) -> Result<Vec<u8>, ImportError> {
    let damaged =
        |error: &dyn std::fmt::Display| wrong(path, format!("the archive is damaged or cut off ({error})"));
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    let ends_right =
        |name: &&str| Path::new(name).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
    let name = archive.file_names().find(ends_right).map(str::to_owned);
    let name = name.ok_or_else(|| wrong(path, "the archive holds no CSV file"))?;
    let file = archive.by_name(&name).map_err(|error| damaged(&error))?;
    let mut text = Vec::new();
    file.take(MOST_BYTES).read_to_end(&mut text).map_err(|error| damaged(&error))?;
    if text.len() as u64 == MOST_BYTES {
        return Err(wrong(path, format!("`{name}` in the archive is larger than {MOST_BYTES} bytes")));
    }
    Ok(text)
}

/// The reports of a trial, as rows of the table, in the order of their times.
struct Trial {
    name: String,
    rows: Vec<usize>,
}

impl Trial {
    fn last(&self) -> usize {
        self.rows.last().copied().unwrap_or(0)
    }
}

fn log(table: &Table, metadata: &Metadata, options: &ReadOptions) -> Result<Log, ImportError> {
    let path = table.path();
    let needed = |name: &str| {
        table.column(name).ok_or_else(|| {
            wrong(path, format!("it has no column `{name}`; is it `results.csv` of an experiment?"))
        })
    };
    let id = needed("trial_id")?;
    let (decision, status) = (needed("st_decision")?, needed("st_status")?);
    if table.is_empty() {
        return Err(ImportError::Empty { path: path.to_owned(), hint: ": only a header".into() });
    }
    let times = table.column("st_tuner_time");
    let trials = trials(table, id, times)?;
    let candidates = metrics(table, &trials);
    let asked = options.objective.as_deref().or(match metadata.metrics.as_slice() {
        [only] => Some(only.as_str()),
        _ => None,
    });
    let score = metric(asked, &candidates).map_err(|reason| wrong(path, reason))?;
    let score_column = needed(&score)?;
    let mut notes = Vec::new();
    let negated = options.minimize.or(metadata.minimized(&score)).unwrap_or_else(|| {
        notes.push(format!(
            "no `metadata.json` says whether `{score}` is to be small: taken as minimised, the tool's default"
        ));
        true
    });
    let mut endings = Vec::with_capacity(trials.len());
    for trial in &trials {
        // All are looked at, so that a damaged word is found wherever it stands; the last one counts.
        let mut last = Ending::Open;
        for row in &trial.rows {
            last = ending(table, *row, (decision, status))?;
        }
        endings.push((last, trial.rows.len() as u64));
    }
    let statuses = statuses(&endings, &mut notes);
    let parameters = parameters(table, &trials, metadata, &mut notes);
    let mut made = space(&parameters, trials.len()).map_err(|stranger| {
        let column = table.column(&format!("config_{}", stranger.name)).unwrap_or(id);
        table.wrong(trials[stranger.evaluation].last(), column, stranger.reason)
    })?;
    notes.append(&mut made.notes);
    if made.decisions.is_empty() {
        return Err(wrong(path, format!("no column `config_..` of it is a decision; {}", notes.join("; "))));
    }
    let failures = FailureValues(options.failure_values.clone().unwrap_or_default());
    let worker_time = table.column("st_worker_time");
    let mut drafts = Vec::with_capacity(trials.len());
    for ((trial, choices), status) in trials.iter().zip(made.vectors).zip(statuses) {
        let last = trial.last();
        let outcome = match status {
            Status::Ok => match table.number(last, score_column)? {
                Some(value) => failures.of_objective(value, negated),
                None => (Status::Failed, None),
            },
            other => (other, None),
        };
        let finished = times.map(|column| time(table, last, column)).transpose()?.flatten();
        let (mut started, mut train_us) = (None, None);
        if let Some(column) = worker_time {
            train_us = train(table, &trial.rows, column)?;
            let first = trial.rows.first().copied().unwrap_or(0);
            let heard = times.map(|column| time(table, first, column)).transpose()?.flatten();
            started =
                heard.zip(time(table, first, column)?).map(|(heard, ran)| heard.saturating_sub(ran).max(0));
        }
        drafts.push(Draft {
            row: table.line(last),
            order: Order::of(&trial.name),
            choices,
            outcome,
            submitted: None,
            started,
            finished,
            train_us,
            worker: None,
            parent: None,
        });
    }
    if times.is_none() {
        notes.push("no column `st_tuner_time`: the order is that of the trials' numbers".into());
    }
    let evaluations = settle(drafts, &mut notes);
    Ok(Log {
        format: "syne-tune".into(),
        name: name(path),
        decisions: made.decisions,
        score,
        negated,
        evaluations,
        workers: None,
        notes,
    })
}

/// The folder's name, which is the experiment's, where the file has the name that the tool gives every file.
fn name(path: &Path) -> String {
    let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let folder = path.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    match (file.as_str(), folder) {
        ("results.csv" | "results.csv.zip", Some(folder)) => folder,
        _ => file.trim_end_matches(".zip").trim_end_matches(".csv").to_owned(),
    }
}

fn trials(table: &Table, id: usize, times: Option<usize>) -> Result<Vec<Trial>, ImportError> {
    let mut rows: BTreeMap<Order, Trial> = BTreeMap::new();
    for row in 0..table.len() {
        let name = table.cell(row, id);
        if name.is_empty() {
            return Err(table.wrong(row, id, "the trial is missing"));
        }
        // pandas writes whole numbers with a point where a column has gaps.
        let name = name.strip_suffix(".0").unwrap_or(name);
        let trial =
            rows.entry(Order::of(name)).or_insert_with(|| Trial { name: name.to_owned(), rows: Vec::new() });
        trial.rows.push(row);
    }
    let mut trials: Vec<Trial> = rows.into_values().collect();
    let by = [times, table.column("st_worker_timestamp"), table.column("st_worker_iter")];
    for trial in &mut trials {
        let mut keyed = Vec::with_capacity(trial.rows.len());
        for row in &trial.rows {
            let mut key = [f64::NEG_INFINITY; 3];
            for (key, column) in key.iter_mut().zip(by) {
                if let Some(column) = column {
                    *key = table.number(*row, column)?.unwrap_or(f64::NEG_INFINITY);
                }
            }
            keyed.push((key, *row));
        }
        // A stable sort: rows without any of these stay as they are.
        keyed.sort_by(|(a, _), (b, _)| {
            a.iter()
                .zip(b)
                .map(|(a, b)| a.total_cmp(b))
                .find(|order| order.is_ne())
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        trial.rows = keyed.into_iter().map(|(_, row)| row).collect();
    }
    Ok(trials)
}

/// Columns that may be the objective: numbers of the training script that do not only count its reports.
fn metrics(table: &Table, trials: &[Trial]) -> Vec<String> {
    let own = |name: &str| name == "trial_id" || name.starts_with("st_") || name.starts_with("config_");
    let mut metrics = Vec::new();
    for (column, name) in table.columns().iter().enumerate().filter(|(_, name)| !own(name)) {
        let counts = trials.iter().all(|trial| {
            (1_u32..)
                .zip(&trial.rows)
                .all(|(count, row)| table.cell(*row, column).parse() == Ok(f64::from(count)))
        });
        if !counts {
            metrics.push(name.clone());
        }
    }
    metrics
}

fn ending(table: &Table, row: usize, (decision, status): (usize, usize)) -> Result<Ending, ImportError> {
    let decided = match table.cell(row, decision) {
        "STOP" | "PAUSE" => Ending::Stopped,
        "CONTINUE" | "" => Ending::Open,
        other => {
            let reason = format!("expected CONTINUE, PAUSE or STOP, found `{other}`");
            return Err(table.wrong(row, decision, reason));
        }
    };
    match table.cell(row, status) {
        "Completed" => Ok(Ending::Completed),
        "Failed" => Ok(Ending::Failed),
        "Stopped" | "Stopping" | "Paused" => Ok(Ending::Stopped),
        "InProgress" | "" => Ok(decided),
        other => {
            let reason = format!(
                "expected Completed, InProgress, Failed, Paused, Stopped or Stopping, found `{other}`"
            );
            Err(table.wrong(row, status, reason))
        }
    }
}

/// A cell in seconds as microseconds.
fn time(table: &Table, row: usize, column: usize) -> Result<Option<i64>, ImportError> {
    let Some(seconds) = table.number(row, column)? else { return Ok(None) };
    let micros = moment::micros(seconds, 1e6).filter(|micros| *micros >= 0);
    micros
        .map(Some)
        .ok_or_else(|| table.wrong(row, column, format!("{seconds} seconds are no time of a search")))
}

/// How long all processes of a trial ran: each counts from its own start, so that a smaller time than before is a
/// process anew.
fn train(table: &Table, rows: &[usize], column: usize) -> Result<Option<u64>, ImportError> {
    let (mut total, mut before) = (0_i64, None);
    for row in rows {
        let Some(ran) = time(table, *row, column)? else { return Ok(None) };
        total = total.saturating_add(match before {
            Some(before) if before <= ran => ran - before,
            _ => ran,
        });
        before = Some(ran);
    }
    Ok(u64::try_from(total).ok())
}

fn parameters(
    table: &Table,
    trials: &[Trial],
    metadata: &Metadata,
    notes: &mut Vec<String>,
) -> Vec<Parameter> {
    let (mut parameters, mut continuous) = (Vec::new(), Vec::new());
    for (column, title) in table.columns().iter().enumerate() {
        let Some(name) = title.strip_prefix("config_") else { continue };
        let listed = match metadata.domains.get(name) {
            Some(metadata::Domain::Continuous) => {
                continuous.push(format!("`{name}`"));
                continue;
            }
            Some(metadata::Domain::Constant) => continue,
            Some(metadata::Domain::Listed(values)) => Some(values.clone()),
            Some(metadata::Domain::Open) | None => None,
        };
        let values: Vec<Value> =
            trials.iter().map(|trial| Value::of_cell(table.cell(trial.last(), column))).collect();
        // A value outside of the list: written differently (a list of numbers), or from another space.
        let listed = listed.filter(|listed| values.iter().all(|value| listed.contains(value)));
        parameters.push(Parameter { name: name.to_owned(), listed, values });
    }
    if !continuous.is_empty() {
        notes.push(format!("left out, since continuous: {}", continuous.join(", ")));
    }
    parameters
}
