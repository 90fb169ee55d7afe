//! The resident objects in an array, for policies that draw their victims.

use crate::list::NIL;
use crate::random::SplitMix64;

/// A set with an order that matters only in that it is the same every time: the last one fills a gap.
pub(crate) struct Pool {
    members: Vec<u32>,
    place: Vec<u32>,
}

impl Pool {
    pub(crate) fn new(objects: usize) -> Self {
        Self { members: Vec::new(), place: vec![NIL; objects] }
    }

    pub(crate) fn grow(&mut self, objects: usize) {
        self.place.resize(objects, NIL);
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "there are fewer objects than 2^32")]
    pub(crate) fn insert(&mut self, o: u32) {
        self.place[o as usize] = self.members.len() as u32;
        self.members.push(o);
    }

    #[inline]
    pub(crate) fn remove(&mut self, o: u32) {
        let place = self.place[o as usize];
        self.members.swap_remove(place as usize);
        if let Some(&moved) = self.members.get(place as usize) {
            self.place[moved as usize] = place;
        }
    }

    /// One member, every one equally likely.
    #[inline]
    pub(crate) fn draw(&self, random: &mut SplitMix64) -> Option<u32> {
        if self.members.is_empty() { None } else { Some(self.members[random.index(self.members.len())]) }
    }

    /// The member with the smallest `key` among `sample` drawn with replacement, or among all when there are no more
    /// than `sample`; of equals the first.
    #[inline]
    pub(crate) fn least(
        &self,
        random: &mut SplitMix64,
        sample: u32,
        mut key: impl FnMut(u32) -> f64,
    ) -> Option<u32> {
        let mut least = None;
        let mut consider = |o: u32| {
            let key = key(o);
            if least.is_none_or(|(_, smallest)| key < smallest) {
                least = Some((o, key));
            }
        };
        if self.members.len() <= sample as usize {
            self.members.iter().copied().for_each(&mut consider);
        } else {
            for _ in 0..sample {
                consider(self.members[random.index(self.members.len())]);
            }
        }
        least.map(|(o, _)| o)
    }
}
