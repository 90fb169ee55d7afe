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
    /// Write `plugins.lock`: where it lies, beside a study or in the current folder, only plugins that it lists are loaded.
    Lock {
        /// Only the plugins that this study uses (a file, or a built-in study), and the lock beside it. Without it, all
        /// plugins that are found.
        #[arg(value_hint = ValueHint::FilePath)]
        study: Option<String>,
        /// The file.
        #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
        out: Option<PathBuf>,
    },
}
