//! Caches over objects of any size: what a policy misses, what no policy could avoid, and what a cache of every size
//! would do.
//!
//! ```
//! use lamarck_cache::{LruProfile, Pfoo, PolicyKind, SizeRule, TraceBuilder, simulate};
//!
//! let mut builder = TraceBuilder::new(SizeRule::Refuse);
//! for id in [1, 2, 3, 1, 2, 3] {
//!     builder.get(id, 100)?;
//! }
//! let trace = builder.finish()?;
//! assert_eq!(simulate(&trace, PolicyKind::Lru, 200)?.misses, 6);
//! assert_eq!(simulate(&trace, PolicyKind::Belady, 200)?.misses, 4);
//! assert!(Pfoo::new(&trace).at(200).misses <= 4.0);
//! let curve = LruProfile::measure(&trace, &[200, 300])?.curve;
//! assert_eq!(curve.points()[1].misses, 3);
//! # Ok::<(), lamarck_cache::Error>(())
//! ```
//!
//! Where things are: [`Trace`] and [`TraceBuilder`] hold accesses, [`io`] reads and writes them; [`PolicyKind`] names the
//! policies, one file each in `policy/`, where paper, variant and cost are written; [`simulate()`] runs a policy over a
//! trace and [`Cache`] one access at a time; [`Pfoo`] and [`compulsory`] bound, [`LruProfile`] and [`sampled_curve`] give
//! curves.
//!
//! Five decisions shape this crate.
//!
//! **Ids are numbered once.** A trace is columns: the object of each access as a 32-bit number, the size of each object. A
//! policy indexes flat arrays and its queues are links in them. Simulators that look up a hash table at each access, in
//! every run, spend most of their time there.
//!
//! **Dispatch is static.** A policy is a type; the loop over a slice of accesses is compiled for each, and observers that
//! nobody asked for compile to nothing. [`PolicyKind`] is the only place where a policy is chosen at run time. The
//! alternative, a call through a table for each access, costs as much as a whole hit.
//!
//! **One room counts bytes.** Policies choose victims; residence, free space and evictions are kept outside of them, by
//! the same code for all. So no policy can hold more than the capacity, and [`Cache`] and [`simulate()`] cannot differ.
//!
//! **Requests and bytes are two objectives,** and they conflict: every result has both.
//!
//! **What a policy may know besides accesses is a number per object** ([`Hint`]), fed between accesses. Lineage-aware
//! policies need no other interface. What the numbers are is worked out in [`lineage`], on which no policy depends.
//!
//! Compressed trace files are read and written with the feature `zstd` (`io::compressed`); without it the crate depends
//! on a hash function only.
//!
//! Rules: a write is neither hit nor miss; a deletion frees space at once and makes everybody forget; an object larger than
//! the cache is a miss and never comes in; objects of 0 bytes are refused. Everything is deterministic, randomized
//! policies by their seeds.

pub mod cache;
pub mod curve;
pub mod error;
pub(crate) mod heap;
pub(crate) mod intern;
pub mod io;
pub mod kind;
pub mod lineage;
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
pub use lineage::{AgingSelection, Lineage, LineageRule, Selection, Standing};
pub use machine::Outcome;
pub use observe::{AgeHistogram, EvictionDetail};
pub use pfoo::{Bound, Compulsory, Pfoo, compulsory};
pub use policy::lineage::{chance_of_selection, selection_probability};
pub use simulate::{Stats, simulate, simulate_detailed, simulate_hinted};
pub use trace::{Hint, NEVER, Op, SizeRule, Trace, TraceBuilder};
