//! LeCaR: LRU and LFU as two experts, trusted by how much each one's victims were missed.
//!
//! G. Vietri, L. V. Rodriguez, W. A. Martinez, S. Lyons, J. Liu, R. Rangaswami, M. Zhao, G. Narasimhan, "Driving cache
//! replacement with ML-based LeCaR", HotStorage 2018. For each victim one expert is drawn by weight; its choice leaves and is
//! remembered in that expert's history, unless both would have chosen the same. A miss found in a history raises the
//! *other* expert's weight by e^(rate * r), r = 0.005^(t/N): t the records since the eviction, N the objects in the
//! cache at the miss. `rate` is 0.45 by default.
//!
//! Sizes: neither expert looks at them; each history remembers victims of up to half the capacity in bytes. LFU counts
//! uses since the object came in, and of equals the longest unused is its choice. Drawn from SplitMix64 with the option
//! `seed`; exponentials are this crate's own, the same on every machine. A hit is O(1), an eviction O(log n)
//! amortised; 16 bytes an object and 16 more for each in the cache.

use crate::heap::{Entry, LateHeap};
use crate::list::{Links, List};
use crate::observe::Observer;
use crate::policy::Policy;
use crate::random::{SplitMix64, exp};
use crate::space::{At, Space};

/// A bit for [`LateHeap::tidy`].
const MARKED: u8 = 2;
const BY_LRU: u8 = 4;
const BY_LFU: u8 = 8;
/// ln 0.005
const LN_DISCOUNT: f64 = -5.298_317_366_548_036;

#[derive(Clone, Copy, Default)]
struct State {
    uses: u32,
    /// The last use, or the eviction of what is remembered.
    at: u32,
}

pub(crate) struct LeCar {
    links: Links,
    recency: List,
    by_lru: List,
    by_lfu: List,
    states: Vec<State>,
    heap: LateHeap,
    history_share: u64,
    rate: f64,
    /// The weight of LRU; that of LFU is the rest to 1.
    trust_lru: f64,
    random: SplitMix64,
}

fn entry(states: &[State], object: u32) -> Entry {
    let State { uses, at } = states[object as usize];
    Entry { key: u64::from(uses), used: at, object }
}

impl LeCar {
    pub(crate) fn new(objects: usize, capacity: u64, rate: f64, seed: u64) -> Self {
        Self {
            links: Links::new(objects),
            recency: List::new(),
            by_lru: List::new(),
            by_lfu: List::new(),
            states: vec![State::default(); objects],
            heap: LateHeap::new(),
            history_share: capacity / 2,
            rate,
            trust_lru: 0.5,
            random: SplitMix64::new(seed),
        }
    }

    fn learn(&mut self, lru_was_wrong: bool, age: u32, residents: usize) {
        let regret = exp(LN_DISCOUNT * f64::from(age) / residents.max(1) as f64);
        let gain = exp(self.rate * regret);
        let (lru, lfu) = (self.trust_lru, 1.0 - self.trust_lru);
        self.trust_lru =
            if lru_was_wrong { lru / (lru + lfu * gain) } else { lru * gain / (lru * gain + lfu) };
    }

    fn remember<R: Observer>(&mut self, o: u32, by: u8, space: &mut Space<R>, at: At<'_>) {
        let history = if by == BY_LRU { &mut self.by_lru } else { &mut self.by_lfu };
        history.push(&mut self.links, o, at.size(o));
        space.set(o, by);
        self.states[o as usize].at = at.now;
        while history.bytes() > self.history_share {
            let Some(forgotten) = history.oldest() else { return };
            history.remove(&mut self.links, forgotten, at.size(forgotten));
            space.clear(forgotten, by);
        }
    }
}

impl Policy for LeCar {
    fn grow(&mut self, objects: usize) {
        self.links.grow(objects);
        self.states.resize(objects, State::default());
    }

    #[inline]
    fn hit<R: Observer>(&mut self, o: u32, _space: &mut Space<R>, at: At<'_>) {
        self.recency.touch(&mut self.links, o);
        let state = &mut self.states[o as usize];
        state.uses = state.uses.saturating_add(1);
        state.at = at.now;
    }

    fn admit<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>) {
        let size = at.size(o);
        let remembered = space.flags[o as usize] & (BY_LRU | BY_LFU);
        if remembered != 0 {
            let history = if remembered == BY_LRU { &mut self.by_lru } else { &mut self.by_lfu };
            history.remove(&mut self.links, o, size);
            space.clear(o, BY_LRU | BY_LFU);
            self.learn(remembered == BY_LRU, at.now - self.states[o as usize].at, space.len());
        }
        while space.lacks(size) {
            let states = &self.states;
            let lfu = self.heap.least(&space.flags, |o| entry(states, o));
            let (Some(lru), Some(lfu)) = (self.recency.oldest(), lfu) else { return };
            let trust = self.random.uniform() < self.trust_lru;
            let (victim, by) = if trust { (lru, BY_LRU) } else { (lfu, BY_LFU) };
            if victim == lfu {
                self.heap.take();
            }
            self.recency.remove(&mut self.links, victim, at.size(victim));
            space.evict(victim, at);
            if lru != lfu {
                self.remember(victim, by, space, at);
            }
        }
        self.states[o as usize] = State { uses: 1, at: at.now };
        self.heap.push(entry(&self.states, o));
        self.recency.push(&mut self.links, o, size);
        space.admit(o, at);
        let (states, residents) = (&self.states, space.len());
        self.heap.tidy(&mut space.flags, residents, MARKED, |o| entry(states, o));
    }

    fn delete<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>) {
        let list = match (space.resident(o), space.has(o, BY_LRU), space.has(o, BY_LFU)) {
            (true, _, _) => &mut self.recency,
            (false, true, _) => &mut self.by_lru,
            (false, false, true) => &mut self.by_lfu,
            (false, false, false) => return,
        };
        list.remove(&mut self.links, o, at.size(o));
    }
}
