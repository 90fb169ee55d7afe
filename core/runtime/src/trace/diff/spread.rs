//! What becomes of a difference: both runs from there on, candidate by candidate.

use super::event::{Event, alone, first_of};
use crate::trace::error::TraceError;
use crate::trace::layout::RunKey;
use crate::trace::reader::{Recorded, Trace};
use lamarck_model::candidate::Status;
use lamarck_model::{CandidateId, CandidateRecord, Nullable};
use serde::Serialize;
use std::collections::BTreeMap;

/// How far two runs part after their first difference. Candidates are compared by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Spread {
    /// Candidates whose rows are not among the equal ones at the beginning, and which both runs have.
    pub later: u64,
    /// Of these, the ones that differ in anything.
    pub differ: u64,
    /// Of these, the ones with another vector.
    pub vectors: u64,
    /// Of these, the ones with another parent.
    pub parents: u64,
    /// Of these, the ones with another score or another status.
    pub scores: u64,
    /// Candidates that only the first run has.
    pub only_a: u64,
    /// Candidates that only the second run has.
    pub only_b: u64,
    /// The best score of the first run, over all of it.
    pub best_a: Option<f64>,
    /// The best score of the second run, over all of it.
    pub best_b: Option<f64>,
}

/// What two runs are after their equal rows.
pub(super) struct Rest {
    /// The first event that differs.
    pub(super) first: Option<Event>,
    pub(super) spread: Spread,
    /// When the last of the equal rows finished.
    pub(super) equal_until_us: Option<u64>,
}

/// Reads two runs that have so many equal rows.
///
/// A candidate that finished later in one run than in the other waits for its counterpart; there are about as many of
/// these as workers, unless the two have little to do with each other.
pub(super) fn rest(a: (&Trace, RunKey), b: (&Trace, RunKey), equal: u64) -> Result<Rest, TraceError> {
    let (mut rows_a, mut rows_b) = (a.0.candidates(a.1)?.records(), b.0.candidates(b.1)?.records());
    let mut record = CandidateRecord::default();
    let mut found = Rest { first: None, spread: Spread::default(), equal_until_us: None };
    for _ in 0..equal {
        rows_b.read(&mut record)?;
        if !rows_a.read(&mut record)? {
            break;
        }
        found.equal_until_us = record.finished_us.known().or(found.equal_until_us);
        better(&mut found.spread.best_a, &record);
    }
    found.spread.best_b = found.spread.best_a;
    let (mut waiting_a, mut waiting_b) = (BTreeMap::new(), BTreeMap::new());
    loop {
        let more_a = next(&mut rows_a, &mut waiting_a, &mut found.spread.best_a)?;
        let more_b = next(&mut rows_b, &mut waiting_b, &mut found.spread.best_b)?;
        for id in [more_a, more_b].into_iter().flatten() {
            if let (Some(in_a), Some(in_b)) = (waiting_a.get(&id), waiting_b.get(&id)) {
                found.pair(in_a, in_b);
                waiting_a.remove(&id);
                waiting_b.remove(&id);
            }
        }
        if more_a.is_none() && more_b.is_none() {
            break;
        }
    }
    found.spread.only_a = waiting_a.len() as u64;
    found.spread.only_b = waiting_b.len() as u64;
    for (waiting, in_a) in [(waiting_a, true), (waiting_b, false)] {
        // The lowest number was submitted first.
        if let Some((_, record)) = waiting.into_iter().next() {
            found.offer(alone(record, in_a));
        }
    }
    Ok(found)
}

/// Reads a row and lets it wait. A number that is there twice, which only a broken trace has, counts once.
fn next(
    rows: &mut Recorded,
    waiting: &mut BTreeMap<CandidateId, CandidateRecord>,
    best: &mut Option<f64>,
) -> Result<Option<CandidateId>, TraceError> {
    let mut record = CandidateRecord::default();
    if !rows.read(&mut record)? {
        return Ok(None);
    }
    better(best, &record);
    let id = record.id;
    waiting.insert(id, record);
    Ok(Some(id))
}

fn better(best: &mut Option<f64>, record: &CandidateRecord) {
    if record.status() == Some(Status::Ok)
        && let Some(score) = record.score.known()
    {
        *best = Some(best.map_or(score, |best| best.max(score)));
    }
}

impl Rest {
    fn pair(&mut self, a: &CandidateRecord, b: &CandidateRecord) {
        let spread = &mut self.spread;
        spread.later += 1;
        spread.vectors += u64::from(a.choices != b.choices);
        spread.parents += u64::from(a.parent != b.parent);
        spread.scores += u64::from(a.score.known() != b.score.known() || a.status != b.status);
        if let Some(event) = first_of(a, b) {
            spread.differ += 1;
            self.offer(event);
        }
    }

    fn offer(&mut self, event: Event) {
        if self.first.as_ref().is_none_or(|first| event.is_before(first)) {
            self.first = Some(event);
        }
    }
}
