//! What can end a run before its budget does.

use crate::host::HostError;
use crate::repository::RepositoryError;
use lamarck_model::declaration::Kind;
use lamarck_model::space::VectorError;
use lamarck_model::{CandidateId, FaultKind};

/// Why a run ended early.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A component failed where it must not.
    #[error("{source:#}")]
    Component {
        /// Its kind.
        kind: Kind,
        /// What it said; a [`HostError`] where it came out of a library.
        source: anyhow::Error,
    },
    /// The evaluator has not scored a single candidate.
    #[error("the evaluator failed on every one of {candidates} candidates; the first time: {first}")]
    NothingEvaluated {
        /// How many candidates it was given.
        candidates: u64,
        /// What it said of the first one.
        first: String,
    },
    /// A component answered something that its contract forbids.
    #[error("the {kind} broke its contract at candidate {candidate}: {what}")]
    Contract {
        /// The component's kind.
        kind: Kind,
        /// The candidate.
        candidate: CandidateId,
        /// What it did.
        what: String,
    },
    /// A vector that is not one of the space.
    #[error("the {kind} made an invalid vector for candidate {candidate}: {source}")]
    Vector {
        /// The component's kind.
        kind: Kind,
        /// The candidate.
        candidate: CandidateId,
        /// What is wrong with it.
        source: VectorError,
    },
    /// Virtual time does not fit, or stands still.
    #[error("{what}")]
    Time {
        /// What happened.
        what: String,
    },
    /// The replayed run differs from its record.
    #[error(
        "the recorded run cannot be resumed: candidate {candidate} differs in `{column}` (recorded {recorded}, now \
         {now}); resume with the study, the plugins and the lamarck that began it, or start anew"
    )]
    Diverged {
        /// The candidate.
        candidate: CandidateId,
        /// The column.
        column: &'static str,
        /// The recorded value.
        recorded: String,
        /// The value now.
        now: String,
    },
    /// What was to be taken over is gone, or cannot be counted.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// A node's cache refuses.
    #[error("the cache of a node: {0}")]
    Cache(#[from] lamarck_cache::Error),
    /// A node's cache wants to know what nobody knows.
    #[error(
        "the cache of a node: policy `{policy}` needs to know how the strategy draws parents, which is not known"
    )]
    Selection {
        /// The policy.
        policy: &'static str,
    },
    /// The record cannot be read, or the trace cannot be written.
    #[error(transparent)]
    Store(#[from] crate::trace::TraceError),
}

/// The kind of an [`EngineError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineErrorKind {
    /// A plugin is at fault.
    Plugin,
    /// The study asks for the impossible.
    Study,
    /// A trace cannot be read, written or resumed.
    Trace,
}

impl EngineError {
    /// The kind.
    pub fn kind(&self) -> EngineErrorKind {
        match self {
            Self::Component { source, .. } => match source.downcast_ref::<HostError>() {
                Some(HostError::Component { fault, .. }) if fault.kind() == FaultKind::Options => {
                    EngineErrorKind::Study
                }
                _ => EngineErrorKind::Plugin,
            },
            Self::NothingEvaluated { .. } | Self::Contract { .. } | Self::Vector { .. } => {
                EngineErrorKind::Plugin
            }
            Self::Time { .. } | Self::Repository(_) | Self::Cache(_) | Self::Selection { .. } => {
                EngineErrorKind::Study
            }
            Self::Diverged { .. } | Self::Store(_) => EngineErrorKind::Trace,
        }
    }

    pub(super) fn component(kind: Kind) -> impl FnOnce(anyhow::Error) -> Self {
        move |source| Self::Component { kind, source }
    }
}
