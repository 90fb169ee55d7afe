//! What `lamarck analyze` and `lamarck report` take.

use clap::{Args, ValueHint};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct AnalyzeArgs {
    /// The traces' folders.
    #[arg(required = true, value_name = "TRACE", value_hint = ValueHint::DirPath)]
    pub(crate) traces: Vec<PathBuf>,
    /// An analyzer and its options: `-a structure`, `-a structure:window=50,fixed=0.9`. May be repeated. Without it, the
    /// analyzers of the study, or all there are if it has none.
    #[arg(long = "analyzer", short, value_name = "NAME[:KEY=VALUE,..]")]
    pub(crate) analyzers: Vec<String>,
    /// Write the report's files into this folder; otherwise it is only printed.
    #[arg(long, short, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) out: Option<PathBuf>,
    /// Print the report as JSON (`docs/report.schema.json` describes it).
    #[arg(long)]
    pub(crate) json: bool,
    /// Runs at the same time; as many as there are cores unless said otherwise. Results do not depend on it.
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,
}

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// The folder that `lamarck run` or `lamarck analyze --out` wrote.
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) dir: PathBuf,
    /// Open the page in a browser.
    #[arg(long)]
    pub(crate) open: bool,
}
