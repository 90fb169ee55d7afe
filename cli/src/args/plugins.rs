//! What `lamarck plugins` takes.

use clap::{Subcommand, ValueHint};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum PluginsCommand {
    /// Every component that can be used, by kind. Reads manifests only; runs nothing.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// A component's or a library's options, references, versions and hash.
    Info {
        /// A component's name, or a library's file.
        name: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// Load the library and write what the layout check says, at full length, to a file.
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        abi_report: Option<PathBuf>,
    },
    /// The places that are searched, in order.
    Path,
}
