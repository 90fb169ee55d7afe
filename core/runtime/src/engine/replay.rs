//! The record of an interrupted run, read beside the run that repeats it.
//!
//! Rows stand in the order in which candidates finished, and outcomes are needed when they start, so rows are read
//! ahead until the wanted candidate turns up. What is held is what overtook it: about as many rows as there are
//! workers.

use super::error::EngineError;
use crate::trace::TraceError;
use lamarck_model::{CandidateId, CandidateRecord};
use rustc_hash::FxHashMap;

/// Recorded rows, in the order in which candidates finished.
pub type Recorded<'a> = Box<dyn Iterator<Item = Result<CandidateRecord, TraceError>> + Send + 'a>;

/// A record being replayed; empty for a run that begins anew.
pub(super) struct Replay<'a> {
    rows: Option<Recorded<'a>>,
    ahead: FxHashMap<CandidateId, CandidateRecord>,
}

impl<'a> Replay<'a> {
    pub(super) fn new(rows: Option<Recorded<'a>>) -> Self {
        Self { rows, ahead: FxHashMap::default() }
    }

    /// The row of a candidate, if it had finished.
    pub(super) fn find(&mut self, candidate: CandidateId) -> Result<Option<&CandidateRecord>, EngineError> {
        while let Some(rows) = &mut self.rows
            && !self.ahead.contains_key(&candidate)
        {
            match rows.next() {
                Some(row) => {
                    let row = row?;
                    self.ahead.insert(row.id, row);
                }
                None => self.rows = None,
            }
        }
        Ok(self.ahead.get(&candidate))
    }

    /// Compares a finished candidate with its row, and forgets the row.
    pub(super) fn check(&mut self, now: &CandidateRecord) -> Result<(), EngineError> {
        if self.rows.is_none() && self.ahead.is_empty() {
            return Ok(());
        }
        // Whoever never started was not looked for yet.
        self.find(now.id)?;
        if let Some(recorded) = self.ahead.remove(&now.id)
            && let Some((column, recorded, now_value)) = recorded.difference(now)
        {
            return Err(EngineError::Diverged { candidate: now.id, column, recorded, now: now_value });
        }
        Ok(())
    }

    /// Whether there was anything to replay and all of it has been.
    pub(super) fn leftover(&mut self) -> Result<Option<CandidateId>, EngineError> {
        if let Some(rows) = &mut self.rows {
            for row in rows {
                let row = row?;
                self.ahead.insert(row.id, row);
            }
        }
        self.rows = None;
        Ok(self.ahead.keys().min().copied())
    }
}
