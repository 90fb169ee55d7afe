//! Exit codes: which error ends the program with which number.

use lamarck_nas_bench_201_table::{TableError, import::ImportError};
use lamarck_runtime::host::{HostError, HostErrorKind};
use lamarck_runtime::pipeline::{PipelineError, PipelineErrorKind};
use lamarck_runtime::study::StudyError;
use lamarck_runtime::trace::{TraceError, TraceErrorKind};
use std::fmt;
use std::process::ExitCode;

/// The documented exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// Compared, and different.
    Different = 1,
    /// The command line or the study is wrong.
    Usage = 2,
    /// A plugin cannot be used, or failed.
    Plugin = 3,
    /// A trace or a data file is missing or damaged.
    Data = 4,
    /// Something cannot be written.
    Output = 5,
    /// Interrupted, to be resumed.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A mistake on the command line that clap cannot see.
#[derive(Debug)]
pub(crate) struct UsageError(pub(crate) String);

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UsageError {}

/// A refusal that says itself how the program ends.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// The exit code.
    pub(crate) exit: Exit,
    /// What is refused, and why.
    pub(crate) text: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Refusal {}

/// Makes an error for a mistake on the command line.
pub(crate) fn usage(text: impl Into<String>) -> anyhow::Error {
    UsageError(text.into()).into()
}

fn host(error: &HostError) -> Exit {
    match error.kind() {
        // A study that names what is not there, or gives it the wrong options.
        HostErrorKind::NotFound | HostErrorKind::Options => Exit::Usage,
        _ => Exit::Plugin,
    }
}

fn trace(error: &TraceError) -> Exit {
    match error.kind() {
        TraceErrorKind::DiskFull | TraceErrorKind::Exists => Exit::Output,
        _ => Exit::Data,
    }
}

/// The exit code for an error.
pub(crate) fn classify(error: &anyhow::Error) -> Exit {
    for cause in error.chain() {
        if cause.is::<UsageError>() || cause.is::<StudyError>() {
            return Exit::Usage;
        }
        if let Some(refusal) = cause.downcast_ref::<Refusal>() {
            return refusal.exit;
        }
        if let Some(error) = cause.downcast_ref::<PipelineError>() {
            return match error.kind() {
                PipelineErrorKind::Study => Exit::Usage,
                PipelineErrorKind::Plugin => Exit::Plugin,
                PipelineErrorKind::Data => Exit::Data,
                PipelineErrorKind::Output => Exit::Output,
            };
        }
        if let Some(error) = cause.downcast_ref::<HostError>() {
            return host(error);
        }
        if let Some(error) = cause.downcast_ref::<TraceError>() {
            return trace(error);
        }
        if cause.is::<ImportError>() || cause.is::<lamarck_import::ImportError>() {
            return Exit::Data;
        }
        if let Some(error) = cause.downcast_ref::<TableError>() {
            return match error {
                TableError::Io { action, .. } if action.starts_with("write") => Exit::Output,
                _ => Exit::Data,
            };
        }
        if cause.is::<std::io::Error>() {
            return Exit::Output;
        }
    }
    Exit::Data
}

/// Whether an error is only that nobody reads our output any more.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    })
}

/// An error and its causes in one text. Typed errors say their cause themselves, so what was said is not repeated.
pub(crate) fn message(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        if text.contains(&cause) {
            continue;
        }
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&cause);
    }
    text
}
