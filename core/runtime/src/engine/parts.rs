//! What a run is made of and what it is asked for.

use crate::repository::RepositorySettings;
use crate::trace::TraceError;
use lamarck_cache::{AgingSelection, PolicyKind};
use lamarck_model::{CandidateColumns, Evaluator, LayerColumns, Mutator, Scheduler, SearchSpace, Strategy};
use std::sync::atomic::{AtomicBool, AtomicU64};

/// The components of a run. The strategy and the scheduler have state and belong to the run alone.
pub struct Components<'a> {
    /// The search space.
    pub space: &'a dyn SearchSpace,
    /// The evaluator.
    pub evaluator: &'a dyn Evaluator,
    /// The mutators with their weights; at least one.
    pub mutators: &'a [(Box<dyn Mutator>, f64)],
    /// The strategy.
    pub strategy: Box<dyn Strategy>,
    /// The scheduler.
    pub scheduler: Box<dyn Scheduler>,
}

/// The simulated cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct ClusterSettings {
    /// Workers; at least 1.
    pub workers: u32,
    /// Workers on one node; at least 1.
    pub workers_per_node: u32,
    /// The probability that an attempt is lost while it trains.
    pub failure_rate: f64,
    /// How often a candidate whose attempt was lost is started again.
    pub retries: u32,
    /// How long a worker is away after a loss, in microseconds.
    pub restart_us: u64,
    /// Nodes' speeds lie evenly between 1 - this and 1 + this; from 0 to below 1.
    pub speed_spread: f64,
    /// How long an allocation lasts, in microseconds; `None` for ever.
    pub walltime_us: Option<u64>,
    /// Time between two allocations, in microseconds.
    pub requeue_us: u64,
    /// Policy and bytes of each node's cache; `None` without.
    pub node_cache: Option<(PolicyKind, u64)>,
    /// What every request to the repository takes beside its bytes, in microseconds.
    pub latency_us: u64,
    /// Bytes a second that all transfers share; `None` without a limit.
    pub bandwidth: Option<u64>,
    /// Bytes a second of one worker at most; `None` without a limit.
    pub link: Option<u64>,
}

impl Default for ClusterSettings {
    /// One worker, for which nothing but training takes time.
    fn default() -> Self {
        Self {
            workers: 1,
            workers_per_node: 1,
            failure_rate: 0.0,
            retries: 0,
            restart_us: 0,
            speed_spread: 0.0,
            walltime_us: None,
            requeue_us: 0,
            node_cache: None,
            latency_us: 0,
            bandwidth: None,
            link: None,
        }
    }
}

impl ClusterSettings {
    /// Nodes.
    pub fn nodes(&self) -> u32 {
        self.workers.div_ceil(self.workers_per_node.max(1))
    }
}

/// The settings of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunSettings {
    /// The study's seed.
    pub seed: u64,
    /// The replicate.
    pub replicate: u32,
    /// The cluster.
    pub cluster: ClusterSettings,
    /// Ready candidates beyond the idle workers.
    pub lookahead: u32,
    /// The level at which models are measured; one of the space's.
    pub level: String,
    /// How weights are taken over; `None` when every candidate trains from scratch.
    pub transfer: Option<RepositorySettings>,
    /// How the strategy draws parents; `None` where that is not known. Asked for by node caches of the policy `next-donor`.
    pub selection: Option<AgingSelection>,
    /// Candidates to submit.
    pub candidates: Option<u64>,
    /// When the budget ends, in microseconds of virtual time.
    pub until_us: Option<u64>,
    /// Whether to make the `layers` table.
    pub layers: bool,
    /// Candidates in a full part; at least 1.
    pub part_rows: usize,
    /// Stop, to be resumed, after so many candidates have finished.
    pub pause_after: Option<u64>,
}

/// Takes the parts of a trace. A part is handed over when it is full, and once more at the end; whoever takes it may
/// take the columns with [`std::mem::take`], or leave them to be reused.
pub trait Output {
    /// A part of the `candidates` table.
    fn candidates(&mut self, part: &mut CandidateColumns) -> Result<(), TraceError>;
    /// A part of the `layers` table.
    fn layers(&mut self, part: &mut LayerColumns) -> Result<(), TraceError>;
}

/// What others see of a run, and can ask of it, while it goes.
#[derive(Debug, Default)]
pub struct Progress {
    /// Candidates that have finished, over all runs, told every thousand or so.
    pub finished: AtomicU64,
    /// Set it, and runs stop soon, resumably.
    pub stop: AtomicBool,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The budget is spent, or the strategy has nothing more to try.
    Complete,
    /// It was asked to stop and can be resumed.
    Interrupted,
}
