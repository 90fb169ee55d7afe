//! What `lamarck spaces` takes.

use clap::{Subcommand, ValueEnum};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SpaceFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// For Graphviz; needs --arch.
    Dot,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SpacesCommand {
    /// Names and sizes.
    List,
    /// Decisions and size; with --arch the layers of an architecture, and the metrics its table holds.
    Show {
        /// The space.
        name: String,
        /// An architecture: the space's own notation, or choices such as `3,0,1,2,2,4`.
        #[arg(long, value_name = "ARCH", allow_hyphen_values = true)]
        arch: Option<String>,
        /// How to print.
        #[arg(long, value_enum, default_value = "text")]
        format: SpaceFormat,
        /// The level of the layer graph (the space's first unless said otherwise).
        #[arg(long)]
        level: Option<String>,
        /// An option of the space, or of its evaluators: `--set dataset=cifar100`. May be repeated.
        #[arg(long = "set", value_name = "KEY=VALUE")]
        set: Vec<String>,
    },
}
