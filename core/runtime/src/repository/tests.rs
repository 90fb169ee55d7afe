//! The repository against a naive one that counts everything anew after each event, on random histories.

use super::*;
use lamarck_model::graph::{DType, Layer, LayerGraph, Tensor};
use lamarck_model::identity::LayerIdentity;
use lamarck_model::{CandidateId, ModelSize};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A chain of dense layers of these widths, with an activation (no weights) after each.
fn chain(widths: &[u64]) -> Arc<ModelLayers> {
    let mut graph = LayerGraph::new();
    let mut last = graph.add(Layer::new("input", "Input", "{}"), &[]).unwrap();
    for width in widths {
        let kernel = Tensor::parameter("kernel", &[*width], DType::F32);
        let dense = Layer::new("d", "Dense", width.to_string()).with_tensors(vec![kernel]);
        last = graph.add(dense, &[last]).unwrap();
        last = graph.add(Layer::new("a", "Activation", "{}"), &[last]).unwrap();
    }
    Arc::new(ModelLayers::of(&graph).unwrap())
}

fn settings(donor: DonorPolicy, retention: Retention) -> RepositorySettings {
    RepositorySettings { donor, retention, window: 4, missing: Missing::Error }
}

#[test]
fn a_child_reads_the_prefix_and_stores_the_rest() {
    let mut repository = Repository::new(settings(DonorPolicy::Parent, Retention::Reachable));
    assert_eq!(repository.begin(0, None, &chain(&[10, 20, 30])).unwrap(), Offer::default());
    assert_eq!(repository.read(0).unwrap(), Read::default());
    assert_eq!(repository.store(0, 0.5).unwrap(), Stored { bytes: 240, owners: 1 });

    let offer = repository.begin(1, Some(0), &chain(&[10, 20, 7])).unwrap();
    // Input, two dense layers and their activations.
    let prefix = ModelSize { layers: 5, parameters: 30, bytes: 120 };
    assert_eq!(offer, Offer { donor: Some(0), prefix });
    // The parent leaves before the child has read; what it was promised stays, and nothing else.
    repository.leave(0);
    assert_eq!(repository.totals().rules[Retention::Reachable as usize].live_bytes, 120);
    assert_eq!(repository.totals().rules[Retention::Population as usize].live_bytes, 0);
    let read = repository.read(1).unwrap();
    assert_eq!(read, Read { prefix, owners: 1, missed: Missed::default() });
    assert_eq!(repository.store(1, 0.6).unwrap(), Stored { bytes: 28, owners: 2 });

    // A grandchild takes layers of two owners, and the map says whose they are.
    repository.begin(2, Some(1), &chain(&[10, 20, 7, 5])).unwrap();
    assert_eq!(repository.read(2).unwrap().owners, 2);
    repository.store(2, 0.7).unwrap();
    let owners: Vec<CandidateId> = repository.map(2).unwrap().map(|entry| entry.owner).collect();
    assert_eq!(owners, [0, 0, 0, 0, 0, 1, 1, 2, 2]);
    let totals = repository.totals();
    assert_eq!((totals.models, totals.written_bytes, totals.read_bytes), (3, 240 + 28 + 20, 120 + 148));
    assert_eq!(totals.unshared_bytes, 240 + 148 + 168);
    let missed = totals.rules.map(|rule| rule.missed.layers);
    assert_eq!(missed, [0, 0, 2, 0], "by population, whose donor had gone");
}

#[test]
fn a_rule_that_deletes_what_was_promised_says_so() {
    let deleted = |missing| {
        let mut repository = Repository::new(RepositorySettings {
            missing,
            ..settings(DonorPolicy::Parent, Retention::Population)
        });
        for (candidate, parent, widths) in [(0, None, [10, 20, 30]), (1, Some(0), [10, 20, 7])] {
            repository.begin(candidate, parent, &chain(&widths)).unwrap();
            if candidate == 0 {
                repository.read(0).unwrap();
                repository.store(0, 0.5).unwrap();
            }
        }
        repository.leave(0);
        let read = repository.read(1);
        read.map(|read| (read, repository.store(1, 0.5).unwrap()))
    };
    let error = deleted(Missing::Error).unwrap_err();
    assert_eq!(error.kind(), RepositoryErrorKind::Deleted);
    insta::assert_snapshot!(error, @r#"candidate 1 was to take over layer 38c1e641dca0655c38a529fe36e32313 of candidate 0 (through its donor 0), but retention `population` has deleted it; use transfer.retention = "reachable", which keeps what is promised, or transfer.missing = "train" to let candidates train such layers themselves and to count them"#);
    let (read, stored) = deleted(Missing::Train).unwrap();
    assert_eq!(read.missed, Missed { layers: 2, bytes: 120 });
    assert_eq!((read.prefix.bytes, read.owners), (0, 0));
    assert_eq!(stored, Stored { bytes: 148, owners: 1 }, "it trained and stored them anew");
}

#[test]
fn a_window_shorter_than_the_population_loses_parents() {
    let mut repository =
        Repository::new(RepositorySettings { window: 1, ..settings(DonorPolicy::Parent, Retention::Window) });
    for candidate in 0..2 {
        repository.begin(candidate, None, &chain(&[candidate + 1])).unwrap();
        repository.read(candidate).unwrap();
        repository.store(candidate, 0.5).unwrap();
    }
    let error = repository.begin(2, Some(0), &chain(&[1])).unwrap_err();
    insta::assert_snapshot!(error, @r#"candidate 2 is to take over layers of its parent 0, but retention `window` has deleted that model although the strategy still selects it; use a longer transfer.window, transfer.retention = "reachable", or transfer.missing = "train""#);
    assert_eq!(repository.begin(3, Some(1), &chain(&[2])).unwrap().donor, Some(1));
    assert_eq!(repository.begin(4, Some(9), &chain(&[2])).unwrap().donor, None, "never stored");
}

#[test]
fn bytes_that_do_not_fit_and_requests_out_of_order_are_errors() {
    let huge = chain(&[1 << 61]);
    let mut repository = Repository::new(settings(DonorPolicy::Parent, Retention::All));
    for candidate in 0..2 {
        repository.begin(candidate, None, &huge).unwrap();
        repository.read(candidate).unwrap();
    }
    repository.store(0, 0.5).unwrap();
    let error = repository.store(1, 0.5).unwrap_err();
    insta::assert_snapshot!(error, @"the bytes that were written do not fit 64 bits at candidate 1");
    assert_eq!(error.kind(), RepositoryErrorKind::TooLarge);
    assert_eq!(repository.read(7).unwrap_err().kind(), RepositoryErrorKind::Order);
    assert_eq!(repository.store(7, 0.5).unwrap_err().kind(), RepositoryErrorKind::Order);
    assert_eq!(repository.begin(0, None, &huge).unwrap_err().kind(), RepositoryErrorKind::Order);
}

/// Identity, owner and bytes of each layer.
type Map = Vec<(LayerIdentity, CandidateId, u64)>;

/// A whole history held in plain maps, everything counted anew whenever it is asked for.
#[derive(Default)]
struct Naive {
    /// Layers (identity, owner, bytes), score, member.
    models: BTreeMap<CandidateId, (Map, f64, bool)>,
    order: Vec<CandidateId>,
    /// Layers, those promised (by position), donor.
    pending: BTreeMap<CandidateId, (Arc<ModelLayers>, BTreeMap<usize, CandidateId>)>,
}

impl Naive {
    fn kept(&self, rule: Retention, window: usize) -> BTreeMap<(LayerIdentity, CandidateId), u64> {
        let recent: BTreeSet<_> = self.order.iter().rev().take(window).collect();
        let mut kept = BTreeMap::new();
        for (id, (map, _, member)) in &self.models {
            let holds = match rule {
                Retention::All => true,
                Retention::Reachable | Retention::Population => *member,
                Retention::Window => recent.contains(id),
            };
            if holds {
                kept.extend(map.iter().map(|&(identity, owner, bytes)| ((identity, owner), bytes)));
            }
        }
        if rule == Retention::Reachable {
            for (layers, promised) in self.pending.values() {
                kept.extend(promised.iter().map(|(&position, &owner)| {
                    ((layers.identities()[position], owner), layers.bytes(position))
                }));
            }
        }
        kept
    }

    fn live(&self, rule: Retention, window: usize) -> u64 {
        self.kept(rule, window).values().sum()
    }

    fn donors(&self, retention: Retention, window: usize) -> Vec<CandidateId> {
        let recent: BTreeSet<_> = self.order.iter().rev().take(window).copied().collect();
        let keeps = |id: &CandidateId, member: bool| match retention {
            Retention::All => true,
            Retention::Reachable | Retention::Population => member,
            Retention::Window => recent.contains(id),
        };
        self.models.iter().filter(|(id, (_, _, member))| keeps(id, *member)).map(|(&id, _)| id).collect()
    }

    /// The best match by looking at everyone.
    fn best(&self, donors: &[CandidateId], layers: &ModelLayers) -> Option<CandidateId> {
        let shared = |id: &CandidateId| {
            let theirs: BTreeSet<_> = self.models[id].0.iter().map(|entry| entry.0).collect();
            layers.identities().iter().filter(|identity| theirs.contains(identity)).count()
        };
        let better = |a: &&CandidateId, b: &&CandidateId| {
            let score = |id: &CandidateId| self.models[id].1;
            shared(a).cmp(&shared(b)).then(score(a).total_cmp(&score(b))).then(b.cmp(a))
        };
        donors.iter().max_by(better).filter(|id| shared(id) > 0).copied()
    }
}

#[derive(Debug, Clone)]
enum Step {
    /// Submit a child of the n-th member (or a fresh model) with this position set to this width.
    Submit { parent: usize, position: usize, width: u64 },
    /// The n-th candidate in flight starts, if it has not.
    Start(usize),
    /// The n-th candidate in flight that has started ends, well or not.
    End(usize, bool, u8),
    /// The n-th member is released.
    Leave(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0_usize..8, 0_usize..4, 1_u64..4)
            .prop_map(|(parent, position, width)| Step::Submit { parent, position, width }),
        3 => (0_usize..8).prop_map(Step::Start),
        3 => (0_usize..8, prop::bool::weighted(0.85), 0_u8..3).prop_map(|(n, well, score)| Step::End(n, well, score)),
        1 => (0_usize..8).prop_map(Step::Leave),
    ]
}

fn nth<T: Copy>(items: &[T], n: usize) -> Option<T> {
    (!items.is_empty()).then(|| items[n % items.len()])
}

/// Goes through a history in both, comparing after every event. Returns the reads that failed.
#[expect(clippy::too_many_lines, reason = "one arm an event, and each is read beside the others")]
fn compare(steps: &[Step], given: RepositorySettings) -> Result<u64, TestCaseError> {
    let (mut repository, mut naive) = (Repository::new(given), Naive::default());
    let mut vectors: BTreeMap<CandidateId, [u64; 4]> = BTreeMap::new();
    let (mut waiting, mut running) = (Vec::new(), Vec::new());
    let (mut next, mut refused, mut read_bytes, mut peaks) = (0, 0, 0, [0_u64; 4]);
    for step in steps {
        match *step {
            Step::Submit { parent, position, width } => {
                let members: Vec<_> =
                    naive.models.iter().filter(|(_, model)| model.2).map(|(&id, _)| id).collect();
                let parent = nth(&members, parent);
                let mut vector = parent.map_or([1; 4], |parent| vectors[&parent]);
                vector[position] = width;
                let layers = chain(&vector);
                let donors = naive.donors(given.retention, given.window);
                let expected = parent.and_then(|parent| match given.donor {
                    DonorPolicy::Parent => donors.contains(&parent).then_some(parent),
                    DonorPolicy::BestMatch => naive.best(&donors, &layers),
                });
                prop_assert_eq!(repository.donors(), donors);
                let offer = repository.begin(next, parent, &layers);
                if let (Err(error), None) = (&offer, expected) {
                    prop_assert_eq!(error.kind(), RepositoryErrorKind::Deleted);
                    prop_assert!(matches!(given.retention, Retention::Window));
                    refused += 1;
                    continue;
                }
                let offer = offer.unwrap();
                prop_assert_eq!(offer.donor, expected);
                let mut promised = BTreeMap::new();
                for (position, identity) in layers.identities().iter().enumerate() {
                    let theirs =
                        expected.and_then(|donor| naive.models[&donor].0.iter().find(|e| e.0 == *identity));
                    if let Some(entry) = theirs {
                        promised.insert(position, entry.1);
                    }
                }
                prop_assert_eq!(offer.prefix.layers, promised.len() as u64);
                naive.pending.insert(next, (layers, promised));
                vectors.insert(next, vector);
                waiting.push(next);
                next += 1;
            }
            Step::Start(n) => {
                let Some(id) = nth(&waiting, n) else { continue };
                waiting.retain(|&other| other != id);
                let kept = naive.kept(given.retention, given.window);
                let (layers, promised) = naive.pending[&id].clone();
                let gone: Vec<usize> = promised
                    .iter()
                    .filter(|&(&position, &owner)| {
                        layers.bytes(position) > 0
                            && !kept.contains_key(&(layers.identities()[position], owner))
                    })
                    .map(|(&position, _)| position)
                    .collect();
                let read = repository.read(id);
                if !gone.is_empty() {
                    // Only the rules that say so ever lose what was promised.
                    prop_assert!(matches!(given.retention, Retention::Population | Retention::Window));
                    refused += 1;
                }
                match read {
                    Err(error) => {
                        prop_assert!(given.missing == Missing::Error && !gone.is_empty());
                        prop_assert_eq!(error.kind(), RepositoryErrorKind::Deleted);
                        repository.abandon(id);
                        naive.pending.remove(&id);
                        continue;
                    }
                    Ok(read) => {
                        prop_assert!(given.missing == Missing::Train || gone.is_empty());
                        prop_assert_eq!(read.missed.layers, gone.len() as u64);
                        prop_assert_eq!(read.prefix.layers, (promised.len() - gone.len()) as u64);
                        read_bytes += read.prefix.bytes;
                    }
                }
                let promised = &mut naive.pending.get_mut(&id).unwrap().1;
                promised.retain(|position, _| !gone.contains(position));
                running.push(id);
            }
            Step::End(n, well, score) => {
                let Some(id) = nth(&running, n) else { continue };
                running.retain(|&other| other != id);
                let (layers, promised) = naive.pending.remove(&id).unwrap();
                if !well {
                    repository.abandon(id);
                    continue;
                }
                let map: Vec<_> = (0..layers.len())
                    .map(|position| {
                        let owner = promised.get(&position).copied().unwrap_or(id);
                        (layers.identities()[position], owner, layers.bytes(position))
                    })
                    .collect();
                let own: u64 = map.iter().filter(|entry| entry.1 == id).map(|entry| entry.2).sum();
                let owners: BTreeSet<_> =
                    map.iter().filter(|entry| entry.2 > 0).map(|entry| entry.1).collect();
                let stored = repository.store(id, f64::from(score)).unwrap();
                prop_assert_eq!((stored.bytes, stored.owners as usize), (own, owners.len()));
                let told: Vec<_> =
                    repository.map(id).unwrap().map(|e| (e.identity, e.owner, e.bytes)).collect();
                prop_assert_eq!(&told, &map);
                naive.models.insert(id, (map, f64::from(score), true));
                naive.order.push(id);
            }
            Step::Leave(n) => {
                let members: Vec<_> =
                    naive.models.iter().filter(|(_, model)| model.2).map(|(&id, _)| id).collect();
                let Some(id) = nth(&members, n) else { continue };
                repository.leave(id);
                naive.models.get_mut(&id).unwrap().2 = false;
            }
        }
        let totals = repository.totals();
        for rule in Retention::ALL {
            let live = naive.live(rule, given.window);
            peaks[rule as usize] = peaks[rule as usize].max(live);
            prop_assert_eq!(totals.rules[rule as usize].live_bytes, live, "{:?}", rule);
            prop_assert_eq!(totals.rules[rule as usize].peak_bytes, peaks[rule as usize], "{:?}", rule);
        }
        prop_assert_eq!(totals.read_bytes, read_bytes);
    }
    // Nothing is held for nobody.
    if given.retention != Retention::All {
        let mut held = BTreeSet::new();
        for rule in [Retention::Reachable, Retention::Population, Retention::Window] {
            held.extend(naive.kept(rule, given.window).into_keys());
        }
        prop_assert_eq!(repository.stored_layers(), held.len());
    }
    Ok(refused)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn agrees_with_counting_anew_and_never_loses_what_it_promised(
        steps in prop::collection::vec(step(), 1..120),
        best in any::<bool>(),
        train in any::<bool>(),
        window in 1_usize..6,
    ) {
        let donor = if best { DonorPolicy::BestMatch } else { DonorPolicy::Parent };
        let missing = if train { Missing::Train } else { Missing::Error };
        for retention in [Retention::All, Retention::Reachable, Retention::Population, Retention::Window] {
            let refused = compare(&steps, RepositorySettings { donor, retention, window, missing })?;
            if matches!(retention, Retention::All | Retention::Reachable) {
                prop_assert_eq!(refused, 0);
            }
        }
    }
}
