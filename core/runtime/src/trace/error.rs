//! What can go wrong with a trace, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

/// What kind of thing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TraceErrorKind {
    /// The folder holds no trace, or the trace no such run.
    NotFound,
    /// There is a trace already where one was to be written.
    Exists,
    /// The folder cannot be read or written by this user, or is not a folder.
    Access,
    /// The disk is full or the quota used up.
    DiskFull,
    /// Another failure of reading or writing.
    Io,
    /// A file is truncated, changed, or not what its name says.
    Damaged,
    /// A part is not there though it must have been.
    Missing,
    /// Written by a newer Lamarck.
    Version,
    /// Values that a trace cannot hold: a defect of a plugin or of the engine.
    Values,
}

/// A failure to write or read a trace.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TraceError {
    /// A folder without a header.
    #[error(
        "`{}` holds no trace: there is no `trace.json` in it; name the folder that `lamarck run --out` wrote",
        .path.display()
    )]
    NotATrace {
        /// The folder.
        path: PathBuf,
    },
    /// A run that the trace does not have.
    #[error("`{}` has no run of point {point}, replicate {replicate}; `lamarck trace info` lists its runs", .path.display())]
    NoRun {
        /// The trace.
        path: PathBuf,
        /// The point asked for.
        point: u32,
        /// The replicate asked for.
        replicate: u32,
    },
    /// A part where a new run was to be written.
    #[error(
        "`{}` exists already; choose another folder with `--out`, or continue what is there with `--resume`",
        .path.display()
    )]
    Exists {
        /// The part.
        path: PathBuf,
    },
    /// Reading or writing failed.
    #[error("cannot {action} `{}`: {source}; {}", .path.display(), cure(.source))]
    Io {
        /// What was tried: `write`.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A damaged part.
    #[error(
        "`{}` is damaged: {reason}; take it from a copy, or delete it and run the study with `--resume`, which \
         makes it again",
        .path.display()
    )]
    Damaged {
        /// The part.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A header that cannot be understood.
    #[error("`{}` is no header of a trace: {reason}; take it from a copy, or run the study into a new folder", .path.display())]
    Header {
        /// The header.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A part that must be there and is not.
    #[error(
        "`{}` is missing; take it from a copy, or run the study with `--resume`, which makes it again",
        .path.display()
    )]
    MissingPart {
        /// The part.
        path: PathBuf,
    },
    /// A newer schema.
    #[error("`{}` has trace schema {found}, and this release reads up to {known}; use a newer lamarck", .path.display())]
    Version {
        /// The header or the part.
        path: PathBuf,
        /// Its schema.
        found: u32,
        /// The newest that is known.
        known: u32,
    },
    /// Values that cannot be written.
    #[error("cannot write `{}`: {source}", .path.display())]
    Values {
        /// The part that was to be written.
        path: PathBuf,
        /// What is wrong with them.
        source: Unencodable,
    },
}

/// Why some candidates cannot become a part.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unencodable {
    /// A number beyond what the column's type in the file can hold.
    #[error(
        "column `{column}` holds {value}, and {most} is the most that fits; report this as a defect of the plugin it comes from"
    )]
    TooLarge {
        /// The column.
        column: &'static str,
        /// The value.
        value: u64,
        /// The largest that fits.
        most: u64,
    },
    /// A number that stands for no word.
    #[error(
        "column `{column}` holds {number}, which stands for no word; report this as a defect of the engine"
    )]
    NoWord {
        /// The column.
        column: &'static str,
        /// The number.
        number: u8,
    },
    /// Columns of unequal length.
    #[error("its columns differ in length; report this as a defect of the engine")]
    Uneven,
    /// Vectors of another width than the run's.
    #[error(
        "its vectors have {found} choices and the space {expected} decisions; report this as a defect of the engine"
    )]
    Width {
        /// Decisions of the space.
        expected: usize,
        /// Choices of the vectors.
        found: usize,
    },
    /// A part that is too long, or follows one that was not full.
    #[error(
        "part {part} has {rows} rows, and {full} make a part, of which only the last may have fewer; report this as a defect of the engine"
    )]
    PartRows {
        /// Which part.
        part: u32,
        /// Its rows, or those of the one before that was not full.
        rows: u64,
        /// Rows of a full part.
        full: u64,
    },
    /// The run writes no layers.
    #[error("the run was begun without the table of layers; report this as a defect of the engine")]
    NoLayers,
    /// The compressor failed.
    #[error("its pages could not be compressed: {0}")]
    Compression(std::io::Error),
    /// The Parquet library refused its metadata.
    #[error("its footer could not be made: {0}")]
    Footer(#[from] parquet::errors::ParquetError),
}

impl TraceError {
    /// What kind of thing went wrong.
    pub fn kind(&self) -> TraceErrorKind {
        match self {
            Self::NotATrace { .. } | Self::NoRun { .. } => TraceErrorKind::NotFound,
            Self::Exists { .. } => TraceErrorKind::Exists,
            Self::Io { source, .. } => kind_of(source),
            Self::Damaged { .. } | Self::Header { .. } => TraceErrorKind::Damaged,
            Self::MissingPart { .. } => TraceErrorKind::Missing,
            Self::Version { .. } => TraceErrorKind::Version,
            Self::Values { .. } => TraceErrorKind::Values,
        }
    }

    /// The file or folder in question.
    pub fn path(&self) -> &Path {
        match self {
            Self::NotATrace { path }
            | Self::NoRun { path, .. }
            | Self::Exists { path }
            | Self::Io { path, .. }
            | Self::Damaged { path, .. }
            | Self::Header { path, .. }
            | Self::MissingPart { path }
            | Self::Version { path, .. }
            | Self::Values { path, .. } => path,
        }
    }

    /// Makes an error of a failed action on a path.
    pub(super) fn io<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> Self + 'a {
        move |source| Self::Io { action, path: path.to_owned(), source }
    }

    #[expect(clippy::needless_pass_by_value, reason = "errors and texts alike, without a `&` at every call")]
    pub(super) fn damaged(path: &Path, reason: impl ToString) -> Self {
        Self::Damaged { path: path.to_owned(), reason: reason.to_string() }
    }
}

fn kind_of(error: &io::Error) -> TraceErrorKind {
    use io::ErrorKind as E;
    match error.kind() {
        E::StorageFull | E::QuotaExceeded | E::FileTooLarge | E::WriteZero => TraceErrorKind::DiskFull,
        E::PermissionDenied
        | E::ReadOnlyFilesystem
        | E::NotADirectory
        | E::IsADirectory
        | E::AlreadyExists => TraceErrorKind::Access,
        E::NotFound => TraceErrorKind::NotFound,
        _ => TraceErrorKind::Io,
    }
}

fn cure(error: &io::Error) -> &'static str {
    match kind_of(error) {
        TraceErrorKind::DiskFull => {
            "free some space and run the study with `--resume`, or choose another folder with `--out`: finished \
             parts are whole"
        }
        TraceErrorKind::Access => "check that it is a folder of yours, or choose another with `--out`",
        TraceErrorKind::NotFound => "check the path",
        _ => "check the disk; finished parts are whole, and `--resume` continues from them",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No test can fill a disk, so the message and kind are tested with the errors that a full one gives.
    #[test]
    fn a_full_disk_says_what_to_do() {
        for code in [28, 122] {
            // ENOSPC and EDQUOT on Linux.
            let error = TraceError::io("write", Path::new("out/trace/candidates"))(
                io::Error::from_raw_os_error(code),
            );
            assert_eq!(error.kind(), TraceErrorKind::DiskFull);
            let text = error.to_string();
            assert!(text.starts_with("cannot write `out/trace/candidates`: "), "{text}");
            assert!(text.contains("free some space and run the study with `--resume`"), "{text}");
        }
    }
}
