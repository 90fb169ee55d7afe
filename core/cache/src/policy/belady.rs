//! Policies that know the future, to compare with.
//!
//! **Belady** (L. A. Belady, "A study of replacement algorithms for a virtual-storage computer", IBM Systems Journal 5(2),
//! 1966, doi:10.1147/sj.52.0078): the object whose next use is farthest away leaves, those without one first (of these the
//! one longest without use), until the new object fits; the new object always comes in. "Use" is a read: an object
//! that will be overwritten or deleted before it is read has none. With sizes this is *not* optimal and no bound;
//! [`Pfoo`](crate::Pfoo) is one.
//!
//! A heap of next uses would be the obvious structure. But no two objects have the same next use, and the trace already
//! says whose it is; so a set of record numbers with "largest" is enough, and a tree of 64-bit words does that in one
//! word a level, four levels for ten million records, of which the lower ones are read in order. O(log64 n); 12 bytes
//! an object and an eighth of a byte a record.
//!
//! **Belady-size**: the largest (time to next use) x size of `sample` objects (default 64), drawn with replacement from
//! SplitMix64 with the option `seed`, leaves; all are compared when there are no more. What has no next use counts as used
//! after the end of all traces. Closer to the optimum by requests, since one large object makes room for many small
//! ones. O(sample) an eviction, 8 bytes an object and 4 for each in the cache.

use crate::list::{Links, List};
use crate::observe::Observer;
use crate::policy::Policy;
use crate::pool::Pool;
use crate::random::SplitMix64;
use crate::space::{At, Space};
use crate::trace::NEVER;

/// A set of numbers below n.
struct Numbers {
    /// Bit i of word w of a level: is there a number in word 64w + i of the level before?
    levels: Vec<Vec<u64>>,
}

impl Numbers {
    fn new(n: usize) -> Self {
        let mut levels = Vec::new();
        let mut words = n.max(1);
        while words > 1 || levels.is_empty() {
            words = words.div_ceil(64);
            levels.push(vec![0; words]);
        }
        Self { levels }
    }

    #[inline]
    fn insert(&mut self, number: u32) {
        let mut number = number as usize;
        for level in &mut self.levels {
            let word = &mut level[number >> 6];
            let before = *word;
            *word |= 1 << (number & 63);
            if before != 0 {
                return;
            }
            number >>= 6;
        }
    }

    #[inline]
    fn remove(&mut self, number: u32) {
        let mut number = number as usize;
        for level in &mut self.levels {
            let word = &mut level[number >> 6];
            *word &= !(1 << (number & 63));
            if *word != 0 {
                return;
            }
            number >>= 6;
        }
    }

    #[inline]
    fn largest(&self) -> Option<usize> {
        let mut number = 0;
        for level in self.levels.iter().rev() {
            let word = level[number];
            if word == 0 {
                return None;
            }
            number = (number << 6) + 63 - word.leading_zeros() as usize;
        }
        Some(number)
    }
}

pub(crate) struct Belady<'a> {
    /// The object of each record.
    objects: &'a [u32],
    uses: Numbers,
    next: Vec<u32>,
    links: Links,
    unused: List,
}

impl<'a> Belady<'a> {
    pub(crate) fn new(objects: usize, records: &'a [u32]) -> Self {
        Self {
            objects: records,
            uses: Numbers::new(records.len()),
            next: vec![NEVER; objects],
            links: Links::new(objects),
            unused: List::new(),
        }
    }

    #[inline]
    fn leave(&mut self, o: u32) {
        match self.next[o as usize] {
            NEVER => self.unused.remove(&mut self.links, o, 0),
            next => self.uses.remove(next),
        }
    }

    #[inline]
    fn enter(&mut self, o: u32, next: u32) {
        self.next[o as usize] = next;
        match next {
            NEVER => self.unused.push(&mut self.links, o, 0),
            next => self.uses.insert(next),
        }
    }
}

impl Policy for Belady<'_> {
    fn grow(&mut self, _objects: usize) {}

    #[inline]
    fn hit<R: Observer>(&mut self, o: u32, _space: &mut Space<R>, at: At<'_>) {
        self.leave(o);
        self.enter(o, at.next);
    }

    #[inline]
    fn admit<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>) {
        while space.lacks(at.size(o)) {
            let farthest = || self.uses.largest().map(|record| self.objects[record]);
            let Some(victim) = self.unused.oldest().or_else(farthest) else { return };
            self.leave(victim);
            space.evict(victim, at);
        }
        self.enter(o, at.next);
        space.admit(o, at);
    }

    fn delete<R: Observer>(&mut self, o: u32, space: &mut Space<R>, _at: At<'_>) {
        if space.resident(o) {
            self.leave(o);
        }
    }
}

pub(crate) struct BeladySize {
    next: Vec<u32>,
    pool: Pool,
    random: SplitMix64,
    sample: u32,
}

impl BeladySize {
    pub(crate) fn new(objects: usize, sample: u32, seed: u64) -> Self {
        Self { next: vec![NEVER; objects], pool: Pool::new(objects), random: SplitMix64::new(seed), sample }
    }
}

impl Policy for BeladySize {
    fn grow(&mut self, _objects: usize) {}

    #[inline]
    fn hit<R: Observer>(&mut self, o: u32, _space: &mut Space<R>, at: At<'_>) {
        self.next[o as usize] = at.next;
    }

    fn admit<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>) {
        while space.lacks(at.size(o)) {
            let next = &self.next;
            let victim = self.pool.least(&mut self.random, self.sample, |o| {
                let wait = next[o as usize] - at.now;
                -(f64::from(wait) * at.size(o) as f64)
            });
            let Some(victim) = victim else { return };
            self.pool.remove(victim);
            space.evict(victim, at);
        }
        self.next[o as usize] = at.next;
        self.pool.insert(o);
        space.admit(o, at);
    }

    fn delete<R: Observer>(&mut self, o: u32, space: &mut Space<R>, _at: At<'_>) {
        if space.resident(o) {
            self.pool.remove(o);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_are_a_set(n in 1_u32..10_000, moves in prop::collection::vec(any::<(u32, bool)>(), 0..300)) {
            let mut numbers = Numbers::new(n as usize);
            let mut set = BTreeSet::new();
            for (number, insert) in moves {
                let number = number % n;
                if insert {
                    numbers.insert(number);
                    set.insert(number);
                } else if set.remove(&number) {
                    numbers.remove(number);
                }
                prop_assert_eq!(numbers.largest(), set.last().map(|&last| last as usize));
            }
        }
    }
}
