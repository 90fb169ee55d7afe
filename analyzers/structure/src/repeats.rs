//! Vectors that a run evaluates more than once.

use crate::layout::Layout;
use lamarck_sdk::prelude::*;
use rustc_hash::FxHashSet;

/// Spaces of at most so many vectors have a bit each: 16 MB.
const BITS: u128 = 1 << 27;

/// The vectors seen so far.
#[derive(Debug, Clone)]
pub(crate) enum Seen {
    /// A bit a vector, and what each choice adds to a vector's position.
    Bits { strides: Vec<u64>, bits: Vec<u64> },
    /// Hashes of 64 bits. Two of ten million different vectors share one with a chance of 3 in a million.
    Hashes(FxHashSet<u64>),
}

impl Seen {
    pub(crate) fn new(layout: &Layout) -> Self {
        let Some(size) = layout.size.filter(|&size| size <= BITS) else {
            return Self::Hashes(FxHashSet::default());
        };
        let mut stride = 1;
        let mut strides: Vec<u64> = layout
            .spans
            .iter()
            .rev()
            .map(|span| {
                let own = stride;
                stride *= u64::from(span.options);
                own
            })
            .collect();
        strides.reverse();
        let words = usize::try_from(size.div_ceil(64)).unwrap_or(0);
        Self::Bits { strides, bits: vec![0; words] }
    }

    /// Whether the vector, all of whose choices are in range, was seen before; it is from now on.
    #[inline]
    pub(crate) fn again(&mut self, vector: &[Choice]) -> bool {
        match self {
            Self::Bits { strides, bits } => {
                let index: u64 =
                    vector.iter().zip(&*strides).map(|(&choice, stride)| u64::from(choice) * stride).sum();
                let mask = 1 << (index % 64);
                let Some(word) = usize::try_from(index / 64).ok().and_then(|word| bits.get_mut(word)) else {
                    return false;
                };
                let seen = *word & mask != 0;
                *word |= mask;
                seen
            }
            Self::Hashes(hashes) => {
                let hash = vector.iter().fold(0, |hash, &choice| mix(hash ^ u64::from(choice)));
                !hashes.insert(hash)
            }
        }
    }
}

/// The output function of SplitMix64 (doi:10.1145/2660193.2660195) with its increment: mixes all bits.
fn mix(hash: u64) -> u64 {
    let z = hash.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamarck_sdk::testing::space;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn both_ways_say_what_a_set_says(draws in prop::collection::vec(0..64_u16, 0..80)) {
            // 2^6 vectors, and 2^28 of them.
            for decisions in [6, 28] {
                let layout = Layout::new(&space(&vec![2; decisions])).unwrap();
                let mut seen = Seen::new(&layout);
                prop_assert_eq!(matches!(seen, Seen::Bits { .. }), decisions == 6);
                let mut set = BTreeSet::new();
                for draw in &draws {
                    let vector: Vec<Choice> = (0..decisions).map(|i| (draw >> (i % 6)) & 1).collect();
                    prop_assert_eq!(seen.again(&vector), !set.insert(vector));
                }
            }
        }
    }
}
