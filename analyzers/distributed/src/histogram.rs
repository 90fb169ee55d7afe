//! How whole numbers are distributed, in a memory that does not depend on how many there are.
//!
//! Numbers below 256 have a bucket each; every octave above has 128. So quantiles of small numbers are exact
//! and those of large ones off by less than 0.4 %, whatever their range. Keeping all numbers, the
//! alternative, would cost eight bytes for each; buckets of equal width would need the range beforehand.

/// Numbers below this have a bucket of their own.
const EXACT: u64 = 256;
/// Buckets in an octave, as a power of two.
const BITS: u32 = 7;

/// Counts in buckets.
#[derive(Debug, Clone, Default)]
pub(crate) struct Histogram {
    counts: Vec<u64>,
    pub(crate) n: u64,
    sum: u128,
    pub(crate) largest: u64,
}

/// The bucket of a number.
#[inline]
fn bucket(value: u64) -> usize {
    if value < EXACT {
        return usize::try_from(value).unwrap_or(0);
    }
    let octave = value.ilog2();
    let part = (value >> (octave - BITS)) - (1 << BITS);
    // At most 256 + 56 * 128.
    usize::try_from(EXACT + (u64::from(octave - 8) << BITS) + part).unwrap_or(usize::MAX)
}

/// The least number of a bucket, and how many it has.
fn range(bucket: usize) -> (u64, u64) {
    let bucket = bucket as u64;
    let Some(above) = bucket.checked_sub(EXACT) else { return (bucket, 1) };
    let shift = (above >> BITS) + 1;
    (((above & ((1 << BITS) - 1)) + (1 << BITS)) << shift, 1 << shift)
}

impl Histogram {
    #[inline]
    pub(crate) fn add(&mut self, value: u64) {
        let at = bucket(value);
        if at >= self.counts.len() {
            self.counts.resize(at + 1, 0);
        }
        self.counts[at] += 1;
        self.n += 1;
        self.sum += u128::from(value);
        self.largest = self.largest.max(value);
    }

    /// The mean, exact.
    pub(crate) fn mean(&self) -> Option<f64> {
        (self.n > 0).then(|| self.sum as f64 / self.n as f64)
    }

    /// The sum, exact.
    pub(crate) fn sum(&self) -> f64 {
        self.sum as f64
    }

    /// Buckets that have any, as their middle and count.
    fn middles(&self) -> impl Iterator<Item = (f64, u64)> + '_ {
        let middle = |at: usize| {
            let (least, many) = range(at);
            least as f64 + (many - 1) as f64 / 2.0
        };
        self.counts.iter().enumerate().filter(|(_, count)| **count > 0).map(move |(at, &n)| (middle(at), n))
    }

    /// The standard deviation, of buckets' middles.
    pub(crate) fn deviation(&self) -> Option<f64> {
        let mean = self.mean().filter(|_| self.n > 1)?;
        let squares: f64 = self.middles().map(|(value, n)| n as f64 * (value - mean).powi(2)).sum();
        Some((squares / (self.n - 1) as f64).sqrt())
    }

    /// The least number that at least this share of all are not above.
    pub(crate) fn quantile(&self, share: f64) -> Option<f64> {
        let wanted = share * self.n as f64;
        let mut seen = 0;
        let found = self.middles().find(|&(_, n)| {
            seen += n;
            seen as f64 >= wanted
        });
        found.map(|(value, _)| value.min(self.largest as f64))
    }

    /// The share of numbers below `limit`; exact for limits below 256 and for those that are a power of two,
    /// or such a one and a multiple of its 128th.
    pub(crate) fn share_below(&self, limit: u64) -> Option<f64> {
        let below: u64 = self.counts.iter().take(bucket(limit)).sum();
        (self.n > 0).then(|| below as f64 / self.n as f64)
    }

    /// The length of the mean of unit vectors that turn once every `period`: 1 when all numbers are alike up
    /// to whole periods, 0 when they are spread evenly over them.
    pub(crate) fn coherence(&self, period: f64) -> Option<f64> {
        let turn = std::f64::consts::TAU / period;
        let (mut x, mut y) = (0.0, 0.0);
        for (value, n) in self.middles() {
            let (sin, cos) = (value * turn).sin_cos();
            x += n as f64 * cos;
            y += n as f64 * sin;
        }
        (self.n > 0).then(|| x.hypot(y) / self.n as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn quantiles_are_near_those_of_the_sorted_numbers(
            mut values in prop::collection::vec((any::<u64>(), 0_u32..64), 1..200), share in 0.0..=1.0_f64,
        ) {
            let mut histogram = Histogram::default();
            let mut numbers: Vec<u64> = values.drain(..).map(|(value, bits)| value >> bits).collect();
            for &number in &numbers {
                histogram.add(number);
            }
            numbers.sort_unstable();
            let at = numbers.iter().zip(1..).find(|(_, n)| f64::from(*n) >= share * numbers.len() as f64);
            let exact = *at.unwrap().0 as f64;
            let found = histogram.quantile(share).unwrap();
            prop_assert!((found - exact).abs() <= exact / 255.0, "{} {}", found, exact);
            prop_assert_eq!(histogram.largest, *numbers.last().unwrap());
            for limit in [1, 100, 256, 1 << 20, (1 << 20) + (1 << 17)] {
                let below = numbers.iter().filter(|&&number| number < limit).count() as f64;
                prop_assert_eq!(histogram.share_below(limit), Some(below / numbers.len() as f64));
            }
        }

        #[test]
        fn buckets_are_ranges(value in any::<u64>(), bits in 0_u32..64) {
            let value = value >> bits;
            let (least, many) = range(bucket(value));
            prop_assert!(least <= value && value - least < many);
        }
    }

    #[test]
    fn coherence_of_what_is_alike_and_of_what_is_spread() {
        let (mut alike, mut spread) = (Histogram::default(), Histogram::default());
        // Below 256, where every number has a bucket of its own.
        for value in 0..30 {
            alike.add(8 * value + 3);
        }
        (0..40).for_each(|value| spread.add(value));
        assert!((alike.coherence(8.0).unwrap() - 1.0).abs() < 1e-12);
        assert!(spread.coherence(8.0).unwrap() < 1e-9);
        assert_eq!((Histogram::default().mean(), Histogram::default().quantile(0.5)), (None, None));
    }
}
