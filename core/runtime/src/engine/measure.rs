//! What the engine has measured of a candidate: the size of its model, and its evaluation.

use super::error::EngineError;
use super::parts::{Components, RunSettings};
use super::ranges::Ranges;
use super::tally::Tally;
use lamarck_model::declaration::Kind;
use lamarck_model::rng::{Purpose, Stream};
use lamarck_model::{
    CandidateRecord, Choice, ModelSize, Nullable, Outcome, Request, SearchSpace, SpaceSpec, Status,
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

/// Evaluates a candidate that has taken over `prefix`, fills in its row and returns how long its worker is busy.
pub(super) fn evaluate(
    components: &Components<'_>,
    settings: &RunSettings,
    stream: Stream,
    record: &mut CandidateRecord,
    prefix: ModelSize,
    tally: &mut Tally,
) -> Result<u64, EngineError> {
    let size = ModelSize { layers: record.layers, parameters: record.parameters, bytes: record.bytes };
    let request = Request { candidate: record.id, choices: &record.choices, size, prefix };
    let mut rng = stream.rng(Purpose::Evaluate, record.id);
    let outcome = match components.evaluator.evaluate(&request, &mut rng) {
        Ok(outcome) => outcome,
        Err(error) if is_fatal(&error) => {
            return Err(EngineError::Component { kind: Kind::Evaluator, source: error });
        }
        Err(error) => {
            tally.failed(|| format!("{error:#}"));
            Outcome { status: Status::Failed, score: f64::NONE, train_us: 0 }
        }
    };
    record.status = outcome.status as u8;
    record.score = if outcome.status == Status::Ok { outcome.score } else { f64::NONE };
    record.train_us = outcome.train_us;
    if settings.failure_rate > 0.0 {
        let mut rng = stream.rng(Purpose::Failure, record.id);
        if rng.chance(settings.failure_rate) {
            // The worker is lost at an even chance anywhere in the candidate's time.
            record.status = Status::Lost as u8;
            record.score = f64::NONE;
            record.train_us = rng.below(outcome.train_us.saturating_add(1));
        }
    }
    Ok(record.train_us)
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
