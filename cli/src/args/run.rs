//! What `lamarck run` takes.

use clap::{Args, ValueHint};
use std::path::PathBuf;

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct RunArgs {
    /// A study file, or the name of a built-in study (`lamarck studies list`).
    #[arg(default_value = "nas-bench-201", value_hint = ValueHint::FilePath)]
    pub(crate) study: String,
    /// Change a key of the study: `--set cluster.workers=16`. May be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// The seed of all randomness (study.seed).
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<String>,
    /// Independent runs of every sweep point (study.replicates).
    #[arg(long, value_name = "N")]
    pub(crate) replicates: Option<String>,
    /// Runs at the same time; as many as there are cores unless said otherwise. Results do not depend on it.
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,
    /// The folder for the trace. Without it, a new one below `lamarck-out`.
    #[arg(long, short, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) out: Option<PathBuf>,
    /// Go on with the interrupted trace in --out: it is replayed, checked, and continued.
    #[arg(long, requires = "out")]
    pub(crate) resume: bool,
    /// Replace a trace that is already in --out.
    #[arg(long, requires = "out", conflicts_with = "resume")]
    pub(crate) overwrite: bool,
    /// Print what the study would do, check every component's options, and run nothing but short pilots in memory, from
    /// which time and bytes are estimated.
    #[arg(long, conflicts_with = "quiet")]
    pub(crate) dry_run: bool,
    /// With --dry-run: estimate nothing, so that not even a pilot runs.
    #[arg(long, requires = "dry_run")]
    pub(crate) no_pilot: bool,
    /// Print the summary as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Stop every run, resumably, after so many candidates.
    #[arg(long, value_name = "N")]
    pub(crate) pause_after: Option<u64>,
    /// No progress bar and no summary; errors are still printed.
    #[arg(long, short)]
    pub(crate) quiet: bool,
}
