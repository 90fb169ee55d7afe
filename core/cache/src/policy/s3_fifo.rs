//! S3-FIFO: a small FIFO that most objects leave soon, a main one with second chances, a ghost FIFO.
//!
//! J. Yang, Y. Zhang, Z. Qiu, Y. Yue, K. V. Rashmi, "FIFO queues are all you need for cache eviction", SOSP 2023,
//! doi:10.1145/3600006.3613147. New objects enter the small queue, remembered ones the main queue. What leaves the small
//! queue goes to the main one if it was hit more than once (its count is cleared), otherwise it is evicted and
//! remembered. The main queue reinserts with the count lowered by one. Counts stop at 3.
//!
//! Sizes: the small queue's share `small` (default 0.1) and the ghosts' share `ghost` (default 0.9, the main queue's) are
//! bytes; the small queue gives way while it has at least its share. An object larger than the small queue enters
//! it like any other (libCacheSim refuses it). Amortised O(1), 8 bytes an object, counts are in the flags.

use crate::list::{Links, List};
use crate::observe::Observer;
use crate::policy::{Policy, share};
use crate::space::{At, Space};

const SMALL: u8 = 2;
const GHOST: u8 = 4;
/// The lowest bit of the count.
const COUNT: u8 = 8;
const COUNTS: u8 = 3 * COUNT;

pub(crate) struct S3Fifo {
    links: Links,
    small: List,
    main: List,
    ghosts: List,
    small_share: u64,
    ghost_share: u64,
}

impl S3Fifo {
    pub(crate) fn new(objects: usize, capacity: u64, small: f64, ghost: f64) -> Self {
        Self {
            links: Links::new(objects),
            small: List::new(),
            main: List::new(),
            ghosts: List::new(),
            small_share: share(capacity, small),
            ghost_share: share(capacity, ghost),
        }
    }

    fn leave_small<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>) {
        let size = at.size(o);
        self.small.remove(&mut self.links, o, size);
        let count = space.flags[o as usize] & COUNTS;
        space.clear(o, SMALL | COUNTS);
        if count > COUNT {
            self.main.push(&mut self.links, o, size);
            return;
        }
        space.evict(o, at);
        space.set(o, GHOST);
        self.ghosts.push(&mut self.links, o, size);
        while self.ghosts.bytes() > self.ghost_share {
            let Some(forgotten) = self.ghosts.oldest() else { return };
            self.ghosts.remove(&mut self.links, forgotten, at.size(forgotten));
            space.clear(forgotten, GHOST);
        }
    }

    fn leave_main<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>) {
        if space.has(o, COUNTS) {
            space.flags[o as usize] -= COUNT;
            self.main.touch(&mut self.links, o);
        } else {
            self.main.remove(&mut self.links, o, at.size(o));
            space.evict(o, at);
        }
    }
}

impl Policy for S3Fifo {
    fn grow(&mut self, objects: usize) {
        self.links.grow(objects);
    }

    #[inline]
    fn hit<R: Observer>(&mut self, o: u32, space: &mut Space<R>, _at: At<'_>) {
        let flags = &mut space.flags[o as usize];
        if *flags & COUNTS != COUNTS {
            *flags += COUNT;
        }
    }

    #[inline]
    fn admit<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>) {
        let size = at.size(o);
        let remembered = space.has(o, GHOST);
        if remembered {
            self.ghosts.remove(&mut self.links, o, size);
            space.clear(o, GHOST);
        }
        while space.lacks(size) {
            match (self.small.oldest(), self.main.oldest()) {
                (Some(oldest), main) if main.is_none() || self.small.bytes() >= self.small_share => {
                    self.leave_small(oldest, space, at);
                }
                (_, Some(oldest)) => self.leave_main(oldest, space, at),
                _ => return,
            }
        }
        if remembered {
            self.main.push(&mut self.links, o, size);
        } else {
            self.small.push(&mut self.links, o, size);
            space.set(o, SMALL);
        }
        space.admit(o, at);
    }

    fn delete<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>) {
        let list = match (space.resident(o), space.has(o, SMALL), space.has(o, GHOST)) {
            (true, true, _) => &mut self.small,
            (true, false, _) => &mut self.main,
            (false, _, true) => &mut self.ghosts,
            (false, _, false) => return,
        };
        list.remove(&mut self.links, o, at.size(o));
    }
}
