//! Makes the next candidate: what the strategy wants, as a vector in a slot.

use super::error::EngineError;
use super::live::{InFlight, Member, Members, SlotId};
use super::parts::{Components, RunSettings};
use super::ranges::Ranges;
use lamarck_model::declaration::Kind;
use lamarck_model::rng::{Purpose, Rng, Stream};
use lamarck_model::{CandidateId, CandidateRecord, Choice, Nullable, Origin, Proposal, Selected, SpaceSpec};

/// How often a strategy may refuse a vector before the run gives up.
const MOST_REFUSALS: u32 = 100_000;

/// What is fixed for a run and needed to make vectors.
pub(super) struct Proposer<'a> {
    spec: &'a SpaceSpec,
    ranges: Ranges,
    stream: Stream,
    weights: Vec<f64>,
    screens: bool,
}

impl<'a> Proposer<'a> {
    pub(super) fn new(spec: &'a SpaceSpec, settings: &RunSettings, components: &Components<'_>) -> Self {
        Self {
            spec,
            ranges: Ranges::new(spec),
            stream: Stream::new(settings.seed, settings.replicate),
            weights: components.mutators.iter().map(|(_, weight)| *weight).collect(),
            screens: components.strategy.spec().screens,
        }
    }

    /// Asks the strategy and makes candidate `id`, when `finished` candidates have finished. `None` when the strategy
    /// wants to wait.
    pub(super) fn propose(
        &self,
        id: CandidateId,
        finished: u64,
        in_flight: &mut InFlight,
        members: &Members,
        components: &mut Components<'_>,
    ) -> Result<Option<SlotId>, EngineError> {
        let mut rngs = Rngs::new(self.stream, id);
        for _ in 0..MOST_REFUSALS {
            let proposal = components
                .strategy
                .ask(rngs.get(Purpose::Propose))
                .map_err(EngineError::component(Kind::Strategy))?;
            if proposal == Proposal::Wait {
                return Ok(None);
            }
            let slot = in_flight.take();
            let record = in_flight.get_mut(slot);
            record.id = id;
            let maker = self.make(record, finished, &proposal, members, components, &mut rngs)?;
            self.check(record, maker, components)?;
            if !self.screens
                || components
                    .strategy
                    .accept(&record.choices)
                    .map_err(EngineError::component(Kind::Strategy))?
            {
                return Ok(Some(slot));
            }
            in_flight.give(slot);
        }
        Err(EngineError::Contract {
            kind: Kind::Strategy,
            candidate: id,
            what: format!("it refused {MOST_REFUSALS} vectors in a row"),
        })
    }

    /// Makes the vector of a proposal, notes where it comes from, and says who is to blame should it be invalid.
    fn make(
        &self,
        record: &mut CandidateRecord,
        finished: u64,
        proposal: &Proposal,
        members: &Members,
        components: &Components<'_>,
        rngs: &mut Rngs,
    ) -> Result<Kind, EngineError> {
        let (maker, origin) = match proposal {
            Proposal::Sample => {
                record.choices.resize(self.spec.decisions.len(), 0);
                components
                    .space
                    .sample(&mut record.choices, rngs.get(Purpose::Sample))
                    .map_err(EngineError::component(Kind::SearchSpace))?;
                (Kind::SearchSpace, Origin::Sample)
            }
            Proposal::Mutate(selected) => {
                let parent = descend(record, *selected, finished, members)?;
                let (mutator, rng) = self.mutator(record, components, rngs);
                mutator.mutate(&mut record.choices, rng).map_err(EngineError::component(Kind::Mutator))?;
                compare(record, parent.choices);
                (Kind::Mutator, Origin::Mutation)
            }
            Proposal::Recombine(a, b) => {
                let parent = descend(record, *a, finished, members)?;
                let other = find(record.id, *b, members)?;
                record.parent_b = b.id;
                let (mutator, rng) = self.mutator(record, components, rngs);
                mutator
                    .recombine(&mut record.choices, other.choices, rng)
                    .map_err(EngineError::component(Kind::Mutator))?;
                compare(record, parent.choices);
                (Kind::Mutator, Origin::Recombination)
            }
            Proposal::Exact(vector) => {
                record.choices.extend_from_slice(vector);
                (Kind::Strategy, Origin::Exact)
            }
            // `propose` has dealt with it.
            Proposal::Wait => (Kind::Strategy, Origin::Exact),
        };
        record.origin = origin as u8;
        Ok(maker)
    }

    /// Draws the mutator, notes which it is, and gives it its generator.
    fn mutator<'c>(
        &self,
        record: &mut CandidateRecord,
        components: &Components<'c>,
        rngs: &'c mut Rngs,
    ) -> (&'c dyn lamarck_model::Mutator, &'c mut Rng) {
        let position = match self.weights.len() {
            1 => 0,
            // Weights are checked to be positive, so one is always drawn.
            _ => rngs.get(Purpose::ChooseMutator).weighted(&self.weights).unwrap_or(0),
        };
        record.mutator = u16::try_from(position).unwrap_or(u16::NONE);
        (components.mutators[position].0.as_ref(), rngs.get(Purpose::Mutate))
    }

    /// Refuses a vector that is not one of the space.
    fn check(
        &self,
        record: &CandidateRecord,
        maker: Kind,
        components: &Components<'_>,
    ) -> Result<(), EngineError> {
        if !self.ranges.contain(&record.choices) {
            // The description says in words what the ranges only know.
            self.spec.check_ranges(&record.choices).map_err(|source| EngineError::Vector {
                kind: maker,
                candidate: record.id,
                source,
            })?;
        }
        if self.spec.constrained {
            components.space.check(&record.choices).map_err(|error| EngineError::Contract {
                kind: maker,
                candidate: record.id,
                what: format!("it made a vector that the search space does not allow: {error:#}"),
            })?;
        }
        Ok(())
    }
}

/// The member that a strategy selected.
fn find(candidate: CandidateId, selected: Selected, members: &Members) -> Result<Member<'_>, EngineError> {
    members.find(selected.id).ok_or_else(|| EngineError::Contract {
        kind: Kind::Strategy,
        candidate,
        what: format!("it selected candidate {}, which it was not told of or has released", selected.id),
    })
}

/// Begins a child as a copy of its parent, and notes who that is.
fn descend<'m>(
    record: &mut CandidateRecord,
    selected: Selected,
    finished: u64,
    members: &'m Members,
) -> Result<Member<'m>, EngineError> {
    let parent = find(record.id, selected, members)?;
    record.parent = selected.id;
    record.parent_rank = selected.rank.unwrap_or(u32::NONE);
    // Completions after the parent's own: 0 when it was the last to finish.
    record.parent_age = finished - parent.finished_as - 1;
    record.choices.extend_from_slice(parent.choices);
    Ok(parent)
}

/// Notes where a child differs from its parent.
fn compare(child: &mut CandidateRecord, parent: &[Choice]) {
    let mut changed = 0_u16;
    for (position, (&from, &to)) in parent.iter().zip(&child.choices).enumerate() {
        if from != to {
            changed = changed.saturating_add(1);
            child.changed_decision = u16::try_from(position).unwrap_or(u16::NONE);
            child.changed_from = from;
            child.changed_to = to;
        }
    }
    child.changed = changed;
    if changed > 1 {
        child.changed_decision = u16::NONE;
        child.changed_from = u16::NONE;
        child.changed_to = u16::NONE;
    }
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
