//! Node caches of lineage-aware policies in whole runs: what they are told, against values recomputed from the record.

mod common;

use common::{Memory, Plain, Setup, Sum, go, settings, workers};
use lamarck_cache::{AgingSelection, Cache, Outcome, PolicyKind, Selection};
use lamarck_model::{CandidateId, CandidateRecord, LayerSource, Nullable, Status};
use lamarck_runtime::engine::{ClusterSettings, EngineError, EngineErrorKind, RunSettings};
use lamarck_runtime::repository::{DonorPolicy, Missing, RepositorySettings, Retention};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};

const POPULATION: usize = 12;
/// The toy's models have some 70 bytes.
const CAPACITY: u64 = 200;

/// What [`Plain`] does: the best of three, drawn with replacement.
const SELECTION: Selection = Selection::Tournament { sample: 3, replacement: true };

fn setup() -> Setup {
    let evaluator = Sum { failing: |id| id % 17 == 16, panics: false };
    Setup { evaluator, strategy: Box::new(Plain::new(POPULATION)), ..Setup::default() }
}

fn with_policy(
    policy: &str,
    cluster: &ClusterSettings,
    donor: DonorPolicy,
    retention: Retention,
) -> RunSettings {
    let transfer = RepositorySettings { donor, retention, window: 8, missing: Missing::Train };
    let cluster =
        ClusterSettings { node_cache: Some((policy.parse().unwrap(), CAPACITY)), ..cluster.clone() };
    let selection = Some(AgingSelection { selection: SELECTION, population: POPULATION });
    RunSettings { transfer: Some(transfer), layers: true, cluster, selection, ..settings() }
}

/// A stored layer: its owner and identity. Here no number is ever given again.
type Layer = (CandidateId, u128);

/// The record, looked through from the beginning for every value.
struct Naive<'a> {
    rows: &'a BTreeMap<CandidateId, CandidateRecord>,
    maps: &'a BTreeMap<CandidateId, Vec<(Layer, u64)>>,
    /// In the order in which they came.
    members: Vec<CandidateId>,
    /// Candidates in flight, and whether they have read.
    flying: BTreeMap<CandidateId, bool>,
    ranking: Vec<CandidateId>,
    expected: HashMap<CandidateId, f64>,
    finished: usize,
}

impl Naive<'_> {
    fn score(&self, id: CandidateId) -> f64 {
        let row = &self.rows[&id];
        if row.status == Status::Ok as u8 { row.score } else { f64::NEG_INFINITY }
    }

    fn better(&self, a: CandidateId, b: CandidateId) -> std::cmp::Ordering {
        self.score(b).total_cmp(&self.score(a)).then(a.cmp(&b))
    }

    /// Layers with weights that a candidate was promised: of the toy's chains a common beginning.
    fn promised(&self, id: CandidateId) -> Vec<Layer> {
        let row = &self.rows[&id];
        let Some(donor) = row.donor.known() else { return Vec::new() };
        let shared = self.rows[&donor].choices.iter().zip(&row.choices).take_while(|(a, b)| a == b).count();
        self.maps[&donor].iter().take(shared).map(|(layer, _)| *layer).collect()
    }

    fn map(&self, id: CandidateId) -> impl Iterator<Item = &(Layer, u64)> {
        self.maps.get(&id).into_iter().flatten()
    }

    fn descendants(&self, above: CandidateId) -> usize {
        let parent = |id: &CandidateId| self.rows[id].parent.known();
        let below = |id: &&CandidateId| std::iter::successors(parent(id), parent).any(|line| line == above);
        self.members.iter().filter(below).count()
    }

    fn steps(expected: f64) -> f64 {
        (expected * 1_048_576.0).round() / 1_048_576.0
    }

    fn end(&mut self, id: CandidateId) {
        self.flying.remove(&id);
        let chances = SELECTION.chances(POPULATION);
        let rank = self.ranking.iter().take_while(|&&other| self.better(other, id).is_lt()).count();
        let first = Self::steps(chances[rank.min(POPULATION - 1)] * POPULATION as f64);
        self.expected.insert(id, first);
        self.members.push(id);
        if self.members.len() > POPULATION {
            self.members.remove(0);
        }
        if self.finished.is_multiple_of(POPULATION / 8) {
            let mut ranking = self.members.clone();
            ranking.sort_by(|&a, &b| self.better(a, b));
            for (age, id) in self.members.iter().enumerate() {
                let rank = ranking.iter().position(|other| other == id).unwrap();
                let left = POPULATION - self.members.len() + age + 1;
                self.expected.insert(*id, Self::steps(chances[rank] * left as f64));
            }
            self.ranking = ranking;
        }
        self.finished += 1;
    }

    /// The value of every layer that anybody holds.
    fn values(&self, policy: &str) -> BTreeMap<Layer, f64> {
        let mut values = BTreeMap::new();
        for &id in &self.members {
            let worth = match policy {
                "descendants" => 1.0 + self.descendants(id) as f64,
                _ => self.expected[&id],
            };
            self.map(id).for_each(|(layer, _)| *values.entry(*layer).or_insert(0.0) += worth);
        }
        for (&id, &has_read) in &self.flying {
            let worth = if policy == "next-donor" && !has_read { 2.0 } else { 1.0 };
            self.promised(id).into_iter().for_each(|layer| *values.entry(layer).or_insert(0.0) += worth);
        }
        if policy == "population" {
            for value in values.values_mut() {
                *value = 1.0;
            }
        }
        values
    }
}

/// Goes through the record with caches that are told everything of every layer. Layers that a cache held, over all reads, if every
/// one of them is in the record as such; none where moments cannot be told apart.
fn check(policy: &str, settings: &RunSettings, memory: &Memory) -> Option<(u64, u64)> {
    let kind: PolicyKind = policy.parse().unwrap();
    let name = kind.name();
    let rows: BTreeMap<CandidateId, CandidateRecord> =
        memory.rows().into_iter().map(|row| (row.id, row)).collect();
    let mut maps: BTreeMap<CandidateId, Vec<(Layer, u64)>> = BTreeMap::new();
    let mut from_node = BTreeSet::new();
    let table = &memory.layers;
    for i in 0..table.len() {
        let (id, layer) = (table.candidate[i], (table.owner[i], table.identity[i]));
        if table.bytes[i] > 0 {
            maps.entry(id).or_default().push((layer, table.bytes[i]));
        }
        if table.source[i] == LayerSource::Node as u8 {
            from_node.insert((id, layer));
        }
    }
    let ends: BTreeSet<u64> = rows.values().map(|row| row.finished_us).collect();
    if ends.len() < rows.len() {
        return None;
    }
    // What ends comes before what is submitted because of it, and that before what starts.
    let mut events = Vec::new();
    for row in rows.values() {
        events.extend([
            (row.finished_us, 0, row.id),
            (row.submitted_us, 1, row.id),
            (row.started_us, 2, row.id),
        ]);
    }
    events.sort_unstable();
    let mut naive = Naive {
        rows: &rows,
        maps: &maps,
        members: Vec::new(),
        flying: BTreeMap::new(),
        ranking: Vec::new(),
        expected: HashMap::new(),
        finished: 0,
    };
    let mut caches: Vec<Cache> =
        (0..settings.cluster.nodes()).map(|_| Cache::new(kind, CAPACITY).unwrap()).collect();
    let mut numbers: BTreeMap<Layer, u64> = BTreeMap::new();
    let mut told: BTreeMap<Layer, f64> = BTreeMap::new();
    let (mut hits, mut tellings) = (0, 0);
    for (_, what, id) in events {
        let row = &rows[&id];
        let node = row.node as usize;
        match what {
            0 => {
                for &(layer, bytes) in naive.map(id).filter(|(layer, _)| layer.0 == id) {
                    let number = numbers.len() as u64;
                    numbers.insert(layer, number);
                    told.insert(layer, 1.0);
                    caches[node].put(number, bytes).unwrap();
                }
                naive.end(id);
            }
            1 => drop(naive.flying.insert(id, false)),
            _ => {
                let sizes: BTreeMap<Layer, u64> =
                    row.donor.known().into_iter().flat_map(|donor| naive.map(donor)).copied().collect();
                let mut held = 0;
                for layer in naive.promised(id) {
                    let outcome = caches[node].get(numbers[&layer], sizes[&layer]).unwrap();
                    let hit = outcome == Outcome::Hit;
                    held += if hit { sizes[&layer] } else { 0 };
                    hits += u64::from(hit);
                    if maps.contains_key(&id) {
                        assert_eq!(
                            hit,
                            from_node.contains(&(id, layer)),
                            "{policy}: candidate {id}, {layer:?}"
                        );
                    }
                }
                assert_eq!(row.cached_bytes, held, "{policy}: candidate {id}");
                naive.flying.insert(id, true);
            }
        }
        let values = naive.values(name);
        for (layer, number) in &numbers {
            let (value, said) = (values.get(layer).copied().unwrap_or(0.0), told.get_mut(layer).unwrap());
            let tolerance = if name == "population" { 0.0 } else { 0.25 };
            if (value <= 0.0 && *said > 0.0) || (value - *said).abs() > tolerance * *said {
                *said = value;
                tellings += 1;
                for cache in &mut caches {
                    cache.value(*number, value).unwrap();
                }
            }
            let deleted =
                settings.transfer.unwrap().retention == Retention::Reachable && !values.contains_key(layer);
            if deleted {
                for cache in &mut caches {
                    cache.delete(*number);
                }
            }
        }
    }
    Some((hits, tellings))
}

#[test]
fn caches_are_told_what_the_record_says() {
    let mut hits_of = BTreeMap::new();
    for policy in ["population", "descendants", "descendants:per=byte", "next-donor", "next-donor:per=byte"] {
        let (mut checked, mut hits, mut tellings) = (0, 0, 0);
        for seed in 0..8_usize {
            let donor = [DonorPolicy::Parent, DonorPolicy::BestMatch][seed % 2];
            let retention = [Retention::Reachable, Retention::All][seed / 2 % 2];
            // Who is lost has read, and enters the population without a score.
            let cluster =
                ClusterSettings { failure_rate: 0.1, latency_us: 20, bandwidth: Some(400_000), ..workers(6) };
            let settings = RunSettings {
                seed: seed as u64,
                lookahead: 2 * u32::from(seed % 3 == 1),
                ..with_policy(policy, &cluster, donor, retention)
            };
            // A failure takes no time, so that moments could not be told apart.
            let setup = Setup { evaluator: Sum::default(), ..setup() };
            let (_, _, memory) = go(setup, &settings, None).unwrap();
            if let Some((hit, told)) = check(policy, &settings, &memory) {
                checked += 1;
                hits += hit;
                tellings += told;
            }
        }
        assert!(checked >= 3 && hits > 400 && tellings > 400, "{policy}: {checked} {hits} {tellings}");
        hits_of.insert(policy, hits);
    }
    // They are not all the same policy.
    assert!(hits_of.values().collect::<BTreeSet<_>>().len() >= 4, "{hits_of:?}");
}

#[test]
fn who_knows_lineages_reads_less_than_who_does_not() {
    let read = |policy: &str| -> u64 {
        (0..8)
            .map(|seed| {
                let cluster = workers(6);
                let settings = RunSettings {
                    seed,
                    ..with_policy(policy, &cluster, DonorPolicy::BestMatch, Retention::All)
                };
                let (_, summary, _) = go(setup(), &settings, None).unwrap();
                summary.transfer.unwrap().cached_bytes
            })
            .sum()
    };
    assert!(read("next-donor") > read("fifo"), "{} {}", read("next-donor"), read("fifo"));
    assert!(read("population") > read("lru"), "{} {}", read("population"), read("lru"));
}

#[test]
fn next_donor_needs_to_know_the_selection() {
    let known = with_policy("next-donor", &workers(2), DonorPolicy::Parent, Retention::All);
    let unknown = RunSettings { selection: None, ..known };
    let error = go(setup(), &unknown, None).map(|_| ()).unwrap_err();
    assert!(matches!(error, EngineError::Selection { .. }), "{error}");
    assert_eq!(error.kind(), EngineErrorKind::Study);
    // Nobody asks where there is nothing to cache.
    go(setup(), &RunSettings { transfer: None, ..unknown }, None).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    /// Whatever happens to attempts, nodes and layers.
    #[test]
    fn replays_and_resumed_runs_are_the_run(
        seed in 0_u64..1000,
        lookahead in 0_u32..9,
        best in any::<bool>(),
        retention in 0_usize..4,
        policy in 0_usize..3,
        until_us in prop::option::of(10_000_u64..60_000),
        pause in 0_u64..200,
    ) {
        let donor = if best { DonorPolicy::BestMatch } else { DonorPolicy::Parent };
        let cluster = ClusterSettings {
            failure_rate: 0.15,
            retries: 2,
            restart_us: 300,
            speed_spread: 0.3,
            walltime_us: Some(20_000),
            requeue_us: 500,
            latency_us: 20,
            bandwidth: Some(400_000),
            ..workers(6)
        };
        let policy = ["population", "descendants", "next-donor:per=byte"][policy];
        let settings = with_policy(policy, &cluster, donor, Retention::ALL[retention]);
        let settings = RunSettings { seed, lookahead, until_us, ..settings };
        common::assert_repeatable(setup, &settings, pause);
    }
}
