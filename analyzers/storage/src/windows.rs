//! The run in pieces of so many finished candidates.
//!
//! A chart has at most [`MOST`] positions. How long a run will be is not known while it comes in, so when all windows are
//! used up, neighbours are merged and windows are twice as wide from then on: the width is the option `window` times the
//! smallest power of two with which all full windows fit. A window's x is the number of candidates that had finished
//! when it ended, so that the positions of runs of different length meet in a merged chart.

/// Windows at most; even, so that neighbours can be merged in pairs.
const MOST: usize = 200;

/// A sum with how many numbers it is of.
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

    /// The mean; `None` when there were no numbers.
    pub(crate) fn mean(self) -> Option<f64> {
        (self.n > 0).then(|| self.sum / self.n as f64)
    }
}

/// What is counted in a window. Sums of bytes have 128 bits: an imported trace may hold any numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Window {
    /// Finished candidates.
    pub(crate) rows: u64,
    /// Of these, those that ended well, and so were stored.
    pub(crate) models: u64,
    /// Bytes of models that were stored, each counted whole; and how many models that is known of.
    pub(crate) whole: u128,
    pub(crate) sized: u64,
    /// Bytes that they added to the repository; and how many models that is known of.
    pub(crate) stored: u128,
    pub(crate) storing: u64,
    /// Share of a model's bytes, and of its layers, that it inherited.
    pub(crate) bytes_share: Mean,
    pub(crate) layers_share: Mean,
    /// Distinct owners of a model's layers, and of what a child took over.
    pub(crate) owners: Mean,
    pub(crate) prefix_owners: Mean,
    /// Layers that the repository had deleted when they were to be read; candidates of which that is known.
    pub(crate) missed: u128,
    pub(crate) missing_known: u64,
    /// Candidates that missed any.
    pub(crate) missing: u64,
    /// Microseconds spent reading, training and writing, of those that ended well.
    pub(crate) transfer: Mean,
    pub(crate) train: Mean,
    pub(crate) store: Mean,
    /// Bytes of the members' models, each counted whole, when the window ended.
    pub(crate) members: Option<u128>,
}

impl Window {
    fn absorb(&mut self, later: Self) {
        self.rows += later.rows;
        self.models += later.models;
        self.whole += later.whole;
        self.sized += later.sized;
        self.stored += later.stored;
        self.storing += later.storing;
        self.bytes_share.absorb(later.bytes_share);
        self.layers_share.absorb(later.layers_share);
        self.owners.absorb(later.owners);
        self.prefix_owners.absorb(later.prefix_owners);
        self.missed += later.missed;
        self.missing_known += later.missing_known;
        self.missing += later.missing;
        self.transfer.absorb(later.transfer);
        self.train.absorb(later.train);
        self.store.absorb(later.store);
        self.members = later.members;
    }
}

/// All windows of a run.
#[derive(Debug, Clone)]
pub(crate) struct Windows {
    width: u64,
    full: Vec<Window>,
    pub(crate) open: Window,
}

impl Windows {
    pub(crate) fn new(width: u64) -> Self {
        Self { width: width.max(1), full: Vec::new(), open: Window::default() }
    }

    /// How many candidates the open window has room for; at least one.
    pub(crate) fn room(&mut self) -> u64 {
        if self.open.rows == 0 && self.full.len() >= MOST {
            let pairs = self.full.chunks_exact(2).map(|pair| {
                let mut merged = pair[0];
                merged.absorb(pair[1]);
                merged
            });
            self.full = pairs.collect();
            self.width = self.width.saturating_mul(2);
        }
        self.width.saturating_sub(self.open.rows).max(1)
    }

    /// Ends the open window if it is full.
    pub(crate) fn close(&mut self) {
        if self.open.rows >= self.width {
            self.full.push(std::mem::take(&mut self.open));
        }
    }

    /// Candidates in a full window.
    pub(crate) fn width(&self) -> u64 {
        self.width
    }

    /// Full windows, or the only one there is: an incomplete one at the end would stand beside full ones as if it were
    /// as certain.
    pub(crate) fn shown(&self) -> &[Window] {
        if self.full.is_empty() && self.open.rows > 0 { std::slice::from_ref(&self.open) } else { &self.full }
    }

    /// The first and the last full window, if they are two.
    pub(crate) fn change(&self) -> Option<[&Window; 2]> {
        (self.full.len() > 1).then(|| Some([self.full.first()?, self.full.last()?])).flatten()
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
                assert!(windows.room() > 0);
                windows.open.rows += 1;
                windows.open.whole += u128::from(row);
                windows.close();
            }
            assert_eq!((windows.width(), windows.shown().len()), (width, shown), "{rows}");
            assert_eq!(windows.whole().whole, (0..rows).map(u128::from).sum::<u128>());
            assert_eq!(windows.change().is_some(), shown > 1);
        }
    }
}
