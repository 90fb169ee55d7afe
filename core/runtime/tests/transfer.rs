//! Weight transfer in whole runs: what is recorded agrees with what the record itself says.

mod common;

use common::{Plain, Setup, Sum, go, settings, workers};
use lamarck_model::{CandidateId, CandidateRecord, LayerSource, Nullable, Origin, Status};
use lamarck_runtime::engine::{ClusterSettings, EngineError, EngineErrorKind, RunSettings};
use lamarck_runtime::repository::{DonorPolicy, Missing, RepositorySettings, Retention};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn with(donor: DonorPolicy, retention: Retention) -> RunSettings {
    let transfer = RepositorySettings { donor, retention, window: 8, missing: Missing::Train };
    RunSettings { transfer: Some(transfer), layers: true, ..settings() }
}

/// Recomputes every transfer from the vectors alone: in the toy space, the prefix is the common beginning.
fn check(rows: &[CandidateRecord], donor: DonorPolicy) {
    let by_id: BTreeMap<CandidateId, &CandidateRecord> = rows.iter().map(|row| (row.id, row)).collect();
    let common = |a: &CandidateRecord, b: &CandidateRecord| {
        1 + a.choices.iter().zip(&b.choices).take_while(|(a, b)| a == b).count() as u64
    };
    for row in rows {
        if row.origin == Origin::Sample as u8 {
            assert_eq!((row.donor.known(), row.prefix_layers, row.prefix_bytes), (None, 0, 0));
            continue;
        }
        // Stored when the child was submitted: what finished before. In this setup ties in time are cut by id, and the
        // child is submitted right after one of them, so those of the same microsecond are ambiguous: leave them out.
        let stored = || {
            rows.iter().filter(|other| {
                other.status == Status::Ok as u8 && other.id < row.id && other.finished_us <= row.submitted_us
            })
        };
        let Some(chosen) = row.donor.known().and_then(|id| by_id.get(&id)) else {
            assert_ne!(by_id[&row.parent].status, Status::Ok as u8, "only a failed parent lends nothing");
            continue;
        };
        let longest = match donor {
            DonorPolicy::Parent => {
                assert_eq!(row.donor, row.parent);
                common(row, chosen)
            }
            DonorPolicy::BestMatch => stored().map(|other| common(row, other)).max().unwrap(),
        };
        assert_eq!(common(row, chosen), longest, "candidate {}", row.id);
        assert_eq!(row.prefix_layers + row.missed_layers, longest, "candidate {}", row.id);
        if row.missed_layers == 0 {
            let weights: u64 = row
                .choices
                .iter()
                .take(usize::try_from(longest).unwrap() - 1)
                .map(|&choice| u64::from(choice) + 1)
                .sum();
            assert_eq!(row.prefix_bytes, 4 * weights);
        }
        if row.status == Status::Ok as u8 {
            assert_eq!(row.stored_bytes + row.prefix_bytes, row.bytes);
        } else {
            assert!(row.stored_bytes.is_none());
        }
    }
}

#[test]
fn what_is_recorded_is_what_the_vectors_say() {
    for donor in [DonorPolicy::Parent, DonorPolicy::BestMatch] {
        let evaluator = Sum { failing: |id| id % 11 == 10, panics: false };
        let settings = RunSettings {
            cluster: ClusterSettings { failure_rate: 0.1, ..workers(4) },
            ..with(donor, Retention::All)
        };
        let (_, summary, memory) = go(Setup { evaluator, ..Setup::default() }, &settings, None).unwrap();
        let rows = memory.rows();
        check(&rows, donor);
        let transfer = summary.transfer.unwrap();
        // Random phase: 20 + 4 - 1 candidates; everyone else shares at least the input with a stored parent.
        let without = rows.iter().filter(|row| row.prefix_layers == 0).count() as u64;
        assert_eq!(transfer.without, without);
        assert!(without >= 23, "{without}");
        assert_eq!(transfer.transfers, 200 - without);
        let sum =
            |of: fn(&CandidateRecord) -> u64| rows.iter().filter_map(|row| of(row).known()).sum::<u64>();
        assert_eq!(transfer.repository.read_bytes, sum(|row| row.prefix_bytes));
        assert_eq!(transfer.repository.written_bytes, sum(|row| row.stored_bytes));
        let ok: Vec<_> = rows.iter().filter(|row| row.status == Status::Ok as u8).collect();
        assert_eq!(transfer.repository.unshared_bytes, ok.iter().map(|row| row.bytes).sum::<u64>());
        assert_eq!(transfer.repository.models, ok.len() as u64);
        let others = rows.iter().filter(|row| row.donor.known().is_some_and(|d| d != row.parent)).count();
        assert_eq!(transfer.other_donor, others as u64);
        assert_eq!(others == 0, donor == DonorPolicy::Parent);
        assert_eq!(
            transfer.repository.rules[Retention::All as usize].live_bytes,
            transfer.repository.written_bytes
        );
    }
}

#[test]
fn the_layers_table_is_an_owner_map() {
    let (_, _, memory) =
        go(Setup::default(), &with(DonorPolicy::BestMatch, Retention::Reachable), None).unwrap();
    let rows = memory.rows();
    let layers = &memory.layers;
    let mut maps: BTreeMap<CandidateId, Vec<(u128, CandidateId, u64, u8)>> = BTreeMap::new();
    for i in 0..layers.len() {
        let entry = (layers.identity[i], layers.owner[i], layers.bytes[i], layers.source[i]);
        maps.entry(layers.candidate[i]).or_default().push(entry);
    }
    assert_eq!(maps.len(), rows.len());
    for row in &rows {
        let map = &maps[&row.id];
        assert_eq!(map.len() as u64, row.layers);
        assert_eq!(map.iter().map(|entry| entry.2).sum::<u64>(), row.bytes);
        let own = map.iter().filter(|entry| entry.1 == row.id);
        assert_eq!(own.map(|entry| entry.2).sum::<u64>(), row.stored_bytes);
        let owners: BTreeSet<_> = map.iter().filter(|entry| entry.2 > 0).map(|entry| entry.1).collect();
        assert_eq!(owners.len(), row.owners as usize);
        for (identity, owner, bytes, source) in map {
            assert_eq!(*source == LayerSource::Trained as u8, *owner == row.id);
            // Whoever owns a layer has stored it.
            assert!(maps[owner].contains(&(*identity, *owner, *bytes, LayerSource::Trained as u8)));
        }
    }
}

#[test]
fn only_the_rules_that_say_so_miss() {
    for (retention, misses) in [
        (Retention::All, false),
        (Retention::Reachable, false),
        (Retention::Population, true),
        (Retention::Window, true),
    ] {
        // Look-ahead lets children wait, so that their donors age out meanwhile.
        let settings =
            RunSettings { lookahead: 30, cluster: workers(16), ..with(DonorPolicy::BestMatch, retention) };
        let setup = Setup { strategy: Box::new(Plain::new(10)), ..Setup::default() };
        let (_, summary, memory) = go(setup, &settings, None).unwrap();
        let missed: u64 = memory.rows().iter().filter_map(|row| row.missed_layers.known()).sum();
        assert_eq!(missed > 0, misses, "{retention}: {missed}");
        let rules = summary.transfer.unwrap().repository.rules;
        assert_eq!(rules[retention as usize].missed.layers, missed, "{retention}");
        // With `missing = "error"` the same run ends with a message.
        let strict =
            settings.transfer.map(|transfer| RepositorySettings { missing: Missing::Error, ..transfer });
        let setup = Setup { strategy: Box::new(Plain::new(10)), ..Setup::default() };
        let result = go(setup, &RunSettings { transfer: strict, ..settings }, None);
        match result {
            Ok(_) => assert!(!misses),
            Err(error) => {
                assert!(misses && matches!(error, EngineError::Repository(_)), "{error}");
                assert_eq!(error.kind(), EngineErrorKind::Study);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn a_paused_run_with_transfer_resumes_to_the_same_rows(
        seed in 0_u64..1000, count in 1_u32..20, pause in 0_u64..200, lookahead in 0_u32..9, best in any::<bool>(), all in any::<bool>(),
    ) {
        let donor = if best { DonorPolicy::BestMatch } else { DonorPolicy::Parent };
        let retention = if all { Retention::All } else { Retention::Population };
        let settings = RunSettings {
            seed,
            lookahead,
            cluster: ClusterSettings { failure_rate: 0.2, ..workers(count) },
            ..with(donor, retention)
        };
        let (_, summary, whole) = go(Setup::default(), &settings, None).unwrap();
        let paused = RunSettings { pause_after: Some(pause), ..settings.clone() };
        let (_, _, part) = go(Setup::default(), &paused, None).unwrap();
        let (_, again, resumed) = go(Setup::default(), &settings, Some(part.rows())).unwrap();
        for (a, b) in resumed.rows().iter().zip(whole.rows()) {
            prop_assert_eq!(a.difference(&b), None, "candidate {}", a.id);
        }
        prop_assert_eq!(again, summary);
        prop_assert_eq!(&resumed.layers, &whole.layers);
    }
}
