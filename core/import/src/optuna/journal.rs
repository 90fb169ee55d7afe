//! The records of `optuna/storages/journal/_storage.py`, one JSON object a line, replayed as `JournalStorageReplayResult`
//! does.
//!
//! Records name studies and trials by their place in the file, so their order is all that there is: they cannot be
//! sorted, and a file without its beginning is not this file. As in Optuna, a record for a trial that is unknown or has
//! ended is skipped (two processes may end one trial; the first wins), and a last line without an end of line is
//! one that is still being written. Both are counted in a note.

use super::distribution::Distribution;
use super::study::{Direction, State, Studies, Study, Trial};
use crate::error::ImportError;
use crate::json;
use crate::moment::Moment;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;

/// All studies of a journal that were not deleted.
pub(super) fn studies(path: &Path, bytes: &[u8]) -> Result<Studies, ImportError> {
    let mut replay = Replay::default();
    let mut notes = Vec::new();
    for (number, line) in (1_u64..).zip(bytes.split_inclusive(|byte| *byte == b'\n')) {
        let text = line.trim_ascii();
        if text.is_empty() {
            continue;
        }
        let wrong = |column: Option<&str>, reason: String| ImportError::Row {
            path: path.to_owned(),
            place: "line",
            row: number,
            column: column.map(str::to_owned),
            reason,
        };
        if std::str::from_utf8(text).is_err() {
            return Err(wrong(None, "not UTF-8; is it a journal of Optuna?".into()));
        }
        let record = match json::parse(text) {
            Ok(Value::Object(record)) => record,
            Ok(_) => return Err(wrong(None, "expected an object `{..}`".into())),
            Err(_) if !line.ends_with(b"\n") && number > 1 => {
                notes.push(format!("line {number} is cut off and left out"));
                break;
            }
            Err(error) => return Err(wrong(None, error.reason)),
        };
        replay.apply(number, &record).map_err(|fault| wrong(Some(&fault.key), fault.reason))?;
    }
    if replay.skipped > 0 {
        notes
            .push(format!("{} records of trials that are unknown or had ended are left out (is the beginning of the file missing?)", replay.skipped));
    }
    let studies = replay.studies.into_values().flatten().map(|mut study| {
        study.notice_generations();
        study
    });
    Ok(Studies { format: "optuna journal".into(), all: studies.collect(), notes })
}

/// What is wrong with a record.
struct Fault {
    key: String,
    reason: String,
}

fn fault(key: &str, reason: impl Into<String>) -> Fault {
    Fault { key: key.to_owned(), reason: reason.into() }
}

fn integer(record: &Map<String, Value>, key: &str) -> Result<u64, Fault> {
    record.get(key).and_then(Value::as_u64).ok_or_else(|| fault(key, "expected a whole number"))
}

fn text<'r>(record: &'r Map<String, Value>, key: &str) -> Result<&'r str, Fault> {
    record.get(key).and_then(Value::as_str).ok_or_else(|| fault(key, "expected a text"))
}

/// An object of the record, or an empty one: older versions leave them out.
fn entries<'r>(record: &'r Map<String, Value>, key: &str) -> impl Iterator<Item = (&'r String, &'r Value)> {
    record.get(key).and_then(Value::as_object).into_iter().flatten()
}

fn date(record: &Map<String, Value>, key: &str) -> Result<Option<Moment>, Fault> {
    match record.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value
            .as_str()
            .and_then(Moment::of_date)
            .map(Some)
            .ok_or_else(|| fault(key, format!("expected a date and time, found `{value}`"))),
    }
}

fn state(record: &Map<String, Value>) -> Result<State, Fault> {
    let number = integer(record, "state")?;
    State::of_number(number).ok_or_else(|| fault("state", format!("{number} is no state of a trial")))
}

fn values(record: &Map<String, Value>) -> Result<Vec<f64>, Fault> {
    match (record.get("values"), record.get("value")) {
        (Some(Value::Array(values)), _) => values
            .iter()
            .map(|value| {
                json::number(value).ok_or_else(|| fault("values", format!("`{value}` is no number")))
            })
            .collect(),
        (None | Some(Value::Null), None | Some(Value::Null)) => Ok(Vec::new()),
        (None | Some(Value::Null), Some(value)) => {
            Ok(vec![json::number(value).ok_or_else(|| fault("value", format!("`{value}` is no number")))?])
        }
        _ => Err(fault("values", "expected a list of numbers")),
    }
}

#[derive(Default)]
struct Replay {
    /// By their numbers; `None` is a deleted one. A map, since records are trusted with no length.
    studies: BTreeMap<u64, Option<Study>>,
    /// The study and the place of each trial.
    trials: Vec<(u64, usize)>,
    /// The text of a distribution, in a study, and its place.
    known: BTreeMap<(u64, String), usize>,
    /// The first distribution of a parameter of a study.
    first: BTreeMap<(u64, String), usize>,
    skipped: u64,
}

impl Replay {
    fn apply(&mut self, line: u64, record: &Map<String, Value>) -> Result<(), Fault> {
        match integer(record, "op_code")? {
            0 => self.create_study(record),
            1 => {
                let study = integer(record, "study_id")?;
                self.studies.entry(study).and_modify(|study| *study = None);
                Ok(())
            }
            3 => {
                let id = integer(record, "study_id")?;
                if let Some(Some(study)) = self.studies.get_mut(&id) {
                    for (key, value) in entries(record, "system_attr") {
                        study.system_attribute(key, value);
                    }
                }
                Ok(())
            }
            4 => self.create_trial(line, record),
            5 => self.set_param(record),
            6 => self.set_state(line, record),
            8 | 9 => {
                let user = record.contains_key("user_attr");
                if let Some((_, trial)) = self.trial(record)? {
                    for (key, value) in entries(record, if user { "user_attr" } else { "system_attr" }) {
                        trial.attribute(key, value, user);
                    }
                }
                Ok(())
            }
            // User attributes of a study; intermediate values (a trial's score is its value); and DISCARD_TRIALS, which
            // belongs to another implementation: version 5 skips it as well.
            2 | 7 | 10 => Ok(()),
            other => Err(fault("op_code", format!("{other} is no operation of a journal of Optuna 3 to 5"))),
        }
    }

    /// The trial of a record, with its study; `None` if it is unknown, deleted or has ended.
    fn trial(&mut self, record: &Map<String, Value>) -> Result<Option<(u64, &mut Trial)>, Fault> {
        let id = integer(record, "trial_id")?;
        let place = usize::try_from(id).ok().and_then(|id| self.trials.get(id)).copied();
        let found = place.and_then(|(study, place)| {
            let trial = self.studies.get_mut(&study)?.as_mut()?.trials.get_mut(place)?;
            (!trial.state.has_ended()).then_some((study, trial))
        });
        if found.is_none() {
            self.skipped += 1;
        }
        Ok(found)
    }

    fn create_study(&mut self, record: &Map<String, Value>) -> Result<(), Fault> {
        let name = text(record, "study_name")?;
        if self.studies.values().flatten().any(|study| study.name == name) {
            return Ok(());
        }
        let mut study = Study::new(name.to_owned());
        let directions = record.get("directions").and_then(Value::as_array);
        for direction in directions.ok_or_else(|| fault("directions", "expected a list of directions"))? {
            let known = direction.as_u64().and_then(Direction::of_number);
            study
                .directions
                .push(known.ok_or_else(|| fault("directions", format!("{direction} is no direction")))?);
        }
        self.studies.insert(self.studies.len() as u64, Some(study));
        Ok(())
    }

    fn create_trial(&mut self, line: u64, record: &Map<String, Value>) -> Result<(), Fault> {
        let id = integer(record, "study_id")?;
        let Some(Some(study)) = self.studies.get(&id) else {
            self.skipped += 1;
            return Ok(());
        };
        let place = study.trials.len();
        let state = if record.contains_key("state") { state(record)? } else { State::Running };
        let mut trial = Trial {
            start: date(record, "datetime_start")?,
            complete: date(record, "datetime_complete")?,
            values: values(record)?,
            worker: (state != State::Waiting).then(|| worker(record)).flatten(),
            ended_at: line,
            ..Trial::new(place as u64, state)
        };
        for (key, value) in entries(record, "user_attrs") {
            trial.attribute(key, value, true);
        }
        for (key, value) in entries(record, "system_attrs") {
            trial.attribute(key, value, false);
        }
        for (name, stored) in entries(record, "params") {
            let distributions =
                record.get("distributions").and_then(|all| all.get(name)).and_then(Value::as_str);
            let distribution =
                distributions.ok_or_else(|| fault("distributions", format!("nothing for `{name}`")))?;
            let distribution = self.distribution(id, name, distribution)?;
            trial.params.push((name.clone(), stored_value(name, stored)?, distribution));
            self.first.entry((id, name.clone())).or_insert(distribution);
        }
        self.trials.push((id, place));
        if let Some(Some(study)) = self.studies.get_mut(&id) {
            study.trials.push(trial);
        }
        Ok(())
    }

    fn distribution(&mut self, study: u64, name: &str, text: &str) -> Result<usize, Fault> {
        let key = (study, text.to_owned());
        if let Some(place) = self.known.get(&key) {
            return Ok(*place);
        }
        let parsed = Distribution::parse(text).map_err(|reason| fault(name, reason))?;
        let Some(Some(study)) = self.studies.get_mut(&study) else {
            return Err(fault("study_id", "unknown"));
        };
        study.distributions.push(parsed);
        let place = study.distributions.len() - 1;
        self.known.insert(key, place);
        Ok(place)
    }

    fn set_param(&mut self, record: &Map<String, Value>) -> Result<(), Fault> {
        let name = text(record, "param_name")?;
        let stored = record.get("param_value_internal").unwrap_or(&Value::Null);
        let stored = stored_value(name, stored)?;
        let Some((study, _)) = self.trial(record)? else { return Ok(()) };
        let distribution = self.distribution(study, name, text(record, "distribution")?)?;
        let first = *self.first.entry((study, name.to_owned())).or_insert(distribution);
        if let Some(Some(study)) = self.studies.get(&study)
            && let (Some(first), Some(this)) =
                (study.distributions.get(first), study.distributions.get(distribution))
            && !first.compatible(this)
        {
            self.skipped += 1;
            return Ok(());
        }
        if let Some((_, trial)) = self.trial(record)? {
            match trial.params.iter_mut().find(|param| param.0 == name) {
                Some(param) => (param.1, param.2) = (stored, distribution),
                None => trial.params.push((name.to_owned(), stored, distribution)),
            }
        }
        Ok(())
    }

    fn set_state(&mut self, line: u64, record: &Map<String, Value>) -> Result<(), Fault> {
        let state = state(record)?;
        let (start, complete) = (date(record, "datetime_start")?, date(record, "datetime_complete")?);
        let values = values(record)?;
        let Some((_, trial)) = self.trial(record)? else { return Ok(()) };
        if state == State::Running && trial.state == State::Running {
            return Ok(());
        }
        if state == State::Running {
            trial.start = start;
        }
        if state.has_ended() {
            trial.complete = complete;
        }
        if !values.is_empty() {
            trial.values = values;
        }
        (trial.state, trial.ended_at, trial.worker) = (state, line, worker(record));
        Ok(())
    }
}

/// A process and its thread, as `worker_id` names them.
fn worker(record: &Map<String, Value>) -> Option<String> {
    record.get("worker_id").and_then(Value::as_str).map(str::to_owned)
}

fn stored_value(name: &str, stored: &Value) -> Result<f64, Fault> {
    json::number(stored)
        .filter(|number| number.is_finite())
        .ok_or_else(|| fault(name, format!("expected the number of a value, found `{stored}`")))
}
