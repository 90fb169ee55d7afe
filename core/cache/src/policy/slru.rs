//! SLRU: a probation queue for what was used once, a protected one for what was used again.
//!
//! R. Karedla, J. S. Love, B. G. Wherry, "Caching strategies to improve disk system performance", Computer 27(3), 1994,
//! doi:10.1109/2.268884. Both queues are LRU. A hit in probation promotes; what no longer fits into the protected share
//! goes back to the newest end of probation; probation loses first. Sizes: the protected share is in bytes (option
//! `protected`, default 0.8), and an object larger than that share stays in probation, since promoting it would
//! empty the protected queue for one object that does not fit there either. O(1) amortised, 8 bytes an object.

use crate::list::{Links, List};
use crate::observe::Observer;
use crate::policy::{Policy, share};
use crate::space::{At, Space};

const PROTECTED: u8 = 2;

pub(crate) struct Slru {
    links: Links,
    probation: List,
    protected: List,
    protected_share: u64,
}

impl Slru {
    pub(crate) fn new(objects: usize, capacity: u64, protected: f64) -> Self {
        Self {
            links: Links::new(objects),
            probation: List::new(),
            protected: List::new(),
            protected_share: share(capacity, protected),
        }
    }
}

impl Policy for Slru {
    fn grow(&mut self, objects: usize) {
        self.links.grow(objects);
    }

    #[inline]
    fn hit<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>) {
        let size = at.size(o);
        if space.has(o, PROTECTED) {
            self.protected.touch(&mut self.links, o);
        } else if size > self.protected_share {
            self.probation.touch(&mut self.links, o);
        } else {
            self.probation.remove(&mut self.links, o, size);
            while self.protected.bytes() + size > self.protected_share {
                let Some(demoted) = self.protected.oldest() else { break };
                self.protected.remove(&mut self.links, demoted, at.size(demoted));
                self.probation.push(&mut self.links, demoted, at.size(demoted));
                space.clear(demoted, PROTECTED);
            }
            self.protected.push(&mut self.links, o, size);
            space.set(o, PROTECTED);
        }
    }

    #[inline]
    fn admit<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>) {
        while space.lacks(at.size(o)) {
            let queue =
                if self.probation.oldest().is_some() { &mut self.probation } else { &mut self.protected };
            let Some(victim) = queue.oldest() else { return };
            queue.remove(&mut self.links, victim, at.size(victim));
            space.evict(victim, at);
            space.clear(victim, PROTECTED);
        }
        self.probation.push(&mut self.links, o, at.size(o));
        space.admit(o, at);
    }

    fn delete<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>) {
        if space.resident(o) {
            let queue = if space.has(o, PROTECTED) { &mut self.protected } else { &mut self.probation };
            queue.remove(&mut self.links, o, at.size(o));
        }
    }
}
