//! What can go wrong, in kinds a caller can act on.

use std::{io, path::PathBuf};

/// What a caller can do about an error, whichever part of the crate it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The operating system refused: a missing file, a permission, a full disk.
    Io,
    /// The bytes are not what they claim to be: truncated, corrupted or contradicting themselves.
    Damaged,
    /// The bytes may be sound, but this version does not read such a thing.
    Unsupported,
    /// A limit against hostile or absurd input was reached.
    TooLarge,
    /// The values themselves make no sense: an infinite accuracy, two results for one place.
    Invalid,
}

/// Why a table could not be built, read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The file does not begin with the magic bytes.
    #[error("not a Lamarck table of NAS-Bench-201 (wrong magic bytes); build one with `lamarck data`")]
    NotATable,
    /// The file is of a version this library does not read.
    #[error(
        "table format version {found} is unknown (this library reads version {known}); rebuild the table"
    )]
    Version {
        /// The version in the file.
        found: u32,
        /// The version this library reads.
        known: u32,
    },
    /// The file is shorter than it says.
    #[error("table ends in {part}: {have} bytes where at least {need} are needed; copy or build it again")]
    Truncated {
        /// The part the file ends in.
        part: &'static str,
        /// The bytes that are there.
        have: usize,
        /// The bytes that should be there.
        need: usize,
    },
    /// The checksum does not fit the bytes.
    #[error(
        "table is damaged: checksum {found:032x}, but the file says {expected:032x}; copy or build it again"
    )]
    Checksum {
        /// The checksum in the file.
        expected: u128,
        /// The checksum of the bytes.
        found: u128,
    },
    /// The header is not readable or contradicts itself.
    #[error("table header: {problem}; build the table again")]
    Header {
        /// What is wrong.
        problem: String,
    },
    /// The data of one column are not readable or contradict the header.
    #[error("column `{column}`: {problem}; build the table again")]
    Column {
        /// The column's name.
        column: String,
        /// What is wrong.
        problem: String,
    },
    /// A value that cannot be in a table.
    #[error("{quantity} of cell {cell} is {value}: {problem}")]
    Value {
        /// The column's quantity and data set.
        quantity: String,
        /// The cell.
        cell: u16,
        /// The value.
        value: f64,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// More than the format allows.
    #[error("{what} is {found}, more than the {limit} a table may have")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// How large it is.
        found: usize,
        /// How large it may be.
        limit: usize,
    },
    /// The operating system refused.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
}

impl TableError {
    /// What a caller can do about it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NotATable | Self::Version { .. } => ErrorKind::Unsupported,
            Self::Truncated { .. } | Self::Checksum { .. } | Self::Header { .. } | Self::Column { .. } => {
                ErrorKind::Damaged
            }
            Self::Value { .. } => ErrorKind::Invalid,
            Self::TooLarge { .. } => ErrorKind::TooLarge,
            Self::Io { .. } => ErrorKind::Io,
        }
    }
}
