//! The arguments that have to do with access traces.

use clap::{Args, ValueEnum, ValueHint};
use std::path::PathBuf;

/// How an access trace is written down, where a reader must find out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AccessSource {
    /// Told from the file's contents.
    Auto,
    /// Binary records of 24 bytes, of libCacheSim and most published traces.
    OracleGeneral,
    /// A header, then a row an access.
    Csv,
    /// A row an access.
    Parquet,
}

/// What to do with an object whose size is not what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SizesRule {
    /// Say where, and stop.
    Refuse,
    /// The first size counts.
    First,
    /// The largest size counts.
    Largest,
}

#[derive(Debug, Args)]
#[command(after_long_help = ACCESS_FORMATS)]
pub(crate) struct CacheArgs {
    /// The access traces: oracleGeneral or CSV, either compressed with zstd or not, or Parquet.
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,
    /// Policies, separated by commas or spaces, with options as in `s3-fifo:small=0.05`. May be repeated. Without it, all
    /// that the analyzer `caching` compares and that need no lineage.
    #[arg(long, value_name = "POLICIES")]
    pub(crate) policies: Vec<String>,
    /// Capacities, separated by commas or spaces: shares of the bytes of all objects (`0.1`, `10%`), or bytes (`4GiB`,
    /// `4294967296`). May be repeated. Without it, 0.001 to 0.3.
    #[arg(long, value_name = "CAPACITIES", allow_hyphen_values = true)]
    pub(crate) capacities: Vec<String>,
    /// How the files are written down.
    #[arg(long, short, value_enum, default_value = "auto")]
    pub(crate) format: AccessSource,
    /// The columns of CSV and Parquet; without OP all accesses are reads. Unless named, `id`, `size`, and `op` if there is
    /// one.
    #[arg(long, value_name = "ID,SIZE[,OP]")]
    pub(crate) columns: Option<String>,
    /// What to do with an object whose size is not what it was.
    #[arg(long, value_enum, default_value = "refuse", value_name = "RULE")]
    pub(crate) changed_sizes: SizesRule,
    /// Simulations at the same time; as many as there are cores unless said otherwise. Results do not depend on it.
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,
    /// Write the report's files into this folder; otherwise it is only printed.
    #[arg(long, short, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) out: Option<PathBuf>,
    /// Print the report as JSON (`docs/report.schema.json` describes it).
    #[arg(long)]
    pub(crate) json: bool,
}

/// What is in the files, for the long help of `lamarck cache` and its man page.
const ACCESS_FORMATS: &str = "\
Formats:
  oracle-general  Records of 24 bytes, little endian: seconds (u32), id (u64), size in bytes
                  (u32), record of the next access to the same object (i64, from 1; -1 for
                  none). All are reads.
  csv             A header and a row an access: `id` (a number or a name), `size` in bytes, and
                  optionally `op`: get, put or delete.
  parquet         The same columns: `id` (an integer or a string), `size` (an integer), and
                  optionally `op` (a string).

Other columns are passed over. A read misses unless the object is in the cache, and brings it
there. A write brings it there and is neither hit nor miss; a deletion frees its space.";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AccessFormat {
    /// For libCacheSim and its like: writes stand as reads, deletions are left out, sizes are below 4 GiB.
    OracleGeneral,
    /// id, size, op: reads, writes and deletions.
    Csv,
    /// The same with times, candidates, owners and nodes.
    Parquet,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ObjectGranularity {
    /// An object is a stored layer.
    Layer,
    /// An object is all that one candidate stores.
    Model,
}
