//! What `lamarck export ro-crate` takes.

use clap::{Args, ValueHint};
use std::path::PathBuf;

/// Metadata beside a trace, so that it can be archived and cited (RO-Crate 1.1 with the profile Process Run Crate).
///
/// Writes `ro-crate-metadata.json` and `study.toml` into the trace's folder; all files there become part of the crate.
/// When the trace is changed or files are added, export once more: sizes and checksums of all files are written down.
#[derive(Debug, Args)]
pub(crate) struct RoCrateArgs {
    /// The trace's folder.
    #[arg(value_hint = ValueHint::DirPath)]
    pub(crate) trace: PathBuf,
    /// Who made it, with an ORCID if there is one: `--author "Jane Doe,0000-0002-1825-0097"`. May be repeated.
    #[arg(long = "author", value_name = "NAME[,ORCID]")]
    pub(crate) authors: Vec<String>,
    /// The trace's licence: an SPDX identifier such as CC-BY-4.0, or a URL.
    #[arg(long, value_name = "SPDX-OR-URL")]
    pub(crate) license: Option<String>,
    /// The title. The study's name without it.
    #[arg(long)]
    pub(crate) title: Option<String>,
    /// When it was published. Today, without it; with it the same trace gives the same bytes.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) date: Option<String>,
    /// Write the whole crate into a zip file instead, and leave the trace's folder alone.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) zip: Option<PathBuf>,
}
