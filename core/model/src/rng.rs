//! The one source of randomness: xoshiro256++ with streams keyed by purpose.
//!
//! A run must give the same bytes on one thread or many, today or resumed, on any machine. So there is no shared
//! generator whose state depends on who drew before: every draw comes from a stream of its own, keyed by the
//! study's seed, the replicate, what the draw is for and the candidate it is for. A resumed run needs no saved
//! state, and a strategy that draws once more does not shift anybody else's numbers. The sweep point is not part
//! of the key: points of a sweep share their luck, and so can be compared in pairs.
//!
//! The `rand` crate is not used because its distributions may change values between minor releases.
//!
//! References: D. Blackman, S. Vigna, "Scrambled linear pseudorandom number generators" (2021),
//! doi:10.1145/3460772 (xoshiro256++); G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number
//! generators" (2014), doi:10.1145/2660193.2660195 (SplitMix64, for seeding); D. Lemire, "Fast random integer
//! generation in an interval" (2019), doi:10.1145/3230636.

/// xoshiro256++: 256 bits of state, period 2^256 - 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rng {
    state: [u64; 4],
}

/// SplitMix64's output function, a bijection that mixes all bits.
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl Rng {
    /// A generator whose state is the first four outputs of SplitMix64 from `seed`, as its authors advise.
    #[inline]
    pub const fn from_seed(seed: u64) -> Self {
        let a = seed.wrapping_add(GOLDEN);
        let b = a.wrapping_add(GOLDEN);
        let c = b.wrapping_add(GOLDEN);
        let d = c.wrapping_add(GOLDEN);
        Self { state: [mix(a), mix(b), mix(c), mix(d)] }
    }

    /// A generator with exactly this state. All zeros, which would stay zero for ever, become the state of seed 0.
    #[inline]
    pub const fn from_state(state: [u64; 4]) -> Self {
        if state[0] | state[1] | state[2] | state[3] == 0 { Self::from_seed(0) } else { Self { state } }
    }

    /// The state, to carry it across a boundary.
    #[inline]
    pub const fn state(&self) -> [u64; 4] {
        self.state
    }

    /// The next 64 bits.
    #[inline]
    pub const fn next(&mut self) -> u64 {
        let [s0, s1, s2, s3] = self.state;
        let result = s0.wrapping_add(s3).rotate_left(23).wrapping_add(s0);
        let t = s1 << 17;
        let s2 = s2 ^ s0;
        let s3 = s3 ^ s1;
        self.state = [s0 ^ s3, s1 ^ s2, s2 ^ t, s3.rotate_left(45)];
        result
    }

    /// An integer below `n`, every one equally likely; 0 when `n` is 0 or 1.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the low and the high half of a 128-bit product")]
    pub const fn below(&mut self, n: u64) -> u64 {
        if n <= 1 {
            return 0;
        }
        // Lemire: the high half of a product is uniform once the few low halves that occur once too often are
        // rejected. The modulo is only computed when a rejection is possible at all.
        let mut product = (self.next() as u128) * (n as u128);
        let mut low = product as u64;
        if low < n {
            let threshold = n.wrapping_neg() % n;
            while low < threshold {
                product = (self.next() as u128) * (n as u128);
                low = product as u64;
            }
        }
        (product >> 64) as u64
    }

    /// An index below `n`; 0 when `n` is 0 or 1.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "below(n) is less than n, which was a usize")]
    pub const fn index(&mut self, n: usize) -> usize {
        self.below(n as u64) as usize
    }

    /// A number in [0, 1) with 53 random bits.
    #[inline]
    pub const fn uniform(&mut self) -> f64 {
        // 2^-53; both factors are exact.
        (self.next() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// True with probability `p` (never for `p` <= 0, always for `p` >= 1).
    #[inline]
    pub const fn chance(&mut self, p: f64) -> bool {
        self.uniform() < p
    }

    /// An index drawn with probability proportional to its weight; negative and NaN weights count as 0. `None`
    /// when no weight is positive.
    pub fn weighted(&mut self, weights: &[f64]) -> Option<usize> {
        let positive = |&w: &f64| if w > 0.0 { w } else { 0.0 };
        let total: f64 = weights.iter().map(positive).sum();
        if total <= 0.0 || !total.is_finite() {
            return None;
        }
        let mut left = self.uniform() * total;
        let mut last = None;
        for (index, weight) in weights.iter().map(positive).enumerate() {
            if weight > 0.0 {
                last = Some(index);
                if left < weight {
                    return last;
                }
                left -= weight;
            }
        }
        // Rounding may leave a hair over: it belongs to the last index that has any weight.
        last
    }
}

/// What a draw is for. The numbers are part of the results: never renumber.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Purpose {
    /// A strategy deciding what to propose.
    Propose = 1,
    /// A search space sampling a vector.
    Sample = 2,
    /// Which of a study's mutators makes the child.
    ChooseMutator = 3,
    /// A mutator making a child.
    Mutate = 4,
    /// An evaluator drawing noise or a seed.
    Evaluate = 5,
    /// Whether the cluster loses the candidate.
    Failure = 6,
    /// How fast a node is; keyed by the node in place of the candidate.
    NodeSpeed = 7,
    /// Putting the vectors of a log into another order, to see what chance explains; keyed by the shuffle in place of the
    /// candidate.
    Shuffle = 8,
}

/// The streams of one replicate of a study.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stream {
    key: u64,
}

impl Stream {
    /// The streams of a replicate.
    pub const fn new(seed: u64, replicate: u32) -> Self {
        Self {
            key: mix(mix(seed.wrapping_add(GOLDEN)).wrapping_add((replicate as u64).wrapping_mul(GOLDEN))),
        }
    }

    /// The generator for one purpose and one candidate.
    #[inline]
    pub const fn rng(self, purpose: Purpose, candidate: u64) -> Rng {
        // Candidate ids stay far below 2^56, so purpose and id do not overlap.
        Rng::from_seed(self.key ^ mix(candidate ^ ((purpose as u64) << 56)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the reference implementation in C by Blackman and Vigna with state 1, 2, 3, 4.
    #[test]
    fn published_vectors_of_xoshiro256plusplus() {
        let mut rng = Rng::from_state([1, 2, 3, 4]);
        let expected: [u64; 10] = [
            41_943_041,
            58_720_359,
            3_588_806_011_781_223,
            3_591_011_842_654_386,
            9_228_616_714_210_784_205,
            9_973_669_472_204_895_162,
            14_011_001_112_246_962_877,
            12_406_186_145_184_390_807,
            15_849_039_046_786_891_736,
            10_450_023_813_501_588_000,
        ];
        for value in expected {
            assert_eq!(rng.next(), value);
        }
    }

    /// SplitMix64 from seed 1234567, a published vector of the Rosetta Code task.
    #[test]
    fn published_vectors_of_splitmix64() {
        let rng = Rng::from_seed(1_234_567);
        assert_eq!(
            rng.state(),
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423,
                4_593_380_528_125_082_431
            ]
        );
    }

    #[test]
    fn below_is_uniform() {
        let mut rng = Rng::from_seed(7);
        let mut counts = [0_u32; 6];
        let n = 600_000;
        for _ in 0..n {
            counts[rng.index(6)] += 1;
        }
        // Chi-squared with 5 degrees of freedom: 20.5 is the 99.9 % point.
        let expected = f64::from(n) / 6.0;
        let chi2: f64 = counts.iter().map(|&c| (f64::from(c) - expected).powi(2) / expected).sum();
        assert!(chi2 < 20.5, "{counts:?}");
        assert_eq!(rng.below(0), 0);
        assert_eq!(rng.below(1), 0);
        assert!(rng.below(u64::MAX) < u64::MAX);
    }

    #[test]
    fn weighted_ignores_what_cannot_be_drawn() {
        let mut rng = Rng::from_seed(3);
        assert_eq!(rng.weighted(&[]), None);
        assert_eq!(rng.weighted(&[0.0, -1.0, f64::NAN]), None);
        let mut counts = [0_u32; 4];
        for _ in 0..40_000 {
            counts[rng.weighted(&[1.0, 0.0, 3.0, f64::NAN]).unwrap()] += 1;
        }
        assert_eq!((counts[1], counts[3]), (0, 0));
        assert!((9_500..10_500).contains(&counts[0]), "{counts:?}");
    }

    #[test]
    fn streams_differ_by_every_part_of_their_key() {
        let base = Stream::new(1, 0).rng(Purpose::Mutate, 5);
        assert_eq!(base, Stream::new(1, 0).rng(Purpose::Mutate, 5));
        assert_ne!(base, Stream::new(2, 0).rng(Purpose::Mutate, 5));
        assert_ne!(base, Stream::new(1, 1).rng(Purpose::Mutate, 5));
        assert_ne!(base, Stream::new(1, 0).rng(Purpose::Sample, 5));
        assert_ne!(base, Stream::new(1, 0).rng(Purpose::Mutate, 6));
    }
}
