//! Adapters of search spaces and analyzers, and the constructor of every kind's object.

use super::search::{EvaluatorAdapter, MutatorAdapter, SchedulerAdapter, StrategyAdapter};
use super::{create, guard};
use crate::Component;
use abi_stable::erased_types::TD_Opaque;
use abi_stable::std_types::{RNone, ROk, ROption, RSlice, RSliceMut, RStr, RString, RVec};
use lamarck_abi::v1::{
    self, Analyzer_TO, AnalyzerObject, Evaluator_TO, EvaluatorObject, FlatColumns, FlatGraph, FlatLayers,
    FlatSize, Mutator_TO, MutatorObject, PluginResult, RngState, Scheduler_TO, SchedulerObject, Space_TO,
    SpaceObject, Strategy_TO, StrategyObject,
};
use lamarck_model::{
    Analyzer, Choice, Evaluator, Fault, FaultKind, Mutator, Placement, Scheduler, SearchSpace, Strategy,
};

struct SpaceAdapter<T>(T);

impl<T: SearchSpace + 'static> v1::space::Space for SpaceAdapter<T> {
    fn spec(&self) -> PluginResult<RString> {
        guard(|| Ok(serde_json::to_string(self.0.spec())?.into()))
    }

    fn check(&self, choices: RSlice<'_, Choice>) -> PluginResult<()> {
        guard(|| self.0.check(choices.as_slice()))
    }

    fn sample(&self, mut choices: RSliceMut<'_, Choice>, rng: &mut RngState) -> PluginResult<()> {
        guard(|| rng.with(|rng| self.0.sample(choices.as_mut_slice(), rng)))
    }

    fn build(&self, choices: RSlice<'_, Choice>, level: RStr<'_>) -> PluginResult<FlatGraph> {
        guard(|| Ok(FlatGraph::from_graph(&self.0.build(choices.as_slice(), level.as_str())?)?))
    }

    fn size(&self, choices: RSlice<'_, Choice>, level: RStr<'_>) -> PluginResult<FlatSize> {
        guard(|| Ok(self.0.size(choices.as_slice(), level.as_str())?.into()))
    }

    fn class(&self, choices: RSlice<'_, Choice>) -> PluginResult<ROption<u64>> {
        guard(|| Ok(self.0.class(choices.as_slice())?.into()))
    }

    fn render(&self, choices: RSlice<'_, Choice>) -> PluginResult<RString> {
        guard(|| Ok(self.0.render(choices.as_slice())?.into()))
    }

    fn parse(&self, text: RStr<'_>) -> PluginResult<RVec<Choice>> {
        guard(|| Ok(self.0.parse(text.as_str())?.into()))
    }

    fn extension(&self, _: RStr<'_>, _: RStr<'_>) -> PluginResult<ROption<RString>> {
        ROk(RNone)
    }
}

struct AnalyzerAdapter<T>(T);

fn damaged(what: &str) -> Fault {
    Fault::new(FaultKind::Protocol, format!("the host's batch of {what} has columns of different lengths"))
}

impl<T: Analyzer + 'static> v1::analyzer::Analyzer for AnalyzerAdapter<T> {
    fn wants_layers(&self) -> PluginResult<bool> {
        guard(|| Ok(self.0.wants_layers()))
    }

    fn candidates(&mut self, batch: FlatColumns<'_>) -> PluginResult<()> {
        guard(|| self.0.candidates(&batch.to_columns().ok_or_else(|| damaged("candidates"))?))
    }

    fn layers(&mut self, batch: FlatLayers<'_>) -> PluginResult<()> {
        guard(|| self.0.layers(&batch.to_layers().ok_or_else(|| damaged("layers"))?))
    }

    fn finish(&mut self) -> PluginResult<RString> {
        guard(|| Ok(serde_json::to_string(&self.0.finish()?)?.into()))
    }

    fn extension(&self, _: RStr<'_>, _: RStr<'_>) -> PluginResult<ROption<RString>> {
        ROk(RNone)
    }
}

/// Writes the constructor of one kind: make the author's component, wrap it, erase its type.
macro_rules! constructor {
    ($(#[$doc:meta])* $name:ident, $trait:ident, $object:ident, $erased:ident, |$made:ident| $wrap:expr) => {
        $(#[$doc])*
        pub fn $name<T: Component + $trait>(options: RStr<'_>, context: RStr<'_>) -> PluginResult<$object> {
            guard(|| {
                let $made: T = create(options.as_str(), context.as_str())?;
                Ok($erased::from_value($wrap, TD_Opaque))
            })
        }
    };
}

constructor!(
    /// Makes a search space.
    search_spaces, SearchSpace, SpaceObject, Space_TO, |made| SpaceAdapter(made)
);
constructor!(
    /// Makes an evaluator.
    evaluators, Evaluator, EvaluatorObject, Evaluator_TO, |made| EvaluatorAdapter(made)
);
constructor!(
    /// Makes a mutator.
    mutators, Mutator, MutatorObject, Mutator_TO, |made| MutatorAdapter(made)
);
constructor!(
    /// Makes a strategy.
    strategies, Strategy, StrategyObject, Strategy_TO, |made| StrategyAdapter { strategy: made, released: Vec::new() }
);
constructor!(
    /// Makes a scheduler.
    schedulers, Scheduler, SchedulerObject, Scheduler_TO,
    |made| SchedulerAdapter { scheduler: made, ready: Vec::new(), idle: Vec::new(), out: Placement::default() }
);
constructor!(
    /// Makes an analyzer.
    analyzers, Analyzer, AnalyzerObject, Analyzer_TO, |made| AnalyzerAdapter(made)
);
