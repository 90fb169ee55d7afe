//! A running mean with its standard deviation.

/// Mean and standard deviation of numbers that are seen once, by Welford's method.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Spread {
    n: u64,
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

    /// How many numbers there were.
    pub(crate) fn n(self) -> u64 {
        self.n
    }

    /// Their mean; `None` when there were none.
    pub(crate) fn mean(self) -> Option<f64> {
        (self.n > 0 && self.mean.is_finite()).then_some(self.mean)
    }

    /// Their standard deviation, with n - 1 in the denominator; `None` below two numbers.
    pub(crate) fn deviation(self) -> Option<f64> {
        let variance = self.squares / (self.n.max(2) - 1) as f64;
        (self.n > 1 && variance.is_finite()).then(|| variance.max(0.0).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_and_deviation() {
        let mut spread = Spread::default();
        assert_eq!((spread.mean(), spread.deviation()), (None, None));
        spread.add(2.0);
        assert_eq!((spread.mean(), spread.deviation()), (Some(2.0), None));
        for value in [4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0] {
            spread.add(value);
        }
        // Mean 5, squared differences 9 + 1 + 1 + 1 + 0 + 0 + 4 + 16 = 32, over 7.
        assert_eq!(spread.n(), 8);
        assert!((spread.mean().unwrap() - 5.0).abs() < 1e-12);
        assert!((spread.deviation().unwrap() - (32.0_f64 / 7.0).sqrt()).abs() < 1e-12);
    }
}
