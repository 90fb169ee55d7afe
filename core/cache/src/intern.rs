//! Ids of 64 bits to numbers 0, 1, 2, .. in order of first appearance.
//!
//! Done once when a trace is read, so that every policy afterwards indexes flat arrays. The table is open
//! addressing with linear probing in one array of 16-byte slots: one cache line a look-up, where the standard
//! map touches two (control bytes and entry). Nothing is ever removed.

use crate::list::NIL;

#[derive(Clone, Copy)]
struct Slot {
    id: u64,
    object: u32,
}

const EMPTY: Slot = Slot { id: 0, object: NIL };

/// The table.
#[derive(Clone)]
pub(crate) struct Interner {
    slots: Vec<Slot>,
    /// 64 minus the number of bits of an index.
    shift: u32,
    len: u32,
}

impl Interner {
    pub(crate) fn new() -> Self {
        Self { slots: vec![EMPTY; 1 << 10], shift: 54, len: 0 }
    }

    /// Fibonacci hashing of the folded id: ids that count up, and ids that differ in high bits only, both spread.
    #[inline]
    fn start(&self, id: u64) -> usize {
        let hash = (id ^ (id >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        usize::try_from(hash >> self.shift).unwrap_or(0)
    }

    /// The number of `id`, and whether it is new; `None` when 2^32 - 1 numbers are given away.
    #[inline]
    pub(crate) fn intern(&mut self, id: u64) -> Option<(u32, bool)> {
        let mask = self.slots.len() - 1;
        let mut at = self.start(id) & mask;
        loop {
            let slot = self.slots[at];
            if slot.object == NIL {
                break;
            }
            if slot.id == id {
                return Some((slot.object, false));
            }
            at = (at + 1) & mask;
        }
        let object = self.len;
        if object == NIL {
            return None;
        }
        self.slots[at] = Slot { id, object };
        self.len += 1;
        // At most half full, so that probes stay short.
        if self.len as usize * 2 > self.slots.len() {
            self.grow();
        }
        Some((object, true))
    }

    #[cold]
    fn grow(&mut self) {
        let larger = vec![EMPTY; self.slots.len() * 2];
        let old = std::mem::replace(&mut self.slots, larger);
        self.shift -= 1;
        let mask = self.slots.len() - 1;
        for slot in old.into_iter().filter(|slot| slot.object != NIL) {
            let mut at = self.start(slot.id) & mask;
            while self.slots[at].object != NIL {
                at = (at + 1) & mask;
            }
            self.slots[at] = slot;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn numbers_count_up_and_stay() {
        let mut table = Interner::new();
        let mut reference: HashMap<u64, u32, rustc_hash::FxBuildHasher> = HashMap::default();
        let mut id = 1_u64;
        for round in 0..20_000_u64 {
            // Small numbers, multiples of a large power of two and pseudo-random ones, each many times.
            id = id.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            for id in [round % 1000, (round % 3000) << 40, id >> 51, u64::MAX - round] {
                let next = u32::try_from(reference.len()).unwrap();
                let new = !reference.contains_key(&id);
                let expected = *reference.entry(id).or_insert(next);
                assert_eq!(table.intern(id), Some((expected, new)));
            }
        }
    }
}
