//! The objects that a plugin hands out, one trait a kind, and the root module that makes them.

use super::data::{
    FlatAssignment, FlatColumns, FlatFinished, FlatLayers, FlatOutcome, FlatProposal, FlatRequest,
    FlatSituation, FlatSize, PluginResult, RngState,
};
use super::graph::FlatGraph;
use abi_stable::StableAbi;
use abi_stable::library::RootModule;
use abi_stable::package_version_strings;
use abi_stable::sabi_trait;
use abi_stable::sabi_types::VersionStrings;
use abi_stable::std_types::{RBox, ROption, RSlice, RSliceMut, RStr, RString, RVec};

/// Defines the trait of one kind in a module of its own, since abi_stable writes many helpers beside it.
macro_rules! object {
    ($(#[$doc:meta])* $module:ident, $trait:ident: $bound:ident $(+ $bounds:ident)*, $object:ident, $alias:ident, { $($body:tt)* }) => {
        $(#[$doc])*
        pub mod $module {
            use super::*;

            #[sabi_trait]
            pub trait $trait: $bound $(+ $bounds)* {
                $($body)*

                /// What was added to this generation later; nothing when the name is not known.
                fn extension(&self, name: RStr<'_>, json: RStr<'_>) -> PluginResult<ROption<RString>>;
            }
        }
        pub use $module::$object;
        /// The owned object of this kind.
        pub type $alias = $object<'static, RBox<()>>;
    };
}

object!(
    /// Search spaces.
    space, Space: Send + Sync, Space_TO, SpaceObject, {
        /// The description, a `SpaceSpec` as JSON.
        fn spec(&self) -> PluginResult<RString>;
        /// Whether a vector is valid.
        fn check(&self, choices: RSlice<'_, u16>) -> PluginResult<()>;
        /// Draws a vector.
        fn sample(&self, choices: RSliceMut<'_, u16>, rng: &mut RngState) -> PluginResult<()>;
        /// The layer graph at a level.
        fn build(&self, choices: RSlice<'_, u16>, level: RStr<'_>) -> PluginResult<FlatGraph>;
        /// The size of the model at a level.
        fn size(&self, choices: RSlice<'_, u16>, level: RStr<'_>) -> PluginResult<FlatSize>;
        /// The isomorphism class.
        fn class(&self, choices: RSlice<'_, u16>) -> PluginResult<ROption<u64>>;
        /// The architecture in the field's notation.
        fn render(&self, choices: RSlice<'_, u16>) -> PluginResult<RString>;
        /// Reads that notation.
        fn parse(&self, text: RStr<'_>) -> PluginResult<RVec<u16>>;
    }
);

object!(
    /// Evaluators.
    evaluator, Evaluator: Send + Sync, Evaluator_TO, EvaluatorObject, {
        /// The description, an `EvaluatorSpec` as JSON.
        fn spec(&self) -> PluginResult<RString>;
        /// Evaluates requests in order, writing one outcome for each, and stops at the first that errs. Outcomes
        /// that nobody wrote keep the status [`FlatOutcome::UNWRITTEN`](super::FlatOutcome::UNWRITTEN).
        fn evaluate(
            &self,
            requests: RSlice<'_, FlatRequest<'_>>,
            outcomes: RSliceMut<'_, FlatOutcome>,
        ) -> PluginResult<()>;
        /// The score without noise.
        fn reference_score(&self, choices: RSlice<'_, u16>) -> PluginResult<ROption<f64>>;
        /// A list of `Metric` as JSON.
        fn metrics(&self, choices: RSlice<'_, u16>) -> PluginResult<RString>;
    }
);

object!(
    /// Mutators.
    mutator, Mutator: Send + Sync, Mutator_TO, MutatorObject, {
        /// Changes a copy of the parent in place.
        fn mutate(&self, child: RSliceMut<'_, u16>, rng: &mut RngState) -> PluginResult<()>;
        /// Changes a copy of the first parent into a combination with the second.
        fn recombine(&self, child: RSliceMut<'_, u16>, other: RSlice<'_, u16>, rng: &mut RngState) -> PluginResult<()>;
    }
);

object!(
    /// Strategies.
    strategy, Strategy: Send, Strategy_TO, StrategyObject, {
        /// The description, a `StrategySpec` as JSON.
        fn spec(&self) -> PluginResult<RString>;
        /// What to try next; an exact vector is written to `exact`.
        fn ask(&mut self, rng: &mut RngState, exact: &mut RVec<u16>) -> PluginResult<FlatProposal>;
        /// Whether to try a new vector.
        fn accept(&mut self, choices: RSlice<'_, u16>) -> PluginResult<bool>;
        /// Takes in a finished candidate and appends the released ones.
        fn tell(&mut self, finished: FlatFinished<'_>, released: &mut RVec<u64>) -> PluginResult<()>;
    }
);

object!(
    /// Schedulers.
    scheduler, Scheduler: Send, Scheduler_TO, SchedulerObject, {
        /// Whether it wants to know what caches hold.
        fn wants_cached(&self) -> PluginResult<bool>;
        /// Places ready candidates on idle workers, and answers when to be asked again.
        fn assign(
            &mut self,
            situation: FlatSituation<'_>,
            out: &mut RVec<FlatAssignment>,
        ) -> PluginResult<ROption<u64>>;
    }
);

object!(
    /// Analyzers.
    analyzer, Analyzer: Send, Analyzer_TO, AnalyzerObject, {
        /// Whether it wants batches of layers.
        fn wants_layers(&self) -> PluginResult<bool>;
        /// A batch of candidates.
        fn candidates(&mut self, batch: FlatColumns<'_>) -> PluginResult<()>;
        /// A batch of layers.
        fn layers(&mut self, batch: FlatLayers<'_>) -> PluginResult<()>;
        /// The `Report` as JSON.
        fn finish(&mut self) -> PluginResult<RString>;
    }
);

/// The root module of a plugin: one constructor a kind, each taking the component's name, its options as a JSON
/// object with every default filled in, and the `Context` as JSON.
#[repr(C)]
#[derive(StableAbi)]
#[sabi(kind(Prefix(prefix_ref = PluginModule_Ref)))]
#[sabi(missing_field(panic))]
pub struct PluginModule {
    /// Makes a search space.
    pub create_space: extern "C" fn(RStr<'_>, RStr<'_>, RStr<'_>) -> PluginResult<SpaceObject>,
    /// Makes an evaluator.
    pub create_evaluator: extern "C" fn(RStr<'_>, RStr<'_>, RStr<'_>) -> PluginResult<EvaluatorObject>,
    /// Makes a mutator.
    pub create_mutator: extern "C" fn(RStr<'_>, RStr<'_>, RStr<'_>) -> PluginResult<MutatorObject>,
    /// Makes a strategy.
    pub create_strategy: extern "C" fn(RStr<'_>, RStr<'_>, RStr<'_>) -> PluginResult<StrategyObject>,
    /// Makes a scheduler.
    pub create_scheduler: extern "C" fn(RStr<'_>, RStr<'_>, RStr<'_>) -> PluginResult<SchedulerObject>,
    /// Makes an analyzer.
    #[sabi(last_prefix_field)]
    pub create_analyzer: extern "C" fn(RStr<'_>, RStr<'_>, RStr<'_>) -> PluginResult<AnalyzerObject>,
}

impl RootModule for PluginModule_Ref {
    abi_stable::declare_root_module_statics! {PluginModule_Ref}
    const BASE_NAME: &'static str = "lamarck_plugin";
    const NAME: &'static str = "lamarck_plugin";
    const VERSION_STRINGS: VersionStrings = package_version_strings!();
}
