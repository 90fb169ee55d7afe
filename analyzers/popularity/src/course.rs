//! Measurements over the course of a run, at most two hundred positions however long it is.
//!
//! **The rule**: a position is one window; when a run has more than 200 windows, positions are widened to 2, 4, 8, ..
//! windows, the least power of two with which 200 suffice, and show means over their windows. Two runs of the same
//! length have the same positions, whatever happened in them; and widening needs no second look at the run.
//!
//! **Sampling**: windows of candidates are all measured up to the 6,400th. Where positions have 64 windows or more, the
//! first two of every 2^s windows are measured, s such that each position has 16 such pairs, and stand for all 2^s:
//! half of them each, and for the turnover the second alone. So means weigh all parts of a run alike, though its
//! beginning is measured more closely, and a run of any length costs some hundred windows for each doubling once it is
//! that long. Windows of virtual time are all measured: theirs is a number that one leap of time can multiply.

use std::collections::BTreeMap;

pub(crate) const POSITIONS: u64 = 200;

/// How many windows a position has.
#[derive(Debug, Clone, Copy, Default)]
struct Width(u32);

impl Width {
    fn position(self, window: u64) -> usize {
        // Below `POSITIONS` after `fits`.
        usize::try_from(window >> self.0).unwrap_or(usize::MAX)
    }

    /// Widens by a factor of two if the window lies beyond the last position.
    fn fits(&mut self, window: u64) -> bool {
        let fits = window >> self.0 < POSITIONS;
        if !fits {
            self.0 += 1;
        }
        fits
    }

    fn ends(self, position: usize) -> f64 {
        (position as f64 + 1.0) * f64::from(self.0).exp2()
    }
}

/// Two to this power are the pairs of windows that are measured a position.
const PAIRS: u32 = 4;

/// Which windows are measured.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sampling(Width);

impl Sampling {
    /// For how many windows the measurement of a window stands; `None` if it is not measured.
    #[inline]
    pub(crate) fn weight(&mut self, window: u64) -> Option<u64> {
        while !self.0.fits(window) {}
        match self.0.0.saturating_sub(PAIRS) {
            0 | 1 => Some(1),
            stretch => (window % (1 << stretch) < 2).then_some(1 << (stretch - 1)),
        }
    }
}

/// Weighted sum of what was measured, the weights, and the number of measurements.
#[derive(Debug, Clone, Copy, Default)]
struct Mean {
    sum: f64,
    weight: u64,
    n: u64,
}

impl Mean {
    fn add(&mut self, other: Self) {
        self.sum += other.sum;
        self.weight += other.weight;
        self.n += other.n;
    }

    fn value(self) -> f64 {
        self.sum / self.weight as f64
    }
}

/// `K` numbers a window.
#[derive(Debug, Clone)]
pub(crate) struct Course<const K: usize> {
    width: Width,
    cells: Vec<[Mean; K]>,
    all: [Mean; K],
}

impl<const K: usize> Default for Course<K> {
    fn default() -> Self {
        Self { width: Width::default(), cells: Vec::new(), all: [Mean::default(); K] }
    }
}

impl<const K: usize> Course<K> {
    /// Adds what was measured in a window, with how many windows each stands for; `None` where there was nothing to
    /// measure.
    pub(crate) fn add(&mut self, window: u64, weights: [u64; K], values: [Option<f64>; K]) {
        while !self.width.fits(window) {
            let halves = self.cells.chunks(2).map(|pair| {
                let mut sum = pair[0];
                for (mean, other) in sum.iter_mut().zip(pair.get(1).into_iter().flatten()) {
                    mean.add(*other);
                }
                sum
            });
            self.cells = halves.collect();
        }
        let position = self.width.position(window);
        if self.cells.len() <= position {
            self.cells.resize(position + 1, [Mean::default(); K]);
        }
        for (k, value) in values.into_iter().enumerate() {
            let Some(sum) = value.filter(|value| value.is_finite()) else { continue };
            let mean = Mean { sum: sum * weights[k] as f64, weight: weights[k], n: 1 };
            self.cells[position][k].add(mean);
            self.all[k].add(mean);
        }
    }

    /// One of the numbers: the end of each position, in windows, and the mean there; not a number where nothing was
    /// measured.
    pub(crate) fn points(&self, k: usize) -> impl Iterator<Item = (f64, f64)> {
        self.cells.iter().enumerate().map(move |(i, cells)| (self.width.ends(i), cells[k].value()))
    }

    /// The mean of one of the numbers over all windows, and in how many it was measured.
    pub(crate) fn mean(&self, k: usize) -> Option<(f64, u64)> {
        let all = self.all[k];
        (all.n > 0).then(|| (all.value(), all.n))
    }
}

/// Who donated how often.
#[derive(Debug, Clone, Default)]
struct Stretch {
    donations: u64,
    /// Keys with their donations: of the most popular ones only, ascending, once it is [tidy](Self::tidy).
    most: Vec<(u32, u64)>,
}

impl Stretch {
    /// Adds up the donations of each key, and keeps those of the `KEPT` with the most.
    fn tidy(&mut self) {
        let most = &mut self.most;
        most.sort_unstable_by_key(|of| of.0);
        most.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        if most.len() > KEPT {
            most.sort_unstable_by_key(|&(key, count)| (std::cmp::Reverse(count), key));
            most.truncate(KEPT);
            most.sort_unstable_by_key(|of| of.0);
        }
        most.shrink_to(2 * KEPT);
    }

    /// One stretch of all.
    fn merge(parts: &[Self]) -> Self {
        let mut sum = Self {
            donations: parts.iter().map(|part| part.donations).sum(),
            most: parts.iter().flat_map(|part| part.most.iter().copied()).collect(),
        };
        sum.tidy();
        sum
    }
}

/// Donations of the most popular keys over the course of a run.
///
/// A position keeps the `KEPT` keys with the most donations, and so does a widened one of those of its halves: exact
/// while positions have at most so many donors; else a lower bound for keys that were among the lesser ones
/// somewhere. What is not kept counts as others'.
#[derive(Debug, Clone, Default)]
pub(crate) struct Popular {
    width: Width,
    stretches: Vec<Stretch>,
    /// Windows that were measured or stood for, those in which nobody donated too.
    windows: u64,
}

const KEPT: usize = 128;

/// Entries of a position before they are added up; adding up at each window would cost more than all else.
const ENTRIES: usize = 2048;

/// Bands of donations over the course of a run.
pub(crate) struct Bands {
    /// The end of each position, in windows.
    pub(crate) ends: Vec<f64>,
    /// Keys with their donations a window at each position, the most donations first.
    pub(crate) keys: Vec<(u32, Vec<f64>)>,
    /// All others' donations a window.
    pub(crate) others: Vec<f64>,
}

impl Popular {
    /// Adds the ranking of a window that stands for `weight` windows.
    pub(crate) fn add(&mut self, window: u64, weight: u64, ranking: &[(u32, u32)]) {
        while !self.width.fits(window) {
            self.stretches = self.stretches.chunks(2).map(Stretch::merge).collect();
        }
        let stretch_begins = window & !(2 * weight - 1);
        let until =
            if weight > 1 { stretch_begins + (window % 2 + 1) * weight } else { window.saturating_add(1) };
        self.windows = self.windows.max(until);
        let position = self.width.position(window);
        if self.stretches.len() <= position {
            if let Some(done) = self.stretches.last_mut() {
                done.tidy();
            }
            self.stretches.resize_with(position + 1, Stretch::default);
        }
        let here = &mut self.stretches[position];
        for &(key, count) in ranking {
            here.donations += weight * u64::from(count);
            here.most.push((key, weight * u64::from(count)));
        }
        if here.most.len() > ENTRIES {
            here.tidy();
        }
    }

    /// The `top` keys with the most donations (ties: the lower key) as bands.
    pub(crate) fn bands(&self, top: usize) -> Bands {
        let mut stretches = self.stretches.clone();
        stretches.iter_mut().for_each(Stretch::tidy);
        let mut totals: BTreeMap<u32, u64> = BTreeMap::new();
        for &(key, count) in stretches.iter().flat_map(|stretch| &stretch.most) {
            *totals.entry(key).or_default() += count;
        }
        let mut order: Vec<(u32, u64)> = totals.into_iter().collect();
        order.sort_by_key(|&(key, count)| (std::cmp::Reverse(count), key));
        order.truncate(top);
        let a_window = |count: u64, position: usize| {
            // The last position may have fewer windows than the others.
            let (from, width) = ((position as u64) << self.width.0, 1 << self.width.0);
            count as f64 / self.windows.saturating_sub(from).clamp(1, width) as f64
        };
        let count = |stretch: &Stretch, key: u32| {
            stretch.most.binary_search_by_key(&key, |of| of.0).map_or(0, |at| stretch.most[at].1)
        };
        let band = |key| {
            let counts = stretches.iter().map(|stretch| count(stretch, key));
            counts.enumerate().map(|(at, count)| a_window(count, at)).collect()
        };
        let others = |(at, stretch): (usize, &Stretch)| {
            let named: u64 = order.iter().map(|&(key, _)| count(stretch, key)).sum();
            a_window(stretch.donations - named, at)
        };
        Bands {
            ends: (0..stretches.len()).map(|i| self.width.ends(i)).collect(),
            keys: order.iter().map(|&(key, _)| (key, band(key))).collect(),
            others: stretches.iter().enumerate().map(others).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_runs_are_widened() {
        let mut course = Course::<1>::default();
        for window in 0..200 {
            course.add(window, [1], [Some(window as f64)]);
        }
        assert_eq!(course.points(0).count(), 200);
        assert_eq!(course.points(0).next(), Some((1.0, 0.0)));
        course.add(200, [1], [None]);
        course.add(401, [1], [Some(f64::NAN)]);
        course.add(402, [1], [Some(7.0)]);
        let points: Vec<_> = course.points(0).collect();
        assert_eq!((points.len(), points[0], points[100].0), (101, (4.0, 1.5), 404.0));
        assert_eq!((points[100].1, points[50].1.is_nan()), (7.0, true));
        assert_eq!(course.mean(0).map(|of| of.1), Some(201));
        // A leap of time.
        course.add(u64::MAX, [1], [Some(1.0)]);
        assert!(course.points(0).count() <= 200);
    }

    #[test]
    fn donations_are_all_in_some_band() {
        let mut popular = Popular::default();
        for window in 0..1000_u64 {
            let first = u32::try_from(window / 100).unwrap();
            popular.add(window, 1, &[(first, 5), (first + 50, 3), (77, 1)]);
        }
        let bands = popular.bands(4);
        assert_eq!(bands.ends.len(), 125);
        assert_eq!(bands.keys.iter().map(|of| of.0).collect::<Vec<_>>(), [77, 0, 1, 2]);
        for at in 0..125 {
            let sum: f64 = bands.keys.iter().map(|(_, y)| y[at]).sum::<f64>() + bands.others[at];
            assert!((sum - 9.0).abs() < 1e-12);
        }
        assert!((bands.keys[1].1[0] - 5.0).abs() < 1e-12);
    }
    /// Whatever is measured, the windows that measurements stand for are all windows, and means are unbiased.
    #[test]
    fn samples_stand_for_all() {
        let (mut sampling, mut course, mut popular) =
            (Sampling::default(), Course::<1>::default(), Popular::default());
        let (mut stood_for, mut measured) = (0, 0);
        for window in 0..102_400_u64 {
            let weight = sampling.weight(window);
            assert!(window >= 6400 || weight == Some(1));
            if let Some(weight) = weight {
                (stood_for, measured) = (stood_for + weight, measured + 1);
                course.add(window, [weight], [Some((window / 6400) as f64)]);
                popular.add(window, weight, &[(0, 3), (1, 1)]);
            }
        }
        // All of 6,400, and half as many in each of the four doublings that follow.
        assert_eq!((stood_for, measured), (102_400, 6400 + 4 * 3200));
        // Sixteen levels of as many windows.
        assert_eq!(course.mean(0), Some((7.5, measured)));
        let bands = popular.bands(1);
        assert_eq!(bands.keys[0].1.len(), 200);
        assert!(bands.keys[0].1.iter().all(|&y| (y - 3.0).abs() < 1e-12));
        assert!(bands.others.iter().all(|&y| (y - 1.0).abs() < 1e-12));
        // An incomplete stretch: only its first window has been.
        assert_eq!(sampling.weight(102_400), Some(32));
        popular.add(102_400, 32, &[(0, 3)]);
        assert!(popular.bands(1).keys[0].1.last().is_some_and(|&y| (y - 3.0).abs() < 1e-12));
    }
}
