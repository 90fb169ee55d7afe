//! A priority queue whose keys are corrected late.
//!
//! In the policies that use it a hit only ever raises an object's key. So a hit touches no heap: the entry keeps
//! its old key, a lower bound, and is corrected when it comes to the top. The alternative, a heap that knows the
//! place of every object, moves entries at every hit and writes a place at every step; it is several times slower
//! on traces that mostly hit.

use crate::space::RESIDENT;

/// A key, the request of the object's last use (of equal keys the longest unused goes first), and the object.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) key: u64,
    pub(crate) used: u32,
    pub(crate) object: u32,
}

impl Entry {
    #[inline]
    fn before(&self, other: &Self) -> bool {
        (self.key, self.used) < (other.key, other.used)
    }

    #[inline]
    fn same(&self, other: &Self) -> bool {
        (self.key, self.used) == (other.key, other.used)
    }
}

/// A heap of four children a node: half as deep as a binary one, and four entries are one cache line.
pub(crate) struct LateHeap {
    entries: Vec<Entry>,
}

const CHILDREN: usize = 4;

impl LateHeap {
    pub(crate) fn new() -> Self {
        Self { entries: Vec::new() }
    }

    #[inline]
    pub(crate) fn push(&mut self, entry: Entry) {
        let mut at = self.entries.len();
        self.entries.push(entry);
        while at > 0 {
            let parent = (at - 1) / CHILDREN;
            if !entry.before(&self.entries[parent]) {
                break;
            }
            self.entries[at] = self.entries[parent];
            at = parent;
        }
        self.entries[at] = entry;
    }

    fn sift_down(&mut self, mut at: usize) {
        let entry = self.entries[at];
        loop {
            let first = at * CHILDREN + 1;
            let children = first..(first + CHILDREN).min(self.entries.len());
            let Some(least) =
                children.reduce(
                    |least, child| {
                        if self.entries[child].before(&self.entries[least]) { child } else { least }
                    },
                )
            else {
                break;
            };
            if !self.entries[least].before(&entry) {
                break;
            }
            self.entries[at] = self.entries[least];
            at = least;
        }
        self.entries[at] = entry;
    }

    fn pop(&mut self) {
        if !self.entries.is_empty() {
            self.entries.swap_remove(0);
            if !self.entries.is_empty() {
                self.sift_down(0);
            }
        }
    }

    /// The resident object with the smallest key. `current` says what an object's entry should be; entries on
    /// top that say less are corrected, those of objects that left are dropped.
    #[inline]
    pub(crate) fn least(&mut self, flags: &[u8], mut current: impl FnMut(u32) -> Entry) -> Option<u32> {
        loop {
            let top = *self.entries.first()?;
            if flags[top.object as usize] & RESIDENT == 0 {
                self.pop();
                continue;
            }
            let now = current(top.object);
            if now.same(&top) {
                return Some(top.object);
            }
            self.entries[0] = now;
            self.sift_down(0);
        }
    }

    /// Takes the entry that [`LateHeap::least`] found.
    #[inline]
    pub(crate) fn take(&mut self) {
        self.pop();
    }

    /// Drops what deletions and lowered keys left behind, once it is more than half. `marked` is a bit of the flags
    /// that nobody else uses.
    pub(crate) fn tidy(
        &mut self,
        flags: &mut [u8],
        residents: usize,
        marked: u8,
        mut current: impl FnMut(u32) -> Entry,
    ) {
        if self.entries.len() <= residents * 2 + 64 {
            return;
        }
        self.entries.retain_mut(|entry| {
            let flag = &mut flags[entry.object as usize];
            let keep = *flag & RESIDENT != 0 && *flag & marked == 0;
            *flag |= if keep { marked } else { 0 };
            *entry = current(entry.object);
            keep
        });
        for entry in &self.entries {
            flags[entry.object as usize] &= !marked;
        }
        for at in (0..self.entries.len().div_ceil(CHILDREN)).rev() {
            self.sift_down(at);
        }
    }
}
