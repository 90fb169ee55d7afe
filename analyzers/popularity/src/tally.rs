//! Counting donations by whatever lends, and how unevenly they are spread.

/// Marks a donor as seen while a window is walked; no window holds two thousand million donations.
pub(crate) const SEEN: u32 = 1 << 31;

/// Room for ranking keys.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    /// By key; all 0 between uses.
    counts: Vec<u32>,
    sorted: Vec<u64>,
}

impl Tally {
    /// Keys, each once with how often `keys` has it, into `out`: the most first, then the lower key.
    pub(crate) fn ranking(&mut self, keys: impl Iterator<Item = u32>, out: &mut Vec<(u32, u32)>) {
        out.clear();
        for key in keys {
            let at = key as usize;
            if self.counts.len() <= at {
                self.counts.resize(at + 1, 0);
            }
            if self.counts[at] == 0 {
                out.push((key, 0));
            }
            self.counts[at] += 1;
        }
        for (key, count) in &mut *out {
            *count = std::mem::take(&mut self.counts[*key as usize]);
        }
        self.sort(out);
    }

    /// Sorts keys by their counts: the most first, then the lower key.
    pub(crate) fn sort(&mut self, ranking: &mut [(u32, u32)]) {
        // As one number a key, which sorts several times as fast as a pair.
        let packed = ranking.iter().map(|&(key, count)| (u64::from(u32::MAX - count) << 32) | u64::from(key));
        self.sorted.clear();
        self.sorted.extend(packed);
        self.sorted.sort_unstable();
        #[expect(clippy::cast_possible_truncation, reason = "the halves are taken apart again")]
        for (pair, &packed) in ranking.iter_mut().zip(&self.sorted) {
            *pair = (packed as u32, u32::MAX - (packed >> 32) as u32);
        }
    }
}

/// How unevenly donations are spread over those who donate at all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Concentration {
    pub(crate) first: f64,
    pub(crate) first_five: f64,
    pub(crate) first_ten: f64,
    /// 0 when all donate as often.
    pub(crate) gini: f64,
    /// The inverse of Simpson's index: so many donors, all donating as often, would give the same chance that two
    /// donations come from one donor.
    pub(crate) effective: f64,
}

impl Concentration {
    /// Of counts that are above zero, in descending order; `None` when there are none.
    pub(crate) fn of(counts: impl ExactSizeIterator<Item = u32>) -> Option<Self> {
        let n = counts.len() as f64;
        let (mut sum, mut squares, mut spread, mut first) = (0.0, 0.0, 0.0, [0.0; 10]);
        for (i, count) in counts.enumerate() {
            let count = f64::from(count);
            sum += count;
            squares += count * count;
            // The sum over ascending ranks i of (2 i - n - 1) x, here with descending ranks from 0.
            spread += (n - 1.0 - 2.0 * i as f64) * count;
            if let Some(place) = first.get_mut(i) {
                *place = count;
            }
        }
        let share = |most: usize| first[..most].iter().sum::<f64>() / sum;
        (sum > 0.0).then(|| Self {
            first: share(1),
            first_five: share(5),
            first_ten: share(10),
            gini: (spread / (n * sum)).clamp(0.0, 1.0),
            effective: sum * sum / squares,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(counts: &[u32]) -> Option<Concentration> {
        Concentration::of(counts.iter().copied())
    }

    #[test]
    fn by_hand() {
        assert_eq!(of(&[]), None);
        let one = of(&[4]).unwrap();
        assert_eq!((one.first, one.gini, one.effective), (1.0, 0.0, 1.0));
        // 3, 1, 1, 1: shares 1/2; Gini (3*3 + 1*1 - 1 - 3) / (4 * 6) = 6 / 24; Simpson (9 + 1 + 1 + 1) / 36.
        let uneven = of(&[3, 1, 1, 1]).unwrap();
        assert_eq!((uneven.first, uneven.first_five, uneven.gini, uneven.effective), (0.5, 1.0, 0.25, 3.0));
    }

    proptest! {
        #[test]
        fn within_bounds(mut counts in prop::collection::vec(1_u32..50, 1..40)) {
            counts.sort_unstable_by(|a, b| b.cmp(a));
            let all = of(&counts).unwrap();
            prop_assert!((0.0..=1.0).contains(&all.gini));
            prop_assert!(all.first <= all.first_five && all.first_five <= all.first_ten && all.first_ten <= 1.0 + 1e-12);
            prop_assert!(all.effective >= 1.0 - 1e-12 && all.effective <= counts.len() as f64 + 1e-9);
            // Gini by its definition: the mean difference of all pairs over twice the mean.
            let (n, mean) = (counts.len() as f64, f64::from(counts.iter().sum::<u32>()) / counts.len() as f64);
            let pairs: f64 = counts.iter().flat_map(|a| counts.iter().map(move |b| f64::from(a.abs_diff(*b)))).sum();
            prop_assert!((all.gini - pairs / (2.0 * n * n * mean)).abs() < 1e-9);
        }

        #[test]
        fn rankings_are_those_of_counting(keys in prop::collection::vec(0_u32..12, 0..60)) {
            let mut tally = Tally::default();
            let mut ranking = Vec::new();
            tally.ranking(keys.iter().copied(), &mut ranking);
            let mut naive: Vec<(u32, u32)> = (0..12)
                .map(|key| (key, keys.iter().map(|&of| u32::from(of == key)).sum()))
                .filter(|of| of.1 > 0)
                .collect();
            naive.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
            prop_assert_eq!(&ranking, &naive);
            prop_assert!(keys.iter().all(|&key| tally.counts.get(key as usize) == Some(&0)));
        }
    }
}
