//! The run in pieces of so many finished candidates.
//!
//! A chart has at most [`MOST`] positions. How long a run will be is not known while it comes in, so when the windows
//! are all used up, neighbours are merged and windows are twice as wide from then on. The width is therefore the option
//! `window` times the smallest power of two with which all full windows fit. Everything in a window can be added to the
//! next one's, but for the population at its end, of which the later one stays.
//!
//! A window's x is the number of candidates that had finished when it ended, so that the positions of a longer run are
//! among those of a shorter one, and runs of different length still meet in a merged chart.

use crate::buckets::Histogram;
use crate::diversity::Snapshot;

/// Windows at most.
const MOST: usize = 200;
/// Counters of options in all windows together at most: 64 MB. Spaces with very many options have fewer windows.
const COUNTERS: usize = 1 << 24;

/// The sizes whose distribution is kept for each window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    Layers = 0,
    Parameters = 1,
    Bytes = 2,
    Prefix = 3,
}

/// A sum of numbers with how many there were.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Mean {
    pub(crate) sum: f64,
    pub(crate) n: u64,
}

impl Mean {
    #[inline]
    pub(crate) fn add(&mut self, value: f64) {
        self.sum += value;
        self.n += 1;
    }

    pub(crate) fn absorb(&mut self, other: Self) {
        self.sum += other.sum;
        self.n += other.n;
    }

    /// The mean; not a number when there were none.
    pub(crate) fn mean(self) -> f64 {
        if self.n == 0 { f64::NAN } else { self.sum / self.n as f64 }
    }
}

/// What is counted in a window.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Window {
    /// Finished candidates.
    pub(crate) rows: u64,
    /// How often each option was chosen.
    pub(crate) options: Vec<u32>,
    /// Candidates whose vector the run had seen before.
    pub(crate) repeats: u64,
    /// Children that know both parent and donor, 1 for those with both the same.
    pub(crate) from_parent: Mean,
    /// Share of a child's bytes that came from its donor.
    pub(crate) inherited: Mean,
    /// Decisions that differ from the founder's.
    pub(crate) distance: Mean,
    /// Layers, parameters, bytes, and layers taken over, by [`Size`].
    pub(crate) sizes: [Histogram; 4],
    /// The population when the window ended.
    pub(crate) population: Option<Snapshot>,
}

impl Window {
    pub(crate) fn absorb(&mut self, later: Self) {
        self.rows += later.rows;
        if self.options.is_empty() {
            self.options = later.options;
        } else {
            for (sum, count) in self.options.iter_mut().zip(&later.options) {
                *sum = sum.saturating_add(*count);
            }
        }
        self.repeats += later.repeats;
        self.from_parent.absorb(later.from_parent);
        self.inherited.absorb(later.inherited);
        self.distance.absorb(later.distance);
        for (sum, sizes) in self.sizes.iter_mut().zip(&later.sizes) {
            sum.absorb(sizes);
        }
        self.population = later.population;
    }

    pub(crate) fn size(&self, size: Size) -> &Histogram {
        &self.sizes[size as usize]
    }
}

/// All windows of a run.
#[derive(Debug, Clone)]
pub(crate) struct Windows {
    width: u64,
    most: usize,
    options: usize,
    full: Vec<Window>,
    pub(crate) open: Window,
}

impl Windows {
    /// Windows of `width` candidates, which count `options` options.
    pub(crate) fn new(width: u64, options: usize) -> Self {
        let most = (COUNTERS / options.max(1)).clamp(2, MOST) & !1;
        let mut windows =
            Self { width: width.max(1), most, options, full: Vec::new(), open: Window::default() };
        windows.open.options = vec![0; options];
        windows
    }

    /// How many candidates the open window has room for; at least one.
    pub(crate) fn room(&mut self) -> u64 {
        if self.open.rows == 0 && self.full.len() >= self.most {
            let mut merged: Vec<Window> = Vec::with_capacity(self.most);
            for (index, window) in std::mem::take(&mut self.full).into_iter().enumerate() {
                match merged.last_mut() {
                    Some(earlier) if index % 2 == 1 => earlier.absorb(window),
                    _ => merged.push(window),
                }
            }
            self.full = merged;
            self.width = self.width.saturating_mul(2);
        }
        self.width.saturating_sub(self.open.rows).max(1)
    }

    /// Whether the open window is full and must be [closed](Self::close).
    pub(crate) fn is_full(&self) -> bool {
        self.open.rows >= self.width
    }

    /// Ends the open window with this population.
    pub(crate) fn close(&mut self, population: Option<Snapshot>) {
        let next = Window { options: vec![0; self.options], ..Window::default() };
        let mut window = std::mem::replace(&mut self.open, next);
        window.population = population;
        self.full.push(window);
    }

    /// Candidates in a full window.
    pub(crate) fn width(&self) -> u64 {
        self.width
    }

    /// Full windows, or the only one there is. An incomplete one at the end would stand beside full ones as if it
    /// were as certain.
    pub(crate) fn shown(&self) -> Vec<&Window> {
        if self.full.is_empty() && self.open.rows > 0 { vec![&self.open] } else { self.full.iter().collect() }
    }

    /// Whether there are at least two full windows, so that something can have changed.
    pub(crate) fn has_change(&self) -> bool {
        self.full.len() > 1
    }

    /// Everything together.
    pub(crate) fn whole(&self) -> Window {
        let mut whole = Window { options: vec![0; self.options], ..Window::default() };
        for window in self.full.iter().chain([&self.open]) {
            whole.absorb(window.clone());
        }
        whole
    }

    /// The x of each shown window.
    pub(crate) fn ends(&self) -> Vec<f64> {
        (1..=self.shown().len()).map(|window| window as f64 * self.width as f64).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Windows of 3 over so many candidates, the i-th of which has the option i mod 2.
    fn fill(candidates: u64) -> Windows {
        let mut windows = Windows::new(3, 2);
        for i in 0..candidates {
            assert!(windows.room() > 0);
            windows.open.rows += 1;
            windows.open.options[usize::from(i % 2 == 1)] += 1;
            if windows.is_full() {
                windows.close(None);
            }
        }
        windows
    }

    #[test]
    fn windows_widen_by_powers_of_two() {
        for (candidates, width, shown) in
            [(0, 3, 0), (2, 3, 1), (5, 3, 1), (600, 3, 200), (601, 6, 100), (1200, 6, 200), (1201, 12, 100)]
        {
            let windows = fill(candidates);
            assert_eq!((windows.width(), windows.shown().len()), (width, shown), "{candidates}");
            let whole = windows.whole();
            assert_eq!(whole.rows, candidates);
            assert_eq!(whole.options.iter().map(|&count| u64::from(count)).sum::<u64>(), candidates);
        }
        assert_eq!(fill(7).ends(), [3.0, 6.0]);
    }

    #[test]
    fn spaces_with_very_many_options_have_fewer_windows() {
        assert_eq!(Windows::new(1, 1 << 22).most, 4);
        assert_eq!(Windows::new(1, 1 << 30).most, 2);
        assert_eq!(Windows::new(0, 0).most, 200);
    }
}
