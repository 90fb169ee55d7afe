//! The candidates that the engine still needs: in flight (ready or running), and members (finished, and selectable
//! by the strategy).
//!
//! A candidate takes a slot when it is proposed and gives it back when it has finished and is in the trace. What is
//! needed of it as a parent, its vector and when it finished, moves to the members until the strategy releases it.
//! So memory follows the cluster and what the strategy keeps, not the length of the run; and what every proposal
//! touches (the slot that was freed last, a few bytes of one member) is small enough to stay in the nearest cache.

use lamarck_model::{CandidateId, CandidateRecord, Choice};

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
///
/// A hash table with linear probing, half full at most. Multiples of the golden ratio, by which ids are spread, keep
/// apart what is handed out in order, so nearly every member is found at the first look and gaps close at once.
#[derive(Debug)]
pub(super) struct Members {
    width: usize,
    choices: Vec<Choice>,
    finished_as: Vec<u64>,
    free: Vec<u32>,
    /// Id and place of each member, at home or after; a power of two long, at least two.
    table: Vec<(CandidateId, u32)>,
    count: usize,
}

/// 2^64 over the golden ratio, made odd (Knuth, The Art of Computer Programming, volume 3, section 6.4).
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// No candidate: ids stay far below it.
const VACANT: CandidateId = CandidateId::MAX;

impl Members {
    pub(super) fn new(width: usize) -> Self {
        Self {
            width,
            choices: Vec::new(),
            finished_as: Vec::new(),
            free: Vec::new(),
            table: vec![(VACANT, 0); 16],
            count: 0,
        }
    }

    /// Where an id belongs.
    #[expect(clippy::cast_possible_truncation, reason = "the table's length is a power of two, and fits")]
    fn home(&self, id: CandidateId) -> usize {
        (id.wrapping_mul(GOLDEN) >> (u64::BITS - self.table.len().trailing_zeros())) as usize
    }

    /// Where an id stands, or the vacant entry where it would.
    fn probe(&self, id: CandidateId) -> usize {
        let mut at = self.home(id);
        // At least half of the table is vacant.
        while self.table[at].0 != id && self.table[at].0 != VACANT {
            at = (at + 1) & (self.table.len() - 1);
        }
        at
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
        if (self.count + 1) * 2 > self.table.len() {
            let larger = vec![(VACANT, 0); self.table.len() * 2];
            for entry in std::mem::replace(&mut self.table, larger) {
                if entry.0 != VACANT {
                    let at = self.probe(entry.0);
                    self.table[at] = entry;
                }
            }
        }
        let at = self.probe(id);
        self.table[at] = (id, place);
        self.count += 1;
    }

    /// The member of this number, if the strategy may select it.
    pub(super) fn find(&self, id: CandidateId) -> Option<Member<'_>> {
        let (found, place) = self.table[self.probe(id)];
        if found == VACANT {
            return None;
        }
        let at = place as usize;
        let choices = &self.choices[at * self.width..(at + 1) * self.width];
        Some(Member { choices, finished_as: self.finished_as[at] })
    }

    /// Forgets a member; false if there is none of this number.
    pub(super) fn release(&mut self, id: CandidateId) -> bool {
        let mut hole = self.probe(id);
        if self.table[hole].0 == VACANT {
            return false;
        }
        self.free.push(self.table[hole].1);
        self.count -= 1;
        // Close the gap: an entry behind it moves up unless it would stand before its home.
        let mask = self.table.len() - 1;
        let mut at = hole;
        loop {
            at = (at + 1) & mask;
            if self.table[at].0 == VACANT {
                break;
            }
            let wanted = self.home(self.table[at].0);
            if at.wrapping_sub(wanted) & mask >= at.wrapping_sub(hole) & mask {
                self.table[hole] = self.table[at];
                hole = at;
            }
        }
        self.table[hole].0 = VACANT;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn choice(step: u64) -> Choice {
        Choice::try_from(step).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn members_are_a_map(steps in prop::collection::vec((0_u64..64, 0_u64..5), 0..400)) {
            let (mut members, mut naive) = (Members::new(1), BTreeMap::new());
            for (step, (id, stride)) in (0_u64..).zip(steps) {
                // Ids far apart that share their low bits, as old members do.
                let id = id * (1 << (4 * stride));
                let known = naive.remove(&id).is_some();
                prop_assert_eq!(members.release(id), known);
                if !known {
                    members.keep(id, Member { choices: &[choice(step)], finished_as: step });
                    naive.insert(id, step);
                }
                for stride in 0..5 {
                    for low in 0..64 {
                        let id = low * (1 << (4 * stride));
                        let found = members.find(id).map(|m| (m.choices.to_vec(), m.finished_as));
                        prop_assert_eq!(found, naive.get(&id).map(|&s| (vec![choice(s)], s)));
                    }
                }
            }
        }
    }
}
