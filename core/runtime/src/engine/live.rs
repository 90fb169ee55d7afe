//! The candidates that the engine still needs: ready, running, or selectable by the strategy.
//!
//! A candidate takes a slot when it is proposed and leaves it when the strategy releases it, so memory follows what
//! the strategy keeps and not the length of the run. Slots are reused with their buffers.

use lamarck_model::{CandidateId, CandidateRecord};
use rustc_hash::FxHashMap;

/// A slot's number.
pub(super) type SlotId = u32;

/// A candidate's slot.
#[derive(Debug, Default)]
pub(super) struct Slot {
    /// The candidate's row, filled in as its life goes on.
    pub(super) record: CandidateRecord,
    /// How many candidates had finished before it did.
    pub(super) finished_as: u64,
}

/// All slots.
#[derive(Debug, Default)]
pub(super) struct Live {
    slots: Vec<Slot>,
    free: Vec<SlotId>,
    /// Finished candidates that the strategy may still select.
    selectable: FxHashMap<CandidateId, SlotId>,
}

impl Live {
    /// Takes a slot, its row reset.
    pub(super) fn take(&mut self) -> SlotId {
        if let Some(id) = self.free.pop() {
            self.slots[id as usize].record.reset();
            return id;
        }
        self.slots.push(Slot::default());
        // A slot is some 250 bytes, so memory ends long before slots outgrow 32 bits.
        SlotId::try_from(self.slots.len() - 1).unwrap_or(SlotId::MAX)
    }

    /// Gives a slot back.
    pub(super) fn give(&mut self, id: SlotId) {
        self.free.push(id);
    }

    pub(super) fn slot(&self, id: SlotId) -> &Slot {
        &self.slots[id as usize]
    }

    pub(super) fn slot_mut(&mut self, id: SlotId) -> &mut Slot {
        &mut self.slots[id as usize]
    }

    /// Two different slots, the second one to change; `None` when they are the same.
    pub(super) fn pair(&mut self, read: SlotId, write: SlotId) -> Option<(&Slot, &mut Slot)> {
        let [read, write] = self.slots.get_disjoint_mut([read as usize, write as usize]).ok()?;
        Some((read, write))
    }

    /// Makes a finished candidate selectable.
    pub(super) fn keep(&mut self, candidate: CandidateId, slot: SlotId) {
        self.selectable.insert(candidate, slot);
    }

    /// The slot of a candidate that the strategy may select.
    pub(super) fn find(&self, candidate: CandidateId) -> Option<SlotId> {
        self.selectable.get(&candidate).copied()
    }

    /// Forgets a selectable candidate; false if there is none of this number.
    pub(super) fn release(&mut self, candidate: CandidateId) -> bool {
        let slot = self.selectable.remove(&candidate);
        if let Some(slot) = slot {
            self.give(slot);
        }
        slot.is_some()
    }
}
