//! What every importer makes.

use lamarck_model::{Choice, Decision, Status};

/// One run of another tool.
#[derive(Debug, Clone, PartialEq)]
pub struct Log {
    /// The tool and the version of its format, as far as the file tells: `deephyper 0.4`.
    pub format: String,
    /// What the tool calls the run (an Optuna study's name), or the file's name without its ending.
    pub name: String,
    /// The decisions, in the order of the vectors.
    pub decisions: Vec<Decision>,
    /// What the score is: `objective`, `val_accuracy`.
    pub score: String,
    /// Whether the tool minimised. Scores of the log are then already negated: larger is better everywhere.
    pub negated: bool,
    /// The evaluations in the order in which they finished; those of which no end is known stand last.
    pub evaluations: Vec<Evaluation>,
    /// How many workers the search had, where the tool says so. Not counted from the evaluations: see
    /// [`workers_of`](crate::rows::workers_of).
    pub workers: Option<u32>,
    /// What whoever reads the trace must know, a sentence each: parameters left out, rows without times, an order that
    /// was assumed.
    pub notes: Vec<String>,
}

/// One evaluation.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// Where it stands in its file, for messages: a line of a text file, an element of a list, from 1.
    pub row: u64,
    /// The vector: for each of the log's decisions the option chosen.
    pub choices: Vec<Choice>,
    /// How it ended.
    pub status: Status,
    /// The score, larger is better; `None` unless the status is [`Status::Ok`].
    pub score: Option<f64>,
    /// When it was submitted, in microseconds from the earliest time in the log.
    pub submitted_us: Option<u64>,
    /// When a worker took it, on the same clock.
    pub started_us: Option<u64>,
    /// When it finished, on the same clock.
    pub finished_us: Option<u64>,
    /// How long it trained, where the tool says so apart from start and end.
    pub train_us: Option<u64>,
    /// Its worker, numbered from 0 in the order of first appearance.
    pub worker: Option<u32>,
    /// Its parent's place in the log's evaluations, where the tool recorded it.
    pub parent: Option<usize>,
}

impl Evaluation {
    /// An evaluation of which nothing is known but its place, its vector and how it ended.
    pub fn new(row: u64, choices: Vec<Choice>, (status, score): (Status, Option<f64>)) -> Self {
        Self {
            row,
            choices,
            status,
            score,
            submitted_us: None,
            started_us: None,
            finished_us: None,
            train_us: None,
            worker: None,
            parent: None,
        }
    }
}
