//! 2Q: a short FIFO for what is new, LRU for what came back after it had left that FIFO.
//!
//! T. Johnson, D. Shasha, "2Q: a low overhead high performance buffer management replacement algorithm", VLDB 1994; the full
//! version with A1in, A1out and Am. Sizes: all three limits are bytes. A1in may keep the share `recent` (default 0.25)
//! while space is needed; A1out remembers the objects that left A1in last, up to the share `ghost` (default 0.5) of the
//! capacity in *their* bytes, though it stores none. A hit in A1in does not move the object (correlated
//! references). O(1) amortised, 8 bytes an object.

use crate::list::{Links, List};
use crate::observe::Observer;
use crate::policy::{Policy, share};
use crate::space::{At, Space};

/// In A1in or A1out; which of them, says residence. Resident without it: in Am.
const FIRST: u8 = 2;

pub(crate) struct TwoQ {
    links: Links,
    recent: List,
    ghosts: List,
    main: List,
    recent_share: u64,
    ghost_share: u64,
}

impl TwoQ {
    pub(crate) fn new(objects: usize, capacity: u64, recent: f64, ghost: f64) -> Self {
        Self {
            links: Links::new(objects),
            recent: List::new(),
            ghosts: List::new(),
            main: List::new(),
            recent_share: share(capacity, recent),
            ghost_share: share(capacity, ghost),
        }
    }

    fn remember<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>) {
        self.ghosts.push(&mut self.links, o, at.size(o));
        while self.ghosts.bytes() > self.ghost_share {
            let Some(forgotten) = self.ghosts.oldest() else { return };
            self.ghosts.remove(&mut self.links, forgotten, at.size(forgotten));
            space.clear(forgotten, FIRST);
        }
    }
}

impl Policy for TwoQ {
    fn grow(&mut self, objects: usize) {
        self.links.grow(objects);
    }

    #[inline]
    fn hit<R: Observer>(&mut self, o: u32, space: &mut Space<R>, _at: At<'_>) {
        if !space.has(o, FIRST) {
            self.main.touch(&mut self.links, o);
        }
    }

    #[inline]
    fn admit<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>) {
        let size = at.size(o);
        let returned = space.has(o, FIRST);
        if returned {
            self.ghosts.remove(&mut self.links, o, size);
            space.clear(o, FIRST);
        }
        while space.lacks(size) {
            if self.recent.bytes() > self.recent_share || self.main.oldest().is_none() {
                let Some(victim) = self.recent.oldest() else { return };
                self.recent.remove(&mut self.links, victim, at.size(victim));
                space.evict(victim, at);
                self.remember(victim, space, at);
            } else if let Some(victim) = self.main.oldest() {
                self.main.remove(&mut self.links, victim, at.size(victim));
                space.evict(victim, at);
            }
        }
        if returned {
            self.main.push(&mut self.links, o, size);
        } else {
            self.recent.push(&mut self.links, o, size);
            space.set(o, FIRST);
        }
        space.admit(o, at);
    }

    fn delete<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>) {
        let list = match (space.resident(o), space.has(o, FIRST)) {
            (true, true) => &mut self.recent,
            (true, false) => &mut self.main,
            (false, true) => &mut self.ghosts,
            (false, false) => return,
        };
        list.remove(&mut self.links, o, at.size(o));
    }
}
