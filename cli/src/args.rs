//! The command line, from which help, completions and man pages are made; a module for each command that takes more than a line.

mod access;
mod analyze;
mod data;
mod export;
mod import;
mod plugins;
mod replay;
mod ro_crate;
mod run;
mod spaces;
mod studies;
mod trace;

pub(crate) use access::{AccessFormat, AccessSource, CacheArgs, ObjectGranularity, SizesRule};
pub(crate) use analyze::{AnalyzeArgs, ReportArgs};
pub(crate) use data::{DataCommand, DataFormat, InstallArgs};
pub(crate) use export::{ExportCommand, LineageFormat};
pub(crate) use import::{ImportArgs, ImportFormat};
pub(crate) use plugins::{CheckArgs, NewArgs, PluginsCommand};
pub(crate) use replay::ReplayArgs;
pub(crate) use ro_crate::RoCrateArgs;
pub(crate) use run::{LockedAllow, RunArgs};
pub(crate) use spaces::{SpaceFormat, SpacesCommand};
pub(crate) use studies::{NewStudyArgs, StudiesCommand};
pub(crate) use trace::TraceCommand;

use clap::{Parser, Subcommand, ValueHint};
use clap_complete::Shell;
use std::path::PathBuf;

/// A laboratory for watching neural architectures evolve.
///
/// `lamarck run` without a study runs regularized evolution on the real results of NAS-Bench-201.
#[derive(Debug, Parser)]
#[command(name = "lamarck", version, long_version = crate::commit::LONG_VERSION, max_term_width = 100, propagate_version = true)]
#[command(
    after_help = "Exit codes: 0 done; 1 compared and different; 2 wrong command line or study; 3 a plugin \
                        cannot be used or failed; 4 a trace or data file is missing or damaged; 5 cannot write; \
                        130 interrupted (resume with --resume)."
)]
pub(crate) struct Cli {
    /// Also look for plugins in this folder or file, before all other places. May be repeated.
    #[arg(long, global = true, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(crate) plugin_path: Vec<PathBuf>,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a study: evolve, record, summarise.
    Run(RunArgs),
    /// Play a trace's candidates once more, on another cluster: what would another scheduler or cache have done?
    Replay(ReplayArgs),
    /// Analyse traces, again or for the first time; several stand side by side.
    Analyze(AnalyzeArgs),
    /// Print a study's report once more, and write its files.
    Report(ReportArgs),
    /// Simulate caches over access traces; several stand side by side.
    Cache(CacheArgs),
    /// List and show the built-in studies, write new ones, and print the schema of the format.
    #[command(subcommand)]
    Studies(StudiesCommand),
    /// List plugins and their components, with options and references; write a crate for a new one.
    #[command(subcommand)]
    Plugins(PluginsCommand),
    /// List search spaces, show one, or show an architecture of one.
    #[command(subcommand)]
    Spaces(SpacesCommand),
    /// Look into traces and compare them.
    #[command(subcommand)]
    Trace(TraceCommand),
    /// Write what is in a trace for other programs.
    #[command(subcommand)]
    Export(ExportCommand),
    /// Turn the logs of other search tools into a trace, and find out who may be whose parent.
    Import(ImportArgs),
    /// Turn benchmark data of other projects into tables for evaluators.
    #[command(subcommand)]
    Data(DataCommand),
    /// Put the binary, plugins, completions and man pages under a prefix.
    Install(InstallArgs),
    /// Print shell completions.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print the man page.
    Man,
}
