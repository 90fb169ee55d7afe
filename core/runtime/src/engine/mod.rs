//! The engine: one run of a search on a virtual cluster.
//!
//! A run is sequential and deterministic; many runs go side by side, each with its own engine. Virtual time is a
//! whole number of microseconds and nothing reads a real clock. The order of events is written down:
//!
//! 1. At time 0 every worker is idle. The engine asks the strategy for one candidate after the other until there are
//!    as many ready as there are idle workers, plus the look-ahead, and lets the scheduler place them. A candidate
//!    that starts reads its prefix; what the node's cache lacks comes from the repository.
//! 2. The next thing happens (`cluster` says in which order in the same microsecond). The candidate that finishes next is
//!    written to the trace, and the strategy is told. Its worker is idle from now on. One whose attempt was lost is ready
//!    once more, or finishes as lost.
//! 3. The engine asks for as many candidates as are missing again (one, as a rule), the scheduler places what is
//!    ready, and so on until the budget is spent and nothing runs any more. A scheduler that lets candidates wait is asked
//!    again when it said so.
//!
//! Every draw comes from the stream of its purpose and candidate, so that a run does not depend on what else is
//! running, and can be resumed without a snapshot: a fresh strategy is led through the recorded run, each candidate
//! compared with its record, and the run goes on where the record ends.
//!
//! The engine checks what components answer (a selected candidate must be selectable, a vector in range, an
//! assignment possible) and says which of them broke its contract. It holds in memory what the strategy has not
//! released and one open part of the trace.

mod catalog;
mod cluster;
mod error;
mod hints;
mod live;
mod measure;
mod parts;
mod propose;
mod ranges;
mod replay;
mod run;
mod script;
mod source;
mod tally;
mod transfer;

pub use error::{EngineError, EngineErrorKind};
pub use parts::{ClusterSettings, Components, End, Output, Progress, RunSettings};
pub use replay::Recorded;
pub use run::{replay, run};
pub use script::Script;
pub use tally::{Best, RunSummary};
pub use transfer::TransferSummary;
