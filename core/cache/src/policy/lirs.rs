//! LIRS: what has a low inter-reference recency stays, whatever its own recency.
//!
//! S. Jiang, X. Zhang, "LIRS: an efficient low inter-reference recency set replacement policy to improve buffer cache
//! performance", SIGMETRICS 2002, doi:10.1145/511334.511340. The stack S orders LIR objects, resident HIR ones and ghosts by
//! recency, and its bottom is always LIR; the queue Q holds the resident HIR objects, which are evicted first in, first out.
//! A HIR object (or ghost) used while in S has a reuse distance shorter than the LIR object at the bottom has been
//! waiting, and changes places with it.
//!
//! Sizes: the LIR set may have the share 1 - `hir` of the bytes (`hir` is 0.01 by default); as many LIR objects are demoted
//! as the new one needs. While the LIR set has room a new object enters it (the warm-up of the paper, and again
//! after deletions). If Q does not hold enough to make room, LIR objects are demoted into it. An object larger than
//! the LIR share never becomes LIR. Ghosts are bounded by the share `ghost` (default 1) of the capacity in their bytes, the
//! longest evicted forgotten first. O(1) amortised, 16 bytes an object.

use crate::list::{Links, List};
use crate::observe::Observer;
use crate::policy::{Policy, share};
use crate::space::{At, Space};

const LIR: u8 = 2;
/// In S; not resident and in S: a ghost.
const STACKED: u8 = 4;

pub(crate) struct Lirs {
    stack_links: Links,
    stack: List,
    /// The links of Q and of the ghosts.
    queue_links: Links,
    queue: List,
    ghosts: List,
    lir_bytes: u64,
    lir_share: u64,
    ghost_share: u64,
}

impl Lirs {
    pub(crate) fn new(objects: usize, capacity: u64, hir: f64, ghost: f64) -> Self {
        Self {
            stack_links: Links::new(objects),
            stack: List::new(),
            queue_links: Links::new(objects),
            queue: List::new(),
            ghosts: List::new(),
            lir_bytes: 0,
            lir_share: capacity.saturating_sub(share(capacity, hir)),
            ghost_share: share(capacity, ghost),
        }
    }

    fn stack_remove<R: Observer>(&mut self, o: u32, space: &mut Space<R>) {
        self.stack.remove(&mut self.stack_links, o, 0);
        space.clear(o, STACKED);
    }

    fn stack_push<R: Observer>(&mut self, o: u32, space: &mut Space<R>) {
        if space.has(o, STACKED) {
            self.stack.touch(&mut self.stack_links, o);
        } else {
            self.stack.push(&mut self.stack_links, o, 0);
            space.set(o, STACKED);
        }
    }

    /// Takes from the bottom of S what is not LIR.
    fn prune<R: Observer>(&mut self, space: &mut Space<R>, at: At<'_>) {
        while let Some(bottom) = self.stack.oldest() {
            if space.has(bottom, LIR) {
                return;
            }
            self.stack_remove(bottom, space);
            if !space.resident(bottom) {
                self.ghosts.remove(&mut self.queue_links, bottom, at.size(bottom));
            }
        }
    }

    /// The LIR object at the bottom of S goes to the end of Q.
    fn demote<R: Observer>(&mut self, space: &mut Space<R>, at: At<'_>) -> bool {
        let Some(bottom) = self.stack.oldest() else { return false };
        self.stack_remove(bottom, space);
        space.clear(bottom, LIR);
        self.lir_bytes -= at.size(bottom);
        self.queue.push(&mut self.queue_links, bottom, 0);
        self.prune(space, at);
        true
    }

    /// `o`, on top of S, becomes LIR.
    fn promote<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>) {
        space.set(o, LIR);
        self.lir_bytes += at.size(o);
        while self.lir_bytes > self.lir_share && self.demote(space, at) {}
    }

    fn evict_from_queue<R: Observer>(&mut self, victim: u32, space: &mut Space<R>, at: At<'_>) {
        self.queue.remove(&mut self.queue_links, victim, 0);
        space.evict(victim, at);
        if space.has(victim, STACKED) {
            self.ghosts.push(&mut self.queue_links, victim, at.size(victim));
            while self.ghosts.bytes() > self.ghost_share {
                let Some(forgotten) = self.ghosts.oldest() else { return };
                self.ghosts.remove(&mut self.queue_links, forgotten, at.size(forgotten));
                self.stack_remove(forgotten, space);
            }
        }
    }
}

impl Policy for Lirs {
    fn grow(&mut self, objects: usize) {
        self.stack_links.grow(objects);
        self.queue_links.grow(objects);
    }

    fn hit<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>) {
        let known = space.has(o, STACKED);
        self.stack_push(o, space);
        if !space.has(o, LIR) {
            if known && at.size(o) <= self.lir_share {
                self.queue.remove(&mut self.queue_links, o, 0);
                self.promote(o, space, at);
            } else {
                self.queue.touch(&mut self.queue_links, o);
            }
        }
        self.prune(space, at);
    }

    fn admit<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>) {
        let size = at.size(o);
        let remembered = space.has(o, STACKED);
        if remembered {
            self.stack_remove(o, space);
            self.ghosts.remove(&mut self.queue_links, o, size);
        }
        while space.lacks(size) {
            if let Some(victim) = self.queue.oldest() {
                self.evict_from_queue(victim, space, at);
            } else if !self.demote(space, at) {
                return;
            }
        }
        self.stack_push(o, space);
        space.admit(o, at);
        if size <= self.lir_share && (remembered || self.lir_bytes + size <= self.lir_share) {
            self.promote(o, space, at);
        } else {
            self.queue.push(&mut self.queue_links, o, 0);
        }
        self.prune(space, at);
    }

    fn delete<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>) {
        let (resident, stacked, lir) = (space.resident(o), space.has(o, STACKED), space.has(o, LIR));
        if stacked {
            self.stack_remove(o, space);
        }
        if lir {
            self.lir_bytes -= at.size(o);
        } else if resident {
            self.queue.remove(&mut self.queue_links, o, 0);
        } else if stacked {
            self.ghosts.remove(&mut self.queue_links, o, at.size(o));
        }
        self.prune(space, at);
    }
}
