//! ARC: recency and frequency in two LRU queues whose balance follows the misses.
//!
//! N. Megiddo, D. S. Modha, "ARC: a self-tuning, low overhead replacement cache", FAST 2003. T1 holds what was used once
//! lately, T2 what was used more often, B1 and B2 remember what they evicted. A miss remembered in B1 says that T1
//! should be larger, one in B2 the opposite.
//!
//! Sizes: every length of the paper is a sum of bytes, and the target moves by the *size* of the object that is missed,
//! times the quotient of the ghosts' bytes. Counting one per ghost hit, as some simulators do on bytes, leaves the target
//! where it was for any practical trace. T1 and B1 together remember at most the capacity, all four lists at most
//! twice that. O(1) amortised, 8 bytes an object.

use crate::list::{Links, List};
use crate::observe::Observer;
use crate::policy::Policy;
use crate::space::{At, Space};

/// In T2 or B2; without it in T1, or in B1 if also [`GHOST`].
const OFTEN: u8 = 2;
/// In B1 or B2.
const GHOST: u8 = 4;

pub(crate) struct Arc {
    links: Links,
    /// T1, T2.
    once: List,
    often: List,
    /// B1, B2.
    once_ghosts: List,
    often_ghosts: List,
    /// How many bytes T1 should have.
    target: u64,
}

/// `size`, times `a / b` where that is more than 1.
fn step(size: u64, a: u64, b: u64) -> u64 {
    if a <= b || b == 0 {
        return size;
    }
    u64::try_from(u128::from(size) * u128::from(a) / u128::from(b)).unwrap_or(u64::MAX)
}

impl Arc {
    pub(crate) fn new(objects: usize) -> Self {
        Self {
            links: Links::new(objects),
            once: List::new(),
            often: List::new(),
            once_ghosts: List::new(),
            often_ghosts: List::new(),
            target: 0,
        }
    }

    /// REPLACE of the paper. `from_often`: the object that needs the room was remembered in B2.
    fn replace<R: Observer>(&mut self, from_often: bool, space: &mut Space<R>, at: At<'_>) -> bool {
        let once = self.once.bytes();
        let shrink_once = self.once.oldest().is_some()
            && (once > self.target || (from_often && once == self.target) || self.often.oldest().is_none());
        let (list, ghosts) = if shrink_once {
            (&mut self.once, &mut self.once_ghosts)
        } else {
            (&mut self.often, &mut self.often_ghosts)
        };
        let Some(victim) = list.oldest() else { return false };
        list.remove(&mut self.links, victim, at.size(victim));
        ghosts.push(&mut self.links, victim, at.size(victim));
        space.evict(victim, at);
        space.set(victim, GHOST);
        true
    }

    fn forget<R: Observer>(&mut self, often: bool, space: &mut Space<R>, at: At<'_>) -> bool {
        let ghosts = if often { &mut self.often_ghosts } else { &mut self.once_ghosts };
        let Some(oldest) = ghosts.oldest() else { return false };
        ghosts.remove(&mut self.links, oldest, at.size(oldest));
        space.clear(oldest, GHOST | OFTEN);
        true
    }
}

impl Policy for Arc {
    fn grow(&mut self, objects: usize) {
        self.links.grow(objects);
    }

    #[inline]
    fn hit<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>) {
        if space.has(o, OFTEN) {
            self.often.touch(&mut self.links, o);
        } else {
            let size = at.size(o);
            self.once.remove(&mut self.links, o, size);
            self.often.push(&mut self.links, o, size);
            space.set(o, OFTEN);
        }
    }

    fn admit<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>) {
        let size = at.size(o);
        let capacity = space.capacity();
        let remembered = space.has(o, GHOST);
        let from_often = remembered && space.has(o, OFTEN);
        if remembered {
            let (b1, b2) = (self.once_ghosts.bytes(), self.often_ghosts.bytes());
            if from_often {
                self.target = self.target.saturating_sub(step(size, b1, b2));
                self.often_ghosts.remove(&mut self.links, o, size);
            } else {
                self.target = self.target.saturating_add(step(size, b2, b1)).min(capacity);
                self.once_ghosts.remove(&mut self.links, o, size);
            }
            space.clear(o, GHOST | OFTEN);
        }
        while space.lacks(size) {
            if !self.replace(from_often, space, at) {
                return;
            }
        }
        if remembered {
            self.often.push(&mut self.links, o, size);
            space.set(o, OFTEN);
        } else {
            // Case IV of the paper: the directory is kept within its bounds. T1 alone is within them by now.
            while u128::from(self.once.bytes()) + u128::from(self.once_ghosts.bytes()) + u128::from(size)
                > u128::from(capacity)
                && self.forget(false, space, at)
            {}
            let all = |arc: &Self| {
                [&arc.once, &arc.often, &arc.once_ghosts, &arc.often_ghosts]
                    .iter()
                    .map(|list| u128::from(list.bytes()))
                    .sum::<u128>()
            };
            while all(self) + u128::from(size) > 2 * u128::from(capacity) && self.forget(true, space, at) {}
            self.once.push(&mut self.links, o, size);
        }
        space.admit(o, at);
    }

    fn delete<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>) {
        let list = match (space.resident(o), space.has(o, GHOST), space.has(o, OFTEN)) {
            (true, _, true) => &mut self.often,
            (true, _, false) => &mut self.once,
            (false, true, true) => &mut self.often_ghosts,
            (false, true, false) => &mut self.once_ghosts,
            (false, false, _) => return,
        };
        list.remove(&mut self.links, o, at.size(o));
    }
}
