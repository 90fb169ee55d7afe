//! Numbers for architectures (vectors) and for prefixes of decisions.
//!
//! In a space of at most 2^20 vectors an architecture's number is its vector read in the mixed radix of the numbers of
//! options, and so is a prefix's: no hashing. Architectures of larger spaces are numbered as they come, by the 128-bit
//! xxh3 of their vector (two of a thousand million different ones share it with a chance of 10^-21), and keep it.

use crate::lives::NONE;
use lamarck_sdk::prelude::*;
use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::Xxh3;

/// The largest space that is numbered without hashing.
const DENSE: usize = 1 << 20;

/// What is known of an architecture.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Architecture {
    /// How many candidates have it.
    pub(crate) candidates: u32,
    /// How many donations candidates with it made.
    pub(crate) donations: u32,
    /// The number of its prefix.
    pub(crate) prefix: u32,
    /// Layers and bytes, as first seen; not numbers where the trace does not tell.
    pub(crate) layers: f32,
    pub(crate) bytes: f32,
}

impl Architecture {
    const UNSEEN: Self =
        Self { candidates: 0, donations: 0, prefix: NONE, layers: f32::NAN, bytes: f32::NAN };
}

/// All architectures of a run.
#[derive(Debug, Clone)]
pub(crate) struct Vectors {
    /// The number of options of each decision, if vectors are numbered by them.
    radices: Option<Vec<u32>>,
    /// Choices a vector, once known.
    width: Option<usize>,
    /// Choices a prefix.
    prefix: usize,
    architectures: Vec<Architecture>,
    /// Where vectors are numbered as they come: their hashes and themselves.
    numbers: FxHashMap<u128, u32>,
    choices: Vec<Choice>,
    prefixes: FxHashMap<u128, u32>,
    /// An architecture with each prefix.
    examples: Vec<u32>,
}

fn hash(vector: &[Choice]) -> u128 {
    let mut hasher = Xxh3::new();
    for choice in vector {
        hasher.update(&choice.to_le_bytes());
    }
    hasher.digest128()
}

impl Vectors {
    pub(crate) fn new(space: Option<&SpaceSpec>, prefix: usize) -> Self {
        let radices = space.and_then(|space| {
            let radices: Option<Vec<u32>> =
                space.decisions.iter().map(|decision| u32::try_from(decision.options.len()).ok()).collect();
            let size = radices
                .as_ref()?
                .iter()
                .try_fold(1_usize, |size, &options| size.checked_mul(options as usize));
            radices.filter(|_| size.is_some_and(|size| size <= DENSE))
        });
        Self {
            width: radices.as_ref().map(Vec::len),
            radices,
            prefix,
            architectures: Vec::new(),
            numbers: FxHashMap::default(),
            choices: Vec::new(),
            prefixes: FxHashMap::default(),
            examples: Vec::new(),
        }
    }

    /// Takes in a candidate's vector; returns the number of its architecture.
    #[inline]
    pub(crate) fn add(&mut self, vector: &[Choice]) -> Result<u32> {
        let width = *self.width.get_or_insert(vector.len());
        ensure!(
            vector.len() == width,
            "its vector has {} choices, but vectors of this run have {width}",
            vector.len()
        );
        let number = match &self.radices {
            Some(radices) => {
                let mut number = 0;
                for (position, (&choice, &radix)) in vector.iter().zip(radices).enumerate() {
                    ensure!(
                        u32::from(choice) < radix,
                        "its choice for decision {position} is {choice}, but there are {radix} options"
                    );
                    number = number * radix + u32::from(choice);
                }
                number
            }
            None => self.intern(vector)?,
        };
        let index = number as usize;
        if self.architectures.len() <= index {
            self.architectures.resize(index + 1, Architecture::UNSEEN);
        }
        if self.architectures[index].candidates == 0 {
            self.architectures[index].prefix = self.prefix_of(vector, number)?;
        }
        self.architectures[index].candidates = self.architectures[index].candidates.saturating_add(1);
        Ok(number)
    }

    #[cold]
    fn prefix_of(&mut self, vector: &[Choice], architecture: u32) -> Result<u32> {
        let next = u32::try_from(self.examples.len())?;
        let number = *self.prefixes.entry(hash(&vector[..self.prefix.min(vector.len())])).or_insert(next);
        if number == next {
            self.examples.push(architecture);
        }
        Ok(number)
    }

    fn intern(&mut self, vector: &[Choice]) -> Result<u32> {
        let next = u32::try_from(self.numbers.len())?;
        let number = *self.numbers.entry(hash(vector)).or_insert(next);
        if number == next {
            self.choices.extend_from_slice(vector);
        }
        Ok(number)
    }

    pub(crate) fn get(&self, architecture: u32) -> Option<&Architecture> {
        self.architectures.get(architecture as usize)
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, architecture: u32) -> Option<&mut Architecture> {
        self.architectures.get_mut(architecture as usize)
    }

    /// How many candidates have each prefix.
    pub(crate) fn candidates_by_prefix(&self) -> Vec<u64> {
        self.by_prefix(|of| of.candidates)
    }

    /// How many donations candidates with each prefix made.
    pub(crate) fn donations_by_prefix(&self) -> Vec<u64> {
        self.by_prefix(|of| of.donations)
    }

    fn by_prefix(&self, number: fn(&Architecture) -> u32) -> Vec<u64> {
        let mut sums = vec![0; self.examples.len()];
        for architecture in &self.architectures {
            if let Some(sum) = sums.get_mut(architecture.prefix as usize) {
                *sum += u64::from(number(architecture));
            }
        }
        sums
    }

    /// How many donations candidates with each architecture made.
    pub(crate) fn donations(&self) -> impl Iterator<Item = u64> {
        self.architectures.iter().map(|of| u64::from(of.donations))
    }

    /// Starts counting donations again.
    pub(crate) fn forget_donations(&mut self) {
        self.architectures.iter_mut().for_each(|of| of.donations = 0);
    }

    /// The vector of an architecture.
    pub(crate) fn vector(&self, architecture: u32) -> Vec<Choice> {
        let Some(radices) = &self.radices else {
            let width = self.width.unwrap_or(0);
            let from = (architecture as usize).saturating_mul(width);
            return self.choices.get(from..from.saturating_add(width)).unwrap_or_default().to_vec();
        };
        let mut rest = architecture;
        let choice = |&radix: &u32| {
            let choice = rest % radix;
            rest /= radix;
            Choice::try_from(choice).unwrap_or(Choice::MAX)
        };
        let mut vector: Vec<Choice> = radices.iter().rev().map(choice).collect();
        vector.reverse();
        vector
    }

    /// The choices of a prefix.
    pub(crate) fn prefix(&self, number: u32) -> Vec<Choice> {
        let mut vector = self.examples.get(number as usize).map(|&of| self.vector(of)).unwrap_or_default();
        vector.truncate(self.prefix);
        vector
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamarck_sdk::testing::space;

    #[test]
    fn numbers_and_back() {
        for space in [Some(space(&[2, 3, 5])), Some(space(&[1000, 1000, 1000])), None] {
            let mut vectors = Vectors::new(space.as_ref(), 2);
            let all: Vec<[Choice; 3]> =
                (0..2).flat_map(|a| (0..3).flat_map(move |b| (0..5).map(move |c| [a, b, c]))).collect();
            let numbers: Vec<u32> = all.iter().map(|vector| vectors.add(vector).unwrap()).collect();
            for (vector, &number) in all.iter().zip(&numbers) {
                assert_eq!(vectors.add(vector).unwrap(), number);
                assert_eq!(vectors.vector(number), vector);
                assert_eq!(vectors.prefix(vectors.get(number).unwrap().prefix), vector[..2]);
            }
            assert_eq!(vectors.candidates_by_prefix(), [10; 6]);
        }
    }

    #[test]
    fn wrong_vectors_are_refused() {
        let mut vectors = Vectors::new(Some(&space(&[2, 3])), 9);
        insta::assert_snapshot!(vectors.add(&[0, 3]).unwrap_err(), @"its choice for decision 1 is 3, but there are 3 options");
        insta::assert_snapshot!(vectors.add(&[0]).unwrap_err(), @"its vector has 1 choices, but vectors of this run have 2");
        assert_eq!(vectors.add(&[1, 2]).unwrap(), 5);
        assert_eq!(vectors.prefix(0), [1, 2]);
    }
}
