//! Logs of other search tools, read.
//!
//! An importer turns the files of one tool into a [`Log`]: decisions, and evaluations in the order in which they
//! finished. What is done with a log is the same for all tools: parents are inferred where the tool recorded none,
//! and the log is written as a trace.
//!
//! **One [`Log`] is one run.** A tool that keeps several studies in one file gives several logs.
//!
//! **Values become choices, once, here.** A tool names the value of a parameter; a trace numbers the option of a
//! decision. [`decisions`] makes one out of the other: from the tool's own list of options where it recorded one, else
//! from the values that were seen, which is all that a result file tells. Continuous parameters are no decisions; they
//! are left out, and the log says so in a note.
//!
//! **Nothing is made up.** A time, a worker or a parent that the file does not have is unknown in the trace. What is
//! no score ([`score`]) becomes a status by one written rule.
//!
//! Every error names the file, the row and the column ([`ImportError`]). No I/O beyond reading the named files.

pub mod decisions;
mod deephyper;
mod draft;
mod error;
mod format;
pub mod generic;
mod json;
mod log;
mod moment;
mod nearest;
pub mod optuna;
pub mod parents;
pub mod ray_tune;
pub mod reports;
pub mod rows;
pub mod score;
mod space;
pub mod syne_tune;
pub mod table;
mod text;

pub use error::{ImportError, ImportErrorKind};
pub use format::{Format, ReadOptions, parse, parse_mapped, read};
pub use log::{Evaluation, Log};
