//! What is wrong with a study, and how it is shown.

use super::key;
use super::overrides::Override;
use super::source::{Place, Source};
use super::tree::Origin;
use super::words::printable;
use std::fmt;

/// When a study has this many issues, no more are looked for: comparing and placing them takes time in proportion to
/// the text, and nobody reads them.
const ENOUGH: usize = 100;
/// So many are shown.
const SHOWN: usize = 20;

/// The kind of one [`StudyIssue`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum IssueKind {
    /// The file cannot be read.
    Unreadable,
    /// The text is no TOML.
    Syntax,
    /// A section or key that does not exist.
    UnknownKey,
    /// A value of the wrong type or out of range.
    Value,
    /// A key that must be set is not.
    Missing,
    /// No plugin provides the component.
    UnknownComponent,
    /// A `--set` that cannot be applied.
    Override,
    /// A sweep that makes no sense.
    Sweep,
    /// A component refused its options.
    Component,
}

/// One thing that is wrong with a study.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StudyIssue {
    kind: IssueKind,
    place: Place,
    key: String,
    message: String,
    help: Option<String>,
}

impl StudyIssue {
    pub(super) fn new(kind: IssueKind, place: Place, path: &[String], message: &str) -> Self {
        Self { kind, place, key: printable(&key::display(path)), message: printable(message), help: None }
    }

    #[must_use]
    pub(super) fn with_help(mut self, help: impl Into<Option<String>>) -> Self {
        self.help = help.into().map(|help| printable(&help));
        self
    }

    /// The kind.
    pub fn kind(&self) -> IssueKind {
        self.kind
    }

    /// Where it is.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The dotted key it is about, or empty.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do, if that is not plain.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }
}

impl fmt::Display for StudyIssue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", super::words::shortened(&self.key, 80))?;
        }
        f.write_str(&self.message)?;
        self.place.write_excerpt(f)?;
        if let Some(help) = &self.help {
            write!(f, "\n help: {help}")?;
        }
        Ok(())
    }
}

/// The kind of a [`StudyError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StudyErrorKind {
    /// The file cannot be read.
    Unreadable,
    /// The text is no TOML.
    Syntax,
    /// The text is TOML, but no study.
    Invalid,
}

/// Everything that is wrong with a study; at least one issue.
///
/// Shown as several lines: place, key and cause, then the line of the study with a caret, then the cure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StudyError {
    file: String,
    issues: Vec<StudyIssue>,
}

impl StudyError {
    pub(super) fn new(file: &str, mut issues: Vec<StudyIssue>) -> Self {
        // Stable, so issues at one place stay in the order of the checks.
        issues.sort_by_key(|issue| issue.place.order());
        Self { file: file.to_owned(), issues }
    }

    /// The kind.
    pub fn kind(&self) -> StudyErrorKind {
        match self.issues.first().map(StudyIssue::kind) {
            Some(IssueKind::Unreadable) => StudyErrorKind::Unreadable,
            Some(IssueKind::Syntax) => StudyErrorKind::Syntax,
            _ => StudyErrorKind::Invalid,
        }
    }

    /// The study's file.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The issues: down the text, then those of the command line, then what has no place.
    pub fn issues(&self) -> &[StudyIssue] {
        &self.issues
    }
}

impl fmt::Display for StudyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [issue] = self.issues.as_slice() {
            return issue.fmt(f);
        }
        write!(f, "{} problems in {}", self.issues.len(), printable(&self.file))?;
        for issue in self.issues.iter().take(SHOWN) {
            write!(f, "\n\n{issue}")?;
        }
        if self.issues.len() > SHOWN {
            write!(f, "\n\nand {} more", self.issues.len() - SHOWN)?;
        }
        Ok(())
    }
}

impl std::error::Error for StudyError {}

/// The issues found so far, and what is needed to say where they are.
pub(super) struct Issues<'a> {
    source: &'a Source,
    overrides: &'a [Override],
    list: Vec<StudyIssue>,
}

impl<'a> Issues<'a> {
    pub(super) fn new(source: &'a Source, overrides: &'a [Override]) -> Self {
        Self { source, overrides, list: Vec::new() }
    }

    pub(super) fn source(&self) -> &'a Source {
        self.source
    }

    pub(super) fn place(&self, origin: Origin) -> Place {
        match origin {
            Origin::Text { start, end } => self.source.place(start, end),
            Origin::Flag(index) if index < self.overrides.len() => {
                Place::Flag { flag: self.overrides[index].flag().to_owned() }
            }
            Origin::Flag(_) | Origin::Default => Place::Study { file: self.source.name().to_owned() },
        }
    }

    /// Adds an issue, unless the same was found at an earlier sweep point.
    pub(super) fn push(
        &mut self,
        kind: IssueKind,
        origin: Origin,
        path: &[String],
        message: &str,
        help: impl Into<Option<String>>,
    ) {
        if self.is_full() {
            return;
        }
        let issue = StudyIssue::new(kind, self.place(origin), path, message).with_help(help);
        if !self.list.contains(&issue) {
            self.list.push(issue);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.list.len() >= ENOUGH
    }

    pub(super) fn into_error(self) -> StudyError {
        StudyError::new(self.source.name(), self.list)
    }
}
