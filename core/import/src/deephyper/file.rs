//! What both kinds of file have in common.

use crate::decisions::Value;
use lamarck_model::Status;
use std::path::{Path, PathBuf};

/// A file, read, before its values are numbered.
#[derive(Debug)]
pub(super) struct File {
    pub(super) path: PathBuf,
    pub(super) format: String,
    /// The names of the decisions.
    pub(super) names: Vec<String>,
    /// Whether the parameters have names of their own, and may therefore be continuous.
    pub(super) named: bool,
    /// What the file says of the problem that was searched, as it says it.
    pub(super) problem: Option<String>,
    pub(super) score: String,
    pub(super) workers: Option<u32>,
    /// The start of the search on the clock of the rows, in microseconds.
    pub(super) begun: Option<i64>,
    pub(super) rows: Vec<Row>,
    pub(super) notes: Vec<String>,
    /// What a row is, for messages.
    pub(super) place: &'static str,
    /// The column of the vectors, for messages.
    pub(super) column: Option<String>,
}

/// One evaluation. Times are microseconds on whatever clock the file has.
#[derive(Debug)]
pub(super) struct Row {
    /// Its place in the file, from 1.
    pub(super) at: u64,
    /// One for each name.
    pub(super) values: Vec<Value>,
    pub(super) outcome: (Status, Option<f64>),
    pub(super) submitted: Option<i64>,
    pub(super) started: Option<i64>,
    pub(super) finished: Option<i64>,
    pub(super) train_us: Option<u64>,
    /// Whatever tells its worker from others.
    pub(super) worker: Option<u64>,
}

/// What the entries of an `arch_seq` are called, in every version.
pub(super) fn sequence_names(width: usize) -> Vec<String> {
    (0..width).map(|at| format!("decision {at}")).collect()
}

/// The name of a run: that of its file, without the ending.
pub(super) fn stem(path: &Path) -> String {
    path.file_stem().map_or_else(|| path.display().to_string(), |stem| stem.to_string_lossy().into_owned())
}
