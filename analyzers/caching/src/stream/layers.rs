//! What is kept of the `layers` table: stored layers, and the map of each candidate.
//!
//! A stored layer is known by its owner and its identity. A candidate's own layers come in a row, so an inherited one is
//! found by looking through its owner's few, and no table of hashes is needed: 28 bytes a stored layer, 4 bytes a row.

use super::error::StreamError;
use super::table::{Candidates, NONE};
use lamarck_sdk::LayerColumns;
use std::collections::BTreeMap;

/// Rows of one candidate.
type Range = (usize, usize);

/// What did not fit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Oddities {
    /// Rows of candidates that the `candidates` table does not have, or whose rows do not stand together.
    pub unknown_candidates: u64,
    /// Inherited layers that their owner does not have, or has not yet at that place of the table: nobody wrote them.
    pub unwritten: u64,
    /// Inherited layers whose size is not their owner's, whose size counts.
    pub other_sizes: u64,
    /// Candidates with an id that is there twice, or far beyond the number of rows.
    pub unfollowed_ids: u64,
}

impl Oddities {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.unknown_candidates + self.unwritten + self.other_sizes + self.unfollowed_ids
    }
}

/// Stored layers and maps.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layers {
    identity: Vec<u128>,
    pub(crate) bytes: Vec<u64>,
    /// The row of the owner; none for what nobody wrote.
    pub(crate) writer: Vec<u32>,
    /// The id of the owner.
    pub(crate) owner: Vec<u64>,
    /// Of each candidate the stored layers it owns.
    own: Vec<Range>,
    /// Of each candidate its part of `map`.
    ranges: Vec<Range>,
    map: Vec<u32>,
    current: Option<(u64, u32)>,
    orphans: BTreeMap<(u64, u128), u32>,
    pub(crate) rows: u64,
    pub(crate) weightless: u64,
    pub(crate) oddities: Oddities,
}

impl Layers {
    pub(crate) fn map(&self, row: u32) -> &[u32] {
        let (from, to) = self.ranges.get(row as usize).copied().unwrap_or((0, 0));
        &self.map[from..to]
    }

    pub(crate) fn add(&mut self, batch: &LayerColumns, candidates: &Candidates) -> Result<(), StreamError> {
        let rows = batch.len();
        if [batch.identity.len(), batch.owner.len(), batch.bytes.len()] != [rows; 3] {
            return Err(StreamError::Inconsistent { table: "layers" });
        }
        self.own.resize(candidates.len(), (0, 0));
        self.ranges.resize(candidates.len(), (0, 0));
        for position in 0..rows {
            self.rows += 1;
            let id = batch.candidate[position];
            let Some(row) = self.turn_to(id, candidates) else {
                self.oddities.unknown_candidates += 1;
                continue;
            };
            let (identity, owner) = (batch.identity[position], batch.owner[position]);
            let bytes = batch.bytes[position];
            if bytes == 0 {
                self.weightless += 1;
                continue;
            }
            let stored = if owner == id {
                let stored = self.create(identity, owner, row, bytes)?;
                self.own[row as usize].1 = self.bytes.len();
                stored
            } else {
                self.inherited(identity, owner, bytes, candidates)?
            };
            self.map.push(stored);
            self.ranges[row as usize].1 = self.map.len();
        }
        Ok(())
    }

    /// The row of the candidate whose layers come now; `None` if there is none, or it had its turn.
    fn turn_to(&mut self, id: u64, candidates: &Candidates) -> Option<u32> {
        match self.current {
            Some((current, row)) if current == id => (row != NONE).then_some(row),
            _ => {
                let row = candidates.find(id).filter(|&row| self.ranges[row as usize] == (0, 0));
                self.current = Some((id, row.unwrap_or(NONE)));
                if let Some(row) = row {
                    self.own[row as usize] = (self.bytes.len(), self.bytes.len());
                    self.ranges[row as usize] = (self.map.len(), self.map.len());
                }
                row
            }
        }
    }

    fn create(&mut self, identity: u128, owner: u64, writer: u32, bytes: u64) -> Result<u32, StreamError> {
        let stored = u32::try_from(self.bytes.len()).ok().filter(|&stored| stored < NONE);
        let stored = stored.ok_or(StreamError::TooMany { what: "stored layers" })?;
        self.identity.push(identity);
        self.bytes.push(bytes);
        self.writer.push(writer);
        self.owner.push(owner);
        Ok(stored)
    }

    fn inherited(
        &mut self,
        identity: u128,
        owner: u64,
        bytes: u64,
        candidates: &Candidates,
    ) -> Result<u32, StreamError> {
        let found = candidates.find(owner).and_then(|row| {
            let (from, to) = self.own[row as usize];
            // What nobody wrote may stand among them.
            (from..to).find(|&stored| self.identity[stored] == identity && self.writer[stored] == row)
        });
        let stored = if let Some(stored) = found.and_then(|stored| u32::try_from(stored).ok()) {
            stored
        } else {
            self.oddities.unwritten += 1;
            if let Some(&stored) = self.orphans.get(&(owner, identity)) {
                stored
            } else {
                let stored = self.create(identity, owner, NONE, bytes)?;
                self.orphans.insert((owner, identity), stored);
                stored
            }
        };
        self.oddities.other_sizes += u64::from(self.bytes[stored as usize] != bytes);
        Ok(stored)
    }
}
