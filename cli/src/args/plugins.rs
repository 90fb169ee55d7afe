//! What `lamarck plugins` takes.

use clap::{Args, Subcommand, ValueEnum, ValueHint};
use lamarck_model::declaration::Kind;
use std::path::PathBuf;

/// A kind of component, as the command line writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PluginKind {
    /// Makes a child from its parent.
    Mutator,
    /// Says what to try next.
    Strategy,
    /// Decisions, and the layers of an architecture.
    SearchSpace,
    /// Scores candidates and says how long they train.
    Evaluator,
    /// Places candidates that wait on idle workers.
    Scheduler,
    /// Reads a trace and says what it found.
    Analyzer,
}

impl From<PluginKind> for Kind {
    fn from(kind: PluginKind) -> Self {
        match kind {
            PluginKind::Mutator => Self::Mutator,
            PluginKind::Strategy => Self::Strategy,
            PluginKind::SearchSpace => Self::SearchSpace,
            PluginKind::Evaluator => Self::Evaluator,
            PluginKind::Scheduler => Self::Scheduler,
            PluginKind::Analyzer => Self::Analyzer,
        }
    }
}

/// What `lamarck plugins new` takes.
#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// The plugin's name, which studies will use.
    pub(crate) name: String,
    /// What it is.
    #[arg(long, value_enum)]
    pub(crate) kind: PluginKind,
    /// The crate's folder, which must not exist yet [default: NAME, in the current folder].
    #[arg(long, value_name = "DIR", value_hint = ValueHint::AnyPath)]
    pub(crate) path: Option<PathBuf>,
    /// A checkout of Lamarck, or its folder core/sdk [default: where this lamarck was built].
    #[arg(long, value_name = "PATH", value_hint = ValueHint::DirPath, conflicts_with = "sdk_git")]
    pub(crate) sdk: Option<PathBuf>,
    /// The URL of a git repository to take lamarck-sdk from.
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) sdk_git: Option<String>,
}

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
    /// Write a crate for a plugin of your own: a small working one with its tests, and a study that uses it.
    New(NewArgs),
}
