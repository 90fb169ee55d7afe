//! What the engine has measured of a candidate: the size of its model, and its evaluation.

use super::error::EngineError;
use super::parts::Components;
use super::ranges::Ranges;
use super::tally::Tally;
use lamarck_model::declaration::Kind;
use lamarck_model::rng::{Purpose, Stream};
use lamarck_model::{
    CandidateId, CandidateRecord, Choice, ModelSize, Nullable, Outcome, Request, Rng, SearchSpace, SpaceSpec,
    Status,
};

/// Sizes of models. In a small space each vector's is asked for once: evolution comes back to the same vectors.
pub(super) struct Sizes {
    ranges: Ranges,
    /// By position in the space; no layers means not asked yet. Empty for large spaces.
    known: Vec<ModelSize>,
}

impl Sizes {
    /// Spaces up to this size are remembered (24 bytes a vector).
    const SMALL: u64 = 1 << 16;

    pub(super) fn new(spec: &SpaceSpec) -> Self {
        let ranges = Ranges::new(spec);
        let size = ranges.size().filter(|&size| size <= Self::SMALL).unwrap_or(0);
        Self { known: vec![ModelSize::default(); usize::try_from(size).unwrap_or(0)], ranges }
    }

    pub(super) fn of(
        &mut self,
        space: &dyn SearchSpace,
        choices: &[Choice],
        level: &str,
    ) -> Result<ModelSize, EngineError> {
        let ask = || space.size(choices, level).map_err(EngineError::component(Kind::SearchSpace));
        // Choices were checked to be in range, so the position is one of the space's.
        match usize::try_from(self.ranges.index(choices)).ok().and_then(|at| self.known.get_mut(at)) {
            Some(known) => {
                if known.layers == 0 {
                    *known = ask()?;
                }
                Ok(*known)
            }
            None => ask(),
        }
    }
}

/// Evaluates a candidate that has taken over `prefix`: what would come of it at speed 1 on a worker that is not lost.
pub(super) fn evaluate(
    components: &Components<'_>,
    stream: Stream,
    record: &CandidateRecord,
    prefix: ModelSize,
    tally: &mut Tally,
) -> Result<Outcome, EngineError> {
    let size = ModelSize { layers: record.layers, parameters: record.parameters, bytes: record.bytes };
    let request = Request { candidate: record.id, choices: &record.choices, size, prefix };
    let mut rng = stream.rng(Purpose::Evaluate, record.id);
    match components.evaluator.evaluate(&request, &mut rng) {
        Ok(outcome) => {
            let score = if outcome.status == Status::Ok { outcome.score } else { f64::NONE };
            Ok(Outcome { score, ..outcome })
        }
        Err(error) if is_fatal(&error) => {
            Err(EngineError::Component { kind: Kind::Evaluator, source: error })
        }
        Err(error) => {
            tally.failed(|| format!("{error:#}"));
            Ok(Outcome { status: Status::Failed, score: f64::NONE, train_us: 0 })
        }
    }
}

/// When an attempt of `train_us` is lost, if it is: at an even chance anywhere in its training. Attempts count from 1.
pub(super) fn loss(
    failure_rate: f64,
    stream: Stream,
    candidate: CandidateId,
    attempt: u32,
    train_us: u64,
) -> Option<u64> {
    if failure_rate <= 0.0 {
        return None;
    }
    let mut rng = stream.rng(Purpose::Failure, candidate);
    // A generator of its own for each attempt, so that none depends on how often another drew.
    for _ in 1..attempt {
        rng = Rng::from_seed(rng.next());
    }
    rng.chance(failure_rate).then(|| rng.below(train_us.saturating_add(1)))
}

/// A panic or a broken protocol is a fault of the plugin, not of the candidate.
fn is_fatal(error: &anyhow::Error) -> bool {
    use crate::host::HostError;
    use lamarck_model::FaultKind;
    matches!(
        error.downcast_ref::<HostError>(),
        Some(HostError::Component { fault, .. }) if matches!(fault.kind(), FaultKind::Panic | FaultKind::Protocol)
    )
}
