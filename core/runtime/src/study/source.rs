//! The study's text, and places in it.

use super::issue::{IssueKind, StudyError, StudyIssue};
use super::words::printable;
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};

/// No study is this large; a device or a data file given by mistake is.
const MAX_BYTES: u64 = 1 << 20;

/// A study's text and the name it goes by in messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    name: String,
    text: String,
    folder: PathBuf,
}

impl Source {
    /// A text that is at hand already, such as a built-in study.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into(), folder: PathBuf::new() }
    }

    /// Reads a file of at most 1 MiB of UTF-8.
    pub fn read(path: &Path) -> Result<Self, StudyError> {
        let name = path.display().to_string();
        let unreadable = |place: Place, message: String, help: &str| {
            let issue =
                StudyIssue::new(IssueKind::Unreadable, place, &[], &message).with_help(help.to_owned());
            StudyError::new(&name, vec![issue])
        };
        let whole = || Place::Study { file: name.clone() };
        let mut bytes = Vec::new();
        // One byte more than allowed tells "too large" from "just fits".
        std::fs::File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes)).map_err(
            |error| {
                unreadable(whole(), format!("cannot read the study: {error}"), "give the path of a TOML file")
            },
        )?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(unreadable(whole(), "larger than 1 MiB".to_owned(), "is this the study's file?"));
        }
        match String::from_utf8(bytes) {
            Ok(text) => {
                Ok(Self { name, text, folder: path.parent().map(Path::to_owned).unwrap_or_default() })
            }
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                let place = Self::new(name.clone(), text).place(at, at + 1);
                Err(unreadable(place, "this byte is no UTF-8".to_owned(), "save the file as UTF-8"))
            }
        }
    }

    /// The name that messages use.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text, byte by byte as it was given.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The folder that paths in the study start from: the file's. Empty, for the working directory, if there is no file.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The name of a study that does not name itself: the file's, without its ending.
    pub(super) fn stem(&self) -> &str {
        let stem = Path::new(&self.name).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        if is_study_name(stem) { stem } else { "study" }
    }

    /// The place of a stretch of bytes, which is moved to the nearest characters if it does not fit the text.
    pub(super) fn place(&self, start: usize, end: usize) -> Place {
        let start = self.text.floor_char_boundary(start);
        let end = self.text.floor_char_boundary(end).max(start);
        let before = &self.text[..start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line_end = self.text[start..].find('\n').map_or(self.text.len(), |at| start + at);
        let column = self.text[line_start..start].chars().filter(|&c| c != BOM).count() + 1;
        // A window on long lines, so that the caret stays in sight.
        let first = if column > 80 { column - 40 } else { 1 };
        let line = self.text[line_start..line_end].trim_end().chars().filter(|&c| c != BOM);
        let excerpt: String = line.skip(first - 1).take(WINDOW).collect();
        let width = self.text[start..end.min(line_end)].chars().take(WINDOW).count();
        Place::Text {
            file: self.name.clone(),
            line: before.matches('\n').count() + 1,
            column,
            width: width.min(first + WINDOW - column).max(1),
            excerpt: printable(&excerpt),
            excerpt_column: first,
        }
    }
}

/// So many characters of a line are shown.
const WINDOW: usize = 100;

/// Some editors put a byte order mark in front; no one counts it as a column.
const BOM: char = '\u{feff}';

/// Whether a study may have this name: it becomes the name of a folder.
pub(super) fn is_study_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 128
        && !name.starts_with('.')
        && !name.chars().any(|c| c.is_control() || matches!(c, '/' | '\\'))
}

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// In the study's text.
    Text {
        /// The file's name.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
        /// How many characters, at least 1, not beyond the end of the excerpt.
        width: usize,
        /// The line, or the part of a long line around the place, with control characters replaced.
        excerpt: String,
        /// The column at which the excerpt begins.
        excerpt_column: usize,
    },
    /// On the command line.
    Flag {
        /// The flag as it was given: `--set cluster.workers=x`.
        flag: String,
    },
    /// Nowhere in particular: what is meant is not written, or is a default.
    Study {
        /// The file's name.
        file: String,
    },
}

impl Place {
    /// Sorts issues: first down the text, then those of the command line, then what has no place.
    pub(super) fn order(&self) -> (u8, usize, usize) {
        match self {
            Self::Text { line, column, .. } => (0, *line, *column),
            Self::Flag { .. } => (1, 0, 0),
            Self::Study { .. } => (2, 0, 0),
        }
    }

    /// The line with a caret under it, or nothing if the place is not in the text.
    pub(super) fn write_excerpt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Text { line, column, width, excerpt, excerpt_column, .. } = self else {
            return Ok(());
        };
        let (number, caret) = (line.to_string(), "^".repeat(*width));
        write!(f, "\n {number} | {excerpt}")?;
        write!(
            f,
            "\n {:pad$} | {:indent$}{caret}",
            "",
            "",
            pad = number.len(),
            indent = column - excerpt_column
        )
    }
}

impl fmt::Display for Place {
    /// `study.toml:8:7`, `in --set cluster.workers=x`, or `study.toml`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { file, line, column, .. } => write!(f, "{}:{line}:{column}", printable(file)),
            Self::Flag { flag } => write!(f, "in {}", super::words::shortened(&printable(flag), 80)),
            Self::Study { file } => f.write_str(&printable(file)),
        }
    }
}
