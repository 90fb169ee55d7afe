//! The bytes of one cache: who is in it and how much is used. Policies choose; only this room counts.

use crate::observe::Observer;

/// The flag of an object that is in the cache. The other seven bits belong to the policy.
pub(crate) const RESIDENT: u8 = 1;

/// What a policy may know at one access.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    /// Sizes by object.
    pub(crate) sizes: &'a [u64],
    /// The number of this record.
    pub(crate) now: u32,
    /// The record of the object's next use, `NEVER` if there is none; only policies that need the future may look.
    pub(crate) next: u32,
}

impl At<'_> {
    #[inline]
    pub(crate) fn size(&self, o: u32) -> u64 {
        self.sizes[o as usize]
    }
}

/// The cache's bytes and one byte of flags for each object.
///
/// One byte, because most hits of most policies need to know no more (is it there, was it visited): the flags of
/// a million objects stay in the second-level cache of a core, and a hit costs one load.
pub(crate) struct Space<R> {
    capacity: u64,
    used: u64,
    peak: u64,
    len: usize,
    pub(crate) admissions: u64,
    pub(crate) evictions: u64,
    pub(crate) evicted_bytes: u64,
    pub(crate) flags: Vec<u8>,
    pub(crate) observer: R,
}

impl<R: Observer> Space<R> {
    pub(crate) fn new(capacity: u64, objects: usize, observer: R) -> Self {
        Self {
            capacity,
            used: 0,
            peak: 0,
            len: 0,
            admissions: 0,
            evictions: 0,
            evicted_bytes: 0,
            flags: vec![0; objects],
            observer,
        }
    }

    pub(crate) fn grow(&mut self, objects: usize) {
        self.flags.resize(objects, 0);
        self.observer.grow(objects);
    }

    pub(crate) fn capacity(&self) -> u64 {
        self.capacity
    }

    pub(crate) fn used(&self) -> u64 {
        self.used
    }

    pub(crate) fn peak(&self) -> u64 {
        self.peak
    }

    /// The number of objects in the cache.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(crate) fn resident(&self, o: u32) -> bool {
        self.has(o, RESIDENT)
    }

    #[inline]
    pub(crate) fn has(&self, o: u32, flags: u8) -> bool {
        self.flags[o as usize] & flags != 0
    }

    #[inline]
    pub(crate) fn set(&mut self, o: u32, flags: u8) {
        self.flags[o as usize] |= flags;
    }

    #[inline]
    pub(crate) fn clear(&mut self, o: u32, flags: u8) {
        self.flags[o as usize] &= !flags;
    }

    /// Is there less room than this?
    #[inline]
    pub(crate) fn lacks(&self, size: u64) -> bool {
        self.capacity - self.used < size
    }

    /// `o` comes in; there must be room.
    #[inline]
    pub(crate) fn admit(&mut self, o: u32, at: At<'_>) {
        let size = at.size(o);
        debug_assert!(!self.lacks(size) && !self.resident(o), "a policy admitted without making room");
        self.set(o, RESIDENT);
        self.used += size;
        self.peak = self.peak.max(self.used);
        self.len += 1;
        self.admissions += 1;
        self.observer.admitted(o, at.now);
    }

    /// `o` goes out to make room.
    #[inline]
    pub(crate) fn evict(&mut self, o: u32, at: At<'_>) {
        let size = at.size(o);
        self.evictions += 1;
        self.evicted_bytes += size;
        self.observer.evicted(o, at.now);
        self.release(o, size);
    }

    /// `o` goes out because it was deleted.
    #[inline]
    pub(crate) fn release(&mut self, o: u32, size: u64) {
        debug_assert!(self.resident(o), "only what is in the cache can leave it");
        self.clear(o, RESIDENT);
        self.used -= size;
        self.len -= 1;
    }
}
