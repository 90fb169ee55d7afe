//! Means, spreads and regressions in one pass.
//!
//! Reference: B. Welford, "Note on a method for calculating corrected sums of squares and products", 1962,
//! doi:10.1080/00401706.1962.10490022.

/// Mean and spread of numbers.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Moments {
    pub(crate) n: u64,
    mean: f64,
    squares: f64,
}

impl Moments {
    #[inline]
    pub(crate) fn add(&mut self, x: f64) {
        self.n += 1;
        let off = x - self.mean;
        self.mean += off / self.n as f64;
        self.squares += off * (x - self.mean);
    }

    pub(crate) fn mean(&self) -> Option<f64> {
        (self.n > 0).then_some(self.mean)
    }

    /// The unbiased variance.
    pub(crate) fn variance(&self) -> Option<f64> {
        (self.n > 1).then(|| self.squares / (self.n - 1) as f64)
    }

    pub(crate) fn deviation(&self) -> Option<f64> {
        self.variance().map(f64::sqrt)
    }
}

/// Mean and spread of whole numbers: sums, which are exact and need no division for each.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Whole {
    n: u64,
    sum: u64,
    squares: u128,
}

impl Whole {
    #[inline]
    pub(crate) fn add(&mut self, x: u32) {
        self.n += 1;
        self.sum += u64::from(x);
        self.squares += u128::from(u64::from(x) * u64::from(x));
    }

    pub(crate) fn moments(&self) -> Moments {
        if self.n == 0 {
            return Moments::default();
        }
        let (n, sum) = (u128::from(self.n), u128::from(self.sum));
        // n squares are at least the square of the sum; fewer than 2^32 numbers below 2^32 keep both below 2^128.
        let off = (n * self.squares).saturating_sub(sum * sum) as f64;
        Moments { n: self.n, mean: self.sum as f64 / self.n as f64, squares: off / self.n as f64 }
    }
}

/// Least squares of y on x.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Regression {
    pub(crate) n: u64,
    mean_x: f64,
    mean_y: f64,
    xx: f64,
    yy: f64,
    xy: f64,
}

impl Regression {
    #[inline]
    pub(crate) fn add(&mut self, x: f64, y: f64) {
        self.n += 1;
        let share = 1.0 / self.n as f64;
        let (off_x, off_y) = (x - self.mean_x, y - self.mean_y);
        self.mean_x += off_x * share;
        self.mean_y += off_y * share;
        self.xx += off_x * (x - self.mean_x);
        self.yy += off_y * (y - self.mean_y);
        self.xy += off_x * (y - self.mean_y);
    }

    pub(crate) fn means(&self) -> Option<(f64, f64)> {
        (self.n > 0).then_some((self.mean_x, self.mean_y))
    }

    /// `None` when all x are the same.
    pub(crate) fn slope(&self) -> Option<f64> {
        (self.xx > 0.0).then(|| self.xy / self.xx)
    }

    pub(crate) fn intercept(&self) -> Option<f64> {
        self.slope().map(|slope| self.mean_y - slope * self.mean_x)
    }

    /// Pearson's coefficient; `None` when all x or all y are the same.
    pub(crate) fn correlation(&self) -> Option<f64> {
        (self.xx > 0.0 && self.yy > 0.0)
            .then(|| (self.xy / (self.xx.sqrt() * self.yy.sqrt())).clamp(-1.0, 1.0))
    }

    /// The slope's standard error; `None` below three points.
    pub(crate) fn slope_error(&self) -> Option<f64> {
        let slope = self.slope()?;
        let residual = (self.yy - slope * self.xy).max(0.0);
        (self.n > 2).then(|| (residual / (self.n - 2) as f64 / self.xx).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regression_by_hand() {
        // x 0, 1, 2; y 1, 1, 4: slope 3/2, intercept 1/2; sums of squares 2, 6, 3; residual 3/2.
        let mut line = Regression::default();
        let (mut moments, mut whole) = (Moments::default(), Whole::default());
        for (x, y) in [(0.0, 1.0), (1.0, 1.0), (2.0, 4.0)] {
            line.add(x, y);
            moments.add(y);
        }
        for y in [1, 1, 4] {
            whole.add(y);
        }
        let whole = whole.moments();
        assert_eq!((whole.n, whole.mean(), whole.variance()), (3, Some(2.0), Some(3.0)));
        assert_eq!(Whole::default().moments().mean(), None);
        let near = |a: Option<f64>, b: f64| assert!((a.unwrap() - b).abs() < 1e-12, "{a:?} {b}");
        near(line.slope(), 1.5);
        near(line.intercept(), 0.5);
        near(line.correlation(), 3.0 / 12.0_f64.sqrt());
        near(line.slope_error(), 0.75_f64.sqrt());
        near(moments.variance(), 3.0);
        assert_eq!(Regression::default().slope(), None);
        assert_eq!(Moments::default().mean(), None);
    }
}
