//! The run in pieces of so many finished candidates.
//!
//! A chart has at most [`MOST`] positions. How long a run will be is not known while it comes in, so when
//! all windows are used up, neighbours are merged and windows are twice as wide from then on: the width is
//! the option `window` times the smallest power of two with which all full windows fit. A window's x is the
//! number of candidates that had finished when it ended, so that the positions of runs of different length
//! meet in a merged chart.

use crate::moments::{Moments, Whole};

/// Windows at most; even, so that neighbours can be merged in pairs.
const MOST: usize = 200;

/// What is counted in a window.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Window {
    /// Finished candidates.
    pub(crate) rows: u64,
    pub(crate) generation: Whole,
    /// Of those that have one.
    pub(crate) score: Moments,
    /// Bytes read from nodes' own caches, read from the repository, and written to it.
    pub(crate) cached: u128,
    pub(crate) fetched: u128,
    pub(crate) written: u128,
    /// Candidates that say what they took over, and what they stored.
    pub(crate) readers: u64,
    pub(crate) writers: u64,
}

impl Window {
    fn absorb(&mut self, later: Self) {
        self.rows += later.rows;
        self.generation.absorb(later.generation);
        self.score.absorb(later.score);
        self.cached += later.cached;
        self.fetched += later.fetched;
        self.written += later.written;
        self.readers += later.readers;
        self.writers += later.writers;
    }
}

/// All windows of a run.
#[derive(Debug, Clone)]
pub(crate) struct Windows {
    width: u64,
    full: Vec<Window>,
    open: Window,
}

impl Windows {
    pub(crate) fn new(width: u64) -> Self {
        Self { width: width.max(1), full: Vec::new(), open: Window::default() }
    }

    /// Begins a row, and hands out its window.
    #[inline]
    pub(crate) fn next(&mut self) -> &mut Window {
        if self.open.rows >= self.width {
            self.full.push(std::mem::take(&mut self.open));
            if self.full.len() >= MOST {
                self.widen();
            }
        }
        self.open.rows += 1;
        &mut self.open
    }

    /// The window of the last row.
    #[inline]
    pub(crate) fn now(&mut self) -> &mut Window {
        &mut self.open
    }

    /// Only once a row comes for which there is no more room.
    fn widen(&mut self) {
        let pairs = self.full.chunks_exact(2).map(|pair| {
            let mut merged = pair[0];
            merged.absorb(pair[1]);
            merged
        });
        self.full = pairs.collect();
        self.width = self.width.saturating_mul(2);
    }

    /// Ends the last window if it is full.
    pub(crate) fn close(&mut self) {
        if self.open.rows >= self.width {
            self.full.push(std::mem::take(&mut self.open));
        }
    }

    /// Full windows, or the only one there is: an incomplete one at the end would stand beside full ones as
    /// if it were as certain.
    pub(crate) fn shown(&self) -> &[Window] {
        if self.full.is_empty() && self.open.rows > 0 { std::slice::from_ref(&self.open) } else { &self.full }
    }

    /// Everything together.
    pub(crate) fn whole(&self) -> Window {
        let mut whole = Window::default();
        for window in self.full.iter().chain([&self.open]) {
            whole.absorb(*window);
        }
        whole
    }

    /// The x of each shown window. The only one of a short run stands where it would have ended.
    pub(crate) fn ends(&self) -> Vec<f64> {
        (1..=self.shown().len()).map(|window| window as f64 * self.width as f64).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_widen_by_powers_of_two_and_lose_nothing() {
        for (rows, width, shown) in [
            (0_u64, 3, 0),
            (2, 3, 1),
            (5, 3, 1),
            (600, 3, 200),
            (601, 6, 100),
            (1200, 6, 200),
            (1201, 12, 100),
        ] {
            let mut windows = Windows::new(3);
            for row in 0..rows {
                windows.next().written += u128::from(row);
            }
            windows.close();
            assert_eq!((windows.width, windows.shown().len()), (width, shown), "{rows}");
            assert_eq!(windows.whole().written, (0..rows).map(u128::from).sum::<u128>());
            assert_eq!(windows.whole().rows, rows);
        }
    }
}
