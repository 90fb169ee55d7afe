//! Caches over objects of any size.
pub mod cache;
pub mod curve;
pub mod error;
pub(crate) mod heap;
pub(crate) mod intern;
pub mod io;
pub mod kind;
pub(crate) mod list;
pub(crate) mod machine;
pub mod observe;
pub mod pfoo;
pub(crate) mod policy;
pub(crate) mod pool;
pub(crate) mod random;
pub mod simulate;
pub(crate) mod space;
pub mod trace;

pub use cache::Cache;
pub use curve::{
    CurvePoint, DistanceBucket, DistanceHistogram, LruProfile, MissRatioCurve, SampledPoint, reuse_distances,
    sampled_curve,
};
pub use error::{Error, ErrorKind};
pub use kind::{Per, PolicyKind, PolicyOption};
pub use machine::Outcome;
pub use observe::{AgeHistogram, EvictionDetail};
pub use pfoo::{Bound, Compulsory, Pfoo, compulsory};
pub use policy::lineage::{chance_of_selection, selection_probability};
pub use simulate::{Stats, simulate, simulate_detailed};
pub use trace::{Hint, NEVER, Op, SizeRule, Trace, TraceBuilder};
