//! CLOCK, also called second chance or FIFO-reinsertion.
//!
//! F. J. Corbató, "A paging experiment with the Multics system", MIT Project MAC, 1968; with a counter of more than
//! one bit as generalised CLOCK (A. J. Smith, "Sequentiality and prefetching in database systems", ACM TODS 3(3), 1978,
//! doi:10.1145/320263.320276). A hit counts up to 2^bits - 1; the hand passes over the oldest object while its count is
//! not 0, lowers it by one and moves the object to the newest end. Sizes: objects leave until the new one fits.
//! Amortised O(2^bits) an admission, O(1) a hit; 8 bytes an object, the counter is in the flags.

use crate::list::{Links, List};
use crate::observe::Observer;
use crate::policy::Policy;
use crate::space::{At, Space};

/// The counter is in the flags from this bit on.
const COUNT: u8 = 1;

pub(crate) struct Clock {
    links: Links,
    queue: List,
    most: u8,
}

impl Clock {
    /// `bits` from 1 to 6.
    pub(crate) fn new(objects: usize, bits: u8) -> Self {
        Self { links: Links::new(objects), queue: List::new(), most: (1 << bits.clamp(1, 6)) - 1 }
    }
}

impl Policy for Clock {
    fn grow(&mut self, objects: usize) {
        self.links.grow(objects);
    }

    #[inline]
    fn hit<R: Observer>(&mut self, o: u32, space: &mut Space<R>, _at: At<'_>) {
        let flags = &mut space.flags[o as usize];
        if *flags >> COUNT < self.most {
            *flags += 1 << COUNT;
        }
    }

    #[inline]
    fn admit<R: Observer>(&mut self, o: u32, space: &mut Space<R>, at: At<'_>) {
        while space.lacks(at.size(o)) {
            let Some(oldest) = self.queue.oldest() else { return };
            if space.flags[oldest as usize] >> COUNT > 0 {
                space.flags[oldest as usize] -= 1 << COUNT;
                self.queue.touch(&mut self.links, oldest);
            } else {
                self.queue.remove(&mut self.links, oldest, 0);
                space.evict(oldest, at);
            }
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
