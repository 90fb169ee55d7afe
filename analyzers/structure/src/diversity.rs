//! How much variety there is in the population, which is the last P finished candidates.
//!
//! Measured when a window ends, not at every candidate: the value is that of a real population either way, and costs
//! nothing in a long run. Mean pairwise distance and distinct prefixes have forms that need no pairs:
//!
//! - With p the share of an option among the P members, two members drawn with replacement differ in a decision with
//!   chance 1 - sum p^2; without replacement that is P/(P-1) times as much. Summed over decisions it is the mean Hamming
//!   distance of all pairs (the gene diversity of M. Nei, 1973).
//! - In the sorted list of vectors, a prefix of length k is new wherever neighbours share fewer than k choices. One sort
//!   gives the distinct prefixes of every length.

use crate::layout::Layout;
use lamarck_sdk::prelude::*;

/// Choices of a population at most, so that a wild setting cannot exhaust the memory.
const CHOICES: usize = 1 << 25;

/// A population's variety.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Snapshot {
    /// For each length from 1 the number of distinct prefixes; the last is that of distinct vectors.
    pub(crate) distinct: Vec<u32>,
    /// Mean number of decisions in which two members differ; not a number with a single member.
    pub(crate) distance: f64,
}

/// The last finished candidates.
#[derive(Debug, Clone)]
pub(crate) struct Members {
    capacity: usize,
    width: usize,
    /// The vectors, up to twice as many as needed: old ones are dropped in one go.
    recent: Vec<Choice>,
    /// How far each choice is shifted in a packed vector, if vectors fit 128 bits.
    shifts: Option<Vec<u32>>,
    counts: Vec<u32>,
    keys: Vec<u128>,
}

impl Members {
    /// A population of `population`, or none when it would take too much memory.
    pub(crate) fn new(population: u64, layout: &Layout) -> Option<Self> {
        let (width, capacity) = (layout.width(), usize::try_from(population).ok()?);
        if capacity.checked_mul(width)? > CHOICES {
            return None;
        }
        let (counts, recent, keys) = (vec![0; layout.total], Vec::new(), Vec::new());
        Some(Self { capacity, width, recent, shifts: shifts(layout), counts, keys })
    }

    /// Takes in vectors that stand one after the other.
    pub(crate) fn push(&mut self, vectors: &[Choice]) {
        let room = self.capacity * self.width;
        if vectors.len() >= room {
            self.recent.clear();
            self.recent.extend_from_slice(&vectors[vectors.len() - room..]);
            return;
        }
        if self.recent.len() + vectors.len() > 2 * room {
            let kept = room - vectors.len();
            self.recent.drain(..self.recent.len() - kept);
        }
        self.recent.extend_from_slice(vectors);
    }

    /// The population now; `None` while it is not full.
    pub(crate) fn snapshot(&mut self, layout: &Layout) -> Option<Snapshot> {
        let room = self.capacity * self.width;
        let members = &self.recent[self.recent.len().checked_sub(room)?..];
        if members.is_empty() {
            return None;
        }
        let (distance, counts) = (pairwise(members, &mut self.counts, layout), layout.width());
        let mut distinct = vec![0; counts];
        let mut new = |shared: usize| distinct[shared.min(counts - 1)] += 1;
        // The first vector shares nothing with the one before it.
        new(0);
        if let Some(shifts) = &self.shifts {
            self.keys.clear();
            self.keys.extend(members.chunks_exact(self.width).map(|vector| pack(vector, shifts)));
            self.keys.sort_unstable();
            for pair in self.keys.windows(2) {
                if pair[0] != pair[1] {
                    let highest = (pair[0] ^ pair[1]).ilog2();
                    // Shifts fall: the choice that differs is the first that begins at this bit or below.
                    new(shifts.partition_point(|&shift| shift > highest));
                }
            }
        } else {
            let mut vectors: Vec<&[Choice]> = members.chunks_exact(self.width).collect();
            vectors.sort_unstable();
            for pair in vectors.windows(2) {
                let shared = pair[0].iter().zip(pair[1]).take_while(|(a, b)| a == b).count();
                if shared < self.width {
                    new(shared);
                }
            }
        }
        // A vector that is new from position i on is new to all longer prefixes as well.
        let mut sum = 0;
        for count in &mut distinct {
            sum += *count;
            *count = sum;
        }
        Some(Snapshot { distinct, distance })
    }
}

/// Mean pairwise Hamming distance from the options' counts, which are zero before and after.
fn pairwise(members: &[Choice], counts: &mut [u32], layout: &Layout) -> f64 {
    let width = layout.width();
    let population = (members.len() / width) as f64;
    // Adding one to a count of c raises its square by 2 c + 1.
    let mut squares = 0_u64;
    for vector in members.chunks_exact(width) {
        for (&choice, span) in vector.iter().zip(&layout.spans) {
            let count = &mut counts[span.start as usize + usize::from(choice)];
            squares += 2 * u64::from(*count) + 1;
            *count += 1;
        }
    }
    for vector in members.chunks_exact(width) {
        for (&choice, span) in vector.iter().zip(&layout.spans) {
            counts[span.start as usize + usize::from(choice)] = 0;
        }
    }
    (width as f64 - squares as f64 / (population * population)) * population / (population - 1.0)
}

/// Shifts that put the first choice into the highest bits.
fn shifts(layout: &Layout) -> Option<Vec<u32>> {
    let bits: Vec<u32> =
        layout.spans.iter().map(|span| u32::BITS - (span.options - 1).leading_zeros()).collect();
    let mut left: u32 = bits.iter().sum();
    (left <= u128::BITS).then(|| {
        bits.iter()
            .map(|bits| {
                left -= bits;
                left
            })
            .collect()
    })
}

fn pack(vector: &[Choice], shifts: &[u32]) -> u128 {
    // A choice of a single option has no bits, and may have a shift of 128: it is 0 anyway.
    vector
        .iter()
        .zip(shifts)
        .fold(0, |key, (&choice, &shift)| key | u128::from(choice).checked_shl(shift).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamarck_sdk::testing::space;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// Every pair, and a set for every length.
    fn naive(vectors: &[Vec<Choice>], width: usize) -> (Vec<u32>, f64) {
        let distinct = (1..=width)
            .map(|k| {
                let prefixes: BTreeSet<&[Choice]> = vectors.iter().map(|vector| &vector[..k]).collect();
                u32::try_from(prefixes.len()).unwrap()
            })
            .collect();
        let (mut sum, mut pairs) = (0, 0);
        for (i, a) in vectors.iter().enumerate() {
            for b in &vectors[..i] {
                sum += a.iter().zip(b).filter(|(a, b)| a != b).count();
                pairs += 1;
            }
        }
        (distinct, sum as f64 / f64::from(pairs))
    }

    proptest! {
        #[test]
        fn the_population_is_what_a_naive_count_says(
            sizes in prop::collection::vec(1..6_usize, 1..7),
            // 129 decisions more need more than 128 bits: the other way to sort.
            wide in any::<bool>(),
            population in 2..9_u64,
            draws in prop::collection::vec(any::<[u16; 16]>(), 0..60),
            batch in 1..20_usize,
        ) {
            let mut sizes = sizes;
            if wide { sizes.extend([2; 129]); }
            let layout = Layout::new(&space(&sizes)).unwrap();
            let mut members = Members::new(population, &layout).unwrap();
            prop_assert_eq!(members.shifts.is_none(), wide);
            let vectors: Vec<Vec<Choice>> = draws
                .iter()
                .map(|draw| {
                    // Few of the bits of the draws, so that vectors are alike.
                    let bits = sizes.iter().enumerate().map(|(i, &n)| (usize::from(draw[i % 16] % 7) >> (i / 16)) % n);
                    bits.map(|choice| Choice::try_from(choice).unwrap()).collect()
                })
                .collect();
            let mut seen = 0;
            for part in vectors.chunks(batch) {
                members.push(&part.concat());
                seen += part.len();
                let snapshot = members.snapshot(&layout);
                let capacity = usize::try_from(population).unwrap();
                prop_assert_eq!(snapshot.is_some(), seen >= capacity);
                if let Some(snapshot) = snapshot {
                    let (distinct, distance) = naive(&vectors[seen - capacity..seen], sizes.len());
                    prop_assert_eq!(snapshot.distinct, distinct);
                    prop_assert!((snapshot.distance - distance).abs() < 1e-9);
                }
            }
        }
    }

    #[test]
    fn populations_beyond_reason_are_refused() {
        let layout = Layout::new(&space(&[2, 2])).unwrap();
        assert!(Members::new(u64::MAX, &layout).is_none());
        assert!(Members::new(1 << 25, &layout).is_none());
        // A single member has no pairs.
        let mut one = Members::new(1, &layout).unwrap();
        one.push(&[0, 1]);
        let snapshot = one.snapshot(&layout).unwrap();
        assert!(snapshot.distinct == [1, 1] && snapshot.distance.is_nan());
    }
}
