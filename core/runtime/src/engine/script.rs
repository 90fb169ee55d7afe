//! A run that has been, played again on another cluster: the same candidates with the same vectors, parents, donors, scores
//! and training times, placed anew.
//!
//! What another scheduler, another cache or a faster network would have done to a *search* is a different question: with
//! other completions the strategy would have chosen other parents, and the runs would differ by luck as well. A
//! script takes the luck out. It keeps three things in order:
//!
//! - a candidate is submitted when there is room for it (idle workers and look-ahead, as in a search), in the order of ids,
//!   but not before its parents and its donor have finished; who has to wait for them is passed over until then;
//! - a model is released once everybody who had finished before its release has finished, and everybody who had been
//!   submitted before it is submitted. So a child always finds its donor where the record says that it found it;
//! - donors are those of the record; what is read of them follows from the layers, as always.
//!
//! On the cluster of the record nobody is passed over and every release falls where it fell, so that the replay is the
//! record, byte for byte. This is tested, and is what makes a difference on another cluster worth something.
//!
//! Training times are those of the record, at speed 1: where layers are missed that the record had, or had missed, the time
//! it took to train them does not change. A candidate that the record lost or cut off has no score there; what would
//! have come of it is asked of the evaluator.

use super::error::EngineError;
use super::live::{InFlight, SlotId};
use super::parts::{Components, Output, Progress, RunSettings};
use super::replay::Recorded;
use super::run::Run;
use super::source::Known;
use crate::trace::TraceError;
use lamarck_model::{CandidateColumns, CandidateId, CandidateRecord, LayerColumns, Nullable};
use rustc_hash::FxHashMap;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// A model that the strategy released.
#[derive(Debug, Clone, Copy)]
pub(super) struct Release {
    /// How many candidates had finished.
    pub(super) finished: u64,
    /// How many had been submitted.
    pub(super) submitted: u64,
    pub(super) candidate: CandidateId,
}

/// A run that has been.
#[derive(Debug)]
pub struct Script {
    /// By id.
    rows: Vec<CandidateRecord>,
    /// Ids in the order in which they finished.
    order: Vec<CandidateId>,
    releases: VecDeque<Release>,
    /// Whether a row's training time is the one at speed 1.
    even_speeds: bool,
    submitted: Watermark,
    /// By position in `order`.
    done: Watermark,
    /// By id: the position in `order`.
    position: Vec<usize>,
    fresh: usize,
    /// Candidates that were passed over, by whom they wait for.
    waiting: FxHashMap<CandidateId, Vec<CandidateId>>,
    /// Candidates that were passed over and need not wait any more.
    freed: BinaryHeap<Reverse<CandidateId>>,
}

/// Where a candidate stands among all, by id; beyond the end for an id that memory could not hold.
fn place(id: CandidateId) -> usize {
    usize::try_from(id).unwrap_or(usize::MAX)
}

/// A growing set of positions, and how far it is complete.
#[derive(Debug, Default)]
struct Watermark {
    in_it: Vec<bool>,
    complete: usize,
}

impl Watermark {
    fn new(length: usize) -> Self {
        Self { in_it: vec![false; length], complete: 0 }
    }

    fn add(&mut self, position: usize) {
        if let Some(is_in) = self.in_it.get_mut(position) {
            *is_in = true;
        }
        while self.in_it.get(self.complete) == Some(&true) {
            self.complete += 1;
        }
    }

    fn contains(&self, position: usize) -> bool {
        self.in_it.get(position) == Some(&true)
    }
}

/// Keeps all rows.
#[derive(Default)]
struct Collector(Vec<CandidateRecord>);

impl Output for Collector {
    fn candidates(&mut self, part: &mut CandidateColumns) -> Result<(), TraceError> {
        let view = part.view();
        for row in 0..view.len() {
            let mut record = CandidateRecord::default();
            view.read(row, &mut record);
            self.0.push(record);
        }
        Ok(())
    }

    fn layers(&mut self, _: &mut LayerColumns) -> Result<(), TraceError> {
        Ok(())
    }
}

impl Script {
    /// Writes down what a search finds. With a complete record it is gone through once more with its own strategy, which
    /// tells when models were released, and compared with the record; else it is made anew.
    pub fn read(
        components: Components<'_>,
        settings: &RunSettings,
        recorded: Option<Recorded<'_>>,
    ) -> Result<Self, EngineError> {
        let mut collector = Collector::default();
        let settings = RunSettings { layers: false, ..settings.clone() };
        let mut run = Run::new(components, &settings, recorded)?;
        run.source.note_releases();
        run.go(&mut collector, &Progress::default())?;
        Self::new(collector.0, run.source.into_releases(), settings.cluster.speed_spread == 0.0)
    }

    fn new(
        finished: Vec<CandidateRecord>,
        releases: Vec<Release>,
        even_speeds: bool,
    ) -> Result<Self, EngineError> {
        let order: Vec<CandidateId> = finished.iter().map(|row| row.id).collect();
        let mut rows = finished;
        rows.sort_by_key(|row| row.id);
        if let Some((_, row)) = (0..).zip(&rows).find(|&(id, row)| row.id != id) {
            let what = format!("candidates before {} are missing in the record", row.id);
            return Err(EngineError::Time { what });
        }
        let mut position = vec![0; order.len()];
        for (at, &id) in order.iter().enumerate() {
            // Ids are 0, 1, .. as was just checked.
            position[place(id)] = at;
        }
        Ok(Self {
            releases: releases.into(),
            even_speeds,
            submitted: Watermark::new(rows.len()),
            done: Watermark::new(rows.len()),
            position,
            fresh: 0,
            waiting: FxHashMap::default(),
            freed: BinaryHeap::new(),
            rows,
            order,
        })
    }

    /// Candidates.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    pub(super) fn row(&self, candidate: CandidateId) -> Option<&CandidateRecord> {
        self.rows.get(place(candidate))
    }

    /// The next candidate.
    pub(super) fn next(&mut self, in_flight: &mut InFlight) -> Option<SlotId> {
        let id = match self.freed.pop() {
            Some(Reverse(id)) => id,
            None => loop {
                let row = self.rows.get(self.fresh)?;
                self.fresh += 1;
                match self.waits_for(row) {
                    Some(needed) => self.waiting.entry(needed).or_default().push(row.id),
                    None => break row.id,
                }
            },
        };
        let slot = in_flight.take();
        let row = &self.rows[place(id)];
        let record = in_flight.get_mut(slot);
        let choices = std::mem::take(&mut record.choices);
        *record = CandidateRecord {
            id,
            origin: row.origin,
            parent: row.parent,
            parent_b: row.parent_b,
            mutator: row.mutator,
            changed: row.changed,
            changed_decision: row.changed_decision,
            changed_from: row.changed_from,
            changed_to: row.changed_to,
            parent_rank: row.parent_rank,
            parent_age: row.parent_age,
            choices,
            ..CandidateRecord::default()
        };
        record.choices.extend_from_slice(&row.choices);
        self.submitted.add(place(id));
        Some(slot)
    }

    /// Whom a candidate has to wait for.
    fn waits_for(&self, row: &CandidateRecord) -> Option<CandidateId> {
        [row.parent, row.parent_b, row.donor].into_iter().find(|needed| {
            let at = needed.known().and_then(|id| self.position.get(place(id)));
            at.is_some_and(|&at| !self.done.contains(at))
        })
    }

    pub(super) fn known(&self, candidate: CandidateId) -> Option<Known> {
        Known::of(self.row(candidate)?, self.even_speeds)
    }

    /// A candidate has finished: who waited for it need not any more, and whose release was due after it is released.
    pub(super) fn finished(&mut self, candidate: CandidateId, released: &mut Vec<CandidateId>) {
        if let Some(&at) = self.position.get(place(candidate)) {
            self.done.add(at);
        }
        for id in self.waiting.remove(&candidate).unwrap_or_default() {
            match self.waits_for(&self.rows[place(id)]) {
                Some(needed) => self.waiting.entry(needed).or_default().push(id),
                None => self.freed.push(Reverse(id)),
            }
        }
        self.due(released);
    }

    /// Models whose release is due.
    pub(super) fn due(&mut self, released: &mut Vec<CandidateId>) {
        while let Some(release) = self.releases.front()
            && release.finished <= self.done.complete as u64
            && release.submitted <= self.submitted.complete as u64
        {
            released.push(release.candidate);
            self.releases.pop_front();
        }
    }
}
