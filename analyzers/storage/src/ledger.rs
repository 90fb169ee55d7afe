//! Stored layers: who holds them, and when nobody did.
//!
//! The layers table tells a child's map when the child finishes. By then it is past that its prefix was promised and
//! read, so each layer remembers the **gaps** in which no member held it, as long as a child in flight could have been
//! promised it then.
//!
//! Most of the work is counting holders up and down, over maps that were stored long ago and are in no cache any more.
//! So what that needs is kept apart from all else, 32 bytes a layer.

use lamarck_sdk::CandidateId;

/// A stretch of slots in which nobody of a kind held a layer: from the slot at whose end it was dropped to that at whose
/// beginning somebody with it in their map was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gap {
    pub(crate) from: u32,
    pub(crate) to: u32,
    /// From this slot on it was promised to somebody.
    pub(crate) promised: u32,
    /// Whether it was promised only when it was gone.
    pub(crate) late: bool,
}

/// Who holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Members with it in their map.
    Member = 0,
    /// Models of the window with it in their map.
    Recent = 1,
}

/// What is counted of a stored layer.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    pub(crate) bytes: u64,
    /// The slot in which it was written.
    pub(crate) born: u32,
    /// How many hold it, by [`Kind`].
    holders: [u32; 2],
    /// The slot in which the last one let go; 0 if none ever did.
    since: [u32; 2],
    /// Maps that are remembered and have it.
    maps: u32,
}

/// What a stored layer is, and when nobody held it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layer {
    pub(crate) identity: u128,
    pub(crate) owner: CandidateId,
    /// Whether anybody inherited it.
    pub(crate) inherited: bool,
    /// By [`Kind`].
    gaps: [Vec<Gap>; 2],
}

/// All stored layers that a map that is remembered has.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ledger {
    tallies: Vec<Tally>,
    layers: Vec<Layer>,
    free: Vec<u32>,
}

impl Ledger {
    /// Writes a layer. `None` when there are 2^32 of them at a time.
    pub(crate) fn write(&mut self, identity: u128, owner: CandidateId, bytes: u64, born: u32) -> Option<u32> {
        let mut layer = Layer { identity, owner, ..Layer::default() };
        let tally = Tally { bytes, born, ..Tally::default() };
        if let Some(number) = self.free.pop() {
            let old = &mut self.layers[number as usize];
            // Their memory is of use again.
            for (gaps, old) in layer.gaps.iter_mut().zip(&mut old.gaps) {
                *gaps = std::mem::take(old);
                gaps.clear();
            }
            *old = layer;
            self.tallies[number as usize] = tally;
            return Some(number);
        }
        let number = u32::try_from(self.layers.len()).ok()?;
        self.layers.push(layer);
        self.tallies.push(tally);
        Some(number)
    }

    pub(crate) fn tally(&self, number: u32) -> Tally {
        self.tallies[number as usize]
    }

    pub(crate) fn get(&self, number: u32) -> &Layer {
        &self.layers[number as usize]
    }

    pub(crate) fn get_mut(&mut self, number: u32) -> &mut Layer {
        &mut self.layers[number as usize]
    }

    /// One more holds it, in whose slot it is stored. Whether it is the first, or the first after a gap.
    pub(crate) fn add(&mut self, number: u32, kind: Kind, slot: u32) -> (bool, Option<Gap>) {
        let tally = &mut self.tallies[number as usize];
        tally.holders[kind as usize] += 1;
        if tally.holders[kind as usize] > 1 {
            return (false, None);
        }
        let from = tally.since[kind as usize];
        // Nobody let go in slot 0: it is a layer that is just being stored.
        (true, (from > 0).then_some(Gap { from, to: slot, promised: slot, late: false }))
    }

    /// One less; whether it was the last.
    pub(crate) fn remove(&mut self, number: u32, kind: Kind, slot: u32) -> bool {
        let tally = &mut self.tallies[number as usize];
        tally.holders[kind as usize] -= 1;
        if tally.holders[kind as usize] > 0 {
            return false;
        }
        tally.since[kind as usize] = slot;
        true
    }

    /// The slot since which nobody holds it; `None` while somebody does.
    pub(crate) fn dropped(&self, number: u32, kind: Kind) -> Option<u32> {
        let tally = &self.tallies[number as usize];
        (tally.holders[kind as usize] == 0).then_some(tally.since[kind as usize])
    }

    /// Since when nobody had held it in a slot that is past; `None` if somebody did.
    pub(crate) fn gone_since(&self, number: u32, kind: Kind, slot: u32) -> Option<u32> {
        match self.dropped(number, kind) {
            Some(since) if since > 0 && slot >= since => Some(since),
            _ => {
                let gaps = &self.layers[number as usize].gaps[kind as usize];
                gaps.iter().rev().find(|gap| gap.from <= slot && slot < gap.to).map(|gap| gap.from)
            }
        }
    }

    /// Keeps a gap in mind, and forgets those that ended before a slot.
    pub(crate) fn remember(&mut self, number: u32, kind: Kind, gap: Gap, horizon: u32) {
        let gaps = self.gaps(number, kind);
        gaps.retain(|gap| gap.to > horizon);
        gaps.push(gap);
    }

    pub(crate) fn gaps(&mut self, number: u32, kind: Kind) -> &mut Vec<Gap> {
        &mut self.layers[number as usize].gaps[kind as usize]
    }

    /// A map more has it.
    pub(crate) fn refer(&mut self, number: u32) {
        self.tallies[number as usize].maps += 1;
    }

    /// A map that has it is forgotten; whether it was the last, so that nobody can ask for the layer again.
    pub(crate) fn forget(&mut self, number: u32) -> bool {
        let tally = &mut self.tallies[number as usize];
        tally.maps -= 1;
        if tally.maps > 0 {
            return false;
        }
        self.free.push(number);
        true
    }

    /// Layers that are remembered.
    pub(crate) fn remembered(&self) -> impl Iterator<Item = u32> + use<'_> {
        (0..).zip(&self.tallies).filter(|(_, tally)| tally.maps > 0).map(|(number, _)| number)
    }
}
