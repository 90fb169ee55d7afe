//! The generator of the policies that draw: SplitMix64, and an exponential that is the same on every machine.

/// SplitMix64 (Steele, Lea & Flood 2014, doi:10.1145/2660193.2660195). Its 64 bits of state are enough for choosing
/// victims, and anybody who repeats a simulation elsewhere can write it in five lines.
pub(crate) struct SplitMix64(u64);

impl SplitMix64 {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    #[inline]
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// An index below `n`: the high half of a product. Its bias is below n / 2^64 and needs no rejection here.
    #[inline]
    pub(crate) fn index(&mut self, n: usize) -> usize {
        let product = u128::from(self.next()) * n as u128;
        usize::try_from(product >> 64).unwrap_or(0)
    }

    /// A number in [0, 1) of 53 random bits.
    #[inline]
    pub(crate) fn uniform(&mut self) -> f64 {
        (self.next() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }
}

/// e^x from additions, multiplications and divisions only, which IEEE 754 fixes to the last bit; the exponential of the
/// standard library is the platform's and differs between machines. Relative error below 1e-15 for |x| <= 700.
pub(crate) fn exp(x: f64) -> f64 {
    if x < -700.0 {
        return 0.0;
    }
    // Halved until the series is short, then squared as often.
    let mut halvings = 0;
    let mut reduced = x;
    while reduced.abs() > 0.25 {
        reduced *= 0.5;
        halvings += 1;
    }
    let mut sum = 1.0;
    for k in (1..=14).rev() {
        sum = 1.0 + sum * reduced / f64::from(k);
    }
    for _ in 0..halvings {
        sum *= sum;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_numbers_of_splitmix64() {
        // The published test vector of seed 1234567.
        let mut random = SplitMix64::new(1_234_567);
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn exponential() {
        for step in -4000..=400 {
            let x = f64::from(step) * 0.01;
            assert!((exp(x) / x.exp() - 1.0).abs() < 1e-12, "{x}");
        }
        assert!(exp(-1000.0).abs() < f64::MIN_POSITIVE);
    }
}
