//! What can be wrong with a log.

use std::io;
use std::path::{Path, PathBuf};

/// Why a log could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read at all.
    #[error("cannot read `{}`: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not of the format, as a whole.
    #[error("`{}` is no log of {format}: {reason}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The format that was asked for.
        format: &'static str,
        /// What is missing, and what would be right.
        reason: String,
    },
    /// One row is wrong.
    #[error("`{}`, {place} {row}{}: {reason}", path.display(), column.as_ref().map_or_else(String::new, |column| format!(", column `{column}`")))]
    Row {
        /// The file.
        path: PathBuf,
        /// What a row is in this file: `line`, `element`, `trial`.
        place: &'static str,
        /// Which, from 1.
        row: u64,
        /// The column or key.
        column: Option<String>,
        /// What is wrong, and what would be right.
        reason: String,
    },
    /// The file is of the format and holds no evaluation.
    #[error("`{}` holds no evaluation{hint}", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
        /// What to do, or empty.
        hint: String,
    },
}

/// The kinds of [`ImportError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportErrorKind {
    /// The file cannot be read.
    Unreadable,
    /// It is something else.
    Format,
    /// A row is damaged.
    Row,
    /// Nothing is in it.
    Empty,
}

impl ImportError {
    /// The kind.
    pub const fn kind(&self) -> ImportErrorKind {
        match self {
            Self::Unreadable { .. } => ImportErrorKind::Unreadable,
            Self::Format { .. } => ImportErrorKind::Format,
            Self::Row { .. } => ImportErrorKind::Row,
            Self::Empty { .. } => ImportErrorKind::Empty,
        }
    }

    /// For `map_err` on reading a file.
    pub fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Unreadable { path, source }
    }
}
