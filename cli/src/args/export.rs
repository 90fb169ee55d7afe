//! What `lamarck export` takes.

use super::access::{AccessFormat, ObjectGranularity};
use super::ro_crate::RoCrateArgs;
use clap::{Subcommand, ValueEnum, ValueHint};
use std::path::PathBuf;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LineageFormat {
    /// For Gephi, Cytoscape, networkx, igraph.
    Graphml,
    /// For Graphviz.
    Dot,
    /// For programs that draw trees; second parents are left out.
    Newick,
    /// An edge list: child, parent, role, change, score.
    Parquet,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ExportCommand {
    /// Who descends from whom in one run.
    Lineage {
        /// The trace's folder.
        #[arg(value_hint = ValueHint::DirPath)]
        trace: PathBuf,
        /// What to write.
        #[arg(long, short, value_enum, default_value = "graphml")]
        format: LineageFormat,
        /// The sweep point.
        #[arg(long, default_value_t = 0)]
        point: u32,
        /// The replicate.
        #[arg(long, default_value_t = 0)]
        replicate: u32,
        /// Where it goes; standard output without it.
        #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
        out: Option<PathBuf>,
    },
    /// The accesses to stored weights in one run, for `lamarck cache` and other simulators of caches.
    ///
    /// A candidate reads what it takes over when it starts, and writes what it trained when it finishes; deletions follow
    /// the study's rule of retention. Objects are numbered from 0.
    AccessTrace {
        /// The trace's folder.
        #[arg(value_hint = ValueHint::DirPath)]
        trace: PathBuf,
        /// What to write.
        #[arg(long, short, value_enum, default_value = "oracle-general")]
        format: AccessFormat,
        /// Compress the file with zstd; Parquet is compressed in any case.
        #[arg(long)]
        zstd: bool,
        /// The sweep point.
        #[arg(long, default_value_t = 0)]
        point: u32,
        /// The replicate.
        #[arg(long, default_value_t = 0)]
        replicate: u32,
        /// What an object is.
        #[arg(long, value_enum, default_value = "layer")]
        granularity: ObjectGranularity,
        /// Where it goes.
        #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
        out: PathBuf,
    },
    /// Metadata beside a trace, so that it can be archived and cited.
    RoCrate(RoCrateArgs),
}
