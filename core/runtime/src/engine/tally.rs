//! The summary of a run, counted while it goes.
//!
//! Distinct vectors are counted exactly: with one bit each where the space is small enough, else in a hash set, up
//! to a limit that keeps memory bounded; beyond it the count says "at least".

use super::error::EngineError;
use super::ranges::Ranges;
use super::transfer::TransferSummary;
use lamarck_model::declaration::Kind;
use lamarck_model::{
    CandidateId, CandidateRecord, Choice, Evaluator, EvaluatorSpec, Nullable, Origin, SearchSpace, SpaceSpec,
    Status,
};
use rustc_hash::FxHashSet;
use serde::Serialize;
use xxhash_rust::xxh3::xxh3_128;

/// Spaces up to this size are counted with one bit a vector (16 MiB).
const BITS: u128 = 1 << 27;
/// In larger spaces this many distinct vectors are told apart (about 32 MiB).
const HASHED: usize = 1 << 20;

/// What came of one run.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct RunSummary {
    /// Candidates that ended, however they did.
    pub candidates: u64,
    /// Candidates by how they ended, in the order of [`Status::ALL`].
    pub by_status: [u64; 5],
    /// Candidates by where they came from, in the order of [`Origin::ALL`].
    pub by_origin: [u64; 5],
    /// The best score, and who has it; the earlier finished one of equals.
    pub best: Option<Best>,
    /// The best noise-free score among all candidates that ended well, where the evaluator knows it.
    pub best_reference: Option<f64>,
    /// The best score known to exist less the noise-free score of the best candidate.
    pub regret: Option<f64>,
    /// How many candidates had finished when the first one came near the best known score.
    pub near_after: Option<u64>,
    /// Distinct vectors among all candidates.
    pub distinct: u64,
    /// Whether there may be more distinct vectors than were counted.
    pub distinct_at_least: bool,
    /// Distinct classes of isomorphic architectures, where the space knows them.
    pub classes: Option<u64>,
    /// Candidates sampled before the first child, if there was a child.
    pub random_phase: Option<u64>,
    /// What theory expects for it.
    pub random_phase_expected: Option<u64>,
    /// When the last candidate finished, in microseconds of virtual time.
    pub virtual_us: u64,
    /// Time that workers were busy, over all workers, in microseconds.
    pub busy_us: u64,
    /// Time of these in attempts that were lost.
    pub lost_us: u64,
    /// Attempts that were lost.
    pub lost_attempts: u64,
    /// What the evaluator said of the first candidate that it could not evaluate.
    pub first_failure: Option<String>,
    /// What candidates took over from each other, if the study lets them.
    pub transfer: Option<TransferSummary>,
}

/// The best candidate of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Best {
    /// The candidate.
    pub candidate: CandidateId,
    /// Its vector.
    pub choices: Vec<Choice>,
    /// Its score as evaluated.
    pub score: f64,
    /// Its score without noise.
    pub reference: Option<f64>,
}

impl RunSummary {
    /// Candidates whose vector had been tried before.
    pub fn repeats(&self) -> u64 {
        self.candidates - self.distinct
    }

    /// Candidates whose class of isomorphic architectures had been tried before, where the space knows classes.
    pub fn class_repeats(&self) -> Option<u64> {
        self.classes.map(|classes| self.candidates.saturating_sub(classes))
    }

    /// Candidates that ended well.
    pub fn ok(&self) -> u64 {
        self.by_status[Status::Ok as usize]
    }
}

#[derive(Debug)]
enum Seen {
    Bits(Vec<u64>),
    Hashes(FxHashSet<u128>),
}

/// Counts.
#[derive(Debug)]
pub(super) struct Tally {
    summary: RunSummary,
    ranges: Ranges,
    seen: Seen,
    classes: FxHashSet<u64>,
    best_known: Option<f64>,
    near: Option<f64>,
    has_classes: bool,
    knows_reference: bool,
    first_child: bool,
}

impl Tally {
    pub(super) fn new(
        space: &SpaceSpec,
        evaluator: &EvaluatorSpec,
        random_phase_expected: Option<u64>,
    ) -> Self {
        let seen = match space.size() {
            Some(size) if size <= BITS => Seen::Bits(vec![0; usize::try_from(size / 64 + 1).unwrap_or(0)]),
            _ => Seen::Hashes(FxHashSet::default()),
        };
        Self {
            summary: RunSummary { random_phase_expected, ..RunSummary::default() },
            ranges: Ranges::new(space),
            seen,
            classes: FxHashSet::default(),
            best_known: evaluator.best_known,
            near: evaluator.near,
            has_classes: space.class.is_some(),
            knows_reference: true,
            first_child: false,
        }
    }

    /// Counts a candidate that was submitted; submissions come in order of id.
    pub(super) fn submitted(&mut self, record: &CandidateRecord) {
        if !self.first_child && record.origin != Origin::Sample as u8 && record.origin != Origin::Exact as u8
        {
            self.first_child = true;
            self.summary.random_phase = Some(record.id);
        }
    }

    /// Remembers why a candidate could not be evaluated.
    pub(super) fn failed(&mut self, reason: impl FnOnce() -> String) {
        self.summary.first_failure.get_or_insert_with(reason);
    }

    /// An attempt has kept its worker busy.
    pub(super) fn busy(&mut self, us: u64, lost: bool) {
        let summary = &mut self.summary;
        summary.busy_us = summary.busy_us.saturating_add(us);
        if lost {
            summary.lost_us = summary.lost_us.saturating_add(us);
            summary.lost_attempts += 1;
        }
    }

    /// Candidates that ended so far.
    pub(super) fn finished_so_far(&self) -> u64 {
        self.summary.candidates
    }

    /// Whether any candidate ended well.
    pub(super) fn any_ok(&self) -> bool {
        self.summary.ok() > 0
    }

    /// Whether every candidate so far failed in the evaluator, or was lacking in its data.
    pub(super) fn all_failed(&self) -> bool {
        let by_status = &self.summary.by_status;
        by_status[Status::Failed as usize] > 0
            && by_status[Status::Failed as usize] + by_status[Status::Missing as usize]
                == self.summary.candidates
    }

    /// The first failure's reason.
    pub(super) fn first_failure(&self) -> &str {
        self.summary.first_failure.as_deref().unwrap_or("it gave no reason")
    }

    /// Counts a candidate that ended.
    pub(super) fn finished(
        &mut self,
        record: &CandidateRecord,
        space: &dyn SearchSpace,
        evaluator: &dyn Evaluator,
    ) -> Result<(), EngineError> {
        let summary = &mut self.summary;
        summary.candidates += 1;
        if let Some(count) = summary.by_status.get_mut(usize::from(record.status)) {
            *count += 1;
        }
        if let Some(count) = summary.by_origin.get_mut(usize::from(record.origin)) {
            *count += 1;
        }
        if let Some(finished) = record.finished_us.known() {
            summary.virtual_us = summary.virtual_us.max(finished);
        }
        let new = match &mut self.seen {
            Seen::Bits(bits) => {
                // The vector was checked to be in range, and the bits cover the whole space.
                let index = self.ranges.index(&record.choices);
                let (word, bit) = ((index / 64) as usize, 1 << (index % 64));
                let new = bits[word] & bit == 0;
                bits[word] |= bit;
                new
            }
            Seen::Hashes(hashes) => {
                let full = hashes.len() >= HASHED;
                let mut bytes = Vec::with_capacity(record.choices.len() * 2);
                bytes.extend(record.choices.iter().flat_map(|choice| choice.to_le_bytes()));
                let hash = xxh3_128(&bytes);
                if full {
                    summary.distinct_at_least |= !hashes.contains(&hash);
                    false
                } else {
                    hashes.insert(hash)
                }
            }
        };
        summary.distinct += u64::from(new);
        if new && self.has_classes {
            match space.class(&record.choices).map_err(EngineError::component(Kind::SearchSpace))? {
                Some(class) => drop(self.classes.insert(class)),
                None => self.has_classes = false,
            }
        }
        if record.status != Status::Ok as u8 {
            return Ok(());
        }
        let better = summary.best.as_ref().is_none_or(|best| record.score > best.score);
        if !new && !better {
            return Ok(());
        }
        let mut reference = None;
        if self.knows_reference {
            reference = evaluator
                .reference_score(&record.choices)
                .map_err(EngineError::component(Kind::Evaluator))?;
            self.knows_reference = reference.is_some();
        }
        if let Some(reference) = reference {
            if summary.best_reference.is_none_or(|best| reference > best) {
                summary.best_reference = Some(reference);
            }
            if let (Some(best_known), Some(near)) = (self.best_known, self.near)
                && summary.near_after.is_none()
                && reference >= best_known - near
            {
                summary.near_after = Some(summary.candidates);
            }
        }
        if better {
            summary.best = Some(Best {
                candidate: record.id,
                choices: record.choices.clone(),
                score: record.score,
                reference,
            });
        }
        Ok(())
    }

    /// The summary.
    pub(super) fn into_summary(self) -> RunSummary {
        let mut summary = self.summary;
        summary.classes = self.has_classes.then_some(self.classes.len() as u64);
        let reference = summary.best.as_ref().and_then(|best| best.reference);
        summary.regret = self.best_known.zip(reference).map(|(known, reference)| known - reference);
        summary
    }
}
