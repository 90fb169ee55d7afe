//! What node caches of lineage-aware policies are told while a search goes on.
//!
//! The values and when they are told again are those of [`lamarck_cache::lineage`], which the analyzer of caching shows a trace to;
//! here it sees the run itself, at the same moments: a promise, a read, an end together with what leaves because of it.
//! The engine knows more than a trace in two places. It knows what a child was promised that will fail, and a read
//! of which the attempt was lost is a read to be expected again.
//!
//! Members are whom the strategy was told of and has not released, whatever its rule. In a replay the script releases, and
//! nothing here knows the difference.
//!
//! The numbers of deleted layers are given again. A deletion itself changes nothing here: a layer may be deleted and still be
//! held (`population` and `window` delete what was promised), and a child that had read it by then brings it back. It
//! is a new layer's beginning that ends whatever was said under its number.

use super::cluster::NodeCaches;
use super::error::EngineError;
use crate::repository::{Repository, StoredId};
use lamarck_cache::{AgingSelection, Lineage, LineageRule, PolicyKind, Standing};
use lamarck_model::{CandidateId, CandidateRecord, Nullable, Status};

/// What caches are told.
#[derive(Debug)]
pub(super) struct Hints {
    lineage: Lineage,
    /// Whether a candidate has ended since caches were told.
    ended: bool,
}

impl Hints {
    /// `None` for a policy that does not listen.
    pub(super) fn new(
        policy: PolicyKind,
        selection: Option<AgingSelection>,
    ) -> Result<Option<Self>, EngineError> {
        if !policy.listens() {
            return Ok(None);
        }
        let rule = LineageRule::of(policy, selection);
        let rule = rule.ok_or(EngineError::Selection { policy: policy.name() })?;
        Ok(Some(Self { lineage: Lineage::new(rule), ended: false }))
    }

    /// A candidate was submitted, and promised what the repository says.
    pub(super) fn submitted(&mut self, record: &CandidateRecord, repository: &Repository) {
        // With donors by best match descent and choice are those of the parent.
        let ancestor = record.parent.known().or(record.donor.known());
        let promised = repository.promised(record.id).map(|holding| holding.stored);
        self.lineage.promise(record.id, ancestor, promised);
    }

    /// A candidate has read what it was promised, or what of it was there.
    pub(super) fn started(&mut self, candidate: CandidateId, missed: bool, repository: &Repository) {
        if missed {
            let kept = repository.promised(candidate).map(|holding| holding.stored);
            self.lineage.keep(candidate, kept);
        }
        self.lineage.read(candidate);
    }

    /// A candidate will read again.
    pub(super) fn repeats(&mut self, candidate: CandidateId) {
        self.lineage.repeat(candidate);
    }

    /// A candidate has ended, and is a member if the strategy is told of it.
    pub(super) fn ended(&mut self, record: &CandidateRecord, repository: &Repository) {
        let candidate = record.id;
        let ancestor = self.lineage.end(candidate);
        self.ended = true;
        let status = record.status();
        if status == Some(Status::Interrupted) {
            return;
        }
        repository.own(candidate).for_each(|holding| self.lineage.begin(holding.stored));
        let score = if status == Some(Status::Ok) { record.score } else { f64::NEG_INFINITY };
        let map = repository.layers(candidate).map(|holding| holding.stored);
        self.lineage.join(candidate, ancestor, Standing { score, number: candidate }, map);
    }

    /// The strategy has released a candidate.
    pub(super) fn left(&mut self, candidate: CandidateId) {
        self.lineage.leave(candidate);
    }

    /// If a candidate has ended, all that follows has been said.
    pub(super) fn settle(&mut self) {
        if std::mem::take(&mut self.ended) {
            self.lineage.finished();
        }
    }

    /// What was told last of a layer.
    pub(super) fn value(&self, layer: StoredId) -> f64 {
        self.lineage.told(layer)
    }

    /// Tells caches what has changed enough.
    pub(super) fn tell(&mut self, caches: &mut NodeCaches) -> Result<(), EngineError> {
        self.lineage.tell(|layer, value| caches.tell(layer, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::{DonorPolicy, Missing, ModelLayers, RepositorySettings, Retention};
    use lamarck_cache::Selection;
    use lamarck_model::graph::DType;
    use lamarck_model::{Layer, LayerGraph, Tensor};
    use std::collections::VecDeque;
    use std::sync::Arc;

    fn chain(widths: &[u64]) -> Arc<ModelLayers> {
        let mut graph = LayerGraph::new();
        let mut last = graph.add(Layer::new("in", "Input", "{}"), &[]).unwrap();
        for width in widths {
            let weights = Tensor::parameter("w", &[*width], DType::F32);
            let layer = Layer::new("d", "Dense", width.to_string()).with_tensors(vec![weights]);
            last = graph.add(layer, &[last]).unwrap();
        }
        Arc::new(ModelLayers::of(&graph).unwrap())
    }

    /// Aging evolution of chains, each child a copy of its parent with one layer changed; what is kept after some candidates.
    fn kept_after(policy: PolicyKind, candidates: u64) -> (usize, usize, usize) {
        let (population, flying) = (10, 4);
        let selection = AgingSelection { selection: Selection::Even, population };
        let mut hints = Hints::new(policy, Some(selection)).unwrap().unwrap();
        let mut repository = Repository::new(RepositorySettings {
            donor: DonorPolicy::Parent,
            retention: Retention::Reachable,
            window: 2,
            missing: Missing::Error,
        });
        let mut caches = NodeCaches::new(policy, 500, 1).unwrap();
        let mut members: VecDeque<(CandidateId, Vec<u64>)> = VecDeque::new();
        let mut in_flight: VecDeque<(CandidateRecord, Vec<u64>)> = VecDeque::new();
        for id in 0..candidates {
            let mut record = CandidateRecord { id, score: (id % 7) as f64, ..CandidateRecord::default() };
            let mut widths = vec![1, 2, 3, 4, 5, 6];
            if members.len() == population {
                let (parent, theirs) = &members[usize::try_from(id).unwrap() % population];
                record.parent = *parent;
                widths.clone_from(theirs);
            }
            widths[usize::try_from(id % 6).unwrap()] = 1 + id % 11;
            repository.begin(id, record.parent.known(), &chain(&widths)).unwrap();
            hints.submitted(&record, &repository);
            hints.tell(&mut caches).unwrap();
            in_flight.push_back((record, widths));
            if in_flight.len() < flying {
                continue;
            }
            let (mut record, widths) = in_flight.pop_front().unwrap();
            repository.read(record.id).unwrap();
            hints.started(record.id, false, &repository);
            let well = record.id % 9 != 0;
            record.status = if well { Status::Ok } else { Status::Failed } as u8;
            if well {
                repository.store(record.id, record.score).unwrap();
            } else {
                repository.abandon(record.id);
            }
            hints.ended(&record, &repository);
            members.push_back((record.id, widths));
            if members.len() > population {
                let (left, _) = members.pop_front().unwrap();
                repository.leave(left);
                hints.left(left);
            }
            hints.settle();
            hints.tell(&mut caches).unwrap();
        }
        hints.lineage.counts()
    }

    #[test]
    fn what_has_left_takes_no_memory() {
        for policy in [PolicyKind::ALL[19], PolicyKind::ALL[20], PolicyKind::ALL[21]] {
            assert!(policy.listens());
            let (members, flights, layers) = kept_after(policy, 400);
            assert_eq!((members, flights), (10, 3));
            // Ten members and three children of six layers each, and what they inherited.
            assert!(layers < 200, "{policy}: {layers}");
            let later = kept_after(policy, 8000);
            assert_eq!((later.0, later.1), (members, flights));
            assert!(later.2 <= layers + 20, "{policy}: {layers} {}", later.2);
        }
    }

    #[test]
    fn who_does_not_listen_is_told_nothing() {
        assert!(Hints::new(PolicyKind::Lru, None).unwrap().is_none());
        assert!(Hints::new(PolicyKind::Population, None).unwrap().is_some());
        let error = Hints::new(PolicyKind::ALL[21], None).unwrap_err();
        insta::assert_snapshot!(error, @"the cache of a node: policy `next-donor` needs to know how the strategy draws parents, which is not known");
    }
}
