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
    #[error("`{}` is no log of {format}: {}", path.display(), one_line(reason))]
    Format {
        /// The file.
        path: PathBuf,
        /// The format that was asked for.
        format: &'static str,
        /// What is missing, and what would be right.
        reason: String,
    },
    /// One row is wrong.
    #[error("`{}`, {place} {row}{}: {}", path.display(), column.as_ref().map_or_else(String::new, |column| format!(", column `{}`", one_line(column))), one_line(reason))]
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
    #[error("`{}` holds no evaluation{}", path.display(), one_line(hint))]
    Empty {
        /// The file.
        path: PathBuf,
        /// What to do, or empty.
        hint: String,
    },
}

/// A text that may quote the file: control characters of it written out, and no longer than a message should be.
fn one_line(text: &str) -> String {
    const MOST: usize = 500;
    let mut line = String::with_capacity(text.len().min(MOST));
    for letter in text.chars() {
        if line.len() >= MOST {
            line.push_str(" ..");
            break;
        }
        if letter.is_control() { line.extend(letter.escape_default()) } else { line.push(letter) }
    }
    line
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_says_stays_on_one_line() {
        let error = ImportError::Row {
            path: "log".into(),
            place: "line",
            row: 2,
            column: Some("a\tb".into()),
            reason: format!("found `{}`", "x\n".repeat(1000)),
        };
        let text = error.to_string();
        assert!(text.starts_with("`log`, line 2, column `a\\tb`: found `x\\nx\\n"), "{text}");
        assert!(text.len() < 600 && text.ends_with(" .."));
    }
}
