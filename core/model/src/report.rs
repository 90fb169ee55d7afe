//! What an analyzer says of one run: findings, tables and charts.
//!
//! **An analyzer sees one run, and says what it saw in numbers; the host merges.** Replicates of a point become a
//! median with a bootstrap interval, points of a sweep stand side by side, and runs that share a seed are compared in
//! pairs. None of that is an analyzer's business: it need not know how many runs there are, and every analyzer's
//! spread over replicates means the same. The alternative, analyzers that take in all runs, made each of them an
//! aggregator of its own, and none the same.
//!
//! So that runs can be merged, what belongs together has the same place in every run's report: a finding is known by
//! its `key`, a table's row by its first [`keys`](Table::keys) cells, a point of a series by its series' name and its
//! x. Series therefore use x values that do not depend on the run's outcome (windows of so many candidates, shares of
//! the run), and findings a text without numbers: the value stands beside it.
//!
//! A finding that could not be computed says so in [`missing`](Finding::missing), and why. Whether scores are
//! synthetic is known to the host, which marks everything that stems from them.

mod chart;
mod check;
mod merged;

pub use chart::{Axis, Bars, Body, Chart, Flow, FlowBand, Heat, Line, finite};
pub use check::ReportError;
pub use merged::{
    Difference, MergedBody, MergedChart, MergedFinding, MergedLine, MergedTable, Panel, PointReport,
    PointValue, REPORT_SCHEMA, Section, StudyReport, TablePanel,
};

use serde::{Deserialize, Serialize};

/// What one analyzer says of one run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The analyzer's name.
    pub analyzer: String,
    /// Sentences, the most important first.
    pub findings: Vec<Finding>,
    /// Tables, each of which becomes a CSV file.
    #[serde(default)]
    pub tables: Vec<Table>,
    /// Charts, in the order in which they should be read.
    #[serde(default)]
    pub charts: Vec<Chart>,
}

impl Report {
    /// Puts the findings with these keys first, in this order; the others follow as they are. Pages and terminals show
    /// the first few, so an analyzer names what answers its question.
    #[must_use]
    pub fn leading_with(mut self, keys: &[&str]) -> Self {
        self.findings
            .sort_by_key(|finding| keys.iter().position(|key| *key == finding.key).unwrap_or(keys.len()));
        self
    }
}

/// One sentence with the number it rests on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// A short name that stays the same between versions and runs: `random-phase-length`.
    pub key: String,
    /// What the value is, without the value: `candidates sampled before the first child`.
    pub text: String,
    /// The measured value.
    pub value: Option<f64>,
    /// Its unit; empty for a plain number.
    pub unit: String,
    /// How many observations of this run it rests on.
    pub n: u64,
    /// Its spread (standard deviation) over these observations.
    pub spread: Option<f64>,
    /// The closed form's value, if there is one.
    pub theory: Option<f64>,
    /// Why there is no value.
    #[serde(default)]
    pub missing: Option<String>,
}

impl Finding {
    /// A finding with a value that rests on `n` observations. A value that is not finite becomes one that is missing.
    pub fn new(key: impl Into<String>, text: impl Into<String>, value: f64, unit: &str, n: u64) -> Self {
        let value = finite(value);
        let missing = value.is_none().then(|| "the value is not a finite number".to_owned());
        Self { key: key.into(), text: text.into(), value, unit: unit.into(), n, missing, ..Self::default() }
    }

    /// A finding that could not be computed, and why.
    pub fn missing(key: impl Into<String>, text: impl Into<String>, why: impl Into<String>) -> Self {
        Self { key: key.into(), text: text.into(), missing: Some(why.into()), ..Self::default() }
    }

    /// The same with the closed form's value beside it.
    #[must_use]
    pub fn theory(mut self, theory: f64) -> Self {
        self.theory = finite(theory);
        self
    }

    /// The same with the spread over its observations.
    #[must_use]
    pub fn spread(mut self, spread: f64) -> Self {
        self.spread = finite(spread);
        self
    }
}

/// A table of numbers and words.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// A short name, also the file's: `option-shares`.
    pub name: String,
    /// What it shows.
    pub title: String,
    /// Column names, with units in brackets.
    pub columns: Vec<String>,
    /// How many of the first columns say what a row is about; rows of different runs with the same cells there are
    /// merged. With 0 the rows of different runs have nothing to do with each other and are listed one after another.
    #[serde(default)]
    pub keys: usize,
    /// Rows of cells.
    pub rows: Vec<Vec<Cell>>,
}

/// One cell of a [`Table`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Cell {
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// A word.
    Text(String),
    /// Not known.
    Missing(()),
}

impl From<f64> for Cell {
    /// A number that is not finite is not known.
    fn from(value: f64) -> Self {
        if value.is_finite() { Self::Number(value) } else { Self::Missing(()) }
    }
}

impl From<u64> for Cell {
    /// A number beyond 63 bits loses its last digits.
    fn from(value: u64) -> Self {
        i64::try_from(value).map_or(Self::Number(value as f64), Self::Integer)
    }
}

impl From<String> for Cell {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<&str> for Cell {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Missing(()), Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_finite_is_missing() {
        let finding = Finding::new("k", "t", f64::NAN, "s", 3).theory(f64::INFINITY);
        assert_eq!((finding.value, finding.theory), (None, None));
        assert!(finding.missing.is_some());
        let cells = [Cell::from(f64::NAN), Cell::from(2.5), Cell::from(7_u64), Cell::from(None::<f64>)];
        assert_eq!(serde_json::to_string(&cells).unwrap(), "[null,2.5,7,null]");
        let line = Line::new("a", [(0.0, 1.0), (1.0, f64::NAN)]);
        assert_eq!(line.y, [Some(1.0), None]);
    }
}
