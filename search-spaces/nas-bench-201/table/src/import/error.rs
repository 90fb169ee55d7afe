//! Why an import failed.

use crate::{
    error::{ErrorKind, TableError},
    pickle::PickleError,
};
use std::io;

/// Why an import failed. Every message names the file, with its place in an archive.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The operating system refused.
    #[error("cannot read `{file}`: {source}")]
    Io {
        /// The file or folder.
        file: String,
        /// The reason.
        source: io::Error,
    },
    /// Not a zip archive, or a damaged one.
    #[error("`{file}` is not a readable wheel (zip archive): {problem}; download it again")]
    Archive {
        /// The archive, and the member where it is one.
        file: String,
        /// What is wrong.
        problem: String,
    },
    /// Unpacking failed.
    #[error("`{file}` cannot be unpacked: {problem}; download it again")]
    Unpack {
        /// The file.
        file: String,
        /// What is wrong.
        problem: String,
    },
    /// A file, or what it unpacks to, is larger than any real one.
    #[error("`{file}` has more than {limit} bytes, more than any such file of the benchmark; it is refused")]
    TooLarge {
        /// The file.
        file: String,
        /// The limit in bytes.
        limit: usize,
    },
    /// The pickle in a file could not be read.
    #[error("`{file}`: {source}")]
    Pickle {
        /// The file.
        file: String,
        /// The reason.
        source: PickleError,
    },
    /// The pickle holds something else than it should.
    #[error("`{file}`: {place}: {problem}")]
    Shape {
        /// The file.
        file: String,
        /// The place in it: `"200" / ("cifar100", 777) / "epochs"`.
        place: String,
        /// What is wrong.
        problem: String,
    },
    /// A file that must be there is not.
    #[error("`{folder}` has no `{file}`; give the folder `NATS-tss-v1_0-3ffb9-simple` of NATS-Bench itself")]
    Missing {
        /// Where it was looked for.
        folder: String,
        /// What was looked for.
        file: &'static str,
    },
    /// The results make no table.
    #[error("`{file}`: {source}")]
    Table {
        /// The file.
        file: String,
        /// The reason.
        source: TableError,
    },
}

impl ImportError {
    /// What a caller can do about it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Io { .. } | Self::Missing { .. } => ErrorKind::Io,
            Self::Archive { .. } | Self::Unpack { .. } | Self::Shape { .. } => ErrorKind::Damaged,
            Self::TooLarge { .. } => ErrorKind::TooLarge,
            Self::Pickle { source, .. } => source.kind(),
            Self::Table { source, .. } => source.kind(),
        }
    }
}
