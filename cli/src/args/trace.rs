//! What `lamarck trace` takes.

use clap::{Subcommand, ValueHint};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum TraceCommand {
    /// What a trace holds.
    Info {
        /// The trace's folder.
        #[arg(value_hint = ValueHint::DirPath)]
        trace: PathBuf,
        /// Print the header as JSON.
        #[arg(long)]
        json: bool,
    },
    /// The first candidates, in the order in which they finished.
    Head {
        /// The trace's folder.
        #[arg(value_hint = ValueHint::DirPath)]
        trace: PathBuf,
        /// How many.
        #[arg(long, short = 'n', default_value_t = 10)]
        rows: usize,
        /// The sweep point.
        #[arg(long, default_value_t = 0)]
        point: u32,
        /// The replicate.
        #[arg(long, default_value_t = 0)]
        replicate: u32,
    },
    /// Where two traces part and what that points to, in words. Exits with 1 if they differ.
    ///
    /// First what differs in the headers; then, for each run, the first event in virtual time that is not the same, and
    /// how far the runs part from there on.
    Diff {
        /// One trace's folder.
        #[arg(value_hint = ValueHint::DirPath)]
        left: PathBuf,
        /// The other's.
        #[arg(value_hint = ValueHint::DirPath)]
        right: PathBuf,
        /// Print JSON, with all runs and all columns of the first event.
        #[arg(long)]
        json: bool,
    },
}
