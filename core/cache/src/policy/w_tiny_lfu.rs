//! W-TinyLFU: a small LRU window, a segmented LRU behind it, and an admission test by frequency between them.
//!
//! G. Einziger, R. Friedman, B. Manes, "TinyLFU: a highly efficient cache admission policy", ACM TOS 13(4), 2017,
//! doi:10.1145/3149371; sizes after G. Einziger, O. Eytan, R. Friedman, B. Manes, "Lightweight robust size aware cache
//! management", ACM TOS 18(3), 2022, doi:10.1145/3507920 (their rule AV, aggregated victims).
//!
//! - The window has the share `window` (default 0.01) of the bytes, the main part the rest, of which `protected` (default
//!   0.8) is the protected segment.
//! - What leaves the window is a candidate. If the main part has no room, the candidate must have a larger frequency than
//!   all the victims it would need together; otherwise the candidate leaves.
//! - An object larger than the window is a candidate at once; one larger than the main part is never admitted.
//! - Frequencies are exact counters up to 15 of each object, not a sketch: ids are numbers here, and a byte an object is
//!   less than a sketch of the same precision. All are halved after ten times as many uses as there are objects in the
//!   cache, at least 1024.
//!
//! O(1) amortised apart from the walk over victims, which ends when their frequencies reach the candidate's, and the
//! halving, O(objects) at each period. 9 bytes an object.

use crate::list::{Links, List, NIL};
use crate::observe::Observer;
use crate::policy::{Policy, share};
use crate::space::{At, Space};

const WINDOW: u8 = 2;
const PROTECTED: u8 = 4;

pub(crate) struct WTinyLfu {
    links: Links,
    window: List,
    probation: List,
    protected: List,
    window_share: u64,
    main_share: u64,
    protected_share: u64,
    counts: Vec<u8>,
    counted: usize,
    victims: Vec<u32>,
}

impl WTinyLfu {
    pub(crate) fn new(objects: usize, capacity: u64, window: f64, protected: f64) -> Self {
        let window_share = share(capacity, window).min(capacity);
        let main_share = capacity - window_share;
        Self {
            links: Links::new(objects),
            window: List::new(),
            probation: List::new(),
            protected: List::new(),
            window_share,
            main_share,
            protected_share: share(main_share, protected),
            counts: vec![0; objects],
            counted: 0,
            victims: Vec::new(),
        }
    }

    #[inline]
    fn count(&mut self, o: u32, residents: usize) {
        let count = &mut self.counts[o as usize];
        *count = (*count + 1).min(15);
        self.counted += 1;
        if self.counted >= (residents * 10).max(1024) {
            self.counts.iter_mut().for_each(|count| *count >>= 1);
            self.counted /= 2;
        }
    }

    /// Makes room for a candidate in the main part, if it is worth more than what would have to leave.
    fn contest<R: Observer>(&mut self, candidate: u32, space: &mut Space<R>, at: At<'_>) -> bool {
        let size = at.size(candidate);
        if size > self.main_share {
            return false;
        }
        let mut free = self.main_share - self.probation.bytes() - self.protected.bytes();
        let mut worth = 0;
        self.victims.clear();
        let mut next = self.probation.oldest();
        let mut in_probation = true;
        while free < size {
            if next.is_none() && in_probation {
                in_probation = false;
                next = self.protected.oldest();
            }
            let Some(victim) = next else { return false };
            worth += self.counts[victim as usize];
            if worth >= self.counts[candidate as usize] {
                return false;
            }
            free += at.size(victim);
            self.victims.push(victim);
            next = Some(self.links.newer(victim)).filter(|&newer| newer != NIL);
        }
        for &victim in &self.victims {
            let list = if space.has(victim, PROTECTED) { &mut self.protected } else { &mut self.probation };
            list.remove(&mut self.links, victim, at.size(victim));
            space.evict(victim, at);
            space.clear(victim, PROTECTED);
        }
        true
    }
}

impl Policy for WTinyLfu {
    fn grow(&mut self, objects: usize) {
        self.links.grow(objects);
        self.counts.resize(objects, 0);
    }

    #[inline]
    fn hit<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>) {
        self.count(o, space.len());
        let size = at.size(o);
        if space.has(o, WINDOW) {
            self.window.touch(&mut self.links, o);
        } else if space.has(o, PROTECTED) {
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

    fn admit<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>) {
        self.count(o, space.len());
        let size = at.size(o);
        if size > self.window_share {
            if self.contest(o, space, at) {
                self.probation.push(&mut self.links, o, size);
                space.admit(o, at);
            }
            return;
        }
        while self.window.bytes() + size > self.window_share {
            let Some(candidate) = self.window.oldest() else { return };
            self.window.remove(&mut self.links, candidate, at.size(candidate));
            space.clear(candidate, WINDOW);
            if self.contest(candidate, space, at) {
                self.probation.push(&mut self.links, candidate, at.size(candidate));
            } else {
                space.evict(candidate, at);
            }
        }
        self.window.push(&mut self.links, o, size);
        space.set(o, WINDOW);
        space.admit(o, at);
    }

    fn delete<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>) {
        self.counts[o as usize] = 0;
        if space.resident(o) {
            let list = match (space.has(o, WINDOW), space.has(o, PROTECTED)) {
                (true, _) => &mut self.window,
                (false, true) => &mut self.protected,
                (false, false) => &mut self.probation,
            };
            list.remove(&mut self.links, o, at.size(o));
        }
    }
}
