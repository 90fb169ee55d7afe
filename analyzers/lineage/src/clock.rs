//! When each row finished, in four bytes.

use lamarck_sdk::Nullable;

/// Rows in a block.
const BLOCK: usize = 64;

/// Finishing times by row.
///
/// Rows stand in the order in which they finished, so neighbours are close: a block of 64 keeps the least of its times
/// in full and each row the distance from it, less the low bits that do not fit 32. What is lost is less than a part
/// in 2^31 of the time that 64 completions take (microseconds in most studies: nothing). Eight bytes a row, the
/// alternative, would be a third of all that the analyzer remembers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clock {
    blocks: Vec<(u64, u32)>,
    offsets: Vec<u32>,
    open: Vec<u64>,
}

impl Clock {
    pub(crate) fn push(&mut self, time: Option<u64>) {
        self.open.push(time.unwrap_or(u64::NONE));
        if self.open.len() == BLOCK {
            let known = || self.open.iter().copied().filter_map(Nullable::known);
            let base = known().min().unwrap_or(0);
            let span = known().max().unwrap_or(0) - base;
            // The largest offset must stay below the sentinel.
            let shift = (64 - span.leading_zeros()).saturating_sub(31);
            let offset = |time: &u64| time.known().map_or(u32::NONE, |time| narrow((time - base) >> shift));
            self.offsets.extend(self.open.iter().map(offset));
            self.blocks.push((base, shift));
            self.open.clear();
        }
    }

    /// When a row finished, in microseconds.
    pub(crate) fn get(&self, row: usize) -> Option<u64> {
        let Some(offset) = self.offsets.get(row) else {
            return self.open.get(row - self.offsets.len()).copied().and_then(Nullable::known);
        };
        let (base, shift) = *self.blocks.get(row / BLOCK)?;
        offset.known().map(|offset| base + (u64::from(offset) << shift))
    }
}

fn narrow(offset: u64) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn times_come_back(
            times in prop::collection::vec(prop::option::of(0_u64..u64::MAX - 1), 0..200),
            bits in 0_u32..64,
        ) {
            let mut clock = Clock::default();
            let times: Vec<Option<u64>> = times.into_iter().map(|time| time.map(|time| time >> bits)).collect();
            for &time in &times {
                clock.push(time);
            }
            for (row, &time) in times.iter().enumerate() {
                let found = clock.get(row);
                prop_assert_eq!(found.is_some(), time.is_some());
                if let (Some(found), Some(time)) = (found, time) {
                    prop_assert!(found <= time && time - found <= (u64::MAX >> bits) >> 31);
                }
            }
            prop_assert_eq!(clock.get(times.len()), None);
        }
    }
}
