//! Random: every object in the cache is equally likely to leave.
//!
//! Victims are drawn until the new object fits, from SplitMix64 with the option `seed`; so the same simulation gives the
//! same result. O(1), 4 bytes an object and 4 more for each in the cache.

use crate::observe::Observer;
use crate::policy::Policy;
use crate::pool::Pool;
use crate::random::SplitMix64;
use crate::space::{At, Space};

pub(crate) struct Random {
    pool: Pool,
    random: SplitMix64,
}

impl Random {
    pub(crate) fn new(objects: usize, seed: u64) -> Self {
        Self { pool: Pool::new(objects), random: SplitMix64::new(seed) }
    }
}

impl Policy for Random {
    fn grow(&mut self, objects: usize) {
        self.pool.grow(objects);
    }

    #[inline]
    fn hit<R: Observer>(&mut self, _o: u32, _space: &mut Space<R>, _at: At<'_>) {}

    fn admit<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>) {
        while space.lacks(at.size(o)) {
            let Some(victim) = self.pool.draw(&mut self.random) else { return };
            self.pool.remove(victim);
            space.evict(victim, at);
        }
        self.pool.insert(o);
        space.admit(o, at);
    }

    fn delete<R: Observer>(&mut self, o: u32, space: &mut Space<R>, _at: At<'_>) {
        if space.resident(o) {
            self.pool.remove(o);
        }
    }
}
