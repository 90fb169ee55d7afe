//! Mean and spread in one pass.

/// Mean and spread of numbers.
///
/// Reference: B. Welford, "Note on a method for calculating corrected sums of squares and products", 1962,
/// doi:10.1080/00401706.1962.10490022.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Moments {
    pub(crate) n: u64,
    mean: f64,
    squares: f64,
}

impl Moments {
    #[inline]
    pub(crate) fn add(&mut self, value: f64) {
        self.n += 1;
        let off = value - self.mean;
        self.mean += off / self.n as f64;
        self.squares += off * (value - self.mean);
    }

    /// Takes in what another has seen (Chan's formula).
    pub(crate) fn absorb(&mut self, other: Self) {
        if other.n == 0 {
            return;
        }
        let n = self.n + other.n;
        let (off, share) = (other.mean - self.mean, other.n as f64 / n as f64);
        self.squares += other.squares + off * off * self.n as f64 * share;
        self.mean += off * share;
        self.n = n;
    }

    pub(crate) fn mean(self) -> Option<f64> {
        (self.n > 0).then_some(self.mean)
    }

    /// The standard deviation, unbiased variance.
    pub(crate) fn deviation(self) -> Option<f64> {
        (self.n > 1).then(|| (self.squares / (self.n - 1) as f64).sqrt())
    }

    /// The standard deviation of these very numbers.
    pub(crate) fn spread(self) -> Option<f64> {
        (self.n > 0).then(|| (self.squares / self.n as f64).max(0.0).sqrt())
    }
}

/// Mean and spread of whole numbers: sums, which are exact and need no division for each.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Whole {
    pub(crate) n: u64,
    sum: u64,
    squares: u128,
}

impl Whole {
    #[inline]
    pub(crate) fn add(&mut self, value: u32) {
        let value = u64::from(value);
        self.n += 1;
        // Fewer than 2^32 numbers below 2^32.
        self.sum += value;
        self.squares += u128::from(value * value);
    }

    pub(crate) fn absorb(&mut self, other: Self) {
        self.n += other.n;
        self.sum += other.sum;
        self.squares += other.squares;
    }

    pub(crate) fn moments(&self) -> Moments {
        if self.n == 0 {
            return Moments::default();
        }
        let (n, sum) = (u128::from(self.n), u128::from(self.sum));
        let off = (n * self.squares).saturating_sub(sum * sum) as f64;
        Moments { n: self.n, mean: self.sum as f64 / self.n as f64, squares: off / self.n as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_numbers() {
        let (mut whole, mut part) = (Whole::default(), Whole::default());
        for value in [1, 2, 6] {
            if value < 2 { part.add(value) } else { whole.add(value) }
        }
        whole.absorb(part);
        let found = whole.moments();
        assert_eq!((found.n, found.mean()), (3, Some(3.0)));
        assert!((found.deviation().unwrap() - 7.0_f64.sqrt()).abs() < 1e-12);
        assert_eq!(Whole::default().moments(), Moments::default());
    }

    #[test]
    fn parts_make_the_whole() {
        // 1, 2, 6: mean 3, squares 14.
        let (mut whole, mut a, mut b) = (Moments::default(), Moments::default(), Moments::default());
        for value in [1.0, 2.0, 6.0] {
            whole.add(value);
            if value < 2.0 { a.add(value) } else { b.add(value) }
        }
        a.absorb(b);
        a.absorb(Moments::default());
        for found in [whole, a] {
            assert_eq!((found.n, found.mean()), (3, Some(3.0)));
            assert!((found.deviation().unwrap() - 7.0_f64.sqrt()).abs() < 1e-12);
            assert!((found.spread().unwrap() - (14.0_f64 / 3.0).sqrt()).abs() < 1e-12);
        }
        assert_eq!((Moments::default().mean(), Moments::default().deviation()), (None, None));
    }
}
