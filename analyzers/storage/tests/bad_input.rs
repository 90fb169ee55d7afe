//! Traces that lack something or make no sense: a report that says what is missing, or an error.

mod support;

use lamarck_sdk::model::candidate::LayerSource;
use lamarck_sdk::model::{CandidateColumns, CandidateRecord, Columns};
use lamarck_sdk::testing::{create, space};
use lamarck_sdk::{Analyzer, Context, LayerColumns, Nullable, Origin, Status};
use lamarck_storage::Storage;
use proptest::prelude::*;
use support::{Evolution, Trace, batches, finding, line, missing, report, table, value};

fn context() -> Context {
    let mut context = Context::for_space(space(&[2]));
    context.study = lamarck_sdk::serde_json::json!({"strategy": {"population": 3}});
    context
}

fn sample(id: u64) -> CandidateRecord {
    CandidateRecord {
        id,
        choices: vec![0],
        score: 1.0,
        bytes: 10,
        stored_bytes: 10,
        ..CandidateRecord::default()
    }
}

fn only(records: Vec<CandidateRecord>) -> Trace {
    Trace { records, ..Trace::default() }
}

/// Rows: candidate, identity, owner, bytes.
fn layers(rows: &[(u64, u128, u64, u64)]) -> LayerColumns {
    let mut layers = LayerColumns::default();
    for &(candidate, identity, owner, bytes) in rows {
        layers.push(candidate, identity, owner, bytes, LayerSource::Repository);
    }
    layers
}

#[test]
fn an_empty_trace() {
    let report = report("{}", &context(), &Trace::default(), 1);
    assert!(report.tables.is_empty() && report.charts.is_empty());
    assert!(report.findings.iter().all(|finding| finding.value.is_none()), "{report:#?}");
    for key in [
        "saved-share",
        "peak-bytes-reachable",
        "lifetime-median",
        "delay-for-reads",
        "owners-mean",
        "transfer-share",
    ] {
        assert!(missing(&report, key).contains("no finished candidates"), "{key}");
    }
    // The same when nothing finished.
    let running = CandidateRecord { status: Status::Interrupted as u8, ..sample(0) };
    let report = support::report("{}", &context(), &only(vec![running]), 1);
    assert!(report.charts.is_empty() && missing(&report, "saved-share").contains("no finished"));
}

#[test]
fn one_candidate() {
    let trace = Trace { records: vec![sample(0)], layers: layers(&[(0, 1, 0, 10)]), events: Vec::new() };
    let report = report("{}", &context(), &trace, 1);
    assert!(value(&report, "saved-share").abs() < 1e-12);
    assert!((value(&report, "peak-bytes-population") - 10.0).abs() < 1e-12);
    assert!(missing(&report, "members-unshared-bytes").contains("never full"));
    assert!(missing(&report, "inherited-bytes-share").contains("does not tell what candidates took over"));
    assert!(missing(&report, "inherited-bytes-share-last-window").contains("fewer than two"));
    assert!(missing(&report, "lifetime-median").contains("fewer than half"));
    assert!(missing(&report, "outlives-owner").contains("too short"));
    assert!(missing(&report, "flight").contains("no child"));
    // The only window is incomplete and shown.
    assert_eq!(line(&report, "live-bytes", "all").y, [Some(10.0)]);
}

#[test]
fn all_failed() {
    let failed = |id| CandidateRecord {
        status: Status::Failed as u8,
        score: f64::NONE,
        prefix_layers: 2,
        ..sample(id)
    };
    let report = report("{}", &context(), &only((0..9).map(failed).collect()), 4);
    assert!(missing(&report, "saved-share").contains("no candidate ended well"));
    assert!(missing(&report, "peak-bytes-all").contains("no candidate ended well"));
    assert!(report.charts.is_empty());
}

#[test]
fn no_layers_table() {
    let report = report("{}", &context(), &only((0..9).map(sample).collect()), 4);
    assert!(missing(&report, "peak-bytes-all").contains("trace.layers = true"));
    assert!((value(&report, "written-bytes") - 90.0).abs() < 1e-12);
    // Three members of ten.
    assert!((value(&report, "members-unshared-bytes") - 30.0).abs() < 1e-12);
}

#[test]
fn imports_know_little() {
    let import = |id| CandidateRecord {
        id,
        origin: Origin::Import as u8,
        choices: vec![0],
        score: 1.0,
        ..CandidateRecord::default()
    };
    let report = report("{}", &Context::for_space(space(&[2])), &only((0..300).map(import).collect()), 300);
    for key in ["unshared-bytes", "written-bytes", "saved-share", "owners-mean", "transfer-seconds"] {
        assert!(missing(&report, key).contains("does not tell"), "{key}");
    }
    assert!(missing(&report, "members-unshared-bytes").contains("population"));
    assert!(report.charts.is_empty());
    assert_eq!(table(&report, "windows").rows.len(), 3);
    // A study without transfer says so.
    let mut none = context();
    none.study["transfer"]["donor"] = "none".into();
    let rows = (0..3).map(|id| CandidateRecord { stored_bytes: u64::NONE, ..sample(id) }).collect();
    let report = support::report("{}", &none, &only(rows), 1);
    assert!(missing(&report, "written-bytes").contains("transfers no weights"));
}

#[test]
fn layers_that_contradict_others() {
    let child = |id, donor| CandidateRecord { donor, ..sample(id) };
    let failed = CandidateRecord { status: Status::Failed as u8, ..sample(3) };
    let records = vec![sample(0), child(1, 0), child(2, 7), failed, sample(4)];
    let rows = [
        (0, 1, 0, 10),
        // Its size is another than when it was written.
        (1, 1, 0, 11),
        (1, 2, 1, 5),
        // A stranger's, and a donor that is not there.
        (2, 9, 8, 5),
        (2, 3, 0, 5),
        // Failed, had its turn, unknown.
        (3, 4, 3, 5),
        (0, 5, 0, 5),
        (77, 1, 77, 5),
        (u64::MAX, 1, u64::MAX, 5),
    ];
    let trace = Trace { records, layers: layers(&rows), events: Vec::new() };
    let report = report("{}", &context(), &trace, 2);
    // Four strays, two that nobody wrote, one with another size. Candidate 4 has no layers.
    assert!((value(&report, "odd-layers") - 7.0).abs() < 1e-12);
    assert!((value(&report, "unmapped-models") - 1.0).abs() < 1e-12);
    // 10, 5, and 5 + 5 that count as written where they first turn up.
    assert!((value(&report, "peak-bytes-all") - 25.0).abs() < 1e-12);
    assert_eq!(finding(&report, "odd-layers").n, 9);
}

#[test]
fn ids_that_are_twice_or_far_out() {
    let records = vec![sample(5), sample(5), sample(u64::MAX - 1), sample(1 << 40)];
    let trace =
        Trace { records, layers: layers(&[(5, 1, 5, 10), (1 << 40, 1, 1 << 40, 10)]), events: Vec::new() };
    let report = report("{}", &context(), &trace, 3);
    assert!((value(&report, "unfollowed-ids") - 3.0).abs() < 1e-12);
    assert!((value(&report, "peak-bytes-all") - 10.0).abs() < 1e-12);
}

#[test]
fn hosts_that_break_the_order_are_told() {
    let mut storage: Storage = create("{}", &context()).unwrap();
    let columns = batches(&[sample(0)], 1).remove(0);
    storage.candidates(&columns.view()).unwrap();
    let broken = LayerColumns { identity: Vec::new(), ..layers(&[(0, 1, 0, 10)]) };
    insta::assert_snapshot!(storage.layers(&broken).unwrap_err(), @"the columns of a batch of 1 layers differ in length");
    storage.layers(&layers(&[(0, 1, 0, 10)])).unwrap();
    insta::assert_snapshot!(storage.candidates(&columns.view()).unwrap_err(), @"candidates came after the first layers; the host must hand over all candidates first");
    let mut storage: Storage = create("{}", &context()).unwrap();
    let uneven = Columns { rows: 2, ..columns.view() };
    insta::assert_snapshot!(storage.candidates(&uneven).unwrap_err(), @"the columns of a batch of 2 candidates differ in length");
    let zero = create::<Storage>(r#"{"window": 0}"#, &context()).unwrap_err().to_string();
    assert!(zero.contains("window"), "{zero}");
}

#[test]
fn huge_sizes_do_not_overflow() {
    let records: Vec<_> = (0..9)
        .map(|id| CandidateRecord {
            bytes: u64::MAX - 1,
            stored_bytes: u64::MAX - 1,
            prefix_bytes: u64::MAX - 1,
            ..sample(id)
        })
        .collect();
    let rows: Vec<_> = (0..9).map(|id| (id, 1, id, u64::MAX)).collect();
    let report = report("{}", &context(), &Trace { records, layers: layers(&rows), events: Vec::new() }, 4);
    assert!(value(&report, "peak-bytes-all") > 1.6e20);
}

/// Values that fit and values that do not.
fn any_number() -> impl Strategy<Value = u64> {
    prop_oneof![0..12_u64, 0..12_u64, Just(u64::MAX), Just(u64::MAX - 1), any::<u64>()]
}

proptest! {
    #[test]
    fn no_trace_is_too_strange(
        rows in prop::collection::vec((prop::array::uniform10(any_number()), 0..5_u8), 0..40),
        layer_rows in prop::collection::vec((any_number(), 0..4_u128, any_number(), any_number()), 0..80),
        population in 0..5_u64,
        batch in 1..9_usize,
    ) {
        let records = rows.iter().map(|(numbers, status)| CandidateRecord {
            id: numbers[0],
            parent: numbers[1],
            donor: numbers[2],
            parent_age: numbers[3],
            submitted_us: numbers[4],
            started_us: numbers[5],
            finished_us: numbers[6],
            bytes: numbers[7],
            stored_bytes: numbers[8],
            prefix_layers: numbers[9],
            prefix_bytes: numbers[9],
            status: *status,
            choices: vec![0],
            ..CandidateRecord::default()
        });
        let trace = Trace { records: records.collect(), layers: layers(&layer_rows), events: Vec::new() };
        let options = format!(r#"{{"window": 2, "population": {population}, "models": 2}}"#);
        // The support looks for values that are not finite.
        report(&options, &Context::for_space(space(&[2])), &trace, batch);
    }

    #[test]
    fn nor_one_whose_layers_are_mixed_up(seed in any::<u64>(), swaps in prop::collection::vec((0..200_usize, 0..200_usize), 1..9)) {
        let evolution = Evolution { population: 4, workers: 3, candidates: 40, seed, ..Evolution::default() };
        let mut trace = evolution.run();
        for (a, b) in swaps {
            let n = trace.layers.len();
            trace.layers.candidate.swap(a % n, b % n);
            trace.layers.owner.swap(b % n, a % n);
        }
        report("{}", &evolution.context(), &trace, 11);
    }
}

#[test]
fn a_window_longer_than_the_trace() {
    let evolution = Evolution { population: 4, workers: 3, candidates: 40, ..Evolution::default() };
    let report = report(r#"{"window": 1000}"#, &evolution.context(), &evolution.run(), 11);
    for rule in ["all", "reachable", "population", "window"] {
        let line = line(&report, "live-bytes", rule);
        assert!(line.x == [1000.0] && line.y[0].is_some(), "{rule}: {line:?}");
    }
}

#[test]
fn columns_without_rows_are_fine() {
    let mut storage: Storage = create("{}", &context()).unwrap();
    storage.candidates(&CandidateColumns::default().view()).unwrap();
    storage.layers(&LayerColumns::default()).unwrap();
    assert!(storage.finish().unwrap().charts.is_empty());
}
