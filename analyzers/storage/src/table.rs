//! What is remembered of each candidate until its layers come: 29 bytes, and only if layers are read at all.
//!
//! Time is counted in **slots**: slot k is what happens when k candidates have finished, from the k-th finish up to the
//! next. The slot in which a child was submitted is known exactly from its parent's age; where that is missing, and for
//! starts that were not at once, times tell, and of equal times finishes come first, as in the engine.

use lamarck_sdk::Columns;
use lamarck_sdk::model::candidate::value_at;
use lamarck_sdk::prelude::*;

/// No candidate, no slot.
pub(crate) const NONE: u32 = u32::MAX;
/// An id so far beyond the number of rows is not followed, so that wild ids cannot exhaust the memory.
const AHEAD: u64 = 1 << 20;
/// Rows that share a [horizon](Table::horizon).
const BLOCK: usize = 64;

/// Appends, growing by an eighth: doubling would double what ten million candidates take.
#[inline]
fn push<T>(column: &mut Vec<T>, value: T) {
    if column.len() == column.capacity() {
        column.reserve_exact((column.len() / 8).max(4096));
    }
    column.push(value);
}

/// Finished candidates, by row.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    row_of: Vec<u32>,
    /// The row of the donor.
    pub(crate) donor: Vec<u32>,
    /// The slots in which it was submitted and started: it finishes in slot row + 1.
    pub(crate) submitted: Vec<u32>,
    pub(crate) started: Vec<u32>,
    /// The last row whose donor it is.
    pub(crate) last_child: Vec<u32>,
    /// When it finished, never before the row above.
    finished_us: Vec<u64>,
    well: Vec<bool>,
    /// The earliest slot in which a child of this block of rows, or of a later one, was submitted.
    horizons: Vec<u32>,
    /// Whether anybody says when it finished, and when it was submitted.
    pub(crate) has_times: bool,
    pub(crate) has_flights: bool,
    /// Rows with an id that is out of reach or was there before.
    pub(crate) unfollowed: u64,
    /// Candidates that took over layers and did not end well: what they were promised is not in the layers table.
    pub(crate) unseen: u64,
    /// Completions from a child's submission to its finish, summed over children with a donor.
    pub(crate) flight: crate::windows::Mean,
    pub(crate) longest_flight: u64,
}

impl Table {
    pub(crate) fn len(&self) -> usize {
        self.well.len()
    }

    /// The row of a candidate.
    pub(crate) fn find(&self, id: u64) -> Option<u32> {
        let row = *self.row_of.get(usize::try_from(id).ok()?)?;
        (row != NONE).then_some(row)
    }

    pub(crate) fn ended_well(&self, row: u32) -> bool {
        self.well.get(row as usize).copied().unwrap_or(false)
    }

    /// Microseconds from the beginning of one slot to that of another.
    pub(crate) fn between(&self, from: u32, to: u32) -> Option<u64> {
        let at = |slot: u32| match slot.checked_sub(1) {
            None => Some(0),
            Some(row) => self.finished_us.get(row as usize).copied(),
        };
        if self.has_times { at(to)?.checked_sub(at(from)?) } else { None }
    }

    /// Takes in a finished candidate.
    pub(crate) fn add(&mut self, batch: &Columns<'_>, index: usize) -> Result<()> {
        let row = u32::try_from(self.len()).ok().filter(|&row| row < NONE - 1);
        let row = row.with_context(|| format!("there are more than {} finished candidates", NONE - 1))?;
        self.enter(batch.id[index], row);
        let well = batch.status[index] == Status::Ok as u8;
        let latest = self.finished_us.last().copied().unwrap_or(0);
        let finished = value_at(batch.finished_us, index);
        self.has_times |= finished.is_some();
        let donor =
            value_at(batch.donor, index).and_then(|donor| self.find(donor)).filter(|&donor| donor < row);
        let submitted = self.submission(batch, index, row);
        let started = value_at(batch.started_us, index);
        let started = match (submitted, started) {
            (Some(slot), Some(us)) if value_at(batch.submitted_us, index) == Some(us) => slot,
            (slot, Some(us)) if self.has_times => self.slot_at(us).max(slot.unwrap_or(0)),
            (slot, _) => slot.unwrap_or(row),
        };
        let slot = submitted.unwrap_or(row);
        push(&mut self.donor, donor.unwrap_or(NONE));
        push(&mut self.submitted, slot);
        push(&mut self.started, started);
        push(&mut self.last_child, NONE);
        push(&mut self.finished_us, finished.unwrap_or(latest).max(latest));
        push(&mut self.well, well);
        if !well {
            self.unseen += u64::from(value_at(batch.prefix_layers, index).unwrap_or(0) > 0);
        } else if let Some(donor) = donor {
            self.last_child[donor as usize] = row;
            if submitted.is_some() {
                self.has_flights = true;
                let flight = u64::from(row + 1 - slot);
                self.flight.add(flight as f64);
                self.longest_flight = self.longest_flight.max(flight);
            }
        }
        Ok(())
    }

    fn enter(&mut self, id: u64, row: u32) {
        let slot = match usize::try_from(id) {
            Ok(slot) if id < u64::from(row) + AHEAD => slot,
            _ => return self.unfollowed += 1,
        };
        if slot >= self.row_of.len() {
            if slot >= self.row_of.capacity() {
                self.row_of
                    .reserve_exact((slot + 1 - self.row_of.len()).max(self.row_of.len() / 8).max(4096));
            }
            self.row_of.resize(self.row_of.capacity().max(slot + 1), NONE);
        }
        if self.row_of[slot] == NONE {
            self.row_of[slot] = row;
        } else {
            self.unfollowed += 1;
        }
    }

    /// The slot of a submission: by the parent's age when it was chosen, else by the time.
    fn submission(&self, batch: &Columns<'_>, index: usize, row: u32) -> Option<u32> {
        let by_age = || {
            let (parent, age) = (value_at(batch.parent, index)?, value_at(batch.parent_age, index)?);
            let slot = u64::from(self.find(parent)?).checked_add(1)?.checked_add(age)?;
            u32::try_from(slot).ok().filter(|&slot| slot <= row)
        };
        let by_time = || self.has_times.then(|| value_at(batch.submitted_us, index)).flatten();
        by_age().or_else(|| by_time().map(|us| self.slot_at(us)))
    }

    /// How many have finished up to a time, of those so far. Looked for from the end, near which it is.
    fn slot_at(&self, us: u64) -> u32 {
        let mut back = 1;
        let n = self.finished_us.len();
        while back < n && self.finished_us[n - back] > us {
            back *= 2;
        }
        let from = n.saturating_sub(back);
        let slot = from + self.finished_us[from..].partition_point(|&finished| finished <= us);
        // There are fewer rows than 2^32.
        u32::try_from(slot).unwrap_or(NONE)
    }

    /// All candidates have come.
    pub(crate) fn close(&mut self) {
        let mut earliest = NONE;
        let (donor, submitted) = (&self.donor, &self.submitted);
        let blocks = submitted.chunks(BLOCK).zip(donor.chunks(BLOCK)).rev().map(|(slots, donors)| {
            let children = slots.iter().zip(donors).filter(|&(_, &donor)| donor != NONE);
            earliest = children.map(|(&slot, _)| slot).fold(earliest, u32::min);
            earliest
        });
        self.horizons = blocks.collect();
        self.horizons.reverse();
    }

    /// No child from this row on was submitted before this slot: what happened before it is settled.
    pub(crate) fn horizon(&self, row: u32) -> u32 {
        self.horizons.get(row as usize / BLOCK).copied().unwrap_or(NONE)
    }
}
