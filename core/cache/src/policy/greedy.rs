//! The frequency family: LFU, LFU with dynamic ageing, GreedyDual-Size-Frequency.
//!
//! Each keeps a key for every object in the cache, raises it at every use and evicts the smallest; of equal keys the
//! longest unused goes first. They differ in one formula ([`Rule`]):
//! - **LFU**: the number of uses since the object came in ("in-cache" LFU; what leaves is forgotten).
//! - **LFU-DA** (M. Arlitt, L. Cherkasova, J. Dilley, R. Friedrich, T. Jin, "Evaluating content management techniques for
//!   web proxy caches", ACM SIGMETRICS PER 27(4), 2000, doi:10.1145/346000.346003): L + uses, where L is the key of the
//!   last victim; so what was popular long ago ages without being touched.
//! - **GDSF** (L. Cherkasova, "Improving WWW proxies performance with Greedy-Dual-Size-Frequency caching policy", HP Labs
//!   HPL-98-69R1, 1998): L + uses / size, with a cost of 1 for every object. Best by requests, bad by bytes, since it
//!   prefers a thousand small objects to one large one.
//!
//! Sizes: LFU and LFU-DA ignore them in the key; all evict until the new object fits. A hit is O(1), since keys are
//! corrected late (module `heap`), an eviction O(log n) amortised. 16 bytes an object and 16 more for each in the cache.

use crate::heap::{Entry, LateHeap};
use crate::observe::Observer;
use crate::policy::Policy;
use crate::space::{At, Space};

/// A bit for [`LateHeap::tidy`].
const MARKED: u8 = 2;

/// How the key of an object comes about.
pub(crate) trait Rule: Send {
    /// The key after `uses` uses, when the last victim had the key `level`. Never less than before for more uses and a
    /// higher level.
    fn key(level: u64, uses: u32, size: u64) -> u64;
}

pub(crate) struct Lfu;

impl Rule for Lfu {
    #[inline]
    fn key(_level: u64, uses: u32, _size: u64) -> u64 {
        u64::from(uses)
    }
}

pub(crate) struct LfuDa;

impl Rule for LfuDa {
    #[inline]
    fn key(level: u64, uses: u32, _size: u64) -> u64 {
        level + u64::from(uses)
    }
}

/// Keys are the bits of floats, which order like the floats as long as these are not negative.
pub(crate) struct Gdsf;

impl Rule for Gdsf {
    #[inline]
    fn key(level: u64, uses: u32, size: u64) -> u64 {
        (f64::from_bits(level) + f64::from(uses) / size as f64).to_bits()
    }
}

#[derive(Clone, Copy, Default)]
struct State {
    key: u64,
    uses: u32,
    used: u32,
}

pub(crate) struct Greedy<K> {
    states: Vec<State>,
    heap: LateHeap,
    /// The key of the last victim.
    level: u64,
    rule: std::marker::PhantomData<K>,
}

impl<K: Rule> Greedy<K> {
    pub(crate) fn new(objects: usize) -> Self {
        Self {
            states: vec![State::default(); objects],
            heap: LateHeap::new(),
            level: 0,
            rule: std::marker::PhantomData,
        }
    }
}

fn entry(states: &[State], object: u32) -> Entry {
    let state = &states[object as usize];
    Entry { key: state.key, used: state.used, object }
}

impl<K: Rule> Policy for Greedy<K> {
    fn grow(&mut self, objects: usize) {
        self.states.resize(objects, State::default());
    }

    #[inline]
    fn hit<R: Observer>(&mut self, o: u32, _space: &mut Space<R>, at: At<'_>) {
        let state = &mut self.states[o as usize];
        state.uses = state.uses.saturating_add(1);
        state.used = at.now;
        state.key = K::key(self.level, state.uses, at.size(o));
    }

    #[inline]
    fn admit<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>) {
        let size = at.size(o);
        while space.lacks(size) {
            let states = &self.states;
            let Some(victim) = self.heap.least(&space.flags, |o| entry(states, o)) else { return };
            self.heap.take();
            self.level = self.states[victim as usize].key;
            space.evict(victim, at);
        }
        self.states[o as usize] = State { key: K::key(self.level, 1, size), uses: 1, used: at.now };
        self.heap.push(entry(&self.states, o));
        space.admit(o, at);
    }

    fn delete<R: Observer>(&mut self, o: u32, space: &mut Space<R>, _at: At<'_>) {
        if space.resident(o) {
            let (states, residents) = (&self.states, space.len());
            self.heap.tidy(&mut space.flags, residents, MARKED, |o| entry(states, o));
        }
    }
}
