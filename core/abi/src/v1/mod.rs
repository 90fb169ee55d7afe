//! Generation 1 of the boundary.

mod data;
mod graph;
mod objects;

pub use data::{
    FaultBody, FlatAssignment, FlatColumns, FlatFault, FlatFinished, FlatIdle, FlatLayers, FlatOutcome,
    FlatProposal, FlatReady, FlatRequest, FlatSituation, FlatSize, PluginResult, ProposalKind, RngState,
};
pub use graph::{FlatGraph, FlatLayer, FlatTensor, Span};
pub use objects::{
    Analyzer_TO, AnalyzerObject, Evaluator_TO, EvaluatorObject, Mutator_TO, MutatorObject, PluginModule,
    PluginModule_Ref, Scheduler_TO, SchedulerObject, Space_TO, SpaceObject, Strategy_TO, StrategyObject,
    analyzer, evaluator, mutator, scheduler, space, strategy,
};
