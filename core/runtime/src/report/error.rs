//! What can go wrong with a report's files.

use lamarck_model::report::REPORT_SCHEMA;
use std::io;
use std::path::PathBuf;

/// A failure to write or read a report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// A file cannot be written.
    #[error("cannot write `{}`: {source}; check the folder and the space left, or choose another with `--out`", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file cannot be read.
    #[error("cannot read `{}`: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A folder without a report.
    #[error(
        "`{}` holds neither a trace nor a report; name the folder that `lamarck run` or `lamarck analyze --out` wrote",
        path.display()
    )]
    NotAReport {
        /// The folder.
        path: PathBuf,
    },
    /// A report that cannot be understood.
    #[error("`{}` is no report: {reason}; make it again with `lamarck analyze`", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A report of a newer release.
    #[error("`{}` has report schema {found}, and this release reads up to {REPORT_SCHEMA}; use a newer lamarck", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: u32,
    },
}

/// The kind of a [`ReportError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportErrorKind {
    /// Something cannot be written.
    Output,
    /// Something is missing or damaged.
    Data,
}

impl ReportError {
    /// The kind.
    pub fn kind(&self) -> ReportErrorKind {
        match self {
            Self::Write { .. } => ReportErrorKind::Output,
            _ => ReportErrorKind::Data,
        }
    }
}
