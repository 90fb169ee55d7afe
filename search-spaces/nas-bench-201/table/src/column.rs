//! One column: 15,625 values in a flat array, each present or missing.
//!
//! Accuracies, parameters and operations count whole things, so they are held as counts. The sources write
//! them as floating-point percentages that carry the noise of summing over batches (81.61599997314453 for
//! 20,404 of 25,000 images); the count is the figure that was measured, is exact, and packs better than any
//! float. The alternative, `f32`, would be larger on disk and further from the source (up to 4e-6 points
//! against 1.7e-7). A column whose values are not near whole counts stays `f64`, so nothing is rounded that
//! was not a count.

use crate::{cell::CELLS, key::ColumnKey};
use serde::{Deserialize, Serialize};

/// Marks a missing count.
pub(crate) const NO_COUNT: u32 = u32::MAX;

/// How a column's values are kept.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Encoding {
    /// 64-bit floating point, as in the source.
    Real,
    /// Whole counts; the value is `count / per_unit`.
    Counts {
        /// How many whole things make one unit: 250 images a percent, 1,000,000 parameters a million.
        per_unit: u32,
    },
    /// `times` the value in another column, which is 64-bit floating point.
    Multiple {
        /// The position of the other column, before this one.
        of: usize,
        /// The factor.
        times: f64,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Storage {
    /// Missing: NaN, always `f64::NAN` itself.
    Real(Box<[f64]>),
    /// Missing: [`NO_COUNT`]. `per_unit` is not 0.
    Counts { counts: Box<[u32]>, per_unit: u32 },
}

/// One column of a [`Table`](crate::Table).
#[derive(Debug, Clone)]
pub struct Column {
    key: ColumnKey,
    encoding: Encoding,
    present: u16,
    max_error: f64,
    pub(crate) storage: Storage,
}

impl Column {
    /// Builds a column; both arrays have [`CELLS`] entries, which the callers see to.
    pub(crate) fn new(key: ColumnKey, encoding: Encoding, storage: Storage, max_error: f64) -> Self {
        let present = match &storage {
            Storage::Real(values) => values.iter().filter(|value| !value.is_nan()).count(),
            Storage::Counts { counts, .. } => counts.iter().filter(|count| **count != NO_COUNT).count(),
        };
        let present = u16::try_from(present).unwrap_or(CELLS);
        Self { key, encoding, present, max_error, storage }
    }

    /// The value of a cell, `None` if the source has none (or there is no such cell).
    #[inline]
    pub fn get(&self, cell: u16) -> Option<f64> {
        let cell = usize::from(cell);
        match &self.storage {
            Storage::Counts { counts, per_unit } => match *counts.get(cell)? {
                NO_COUNT => None,
                count => Some(f64::from(count) / f64::from(*per_unit)),
            },
            Storage::Real(values) => Some(*values.get(cell)?).filter(|value| !value.is_nan()),
        }
    }

    /// The whole count behind a cell's value (images classified rightly, parameters), where the column keeps
    /// counts: exact comparison without floating point.
    pub fn count(&self, cell: u16) -> Option<u32> {
        match &self.storage {
            Storage::Counts { counts, .. } => {
                counts.get(usize::from(cell)).copied().filter(|count| *count != NO_COUNT)
            }
            Storage::Real(_) => None,
        }
    }

    /// The values of all cells in the order of their indices.
    pub fn values(&self) -> impl Iterator<Item = Option<f64>> {
        (0..CELLS).map(|cell| self.get(cell))
    }

    /// What the column holds.
    pub fn key(&self) -> &ColumnKey {
        &self.key
    }

    /// How the values are kept.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// How many cells have a value.
    pub fn present(&self) -> u16 {
        self.present
    }

    /// The largest absolute difference between a value here and the source's 64-bit value, in the quantity's
    /// unit. Measured when the column was built.
    pub fn max_error(&self) -> f64 {
        self.max_error
    }
}
