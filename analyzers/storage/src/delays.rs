//! What it costs, and what it saves, when models are not retired the moment they leave the population.
//!
//! Two ways to wait: a model is retired when D more candidates have finished (**delay**), or by a **sweep** that comes
//! with every D-th finish and retires all that have left since the last one. A stored layer goes when the last member
//! with it in its map is retired. So both keep each layer that nobody holds a little longer; how long can be said when
//! it is dropped, since a gap that ends early (a child in flight finishes with the layer in its map) ends the waiting too.
//!
//! What is lost is told in three: inherited layers that were gone already when the child was submitted are **withheld**, no
//! donor would have offered them, and the child would have trained them. Layers that were promised and gone when they were to be read are
//! **missed**; those that were gone when the child finished that points at them are **broken**.
//!
//! All D are followed at once: the bytes that were dropped in each of the last slots are kept in one ring, from which
//! each delay takes what becomes due.

use crate::ledger::Gap;

/// The waits, in completions: powers of two.
pub(crate) const WAITS: [u32; 13] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096];
/// Slots of the ring: more than the longest wait.
const RING: usize = 8192;

/// One way to wait, over the run.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Wait {
    /// Bytes that nobody holds and that are still there.
    garbage: u128,
    /// The same, summed over slots.
    pub(crate) sum: u128,
    /// The most bytes that were there, garbage or not.
    pub(crate) peak: u128,
    /// Inherited layers that would not have been promised, since they were gone when the child was submitted.
    pub(crate) withheld: u64,
    /// Promised layers that were gone when they were to be read, and their bytes.
    pub(crate) missed: u64,
    pub(crate) missed_bytes: u128,
    /// Layers that were gone when a child in flight finished that points at them.
    pub(crate) broken: u64,
    pub(crate) broken_bytes: u128,
}

/// That a child was promised a layer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Promise {
    /// The slot in which it was submitted.
    pub(crate) submitted: u32,
    /// The slot since which no member had held the layer by then; `None` if one did.
    pub(crate) gone_since: Option<u32>,
}

impl Promise {
    /// Whether the layer was still there with such a delay. What is retired in a slot is gone when children are submitted.
    fn by_delay(self, wait: u32) -> bool {
        self.gone_since.is_none_or(|since| self.submitted - since < wait)
    }

    /// Whether it was with such sweeps.
    fn by_sweep(self, every: u32) -> bool {
        self.gone_since.is_none_or(|since| u64::from(self.submitted) < sweep(since, every))
    }
}

/// All of them.
#[derive(Debug, Clone)]
pub(crate) struct Delays {
    pub(crate) by_delay: [Wait; WAITS.len()],
    pub(crate) by_sweep: [Wait; WAITS.len()],
    /// Without waiting, for comparison.
    pub(crate) at_once: Wait,
    /// Bytes dropped in each of the last slots and not taken up again.
    dropped: Vec<u128>,
    /// Of layers that a member held when they were promised, the longest that nobody had held one when it was read, and
    /// when the child that points at it finished. The least delays that lose nothing: one more, and as much.
    pub(crate) latest_read: Option<u32>,
    pub(crate) longest_gap: Option<u32>,
}

/// The slot in which a sweep retires what left in slot `from`.
fn sweep(from: u32, every: u32) -> u64 {
    u64::from(from).next_multiple_of(u64::from(every))
}

impl Delays {
    pub(crate) fn new() -> Self {
        Self {
            by_delay: Default::default(),
            by_sweep: Default::default(),
            at_once: Wait::default(),
            dropped: vec![0; RING],
            latest_read: None,
            longest_gap: None,
        }
    }

    /// The last who held it let go.
    pub(crate) fn drop(&mut self, slot: u32, bytes: u64) {
        self.dropped[slot as usize % RING] += u128::from(bytes);
    }

    /// A child that inherits it was submitted.
    pub(crate) fn promised(&mut self, promise: Promise) {
        if promise.gone_since.is_none() {
            return;
        }
        self.at_once.withheld += 1;
        for (wait, every) in self.by_delay.iter_mut().zip(WAITS) {
            wait.withheld += u64::from(!promise.by_delay(every));
        }
        for (wait, every) in self.by_sweep.iter_mut().zip(WAITS) {
            wait.withheld += u64::from(!promise.by_sweep(every));
        }
    }

    /// A child that points at it finished.
    pub(crate) fn take_up(&mut self, promise: Promise, gap: Gap, bytes: u64) {
        let (length, bytes) = (gap.to - gap.from, u128::from(bytes));
        if promise.gone_since.is_none() {
            self.longest_gap = self.longest_gap.max(Some(length));
            self.at_once.broken += 1;
            self.at_once.broken_bytes += bytes;
        }
        if (length as usize) < RING {
            self.dropped[gap.from as usize % RING] -= bytes;
        }
        // It is garbage up to the slot before.
        for (wait, every) in self.by_delay.iter_mut().zip(WAITS) {
            if length <= every {
                wait.garbage -= bytes;
            } else if promise.by_delay(every) {
                wait.broken += 1;
                wait.broken_bytes += bytes;
            }
        }
        for (wait, every) in self.by_sweep.iter_mut().zip(WAITS) {
            if sweep(gap.from, every) >= u64::from(gap.to) {
                wait.garbage -= bytes;
            } else if promise.by_sweep(every) {
                wait.broken += 1;
                wait.broken_bytes += bytes;
            }
        }
    }

    /// It was to be read in a slot, and nobody had held it since another.
    pub(crate) fn read(&mut self, promise: Promise, since: u32, slot: u32, bytes: u64) {
        let miss = |wait: &mut Wait| {
            wait.missed += 1;
            wait.missed_bytes += u128::from(bytes);
        };
        if promise.gone_since.is_none() {
            self.latest_read = self.latest_read.max(Some(slot - since));
            miss(&mut self.at_once);
        }
        for (wait, every) in self.by_delay.iter_mut().zip(WAITS) {
            if slot - since >= every && promise.by_delay(every) {
                miss(wait);
            }
        }
        for (wait, every) in self.by_sweep.iter_mut().zip(WAITS) {
            if u64::from(slot) >= sweep(since, every) && promise.by_sweep(every) {
                miss(wait);
            }
        }
    }

    /// A model was stored, and so many bytes are held by members.
    pub(crate) fn stored(&mut self, held: u128) {
        for wait in self.by_delay.iter_mut().chain(&mut self.by_sweep).chain([&mut self.at_once]) {
            wait.peak = wait.peak.max(held + wait.garbage);
        }
    }

    /// A slot is over.
    pub(crate) fn settle(&mut self, slot: u32, held: u128) {
        let dropped = self.dropped[slot as usize % RING];
        for (wait, every) in self.by_delay.iter_mut().zip(WAITS) {
            let due = slot.checked_sub(every).map_or(0, |from| self.dropped[from as usize % RING]);
            wait.garbage = wait.garbage + dropped - due;
        }
        for (wait, every) in self.by_sweep.iter_mut().zip(WAITS) {
            wait.garbage = if slot.is_multiple_of(every) { 0 } else { wait.garbage + dropped };
        }
        for wait in self.by_delay.iter_mut().chain(&mut self.by_sweep) {
            wait.sum = wait.sum.saturating_add(wait.garbage);
            wait.peak = wait.peak.max(held + wait.garbage);
        }
        self.dropped[(slot as usize + 1) % RING] = 0;
    }
}
