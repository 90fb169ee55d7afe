//! What `lamarck import` takes.

use clap::{Args, ValueEnum, ValueHint};
use std::path::PathBuf;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ImportFormat {
    /// Result CSV files of any version, or the JSON that a log was parsed into.
    Deephyper,
    /// An SQLite storage or a journal file.
    Optuna,
    /// The results.csv or results.csv.zip of an experiment.
    SyneTune,
    /// Result CSV files, or the progress.csv of each trial.
    RayTune,
    /// Any CSV file, with a mapping that says what its columns are.
    Csv,
}

/// Each file is one run. Files whose decisions are the same are replicates of one point, others are points of their own.
/// What the files do not say (parents, times, layers) is unknown in the trace, and analyzers say what they could not compute.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct ImportArgs {
    /// Which tool wrote the files.
    #[arg(value_enum)]
    pub(crate) format: ImportFormat,
    /// The files.
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,
    /// The folder for the trace.
    #[arg(long, short, value_name = "TRACE", value_hint = ValueHint::DirPath)]
    pub(crate) out: PathBuf,
    /// Replace a trace that is already in --out.
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// Find out who may be whose parent: whoever was in the population and differs in one decision. The most probable one
    /// becomes the parent, all of them are in parents.parquet.
    #[arg(long)]
    pub(crate) infer_parents: bool,
    /// Decisions that a mutation changes, at most.
    #[arg(long, value_name = "N", requires = "infer_parents", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) distance: u16,
    /// The search's population: parents are looked for among the last so many that ended before a submission. 100 unless
    /// said otherwise; analyzers take it for known only if it is said.
    #[arg(long, value_name = "P", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) population: Option<u32>,
    /// Members that take part in the tournament for a parent. 10 unless said otherwise; analyzers take it for known only if
    /// it is said.
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) sample: Option<u32>,
    /// Workers of the search, where the files do not say; 0 for unknown. Where no submissions are known, parents are looked
    /// for so many completions further back.
    #[arg(long, value_name = "W")]
    pub(crate) workers: Option<u32>,
    /// Candidates drawn at random before the first child, which get no parent; estimated unless said.
    #[arg(long, value_name = "N", requires = "infer_parents")]
    pub(crate) random_phase: Option<u64>,
    /// A number that stands for a failure, or `none` if none does. May be repeated. Without it, -1 and -10 are failures where
    /// no other score is near them.
    #[arg(long, value_name = "NUMBER|none", allow_hyphen_values = true)]
    pub(crate) failure_value: Vec<String>,
    /// Smaller is better: the sign of scores is turned.
    #[arg(long, conflicts_with = "maximize")]
    pub(crate) minimize: bool,
    /// Larger is better, whatever the tool says.
    #[arg(long)]
    pub(crate) maximize: bool,
    /// The column or metric that is the score, where there are several.
    #[arg(long, value_name = "NAME")]
    pub(crate) objective: Option<String>,
    /// The study to read, where a file has several; all of them without it.
    #[arg(long, value_name = "NAME")]
    pub(crate) study: Option<String>,
    /// What the columns of `csv` are.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) mapping: Option<PathBuf>,
    /// What to call it; the name of the first file, or of its study, without it.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// The unit of the score, for reports.
    #[arg(long, default_value = "")]
    pub(crate) unit: String,
    /// Print the summary as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
