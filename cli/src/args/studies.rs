//! What `lamarck studies` takes.

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum StudiesCommand {
    /// Names and summaries.
    List,
    /// Print a built-in study, to start your own from: `lamarck studies show nas-bench-201 > mine.toml`.
    Show {
        /// The study.
        name: String,
    },
}
