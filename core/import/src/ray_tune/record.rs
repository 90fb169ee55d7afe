//! A report of a trial, from whichever file.

use super::{FORMAT, micros, wrong};
use crate::decisions::Value;
use crate::error::ImportError;
use crate::json;
use crate::reports::Ending;
use crate::table::Table;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Columns that Ray adds to every report: `AUTO_RESULT_KEYS` and `DEBUG_METRICS` of `ray/tune/result.py`, `logdir` of the
/// table of trials, and those of versions before 2.
const OWN: [&str; 23] = [
    "checkpoint_dir_name",
    "date",
    "done",
    "episodes_total",
    "experiment_id",
    "experiment_tag",
    "hostname",
    "iterations_since_restore",
    "logdir",
    "node_ip",
    "pid",
    "should_checkpoint",
    "time_since_restore",
    "time_this_iter_s",
    "time_total_s",
    "timestamp",
    "timesteps_since_restore",
    "timesteps_total",
    "trainable_name",
    "training_iteration",
    "trial_id",
    "trial_log_path",
    "warmup_time",
];

/// One report.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) path: PathBuf,
    /// Its line.
    pub(super) row: u64,
    pub(super) trial: String,
    pub(super) iteration: u64,
    /// Microseconds of Unix time.
    pub(super) timestamp: Option<i64>,
    /// How long the trial had run, in microseconds.
    pub(super) total: Option<i64>,
    /// Whether it was paused and restored before.
    pub(super) restored: bool,
    pub(super) done: bool,
    /// Whether its folder says that it failed.
    pub(super) failed: bool,
    /// What is not the tool's own, as text.
    pub(super) metrics: BTreeMap<String, String>,
    pub(super) config: BTreeMap<String, Value>,
}

impl Record {
    pub(super) fn ending(&self) -> Ending {
        match (self.failed, self.done) {
            (true, _) => Ending::Failed,
            (false, true) => Ending::Stopped,
            (false, false) => Ending::Open,
        }
    }

    /// Whether a value is the number of the report.
    pub(super) fn counts(&self, value: &str) -> bool {
        value.parse::<f64>().is_ok_and(|value| (value - self.iteration as f64).abs() < f64::EPSILON)
    }

    pub(super) fn wrong(&self, column: &str, reason: impl Into<String>) -> ImportError {
        ImportError::Row {
            path: self.path.clone(),
            place: "line",
            row: self.row,
            column: Some(column.to_owned()),
            reason: reason.into(),
        }
    }

    /// A report out of its own columns, as texts; empty ones are not there.
    fn of(path: &Path, row: u64, cells: BTreeMap<String, String>) -> Result<Self, ImportError> {
        let mut record = Self {
            path: path.to_owned(),
            row,
            trial: cells.get("trial_id").cloned().unwrap_or_default(),
            iteration: 0,
            timestamp: None,
            total: None,
            restored: false,
            done: cells.get("done").is_some_and(|done| done.eq_ignore_ascii_case("true")),
            failed: false,
            metrics: BTreeMap::new(),
            config: BTreeMap::new(),
        };
        if record.trial.is_empty() {
            return Err(record.wrong("trial_id", "the trial is missing"));
        }
        let number = |name: &str| match cells.get(name).map(|cell| (cell, cell.parse::<f64>())) {
            None => Ok(None),
            Some((_, Ok(number))) if number.is_finite() => Ok(Some(number)),
            Some((cell, _)) => Err(record.wrong(name, format!("expected a number, found `{cell}`"))),
        };
        let time = |name: &str| match number(name)? {
            None => Ok(None),
            Some(seconds) => match micros(seconds) {
                Some(micros) if micros >= 0 => Ok(Some(micros)),
                _ => Err(record.wrong(name, format!("{seconds} seconds are no time of a search"))),
            },
        };
        let counted = |name: &str| match number(name)? {
            None => Ok(None),
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a small whole number"
            )]
            Some(count) if count >= 0.0 && count.fract() == 0.0 && count < 1e15 => Ok(Some(count as u64)),
            Some(count) => Err(record.wrong(name, format!("expected a whole number, found `{count}`"))),
        };
        let iteration = counted("training_iteration")?
            .ok_or_else(|| record.wrong("training_iteration", "the number of the report is missing"))?;
        let restored = counted("iterations_since_restore")?.is_some_and(|since| since < iteration);
        let (timestamp, total) = (time("timestamp")?, time("time_total_s")?);
        record.metrics =
            cells.into_iter().filter(|(name, _)| OWN.binary_search(&name.as_str()).is_err()).collect();
        (record.iteration, record.restored, record.timestamp, record.total) =
            (iteration, restored, timestamp, total);
        Ok(record)
    }
}

/// The rows of a table of trials, or of one trial's `progress.csv`; the second has no configuration.
fn of_csv(path: &Path, bytes: &[u8]) -> Result<Vec<Record>, ImportError> {
    let table = Table::parse(path, bytes, FORMAT)?;
    for needed in ["trial_id", "training_iteration"] {
        if table.column(needed).is_none() {
            let reason = format!(
                "it has no column `{needed}`; is it the CSV file of `ResultGrid.get_dataframe()`, or a trial's?"
            );
            return Err(wrong(path, reason));
        }
    }
    let mut records = Vec::with_capacity(table.len());
    for row in 0..table.len() {
        let (mut cells, mut config) = (BTreeMap::new(), BTreeMap::new());
        for (column, title) in table.columns().iter().enumerate() {
            let cell = table.cell(row, column);
            match title.strip_prefix("config/") {
                Some(name) => {
                    config.insert(name.to_owned(), Value::of_cell(cell));
                }
                None if cell.is_empty() => {}
                None => {
                    cells.insert(title.clone(), cell.to_owned());
                }
            }
        }
        records.push(Record { config, ..Record::of(path, table.line(row), cells)? });
    }
    Ok(records)
}

/// The rows of a table of all trials.
pub(super) fn of_table(path: &Path, bytes: &[u8]) -> Result<Vec<Record>, ImportError> {
    let records = of_csv(path, bytes)?;
    if records.iter().all(|record| record.config.is_empty()) && !records.is_empty() {
        return Err(wrong(path, "it has no column `config/..`, and there is no `params.json` beside it"));
    }
    Ok(records)
}

/// The reports of one trial, out of `result.json` or `progress.csv`, with the bytes of `params.json`.
pub(super) fn of_trial(
    path: &Path,
    bytes: &[u8],
    params: Option<(&Path, &[u8])>,
) -> Result<Vec<Record>, ImportError> {
    let params = match params {
        Some((path, bytes)) => {
            let value = json::parse(bytes).map_err(|error| damaged(path, error.line, error.reason))?;
            Some(config(&value))
        }
        None => None,
    };
    let mut records = if bytes.trim_ascii_start().starts_with(b"{") {
        of_lines(path, bytes)?
    } else {
        of_csv(path, bytes)?
    };
    for record in &mut records {
        match &params {
            // A trial's own record comes first: population based training changes it on the way.
            Some(params) if record.config.is_empty() => record.config.clone_from(params),
            None if record.config.is_empty() => {
                return Err(wrong(path, "it has no configuration, and there is no `params.json` beside it"));
            }
            _ => {}
        }
    }
    Ok(records)
}

fn damaged(path: &Path, line: u64, reason: String) -> ImportError {
    ImportError::Row { path: path.to_owned(), place: "line", row: line, column: None, reason }
}

/// The lines of `result.json`, an object each.
fn of_lines(path: &Path, bytes: &[u8]) -> Result<Vec<Record>, ImportError> {
    let mut records = Vec::new();
    for (line, text) in (1_u64..).zip(bytes.split(|byte| *byte == b'\n')) {
        let text = text.trim_ascii();
        if text.is_empty() {
            continue;
        }
        let Json::Object(report) = json::parse(text).map_err(|error| damaged(path, line, error.reason))?
        else {
            return Err(damaged(path, line, "expected an object `{..}`".into()));
        };
        let mut cells = BTreeMap::new();
        for (name, value) in report.iter().filter(|(name, _)| *name != "config") {
            flatten(name, value, &mut |name, value| match value {
                Json::Null => {}
                Json::String(text) => {
                    cells.insert(name.to_owned(), text.clone());
                }
                other => {
                    cells.insert(name.to_owned(), other.to_string());
                }
            });
        }
        let config = report.get("config").map(config).unwrap_or_default();
        records.push(Record { config, ..Record::of(path, line, cells)? });
    }
    Ok(records)
}

/// A configuration, flat: `cell/width`.
fn config(value: &Json) -> BTreeMap<String, Value> {
    let mut flat = BTreeMap::new();
    for (name, value) in value.as_object().into_iter().flatten() {
        flatten(name, value, &mut |name, value| {
            flat.insert(name.to_owned(), Value::of_json(value));
        });
    }
    flat
}

/// As `flatten_dict` does, with `/` between names. The depth is that of the parser, which bounds it.
fn flatten(name: &str, value: &Json, each: &mut dyn FnMut(&str, &Json)) {
    match value {
        Json::Object(table) if !table.is_empty() => {
            for (key, value) in table {
                flatten(&format!("{name}/{key}"), value, each);
            }
        }
        other => each(name, other),
    }
}

#[cfg(test)]
mod tests {
    use super::OWN;

    #[test]
    fn own_columns_are_sorted_for_the_search() {
        assert!(OWN.is_sorted());
    }
}
