//! The arguments of `lamarck replay`.

use clap::{Args, ValueHint};
use std::path::PathBuf;

/// Vectors, parents, donors, scores and training times are those of the trace; what may change is where and when
/// candidates run: the scheduler, the cluster and what is retained. Without a change the replay is the trace, byte for
/// byte. A study with `study.replay = true` compares clusters in the same way without a trace.
#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// The trace's folder. Its runs must be complete.
    #[arg(value_name = "TRACE", value_hint = ValueHint::DirPath)]
    pub(crate) trace: PathBuf,
    /// Which point of its sweep, from 0; needed where it has several.
    #[arg(long, value_name = "N")]
    pub(crate) point: Option<u32>,
    /// A scheduler and its options: `--scheduler locality-wait:wait_s=30`. Several are compared.
    #[arg(long = "scheduler", value_name = "NAME[:KEY=VALUE,..]")]
    pub(crate) schedulers: Vec<String>,
    /// Ready candidates for the scheduler to choose from, beyond the idle workers (scheduler.lookahead).
    #[arg(long, value_name = "N")]
    pub(crate) lookahead: Option<u32>,
    /// Each node's cache in GiB, with a policy if it is not lru: `--cache 4`, `--cache s3-fifo=4`. Several are compared.
    #[arg(long = "cache", value_name = "[POLICY=]GIB")]
    pub(crate) caches: Vec<String>,
    /// Change a key: `--set cluster.workers=64`, or sweep one: `--set 'sweep."cluster.workers"=[16, 64]'`. May be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// Play only the first so many replicates.
    #[arg(long, value_name = "N")]
    pub(crate) replicates: Option<String>,
    /// An analyzer and its options, as for `lamarck analyze`; without it those of the trace's study.
    #[arg(long = "analyzer", short, value_name = "NAME[:KEY=VALUE,..]")]
    pub(crate) analyzers: Vec<String>,
    /// Runs at the same time; as many as there are cores unless said otherwise. Results do not depend on it.
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,
    /// The folder for the new trace. Without it, a new one below `lamarck-out`.
    #[arg(long, short, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) out: Option<PathBuf>,
    /// Replace a trace that is already in --out.
    #[arg(long, requires = "out")]
    pub(crate) overwrite: bool,
    /// Print the summary as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// No progress bar and no summary; errors are still printed.
    #[arg(long, short)]
    pub(crate) quiet: bool,
}
