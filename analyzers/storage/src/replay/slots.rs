//! What a slot changes: who holds a stored layer and who lets go, and what each rule keeps once nothing can change it
//! any more.

use super::{ALL, Change, Kept, LENDER, MEMBER, POPULATION, REACHABLE, RECENT, Replay, SPARE, WINDOW};
use crate::delays::Promise;
use crate::ledger::{Gap, Kind};
use crate::table::{NONE, Table};
use std::collections::VecDeque;

impl Replay {
    /// A model with the layer in its map is stored; it was promised it, or has written it just now.
    pub(super) fn hold(&mut self, number: u32, slot: u32, promise: Option<Promise>, table: &Table) {
        self.ledger.refer(number);
        let bytes = self.ledger.tally(number).bytes;
        let horizon = table.horizon(slot - 1);
        let (first, gap) = self.ledger.add(number, Kind::Recent, slot);
        if first {
            self.kept[WINDOW].live += i128::from(bytes);
        }
        if let Some(gap) = gap {
            self.ledger.remember(number, Kind::Recent, gap, horizon);
        }
        if self.plan.population.is_none() {
            return;
        }
        let (first, gap) = self.ledger.add(number, Kind::Member, slot);
        if first {
            self.kept[POPULATION].live += i128::from(bytes);
        }
        match (promise, gap) {
            // What members hold, `reachable` keeps already.
            (Some(_), None) => {}
            (Some(promise), Some(mut gap)) => {
                self.delays.take_up(promise, gap, bytes);
                let (reachable, changes) = (&mut self.kept[REACHABLE], &mut self.changes);
                keep(&mut gap, promise.submitted, bytes, reachable, changes, self.settled);
                self.ledger.remember(number, Kind::Member, gap, horizon);
            }
            (None, _) => self.change(slot).stored += i128::from(bytes),
        }
    }

    /// A model ceases to be a member, or one of the window, or to lend.
    pub(super) fn release(&mut self, row: u32, by: u8, slot: u32, table: &Table) {
        let Some(model) = self.models.get_mut(&row).filter(|model| model.held & by != 0) else { return };
        model.held &= !by;
        let gone = model.held == 0;
        if by == LENDER && !gone {
            return;
        }
        let mut map = std::mem::take(&mut model.map);
        for &number in &map {
            if by == MEMBER && self.ledger.remove(number, Kind::Member, slot) {
                let bytes = self.ledger.tally(number).bytes;
                self.kept[POPULATION].live -= i128::from(bytes);
                self.delays.drop(slot, bytes);
                self.change(slot).after -= i128::from(bytes);
            } else if by == RECENT && self.ledger.remove(number, Kind::Recent, slot) {
                self.kept[WINDOW].live -= i128::from(self.ledger.tally(number).bytes);
            }
            if gone && self.ledger.forget(number) {
                self.bury(number, slot, table);
            }
        }
        if gone {
            self.models.remove(&row);
            if self.spare.len() < SPARE {
                map.clear();
                self.spare.push(map);
            }
        } else if let Some(model) = self.models.get_mut(&row) {
            model.map = map;
        }
    }

    /// Nobody can ask for a layer again, or the run is over.
    pub(super) fn bury(&mut self, number: u32, slot: u32, table: &Table) {
        if self.plan.population.is_none() {
            return;
        }
        let layer = self.ledger.tally(number);
        let dropped = self.ledger.dropped(number, Kind::Member);
        let (end, died) = (dropped.unwrap_or(slot), dropped.is_some());
        self.completions.add(u64::from(end - layer.born), died, layer.bytes);
        if let Some(us) = table.between(layer.born, end) {
            self.microseconds.add(us, died, layer.bytes);
        }
    }

    /// The model of a row is stored, if it has one: peaks, who leaves, and what the slot comes to.
    pub(super) fn close_slot(&mut self, row: u32, table: &Table) {
        let slot = row + 1;
        self.change(slot);
        for rule in [ALL, POPULATION, WINDOW] {
            let kept = &mut self.kept[rule];
            kept.peak = kept.peak.max(kept.live);
        }
        // Never negative: it is a sum of what is held.
        let held = self.kept[POPULATION].live.unsigned_abs();
        self.delays.stored(held);
        if let Some(population) = self.plan.population
            && (self.plan.failures_enter || table.ended_well(row))
        {
            self.members.push_back(row);
            if self.members.len() as u64 > population
                && let Some(oldest) = self.members.pop_front()
            {
                self.release(oldest, MEMBER, slot, table);
            }
        }
        let donor = table.donor[row as usize];
        if donor != NONE && table.last_child[donor as usize] == row {
            self.release(donor, LENDER, slot, table);
        }
        let held = self.kept[POPULATION].live.unsigned_abs();
        self.delays.settle(slot, held);
        let point = self.is_point(slot, table);
        for rule in [ALL, POPULATION, WINDOW] {
            let kept = &mut self.kept[rule];
            kept.sum = kept.sum.saturating_add(kept.live);
            if point {
                kept.curve.push(kept.live as f64);
            }
        }
        self.next = row + 1;
        let horizon = table.horizon(self.next);
        while self.settled <= slot && self.settled < horizon {
            self.settle(table);
        }
    }

    /// Whether a curve has a point at the end of a slot: where a window ends, or at the end of a run without one.
    fn is_point(&self, slot: u32, table: &Table) -> bool {
        let (slot, rows) = (u64::from(slot), table.len() as u64);
        slot > 0 && (slot.is_multiple_of(self.plan.every) || rows < self.plan.every && slot == rows)
    }

    pub(super) fn change(&mut self, slot: u32) -> &mut Change {
        at(&mut self.changes, self.settled, slot)
    }

    /// Nothing can change any more of what `reachable` kept in the first slot that is open.
    pub(super) fn settle(&mut self, table: &Table) {
        let change = self.changes.pop_front().unwrap_or_default();
        let point = self.is_point(self.settled, table);
        let kept = &mut self.kept[REACHABLE];
        kept.live += change.stored;
        kept.peak = kept.peak.max(kept.live);
        kept.live += change.after;
        kept.peak = kept.peak.max(kept.live);
        if self.settled > 0 {
            kept.sum = kept.sum.saturating_add(kept.live);
        }
        if point {
            kept.curve.push(kept.live as f64);
        }
        self.settled += 1;
    }
}

/// The changes of a slot that is still open. A trace whose children were submitted before it is possible changes the
/// first one that is.
fn at(changes: &mut VecDeque<Change>, settled: u32, slot: u32) -> &mut Change {
    let index = slot.saturating_sub(settled) as usize;
    if index >= changes.len() {
        changes.resize(index + 1, Change::default());
    }
    &mut changes[index]
}

/// In a gap a layer was promised to a child that was submitted in a slot, so `reachable` kept it from then on.
pub(super) fn keep(
    gap: &mut Gap,
    submitted: u32,
    bytes: u64,
    reachable: &mut Kept,
    changes: &mut VecDeque<Change>,
    settled: u32,
) {
    // Promised in the slot in which it was dropped: dropped first, then promised.
    let late = submitted >= gap.from;
    let from = submitted.max(gap.from);
    if from < gap.promised {
        at(changes, settled, from).after += i128::from(bytes);
        if gap.promised < gap.to {
            at(changes, settled, gap.promised).after -= i128::from(bytes);
        }
    }
    let first = gap.promised == gap.to;
    let was_late = gap.late;
    gap.late = late && (first || was_late);
    gap.promised = gap.promised.min(from);
    match (was_late, gap.late) {
        (false, true) => {
            reachable.missed += 1;
            reachable.missed_bytes += u128::from(bytes);
        }
        (true, false) => {
            reachable.missed -= 1;
            reachable.missed_bytes -= u128::from(bytes);
        }
        _ => {}
    }
}
