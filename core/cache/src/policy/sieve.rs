//! SIEVE: FIFO order, a hand that passes over what was visited, and nothing is ever moved.
//!
//! Y. Zhang, J. Yang, Y. Yue, Y. Vigfusson, K. V. Rashmi, "SIEVE is simpler than LRU", NSDI 2024. The hand goes from the
//! oldest to the newest object, clears the mark of visited ones and evicts the first without; new objects come in at
//! the newest end, behind the hand's back. Sizes: the hand goes on until the new object fits. Amortised O(1), 8 bytes an
//! object, the mark is in the flags.

use crate::list::{Links, List, NIL};
use crate::observe::Observer;
use crate::policy::Policy;
use crate::space::{At, Space};

const VISITED: u8 = 2;

pub(crate) struct Sieve {
    links: Links,
    queue: List,
    /// Where the hand stands; `NIL` before the oldest.
    hand: u32,
}

impl Sieve {
    pub(crate) fn new(objects: usize) -> Self {
        Self { links: Links::new(objects), queue: List::new(), hand: NIL }
    }
}

impl Policy for Sieve {
    fn grow(&mut self, objects: usize) {
        self.links.grow(objects);
    }

    #[inline]
    fn hit<R: Observer>(&mut self, o: u32, space: &mut Space<R>, _at: At<'_>) {
        space.set(o, VISITED);
    }

    #[inline]
    fn admit<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>) {
        while space.lacks(at.size(o)) {
            if self.hand == NIL {
                let Some(oldest) = self.queue.oldest() else { return };
                self.hand = oldest;
            }
            let here = self.hand;
            self.hand = self.links.newer(here);
            if space.has(here, VISITED) {
                space.clear(here, VISITED);
            } else {
                self.queue.remove(&mut self.links, here, 0);
                space.evict(here, at);
            }
        }
        self.queue.push(&mut self.links, o, 0);
        space.admit(o, at);
    }

    fn delete<R: Observer>(&mut self, o: u32, space: &mut Space<R>, _at: At<'_>) {
        if space.resident(o) {
            if self.hand == o {
                self.hand = self.links.newer(o);
            }
            self.queue.remove(&mut self.links, o, 0);
        }
    }
}
