//! The repository itself: offers, reads, stores and deletions, in the order of events.

use super::error::RepositoryError;
use super::index::MatchIndex;
use super::ledger::{Holder, Ledger, Missed, Retention, RuleTotals, StoredId};
use super::model::ModelLayers;
use lamarck_model::identity::LayerIdentity;
use lamarck_model::{CandidateId, ModelSize};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::Arc;

/// Whose weights a child takes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DonorPolicy {
    /// The parent's.
    Parent,
    /// The stored model's that shares the most layers; of equals the one with the higher score, then the lower id.
    BestMatch,
}

/// What happens when a promised layer is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Missing {
    /// The request is refused, and the run ends.
    Error,
    /// The reader trains the layer itself, and the miss is counted.
    Train,
}

/// How a repository works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepositorySettings {
    /// Whose weights a child takes over.
    pub donor: DonorPolicy,
    /// What stays.
    pub retention: Retention,
    /// Models in the window, at least 1. Counted under every rule, in force under `window`.
    pub window: usize,
    /// What happens when a promised layer is gone.
    pub missing: Missing,
}

/// What a child is offered when it is submitted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Offer {
    /// The donor; `None` when there is none.
    pub donor: Option<CandidateId>,
    /// The prefix that it may take over.
    pub prefix: ModelSize,
}

/// What a child took over when it started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Read {
    /// Layers, parameters and bytes that were there.
    pub prefix: ModelSize,
    /// Distinct owners of layers with weights: requests.
    pub owners: u32,
    /// Layers with weights that were promised and gone.
    pub missed: Missed,
}

/// What a finished candidate stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stored {
    /// Bytes of its own layers.
    pub bytes: u64,
    /// Distinct owners in its map of layers with weights: requests to read the whole model.
    pub owners: u32,
}

/// One layer of a stored model's map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MapEntry {
    /// The layer.
    pub identity: LayerIdentity,
    /// The candidate that trained it and stores it.
    pub owner: CandidateId,
    /// Bytes of its tensors.
    pub bytes: u64,
}

/// A stored layer with weights, in the map of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// Its position in the candidate's graph.
    pub position: usize,
    /// Its number, which may be given again once it is deleted.
    pub stored: StoredId,
    /// The candidate that trained it.
    pub owner: CandidateId,
    /// Bytes of its tensors.
    pub bytes: u64,
}

/// Sums over a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Models that were stored.
    pub models: u64,
    /// Bytes of all models that were stored, each counted whole.
    pub unshared_bytes: u64,
    /// Bytes that were written: each stored layer once.
    pub written_bytes: u64,
    /// Bytes that were read.
    pub read_bytes: u64,
    /// What each rule keeps, in the order of [`Retention::ALL`].
    pub rules: [RuleTotals; 4],
}

/// A stored model.
#[derive(Debug)]
struct Model {
    layers: Arc<ModelLayers>,
    /// A stored layer for each layer.
    map: Box<[StoredId]>,
    /// Whether the strategy may select it.
    member: bool,
    /// Whether it is one of the last N.
    windowed: bool,
}

/// A candidate in flight.
#[derive(Debug)]
struct Pending {
    layers: Arc<ModelLayers>,
    donor: Option<CandidateId>,
    /// A stored layer for each layer that it was promised and has not missed, else [`OWN`].
    map: Vec<StoredId>,
}

/// A layer that the candidate trains itself.
const OWN: StoredId = StoredId::MAX;

/// The repository of one run.
#[derive(Debug)]
pub struct Repository {
    settings: RepositorySettings,
    ledger: Ledger,
    index: Option<MatchIndex>,
    models: FxHashMap<CandidateId, Model>,
    pending: FxHashMap<CandidateId, Pending>,
    window: VecDeque<CandidateId>,
    owners: Vec<CandidateId>,
    totals: Totals,
}

impl Repository {
    /// An empty repository.
    pub fn new(settings: RepositorySettings) -> Self {
        Self {
            settings,
            ledger: Ledger::new(settings.retention == Retention::All),
            index: (settings.donor == DonorPolicy::BestMatch).then(MatchIndex::default),
            models: FxHashMap::default(),
            pending: FxHashMap::default(),
            window: VecDeque::new(),
            owners: Vec::new(),
            totals: Totals::default(),
        }
    }

    /// A candidate is submitted: a donor is found for it, unless it has no parent, and the prefix is promised to it.
    pub fn begin(
        &mut self,
        candidate: CandidateId,
        parent: Option<CandidateId>,
        layers: &Arc<ModelLayers>,
    ) -> Result<Offer, RepositoryError> {
        let donor = match parent {
            Some(parent) => self.donor(candidate, parent, layers)?,
            None => None,
        };
        self.promise(candidate, donor, layers)
    }

    /// A candidate is submitted whose donor somebody else has chosen.
    pub fn begin_with(
        &mut self,
        candidate: CandidateId,
        donor: Option<CandidateId>,
        layers: &Arc<ModelLayers>,
    ) -> Result<Offer, RepositoryError> {
        let donor = match donor {
            Some(donor) => self.given(candidate, donor)?,
            None => None,
        };
        self.promise(candidate, donor, layers)
    }

    fn promise(
        &mut self,
        candidate: CandidateId,
        donor: Option<CandidateId>,
        layers: &Arc<ModelLayers>,
    ) -> Result<Offer, RepositoryError> {
        let mut offer = Offer { donor, prefix: ModelSize::default() };
        let mut map = vec![OWN; layers.len()];
        if let Some(model) = donor.and_then(|donor| self.models.get(&donor)) {
            for (mine, theirs) in shared(layers.identities(), model.layers.identities()) {
                let stored = model.map[theirs];
                map[mine] = stored;
                if layers.bytes(mine) > 0 && !self.ledger.get(stored).kept_by(Retention::Reachable) {
                    self.ledger.miss(stored, Retention::Reachable);
                }
                self.ledger.hold(stored, Holder::Pin);
                add(&mut offer.prefix, layers, mine, candidate)?;
            }
        }
        self.ledger.settle();
        let pending = Pending { layers: Arc::clone(layers), donor, map };
        if self.pending.insert(candidate, pending).is_some() || self.models.contains_key(&candidate) {
            return Err(RepositoryError::Order { candidate, what: "was submitted twice" });
        }
        Ok(offer)
    }

    /// Whose layers a child is to take over.
    fn donor(
        &self,
        candidate: CandidateId,
        parent: CandidateId,
        layers: &ModelLayers,
    ) -> Result<Option<CandidateId>, RepositoryError> {
        if let Some(index) = &self.index {
            return Ok(index.best(layers.identities()).map(|found| found.model));
        }
        self.given(candidate, parent)
    }

    /// A donor that is named, if it is still there.
    fn given(
        &self,
        candidate: CandidateId,
        parent: CandidateId,
    ) -> Result<Option<CandidateId>, RepositoryError> {
        match self.models.get(&parent) {
            Some(model) if self.is_donor(model) => Ok(Some(parent)),
            Some(_) if self.settings.missing == Missing::Error => {
                Err(RepositoryError::ParentDeleted { candidate, parent, retention: self.settings.retention })
            }
            // A parent that was never stored did not end well.
            _ => Ok(None),
        }
    }

    /// Whether the rule in force keeps a model.
    fn is_donor(&self, model: &Model) -> bool {
        match self.settings.retention {
            Retention::All => true,
            Retention::Reachable | Retention::Population => model.member,
            Retention::Window => model.windowed,
        }
    }

    /// A candidate starts: it reads what it was promised.
    pub fn read(&mut self, candidate: CandidateId) -> Result<Read, RepositoryError> {
        let Some(pending) = self.pending.get_mut(&candidate) else {
            return Err(RepositoryError::Order { candidate, what: "starts and was not submitted" });
        };
        let mut read = Read::default();
        self.owners.clear();
        let rule = self.settings.retention;
        for (position, slot) in pending.map.iter_mut().enumerate().filter(|(_, stored)| **stored != OWN) {
            let stored = *slot;
            let layer = *self.ledger.get(stored);
            if layer.bytes > 0 {
                for other in [Retention::Population, Retention::Window] {
                    if !layer.kept_by(other) {
                        self.ledger.miss(stored, other);
                    }
                }
                if !layer.kept_by(rule) {
                    if self.settings.missing == Missing::Error {
                        return Err(RepositoryError::Deleted {
                            candidate,
                            donor: pending.donor.unwrap_or(candidate),
                            owner: layer.owner,
                            identity: pending.layers.identities()[position],
                            retention: rule,
                        });
                    }
                    read.missed.layers += 1;
                    read.missed.bytes = read.missed.bytes.saturating_add(layer.bytes);
                    self.ledger.drop_hold(stored, Holder::Pin);
                    *slot = OWN;
                    continue;
                }
                self.owners.push(layer.owner);
            }
            add(&mut read.prefix, &pending.layers, position, candidate)?;
        }
        self.ledger.settle();
        read.owners = distinct(&mut self.owners);
        self.totals.read_bytes = sum(self.totals.read_bytes, read.prefix.bytes, "that were read", candidate)?;
        Ok(read)
    }

    /// A candidate ended well: it stores the layers that it did not take over, and may lend from now on.
    pub fn store(&mut self, candidate: CandidateId, score: f64) -> Result<Stored, RepositoryError> {
        let Some(Pending { layers, mut map, .. }) = self.pending.remove(&candidate) else {
            return Err(RepositoryError::Order { candidate, what: "is stored and was not submitted" });
        };
        let mut own = Stored::default();
        self.owners.clear();
        for (position, stored) in map.iter_mut().enumerate() {
            let taken_over = *stored != OWN;
            if !taken_over {
                let bytes = layers.bytes(position);
                own.bytes = sum(own.bytes, bytes, "of its layers", candidate)?;
                // Checked before the ledger adds them up, which holds no more than this.
                self.totals.written_bytes =
                    sum(self.totals.written_bytes, bytes, "that were written", candidate)?;
                *stored = self.ledger.create(candidate, bytes).ok_or(RepositoryError::Full { candidate })?;
            }
            self.ledger.hold(*stored, Holder::Member);
            self.ledger.hold(*stored, Holder::Window);
            if taken_over {
                self.ledger.drop_hold(*stored, Holder::Pin);
            }
            let layer = self.ledger.get(*stored);
            if layer.bytes > 0 {
                self.owners.push(layer.owner);
            }
        }
        own.owners = distinct(&mut self.owners);
        if let Some(index) = &mut self.index {
            index.insert(candidate, score, layers.identities());
        }
        self.totals.models += 1;
        self.totals.unshared_bytes =
            sum(self.totals.unshared_bytes, layers.size().bytes, "of all models", candidate)?;
        let model = Model { layers, map: map.into(), member: true, windowed: true };
        self.models.insert(candidate, model);
        self.window.push_back(candidate);
        if self.window.len() > self.settings.window
            && let Some(oldest) = self.window.pop_front()
        {
            self.cease(oldest, Holder::Window);
        }
        self.ledger.settle();
        Ok(own)
    }

    /// A candidate ended otherwise: what it was promised is released. Nothing happens for one that is not in flight.
    pub fn abandon(&mut self, candidate: CandidateId) {
        if let Some(pending) = self.pending.remove(&candidate) {
            for stored in pending.map.into_iter().filter(|&stored| stored != OWN) {
                self.ledger.drop_hold(stored, Holder::Pin);
            }
            self.ledger.settle();
        }
    }

    /// The strategy will never select a candidate again. Nothing happens for one that was not stored.
    pub fn leave(&mut self, candidate: CandidateId) {
        self.cease(candidate, Holder::Member);
        self.ledger.settle();
    }

    /// A model ceases to be a member or one of the window; it is forgotten once nothing needs its map.
    fn cease(&mut self, candidate: CandidateId, holder: Holder) {
        let Some(model) = self.models.get_mut(&candidate) else { return };
        let flag = if holder == Holder::Window { &mut model.windowed } else { &mut model.member };
        if !std::mem::take(flag) {
            return;
        }
        for &stored in &model.map {
            self.ledger.drop_hold(stored, holder);
        }
        let retention = self.settings.retention;
        let deletes = match retention {
            Retention::All => false,
            Retention::Reachable | Retention::Population => holder == Holder::Member,
            Retention::Window => holder == Holder::Window,
        };
        if deletes && let Some(index) = &mut self.index {
            index.remove(candidate);
        }
        if retention != Retention::All && !model.member && !model.windowed {
            self.models.remove(&candidate);
        }
    }

    /// A model's map in the order of its layers, while anything holds it.
    pub fn map(&self, candidate: CandidateId) -> Option<impl Iterator<Item = MapEntry>> {
        let model = self.models.get(&candidate)?;
        Some(model.layers.identities().iter().zip(&model.map).map(|(&identity, &stored)| {
            let layer = self.ledger.get(stored);
            MapEntry { identity, owner: layer.owner, bytes: layer.bytes }
        }))
    }

    /// The layers with weights that a candidate in flight is promised, or has read; none for one that is not in flight.
    pub fn promised(&self, candidate: CandidateId) -> impl Iterator<Item = Holding> + Clone {
        self.holdings(self.pending.get(&candidate).map_or(&[][..], |pending| &pending.map))
    }

    /// The layers with weights that a stored model trained itself.
    pub fn own(&self, candidate: CandidateId) -> impl Iterator<Item = Holding> + Clone {
        self.layers(candidate).filter(move |holding| holding.owner == candidate)
    }

    /// The layers with weights that a stored model consists of, while anything holds it.
    pub fn layers(&self, candidate: CandidateId) -> impl Iterator<Item = Holding> + Clone {
        self.holdings(self.models.get(&candidate).map_or(&[][..], |model| &model.map))
    }

    fn holdings<'a>(&'a self, map: &'a [StoredId]) -> impl Iterator<Item = Holding> + Clone + 'a {
        let taken = map.iter().copied().enumerate().filter(|&(_, stored)| stored != OWN);
        taken.filter_map(|(position, stored)| {
            let layer = self.ledger.get(stored);
            (layer.bytes > 0).then_some(Holding { position, stored, owner: layer.owner, bytes: layer.bytes })
        })
    }

    /// Notes from now on which stored layers the rule in force deletes.
    pub fn watch_deletions(&mut self) {
        self.ledger.watch(self.settings.retention);
    }

    /// The stored layers that were deleted since this was asked last, in order.
    pub fn take_deleted(&mut self) -> std::vec::Drain<'_, StoredId> {
        self.ledger.take_ceased()
    }

    /// The stored models that may lend, in order.
    pub fn donors(&self) -> Vec<CandidateId> {
        let mut donors: Vec<CandidateId> =
            self.models.iter().filter(|(_, model)| self.is_donor(model)).map(|(&id, _)| id).collect();
        donors.sort_unstable();
        donors
    }

    /// The number of stored layers that anything holds.
    pub fn stored_layers(&self) -> usize {
        self.ledger.len()
    }

    /// Sums over the run so far.
    pub fn totals(&self) -> Totals {
        Totals { rules: self.ledger.totals(), ..self.totals }
    }
}

/// The positions of the layers that both models have, in the order of the child's.
fn shared(child: &[LayerIdentity], donor: &[LayerIdentity]) -> impl Iterator<Item = (usize, usize)> {
    let pairs = lamarck_model::prefix::shared(child, donor);
    pairs.into_iter().map(|(child, donor)| (child.index(), donor.index()))
}

fn add(
    size: &mut ModelSize,
    layers: &ModelLayers,
    position: usize,
    candidate: CandidateId,
) -> Result<(), RepositoryError> {
    size.layers += 1;
    size.bytes = sum(size.bytes, layers.bytes(position), "of a prefix", candidate)?;
    // Parameters of a part of a model: the whole's were summed before.
    size.parameters = size.parameters.saturating_add(layers.parameters(position));
    Ok(())
}

fn sum(a: u64, b: u64, what: &'static str, candidate: CandidateId) -> Result<u64, RepositoryError> {
    a.checked_add(b).ok_or(RepositoryError::TooLarge { what, candidate })
}

/// How many distinct owners there are.
fn distinct(owners: &mut Vec<CandidateId>) -> u32 {
    owners.sort_unstable();
    owners.dedup();
    u32::try_from(owners.len()).unwrap_or(u32::MAX)
}
