//! What an analyzer returns: findings and tables.
//!
//! A finding is a sentence with its value, unit, n, spread and, where a closed form exists, the theory's value
//! beside the measured one. An analyzer that cannot compute a thing (an imported trace without parents, say)
//! returns a finding that says so.

use serde::{Deserialize, Serialize};

/// The result of one analyzer over one trace.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The analyzer's name.
    pub analyzer: String,
    /// Sentences, the most important first.
    pub findings: Vec<Finding>,
    /// Tables, each of which becomes a CSV file.
    pub tables: Vec<Table>,
}

/// One sentence with the number it rests on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// A short name that stays the same between versions: `random-phase-length`.
    pub key: String,
    /// The sentence.
    pub text: String,
    /// The measured value, or `None` with the reason in `text`.
    pub value: Option<f64>,
    /// Its unit.
    pub unit: String,
    /// How many observations it rests on.
    pub n: u64,
    /// Its spread (standard deviation) over them.
    pub spread: Option<f64>,
    /// The closed form's value, if there is one.
    pub theory: Option<f64>,
    /// Whether it stems from synthetic scores.
    pub synthetic: bool,
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
