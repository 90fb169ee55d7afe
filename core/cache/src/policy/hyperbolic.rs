//! Hyperbolic caching: what was used least often for its time in the cache leaves first.
//!
//! A. Blankstein, S. Sen, M. J. Freedman, "Hyperbolic caching: flexible caching for web applications", USENIX ATC 2017. The
//! priority of an object is its uses since it came in, divided by the records since then. As in the paper the
//! smallest of `sample` objects (default 64), drawn with replacement, leaves; all are compared when there are no more.
//! Sizes: with `per=object` (default) they do not count; with `per=byte` the priority is divided by the size, the paper's
//! extension for costs. Drawn from SplitMix64 with the option `seed`. O(sample) an eviction, O(1) a hit, 12 bytes an
//! object and 4 for each in the cache.

use crate::kind::Per;
use crate::observe::Observer;
use crate::policy::Policy;
use crate::pool::Pool;
use crate::random::SplitMix64;
use crate::space::{At, Space};

#[derive(Clone, Copy, Default)]
struct State {
    uses: u32,
    since: u32,
}

pub(crate) struct Hyperbolic {
    states: Vec<State>,
    pool: Pool,
    random: SplitMix64,
    sample: u32,
    per: Per,
}

impl Hyperbolic {
    pub(crate) fn new(objects: usize, sample: u32, per: Per, seed: u64) -> Self {
        Self {
            states: vec![State::default(); objects],
            pool: Pool::new(objects),
            random: SplitMix64::new(seed),
            sample,
            per,
        }
    }
}

impl Policy for Hyperbolic {
    fn grow(&mut self, objects: usize) {
        self.states.resize(objects, State::default());
        self.pool.grow(objects);
    }

    #[inline]
    fn hit<R: Observer>(&mut self, o: u32, _space: &mut Space<R>, _at: At<'_>) {
        let state = &mut self.states[o as usize];
        state.uses = state.uses.saturating_add(1);
    }

    fn admit<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>) {
        while space.lacks(at.size(o)) {
            let (states, per) = (&self.states, self.per);
            let victim = self.pool.least(&mut self.random, self.sample, |o| {
                let State { uses, since } = states[o as usize];
                let rate = f64::from(uses) / f64::from(at.now - since);
                match per {
                    Per::Object => rate,
                    Per::Byte => rate / at.size(o) as f64,
                }
            });
            let Some(victim) = victim else { return };
            self.pool.remove(victim);
            space.evict(victim, at);
        }
        self.states[o as usize] = State { uses: 1, since: at.now };
        self.pool.insert(o);
        space.admit(o, at);
    }

    fn delete<R: Observer>(&mut self, o: u32, space: &mut Space<R>, _at: At<'_>) {
        if space.resident(o) {
            self.pool.remove(o);
        }
    }
}
