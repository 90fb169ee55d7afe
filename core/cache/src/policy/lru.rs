//! LRU: what was used longest ago leaves first.
//!
//! R. L. Mattson, J. Gecsei, D. R. Slutz, I. L. Traiger, "Evaluation techniques for storage hierarchies", IBM Systems
//! Journal 9(2), 1970, doi:10.1147/sj.92.0078. The least recently used objects leave until the new one fits. With that
//! rule LRU is a stack algorithm for sizes too: an object is in the cache exactly while the bytes used since its last
//! use, its own included, never exceeded the capacity. [`MissRatioCurve`](crate::MissRatioCurve) rests on this.
//! O(1) an access, 8 bytes an object.

use crate::list::{Links, List};
use crate::observe::Observer;
use crate::policy::Policy;
use crate::space::{At, Space};

pub(crate) struct Lru {
    links: Links,
    queue: List,
}

impl Lru {
    pub(crate) fn new(objects: usize) -> Self {
        Self { links: Links::new(objects), queue: List::new() }
    }
}

impl Policy for Lru {
    fn grow(&mut self, objects: usize) {
        self.links.grow(objects);
    }

    #[inline]
    fn hit<R: Observer>(&mut self, o: u32, _space: &mut Space<R>, _at: At<'_>) {
        self.queue.touch(&mut self.links, o);
    }

    #[inline]
    fn admit<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>) {
        while space.lacks(at.size(o)) {
            let Some(victim) = self.queue.oldest() else { return };
            self.queue.remove(&mut self.links, victim, 0);
            space.evict(victim, at);
        }
        self.queue.push(&mut self.links, o, 0);
        space.admit(o, at);
    }

    fn delete<R: Observer>(&mut self, o: u32, space: &mut Space<R>, _at: At<'_>) {
        if space.resident(o) {
            self.queue.remove(&mut self.links, o, 0);
        }
    }
}
