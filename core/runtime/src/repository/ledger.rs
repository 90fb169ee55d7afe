//! The stored layers, who holds each, and what each retention rule would keep.

use lamarck_model::CandidateId;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The number of a stored layer.
pub type StoredId = u32;

/// Which stored layers stay. See the [module](super) for what each means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Retention {
    /// Everything.
    All = 0,
    /// What a member or a child in flight could still need.
    Reachable = 1,
    /// What is in a member's map.
    Population = 2,
    /// What is in the map of the last so many models; see [`RepositorySettings::window`].
    ///
    /// [`RepositorySettings::window`]: super::RepositorySettings::window
    Window = 3,
}

impl Retention {
    /// Every rule, in the order of their numbers.
    pub const ALL: [Self; 4] = [Self::All, Self::Reachable, Self::Population, Self::Window];

    /// The word in studies.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Reachable => "reachable",
            Self::Population => "population",
            Self::Window => "window",
        }
    }
}

impl fmt::Display for Retention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Reads of deleted layers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Missed {
    /// How many layers with weights.
    pub layers: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// What one rule keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct RuleTotals {
    /// Bytes that are kept now.
    pub live_bytes: u64,
    /// The most bytes that were kept after any event.
    pub peak_bytes: u64,
    /// Reads that the rule had deleted, or would have.
    pub missed: Missed,
}

/// One stored layer.
#[derive(Debug, Clone, Copy)]
pub(super) struct StoredLayer {
    pub(super) owner: CandidateId,
    pub(super) bytes: u64,
    /// Members with it in their map.
    members: u32,
    /// Children in flight that it is promised to.
    pins: u32,
    /// Models of the window with it in their map.
    window: u32,
}

impl StoredLayer {
    /// Whether a rule keeps it.
    pub(super) fn kept_by(&self, rule: Retention) -> bool {
        match rule {
            Retention::All => true,
            Retention::Reachable => self.members + self.pins > 0,
            Retention::Population => self.members > 0,
            Retention::Window => self.window > 0,
        }
    }

    fn is_held(&self) -> bool {
        self.members + self.pins + self.window > 0
    }
}

/// Who begins or ceases to hold a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    Member,
    Pin,
    Window,
}

/// All stored layers. Counters are 32 bits: there are fewer models than that, since each has a stored layer.
#[derive(Debug)]
pub(super) struct Ledger {
    layers: Vec<StoredLayer>,
    free: Vec<StoredId>,
    /// Whether the rule in force is `all`, so that numbers are never given again.
    keep_all: bool,
    totals: [RuleTotals; 4],
    /// What is noted for somebody outside: layers that this rule has ceased to keep.
    watched: Option<Retention>,
    ceased: Vec<StoredId>,
}

impl Ledger {
    pub(super) fn new(keep_all: bool) -> Self {
        let totals = [RuleTotals::default(); 4];
        Self { layers: Vec::new(), free: Vec::new(), keep_all, totals, watched: None, ceased: Vec::new() }
    }

    /// Notes from now on which layers a rule ceases to keep.
    pub(super) fn watch(&mut self, rule: Retention) {
        self.watched = Some(rule);
    }

    /// What was noted since this was asked last.
    pub(super) fn take_ceased(&mut self) -> std::vec::Drain<'_, StoredId> {
        self.ceased.drain(..)
    }

    /// Stores a layer that nobody holds yet. `None` when there is no number left.
    pub(super) fn create(&mut self, owner: CandidateId, bytes: u64) -> Option<StoredId> {
        let layer = StoredLayer { owner, bytes, members: 0, pins: 0, window: 0 };
        self.totals[Retention::All as usize].live_bytes += bytes;
        if let Some(id) = self.free.pop() {
            self.layers[id as usize] = layer;
            return Some(id);
        }
        let id = StoredId::try_from(self.layers.len()).ok().filter(|&id| id != StoredId::MAX)?;
        self.layers.push(layer);
        Some(id)
    }

    pub(super) fn get(&self, id: StoredId) -> &StoredLayer {
        &self.layers[id as usize]
    }

    /// A holder more.
    pub(super) fn hold(&mut self, id: StoredId, holder: Holder) {
        self.change(id, holder, 1);
    }

    /// A holder less; the layer's number is free once nobody holds it.
    pub(super) fn drop_hold(&mut self, id: StoredId, holder: Holder) {
        self.change(id, holder, -1);
        if !self.keep_all && !self.layers[id as usize].is_held() {
            self.free.push(id);
        }
    }

    fn change(&mut self, id: StoredId, holder: Holder, by: i32) {
        let layer = &mut self.layers[id as usize];
        let before = *layer;
        let count = match holder {
            Holder::Member => &mut layer.members,
            Holder::Pin => &mut layer.pins,
            Holder::Window => &mut layer.window,
        };
        *count = count.wrapping_add_signed(by);
        for rule in [Retention::Reachable, Retention::Population, Retention::Window] {
            let live = &mut self.totals[rule as usize].live_bytes;
            match (before.kept_by(rule), layer.kept_by(rule)) {
                (false, true) => *live += layer.bytes,
                (true, false) => *live -= layer.bytes,
                _ => {}
            }
        }
        if let Some(rule) = self.watched
            && before.kept_by(rule)
            && !layer.kept_by(rule)
        {
            self.ceased.push(id);
        }
    }

    /// Counts a read that a rule had deleted.
    pub(super) fn miss(&mut self, id: StoredId, rule: Retention) {
        let missed = &mut self.totals[rule as usize].missed;
        missed.layers += 1;
        missed.bytes = missed.bytes.saturating_add(self.layers[id as usize].bytes);
    }

    /// An event is over: peaks are taken.
    pub(super) fn settle(&mut self) {
        for totals in &mut self.totals {
            totals.peak_bytes = totals.peak_bytes.max(totals.live_bytes);
        }
    }

    pub(super) fn totals(&self) -> [RuleTotals; 4] {
        self.totals
    }

    /// Stored layers that have a number.
    pub(super) fn len(&self) -> usize {
        self.layers.len() - self.free.len()
    }
}
