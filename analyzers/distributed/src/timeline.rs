//! How much of something goes on over time, without knowing beforehand how long the run will be.
//!
//! Time is cut into at most [`BINS`] bins, a power of two of microseconds wide; when the run outgrows them,
//! neighbours are merged. A bin keeps two whole numbers a kind: how many intervals began less how many ended
//! in it, and how much time these add up to from there to the bin's end. From both follows exactly how much
//! went on in each bin, at the cost of four additions an interval, however long that is; nothing is kept for
//! a candidate. Within a bin what goes on counts as even, so what is asked of a moment is off by at most
//! what one bin holds, less than a 1024th of the run, and exact in runs of less than 2048 us.

/// Bins at most; even, so that neighbours can be merged in pairs.
const BINS: usize = 2048;

#[derive(Debug, Clone, Copy, Default)]
struct Bin {
    /// Beginnings less ends.
    net: i64,
    /// What these add up to until the end of the bin.
    rest: i128,
}

/// Intervals of several kinds.
#[derive(Debug, Clone)]
pub(crate) struct Timeline<const KINDS: usize> {
    /// Where the first bin begins.
    base: Option<u64>,
    /// The width of a bin, as a power of two.
    shift: u32,
    bins: Vec<[Bin; KINDS]>,
    /// The latest beginning or end, from the base on: where the last bin really ends.
    latest: u64,
}

impl<const KINDS: usize> Default for Timeline<KINDS> {
    fn default() -> Self {
        Self { base: None, shift: 0, bins: Vec::new(), latest: 0 }
    }
}

impl<const KINDS: usize> Timeline<KINDS> {
    /// Sets where time begins, unless that is done; all that is earlier is moved there.
    pub(crate) fn begin(&mut self, base: u64) {
        self.base.get_or_insert(base);
    }

    /// Adds an interval.
    #[inline]
    pub(crate) fn add(&mut self, kind: usize, from: u64, to: u64) {
        if from < to {
            self.mark(kind, from, 1);
            self.mark(kind, to, -1);
        }
    }

    #[inline]
    fn mark(&mut self, kind: usize, at: u64, sign: i64) {
        let at = at.saturating_sub(*self.base.get_or_insert(at));
        self.latest = self.latest.max(at);
        while at >> self.shift >= BINS as u64 {
            self.widen();
        }
        // Below BINS.
        let index = usize::try_from(at >> self.shift).unwrap_or(BINS - 1);
        if index >= self.bins.len() {
            self.bins.resize(index + 1, [Bin::default(); KINDS]);
        }
        let bin = &mut self.bins[index][kind];
        let left = (1_u64 << self.shift) - (at & ((1 << self.shift) - 1));
        bin.net += sign;
        bin.rest += i128::from(sign) * i128::from(left);
    }

    fn widen(&mut self) {
        let width = 1_i128 << self.shift;
        let merge = |pair: &[[Bin; KINDS]]| {
            let mut merged = pair[0];
            for (kind, bin) in merged.iter_mut().enumerate() {
                let second = pair.get(1).map_or_else(Bin::default, |pair| pair[kind]);
                bin.rest += i128::from(bin.net) * width + second.rest;
                bin.net += second.net;
            }
            merged
        };
        self.bins = self.bins.chunks(2).map(merge).collect();
        // At most 64 - 11: a time has 64 bits.
        self.shift += 1;
    }

    /// What went on of some kinds together, added up over time.
    pub(crate) fn sums(&self, kinds: &[usize]) -> Sums {
        let width = 1_i128 << self.shift;
        let (mut going, mut sum) = (0_i128, 0_i128);
        let mut ends = vec![0.0];
        for bin in &self.bins {
            sum += going * width;
            for &kind in kinds {
                sum += bin[kind].rest;
                going += i128::from(bin[kind].net);
            }
            ends.push(sum as f64);
        }
        Sums { base: self.base.unwrap_or(0), width: width as f64, latest: self.latest as f64, ends }
    }
}

/// Time spent until a moment.
#[derive(Debug, Clone)]
pub(crate) struct Sums {
    base: u64,
    width: f64,
    latest: f64,
    ends: Vec<f64>,
}

impl Sums {
    /// Microseconds until `at`.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most the number of bins")]
    pub(crate) fn until(&self, at: f64) -> f64 {
        let at = (at - self.base as f64).clamp(0.0, self.latest);
        let last = self.ends.len().saturating_sub(2);
        let bin = ((at / self.width).floor() as usize).min(last);
        let start = bin as f64 * self.width;
        // Nothing goes on in the last bin after the latest end.
        let length = if bin == last { self.latest - start } else { self.width };
        let part = if length > 0.0 { (at - start) / length } else { 0.0 };
        let next = self.ends.get(bin + 1).copied().unwrap_or(0.0);
        self.ends[bin] + (next - self.ends[bin]) * part.min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn naive(intervals: &[(u64, u64)], at: u64) -> u64 {
        intervals.iter().map(|&(from, to)| to.min(at).saturating_sub(from)).sum()
    }

    proptest! {
        #[test]
        fn as_if_all_intervals_were_kept(
            intervals in prop::collection::vec((0_u64..1000, 0_u64..500), 0..40), bits in 0_u32..30, base in 0..5_u64,
        ) {
            let intervals: Vec<(u64, u64)> = intervals
                .iter()
                .map(|&(from, length)| (base + (from << bits), base + ((from + length) << bits)))
                .collect();
            let mut timeline = Timeline::<2>::default();
            timeline.begin(base);
            for (i, &(from, to)) in intervals.iter().enumerate() {
                timeline.add(i % 2, from, to);
            }
            let both = timeline.sums(&[0, 1]);
            let (a, b) = (timeline.sums(&[0]), timeline.sums(&[1]));
            let last = intervals.iter().map(|interval| interval.1).max().unwrap_or(base);
            let width = (both.width * 40.0).max(1e-9);
            for step in 0..=50 {
                let at = base + (last - base) * step / 50;
                let (found, expected) = (both.until(at as f64), naive(&intervals, at) as f64);
                // Exact as long as a bin is a microsecond wide, and at the end.
                let slack = if both.width <= 1.0 || at == last { 1e-6 } else { width };
                prop_assert!((found - expected).abs() <= slack, "{} {} {}", at, found, expected);
                prop_assert!((found - a.until(at as f64) - b.until(at as f64)).abs() <= 1e-3);
            }
        }
    }

    #[test]
    fn times_at_the_end_of_the_range() {
        let mut timeline = Timeline::<1>::default();
        timeline.begin(10);
        timeline.add(0, 0, 5);
        timeline.add(0, 1, u64::MAX - 1);
        assert!((timeline.sums(&[0]).until(u64::MAX as f64) / u64::MAX as f64 - 1.0).abs() < 1e-9);
        assert!(Timeline::<1>::default().sums(&[0]).until(3.0).abs() < 1e-12);
    }
}
