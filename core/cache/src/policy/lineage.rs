//! Policies that know something about evolution: they listen to [`Hint`](crate::Hint)s.
//!
//! A cache of weights sees tensors; the search knows which models still hold them. What it knows reaches the policy as a
//! number for each object, whose meaning is agreed with the policy:
//!
//! | policy | the value of an object | rule |
//! |---|---|---|
//! | `population` | the number of models that can still be chosen and hold it | what has 0 leaves first; both groups are LRU |
//! | `descendants` | the number of live descendants of the models that hold it | GreedyDual: L + value, L the key of the last victim |
//! | `next-donor` | how likely or how often it will be read, see below | the smallest value leaves; of equals the longest unused |
//!
//! [`Lineage`](crate::Lineage) works the values out. The policies are this project's own; `descendants` is GreedyDual
//! (N. Young, "The k-server dual and loose competitiveness for paging", Algorithmica 11, 1994, doi:10.1007/BF01189992)
//! with the value as cost. An object nobody spoke of has the value 1. With `per=byte` the value is divided by the size, which serves requests at the expense of bytes.
//! `population` is O(1), 8 bytes an object; the others O(1) a hit, O(log n) an eviction or a hint, 28 bytes an
//! object and about 24 for each in the cache.
//!
//! In regularized evolution the value for `next-donor` is known in closed form: see [`selection_probability`] and
//! [`chance_of_selection`].

use crate::heap::{Entry, LateHeap};
use crate::kind::Per;
use crate::list::{Links, List};
use crate::observe::Observer;
use crate::policy::Policy;
use crate::space::{At, Space};

/// The probability that a tournament chooses the member of this rank, 1 being the best: `sample` distinct members of a
/// `population` are drawn and the best of them wins, so C(population - rank, sample - 1) / C(population, sample). 0 for
/// ranks, populations or samples that cannot be.
pub fn selection_probability(population: u32, sample: u32, rank: u32) -> f64 {
    if rank == 0 || rank > population || sample == 0 || sample > population || population - rank < sample - 1
    {
        return 0.0;
    }
    // C(n - r, s - 1) / C(n, s) = s/n * prod_{k=0}^{s-2} (n - r - k) / (n - 1 - k)
    let product: f64 =
        (0..sample - 1).map(|k| f64::from(population - rank - k) / f64::from(population - 1 - k)).product();
    product * f64::from(sample) / f64::from(population)
}

/// The probability that a member is chosen at least once in the steps it has left, if it keeps its rank: a member of
/// `age` a (0 for the newest) lives `population` - a more steps.
pub fn chance_of_selection(population: u32, sample: u32, rank: u32, age: u32) -> f64 {
    let once = selection_probability(population, sample, rank);
    let mut never = 1.0;
    for _ in age..population {
        never *= 1.0 - once;
    }
    1.0 - never
}

/// In no model that can be chosen.
const DEAD: u8 = 2;

pub(crate) struct Population {
    links: Links,
    live: List,
    dead: List,
}

impl Population {
    pub(crate) fn new(objects: usize) -> Self {
        Self { links: Links::new(objects), live: List::new(), dead: List::new() }
    }

    fn list_of<R: Observer>(&mut self, o: u32, space: &Space<R>) -> (&mut List, &mut Links) {
        let list = if space.has(o, DEAD) { &mut self.dead } else { &mut self.live };
        (list, &mut self.links)
    }
}

impl Policy for Population {
    fn grow(&mut self, objects: usize) {
        self.links.grow(objects);
    }

    #[inline]
    fn hit<R: Observer>(&mut self, o: u32, space: &mut Space<R>, _at: At<'_>) {
        let (list, links) = self.list_of(o, space);
        list.touch(links, o);
    }

    fn admit<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>) {
        while space.lacks(at.size(o)) {
            let Some(victim) = self.dead.oldest().or_else(|| self.live.oldest()) else { return };
            let (list, links) = self.list_of(victim, space);
            list.remove(links, victim, 0);
            space.evict(victim, at);
        }
        let (list, links) = self.list_of(o, space);
        list.push(links, o, 0);
        space.admit(o, at);
    }

    fn delete<R: Observer>(&mut self, o: u32, space: &mut Space<R>, _at: At<'_>) {
        if space.resident(o) {
            let (list, links) = self.list_of(o, space);
            list.remove(links, o, 0);
        }
    }

    fn value<R: Observer>(&mut self, o: u32, value: f64, space: &mut Space<R>, _at: At<'_>) {
        let dead = value <= 0.0;
        if dead == space.has(o, DEAD) {
            return;
        }
        if space.resident(o) {
            // What changes groups is the newest of its new one: the dead leave in the order in which they died.
            let (list, links) = self.list_of(o, space);
            list.remove(links, o, 0);
        }
        space.flags[o as usize] ^= DEAD;
        if space.resident(o) {
            let (list, links) = self.list_of(o, space);
            list.push(links, o, 0);
        }
    }
}

/// A bit for [`LateHeap::tidy`].
const MARKED: u8 = 2;

/// `descendants` and `next-donor`.
pub(crate) struct ByValue {
    scales: Scales,
    used: Vec<u32>,
    /// The smallest key that an object has in the heap, or more: what is lowered to no less needs no entry of its own.
    floor: Vec<u64>,
    heap: LateHeap,
    ageing: bool,
    level: f64,
}

/// What keys are made of.
struct Scales {
    /// The level at the last use; 0 throughout without ageing.
    base: Vec<f64>,
    value: Vec<f64>,
    per: Per,
}

impl Scales {
    /// The key as the bits of a float that is not negative, which order like the float.
    fn key(&self, o: u32, sizes: &[u64]) -> u64 {
        let value = self.value[o as usize];
        let worth = match self.per {
            Per::Object => value,
            Per::Byte => value / sizes[o as usize] as f64,
        };
        // A hint of -0.0 would have the largest bits of all.
        (self.base[o as usize] + worth.abs()).to_bits()
    }
}

impl ByValue {
    pub(crate) fn new(objects: usize, per: Per, ageing: bool) -> Self {
        Self {
            scales: Scales { base: vec![0.0; objects], value: vec![1.0; objects], per },
            used: vec![0; objects],
            floor: vec![0; objects],
            heap: LateHeap::new(),
            ageing,
            level: 0.0,
        }
    }

    fn tidy<R: Observer>(&mut self, space: &mut Space<R>, at: At<'_>) {
        let (scales, used, floor, residents) = (&self.scales, &self.used, &mut self.floor, space.len());
        let entry = |o: u32| {
            let key = scales.key(o, at.sizes);
            floor[o as usize] = key;
            Entry { key, used: used[o as usize], object: o }
        };
        self.heap.tidy(&mut space.flags, residents, MARKED, entry);
    }
}

impl Policy for ByValue {
    fn grow(&mut self, objects: usize) {
        self.scales.base.resize(objects, 0.0);
        self.scales.value.resize(objects, 1.0);
        self.used.resize(objects, 0);
        self.floor.resize(objects, 0);
    }

    #[inline]
    fn hit<R: Observer>(&mut self, o: u32, _space: &mut Space<R>, at: At<'_>) {
        self.used[o as usize] = at.now;
        if self.ageing {
            self.scales.base[o as usize] = self.level;
        }
    }

    fn admit<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>) {
        while space.lacks(at.size(o)) {
            let (scales, used, floor) = (&self.scales, &self.used, &mut self.floor);
            let entry = |o: u32| {
                let key = scales.key(o, at.sizes);
                floor[o as usize] = key;
                Entry { key, used: used[o as usize], object: o }
            };
            let Some(victim) = self.heap.least(&space.flags, entry) else { return };
            self.heap.take();
            if self.ageing {
                // A hint may have lowered the victim below what left before it; the level never falls.
                self.level = self.level.max(f64::from_bits(self.scales.key(victim, at.sizes)));
            }
            space.evict(victim, at);
        }
        self.hit(o, space, at);
        let key = self.scales.key(o, at.sizes);
        self.floor[o as usize] = key;
        self.heap.push(Entry { key, used: at.now, object: o });
        space.admit(o, at);
    }

    fn delete<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>) {
        self.scales.value[o as usize] = 1.0;
        self.tidy(space, at);
    }

    fn value<R: Observer>(&mut self, o: u32, value: f64, space: &mut Space<R>, at: At<'_>) {
        let before = std::mem::replace(&mut self.scales.value[o as usize], value);
        if space.resident(o) && value < before {
            // Entries are corrected upwards only, so a lower key needs an entry of its own.
            let key = self.scales.key(o, at.sizes);
            if key < self.floor[o as usize] {
                self.floor[o as usize] = key;
                self.heap.push(Entry { key, used: self.used[o as usize], object: o });
                self.tidy(space, at);
            }
        }
    }
}
