//! The run once more, stored layer by stored layer.
//!
//! One pass over the layers table, finish by finish. In each [slot](crate::table): a model is **stored** (its map is held
//! by a member and by one of the window, and the oldest of the window lets go), then one **leaves** the population, then
//! children are **submitted** and **start**. This is the order of the engine's events, after each of which the repository
//! takes its peaks, so peaks agree.
//!
//! A child's map is known when it finishes, but its prefix was promised when it was submitted. Under `reachable` a
//! promise keeps a layer, so what that rule keeps in a slot is known only when no child submitted by then is in
//! flight any more. Corrections wait in a queue for that long, some W slots. Everything else is known at once.
//!
//! A map is remembered while its model is a member or one of the window, and until the last child that it lends to
//! has finished. So memory does not grow with the run, and a child's layers are found in its donor's map, which is
//! in the same order but for what was changed: no table of hashes over layers.

mod slots;

use crate::delays::{Delays, Promise};
use crate::ledger::{Kind, Ledger};
use crate::survival::Lifetimes;
use crate::table::{NONE, Table};
use lamarck_sdk::CandidateId;
use lamarck_sdk::prelude::*;
use rustc_hash::FxHashMap;
use slots::keep;
use std::collections::VecDeque;

/// The rules of retention: `all`, `reachable`, `population`, `window`.
pub(crate) const RULES: [&str; 4] = ["all", "reachable", "population", "window"];
const ALL: usize = 0;
const REACHABLE: usize = 1;
const POPULATION: usize = 2;
const WINDOW: usize = 3;

/// Who is a member, and how often there is a point on a curve.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// The last so many finished candidates are members; `None` where nobody knows.
    pub(crate) population: Option<u64>,
    /// Whether those that did not end well become members.
    pub(crate) failures_enter: bool,
    /// Models in the window.
    pub(crate) window: u64,
    /// Slots between points.
    pub(crate) every: u64,
}

/// What one rule kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kept {
    pub(crate) live: i128,
    pub(crate) peak: i128,
    /// Summed over the ends of slots.
    pub(crate) sum: i128,
    /// Layers that were promised and that the rule had deleted, and their bytes.
    pub(crate) missed: u64,
    pub(crate) missed_bytes: u128,
    /// One value a window.
    pub(crate) curve: Vec<f64>,
}

/// Rows that did not fit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Oddities {
    /// Rows of candidates that are not there, did not end well, or had their turn.
    pub(crate) strays: u64,
    /// Layers that belong to somebody else and that the donor does not have: they count as written by then.
    pub(crate) unwritten: u64,
    /// Layers whose size is not the one they were written with, which counts.
    pub(crate) resized: u64,
    /// Candidates that ended well and have no layers in the table.
    pub(crate) unmapped: u64,
}

/// A layer of a model's map: identity, owner, bytes.
type Entry = (u128, CandidateId, u64);

/// What remembers a map.
const MEMBER: u8 = 1;
const RECENT: u8 = 2;
const LENDER: u8 = 4;
/// Forgotten maps whose memory is kept.
const SPARE: usize = 64;

#[derive(Debug, Clone)]
struct Model {
    map: Vec<u32>,
    held: u8,
}

/// Changes of what `reachable` keeps in a slot: by storing, and by all that comes after.
#[derive(Debug, Clone, Copy, Default)]
struct Change {
    stored: i128,
    after: i128,
}

/// The pass.
#[derive(Debug, Clone)]
pub(crate) struct Replay {
    plan: Plan,
    ledger: Ledger,
    models: FxHashMap<u32, Model>,
    members: VecDeque<u32>,
    recent: VecDeque<u32>,
    /// Maps that are forgotten, for their memory.
    spare: Vec<Vec<u32>>,
    /// Of the slots from `settled` on.
    changes: VecDeque<Change>,
    settled: u32,
    /// The candidate whose rows come, its row (none: a stray), and its layers so far.
    current: Option<(CandidateId, u32)>,
    entries: Vec<Entry>,
    next: u32,
    pub(crate) kept: [Kept; 4],
    pub(crate) delays: Delays,
    /// Lifetimes in completions and in microseconds.
    pub(crate) completions: Lifetimes,
    pub(crate) microseconds: Lifetimes,
    /// Stored layers with weights, and how many of them were inherited at least once.
    pub(crate) written: u64,
    pub(crate) inherited: u64,
    /// Promised layers that were read, over all children.
    pub(crate) reads: u64,
    pub(crate) read_bytes: u128,
    pub(crate) rows: u64,
    pub(crate) oddities: Oddities,
}

impl Replay {
    pub(crate) fn new(plan: Plan) -> Self {
        Self {
            plan,
            ledger: Ledger::default(),
            models: FxHashMap::default(),
            members: VecDeque::new(),
            recent: VecDeque::new(),
            spare: Vec::new(),
            changes: VecDeque::from([Change::default()]),
            settled: 0,
            current: None,
            entries: Vec::new(),
            next: 0,
            kept: Default::default(),
            delays: Delays::new(),
            completions: Lifetimes::default(),
            microseconds: Lifetimes::default(),
            written: 0,
            inherited: 0,
            reads: 0,
            read_bytes: 0,
            rows: 0,
            oddities: Oddities::default(),
        }
    }

    /// A batch of the layers table.
    pub(crate) fn add(&mut self, batch: &LayerColumns, table: &Table) -> Result<()> {
        let rows = batch.identity.iter().zip(&batch.owner).zip(&batch.bytes);
        for (&candidate, ((&identity, &owner), &bytes)) in batch.candidate.iter().zip(rows) {
            self.rows += 1;
            if self.current.is_none_or(|(current, _)| current != candidate) {
                self.store_current(table)?;
                let row = table.find(candidate);
                let row = row.filter(|&row| row >= self.next && table.ended_well(row)).unwrap_or(NONE);
                self.current = Some((candidate, row));
            }
            if self.current.is_some_and(|(_, row)| row == NONE) {
                self.oddities.strays += 1;
            } else if bytes > 0 {
                self.entries.push((identity, owner, bytes));
            }
        }
        Ok(())
    }

    /// All rows have come.
    pub(crate) fn finish(&mut self, table: &Table) -> Result<()> {
        self.store_current(table)?;
        // The table is bounded to fewer rows than 2^32.
        let rows = u32::try_from(table.len()).unwrap_or(NONE);
        self.skip(rows, table);
        while self.settled <= rows {
            self.settle(table);
        }
        let left: Vec<u32> = self.ledger.remembered().collect();
        for number in left {
            self.bury(number, rows, table);
        }
        Ok(())
    }

    /// The candidates up to a row have no layers.
    fn skip(&mut self, row: u32, table: &Table) {
        while self.next < row {
            let next = self.next;
            self.oddities.unmapped += u64::from(table.ended_well(next));
            self.close_slot(next, table);
        }
    }

    fn store_current(&mut self, table: &Table) -> Result<()> {
        let Some((id, row)) = self.current.take().filter(|&(_, row)| row != NONE) else { return Ok(()) };
        self.skip(row, table);
        let entries = std::mem::take(&mut self.entries);
        let stored = self.store(id, row, &entries, table);
        self.entries = entries;
        self.entries.clear();
        stored?;
        self.close_slot(row, table);
        Ok(())
    }

    fn store(&mut self, id: CandidateId, row: u32, entries: &[Entry], table: &Table) -> Result<()> {
        let slot = row + 1;
        let donor = table.donor[row as usize];
        // Taken out for the moment, so that it can be read while layers change.
        let lent =
            self.models.get_mut(&donor).map(|model| std::mem::take(&mut model.map)).unwrap_or_default();
        let map = self.compose(id, row, entries, &lent, table);
        if let Some(model) = self.models.get_mut(&donor) {
            model.map = lent;
        }
        let lends = table.last_child[row as usize];
        let lender = if lends != NONE && lends > row { LENDER } else { 0 };
        let held = RECENT | lender | if self.plan.population.is_some() { MEMBER } else { 0 };
        self.models.insert(row, Model { map: map?, held });
        self.recent.push_back(row);
        if self.recent.len() as u64 > self.plan.window
            && let Some(oldest) = self.recent.pop_front()
        {
            self.release(oldest, RECENT, slot, table);
        }
        Ok(())
    }

    /// The map of a child: what it inherited, and what it wrote.
    fn compose(
        &mut self,
        id: CandidateId,
        row: u32,
        entries: &[Entry],
        donor: &[u32],
        table: &Table,
    ) -> Result<Vec<u32>> {
        let slot = row + 1;
        let mut hint = 0;
        let mut map = self.spare.pop().unwrap_or_default();
        map.reserve_exact(entries.len());
        for &(identity, owner, bytes) in entries {
            let found = if owner == id { None } else { self.find(donor, &mut hint, identity, owner) };
            let (number, promise) = if let Some(number) = found {
                self.oddities.resized += u64::from(self.ledger.tally(number).bytes != bytes);
                (number, Some(self.inherit(number, row, table)))
            } else {
                self.oddities.unwritten += u64::from(owner != id);
                self.written += 1;
                self.kept[ALL].live += i128::from(bytes);
                let number = self.ledger.write(identity, owner, bytes, slot);
                (number.context("a run has more than 4,294,967,295 stored layers at a time")?, None)
            };
            self.hold(number, slot, promise, table);
            map.push(number);
        }
        Ok(map)
    }

    /// A layer in the donor's map. It stands where the last one stood or soon after.
    fn find(&self, donor: &[u32], hint: &mut usize, identity: u128, owner: CandidateId) -> Option<u32> {
        let (before, after) = donor.split_at((*hint).min(donor.len()));
        let is = |&number: &u32| {
            let layer = self.ledger.get(number);
            layer.identity == identity && layer.owner == owner
        };
        let found = match after.iter().position(is) {
            Some(position) => *hint + position,
            None => before.iter().position(is)?,
        };
        *hint = found + 1;
        Some(donor[found])
    }

    /// A child that was promised a layer, read it and now has it in its map.
    fn inherit(&mut self, number: u32, row: u32, table: &Table) -> Promise {
        let submitted = table.submitted[row as usize].min(row);
        let started = table.started[row as usize].clamp(submitted, row);
        let bytes = self.ledger.tally(number).bytes;
        let layer = self.ledger.get_mut(number);
        self.inherited += u64::from(!std::mem::replace(&mut layer.inherited, true));
        self.reads += 1;
        self.read_bytes += u128::from(bytes);
        if self.ledger.gone_since(number, Kind::Recent, started).is_some() {
            let window = &mut self.kept[WINDOW];
            window.missed += 1;
            window.missed_bytes += u128::from(bytes);
        }
        let gone_since = self.ledger.gone_since(number, Kind::Member, submitted);
        let promise = Promise { submitted, gone_since };
        if self.plan.population.is_none() {
            return promise;
        }
        self.delays.promised(promise);
        if let Some(since) = self.ledger.gone_since(number, Kind::Member, started) {
            self.delays.read(promise, since, started, bytes);
            let population = &mut self.kept[POPULATION];
            population.missed += 1;
            population.missed_bytes += u128::from(bytes);
        }
        // Gaps that are over, and that somebody who finished before had ended: this promise may reach further back.
        let (reachable, changes, settled) = (&mut self.kept[REACHABLE], &mut self.changes, self.settled);
        for gap in self.ledger.gaps(number, Kind::Member).iter_mut().filter(|gap| submitted < gap.to) {
            keep(gap, submitted, bytes, reachable, changes, settled);
        }
        promise
    }
}
