//! Consecutive windows of finished candidates.

/// The most positions a chart has along its horizontal axis.
const POSITIONS: usize = 200;

/// A run cut into windows.
///
/// Windows are as wide as the option says, times the least power of two with which at most 200 are needed: positions
/// then depend on the length of the run only, and runs of the same length have the same. The last window may be
/// incomplete; it stands where its end would be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Windows {
    pub(crate) width: usize,
    rows: usize,
}

impl Windows {
    pub(crate) fn new(width: usize, rows: usize) -> Self {
        let mut width = width.max(1);
        while rows.div_ceil(width) > POSITIONS {
            width = width.saturating_mul(2);
        }
        Self { width, rows }
    }

    pub(crate) fn len(self) -> usize {
        self.rows.div_ceil(self.width)
    }

    /// The rows of a window.
    pub(crate) fn rows(self, window: usize) -> std::ops::Range<usize> {
        window * self.width..window.saturating_add(1).saturating_mul(self.width).min(self.rows)
    }

    /// Whether a window ends with this row.
    pub(crate) fn ends_with(self, row: usize) -> bool {
        (row + 1).is_multiple_of(self.width) || row + 1 == self.rows
    }

    /// Where each window stands: how many candidates have finished at its end.
    pub(crate) fn positions(self) -> Vec<f64> {
        (1..=self.len()).map(|window| window as f64 * self.width as f64).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_runs_have_wider_windows() {
        assert_eq!(Windows::new(100, 20_000).len(), 200);
        let long = Windows::new(100, 20_001);
        assert_eq!((long.width, long.len()), (200, 101));
        assert_eq!((long.rows(100), long.positions()[100]), (20_000..20_001, 20_200.0));
        assert_eq!(Windows::new(50, 0).len(), 0);
        assert_eq!(Windows::new(1000, 7).positions(), [1000.0]);
        assert!(Windows::new(1000, 7).ends_with(6) && !Windows::new(1000, 7).ends_with(5));
    }
}
