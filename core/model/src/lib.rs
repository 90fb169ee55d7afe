//! What everybody in Lamarck talks about: decisions and choices, layer graphs, candidates, the components of a
//! search, and the rows of a trace. No I/O and no ABI.
//!
//! Three decisions shape this crate.
//!
//! **The component traits live here**, not in the SDK. The author of a plugin implements [`Mutator`]; the host's
//! adapter around a loaded library implements the same [`Mutator`]; so the engine cannot tell a plugin from a
//! struct in a test. The alternative, one set of traits for authors and another for the runtime, is what
//! tremor-runtime ended up undoing: two vocabularies drift apart. The SDK adds only what authors need to be loaded.
//!
//! **A vector of choices is a `&[Choice]` of fixed width.** A search space says once how many decisions there are;
//! after that every vector has that width, so children are written in place, in buffers their caller owns, and a
//! call across the boundary allocates nothing.
//!
//! **Randomness is handed in.** [`Rng`] is this crate's own xoshiro256++, keyed by what a draw is for
//! ([`Stream`]); a component that draws from anything else would break the promise that the same study gives the
//! same bytes.

pub mod candidate;
pub mod component;
pub mod conformance;
pub mod declaration;
pub mod fault;
pub mod graph;
pub mod identity;
pub mod options;
pub mod prefix;
pub mod report;
pub mod rng;
pub mod scheduler;
pub mod space;

pub use candidate::{
    CandidateColumns, CandidateId, CandidateRecord, Columns, LayerColumns, LayerSource, Nullable, Origin,
    Status,
};
pub use component::{
    Analyzer, Context, DataSource, Evaluator, EvaluatorSpec, Finished, Metric, Mutator, Outcome, Proposal,
    Request, SearchSpace, Selected, Strategy, StrategySpec,
};
pub use declaration::{ComponentSpec, Kind};
pub use fault::{Fault, FaultKind};
pub use graph::{Layer, LayerGraph, LayerId, Tensor};
pub use identity::LayerIdentity;
pub use report::Report;
pub use rng::{Purpose, Rng, Stream};
pub use scheduler::{Assignment, Idle, Placement, Ready, Scheduler, Situation};
pub use space::{Choice, Decision, ModelSize, SpaceSpec};
