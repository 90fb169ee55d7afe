//! Sets of places in a block as bits, and counting in how many of several sets each place is.

/// How many groups a block holds; see [`super::blocks`] for what depends on it. The unit tests use small blocks, so
/// that short histories fill many of them.
pub(super) const BLOCK: usize = if cfg!(test) { 128 } else { 2_048 };
const WORDS: usize = BLOCK / 64;

/// A set of places in one block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bits([u64; WORDS]);

impl Bits {
    pub(super) const EMPTY: Self = Self([0; WORDS]);

    pub(super) fn insert(&mut self, place: u16) {
        self.0[usize::from(place) / 64] |= 1 << (place % 64);
    }

    pub(super) fn remove(&mut self, place: u16) {
        self.0[usize::from(place) / 64] &= !(1 << (place % 64));
    }

    pub(super) fn contains(&self, place: u16) -> bool {
        self.0[usize::from(place) / 64] >> (place % 64) & 1 == 1
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().fold(0, |any, word| any | word) == 0
    }

    pub(super) fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Keeps what is in the other set as well, and says whether anything is left.
    pub(super) fn keep(&mut self, other: &Self) -> bool {
        let mut any = 0;
        for (mine, other) in self.0.iter_mut().zip(&other.0) {
            *mine &= other;
            any |= *mine;
        }
        any != 0
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = u16> {
        self.0.iter().zip(0_u16..).flat_map(|(&word, index)| {
            let mut left = word;
            std::iter::from_fn(move || {
                // Fits: there are at most 63 trailing zeros once `left` is not zero.
                let zeros = u16::try_from(left.trailing_zeros()).unwrap_or(0);
                let place = (left != 0).then_some(index * 64 + zeros);
                left &= left.wrapping_sub(1);
                place
            })
        })
    }
}

/// For every place of a block, in how many of the sets given so far it is.
///
/// The counts stand upright: bit `i` of all 2,048 counts is the set `digits[i]`. A set is added by a full adder, which
/// takes two sets and a digit and gives the digit and a carry; the first of two sets waits until the second comes
/// (Harley and Seal's way to count bits: H. S. Warren, *Hacker's Delight*, 2nd edition, section 5-1). That is five
/// operations for 64 counts and a set, against some twelve for carrying every single set through.
#[derive(Debug, Clone, Default)]
pub(super) struct Counter {
    digits: Vec<Bits>,
    waiting: Vec<Option<Bits>>,
}

impl Counter {
    pub(super) fn clear(&mut self) {
        self.digits.clear();
        self.waiting.clear();
    }

    /// Counts the places of one more set.
    pub(super) fn add(&mut self, set: &Bits) {
        self.add_at(0, *set);
    }

    fn add_at(&mut self, mut digit: usize, mut set: Bits) {
        loop {
            if digit == self.digits.len() {
                self.digits.push(Bits::EMPTY);
                self.waiting.push(None);
            }
            let Some(other) = self.waiting[digit].take() else {
                self.waiting[digit] = Some(set);
                return;
            };
            set = full_adder(&mut self.digits[digit], &set, &other);
            digit += 1;
        }
    }

    /// The largest count, if not zero, and the places that have it.
    pub(super) fn largest(&mut self) -> Option<(usize, Bits)> {
        let mut digit = 0;
        while digit < self.digits.len() {
            if let Some(set) = self.waiting[digit].take() {
                let carry = full_adder(&mut self.digits[digit], &set, &Bits::EMPTY);
                if !carry.is_empty() {
                    self.add_at(digit + 1, carry);
                }
            }
            digit += 1;
        }
        let mut count = 0;
        let mut places = Bits([u64::MAX; WORDS]);
        for (index, digit) in self.digits.iter().enumerate().rev() {
            let mut with = places;
            if with.keep(digit) {
                places = with;
                count |= 1 << index;
            }
        }
        (count > 0).then_some((count, places))
    }
}

/// Adds three bits in every place: the sum's lower bit goes to `digit`, the upper one is returned.
fn full_adder(digit: &mut Bits, a: &Bits, b: &Bits) -> Bits {
    let mut carry = Bits::EMPTY;
    for (((digit, a), b), carry) in digit.0.iter_mut().zip(&a.0).zip(&b.0).zip(&mut carry.0) {
        let half = a ^ b;
        *carry = (a & b) | (half & *digit);
        *digit ^= half;
    }
    carry
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[expect(clippy::cast_possible_truncation, reason = "a few thousand")]
    const PLACES: u16 = BLOCK as u16;

    fn set<'a>(places: impl IntoIterator<Item = &'a u16>) -> Bits {
        let mut bits = Bits::EMPTY;
        places.into_iter().for_each(|&place| bits.insert(place));
        bits
    }

    proptest! {
        #[test]
        fn counts_like_counting_one_by_one(sets in prop::collection::vec(prop::collection::btree_set(0..PLACES, 0..40), 0..70)) {
            let mut counter = Counter::default();
            let mut counts = [0_usize; BLOCK];
            for places in &sets {
                counter.add(&set(places));
                for &place in places {
                    counts[usize::from(place)] += 1;
                }
            }
            let most = counts.iter().copied().max().unwrap();
            let expected: Vec<u16> = (0_u16..).zip(counts).filter(|&(_, n)| n == most).map(|(p, _)| p).collect();
            match counter.largest() {
                None => prop_assert_eq!(most, 0),
                Some((count, places)) => {
                    prop_assert_eq!(count, most);
                    prop_assert_eq!(places.iter().collect::<Vec<_>>(), expected);
                }
            }
        }
    }

    #[test]
    fn a_set_of_bits_is_a_set() {
        const LAST: u16 = PLACES - 1;
        let mut a = set(&[0, 1, 62, LAST]);
        assert_eq!(a.iter().collect::<Vec<_>>(), [0, 1, 62, LAST]);
        assert_eq!((a.len(), a.contains(62), a.contains(61)), (4, true, false));
        a.remove(1);
        assert!(a.keep(&set(&[1, LAST])));
        assert_eq!(a, set(&[LAST]));
        assert!(!a.keep(&set(&[1])));
        assert!(a.is_empty());
    }
}
