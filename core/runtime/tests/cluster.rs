//! Whole runs on clusters in which something goes wrong, takes time or is shared; and replays.

mod common;

use common::{Memory, Plain, Setup, Sum, go, record, settings, with, workers};
use lamarck_cache::PolicyKind;
use lamarck_model::{
    CandidateId, CandidateRecord, LayerSource, Nullable, Placement, Scheduler, Situation, Status,
};
use lamarck_runtime::engine::{ClusterSettings, Progress, RunSettings, Script, replay};
use lamarck_runtime::repository::{DonorPolicy, Missing, RepositorySettings, Retention};
use proptest::prelude::*;
use std::collections::{BTreeMap, HashMap};

/// Last come, first served, on the highest worker; looks at caches in vain.
struct Backwards;

impl Scheduler for Backwards {
    fn wants_cached(&self) -> bool {
        true
    }

    fn assign(&mut self, situation: &Situation<'_>, out: &mut Placement) -> anyhow::Result<()> {
        let (ready, idle) = (situation.ready.len(), situation.idle.len());
        for (ready, idle) in (0..ready).rev().zip((0..idle).rev()) {
            assert!(situation.cached_bytes(ready, idle) <= situation.cached_anywhere(ready));
            assert!(situation.cached_anywhere(ready) <= situation.ready[ready].prefix.bytes);
            out.assign(ready, idle);
        }
        Ok(())
    }
}

fn setup() -> Setup {
    let evaluator = Sum { failing: |id| id % 17 == 16, panics: false };
    Setup { evaluator, strategy: Box::new(Plain::new(12)), ..Setup::default() }
}

/// A cluster in which everything can happen. The toy's models have some 150 bytes.
fn eventful() -> ClusterSettings {
    ClusterSettings {
        failure_rate: 0.15,
        retries: 2,
        restart_us: 300,
        speed_spread: 0.3,
        walltime_us: Some(20_000),
        requeue_us: 500,
        node_cache: Some((PolicyKind::Lru, 400)),
        latency_us: 20,
        bandwidth: Some(400_000),
        link: Some(300_000),
        ..workers(6)
    }
}

fn transferring(cluster: ClusterSettings, donor: DonorPolicy, retention: Retention) -> RunSettings {
    let transfer = RepositorySettings { donor, retention, window: 8, missing: Missing::Train };
    RunSettings { transfer: Some(transfer), layers: true, cluster, ..settings() }
}

/// Plays a run again under these settings.
fn play(memory: &Memory, recorded: &RunSettings, scheduler: Box<dyn Scheduler>, now: &RunSettings) -> Memory {
    let script = with(setup(), |components| Script::read(components, recorded, Some(record(memory.rows()))));
    let mut out = Memory::default();
    let setup = Setup { scheduler, ..setup() };
    with(setup, |components| replay(components, now, script.unwrap(), &mut out, &Progress::default()))
        .unwrap();
    out
}

fn by_id(memory: &Memory) -> BTreeMap<CandidateId, CandidateRecord> {
    memory.rows().into_iter().map(|row| (row.id, row)).collect()
}

#[test]
fn lost_attempts_are_repeated_and_counted() {
    let settings = transferring(eventful(), DonorPolicy::BestMatch, Retention::Reachable);
    let (_, summary, memory) = go(setup(), &settings, None).unwrap();
    let rows = memory.rows();
    assert!(rows.iter().any(|row| row.attempts == 1));
    assert!(rows.iter().any(|row| row.attempts == 2 && row.status == Status::Ok as u8));
    for row in &rows {
        assert!((1..=3).contains(&row.attempts));
        assert_eq!(row.lost_us.is_none(), row.attempts == 1, "candidate {}", row.id);
        // Whoever was lost for good had three attempts.
        assert!(row.status != Status::Lost as u8 || row.attempts == 3);
        let busy = row.finished_us - row.started_us;
        assert!(row.worker < 6 && row.node < 3);
        if row.status == Status::Ok as u8 {
            assert_eq!(busy, row.transfer_us + row.train_us + row.store_us);
        }
        assert!(row.started_us - row.submitted_us >= row.lost_us.known().unwrap_or(0));
    }
    let lost = rows.iter().filter(|row| row.status == Status::Lost as u8).count() as u64;
    let attempts: u64 = rows.iter().map(|row| u64::from(row.attempts) - 1).sum();
    assert_eq!(summary.lost_attempts, attempts + lost);
    let busy: u64 =
        rows.iter().map(|row| row.finished_us - row.started_us + row.lost_us.known().unwrap_or(0)).sum();
    assert_eq!(summary.busy_us, busy);
    assert!(summary.busy_us <= summary.virtual_us * 6);
}

#[test]
fn who_waits_for_another_attempt_when_the_budget_ends_is_on_no_worker() {
    let cluster = ClusterSettings { failure_rate: 0.9, retries: 50, restart_us: 2000, ..workers(6) };
    let settings = RunSettings {
        until_us: Some(9_000),
        candidates: None,
        ..transferring(cluster, DonorPolicy::Parent, Retention::All)
    };
    let (_, summary, memory) = go(setup(), &settings, None).unwrap();
    let waiting: Vec<_> = memory
        .rows()
        .into_iter()
        .filter(|row| row.lost_us.known().is_some() && row.started_us.is_none())
        .collect();
    assert!(!waiting.is_empty());
    assert!(waiting.iter().all(|row| row.worker.is_none() && row.status == Status::Interrupted as u8));
    let busy: u64 = memory
        .rows()
        .iter()
        .map(|row| {
            let last = row.started_us.known().map_or(0, |started| row.finished_us - started);
            last + row.lost_us.known().unwrap_or(0)
        })
        .sum();
    assert_eq!(summary.busy_us, busy);
}

#[test]
fn no_two_candidates_are_on_a_worker_at_the_same_time() {
    let settings = transferring(eventful(), DonorPolicy::Parent, Retention::All);
    let (_, _, memory) = go(setup(), &settings, None).unwrap();
    let mut of_worker: BTreeMap<u32, Vec<(u64, u64)>> = BTreeMap::new();
    for row in memory.rows() {
        of_worker.entry(row.worker).or_default().push((row.started_us, row.finished_us));
    }
    assert_eq!(of_worker.len(), 6);
    for times in of_worker.values_mut() {
        times.sort_unstable();
        assert!(times.windows(2).all(|pair| pair[0].1 <= pair[1].0));
    }
}

/// Rebuilds each node's cache from the layers table, with a list for a cache.
#[test]
fn what_caches_held_is_what_the_record_says() {
    let cluster = ClusterSettings { node_cache: Some((PolicyKind::Fifo, 300)), ..workers(6) };
    let settings = transferring(cluster, DonorPolicy::BestMatch, Retention::All);
    let setup = || Setup { strategy: Box::new(Plain::new(12)), ..Setup::default() };
    let (_, summary, memory) = go(setup(), &settings, None).unwrap();
    let rows = by_id(&memory);
    let mut layers: HashMap<CandidateId, Vec<usize>> = HashMap::new();
    for i in 0..memory.layers.len() {
        layers.entry(memory.layers.candidate[i]).or_default().push(i);
    }
    // Reads happen when candidates start, writes when they finish; what finishes comes before what starts because of it.
    let mut events: Vec<(u64, u8, u64, CandidateId)> = Vec::new();
    for (position, row) in (0_u64..).zip(memory.rows()) {
        events.push((row.finished_us, 0, position, row.id));
        events.push((row.started_us, 1, row.id, row.id));
    }
    events.sort_unstable();
    let mut nodes = vec![Vec::<(u128, CandidateId, u64)>::new(); 3];
    let mut cached = 0;
    for (_, what, _, id) in events {
        let cache = &mut nodes[rows[&id].node as usize];
        let mut held = 0;
        for &i in &layers[&id] {
            let table = &memory.layers;
            let key = (table.identity[i], table.owner[i], table.bytes[i]);
            let own = table.owner[i] == id;
            if key.2 == 0 || own != (what == 0) {
                continue;
            }
            let hit = cache.contains(&key);
            if what == 1 {
                assert_eq!(hit, table.source[i] == LayerSource::Node as u8, "candidate {id}");
                held += if hit { key.2 } else { 0 };
            }
            if !hit && key.2 <= 300 {
                while cache.iter().map(|object| object.2).sum::<u64>() + key.2 > 300 {
                    cache.remove(0);
                }
                cache.push(key);
            }
        }
        if what == 1 {
            assert_eq!(rows[&id].cached_bytes, held, "candidate {id}");
            cached += held;
        }
    }
    assert!(cached > 0);
    assert_eq!(summary.transfer.unwrap().cached_bytes, cached);
}

#[test]
fn a_cache_spares_requests_and_bandwidth() {
    let slow = ClusterSettings { latency_us: 50, bandwidth: Some(200_000), ..workers(4) };
    let run = |cluster| {
        let settings = transferring(cluster, DonorPolicy::Parent, Retention::All);
        let (_, summary, memory) = go(setup(), &settings, None).unwrap();
        let read: u64 = memory.rows().iter().filter_map(|row| row.transfer_us.known()).sum();
        (read, summary.virtual_us)
    };
    let free = run(workers(4));
    let without = run(slow.clone());
    let within = run(ClusterSettings { node_cache: Some((PolicyKind::Lru, 1 << 30)), ..slow });
    assert_eq!(free.0, 0);
    assert!(within.0 < without.0 && within.0 > 0, "{within:?} {without:?}");
    assert!(without.1 > free.1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// On its own cluster a replay is the run, and a resumed run is the run.
    #[test]
    fn a_replay_on_its_own_cluster_is_the_run(
        seed in 0_u64..1000,
        lookahead in 0_u32..9,
        plain in any::<bool>(),
        best in any::<bool>(),
        retention in 0_usize..4,
        until_us in prop::option::of(10_000_u64..60_000),
        pause in 0_u64..200,
        backwards in any::<bool>(),
    ) {
        let donor = if best { DonorPolicy::BestMatch } else { DonorPolicy::Parent };
        let cluster = if plain { workers(5) } else { eventful() };
        let settings = RunSettings {
            seed, lookahead, until_us, ..transferring(cluster, donor, Retention::ALL[retention])
        };
        let scheduler = || -> Box<dyn Scheduler> {
            if backwards { Box::new(Backwards) } else { Box::new(common::Fifo) }
        };
        let setup = || Setup { scheduler: scheduler(), ..setup() };
        common::assert_repeatable(setup, &settings, pause);
    }

    /// On another cluster candidates are the same, and nobody comes before parents and donor.
    #[test]
    fn a_replay_elsewhere_keeps_candidates_and_their_order(
        seed in 0_u64..1000, count in 1_u32..24, lookahead in 0_u32..20, calm in any::<bool>(),
    ) {
        let before = RunSettings { seed, ..transferring(workers(6), DonorPolicy::BestMatch, Retention::Reachable) };
        let (_, _, whole) = go(setup(), &before, None).unwrap();
        let cluster = ClusterSettings { workers: count, ..if calm { workers(6) } else { eventful() } };
        let cluster = ClusterSettings { failure_rate: 0.0, walltime_us: None, ..cluster };
        let after = RunSettings { cluster, lookahead, ..before.clone() };
        let replayed = play(&whole, &before, Box::new(Backwards), &after);
        let (was, is) = (by_id(&whole), by_id(&replayed));
        prop_assert_eq!(was.len(), is.len());
        for (id, row) in &is {
            let old = &was[id];
            prop_assert_eq!(&row.choices, &old.choices);
            prop_assert_eq!((row.status, row.parent, row.donor), (old.status, old.parent, old.donor));
            prop_assert_eq!(row.score.known(), old.score.known());
            // With `reachable` nothing that was promised is lost, on any cluster.
            prop_assert_eq!((row.prefix_bytes, row.missed_layers), (old.prefix_bytes, 0));
            for needed in [row.parent, row.donor].into_iter().filter_map(Nullable::known) {
                prop_assert!(is[&needed].finished_us <= row.submitted_us);
            }
        }
    }
}
