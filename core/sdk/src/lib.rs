//! What the author of a Lamarck plugin depends on, and the only thing.
//!
//! A plugin is a shared library with one or more components. A component is a struct with two impls: [`Component`]
//! says how it is called, what its options are and how it is made; the trait of its kind ([`Mutator`],
//! [`SearchSpace`], [`Evaluator`], [`Strategy`], [`Scheduler`], [`Analyzer`]) says what it does. [`export_plugin!`]
//! does the rest: it writes the manifest into the library as text and the entry points that the host calls.
//!
//! This is a whole plugin, less its `Cargo.toml` (`crate-type = ["cdylib"]`, one dependency):
//!
//! ```
#![doc = include_str!("../examples/swap.rs")]
//! ```
//!
//! `lamarck plugins new NAME --kind mutator` (or `strategy`, `search-space`, `evaluator`, `scheduler`, `analyzer`) writes
//! such a crate with its tests and a study that uses it; `docs/plugins` has a page for each kind.
//!
//! # What is taken care of
//!
//! - **Panics** stay inside the library: every entry is guarded and a panic becomes an error that names the component.
//! - **Options** reach [`Component::create`] complete: the host checks them against the declaration, with line and
//!   column of the study, and fills in the defaults, so that a default is written down once.
//! - **Versions**: the manifest names the generation of the boundary and the layout check of abi_stable compares every
//!   type, so a plugin built against another SDK is refused with a message.
//!
//! # What a plugin must not do
//!
//! Start threads, print, read a clock, or draw from any generator but the [`Rng`] it is handed: runs are
//! reproducible to the byte, and the host owns the terminal and the cores. [`testing`] checks part of this.
//!
//! # Why no abi_stable types appear here
//!
//! Authors see plain slices, `Vec`, and `anyhow`. What crosses is the business of the adapters; had its types been
//! the author's types, they would have spread through every plugin (as tremor-runtime found).

#[doc(hidden)]
pub mod adapters;
mod component;
mod export;
pub mod graph_space;
pub mod testing;

pub use anyhow;
pub use component::Component;
pub use lamarck_model as model;
pub use lamarck_model::declaration::{ComponentSpec, Kind};
pub use lamarck_model::options::OptionSpec;
pub use lamarck_model::{
    Analyzer, Assignment, CandidateId, Choice, Columns, Context, DataSource, Decision, Evaluator,
    EvaluatorSpec, Fault, FaultKind, Finished, Idle, Layer, LayerColumns, LayerGraph, LayerId, Metric,
    ModelSize, Mutator, Nullable, Origin, Outcome, Placement, Proposal, Ready, Report, Request, Rng,
    Scheduler, SearchSpace, Selected, Situation, SpaceSpec, Status, Strategy, StrategySpec, Tensor,
};
pub use serde;
pub use serde_json;

/// What almost every plugin wants in scope.
pub mod prelude {
    pub use crate::anyhow::{Context as _, Result, anyhow, bail, ensure};
    pub use crate::serde::Deserialize;
    pub use crate::{
        Analyzer, Assignment, CandidateId, Choice, Columns, Component, ComponentSpec, Context, Decision,
        Evaluator, EvaluatorSpec, Finished, Idle, LayerColumns, LayerGraph, Metric, ModelSize, Mutator,
        OptionSpec, Outcome, Placement, Proposal, Ready, Report, Request, Rng, Scheduler, SearchSpace,
        Selected, Situation, SpaceSpec, Status, Strategy, StrategySpec, export_plugin,
    };
}

/// What [`export_plugin!`] expands to; not for anybody else.
#[doc(hidden)]
pub mod private {
    pub use lamarck_abi::manifest;
    pub use lamarck_abi::v1;

    /// This crate's version.
    pub const SDK_VERSION: &str = env!("CARGO_PKG_VERSION");
    /// The compiler's version.
    pub const RUSTC: &str = env!("LAMARCK_RUSTC");

    pub use crate::export::{LibHeader, header, leak, root};
    pub use abi_stable::library::RootModuleResult;
    pub use abi_stable::std_types::RStr;
}
