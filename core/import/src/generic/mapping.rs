//! The mapping file.

use crate::decisions::Value;
use crate::error::ImportError;
use lamarck_model::Status;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// A text that knows where it stands.
pub(super) type Named = Spanned<String>;

/// What the file says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// The run's name; without it the CSV file's.
    name: Option<String>,
    id: Option<Named>,
    parent: Option<Named>,
    worker: Option<Named>,
    decisions: Decisions,
    score: Score,
    status: Option<StatusWords>,
    #[serde(default)]
    times: Times,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Decisions {
    #[serde(default)]
    pub(super) columns: Vec<Named>,
    pub(super) prefix: Option<Named>,
    pub(super) list: Option<Named>,
    /// Lists of options, by the names of decisions.
    #[serde(default)]
    pub(super) options: BTreeMap<Named, Vec<toml::Value>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Score {
    pub(super) column: Named,
    #[serde(default)]
    pub(super) minimize: bool,
    #[serde(default)]
    pub(super) failure_values: Vec<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StatusWords {
    pub(super) column: Named,
    #[serde(default)]
    ok: Vec<String>,
    #[serde(default)]
    failed: Vec<String>,
    #[serde(default)]
    missing: Vec<String>,
    #[serde(default)]
    lost: Vec<String>,
    #[serde(default)]
    interrupted: Vec<String>,
}

impl StatusWords {
    /// Every word with its status.
    pub(super) fn words(&self) -> impl Iterator<Item = (&str, Status)> {
        let lists = [
            (&self.ok, Status::Ok),
            (&self.failed, Status::Failed),
            (&self.missing, Status::Missing),
            (&self.lost, Status::Lost),
            (&self.interrupted, Status::Interrupted),
        ];
        lists.into_iter().flat_map(|(words, status)| words.iter().map(move |word| (word.as_str(), status)))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Times {
    pub(super) submitted: Option<Named>,
    pub(super) started: Option<Named>,
    pub(super) finished: Option<Named>,
    #[serde(default)]
    pub(super) unit: Unit,
    pub(super) train: Option<Named>,
    #[serde(default)]
    pub(super) train_unit: Duration,
}

/// What a time counts.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum Unit {
    #[default]
    #[serde(rename = "s")]
    Seconds,
    #[serde(rename = "ms")]
    Milliseconds,
    #[serde(rename = "us")]
    Microseconds,
    #[serde(rename = "date")]
    Date,
}

impl Unit {
    /// Microseconds of one; none for dates.
    pub(super) const fn micros(self) -> Option<f64> {
        match self {
            Self::Seconds => Some(1e6),
            Self::Milliseconds => Some(1e3),
            Self::Microseconds => Some(1.0),
            Self::Date => None,
        }
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::Milliseconds => "ms",
            Self::Microseconds => "us",
            Self::Date => "date",
        }
    }
}

/// What a duration counts: no dates.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum Duration {
    #[default]
    #[serde(rename = "s")]
    Seconds,
    #[serde(rename = "ms")]
    Milliseconds,
    #[serde(rename = "us")]
    Microseconds,
}

impl Duration {
    pub(super) const fn micros(self) -> f64 {
        match self {
            Self::Seconds => 1e6,
            Self::Milliseconds => 1e3,
            Self::Microseconds => 1.0,
        }
    }
}

/// A mapping, with its text for messages.
#[derive(Debug)]
pub(super) struct Mapping {
    path: PathBuf,
    text: String,
    pub(super) name: Option<String>,
    pub(super) id: Option<Named>,
    pub(super) parent: Option<Named>,
    pub(super) worker: Option<Named>,
    pub(super) decisions: Decisions,
    pub(super) score: Score,
    pub(super) status: Option<StatusWords>,
    pub(super) times: Times,
}

impl Mapping {
    pub(super) fn parse(path: &Path, bytes: &[u8]) -> Result<Self, ImportError> {
        let text =
            std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).map_err(|error| {
                let line =
                    bytes.iter().take(error.valid_up_to()).filter(|byte| **byte == b'\n').count() as u64 + 1;
                wrong_at(path, line, "not UTF-8; save the file as UTF-8")
            })?;
        let file: File = toml::from_str(text).map_err(|error| {
            let reason = error.message().replace('\n', "; ");
            placed(path, text, error.span(), &reason)
        })?;
        let File { name, id, parent, worker, decisions, score, status, times } = file;
        let mapping = Self {
            path: path.to_owned(),
            text: text.to_owned(),
            name,
            id,
            parent,
            worker,
            decisions,
            score,
            status,
            times,
        };
        mapping.check()?;
        Ok(mapping)
    }

    fn check(&self) -> Result<(), ImportError> {
        let decisions = &self.decisions;
        if decisions.columns.is_empty() && decisions.prefix.is_none() && decisions.list.is_none() {
            let reason = "[decisions] names no columns: give `columns`, `prefix` or `list`";
            return Err(self.wrong(None, reason));
        }
        for (name, options) in &decisions.options {
            let values: Vec<Option<Value>> = options.iter().map(value).collect();
            if values.contains(&None) {
                let reason = format!("options of `{}` are texts, numbers, true or false", name.get_ref());
                return Err(self.wrong(name.span(), reason));
            }
            let twice = values.iter().enumerate().any(|(place, value)| values[..place].contains(value));
            if values.is_empty() || twice {
                let reason = format!("options of `{}` are a list of different values", name.get_ref());
                return Err(self.wrong(name.span(), reason));
            }
        }
        if let Some(status) = &self.status {
            let words: Vec<&str> = status.words().map(|(word, _)| word).collect();
            if let Some((_, twice)) =
                words.iter().enumerate().find(|(place, word)| words[..*place].contains(word))
            {
                let reason = format!("[status] lists `{twice}` twice");
                return Err(self.wrong(status.column.span(), reason));
            }
        }
        Ok(())
    }

    /// The options that are listed for a decision.
    pub(super) fn options(&self, name: &str) -> Option<Vec<Value>> {
        let (_, options) = self.decisions.options.iter().find(|(known, _)| known.get_ref() == name)?;
        Some(options.iter().filter_map(value).collect())
    }

    /// An error of the mapping, at some place of it.
    pub(super) fn wrong(
        &self,
        span: impl Into<Option<Range<usize>>>,
        reason: impl AsRef<str>,
    ) -> ImportError {
        placed(&self.path, &self.text, span.into(), reason.as_ref())
    }
}

/// An option as a cell would have it: `"16"` and 16 are one, since a cell has no quotes.
fn value(option: &toml::Value) -> Option<Value> {
    match option {
        toml::Value::String(text) => Some(Value::of_cell(text)),
        toml::Value::Integer(number) => Some(Value::Number(*number as f64)),
        toml::Value::Float(number) if number.is_finite() => Some(Value::Number(*number)),
        toml::Value::Boolean(value) => Some(Value::Bool(*value)),
        _ => None,
    }
}

fn placed(path: &Path, text: &str, span: Option<Range<usize>>, reason: &str) -> ImportError {
    let Some(before) = span.and_then(|span| text.get(..span.start)) else { return wrong_at(path, 1, reason) };
    let line = before.matches('\n').count() as u64 + 1;
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
    wrong_at(path, line, format!("column {column}: {reason}"))
}

fn wrong_at(path: &Path, line: u64, reason: impl Into<String>) -> ImportError {
    ImportError::Row { path: path.to_owned(), place: "line", row: line, column: None, reason: reason.into() }
}
