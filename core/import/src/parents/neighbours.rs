//! All vectors within so many decisions of one, without comparing it with each.
//!
//! Vectors of `m` choices that differ in at most `n` agree elsewhere. For `n = 1` each is filed `m` times, under the hash of
//! what is left when one decision is covered; equal hashes are neighbours. For larger `n`, covering every set of `n`
//! decisions would be `m` over `n` files. Instead the decisions are dealt out to `n + 1` groups, of which at least one
//! has no difference: a vector is filed under the hash of each group, and what is found there is compared.
//!
//! Either way every hit is compared, so a hash that two vectors share costs time and not correctness.

use lamarck_model::Choice;
use rustc_hash::FxHashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher};
use std::ops::Range;

/// A neighbour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Near {
    /// Its place among the vectors of the index.
    pub member: usize,
    /// Decisions in which it differs.
    pub distance: u16,
}

/// Vectors, filed.
pub struct Index<'a> {
    distance: usize,
    vectors: Vec<&'a [Choice]>,
    /// What of a vector is hashed for each file.
    files: Files,
    /// The places of the vectors under each hash, ascending.
    places: FxHashMap<u64, Vec<u32>>,
}

/// How vectors are filed.
enum Files {
    /// With each of so many decisions covered.
    Covered(usize),
    /// By each of so many groups of decisions: the decision `d` is in the group `d mod n`.
    Groups(usize),
    /// All together: there are no more decisions than may differ.
    One,
}

impl<'a> Index<'a> {
    /// Files vectors of one length, to be asked for those within `distance` decisions. Only the first 2^32 are found.
    pub fn new(distance: usize, vectors: &[&'a [Choice]]) -> Self {
        let width = vectors.first().map_or(0, |vector| vector.len());
        let files = match distance {
            _ if distance >= width => Files::One,
            1 => Files::Covered(width),
            0 => Files::Groups(1),
            _ => Files::Groups(distance + 1),
        };
        let mut index = Self { distance, vectors: vectors.to_vec(), files, places: FxHashMap::default() };
        for (place, vector) in (0_u32..=u32::MAX).zip(vectors) {
            for file in 0..index.files.count() {
                index.places.entry(index.files.key(file, vector)).or_default().push(place);
            }
        }
        index
    }

    /// The vectors of these places that are within the distance, by their places, into `near`.
    pub fn within(&self, vector: &[Choice], places: Range<usize>, near: &mut Vec<Near>) {
        near.clear();
        for file in 0..self.files.count() {
            let Some(filed) = self.places.get(&self.files.key(file, vector)) else { continue };
            let from = filed.partition_point(|place| (*place as usize) < places.start);
            for place in filed[from..].iter().take_while(|place| (**place as usize) < places.end) {
                let member = *place as usize;
                if let Some(distance) = within(vector, self.vectors[member], self.distance) {
                    near.push(Near { member, distance });
                }
            }
        }
        near.sort_unstable();
        near.dedup();
    }

    /// Whether any vector of these places is within the distance.
    pub fn any(&self, vector: &[Choice], places: &Range<usize>) -> bool {
        (0..self.files.count()).any(|file| {
            let filed = self.places.get(&self.files.key(file, vector)).map_or(&[][..], Vec::as_slice);
            let from = filed.partition_point(|place| (*place as usize) < places.start);
            filed[from..]
                .iter()
                .take_while(|place| (**place as usize) < places.end)
                .any(|place| within(vector, self.vectors[*place as usize], self.distance).is_some())
        })
    }
}

impl Files {
    fn count(&self) -> usize {
        match self {
            Self::Covered(count) | Self::Groups(count) => *count,
            Self::One => 1,
        }
    }

    fn key(&self, file: usize, vector: &[Choice]) -> u64 {
        let mut hasher = BuildHasherDefault::<rustc_hash::FxHasher>::default().build_hasher();
        file.hash(&mut hasher);
        match self {
            Self::Covered(_) => {
                let (before, rest) = vector.split_at(file.min(vector.len()));
                before.hash(&mut hasher);
                rest.get(1..).unwrap_or_default().hash(&mut hasher);
            }
            Self::Groups(groups) => {
                vector.iter().skip(file).step_by(*groups).for_each(|choice| choice.hash(&mut hasher));
            }
            Self::One => {}
        }
        hasher.finish()
    }
}

/// The number of decisions in which two vectors differ, if it is at most `most`.
pub fn within(a: &[Choice], b: &[Choice], most: usize) -> Option<u16> {
    let mut distance = 0;
    for (a, b) in a.iter().zip(b) {
        distance += usize::from(a != b);
        if distance > most {
            return None;
        }
    }
    u16::try_from(distance).ok()
}
