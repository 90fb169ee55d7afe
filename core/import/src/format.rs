//! The tools whose logs can be read.

use crate::{ImportError, Log, deephyper, generic, optuna, ray_tune, syne_tune};
use std::path::{Path, PathBuf};

/// A tool's format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// DeepHyper: result CSV files of all versions, and the JSON that its logs were parsed into.
    DeepHyper,
    /// Optuna: an SQLite storage or a journal file.
    Optuna,
    /// Syne Tune: `results.csv.zip` or `results.csv` of an experiment.
    SyneTune,
    /// Ray Tune: `ResultGrid` as CSV, or the `progress.csv` of each trial.
    RayTune,
    /// Any CSV file, with a mapping that says what its columns are.
    Csv,
}

/// What is to be known beside the files.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReadOptions {
    /// The numbers that stand for failures; `None` leaves it to [`FailureValues::guess`](crate::score::FailureValues::guess).
    pub failure_values: Option<Vec<f64>>,
    /// Whether the objective was minimised; `None` for what the tool says or does by default.
    pub minimize: Option<bool>,
    /// The column or metric that is the score, where a file has several.
    pub objective: Option<String>,
    /// The study to read, where a file has several; `None` for all.
    pub study: Option<String>,
    /// The mapping file of [`Format::Csv`].
    pub mapping: Option<PathBuf>,
}

/// Reads files of one format: the parts of one run, or several runs. Each [`Log`] is one run.
///
/// # Errors
/// Whatever is wrong first, with file, row and column; see [`ImportError`].
pub fn read(format: Format, paths: &[PathBuf], options: &ReadOptions) -> Result<Vec<Log>, ImportError> {
    match format {
        Format::DeepHyper => deephyper::read(paths, options),
        Format::Optuna => optuna::read(paths, options),
        Format::SyneTune => syne_tune::read(paths, options),
        Format::RayTune => ray_tune::read(paths, options),
        Format::Csv => generic::read(paths, options),
    }
}

/// Reads the bytes of one file, whatever its name: what a fuzzer calls, and whoever has a log in memory. Nothing is
/// opened. An Optuna storage is a database, and a mapping a second file: [`Format::Optuna`] reads journals only, and
/// [`Format::Csv`] wants its mapping in [`ReadOptions::mapping`] all the same.
///
/// # Errors
/// As for [`read`]; `name` is what they call the file.
pub fn parse(
    format: Format,
    name: &Path,
    bytes: &[u8],
    options: &ReadOptions,
) -> Result<Vec<Log>, ImportError> {
    match format {
        Format::DeepHyper => deephyper::parse(name, bytes, options),
        Format::Optuna | Format::SyneTune | Format::RayTune | Format::Csv => Ok(Vec::new()),
    }
}
