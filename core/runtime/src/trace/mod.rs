//! The trace store: writes the record of a study as it happens, and reads it back for resuming, comparing and
//! analysing.
//!
//! ```text
//! trace/
//!   trace.json                                              the header: study, seed, plugins, data, space, runs
//!   candidates/point-0000-replicate-0000-part-00000.parquet
//!   candidates/point-0000-replicate-0000-part-00001.parquet
//!   layers/point-0000-replicate-0000-part-00000.parquet     if the study asks for it
//! ```
//!
//! **Flat folders, plain types.** `pd.read_parquet("trace/candidates")` must work, and so must DuckDB, Polars and
//! Spark. So a table is one folder of files of one schema; the run is in two columns and not in the path alone;
//! integers are signed; words are strings; unknown values are nulls.
//!
//! **A part is a file.** An open part lives in memory, in the engine. A full one is encoded, written beside its
//! place, flushed and renamed, so whatever happens to the process or the machine, a part is there whole or not at
//! all. The alternative, appending row groups to one file, leaves a file without a footer after a crash.
//!
//! **The same study gives the same bytes.** No file says when, where or by how many threads it was made, and the
//! encoding of a column follows from its values (the module `file` says how). That makes `cmp` a test of
//! determinism, and lets a resumed run check its parts by making them again.
//!
//! **Damage is noticed.** Every part ends in a checksum of all its bytes, which is checked before a row is decoded:
//! a flipped bit in a score is an error that names the file, not a different score. Parts made by other tools, which
//! have no checksum, are read as well.
//!
//! The Parquet reader panics on some of these; where it does, the panic is caught and is damage like any other.

mod decode;
mod diff;
mod error;
mod file;
mod header;
mod layout;
mod part;
mod reader;
mod schema;
mod writer;

pub use decode::CandidateBatch;
pub use diff::{
    Aspect, Cause, ColumnDifference, DiffReport, Divergence, EventKind, FirstDifference, HeaderDifference,
    RunDifference, Side, Spread, diff, headers,
};
pub use error::{TraceError, TraceErrorKind, Unencodable};
pub use header::{PluginHeader, PointHeader, RunHeader, RunStatus, TraceHeader};
pub use layout::{RunKey, Table};
pub use reader::{CandidateBatches, LayerBatches, Recorded, RunInfo, TableInfo, Trace};
pub use schema::{CANDIDATE_COLUMNS, ColumnSpec, ColumnType, LAYER_COLUMNS, SCHEMA_VERSION, columns};
pub(crate) use writer::PartBytes;
pub use writer::{RunTotals, RunWriter};
