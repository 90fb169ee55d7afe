//! Adapters around objects that came out of a library: each implements the trait of its kind.
//!
//! Results are checked here, once, for everybody: descriptions parse and make sense, outcomes carry known numbers
//! and a score where the status says so, assignments are the engine's to check.

use super::error::HostError;
use abi_stable::std_types::{RResult, RSlice, RSliceMut, RStr, RVec};
use anyhow::Result;
use lamarck_abi::v1::{
    AnalyzerObject, EvaluatorObject, FlatAssignment, FlatColumns, FlatFault, FlatFinished, FlatIdle,
    FlatLayers, FlatOutcome, FlatProposal, FlatReady, FlatRequest, FlatSituation, MutatorObject,
    ProposalKind, RngState, SchedulerObject, SpaceObject, StrategyObject,
};
use lamarck_model::declaration::Kind;
use lamarck_model::{
    Analyzer, Assignment, CandidateId, Choice, Columns, Evaluator, EvaluatorSpec, Fault, FaultKind, Finished,
    LayerColumns, LayerGraph, Metric, ModelSize, Mutator, Outcome, Placement, Proposal, Report, Request, Rng,
    Scheduler, SearchSpace, Selected, Situation, SpaceSpec, Status, Strategy, StrategySpec,
};
use serde::de::DeserializeOwned;

/// Whose fault a fault is.
#[derive(Debug, Clone)]
pub(super) struct Name {
    pub(super) kind: Kind,
    pub(super) name: String,
}

impl Name {
    #[cold]
    fn error(&self, fault: Fault) -> HostError {
        HostError::Component { kind: self.kind, name: self.name.clone(), fault }
    }

    #[cold]
    fn protocol(&self, what: impl std::fmt::Display) -> HostError {
        self.error(Fault::new(FaultKind::Protocol, format!("it answered with {what}")))
    }

    #[inline]
    pub(super) fn take<T>(&self, result: RResult<T, FlatFault>) -> Result<T, HostError> {
        result.into_result().map_err(|flat| self.error(flat.into()))
    }

    fn json<T: DeserializeOwned>(&self, text: &str) -> Result<T, HostError> {
        serde_json::from_str(text)
            .map_err(|error| self.protocol(format_args!("JSON that does not fit: {error}")))
    }
}

pub(super) struct ForeignSpace {
    name: Name,
    object: SpaceObject,
    spec: SpaceSpec,
}

impl ForeignSpace {
    pub(super) fn new(name: Name, object: SpaceObject) -> Result<Self, HostError> {
        let spec: SpaceSpec = name.json(&name.take(object.spec())?)?;
        spec.check().map_err(|error| name.protocol(error))?;
        Ok(Self { name, object, spec })
    }
}

impl SearchSpace for ForeignSpace {
    fn spec(&self) -> &SpaceSpec {
        &self.spec
    }

    fn check(&self, choices: &[Choice]) -> Result<()> {
        Ok(self.name.take(self.object.check(choices.into()))?)
    }

    fn sample(&self, choices: &mut [Choice], rng: &mut Rng) -> Result<()> {
        Ok(self.name.take(RngState::lend(rng, |state| self.object.sample(choices.into(), state)))?)
    }

    fn build(&self, choices: &[Choice], level: &str) -> Result<LayerGraph> {
        let flat = self.name.take(self.object.build(choices.into(), level.into()))?;
        Ok(flat.to_graph().map_err(|fault| self.name.error(fault))?)
    }

    fn size(&self, choices: &[Choice], level: &str) -> Result<ModelSize> {
        Ok(self.name.take(self.object.size(choices.into(), level.into()))?.into())
    }

    fn class(&self, choices: &[Choice]) -> Result<Option<u64>> {
        Ok(self.name.take(self.object.class(choices.into()))?.into_option())
    }

    fn render(&self, choices: &[Choice]) -> Result<String> {
        Ok(self.name.take(self.object.render(choices.into()))?.into_string())
    }

    fn parse(&self, text: &str) -> Result<Vec<Choice>> {
        Ok(self.name.take(self.object.parse(RStr::from_str(text)))?.into_vec())
    }
}

pub(super) struct ForeignEvaluator {
    name: Name,
    object: EvaluatorObject,
    spec: EvaluatorSpec,
}

impl ForeignEvaluator {
    pub(super) fn new(name: Name, object: EvaluatorObject) -> Result<Self, HostError> {
        let spec = name.json(&name.take(object.spec())?)?;
        Ok(Self { name, object, spec })
    }
}

impl Evaluator for ForeignEvaluator {
    fn spec(&self) -> EvaluatorSpec {
        self.spec.clone()
    }

    fn evaluate(&self, request: &Request<'_>, rng: &mut Rng) -> Result<Outcome> {
        let flat = FlatRequest {
            candidate: request.candidate,
            choices: request.choices.into(),
            size: request.size.into(),
            prefix: request.prefix.into(),
            rng: RngState { words: rng.state() },
        };
        let mut outcome = [FlatOutcome::UNWRITTEN];
        self.name.take(
            self.object.evaluate(RSlice::from_slice(&[flat]), RSliceMut::from_mut_slice(&mut outcome)),
        )?;
        match outcome[0].to_outcome() {
            Some(outcome) if outcome.status == Status::Ok && !outcome.score.is_finite() => {
                Err(self.name.protocol(format_args!("status ok and the score {}", outcome.score)).into())
            }
            Some(outcome) => Ok(outcome),
            None => Err(self.name.protocol(format_args!("the unknown status {}", outcome[0].status)).into()),
        }
    }

    fn reference_score(&self, choices: &[Choice]) -> Result<Option<f64>> {
        Ok(self.name.take(self.object.reference_score(choices.into()))?.into_option())
    }

    fn metrics(&self, choices: &[Choice]) -> Result<Vec<Metric>> {
        Ok(self.name.json(&self.name.take(self.object.metrics(choices.into()))?)?)
    }
}

pub(super) struct ForeignMutator {
    pub(super) name: Name,
    pub(super) object: MutatorObject,
}

impl Mutator for ForeignMutator {
    fn mutate(&self, child: &mut [Choice], rng: &mut Rng) -> Result<()> {
        Ok(self.name.take(RngState::lend(rng, |state| self.object.mutate(child.into(), state)))?)
    }

    fn recombine(&self, child: &mut [Choice], other: &[Choice], rng: &mut Rng) -> Result<()> {
        Ok(self
            .name
            .take(RngState::lend(rng, |state| self.object.recombine(child.into(), other.into(), state)))?)
    }
}

pub(super) struct ForeignStrategy {
    name: Name,
    object: StrategyObject,
    spec: StrategySpec,
    exact: RVec<Choice>,
    released: RVec<CandidateId>,
}

impl ForeignStrategy {
    pub(super) fn new(name: Name, object: StrategyObject) -> Result<Self, HostError> {
        let spec = name.json(&name.take(object.spec())?)?;
        Ok(Self { name, object, spec, exact: RVec::new(), released: RVec::new() })
    }
}

fn selected(id: u64, rank: u32) -> Selected {
    Selected { id, rank: (rank != u32::MAX).then_some(rank) }
}

impl Strategy for ForeignStrategy {
    fn spec(&self) -> StrategySpec {
        self.spec
    }

    fn ask(&mut self, rng: &mut Rng) -> Result<Proposal> {
        let answer = RngState::lend(rng, |state| self.object.ask(state, &mut self.exact));
        let FlatProposal { kind, a, a_rank, b, b_rank } = self.name.take(answer)?;
        Ok(match kind {
            k if k == ProposalKind::Sample as u8 => Proposal::Sample,
            k if k == ProposalKind::Mutate as u8 => Proposal::Mutate(selected(a, a_rank)),
            k if k == ProposalKind::Recombine as u8 => {
                Proposal::Recombine(selected(a, a_rank), selected(b, b_rank))
            }
            k if k == ProposalKind::Exact as u8 => Proposal::Exact(self.exact.to_vec()),
            k if k == ProposalKind::Wait as u8 => Proposal::Wait,
            other => {
                return Err(self
                    .name
                    .protocol(format_args!("a proposal of the unknown kind {other}"))
                    .into());
            }
        })
    }

    fn accept(&mut self, choices: &[Choice]) -> Result<bool> {
        Ok(self.name.take(self.object.accept(choices.into()))?)
    }

    fn tell(&mut self, finished: &Finished<'_>, released: &mut Vec<CandidateId>) -> Result<()> {
        self.released.clear();
        self.name.take(self.object.tell(FlatFinished::from(finished), &mut self.released))?;
        released.extend_from_slice(&self.released);
        Ok(())
    }
}

pub(super) struct ForeignScheduler {
    name: Name,
    object: SchedulerObject,
    wants_cached: bool,
    ready: Vec<FlatReady>,
    idle: Vec<FlatIdle>,
    out: RVec<FlatAssignment>,
}

impl ForeignScheduler {
    pub(super) fn new(name: Name, object: SchedulerObject) -> Result<Self, HostError> {
        let wants_cached = name.take(object.wants_cached())?;
        Ok(Self { name, object, wants_cached, ready: Vec::new(), idle: Vec::new(), out: RVec::new() })
    }
}

impl Scheduler for ForeignScheduler {
    fn wants_cached(&self) -> bool {
        self.wants_cached
    }

    fn assign(&mut self, situation: &Situation<'_>, out: &mut Placement) -> Result<()> {
        self.ready.clear();
        self.ready.extend(situation.ready.iter().map(FlatReady::from));
        self.idle.clear();
        self.idle.extend(situation.idle.iter().map(FlatIdle::from));
        self.out.clear();
        let flat = FlatSituation {
            now_us: situation.now_us,
            ready: self.ready.as_slice().into(),
            idle: self.idle.as_slice().into(),
            cached: situation.cached.into(),
            cached_anywhere: situation.cached_anywhere.into(),
        };
        out.wake_us = self.name.take(self.object.assign(flat, &mut self.out))?.into_option();
        out.assignments.extend(self.out.iter().map(Assignment::from));
        Ok(())
    }
}

pub(super) struct ForeignAnalyzer {
    pub(super) name: Name,
    pub(super) object: AnalyzerObject,
    pub(super) wants_layers: bool,
}

impl Analyzer for ForeignAnalyzer {
    fn wants_layers(&self) -> bool {
        self.wants_layers
    }

    fn candidates(&mut self, batch: &Columns<'_>) -> Result<()> {
        Ok(self.name.take(self.object.candidates(FlatColumns::from(batch)))?)
    }

    fn layers(&mut self, batch: &LayerColumns) -> Result<()> {
        Ok(self.name.take(self.object.layers(FlatLayers::from(batch)))?)
    }

    fn finish(&mut self) -> Result<Report> {
        Ok(self.name.json(&self.name.take(self.object.finish())?)?)
    }
}
