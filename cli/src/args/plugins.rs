//! What `lamarck plugins` takes.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand, ValueHint};
use lamarck_model::declaration::Kind;
use std::path::PathBuf;

/// What `lamarck plugins new` takes.
#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// The plugin's name, which studies will use.
    pub(crate) name: String,
    /// What it is.
    #[arg(long, value_parser = kind())]
    pub(crate) kind: Kind,
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
    /// Whether a plugin does what the engine will demand: manifest, load, and rules for each component.
    ///
    /// Ends with 3 when a rule is broken. A component that never returns hangs the check as it would hang a run: there is
    /// no timeout, interrupt it.
    Check(CheckArgs),
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
    /// Write a crate for a plugin of your own: a small working one with its tests, and a study that uses it.
    New(NewArgs),
}

/// What `lamarck plugins check` takes.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// A library's file, or a component's name.
    pub(crate) plugin: String,
    /// Only components of this kind.
    #[arg(long, value_parser = kind())]
    pub(crate) kind: Option<Kind>,
    /// Check mutators, strategies, evaluators and analyzers in this search space; may be repeated. Without it: in
    /// nas-bench-201, in a candle space and in one made for tests, as far as there are such and the component accepts them.
    #[arg(long, value_name = "NAME")]
    pub(crate) space: Vec<String>,
    /// Set an option of the components, or of the spaces; may be repeated.
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Reads the word of a kind.
fn kind() -> impl TypedValueParser<Value = Kind> {
    PossibleValuesParser::new(Kind::ALL.map(Kind::as_str)).map(|word| {
        // The parser lets only these words through.
        Kind::ALL.into_iter().find(|kind| kind.as_str() == word).unwrap_or(Kind::SearchSpace)
    })
}
