//! Makes the next candidate: what the strategy wants, as a vector in a slot.

use super::error::EngineError;
use super::live::{Live, SlotId};
use super::run::{Components, RunSettings};
use lamarck_model::declaration::Kind;
use lamarck_model::rng::{Purpose, Rng, Stream};
use lamarck_model::{CandidateId, Choice, Nullable, Origin, Proposal, Selected, SpaceSpec};

/// How often a strategy may refuse a vector before the run gives up.
const MOST_REFUSALS: u32 = 100_000;

/// What is fixed for a run and what is needed to make vectors.
pub(super) struct Proposer<'a> {
    spec: &'a SpaceSpec,
    stream: Stream,
    weights: Vec<f64>,
    screens: bool,
    vector: Vec<Choice>,
}

impl<'a> Proposer<'a> {
    pub(super) fn new(spec: &'a SpaceSpec, settings: &RunSettings, components: &Components<'_>) -> Self {
        Self {
            spec,
            stream: Stream::new(settings.seed, settings.replicate),
            weights: components.mutators.iter().map(|(_, weight)| *weight).collect(),
            screens: components.strategy.spec().screens,
            vector: vec![0; spec.decisions.len()],
        }
    }

    /// Asks the strategy and makes candidate `id`. `None` when the strategy wants to wait.
    pub(super) fn propose(
        &mut self,
        id: CandidateId,
        finished: u64,
        live: &mut Live,
        components: &mut Components<'_>,
    ) -> Result<Option<SlotId>, EngineError> {
        let mut rngs = Rngs::new(self.stream, id);
        for _ in 0..MOST_REFUSALS {
            let proposal =
                components.strategy.ask(rngs.get(Purpose::Propose)).map_err(EngineError::component(Kind::Strategy))?;
            if proposal == Proposal::Wait {
                return Ok(None);
            }
            let slot = live.take();
            self.fill(id, finished, slot, &proposal, live, components, &mut rngs)?;
            if !self.screens {
                return Ok(Some(slot));
            }
            let choices = &live.slot(slot).record.choices;
            if components.strategy.accept(choices).map_err(EngineError::component(Kind::Strategy))? {
                return Ok(Some(slot));
            }
            live.give(slot);
        }
        Err(EngineError::Contract {
            kind: Kind::Strategy,
            candidate: id,
            what: format!("it refused {MOST_REFUSALS} vectors in a row"),
        })
    }

    /// Makes the vector of a proposal and notes where it comes from.
    #[expect(clippy::too_many_arguments, reason = "the parts of a run, each borrowed differently")]
    fn fill(
        &mut self,
        id: CandidateId,
        finished: u64,
        slot: SlotId,
        proposal: &Proposal,
        live: &mut Live,
        components: &Components<'_>,
        rngs: &mut Rngs,
    ) -> Result<(), EngineError> {
        live.slot_mut(slot).record.id = id;
        let (kind, origin) = match proposal {
            Proposal::Sample => {
                self.vector.fill(0);
                let rng = rngs.get(Purpose::Sample);
                components.space.sample(&mut self.vector, rng).map_err(EngineError::component(Kind::SearchSpace))?;
                (Kind::SearchSpace, Origin::Sample)
            }
            Proposal::Exact(vector) => {
                self.vector.clear();
                self.vector.extend_from_slice(vector);
                (Kind::Strategy, Origin::Exact)
            }
            Proposal::Mutate(parent) => {
                let parent = Self::parent(id, *parent, finished, slot, live)?;
                self.vector.clone_from(&live.slot(parent).record.choices);
                let mutator = self.choose(rngs);
                let rng = rngs.get(Purpose::Mutate);
                let (object, _) = &components.mutators[mutator];
                object.mutate(&mut self.vector, rng).map_err(EngineError::component(Kind::Mutator))?;
                self.compare(parent, slot, mutator, live);
                (Kind::Mutator, Origin::Mutation)
            }
            Proposal::Recombine(a, b) => {
                let parent = Self::parent(id, *a, finished, slot, live)?;
                let other = selectable(id, *b, live)?;
                live.slot_mut(slot).record.parent_b = b.id;
                self.vector.clone_from(&live.slot(parent).record.choices);
                let mutator = self.choose(rngs);
                let rng = rngs.get(Purpose::Mutate);
                let (object, _) = &components.mutators[mutator];
                object
                    .recombine(&mut self.vector, &live.slot(other).record.choices, rng)
                    .map_err(EngineError::component(Kind::Mutator))?;
                self.compare(parent, slot, mutator, live);
                (Kind::Mutator, Origin::Recombination)
            }
            // `propose` has dealt with it.
            Proposal::Wait => (Kind::Strategy, Origin::Exact),
        };
        self.spec
            .check_ranges(&self.vector)
            .map_err(|source| EngineError::Vector { kind, candidate: id, source })?;
        if self.spec.constrained {
            components.space.check(&self.vector).map_err(|error| EngineError::Contract {
                kind,
                candidate: id,
                what: format!("it made a vector that the search space does not allow: {error:#}"),
            })?;
        }
        let record = &mut live.slot_mut(slot).record;
        record.origin = origin as u8;
        record.choices.extend_from_slice(&self.vector);
        // An exact vector may have had another length, and was refused then; the buffer keeps its width.
        self.vector.resize(self.spec.decisions.len(), 0);
        Ok(())
    }

    /// Finds the parent and notes who it was.
    fn parent(
        id: CandidateId,
        selected: Selected,
        finished: u64,
        slot: SlotId,
        live: &mut Live,
    ) -> Result<SlotId, EngineError> {
        let parent = selectable(id, selected, live)?;
        let finished_as = live.slot(parent).finished_as;
        let record = &mut live.slot_mut(slot).record;
        record.parent = selected.id;
        record.parent_rank = selected.rank.unwrap_or(u32::NONE);
        // Completions after the parent's own: 0 when it was the last to finish.
        record.parent_age = finished - finished_as - 1;
        Ok(parent)
    }

    fn choose(&self, rngs: &mut Rngs) -> usize {
        match self.weights.len() {
            1 => 0,
            // Weights are checked to be positive, so one is always drawn.
            _ => rngs.get(Purpose::ChooseMutator).weighted(&self.weights).unwrap_or(0),
        }
    }

    /// Notes where the child differs from its parent.
    fn compare(&self, parent: SlotId, slot: SlotId, mutator: usize, live: &mut Live) {
        let Some((parent, child)) = live.pair(parent, slot) else { return };
        let mut changed = 0_u16;
        let record = &mut child.record;
        for (position, (&from, &to)) in parent.record.choices.iter().zip(&self.vector).enumerate() {
            if from != to {
                changed = changed.saturating_add(1);
                record.changed_decision = u16::try_from(position).unwrap_or(u16::NONE);
                record.changed_from = from;
                record.changed_to = to;
            }
        }
        record.changed = changed;
        if changed > 1 {
            record.changed_decision = u16::NONE;
            record.changed_from = u16::NONE;
            record.changed_to = u16::NONE;
        }
        record.mutator = u16::try_from(mutator).unwrap_or(u16::NONE);
    }
}

/// The slot of a selected candidate.
fn selectable(id: CandidateId, selected: Selected, live: &Live) -> Result<SlotId, EngineError> {
    live.find(selected.id).ok_or_else(|| EngineError::Contract {
        kind: Kind::Strategy,
        candidate: id,
        what: format!("it selected candidate {}, which it was not told of or has released", selected.id),
    })
}

/// The generators of one candidate, each made when it is first needed and going on after a refused vector.
struct Rngs {
    stream: Stream,
    id: CandidateId,
    made: [Option<Rng>; 4],
}

impl Rngs {
    fn new(stream: Stream, id: CandidateId) -> Self {
        Self { stream, id, made: [const { None }; 4] }
    }

    fn get(&mut self, purpose: Purpose) -> &mut Rng {
        let position = match purpose {
            Purpose::Propose => 0,
            Purpose::Sample => 1,
            Purpose::ChooseMutator => 2,
            _ => 3,
        };
        self.made[position].get_or_insert_with(|| self.stream.rng(purpose, self.id))
    }
}
