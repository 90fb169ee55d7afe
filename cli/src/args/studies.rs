//! What `lamarck studies` takes.

use clap::{Args, Subcommand, ValueHint};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum StudiesCommand {
    /// Names and summaries.
    List,
    /// Print a built-in study. To start your own from it: `lamarck studies new mine.toml --from nas-bench-201`.
    Show {
        /// The study.
        name: String,
    },
    /// Write a study to start from, with every key, its default and what it means.
    New(NewStudyArgs),
    /// Print the JSON Schema of studies, made from the plugins that are found, by which editors complete and check them.
    Schema {
        /// Write it to a file, in place of the one that may be there. Studies name it: `#:schema ./lamarck.schema.json`.
        #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
        out: Option<PathBuf>,
    },
}

/// What the study should use: `NAME`, or `NAME:KEY=VALUE,..` with options.
#[derive(Debug, Args)]
pub(crate) struct NewStudyArgs {
    /// The study's file, which must not be there yet.
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// The search space; nas-bench-201 unless said otherwise.
    #[arg(long, value_name = "NAME[:KEY=VALUE,..]")]
    pub(crate) space: Option<String>,
    /// What scores candidates; the first that can score the space, real data before formulas.
    #[arg(long, value_name = "NAME[:KEY=VALUE,..]")]
    pub(crate) evaluator: Option<String>,
    /// What proposes candidates.
    #[arg(long, value_name = "NAME[:KEY=VALUE,..]")]
    pub(crate) strategy: Option<String>,
    /// What makes a child from its parent. May be repeated.
    #[arg(long = "mutator", value_name = "NAME[:KEY=VALUE,..]")]
    pub(crate) mutators: Vec<String>,
    /// Which candidate goes to which worker.
    #[arg(long, value_name = "NAME[:KEY=VALUE,..]")]
    pub(crate) scheduler: Option<String>,
    /// What looks at the trace. May be repeated.
    #[arg(long = "analyzer", short, value_name = "NAME[:KEY=VALUE,..]")]
    pub(crate) analyzers: Vec<String>,
    /// Begin with a built-in study: its values and its sweep.
    #[arg(
        long,
        value_name = "STUDY",
        conflicts_with_all = ["space", "evaluator", "strategy", "mutators", "scheduler", "analyzers"]
    )]
    pub(crate) from: Option<String>,
    /// Also the sections that most studies leave alone, and which other components there are.
    #[arg(long)]
    pub(crate) full: bool,
    /// Do not write lamarck.schema.json beside it.
    #[arg(long)]
    pub(crate) no_schema: bool,
}
