//! Counts of whole numbers from which quantiles can be read and which can be added to each other.
//!
//! Windows are merged when a run turns out to be long, and quantiles of two windows say nothing about those of both;
//! counts do. Numbers below 256 have a bucket each, larger ones 128 buckets an octave, so a quantile is off by at most
//! 0.4 %; where all numbers of a bucket are the same, it is exact. Buckets get a slot when they are first needed: a space has few sizes, and a window then a few dozen counters
//! instead of thousands. The layout is that of HdrHistogram; a crate for it would have its own for every window.

/// Numbers with a bucket of their own.
const EXACT: u64 = 256;
/// 256, and 128 for each of the 56 octaves above.
const BUCKETS: usize = 256 + 56 * 128;
const NO_SLOT: u16 = u16::MAX;

/// The bucket of a number.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "small numbers, and the seven bits below the highest")]
fn bucket(value: u64) -> usize {
    if value < EXACT {
        return value as usize;
    }
    let octave = value.ilog2();
    let fine = (value >> (octave - 7)) as usize & 127;
    256 + (octave as usize - 8) * 128 + fine
}

/// A bucket that has a number in it.
#[derive(Debug, Clone, Copy)]
struct Slot {
    bucket: usize,
    /// The smallest and the largest number seen.
    from: u64,
    to: u64,
}

/// Which bucket stands in which slot of the [`Histogram`]s that share it.
#[derive(Debug, Clone)]
pub(crate) struct Scale {
    /// By bucket.
    places: Box<[u16]>,
    slots: Vec<Slot>,
}

impl Default for Scale {
    fn default() -> Self {
        Self { places: vec![NO_SLOT; BUCKETS].into(), slots: Vec::new() }
    }
}

impl Scale {
    #[inline]
    fn slot(&mut self, value: u64) -> usize {
        let bucket = bucket(value);
        let place = usize::from(self.places[bucket]);
        match self.slots.get_mut(place) {
            Some(slot) => {
                // Written seldom: a store that the next candidate's load waits for would cost more than the branch.
                if value < slot.from || value > slot.to {
                    (slot.from, slot.to) = (slot.from.min(value), slot.to.max(value));
                }
                place
            }
            None => self.assign(bucket, value),
        }
    }

    #[cold]
    #[expect(clippy::cast_possible_truncation, reason = "there are fewer buckets than 16 bits can number")]
    fn assign(&mut self, bucket: usize, value: u64) -> usize {
        let place = self.slots.len();
        self.places[bucket] = place as u16;
        self.slots.push(Slot { bucket, from: value, to: value });
        place
    }
}

/// Counts of numbers, by slot.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Histogram(Vec<u32>);

impl Histogram {
    #[inline]
    pub(crate) fn add(&mut self, value: u64, scale: &mut Scale) {
        let slot = scale.slot(value);
        if self.0.len() <= slot {
            self.0.resize(slot + 1, 0);
        }
        self.0[slot] += 1;
    }

    pub(crate) fn absorb(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (sum, count) in self.0.iter_mut().zip(&other.0) {
            *sum = sum.saturating_add(*count);
        }
    }

    /// How many numbers were counted.
    pub(crate) fn n(&self) -> u64 {
        self.0.iter().map(|&count| u64::from(count)).sum()
    }

    /// Buckets with numbers in them, ascending: the middle of the numbers that the run had there, and the count.
    pub(crate) fn entries(&self, scale: &Scale) -> Vec<(f64, u64)> {
        let mut counted: Vec<(&Slot, u32)> =
            scale.slots.iter().zip(self.0.iter().copied()).filter(|(_, count)| *count > 0).collect();
        counted.sort_unstable_by_key(|(slot, _)| slot.bucket);
        let middle = |slot: &Slot| slot.from as f64 + (slot.to - slot.from) as f64 / 2.0;
        counted.into_iter().map(|(slot, count)| (middle(slot), u64::from(count))).collect()
    }

    /// For each share, ascending, the smallest number that so many are not above.
    pub(crate) fn quantiles<const N: usize>(&self, shares: [f64; N], scale: &Scale) -> Option<[f64; N]> {
        let (entries, n) = (self.entries(scale), self.n());
        let at = |share: f64| {
            let mut seen = 0;
            let wanted = share * n as f64;
            let found = entries.iter().find(|(_, count)| {
                seen += count;
                seen as f64 >= wanted
            });
            found.or(entries.last()).map(|entry| entry.0)
        };
        let mut values = [0.0; N];
        for (value, share) in values.iter_mut().zip(shares) {
            *value = at(share)?;
        }
        Some(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn small_numbers_are_exact() {
        let (mut scale, mut histogram) = (Scale::default(), Histogram::default());
        assert_eq!(histogram.quantiles([0.5], &scale), None);
        for value in [9, 1, 5, 3, 7] {
            histogram.add(value, &mut scale);
        }
        assert_eq!(histogram.quantiles([0.1, 0.5, 0.9], &scale), Some([1.0, 5.0, 9.0]));
        assert_eq!((bucket(u64::MAX), bucket(256), bucket(257), bucket(258)), (BUCKETS - 1, 256, 256, 257));
        // One size is exact, two in a bucket are not told apart.
        let mut large = Histogram::default();
        large.add(1_000_000, &mut scale);
        assert_eq!(large.quantiles([0.5], &scale), Some([1_000_000.0]));
        large.add(1_000_002, &mut scale);
        assert_eq!(large.quantiles([0.5], &scale), Some([1_000_001.0]));
    }

    proptest! {
        #[test]
        fn quantiles_of_merged_counts_are_near_those_of_the_sorted_numbers(
            a in prop::collection::vec(0..1_u64 << 40, 1..60),
            b in prop::collection::vec(0..2000_u64, 0..60),
            share in 0.0..1.0_f64,
        ) {
            let mut scale = Scale::default();
            let (mut left, mut right) = (Histogram::default(), Histogram::default());
            for &value in &a {
                left.add(value, &mut scale);
            }
            for &value in &b {
                right.add(value, &mut scale);
            }
            left.absorb(&right);
            let mut all = [a, b].concat();
            all.sort_unstable();
            prop_assert_eq!(left.n(), all.len() as u64);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a position in a short list")]
            let rank = ((share * all.len() as f64).ceil() as usize).max(1) - 1;
            let [found] = left.quantiles([share], &scale).unwrap();
            let exact = all[rank] as f64;
            prop_assert!((found - exact).abs() <= exact * 0.004, "{} for {}", found, exact);
        }
    }
}
