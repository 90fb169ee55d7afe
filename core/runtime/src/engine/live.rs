//! The candidates that the engine still needs: in flight (ready or running), and members (finished, and selectable
//! by the strategy).
//!
//! A candidate takes a slot when it is proposed and gives it back when it has finished and is in the trace. What is
//! needed of it as a parent, its vector and when it finished, moves to the members until the strategy releases it.
//! So memory follows the cluster and what the strategy keeps, not the length of the run; and what every proposal
//! touches (the slot that was freed last, a few bytes of one member) is small enough to stay in the nearest cache.

use lamarck_model::{CandidateId, CandidateRecord, Choice};
use rustc_hash::FxHashMap;

/// A slot's number.
pub(super) type SlotId = u32;

/// Candidates in flight.
#[derive(Debug, Default)]
pub(super) struct InFlight {
    slots: Vec<CandidateRecord>,
    free: Vec<SlotId>,
}

impl InFlight {
    /// Takes a slot, its row reset.
    pub(super) fn take(&mut self) -> SlotId {
        if let Some(id) = self.free.pop() {
            self.slots[id as usize].reset();
            return id;
        }
        self.slots.push(CandidateRecord::default());
        // A slot is some 250 bytes, so memory ends long before slots outgrow 32 bits.
        SlotId::try_from(self.slots.len() - 1).unwrap_or(SlotId::MAX)
    }

    /// Gives a slot back.
    pub(super) fn give(&mut self, id: SlotId) {
        self.free.push(id);
    }

    pub(super) fn get(&self, id: SlotId) -> &CandidateRecord {
        &self.slots[id as usize]
    }

    pub(super) fn get_mut(&mut self, id: SlotId) -> &mut CandidateRecord {
        &mut self.slots[id as usize]
    }
}

/// A finished candidate that the strategy may select.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member<'a> {
    /// Its vector.
    pub(super) choices: &'a [Choice],
    /// How many candidates had finished before it did.
    pub(super) finished_as: u64,
}

/// All members.
#[derive(Debug)]
pub(super) struct Members {
    width: usize,
    choices: Vec<Choice>,
    finished_as: Vec<u64>,
    free: Vec<u32>,
    by_id: FxHashMap<CandidateId, u32>,
}

impl Members {
    pub(super) fn new(width: usize) -> Self {
        Self {
            width,
            choices: Vec::new(),
            finished_as: Vec::new(),
            free: Vec::new(),
            by_id: FxHashMap::default(),
        }
    }

    /// Takes in a finished candidate.
    pub(super) fn keep(&mut self, id: CandidateId, member: Member<'_>) {
        let place = self.free.pop().unwrap_or_else(|| {
            self.choices.resize(self.choices.len() + self.width, 0);
            self.finished_as.push(0);
            u32::try_from(self.finished_as.len() - 1).unwrap_or(u32::MAX)
        });
        let at = place as usize;
        // Every vector was checked to be as wide as the space.
        self.choices[at * self.width..(at + 1) * self.width].copy_from_slice(member.choices);
        self.finished_as[at] = member.finished_as;
        self.by_id.insert(id, place);
    }

    /// The member of this number, if the strategy may select it.
    pub(super) fn find(&self, id: CandidateId) -> Option<Member<'_>> {
        let at = *self.by_id.get(&id)? as usize;
        let choices = &self.choices[at * self.width..(at + 1) * self.width];
        Some(Member { choices, finished_as: self.finished_as[at] })
    }

    /// Forgets a member; false if there is none of this number.
    pub(super) fn release(&mut self, id: CandidateId) -> bool {
        let place = self.by_id.remove(&id);
        self.free.extend(place);
        place.is_some()
    }
}
