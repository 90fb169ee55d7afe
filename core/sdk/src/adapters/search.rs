//! Adapters of the kinds that are called once a candidate: mutators, strategies, evaluators, schedulers.

use super::guard;
use abi_stable::std_types::{RNone, ROk, ROption, RSlice, RSliceMut, RStr, RString, RVec};
use lamarck_abi::v1::{
    self, FlatAssignment, FlatFinished, FlatOutcome, FlatProposal, FlatRequest, FlatSituation, PluginResult,
    ProposalKind, RngState,
};
use lamarck_model::{
    CandidateId, Choice, Evaluator, Idle, Mutator, Placement, Proposal, Ready, Scheduler, Selected,
    Situation, Strategy,
};

/// Wraps a mutator.
pub(super) struct MutatorAdapter<T>(pub T);

impl<T: Mutator + 'static> v1::mutator::Mutator for MutatorAdapter<T> {
    fn mutate(&self, mut child: RSliceMut<'_, Choice>, rng: &mut RngState) -> PluginResult<()> {
        guard(|| rng.with(|rng| self.0.mutate(child.as_mut_slice(), rng)))
    }

    fn recombine(
        &self,
        mut child: RSliceMut<'_, Choice>,
        other: RSlice<'_, Choice>,
        rng: &mut RngState,
    ) -> PluginResult<()> {
        guard(|| rng.with(|rng| self.0.recombine(child.as_mut_slice(), other.as_slice(), rng)))
    }

    fn extension(&self, _: RStr<'_>, _: RStr<'_>) -> PluginResult<ROption<RString>> {
        ROk(RNone)
    }
}

/// Wraps a strategy.
pub(super) struct StrategyAdapter<T> {
    pub(super) strategy: T,
    pub(super) released: Vec<CandidateId>,
}

fn selecting(kind: ProposalKind, a: Selected, b: Option<Selected>) -> FlatProposal {
    let mut flat = FlatProposal::of(kind);
    flat.a = a.id;
    flat.a_rank = a.rank.unwrap_or(u32::MAX);
    if let Some(b) = b {
        flat.b = b.id;
        flat.b_rank = b.rank.unwrap_or(u32::MAX);
    }
    flat
}

impl<T: Strategy + 'static> v1::strategy::Strategy for StrategyAdapter<T> {
    fn spec(&self) -> PluginResult<RString> {
        guard(|| Ok(serde_json::to_string(&self.strategy.spec())?.into()))
    }

    fn ask(&mut self, rng: &mut RngState, exact: &mut RVec<Choice>) -> PluginResult<FlatProposal> {
        guard(|| {
            Ok(match rng.with(|rng| self.strategy.ask(rng))? {
                Proposal::Sample => FlatProposal::of(ProposalKind::Sample),
                Proposal::Mutate(parent) => selecting(ProposalKind::Mutate, parent, None),
                Proposal::Recombine(a, b) => selecting(ProposalKind::Recombine, a, Some(b)),
                Proposal::Exact(vector) => {
                    exact.clear();
                    exact.extend_from_slice(&vector);
                    FlatProposal::of(ProposalKind::Exact)
                }
                Proposal::Wait => FlatProposal::of(ProposalKind::Wait),
            })
        })
    }

    fn accept(&mut self, choices: RSlice<'_, Choice>) -> PluginResult<bool> {
        guard(|| self.strategy.accept(choices.as_slice()))
    }

    fn tell(&mut self, finished: FlatFinished<'_>, released: &mut RVec<u64>) -> PluginResult<()> {
        guard(|| {
            self.released.clear();
            self.strategy.tell(&finished.to_finished(), &mut self.released)?;
            released.extend_from_slice(&self.released);
            Ok(())
        })
    }

    fn extension(&self, _: RStr<'_>, _: RStr<'_>) -> PluginResult<ROption<RString>> {
        ROk(RNone)
    }
}

/// Wraps an evaluator.
pub(super) struct EvaluatorAdapter<T>(pub T);

impl<T: Evaluator + 'static> v1::evaluator::Evaluator for EvaluatorAdapter<T> {
    fn spec(&self) -> PluginResult<RString> {
        guard(|| Ok(serde_json::to_string(&self.0.spec())?.into()))
    }

    fn evaluate(
        &self,
        requests: RSlice<'_, FlatRequest<'_>>,
        mut outcomes: RSliceMut<'_, FlatOutcome>,
    ) -> PluginResult<()> {
        guard(|| {
            for (flat, outcome) in requests.as_slice().iter().zip(outcomes.as_mut_slice()) {
                let mut rng = flat.rng;
                *outcome = rng.with(|rng| self.0.evaluate(&flat.to_request(), rng))?.into();
            }
            Ok(())
        })
    }

    fn reference_score(&self, choices: RSlice<'_, Choice>) -> PluginResult<ROption<f64>> {
        guard(|| Ok(self.0.reference_score(choices.as_slice())?.into()))
    }

    fn metrics(&self, choices: RSlice<'_, Choice>) -> PluginResult<RString> {
        guard(|| Ok(serde_json::to_string(&self.0.metrics(choices.as_slice())?)?.into()))
    }

    fn extension(&self, _: RStr<'_>, _: RStr<'_>) -> PluginResult<ROption<RString>> {
        ROk(RNone)
    }
}

/// Wraps a scheduler.
pub(super) struct SchedulerAdapter<T> {
    pub(super) scheduler: T,
    pub(super) ready: Vec<Ready>,
    pub(super) idle: Vec<Idle>,
    pub(super) out: Placement,
}

impl<T: Scheduler + 'static> v1::scheduler::Scheduler for SchedulerAdapter<T> {
    fn wants_cached(&self) -> PluginResult<bool> {
        guard(|| Ok(self.scheduler.wants_cached()))
    }

    fn assign(
        &mut self,
        situation: FlatSituation<'_>,
        out: &mut RVec<FlatAssignment>,
    ) -> PluginResult<ROption<u64>> {
        guard(|| {
            self.ready.clear();
            self.ready.extend(situation.ready.iter().map(Ready::from));
            self.idle.clear();
            self.idle.extend(situation.idle.iter().map(Idle::from));
            self.out.clear();
            let seen = Situation {
                now_us: situation.now_us,
                ready: &self.ready,
                idle: &self.idle,
                cached: situation.cached.as_slice(),
                cached_anywhere: situation.cached_anywhere.as_slice(),
            };
            self.scheduler.assign(&seen, &mut self.out)?;
            out.extend(self.out.assignments.iter().map(FlatAssignment::from));
            Ok(self.out.wake_us.into())
        })
    }

    fn extension(&self, _: RStr<'_>, _: RStr<'_>) -> PluginResult<ROption<RString>> {
        ROk(RNone)
    }
}
