//! The bound on how often a candidate is passed over; see the crate's documentation for what it means.

use crate::ledger::Ledger;
use lamarck_sdk::prelude::*;

/// The options of schedulers that prefer some candidates to older ones.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(crate = "lamarck_sdk::serde")]
pub struct PatienceOptions {
    /// How often a candidate may be passed over before it is placed ahead of all that were not passed over as often.
    pub patience: u32,
}

pub(crate) const PATIENCE: OptionSpec = OptionSpec::integer(
    "patience",
    0,
    1_000_000,
    "how often a candidate may stay behind while workers are handed to younger ones; then it goes first",
)
.default_value("16")
.unit("times");

/// Decides who may be placed, and keeps count of who was passed over.
///
/// # How
///
/// Whenever a candidate is passed over, so are all older ones that wait: older ones are due no later, and those
/// that are due are a prefix of the ready list. In a call that places k candidates the due ones get the first k
/// places, and what is left is a quota for the others, which they may take in any order. No candidate is passed
/// over while it is due: if due ones stay behind, all k places went to older ones.
///
/// A candidate that comes back into the list ahead of others (a retry) would break the rule that older ones are due
/// no later. It is given the count of the most often passed over behind it.
#[derive(Debug, Clone)]
pub(crate) struct Patience {
    limit: u32,
    /// How often each ready candidate was passed over; never rises from an older to a younger one.
    passed: Ledger<u32>,
    placed: Vec<bool>,
    /// The last position that was placed, plus one.
    placed_until: usize,
    /// So many of the oldest are due and have a place.
    due: usize,
    /// Due ones that have not been placed.
    due_left: usize,
    /// How many others may still be placed.
    quota: usize,
}

impl Patience {
    pub(crate) fn new(options: PatienceOptions) -> Self {
        Self {
            limit: options.patience,
            passed: Ledger::default(),
            placed: Vec::new(),
            placed_until: 0,
            due: 0,
            due_left: 0,
            quota: 0,
        }
    }

    /// Begins a call.
    pub(crate) fn begin(&mut self, situation: &Situation<'_>) {
        let ready = situation.ready;
        self.passed.open(ready);
        let mut most = 0;
        for passed in self.passed.notes.iter_mut().rev() {
            most = most.max(*passed);
            *passed = most;
        }
        let places = ready.len().min(situation.idle.len());
        self.due = self.passed.notes.partition_point(|&passed| passed >= self.limit).min(places);
        self.due_left = self.due;
        self.quota = places - self.due;
        self.placed.clear();
        self.placed.resize(ready.len(), false);
        self.placed_until = 0;
    }

    /// How many are due, which are that many of the oldest, and will have been placed when the call ends.
    pub(crate) fn due(&self) -> usize {
        self.due
    }

    /// How many that are not due may still be placed.
    pub(crate) fn quota(&self) -> usize {
        self.quota
    }

    /// How many will still be placed in this call.
    pub(crate) fn left(&self) -> usize {
        self.due_left + self.quota
    }

    /// Whether the candidate at a position may be placed now.
    pub(crate) fn may_go(&self, ready: usize) -> bool {
        (ready < self.due || self.quota > 0) && self.placed.get(ready) == Some(&false)
    }

    /// Places a candidate that [may go](Self::may_go); any other is left where it is.
    pub(crate) fn place(&mut self, ready: usize, idle: usize, out: &mut Placement) {
        if !self.may_go(ready) {
            return;
        }
        if ready < self.due {
            self.due_left -= 1;
        } else {
            self.quota -= 1;
        }
        self.placed[ready] = true;
        self.placed_until = self.placed_until.max(ready + 1);
        out.assign(ready, idle);
    }

    /// Ends the call: whoever waits and is older than one that was placed was passed over.
    pub(crate) fn end(&mut self, situation: &Situation<'_>) {
        for passed in &mut self.passed.notes[..self.placed_until] {
            *passed = passed.saturating_add(1);
        }
        let placed = &self.placed;
        self.passed.close(situation.ready, |position| !placed[position]);
    }
}
