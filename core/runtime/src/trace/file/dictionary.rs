//! Dictionaries of 64-bit and 128-bit values, found in one pass and given up as soon as they do not pay.

/// At most this many entries: codes are 16 bits wide.
pub(super) const MOST: usize = 1 << 16;

/// A trial of this many values: a dictionary that grew with three of four of them is given up.
const TRIAL: usize = 4096;

/// A value that can stand in a dictionary.
pub(super) trait Key: Copy + Eq {
    /// Bits that spread well over the upper end of the word.
    fn spread(self) -> u64;
}

/// 2^64 divided by the golden ratio: multiplication by it spreads neighbours evenly (Knuth, TAOCP 3, 6.4).
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl Key for u64 {
    #[inline]
    fn spread(self) -> u64 {
        // Floats of few digits and byte counts end in zeros: the fold brings upper bits down before they are lost.
        (self ^ (self >> 32)).wrapping_mul(GOLDEN)
    }
}

impl Key for u128 {
    #[inline]
    fn spread(self) -> u64 {
        // Layer identities are hashes already.
        ((self >> 64) as u64 ^ self as u64).wrapping_mul(GOLDEN)
    }
}

/// The distinct values of a column in order of first appearance.
pub(super) struct Dictionary<K> {
    /// The values.
    pub(super) entries: Vec<K>,
    /// For every hash, one more than the index of its entry, or 0.
    slots: Vec<u32>,
}

impl<K> Default for Dictionary<K> {
    fn default() -> Self {
        Self { entries: Vec::new(), slots: Vec::new() }
    }
}

impl<K: Key> Dictionary<K> {
    /// Replaces `codes` by the place of every value among the distinct ones. False, and nothing useful in either,
    /// when there are more than `most` distinct values, or, where there is a trial, so many among the first that
    /// there will be.
    pub(super) fn build(
        &mut self,
        values: impl ExactSizeIterator<Item = K>,
        most: usize,
        trial: bool,
        codes: &mut Vec<u16>,
    ) -> bool {
        let most = most.min(MOST);
        let trial = if trial { TRIAL } else { 0 };
        self.entries.clear();
        codes.clear();
        codes.reserve(values.len());
        // Half empty at the fullest, so that probing stays short.
        let size = (2 * most.max(8)).next_power_of_two();
        self.slots.clear();
        self.slots.resize(size, 0);
        let shift = u64::BITS - size.trailing_zeros();
        for (row, value) in values.enumerate() {
            let mut slot = (value.spread() >> shift) as usize;
            let code = loop {
                let place = self.slots[slot] as usize;
                if place == 0 {
                    let code = self.entries.len();
                    if code >= most || (row < trial && code >= TRIAL / 4 * 3) {
                        return false;
                    }
                    self.entries.push(value);
                    self.slots[slot] = code as u32 + 1;
                    break code;
                }
                if self.entries[place - 1] == value {
                    break place - 1;
                }
                slot = (slot + 1) & (size - 1);
            };
            codes.push(code as u16);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn codes_name_the_first_of_equal_values(
            values in prop::collection::vec(prop_oneof![0_u64..20, any::<u64>()], 0..200), most in 0_usize..100,
        ) {
            // The naive way: look through all that came before.
            let mut entries: Vec<u64> = Vec::new();
            let expected: Vec<u16> = values
                .iter()
                .map(|value| {
                    entries.iter().position(|entry| entry == value).unwrap_or_else(|| {
                        entries.push(*value);
                        entries.len() - 1
                    }) as u16
                })
                .collect();
            let (mut dictionary, mut codes) = (Dictionary::default(), vec![7]);
            let built = dictionary.build(values.iter().copied(), most, true, &mut codes);
            prop_assert_eq!(built, entries.len() <= most);
            if built {
                prop_assert_eq!((codes, dictionary.entries), (expected, entries));
            }
        }
    }

    #[test]
    fn a_trial_ends_early_and_its_absence_does_not() {
        let mut dictionary = Dictionary::default();
        let values =
            || (0..TRIAL as u64).chain(std::iter::repeat_n(0, 9 * TRIAL)).collect::<Vec<_>>().into_iter();
        assert!(!dictionary.build(values(), MOST, true, &mut Vec::new()));
        assert!(dictionary.build(values(), MOST, false, &mut Vec::new()));
        assert_eq!(dictionary.entries.len(), TRIAL);
    }
}
