//! What can end a study.

use crate::engine::{EngineError, EngineErrorKind};
use crate::host::{HostError, HostErrorKind};
use crate::report::{ReportError, ReportErrorKind};
use crate::study::StudyError;
use crate::trace::{RunKey, TraceError, TraceErrorKind};

/// Why a study ended early.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// The study is wrong, as a component found out.
    #[error(transparent)]
    Study(#[from] StudyError),
    /// A plugin cannot be used.
    #[error(transparent)]
    Host(#[from] HostError),
    /// A run failed.
    #[error("{key}: {source}")]
    Run {
        /// The run.
        key: RunKey,
        /// Why.
        source: EngineError,
    },
    /// A trace cannot be written or read.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// A trace that is to be resumed belongs to another study.
    #[error("`{}` cannot be resumed: {what}", dir.display())]
    Resume {
        /// The trace.
        dir: std::path::PathBuf,
        /// What differs, and what to do.
        what: String,
    },
    /// A trace cannot be played again as it is asked for.
    #[error("cannot replay: {what}")]
    Replay {
        /// Why, and what to do.
        what: String,
    },
    /// An analyzer failed.
    #[error("{source:#}")]
    Analyzer {
        /// What it said.
        source: anyhow::Error,
    },
    /// A report cannot be written or read.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// No threads.
    #[error("cannot start worker threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

/// The kind of a [`PipelineError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PipelineErrorKind {
    /// The study is wrong.
    Study,
    /// A plugin cannot be used, or failed.
    Plugin,
    /// A trace is missing, damaged, or another study's.
    Data,
    /// A trace cannot be written.
    Output,
}

impl PipelineError {
    /// The kind.
    pub fn kind(&self) -> PipelineErrorKind {
        match self {
            Self::Study(_) | Self::Replay { .. } => PipelineErrorKind::Study,
            Self::Host(error) => match error.kind() {
                HostErrorKind::NotFound | HostErrorKind::Options => PipelineErrorKind::Study,
                _ => PipelineErrorKind::Plugin,
            },
            Self::Run { source: EngineError::Store(error), .. } | Self::Trace(error) => store(error),
            Self::Run { source, .. } => match source.kind() {
                EngineErrorKind::Plugin => PipelineErrorKind::Plugin,
                EngineErrorKind::Study => PipelineErrorKind::Study,
                EngineErrorKind::Trace => PipelineErrorKind::Data,
            },
            Self::Resume { .. } => PipelineErrorKind::Data,
            Self::Analyzer { .. } => PipelineErrorKind::Plugin,
            Self::Report(error) => match error.kind() {
                ReportErrorKind::Output => PipelineErrorKind::Output,
                ReportErrorKind::Data => PipelineErrorKind::Data,
            },
            Self::Threads(_) => PipelineErrorKind::Output,
        }
    }
}

fn store(error: &TraceError) -> PipelineErrorKind {
    match error {
        TraceError::Io { action: "read", .. } => PipelineErrorKind::Data,
        TraceError::Io { .. } | TraceError::Exists { .. } => PipelineErrorKind::Output,
        _ if error.kind() == TraceErrorKind::Values => PipelineErrorKind::Plugin,
        _ => PipelineErrorKind::Data,
    }
}
