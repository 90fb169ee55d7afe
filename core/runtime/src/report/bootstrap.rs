//! The median over runs and its bootstrap interval.
//!
//! **The interval is the percentile bootstrap of the median** (B. Efron, "Bootstrap methods: another look at the
//! jackknife", Annals of Statistics 7, 1979, doi:10.1214/aos/1176344552): of [`RESAMPLES`] samples drawn with
//! replacement, the medians that 2.5 % and 97.5 % of them do not exceed.
//!
//! **Ranks are resampled, not values.** A resample's median is known from its two middle ranks, and these do not
//! depend on the values. So the resamples for a number of runs are drawn once, from a stream named after that number,
//! and every statistic over as many runs is read off the same list. It is the same bootstrap, with common random
//! numbers; a curve's band costs a sort of its values instead of a thousand resamples a point, it does not flicker
//! from one x to the next, and the order of the runs plays no role. The closed form of the distribution (Maritz and
//! Jarrett 1978) would do for odd numbers of runs only: for even ones it needs the joint law of two ranks.

use lamarck_model::Rng;
use std::sync::OnceLock;
use xxhash_rust::xxh3::xxh3_64;

/// Resamples of every interval.
pub const RESAMPLES: u32 = 1000;

/// With fewer values there is no interval: of two, it would say no more than the two themselves.
pub const FEWEST: usize = 3;

/// The intervals for all numbers of runs up to a largest one. Resamples are drawn when they are first asked for.
#[derive(Debug)]
pub(super) struct Bootstrap {
    plans: Vec<OnceLock<Plan>>,
}

/// The pairs of middle ranks that resamples had, and how many had them.
#[derive(Debug)]
struct Plan {
    middles: Vec<(usize, usize, u32)>,
}

impl Plan {
    fn new(n: usize) -> Self {
        let mut rng = Rng::from_seed(xxh3_64(format!("lamarck/report/bootstrap/{n}").as_bytes()));
        let (lower, upper) = ((n - 1) / 2, n / 2);
        let mut counts = vec![0_u32; n];
        let mut middles: Vec<(usize, usize)> = (0..RESAMPLES)
            .map(|_| {
                counts.fill(0);
                for _ in 0..n {
                    counts[rng.index(n)] += 1;
                }
                (rank_at(&counts, lower), rank_at(&counts, upper))
            })
            .collect();
        middles.sort_unstable();
        let mut counted: Vec<(usize, usize, u32)> = Vec::new();
        for (lower, upper) in middles {
            match counted.last_mut() {
                Some(last) if (last.0, last.1) == (lower, upper) => last.2 += 1,
                _ => counted.push((lower, upper, 1)),
            }
        }
        Self { middles: counted }
    }
}

/// The rank that stands at a position of a sorted resample, which has each rank so many times.
fn rank_at(counts: &[u32], position: usize) -> usize {
    let mut before = 0;
    for (rank, &count) in counts.iter().enumerate() {
        before += count as usize;
        if before > position {
            return rank;
        }
    }
    counts.len() - 1
}

impl Bootstrap {
    /// For at most so many values.
    pub(super) fn up_to(most: usize) -> Self {
        Self { plans: (0..=most).map(|_| OnceLock::new()).collect() }
    }

    /// Sorts the values and gives their median, and its interval if there are enough.
    pub(super) fn median(&self, values: &mut [f64]) -> (Option<f64>, Option<[f64; 2]>) {
        values.sort_unstable_by(f64::total_cmp);
        (median(values), self.band(values))
    }

    fn band(&self, sorted: &[f64]) -> Option<[f64; 2]> {
        let n = sorted.len();
        if n < FEWEST {
            return None;
        }
        let plan = self.plans.get(n)?.get_or_init(|| Plan::new(n));
        let mut medians: Vec<(f64, u32)> = plan
            .middles
            .iter()
            .map(|&(lower, upper, count)| (sorted[lower].midpoint(sorted[upper]), count))
            .collect();
        if n.is_multiple_of(2) {
            medians.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        }
        let at = |wanted: u32| {
            let mut seen = 0;
            medians.iter().find_map(|&(median, count)| {
                seen += count;
                (seen >= wanted).then_some(median)
            })
        };
        // 2.5 % and 97.5 % of the resamples.
        Some([at(RESAMPLES / 40)?, at(RESAMPLES - RESAMPLES / 40)?])
    }
}

/// The median of sorted values: the mean of the middle two of an even number.
pub(super) fn median(sorted: &[f64]) -> Option<f64> {
    let n = sorted.len();
    (n > 0).then(|| sorted[(n - 1) / 2].midpoint(sorted[n / 2]))
}

/// The standard deviation (n - 1) of two values or more, unless it is beyond all numbers.
pub(super) fn deviation(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let n = values.len() as f64;
    let mean = values.iter().map(|value| value / n).sum::<f64>();
    let squares = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
    lamarck_model::report::finite((squares / (n - 1.0)).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamarck_model::Rng;
    use proptest::prelude::*;

    /// The bootstrap as textbooks write it, with as many draws from a stream of its own.
    fn naive(values: &[f64], resamples: usize) -> [f64; 2] {
        let mut rng = Rng::from_seed(99);
        let mut medians: Vec<f64> = (0..resamples)
            .map(|_| {
                let mut drawn: Vec<f64> = values.iter().map(|_| values[rng.index(values.len())]).collect();
                drawn.sort_unstable_by(f64::total_cmp);
                median(&drawn).unwrap()
            })
            .collect();
        medians.sort_unstable_by(f64::total_cmp);
        [medians[resamples / 40 - 1], medians[resamples - resamples / 40 - 1]]
    }

    /// Of three values, a resample's median is the least with probability 7/27 and the greatest with the same.
    #[test]
    fn three_values_by_hand() {
        let plan = Plan::new(3);
        let ranks: Vec<(usize, usize)> = plan.middles.iter().map(|&(a, b, _)| (a, b)).collect();
        assert_eq!(ranks, [(0, 0), (1, 1), (2, 2)]);
        for (at, expected) in [(0, 7.0 / 27.0), (1, 13.0 / 27.0), (2, 7.0 / 27.0)] {
            let share = f64::from(plan.middles[at].2) / f64::from(RESAMPLES);
            // Five standard errors.
            assert!((share - expected).abs() < 5.0 * (0.25_f64 / 1000.0).sqrt(), "{at}: {share}");
        }
        let (median, band) = Bootstrap::up_to(3).median(&mut [5.0, 1.0, 2.0]);
        assert_eq!((median, band), (Some(2.0), Some([1.0, 5.0])));
    }

    #[test]
    fn few_values_have_no_band() {
        let bootstrap = Bootstrap::up_to(5);
        assert_eq!(bootstrap.median(&mut []), (None, None));
        assert_eq!(bootstrap.median(&mut [4.0]), (Some(4.0), None));
        assert_eq!(bootstrap.median(&mut [4.0, 1.0]), (Some(2.5), None));
        // The largest numbers do not overflow.
        assert_eq!(bootstrap.median(&mut [f64::MAX; 4]), (Some(f64::MAX), Some([f64::MAX; 2])));
    }

    #[test]
    fn deviations() {
        assert_eq!(deviation(&[3.0]), None);
        assert_eq!(deviation(&[1.0, 3.0]), Some(2.0_f64.sqrt()));
        assert_eq!(deviation(&[f64::MAX, f64::MIN]), None);
    }

    /// Ten thousand resamples of values against a thousand of ranks: the ends are at most a few ranks apart.
    #[test]
    fn close_to_resampled_values() {
        for n in [5_usize, 8, 20, 31] {
            let mut values: Vec<f64> = (0..n).map(|i| (i * i) as f64).collect();
            let expected = naive(&values, 10_000);
            let (_, band) = Bootstrap::up_to(n).median(&mut values);
            for (found, expected) in band.unwrap().into_iter().zip(expected) {
                let (a, b) = (found.sqrt(), expected.sqrt());
                assert!((a - b).abs() <= 1.0, "{n} values: rank {a} against {b}");
            }
        }
    }

    proptest! {
        #[test]
        fn the_band_contains_the_median(mut values in prop::collection::vec(-1e300..1e300_f64, 1..70)) {
            let bootstrap = Bootstrap::up_to(values.len());
            let (middle, band) = bootstrap.median(&mut values);
            let middle = middle.unwrap();
            prop_assert_eq!(band.is_some(), values.len() >= FEWEST);
            if let Some([low, high]) = band {
                prop_assert!(low <= middle && middle <= high, "{low} {middle} {high}");
                prop_assert!(values[0] <= low && high <= values[values.len() - 1]);
            }
            values.reverse();
            prop_assert_eq!(bootstrap.median(&mut values), (Some(middle), band));
        }
    }
}
