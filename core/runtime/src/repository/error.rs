//! What can be wrong with a request to the repository.

use super::ledger::Retention;
use lamarck_model::CandidateId;
use lamarck_model::graph::GraphError;
use lamarck_model::identity::LayerIdentity;

/// Why the repository refuses.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RepositoryError {
    /// A layer was promised to a candidate and deleted before it was read.
    #[error(
        "candidate {candidate} was to take over layer {identity} of candidate {owner} (through its donor {donor}), but \
         retention `{retention}` has deleted it; use transfer.retention = \"reachable\", which keeps what is promised, \
         or transfer.missing = \"train\" to let candidates train such layers themselves and to count them"
    )]
    Deleted {
        /// The reader.
        candidate: CandidateId,
        /// Whose map the layer was in.
        donor: CandidateId,
        /// Who stored it.
        owner: CandidateId,
        /// The layer.
        identity: LayerIdentity,
        /// The rule in force.
        retention: Retention,
    },
    /// The parent, which is to be the donor, is not stored any more.
    #[error(
        "candidate {candidate} is to take over layers of its parent {parent}, but retention `{retention}` has deleted \
         that model although the strategy still selects it; use a longer transfer.window, \
         transfer.retention = \"reachable\", or transfer.missing = \"train\""
    )]
    ParentDeleted {
        /// The child.
        candidate: CandidateId,
        /// The parent.
        parent: CandidateId,
        /// The rule in force.
        retention: Retention,
    },
    /// Bytes that do not fit 64 bits.
    #[error("the bytes {what} do not fit 64 bits at candidate {candidate}")]
    TooLarge {
        /// What was summed.
        what: &'static str,
        /// Where it overflowed.
        candidate: CandidateId,
    },
    /// More stored layers than can be numbered.
    #[error(
        "the repository holds four billion layers and cannot take those of candidate {candidate}; use a retention that deletes some"
    )]
    Full {
        /// Where it was full.
        candidate: CandidateId,
    },
    /// A request that does not fit what was asked before.
    #[error("candidate {candidate} {what}")]
    Order {
        /// The candidate.
        candidate: CandidateId,
        /// What is wrong.
        what: &'static str,
    },
    /// A layer graph whose sizes do not add up.
    #[error(transparent)]
    Graph(#[from] GraphError),
}

/// The kinds of [`RepositoryError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RepositoryErrorKind {
    /// Retention deleted what was needed.
    Deleted,
    /// A sum or a number does not fit.
    TooLarge,
    /// Requests in a wrong order.
    Order,
    /// A bad layer graph.
    Graph,
}

impl RepositoryError {
    /// What kind of error this is.
    pub fn kind(&self) -> RepositoryErrorKind {
        match self {
            Self::Deleted { .. } | Self::ParentDeleted { .. } => RepositoryErrorKind::Deleted,
            Self::TooLarge { .. } | Self::Full { .. } => RepositoryErrorKind::TooLarge,
            Self::Order { .. } => RepositoryErrorKind::Order,
            Self::Graph(_) => RepositoryErrorKind::Graph,
        }
    }
}
