//! The JSON that DeepHyper's `deephyper-analytics parse` made of a log: parallel lists.
//!
//! | key | what |
//! |---|---|
//! | `arch_seq` | vectors, in the order in which evaluations ended |
//! | `raw_rewards` | the score of each |
//! | `timestamps` | when each ended, whole seconds of a local clock; not in all files |
//! | `id_worker` | the agent or worker of each; not in all files |
//! | `start_infos` | once a start: the algorithm (`alg`), `nworkers`, the problem (`encoded_space`), when |
//!
//! The other keys (`max_rewards`, `env_stats`, `fig`) follow from these or say nothing of single evaluations.

use super::FORMAT;
use super::file::{File, Row, sequence_names};
use crate::decisions::Value;
use crate::error::ImportError;
use crate::json;
use crate::moment::Moment;
use crate::score::FailureValues;
use crate::text;
use lamarck_model::Status;
use serde_json::{Map, Value as Json};
use std::path::Path;

pub(super) fn read(path: &Path, bytes: &[u8]) -> Result<File, ImportError> {
    let file = Reader { path };
    let bytes = text::utf8(bytes).map_err(|reason| file.format(reason))?;
    if let Err(error) = std::str::from_utf8(bytes) {
        // A line begins after each line feed.
        let line = bytes[..error.valid_up_to()].split(|byte| *byte == b'\n').count() as u64;
        return Err(file.line(line, "not UTF-8; save the file as UTF-8".to_owned()));
    }
    let parsed = json::parse(bytes).map_err(|wrong| file.line(wrong.line, wrong.reason))?;
    let Json::Object(log) = parsed else {
        return Err(file.format("expected an object with the key `arch_seq`"));
    };
    let vectors = file.list(&log, "arch_seq")?.ok_or_else(|| file.missing("arch_seq"))?;
    let rewards = file.list(&log, "raw_rewards")?.ok_or_else(|| file.missing("raw_rewards"))?;
    let [timestamps, workers] = [file.list(&log, "timestamps")?, file.list(&log, "id_worker")?];
    for (key, list) in [("raw_rewards", Some(rewards)), ("timestamps", timestamps), ("id_worker", workers)] {
        if let Some(list) = list
            && list.len() != vectors.len()
        {
            return Err(file.format(format!(
                "`{key}` has {} entries and `arch_seq` has {}: each has one for an evaluation",
                list.len(),
                vectors.len()
            )));
        }
    }
    let begun = Begun::of(&log);
    let width = vectors.first().and_then(Json::as_array).map_or(0, Vec::len);
    let mut rows = Vec::with_capacity(vectors.len());
    let mut clock: Option<bool> = None;
    for (at, vector) in vectors.iter().enumerate() {
        let element = Element { file: &file, row: at as u64 + 1 };
        let finished = timestamps.map_or(Ok(None), |list| element.moment(&list[at], &mut clock))?;
        let worker = workers.map(|list| element.worker(&list[at])).transpose()?;
        rows.push(Row {
            at: element.row,
            values: element.vector(vector, width)?,
            outcome: element.outcome(&rewards[at])?,
            submitted: None,
            started: None,
            finished,
            train_us: None,
            worker,
        });
    }
    let mut notes = Vec::new();
    if timestamps.is_none() {
        notes.push(
            "the log has no times: the order of its entries is taken for the order of completion".to_owned(),
        );
    }
    if let Some(algorithm) = &begun.algorithm {
        let workers = begun.workers.map_or_else(String::new, |workers| format!(" on {workers} workers"));
        notes.push(format!("the log names its search `{algorithm}`{workers}"));
    }
    let score = begun.objective.map_or_else(|| "reward".to_owned(), |name| format!("reward ({name})"));
    Ok(File {
        path: path.to_owned(),
        format: format!("{FORMAT} log (JSON)"),
        names: sequence_names(width),
        named: false,
        problem: begun.problem,
        score,
        workers: begun.workers,
        // A start on another kind of clock than the ends says nothing.
        begun: begun.moment.filter(|_| clock == Some(true)),
        rows,
        notes,
        place: "element",
        column: Some("arch_seq".to_owned()),
    })
}

/// What the first of `start_infos` says. Nothing in it is needed, so nothing in it is an error.
#[derive(Default)]
struct Begun {
    algorithm: Option<String>,
    workers: Option<u32>,
    problem: Option<String>,
    objective: Option<String>,
    moment: Option<i64>,
}

impl Begun {
    fn of(log: &Map<String, Json>) -> Self {
        let Some(first) = log.get("start_infos").and_then(|infos| infos.get(0)) else {
            return Self::default();
        };
        let text = |key: &str| first.get(key).and_then(Json::as_str).map(str::to_owned);
        let problem = text("encoded_space");
        let inner: Option<Json> = problem.as_deref().and_then(|problem| serde_json::from_str(problem).ok());
        let workers = first.get("nworkers").and_then(Json::as_u64).and_then(|n| u32::try_from(n).ok());
        Self {
            algorithm: text("alg"),
            workers: workers.filter(|workers| *workers > 0),
            objective: inner.and_then(|inner| Some(inner.get("objective")?.as_str()?.to_owned())),
            moment: text("timestamp").and_then(|text| Moment::of_date(&text)).map(Moment::micros),
            problem,
        }
    }
}

struct Reader<'a> {
    path: &'a Path,
}

impl Reader<'_> {
    fn format(&self, reason: impl Into<String>) -> ImportError {
        ImportError::Format { path: self.path.to_owned(), format: FORMAT, reason: reason.into() }
    }

    fn line(&self, row: u64, reason: String) -> ImportError {
        ImportError::Row { path: self.path.to_owned(), place: "line", row, column: None, reason }
    }

    fn missing(&self, key: &str) -> ImportError {
        self.format(format!("it has no key `{key}`; a log has `arch_seq` and `raw_rewards` at least"))
    }

    fn list<'a>(&self, log: &'a Map<String, Json>, key: &str) -> Result<Option<&'a Vec<Json>>, ImportError> {
        match log.get(key) {
            None | Some(Json::Null) => Ok(None),
            Some(Json::Array(list)) => Ok(Some(list)),
            Some(_) => Err(self.format(format!("`{key}` is no list"))),
        }
    }
}

/// One entry of the lists.
struct Element<'a> {
    file: &'a Reader<'a>,
    row: u64,
}

impl Element<'_> {
    fn wrong(&self, key: &str, reason: impl Into<String>) -> ImportError {
        ImportError::Row {
            path: self.file.path.to_owned(),
            place: "element",
            row: self.row,
            column: Some(key.to_owned()),
            reason: reason.into(),
        }
    }

    fn vector(&self, vector: &Json, width: usize) -> Result<Vec<Value>, ImportError> {
        let Json::Array(entries) = vector else {
            return Err(self.wrong("arch_seq", "expected a list of numbers"));
        };
        if entries.is_empty() {
            return Err(self.wrong("arch_seq", "the list is empty, so there is no decision"));
        }
        if entries.len() != width {
            let reason = format!("{} entries, where element 1 has {width}", entries.len());
            return Err(self.wrong("arch_seq", reason));
        }
        let value = |(at, entry): (usize, &Json)| {
            // -0.0 and 0.0 are one option.
            let number = json::number(entry).filter(|number| number.is_finite()).map(|number| number + 0.0);
            number
                .map(Value::Number)
                .ok_or_else(|| self.wrong("arch_seq", format!("entry {} of the list is no number", at + 1)))
        };
        entries.iter().enumerate().map(value).collect()
    }

    fn outcome(&self, reward: &Json) -> Result<(Status, Option<f64>), ImportError> {
        let rule = FailureValues::default();
        match (json::number(reward), reward) {
            (Some(number), _) => Ok(rule.of_number(number)),
            (None, Json::Null) => Ok((Status::Failed, None)),
            (None, Json::String(text)) => {
                rule.of_text(text).map_err(|reason| self.wrong("raw_rewards", reason))
            }
            _ => Err(self.wrong("raw_rewards", "expected a number, or a failure such as F or NaN")),
        }
    }

    /// A date, or a number of seconds; `clock` remembers which of the two the file has.
    fn moment(&self, value: &Json, clock: &mut Option<bool>) -> Result<Option<i64>, ImportError> {
        let (micros, dated) = match value {
            Json::Null => return Ok(None),
            Json::Number(number) => {
                let seconds = number.as_f64().filter(|seconds| seconds.abs() <= 1e12);
                (seconds.and_then(|seconds| crate::moment::micros(seconds, 1e6)), false)
            }
            Json::String(text) if matches!(text.as_str(), "NaN" | "") => return Ok(None),
            Json::String(text) => (Moment::of_date(text).map(Moment::micros), true),
            _ => (None, true),
        };
        let expected = "expected a date such as 2020-07-24 05:21:39, or seconds";
        let micros = micros.ok_or_else(|| self.wrong("timestamps", expected))?;
        if *clock.get_or_insert(dated) != dated {
            return Err(self.wrong("timestamps", "dates and seconds are mixed"));
        }
        Ok(Some(micros))
    }

    fn worker(&self, value: &Json) -> Result<u64, ImportError> {
        value.as_u64().ok_or_else(|| self.wrong("id_worker", "expected the number of a worker"))
    }
}
