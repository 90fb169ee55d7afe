//! What `lamarck run` takes.

use clap::{Args, ValueEnum, ValueHint};
use std::path::PathBuf;

/// What may differ in a locked run. Settings may not: other settings are another study.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LockedAllow {
    /// The release.
    Lamarck,
    /// The commit that the program was built from.
    Commit,
    /// Versions and hashes of plugins.
    Plugins,
    /// Checksums of the data behind the scores.
    Data,
}

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
    /// Run the study of this trace again, if program, plugins, data and settings are those that made it; then compare.
    ///
    /// What differs is listed, and nothing is run. Exits with 0 if the new trace is the same to the byte, with 1 if not.
    #[arg(long, value_name = "TRACE", value_hint = ValueHint::DirPath)]
    #[arg(conflicts_with_all = ["study", "resume", "overwrite", "pause_after"])]
    pub(crate) locked: Option<PathBuf>,
    /// With --locked, run although this differs: to see whether it matters.
    #[arg(long, value_enum, value_name = "WHAT", value_delimiter = ',', requires = "locked")]
    pub(crate) locked_allow: Vec<LockedAllow>,
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
