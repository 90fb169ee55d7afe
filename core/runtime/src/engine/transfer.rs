//! What candidates take over from each other: the run's repository, what is recorded of it, and its summary.

use super::catalog::Catalog;
use super::error::EngineError;
use super::parts::RunSettings;
use crate::repository::{ModelLayers, Offer, Read, Repository, Totals};
use lamarck_model::{
    CandidateId, CandidateRecord, LayerColumns, LayerSource, ModelSize, Nullable, SearchSpace,
};
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

/// Weight transfer of one run; does nothing when the study has none.
#[derive(Debug)]
pub(super) struct Transfer {
    repository: Option<Repository>,
    catalog: Catalog,
    summary: TransferSummary,
}

impl Transfer {
    pub(super) fn new(settings: &RunSettings) -> Self {
        Self {
            repository: settings.transfer.map(Repository::new),
            catalog: Catalog::default(),
            summary: TransferSummary::default(),
        }
    }

    /// A candidate was proposed: finds its donor. `None` without transfer, when nobody has looked at its layers.
    pub(super) fn submit(
        &mut self,
        record: &mut CandidateRecord,
        space: &dyn SearchSpace,
        level: &str,
    ) -> Result<Option<(ModelSize, Offer)>, EngineError> {
        let Some(repository) = &mut self.repository else { return Ok(None) };
        let layers: Arc<ModelLayers> = self.catalog.layers(space, &record.choices, level)?;
        let offer = repository.begin(record.id, record.parent.known(), &layers)?;
        record.donor = offer.donor.unwrap_or(CandidateId::NONE);
        Ok(Some((layers.size(), offer)))
    }

    /// A candidate starts: it reads what it takes over.
    pub(super) fn start(&mut self, record: &mut CandidateRecord) -> Result<ModelSize, EngineError> {
        let Some(repository) = &mut self.repository else { return Ok(ModelSize::default()) };
        let Read { prefix, owners, missed } = repository.read(record.id)?;
        record.prefix_layers = prefix.layers;
        record.prefix_bytes = prefix.bytes;
        record.prefix_owners = owners;
        record.missed_layers = missed.layers;
        let summary = &mut self.summary;
        if prefix.layers > 0 {
            summary.transfers += 1;
            summary.prefix_layers += prefix.layers;
            // The repository has checked that the sum of all reads fits.
            summary.prefix_bytes += prefix.bytes;
            summary.requests += u64::from(owners);
        } else {
            summary.without += 1;
        }
        if let Some(parent) = record.parent.known() {
            summary.children += 1;
            summary.other_donor += u64::from(record.donor.known().is_some_and(|donor| donor != parent));
        }
        Ok(prefix)
    }

    /// A candidate ended: well, and it is stored; or not.
    pub(super) fn end(&mut self, record: &mut CandidateRecord, well: bool) -> Result<(), EngineError> {
        let Some(repository) = &mut self.repository else { return Ok(()) };
        if well {
            let stored = repository.store(record.id, record.score)?;
            record.stored_bytes = stored.bytes;
            record.owners = stored.owners;
            self.summary.owners += u64::from(stored.owners);
        } else {
            repository.abandon(record.id);
        }
        Ok(())
    }

    /// The strategy has released a candidate.
    pub(super) fn release(&mut self, candidate: CandidateId) {
        if let Some(repository) = &mut self.repository {
            repository.leave(candidate);
        }
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
            for entry in repository.map(record.id).into_iter().flatten() {
                let own = entry.owner == record.id;
                let source = if own { LayerSource::Trained } else { LayerSource::Repository };
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

    /// The summary; `None` without transfer.
    pub(super) fn into_summary(self) -> Option<TransferSummary> {
        let repository = self.repository?;
        Some(TransferSummary { repository: repository.totals(), ..self.summary })
    }
}
