//! LHD: least hit density, the expected hits an object earns for the bytes and the time it takes up.
//!
//! N. Beckmann, H. Chen, A. Cidon, "LHD: improving cache hit rate by maximizing hit density", NSDI 2018. Hits and evictions are
//! counted by the age at which they happen and by class; from them follows the hit density at every age,
//! P(hit later) / E(remaining time), which is divided by the size. The smallest of `sample` objects (default 64), drawn with
//! replacement, leaves; all are compared when there are no more.
//!
//! Variant: ages are in records since the last use, in 8 steps for each power of two, so that no adaptive coarsening
//! is needed; 16 classes, one for what was never hit, the others by the logarithm of the sum of the last two ages at
//! hit; densities are renewed every `interval` uses (default 65536, the paper about a million) and old counts
//! weigh 0.9 then. Until a class has counts its density is 1 / (age + 1), which is LRU by size. No "explorer"
//! objects. Drawn from SplitMix64 with the option `seed`. O(sample) an eviction, O(1) a hit, 16 bytes an object and 4
//! for each in the cache.

use crate::list::NIL;
use crate::observe::Observer;
use crate::policy::Policy;
use crate::pool::Pool;
use crate::random::SplitMix64;
use crate::space::{At, Space};

const STEPS: u32 = 8;
const AGES: usize = 240;
const CLASSES: usize = 16;
const DECAY: f64 = 0.9;

/// The bucket of an age: exact below 8, then 8 for each power of two.
#[inline]
fn bucket(age: u32) -> usize {
    if age < STEPS {
        return age as usize;
    }
    let exponent = age.ilog2();
    ((exponent - 2) * STEPS + ((age >> (exponent - 3)) & (STEPS - 1))) as usize
}

/// The smallest age in a bucket.
fn from(bucket: usize) -> u64 {
    let b = bucket as u64;
    if b < u64::from(STEPS) { b } else { (8 + b % 8) << (b / 8 - 1) }
}

#[derive(Clone, Copy)]
struct State {
    used: u32,
    /// The last two ages at hit; `NIL` for none.
    ages: [u32; 2],
}

const NEW: State = State { used: 0, ages: [NIL; 2] };

impl State {
    fn class(&self) -> usize {
        let [last, before] = self.ages;
        if last == NIL {
            return 0;
        }
        let sum = u64::from(last) + u64::from(if before == NIL { last } else { before });
        let log = 64 - sum.leading_zeros();
        1 + (log as usize / 2).min(CLASSES - 2)
    }
}

pub(crate) struct Lhd {
    states: Vec<State>,
    pool: Pool,
    random: SplitMix64,
    sample: u32,
    interval: u32,
    uses: u32,
    hits: Vec<[f64; AGES]>,
    evictions: Vec<[f64; AGES]>,
    density: Vec<[f64; AGES]>,
}

impl Lhd {
    pub(crate) fn new(objects: usize, sample: u32, interval: u32, seed: u64) -> Self {
        let young = std::array::from_fn(|age| 1.0 / (from(age) as f64 + 1.0));
        Self {
            states: vec![NEW; objects],
            pool: Pool::new(objects),
            random: SplitMix64::new(seed),
            sample,
            interval,
            uses: 0,
            hits: vec![[0.0; AGES]; CLASSES],
            evictions: vec![[0.0; AGES]; CLASSES],
            density: vec![young; CLASSES],
        }
    }

    #[inline]
    fn count_use(&mut self) {
        self.uses += 1;
        if self.uses >= self.interval {
            self.uses = 0;
            self.renew();
        }
    }

    fn renew(&mut self) {
        for ((hits, evictions), density) in
            self.hits.iter_mut().zip(&mut self.evictions).zip(&mut self.density)
        {
            if hits.iter().chain(evictions.iter()).all(|&count| count <= 0.0) {
                continue;
            }
            let (mut events, mut later_hits, mut time) = (0.0, 0.0, 0.0);
            for age in (0..AGES).rev() {
                events += hits[age] + evictions[age];
                later_hits += hits[age];
                time += events * (from(age + 1) - from(age)) as f64;
                density[age] = if time > 0.0 { later_hits / time } else { 0.0 };
                hits[age] *= DECAY;
                evictions[age] *= DECAY;
            }
        }
    }
}

impl Policy for Lhd {
    fn grow(&mut self, objects: usize) {
        self.states.resize(objects, NEW);
        self.pool.grow(objects);
    }

    #[inline]
    fn hit<R: Observer>(&mut self, o: u32, _space: &mut Space<R>, at: At<'_>) {
        let state = &mut self.states[o as usize];
        let age = at.now - state.used;
        self.hits[state.class()][bucket(age)] += 1.0;
        *state = State { used: at.now, ages: [age, state.ages[0]] };
        self.count_use();
    }

    fn admit<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>) {
        while space.lacks(at.size(o)) {
            let (states, density) = (&self.states, &self.density);
            let victim = self.pool.least(&mut self.random, self.sample, |o| {
                let state = &states[o as usize];
                density[state.class()][bucket(at.now - state.used)] / at.size(o) as f64
            });
            let Some(victim) = victim else { return };
            let state = &self.states[victim as usize];
            self.evictions[state.class()][bucket(at.now - state.used)] += 1.0;
            self.pool.remove(victim);
            space.evict(victim, at);
        }
        self.states[o as usize] = State { used: at.now, ..NEW };
        self.pool.insert(o);
        space.admit(o, at);
        self.count_use();
    }

    fn delete<R: Observer>(&mut self, o: u32, space: &mut Space<R>, _at: At<'_>) {
        if space.resident(o) {
            self.pool.remove(o);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_tile_the_ages() {
        for age in (0..100_000).chain([u32::MAX - 1, u32::MAX]) {
            let bucket = bucket(age);
            assert!(bucket < AGES);
            assert!((from(bucket)..from(bucket + 1)).contains(&u64::from(age)), "{age}");
        }
    }
}
