//! What is kept of the `candidates` table: flat arrays by row, in the order in which candidates finished.

use super::error::StreamError;
use lamarck_sdk::{Columns, Nullable, Status};

/// No row, no object.
pub(crate) const NONE: u32 = u32::MAX;

/// An id this far beyond the number of rows is not followed, so that wild ids cannot exhaust the memory.
const WILD: u64 = 1 << 20;

/// Candidates by row.
#[derive(Debug, Clone, Default)]
pub(crate) struct Candidates {
    row_of: Vec<u32>,
    pub(crate) id: Vec<u64>,
    parent: Vec<u64>,
    donor: Vec<u64>,
    pub(crate) submitted: Vec<u64>,
    pub(crate) started: Vec<u64>,
    pub(crate) finished: Vec<u64>,
    pub(crate) node: Vec<u32>,
    score: Vec<f64>,
    status: Vec<u8>,
    pub(crate) prefix_bytes: Vec<u64>,
    /// Rows whose id is far beyond the number of rows, or was there before.
    pub(crate) unfollowed: u64,
}

/// What a row has in a column that may be empty.
fn at<T: Nullable>(column: &[T], row: usize) -> T {
    column.get(row).copied().unwrap_or(T::NONE)
}

impl Candidates {
    pub(crate) fn len(&self) -> usize {
        self.id.len()
    }

    pub(crate) fn add(&mut self, batch: &Columns<'_>) -> Result<(), StreamError> {
        if !batch.is_consistent() {
            return Err(StreamError::Inconsistent { table: "candidates" });
        }
        for row in 0..batch.len() {
            let here = u32::try_from(self.len()).ok().filter(|&here| here < NONE);
            let here = here.ok_or(StreamError::TooMany { what: "candidates" })?;
            self.enter(batch.id[row], here);
            self.id.push(batch.id[row]);
            self.parent.push(at(batch.parent, row));
            self.donor.push(at(batch.donor, row));
            self.submitted.push(at(batch.submitted_us, row));
            self.started.push(at(batch.started_us, row));
            self.finished.push(at(batch.finished_us, row));
            self.node.push(at(batch.node, row));
            self.score.push(at(batch.score, row));
            self.status.push(batch.status[row]);
            self.prefix_bytes.push(at(batch.prefix_bytes, row).known().unwrap_or(0));
        }
        Ok(())
    }

    fn enter(&mut self, id: u64, row: u32) {
        let at = match usize::try_from(id) {
            Ok(at) if id <= u64::from(row) + WILD => at,
            _ => return self.unfollowed += 1,
        };
        if at >= self.row_of.len() {
            self.row_of.resize(at + 1, NONE);
        }
        if self.row_of[at] == NONE {
            self.row_of[at] = row;
        } else {
            self.unfollowed += 1;
        }
    }

    /// The row of a candidate.
    pub(crate) fn find(&self, id: u64) -> Option<u32> {
        let row = *self.row_of.get(usize::try_from(id).ok()?)?;
        (row != NONE).then_some(row)
    }

    /// The row of the candidate that this one descends from: its parent, else its donor. Only rows before its own are
    /// followed, so that descent has no circles whatever a trace says.
    pub(crate) fn ancestor(&self, row: u32) -> Option<u32> {
        let of = |column: &[u64]| column[row as usize].known().and_then(|id| self.find(id));
        of(&self.parent).or_else(|| of(&self.donor)).filter(|&ancestor| ancestor < row)
    }

    /// The score; minus infinity without one, which is worse than any.
    pub(crate) fn score(&self, row: u32) -> f64 {
        let score = self.score[row as usize];
        if score.is_nan() || !self.is_ok(row) { f64::NEG_INFINITY } else { score }
    }

    pub(crate) fn is_ok(&self, row: u32) -> bool {
        self.status[row as usize] == Status::Ok as u8
    }

    /// Whether the strategy was told of it, and made it a member.
    pub(crate) fn enters(&self, row: u32, failures_enter: bool) -> bool {
        self.status[row as usize] != Status::Interrupted as u8 && (failures_enter || self.is_ok(row))
    }
}
