//! A running mean with its standard deviation.

/// Mean and standard deviation of numbers that are seen once, by Welford's method.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Spread {
    pub(crate) n: u64,
    mean: f64,
    squares: f64,
}

impl Spread {
    pub(crate) fn add(&mut self, value: f64) {
        self.n += 1;
        let before = value - self.mean;
        self.mean += before / self.n as f64;
        self.squares += before * (value - self.mean);
    }

    pub(crate) fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut spread = Self::default();
        values.for_each(|value| spread.add(value));
        spread
    }

    /// Their mean; `None` when there were none.
    pub(crate) fn mean(self) -> Option<f64> {
        (self.n > 0).then_some(self.mean)
    }

    /// Their standard deviation, with n - 1 in the denominator; `None` below two numbers.
    pub(crate) fn deviation(self) -> Option<f64> {
        (self.n > 1).then(|| (self.squares / (self.n - 1) as f64).max(0.0).sqrt())
    }

    /// Their variance, with n in the denominator.
    pub(crate) fn variance(self) -> f64 {
        self.squares / self.n.max(1) as f64
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
