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
/// opened, so what [`read`] finds beside a file (`metadata.json` of Syne Tune, `params.json` of Ray Tune) is not there;
/// and [`Format::Csv`], which needs a mapping, is [`parse_mapped`]'s.
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
        Format::Optuna => optuna::parse(name, bytes, options),
        Format::SyneTune => Ok(vec![syne_tune::parse(name, bytes, None, options)?]),
        Format::RayTune => Ok(vec![ray_tune::parse(name, bytes, options)?]),
        Format::Csv => Err(generic::needs_mapping(name)),
    }
}

/// Reads the bytes of a CSV file by those of a mapping, each with its name for messages. Nothing is opened;
/// [`ReadOptions::mapping`] is not looked at.
///
/// # Errors
/// As for [`read`].
pub fn parse_mapped(
    (name, bytes): (&Path, &[u8]),
    mapping: (&Path, &[u8]),
    options: &ReadOptions,
) -> Result<Vec<Log>, ImportError> {
    Ok(vec![generic::parse(name, bytes, mapping, options)?])
}
