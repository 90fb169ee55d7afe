//! FIFO: first in, first out.
//!
//! The oldest objects leave until the new one fits. O(1) an access, 8 bytes an object. A hit changes nothing, which makes
//! it the cheapest policy and the baseline of all others.

use crate::list::{Links, List};
use crate::observe::Observer;
use crate::policy::Policy;
use crate::space::{At, Space};

pub(crate) struct Fifo {
    links: Links,
    queue: List,
}

impl Fifo {
    pub(crate) fn new(objects: usize) -> Self {
        Self { links: Links::new(objects), queue: List::new() }
    }
}

impl Policy for Fifo {
    fn grow(&mut self, objects: usize) {
        self.links.grow(objects);
    }

    #[inline]
    fn hit<R: Observer>(&mut self, _o: u32, _space: &mut Space<R>, _at: At<'_>) {}

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
