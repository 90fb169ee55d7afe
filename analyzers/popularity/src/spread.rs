//! A running mean with its standard deviation.

/// Mean and standard deviation of numbers that are seen once.
///
/// Sums of differences from the first number and of their squares. Welford's method needs no number to differ from, but
/// a division for each, which over all donors took a tenth of the analyzer's time; and the first of the numbers is near
/// enough to the others for the squares not to cancel.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Spread {
    pub(crate) n: u64,
    first: f64,
    sum: f64,
    squares: f64,
}

impl Spread {
    #[inline]
    pub(crate) fn add(&mut self, value: f64) {
        if self.n == 0 {
            self.first = value;
        }
        self.n += 1;
        let difference = value - self.first;
        self.sum += difference;
        self.squares += difference * difference;
    }

    /// The sum of squared differences from the mean.
    fn about_mean(self) -> f64 {
        (self.squares - self.sum * self.sum / self.n.max(1) as f64).max(0.0)
    }

    pub(crate) fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut spread = Self::default();
        values.for_each(|value| spread.add(value));
        spread
    }

    /// Their mean; `None` when there were none.
    pub(crate) fn mean(self) -> Option<f64> {
        (self.n > 0).then(|| self.first + self.sum / self.n as f64)
    }

    /// Their standard deviation, with n - 1 in the denominator; `None` below two numbers.
    pub(crate) fn deviation(self) -> Option<f64> {
        (self.n > 1).then(|| (self.about_mean() / (self.n - 1) as f64).sqrt())
    }

    /// Their variance, with n in the denominator.
    pub(crate) fn variance(self) -> f64 {
        self.about_mean() / self.n.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_and_deviation() {
        assert_eq!((Spread::default().mean(), Spread::default().deviation()), (None, None));
        // Mean 5, squared differences 9 + 1 + 1 + 1 + 0 + 0 + 4 + 16 = 32.
        let spread = Spread::of([2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0].into_iter());
        assert_eq!((spread.mean(), spread.variance()), (Some(5.0), 4.0));
        assert!((spread.deviation().unwrap() - (32.0_f64 / 7.0).sqrt()).abs() < 1e-12);
    }
}
