//! What candidates take over from each other: the run's repository, what is recorded of it, and its summary.

use super::catalog::Catalog;
use super::cluster::NodeCaches;
use super::error::EngineError;
use super::hints::Hints;
use super::parts::RunSettings;
use crate::repository::{ModelLayers, Offer, Read, Repository, Totals};
use lamarck_model::{
    CandidateId, CandidateRecord, Idle, LayerColumns, LayerSource, ModelSize, Nullable, SearchSpace,
};
use rustc_hash::FxHashMap;
use serde::Serialize;
use std::sync::Arc;

/// What came of weight transfer in a run. Candidates that started are counted, however they ended.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct TransferSummary {
    /// Candidates that took over at least one layer.
    pub transfers: u64,
    /// Candidates that took over no layer: all that were sampled, and children that no stored model was like.
    pub without: u64,
    /// Candidates with a parent.
    pub children: u64,
    /// Children whose donor was not their parent.
    pub other_donor: u64,
    /// Layers that were taken over, over all transfers.
    pub prefix_layers: u64,
    /// Bytes that were taken over, over all transfers.
    pub prefix_bytes: u64,
    /// Bytes of these that a node's cache held.
    pub cached_bytes: u64,
    /// Time that workers spent reading, in microseconds.
    pub transfer_us: u64,
    /// Time that workers spent storing, in microseconds.
    pub store_us: u64,
    /// Requests: distinct owners of what was taken over, over all transfers.
    pub requests: u64,
    /// Distinct owners in a stored model's map, over all stored models.
    pub owners: u64,
    /// What was stored, and what each retention rule would keep.
    pub repository: Totals,
}

impl TransferSummary {
    /// Layers taken over in a transfer, on average.
    pub fn mean_prefix_layers(&self) -> Option<f64> {
        mean(self.prefix_layers, self.transfers)
    }

    /// Requests to read a whole stored model, on average.
    pub fn mean_owners(&self) -> Option<f64> {
        mean(self.owners, self.repository.models)
    }

    /// The share of children whose donor was not their parent.
    pub fn other_donor_share(&self) -> Option<f64> {
        mean(self.other_donor, self.children)
    }
}

fn mean(sum: u64, n: u64) -> Option<f64> {
    (n > 0).then(|| sum as f64 / n as f64)
}

/// Who chooses a candidate's donor.
#[derive(Debug, Clone, Copy)]
pub(super) enum Donor {
    /// The repository.
    Sought,
    /// It is chosen already, perhaps to be nobody.
    Given(Option<CandidateId>),
}

/// What an attempt has to read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Reading {
    /// What it takes over.
    pub(super) prefix: ModelSize,
    /// Requests to the repository: distinct owners of what the node's cache does not hold.
    pub(super) requests: u32,
    /// Bytes that the node's cache does not hold.
    pub(super) bytes: u64,
}

/// Weight transfer of one run; does nothing when the study has none.
#[derive(Debug)]
pub(super) struct Transfer {
    repository: Option<Repository>,
    caches: Option<NodeCaches>,
    /// What caches are told, if they listen.
    hints: Option<Hints>,
    /// For each candidate that has started and taken something out of its node's cache, the layers' positions in order.
    hits: FxHashMap<CandidateId, Vec<usize>>,
    owners: Vec<CandidateId>,
    catalog: Catalog,
    summary: TransferSummary,
}

impl Transfer {
    pub(super) fn new(settings: &RunSettings) -> Result<Self, EngineError> {
        let mut repository = settings.transfer.map(Repository::new);
        let (mut caches, mut hints) = (None, None);
        if let (Some(repository), Some((policy, capacity))) = (&mut repository, settings.cluster.node_cache) {
            repository.watch_deletions();
            caches = Some(NodeCaches::new(policy, capacity, settings.cluster.nodes())?);
            hints = Hints::new(policy, settings.selection)?;
        }
        Ok(Self {
            repository,
            caches,
            hints,
            hits: FxHashMap::default(),
            owners: Vec::new(),
            catalog: Catalog::default(),
            summary: TransferSummary::default(),
        })
    }

    /// A candidate was proposed: finds its donor, if it has to be sought. `None` without transfer, when nobody has looked at its layers.
    pub(super) fn submit(
        &mut self,
        record: &mut CandidateRecord,
        donor: Donor,
        space: &dyn SearchSpace,
        level: &str,
    ) -> Result<Option<(ModelSize, Offer)>, EngineError> {
        let Some(repository) = &mut self.repository else { return Ok(None) };
        let layers: Arc<ModelLayers> = self.catalog.layers(space, &record.choices, level)?;
        let offer = match donor {
            Donor::Given(donor) => repository.begin_with(record.id, donor, &layers)?,
            Donor::Sought => repository.begin(record.id, record.parent.known(), &layers)?,
        };
        record.donor = offer.donor.unwrap_or(CandidateId::NONE);
        if let (Some(hints), Some(caches)) = (&mut self.hints, &mut self.caches) {
            hints.submitted(record, repository);
            hints.tell(caches)?;
        }
        Ok(Some((layers.size(), offer)))
    }

    /// An attempt at a candidate starts on a node: it reads what it takes over.
    pub(super) fn start(
        &mut self,
        record: &mut CandidateRecord,
        first: bool,
        node: u32,
    ) -> Result<Reading, EngineError> {
        let Some(repository) = &mut self.repository else { return Ok(Reading::default()) };
        let Read { prefix, owners, missed } = repository.read(record.id)?;
        record.prefix_layers = prefix.layers;
        record.prefix_bytes = prefix.bytes;
        record.prefix_owners = owners;
        // What an earlier attempt missed it still trains itself.
        record.missed_layers = record.missed_layers.known().unwrap_or(0).saturating_add(missed.layers);
        let mut reading = Reading { prefix, requests: owners, bytes: prefix.bytes };
        if let Some(caches) = &mut self.caches {
            let mut hits = Vec::new();
            self.owners.clear();
            for holding in repository.promised(record.id) {
                let value = self.hints.as_ref().map_or(1.0, |hints| hints.value(holding.stored));
                if caches.read(node, holding.stored, holding.bytes, value)? {
                    hits.push(holding.position);
                    reading.bytes -= holding.bytes;
                } else {
                    self.owners.push(holding.owner);
                }
            }
            self.owners.sort_unstable();
            self.owners.dedup();
            reading.requests = u32::try_from(self.owners.len()).unwrap_or(u32::MAX);
            record.cached_bytes = prefix.bytes - reading.bytes;
            if hits.is_empty() {
                self.hits.remove(&record.id)
            } else {
                self.hits.insert(record.id, hits)
            };
            if let Some(hints) = &mut self.hints {
                hints.started(record.id, missed.layers > 0, repository);
                hints.tell(caches)?;
            }
        }
        if first {
            self.count(record, prefix);
        }
        Ok(reading)
    }

    fn count(&mut self, record: &CandidateRecord, prefix: ModelSize) {
        let summary = &mut self.summary;
        if prefix.layers > 0 {
            summary.transfers += 1;
            summary.prefix_layers += prefix.layers;
            // The repository has checked that the sum of all reads fits.
            summary.prefix_bytes += prefix.bytes;
            summary.cached_bytes += record.cached_bytes.known().unwrap_or(0);
            summary.requests += u64::from(record.prefix_owners);
        } else {
            summary.without += 1;
        }
        if let Some(parent) = record.parent.known() {
            summary.children += 1;
            summary.other_donor += u64::from(record.donor.known().is_some_and(|donor| donor != parent));
        }
    }

    /// An attempt has read, and stored, for so long.
    pub(super) fn spent(&mut self, transfer_us: Option<u64>, store_us: Option<u64>) {
        let summary = &mut self.summary;
        summary.transfer_us = summary.transfer_us.saturating_add(transfer_us.unwrap_or(0));
        summary.store_us = summary.store_us.saturating_add(store_us.unwrap_or(0));
    }

    /// A candidate ended: well, and it is stored; or not.
    pub(super) fn end(&mut self, record: &mut CandidateRecord, well: bool) -> Result<(), EngineError> {
        let Some(repository) = &mut self.repository else { return Ok(()) };
        if well {
            let stored = repository.store(record.id, record.score)?;
            record.stored_bytes = stored.bytes;
            record.owners = stored.owners;
            self.summary.owners += u64::from(stored.owners);
            if let (Some(caches), Some(node)) = (&mut self.caches, record.node.known()) {
                for holding in repository.own(record.id) {
                    // It is new, and nobody has spoken of it.
                    caches.write(node, holding.stored, holding.bytes, 1.0)?;
                }
            }
        } else {
            repository.abandon(record.id);
        }
        if let Some(hints) = &mut self.hints {
            hints.ended(record, repository);
        }
        self.forget_deleted();
        Ok(())
    }

    /// An attempt at a candidate was lost, and there will be another.
    pub(super) fn repeat(&mut self, candidate: CandidateId) -> Result<(), EngineError> {
        if let (Some(hints), Some(caches)) = (&mut self.hints, &mut self.caches) {
            hints.repeats(candidate);
            hints.tell(caches)?;
        }
        Ok(())
    }

    /// A candidate has ended and whoever leaves has left, or somebody has left later: caches are told what follows.
    pub(super) fn settle(&mut self) -> Result<(), EngineError> {
        if let (Some(hints), Some(caches)) = (&mut self.hints, &mut self.caches) {
            hints.settle();
            hints.tell(caches)?;
        }
        Ok(())
    }

    /// The strategy has released a candidate.
    pub(super) fn release(&mut self, candidate: CandidateId) {
        if let Some(repository) = &mut self.repository {
            repository.leave(candidate);
            if let Some(hints) = &mut self.hints {
                hints.left(candidate);
            }
            self.forget_deleted();
        }
    }

    /// What the repository has deleted leaves all caches.
    fn forget_deleted(&mut self) {
        if let (Some(repository), Some(caches)) = (&mut self.repository, &mut self.caches) {
            repository.take_deleted().for_each(|stored| caches.delete(stored));
        }
    }

    /// All nodes lose what their caches hold.
    pub(super) fn lose_caches(&mut self) -> Result<(), EngineError> {
        self.caches.as_mut().map_or(Ok(()), NodeCaches::clear)
    }

    /// What the caches of the idle workers' nodes hold of a ready candidate's prefix, appended to `out`, and the most that
    /// any node holds; `None` without caches.
    pub(super) fn cached(
        &mut self,
        candidate: CandidateId,
        idle: &[Idle],
        out: &mut Vec<u64>,
    ) -> Option<u64> {
        let (repository, caches) = (self.repository.as_ref()?, self.caches.as_mut()?);
        let layers = repository.promised(candidate).map(|holding| (holding.stored, holding.bytes));
        Some(caches.holdings(layers, idle.iter().map(|idle| idle.node), out))
    }

    /// Whether there is a repository.
    pub(super) fn is_on(&self) -> bool {
        self.repository.is_some()
    }

    /// Appends the layers of a candidate that has just ended well.
    pub(super) fn describe(
        &mut self,
        record: &CandidateRecord,
        space: &dyn SearchSpace,
        level: &str,
        out: &mut LayerColumns,
    ) -> Result<(), EngineError> {
        if let Some(repository) = &self.repository {
            let hits = self.hits.get(&record.id).map_or(&[][..], Vec::as_slice);
            for (position, entry) in repository.map(record.id).into_iter().flatten().enumerate() {
                let source = if entry.owner == record.id {
                    LayerSource::Trained
                } else if hits.binary_search(&position).is_ok() {
                    LayerSource::Node
                } else {
                    LayerSource::Repository
                };
                out.push(record.id, entry.identity.0, entry.owner, entry.bytes, source);
            }
            return Ok(());
        }
        let layers = self.catalog.layers(space, &record.choices, level)?;
        for (position, identity) in layers.identities().iter().enumerate() {
            out.push(record.id, identity.0, record.id, layers.bytes(position), LayerSource::Trained);
        }
        Ok(())
    }

    /// A candidate is in the trace: where it read its layers is not needed any more.
    pub(super) fn forget(&mut self, candidate: CandidateId) {
        self.hits.remove(&candidate);
    }

    /// The summary; `None` without transfer.
    pub(super) fn into_summary(self) -> Option<TransferSummary> {
        let repository = self.repository?;
        Some(TransferSummary { repository: repository.totals(), ..self.summary })
    }
}
