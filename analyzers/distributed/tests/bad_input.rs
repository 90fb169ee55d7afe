//! Traces that lack what the analyzer asks for, and traces that make no sense.

#![allow(clippy::float_cmp, reason = "counts")]

mod support;

use lamarck_distributed::Distributed;
use lamarck_sdk::model::CandidateRecord;
use lamarck_sdk::model::Origin;
use lamarck_sdk::serde_json::json;
use lamarck_sdk::testing::{create, space};
use lamarck_sdk::{Analyzer, Columns, Context, Report, Status};
use proptest::prelude::*;
use support::{finding, missing as why, value};

fn study() -> Context {
    let mut context = Context::for_space(space(&[2, 2]));
    (context.workers, context.nodes) = (2, 2);
    context.study = json!({"strategy": {"plugin": "neutral", "population": 3}, "cluster": {"workers": 2}});
    context
}

/// In batches of seven.
fn report(options: &str, context: &Context, trace: &[CandidateRecord]) -> Report {
    support::report(options, context, trace, 7)
}

fn row(id: u64, parent: Option<u64>, score: Option<f64>) -> CandidateRecord {
    CandidateRecord {
        id,
        parent: parent.unwrap_or(u64::MAX),
        score: score.unwrap_or(f64::NAN),
        status: if score.is_some() { Status::Ok } else { Status::Failed } as u8,
        choices: vec![0, 0],
        ..CandidateRecord::default()
    }
}

#[test]
fn an_empty_trace() {
    let mut analyzer: Distributed = create("{}", &study()).unwrap();
    analyzer.candidates(&Columns::default()).unwrap();
    let report = analyzer.finish().unwrap();
    support::check(&report);
    for key in ["utilisation", "makespan", "tau", "age-when-finished", "cache-hit-ratio", "hours-to-best"] {
        assert_eq!(why(&report, key), "the trace has no candidates", "{key}");
    }
}

#[test]
fn an_import_without_submissions_has_no_order_of_them() {
    let mut trace: Vec<CandidateRecord> = (0..30).map(|id| row(id, id.checked_sub(9), Some(0.5))).collect();
    for (row, end) in trace.iter_mut().zip(1..) {
        (row.origin, row.finished_us, row.parent_age) = (Origin::Import as u8, end * 1_000_000, 5);
    }
    let told = report("{}", &study(), &trace);
    for key in ["tau", "inversions", "displacement", "random-phase", "random-share", "random-work-submitted"]
    {
        assert!(
            why(&told, key).contains("imported and does not tell when candidates were submitted"),
            "{key}"
        );
    }
    // The age at choice is whoever inferred the parents' assumption, and so is what would follow from it.
    for key in ["age-when-chosen", "delay"] {
        assert!(why(&told, key).contains("when children were submitted"), "{key}");
    }
    assert_eq!(value(&told, "age-when-finished"), 9.0);
    assert_eq!(value(&told, "random-finished"), 9.0);
    for row in &mut trace {
        row.submitted_us = row.finished_us - 1_000_000;
    }
    let told = report("{}", &study(), &trace);
    assert_eq!((value(&told, "tau"), value(&told, "age-when-chosen")), (1.0, 5.0));
}

#[test]
fn one_candidate() {
    let mut one = row(0, None, Some(1.0));
    (one.submitted_us, one.started_us, one.finished_us, one.train_us) = (0, 0, 10, 10);
    (one.worker, one.node) = (1, 1);
    let report = report("{}", &study(), &[one]);
    // The other worker was idle.
    assert_eq!(value(&report, "utilisation"), 0.5);
    assert_eq!(value(&report, "workers-unused"), 1.0);
    assert!(!why(&report, "tau").is_empty());
    assert_eq!(why(&report, "age-when-finished"), "no candidate names its parent");
}

#[test]
fn no_times_no_workers_no_parents() {
    let trace: Vec<_> = (0..40).map(|id| row(id, None, Some(0.5))).collect();
    let report = report("{}", &study(), &trace);
    assert_eq!(why(&report, "makespan"), "the trace has no times");
    assert_eq!(why(&report, "same-node-as-parent"), "the trace does not tell on which node candidates ran");
    assert_eq!(why(&report, "age-when-finished"), "no candidate names its parent");
    // Order needs no times.
    assert_eq!(value(&report, "tau"), 1.0);
}

/// As in the logs of DeepHyper: when candidates finished, and nothing else.
#[test]
fn only_finishing_times() {
    let mut trace: Vec<_> = (0..40_u64).map(|id| row(id, id.checked_sub(5), Some(id as f64))).collect();
    for (at, row) in trace.iter_mut().enumerate() {
        row.finished_us = 1_000_000 * at as u64;
    }
    let report = report("{}", &Context::bare(), &trace);
    assert_eq!(why(&report, "utilisation"), "the trace does not tell when candidates started");
    assert_eq!(value(&report, "makespan"), 39.0);
    assert_eq!(value(&report, "age-when-finished"), 5.0);
    assert_eq!(finding(&report, "random-phase").theory, None);
}

#[test]
fn all_failed_and_circles() {
    let trace = [(0, 1), (1, 0), (2, 2), (3, 4), (4, 1)].map(|(id, parent)| row(id, Some(parent), None));
    let report = report("{}", &study(), &trace);
    assert!(!why(&report, "hours-to-best").is_empty());
    assert_eq!(value(&report, "unknown-parents"), 3.0);
    assert_eq!(value(&report, "unscored"), 5.0);
}

#[test]
fn wild_numbers_cost_no_memory() {
    let mut trace =
        [row(u64::MAX - 1, None, Some(1.0)), row(1 << 50, Some(3), Some(2.0)), row(3, None, Some(1.0))];
    (trace[0].worker, trace[0].node) = (u32::MAX - 1, u32::MAX - 1);
    (trace[1].started_us, trace[1].finished_us) = (u64::MAX - 9, u64::MAX - 1);
    trace[2].finished_us = 0;
    (trace[2].train_us, trace[2].prefix_bytes, trace[2].cached_bytes) = (u64::MAX - 1, 7, u64::MAX - 1);
    report("{}", &study(), &trace);
}

#[test]
fn columns_and_options_that_cannot_be() {
    let mut analyzer: Distributed = create("{}", &study()).unwrap();
    let batch = Columns { rows: 3, ..Columns::default() };
    let error = analyzer.candidates(&batch).unwrap_err();
    insta::assert_snapshot!(error, @"the columns of a batch of 3 candidates differ in length");
    let error = create::<Distributed>(r#"{"thresholds": [0.5, 1.5]}"#, &study()).unwrap_err();
    assert!(error.to_string().contains("1.5"), "{error}");
    assert!(create::<Distributed>(r#"{"window": 0}"#, &study()).is_err());
    let report = report(r#"{"window": 1000000000}"#, &study(), &[row(0, None, Some(1.0))]);
    assert!(report.tables.iter().all(|table| table.rows.len() <= 300));
}

prop_compose! {
    fn anything()(
        numbers in prop::array::uniform12(prop_oneof![Just(u64::MAX), 0_u64..40, any::<u64>()]),
        small in prop::array::uniform4(prop_oneof![Just(u32::MAX), 0_u32..5, any::<u32>()]),
        status in 0_u8..6,
        score in prop_oneof![Just(f64::NAN), Just(f64::INFINITY), -1e300..1e300_f64],
    ) -> CandidateRecord {
        let [id, parent, donor, submitted_us, started_us, finished_us, train_us, transfer_us, store_us, lost_us,
            prefix_bytes, cached_bytes] = numbers;
        let [worker, node, attempts, parent_rank] = small;
        CandidateRecord {
            id, parent, donor, submitted_us, started_us, finished_us, train_us, transfer_us, store_us, lost_us,
            prefix_bytes, cached_bytes, worker, node, attempts, parent_rank, status, score,
            parent_age: cached_bytes, stored_bytes: prefix_bytes, choices: vec![0, 0],
            ..CandidateRecord::default()
        }
    }
}

proptest! {
    /// Whatever stands in a trace: a report without a number that is none, and without a panic.
    #[test]
    fn nothing_breaks_it(trace in prop::collection::vec(anything(), 0..60), bare in any::<bool>()) {
        let context = if bare { Context::bare() } else { study() };
        report("{}", &context, &trace);
    }
}
